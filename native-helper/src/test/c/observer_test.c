/*
 * Who is of a session, and what of it is noted: by the sources alone, without a watchdog. Whoever makes something is gone
 * before anything is read.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../main/c/common/base64url.h"
#include "../../main/c/common/die.h"
#include "../../main/c/common/io.h"
#include "../../main/c/common/ledger.h"
#include "../../main/c/common/token.h"
#include "../../main/c/guard/process.h"
#include "../../main/c/guard/rows.h"
#include "../../main/c/guard/tree.h"

#define SECRET "AAAAAAAAAAAAAAAAAAAAAA"
#define NOBODY 65534

static int failures;
static char session[SESSION_LENGTH + 1]; /* of that secret */

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: %s\n", __func__, __LINE__, #condition); \
            failures++; \
        } \
    } while (0)

static void must(bool good, const char *what)
{
    if (!good)
        die("%s", what);
}

/* --- processes --- */

/* A process that does as it is told: 'm' makes a segment, 'f' forks one that does so and is gone, 'o' an
 * orphan, 't' one of which a thread executes the program that does. */
struct peer {
    pid_t pid;
    int to, from;
};

static int make_segment(void)
{
    return shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
}

static _Noreturn void make_and_tell(int to)
{
    int made[2] = {getpid(), make_segment()};

    _exit(!write_full(to, made, sizeof made));
}

/* This program, as main has it. */
static void *execute(void *to)
{
    execl("/proc/self/exe", "observer-test", (char *)to, (char *)NULL);
    return NULL;
}

static _Noreturn void execute_by_a_thread(int to)
{
    pthread_t thread;
    char text[16];

    snprintf(text, sizeof text, "%d", to);
    must(pthread_create(&thread, NULL, execute, text) == 0, "pthread_create");
    pthread_join(thread, NULL);
    _exit(1);
}

static pid_t in_a_child(void (*make)(int to), int *id)
{
    int told[2], both[2];

    must(pipe(told) == 0, "pipe");
    pid_t pid = fork();
    if (pid == 0)
        make(told[1]);
    must(pid > 0 && waitpid(pid, NULL, 0) == pid, "fork");
    must(read_full(told[0], both, sizeof both) == sizeof both, "read");
    close(told[0]);
    close(told[1]);
    *id = both[1];
    return (pid_t)both[0];
}

static pid_t in_an_orphan(int *id)
{
    int told[2], both[2];

    must(pipe(told) == 0, "pipe");
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        if (fork() > 0)
            _exit(0);
        while (getppid() == pid)
            continue;
        both[0] = (int)in_a_child(make_and_tell, &both[1]);
        _exit(!write_full(told[1], both, sizeof both));
    }
    must(pid > 0 && waitpid(pid, NULL, 0) == pid, "fork");
    must(read_full(told[0], both, sizeof both) == sizeof both, "read");
    close(told[0]);
    close(told[1]);
    *id = both[1];
    return (pid_t)both[0];
}

static _Noreturn void obey(int from, int to)
{
    char word;

    while (read_full(from, &word, 1) == 1) {
        int made[2] = {getpid(), -1};
        if (word == 'm')
            made[1] = make_segment();
        else if (word == 'f')
            made[0] = (int)in_a_child(make_and_tell, &made[1]);
        else if (word == 't')
            made[0] = (int)in_a_child(execute_by_a_thread, &made[1]);
        else if (word == 'o')
            made[0] = (int)in_an_orphan(&made[1]);
        if (!write_full(to, made, sizeof made))
            break;
    }
    _exit(0);
}

/* One that is no child of ours: whoever searches upwards from it does not come to us. */
static struct peer start(bool child)
{
    int to[2], from[2], started;
    struct peer peer;

    must(pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0, "pipe");
    pid_t pid = fork();
    if (pid == 0) {
        if (!child && fork() > 0)
            _exit(0);
        close(to[1]);
        started = getpid();
        must(write_full(from[1], &started, sizeof started), "write");
        obey(to[0], from[1]);
    }
    must(pid > 0 && (child || waitpid(pid, NULL, 0) == pid), "fork");
    close(to[0]);
    close(from[1]);
    must(read_full(from[0], &started, sizeof started) == sizeof started, "read");
    peer = (struct peer){.pid = (pid_t)started, .to = to[1], .from = from[0]};
    return peer;
}

/* The pid of the maker; its segment's id. */
static pid_t tell(const struct peer *peer, char word, int *id)
{
    int made[2];

    must(write_full(peer->to, &word, 1) && read_full(peer->from, made, sizeof made) == sizeof made, "tell");
    *id = made[1];
    return (pid_t)made[0];
}

static void end(const struct peer *peer)
{
    close(peer->to);
    close(peer->from);
    kill(peer->pid, SIGKILL);
    waitpid(peer->pid, NULL, 0);
}

/* --- what was noted --- */

static char *noted(int ledger)
{
    static char text[65536];
    ssize_t size = pread(ledger, text, sizeof text - 1, 0);

    must(size >= 0, "read");
    text[size] = '\0';
    return text;
}

static bool is_noted(int ledger, int id, pid_t maker)
{
    char begin[64], middle[64];

    snprintf(begin, sizeof begin, "O V SYSV_SHM %d ", id);
    snprintf(middle, sizeof middle, " 4096 %d ", (int)maker);
    char *line = strstr(noted(ledger), begin);
    if (line == NULL)
        return false;
    *strchr(line, '\n') = '\0';
    return strstr(line, middle) != NULL && strstr(line, " D ") != NULL;
}

static bool is_noted_as_used(int ledger, int id)
{
    char begin[64];

    snprintf(begin, sizeof begin, "U V SYSV_SHM %d ", id);
    return strstr(noted(ledger), begin) != NULL;
}

static void look(struct rows *rows, struct tree *tree, int ledger)
{
    rows_read(rows);
    tree_update(tree, true);
    rows_judge(rows, tree, ledger);
}

static int new_ledger(void)
{
    int fd = memfd_create("ledger", MFD_CLOEXEC);

    must(fd >= 0 && fcntl(fd, F_SETFL, O_APPEND) == 0, "memfd_create");
    return fd;
}

/* --- tests --- */

static void makers_gone_before_the_look(void)
{
    struct peer root = start(true), outsider = start(false);
    int ids[5], ledger = new_ledger();
    struct rows *rows = rows_new();
    struct tree *tree = tree_new(root.pid, false, session);
    pid_t makers[5] = {tell(&root, 'f', &ids[0]), tell(&root, 'o', &ids[1]), tell(&outsider, 'f', &ids[2]),
        tell(&root, 'm', &ids[3]), tell(&root, 't', &ids[4])};

    look(rows, tree, ledger);
    if (tree_is_exact(tree)) {
        CHECK(is_noted(ledger, ids[0], makers[0]));
        CHECK(is_noted(ledger, ids[1], makers[1]));
        CHECK(is_noted(ledger, ids[4], makers[4]));
    } else {
        fprintf(stderr, "observer-test: skipped makers that are gone: no perf events (kernel.perf_event_paranoid)\n");
    }
    CHECK(!is_noted(ledger, ids[2], makers[2]));
    CHECK(!is_noted(ledger, ids[3], makers[3])); /* the root does not count */
    for (int i = 0; i < 5; i++)
        shmctl(ids[i], IPC_RMID, NULL);
    end(&root);
    end(&outsider);
    close(ledger);
}

static void orphans_known_before(void)
{
    struct peer root = start(true);
    int id, ledger = new_ledger();
    struct rows *rows = rows_new();
    struct tree *tree = tree_new(root.pid, true, session);
    struct process process;
    int64_t now = boot_ns();

    CHECK(tree_ask(tree, root.pid, (struct span){now, now}, &process) == BY_DESCENT);
    pid_t maker = tell(&root, 'm', &id);
    look(rows, tree, ledger);
    CHECK(is_noted(ledger, id, maker));
    CHECK(tree_ask(tree, getpid(), (struct span){now, now}, &process) == NO_PROOF);
    shmctl(id, IPC_RMID, NULL);
    end(&root);
    close(ledger);
}

static void outsiders_that_attach(void)
{
    struct peer root = start(true);
    int id, ledger = new_ledger();
    struct rows *rows = rows_new();
    struct tree *tree = tree_new(root.pid, true, session);

    tell(&root, 'm', &id);
    look(rows, tree, ledger);
    CHECK(!is_noted_as_used(ledger, id));
    pid_t outsider = fork();
    if (outsider == 0) {
        void *at = shmat(id, NULL, 0);
        _exit(at == (void *)-1 || shmdt(at) < 0);
    }
    waitpid(outsider, NULL, 0);
    look(rows, tree, ledger);
    CHECK(is_noted_as_used(ledger, id) == tree_is_exact(tree)); /* it is gone, and could have been anyone */
    shmctl(id, IPC_RMID, NULL);
    end(&root);
    close(ledger);
}

static void write_number(const char *path, int number)
{
    char text[16];
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    snprintf(text, sizeof text, "%d", number);
    if (fd >= 0)
        (void)!write(fd, text, strlen(text));
    if (fd >= 0)
        close(fd);
}

/* An outsider's segment, whose pid then goes to a process of the session, before anything is read. */
static void makers_pid_used_again(void)
{
    struct peer root = start(true);
    int outsiders, own, ledger = new_ledger();
    struct rows *rows = rows_new();
    struct tree *tree = tree_new(root.pid, false, session);
    struct timespec second = {.tv_sec = time(NULL) + 2}, least = {.tv_nsec = 1000000};
    pid_t gone = in_a_child(make_and_tell, &outsiders), again = 0;

    while (time(NULL) < second.tv_sec) /* the kernel tells the second, no more */
        nanosleep(&least, NULL);
    for (int attempt = 0; attempt < 100 && again != gone; attempt++) {
        write_number("/proc/sys/kernel/ns_last_pid", gone - 1);
        if (again > 0)
            shmctl(own, IPC_RMID, NULL);
        again = tell(&root, 'f', &own);
    }
    look(rows, tree, ledger);
    if (again == gone) {
        CHECK(!is_noted(ledger, outsiders, gone));
        CHECK(is_noted(ledger, own, gone) == tree_is_exact(tree));
    } else {
        fprintf(stderr, "observer-test: skipped a pid that is used again: no right to write ns_last_pid\n");
    }
    shmctl(outsiders, IPC_RMID, NULL);
    shmctl(own, IPC_RMID, NULL);
    end(&root);
    close(ledger);
}

/* The same within a second, of which no order is told: an outsider had the pid when it was last looked, or not any more. */
static void makers_pid_used_again_at_once(bool still)
{
    struct peer root = start(true);
    int go[2], told[2], made[2], own = -1, ledger = new_ledger();
    pid_t again = 0;

    must(pipe2(go, O_CLOEXEC) == 0 && pipe2(told, O_CLOEXEC) == 0, "pipe");
    pid_t outsider = fork();
    if (outsider == 0) {
        must(read_full(go[0], made, 1) == 1, "read");
        make_and_tell(told[1]);
    }
    write_number("/proc/sys/kernel/ns_last_pid", outsider - 20);
    struct rows *rows = rows_new();
    struct tree *tree = still ? tree_new(root.pid, false, session) : NULL;
    must(write_full(go[1], "m", 1) && read_full(told[0], made, sizeof made) == sizeof made, "outsider");
    must(waitpid(outsider, NULL, 0) == outsider, "waitpid");
    if (!still) {
        rows = rows_new();
        tree = tree_new(root.pid, false, session);
    }
    for (int attempt = 0; attempt < 100 && again != outsider; attempt++) {
        if (again > 0)
            shmctl(own, IPC_RMID, NULL);
        again = tell(&root, 'f', &own);
    }
    look(rows, tree, ledger);
    if (again == outsider) {
        CHECK(!is_noted(ledger, made[1], outsider));
        CHECK(is_noted(ledger, own, again) == (tree_is_exact(tree) && !still));
    } else {
        fprintf(stderr, "observer-test: skipped a pid that is used again: no right to write ns_last_pid\n");
    }
    shmctl(made[1], IPC_RMID, NULL);
    shmctl(own, IPC_RMID, NULL);
    end(&root);
    for (int i = 0; i < 2; i++) {
        close(go[i]);
        close(told[i]);
    }
    close(ledger);
}

/* A process that waits, with the token in its environment, as that user really and effectively. */
static pid_t bearer(uid_t real, uid_t effective)
{
    char *const command[] = {"sleep", "60", NULL}, *const environment[] = {"SHMKIT_SESSION=" SECRET, NULL};
    int gate[2];
    char none;

    must(pipe2(gate, O_CLOEXEC) == 0, "pipe");
    pid_t pid = fork();
    if (pid == 0) {
        must(geteuid() != 0 || setresuid(real, effective, effective) == 0, "setresuid");
        execve("/bin/sleep", command, environment);
        _exit(1);
    }
    close(gate[1]);
    must(pid > 0 && read(gate[0], &none, 1) == 0, "execve"); /* the pipe is closed by it */
    close(gate[0]);
    return pid;
}

static void bearers_of_the_token(void)
{
    struct peer root = start(true);
    struct tree *tree = tree_new(root.pid, false, session);
    struct process process;
    pid_t own = bearer(getuid(), geteuid());
    struct span now = {boot_ns(), boot_ns()};

    tree_update(tree, true);
    CHECK(tree_ask(tree, own, now, &process) == BY_TOKEN && process.pid == own);
    if (getuid() == 0) {
        pid_t strangers = bearer(NOBODY, 0);
        now = (struct span){boot_ns(), boot_ns()};
        tree_update(tree, true);
        CHECK(tree_ask(tree, strangers, now, &process) == NO_PROOF);
        kill(strangers, SIGKILL);
        waitpid(strangers, NULL, 0);
    } else {
        fprintf(stderr, "observer-test: skipped a stranger with the token: not root\n");
    }
    kill(own, SIGKILL);
    waitpid(own, NULL, 0);
    end(&root);
}

struct looked_for {
    struct inode file;
    bool found;
};

static void compare(const struct inode *file, void *context)
{
    struct looked_for *wanted = context;

    wanted->found = wanted->found || (file->dev == wanted->file.dev && file->ino == wanted->file.ino);
}

/* Its end looks like a line of another file, if lines are read in pieces of 511 bytes. */
static void long_names_of_mapped_files(void)
{
    char folder[] = "/tmp/shmkit-observer-XXXXXX", path[2048], deeper[512];
    struct stat victim, real;
    int other = memfd_create("victim", MFD_CLOEXEC);

    must(mkdtemp(folder) != NULL && fstat(other, &victim) == 0, "mkdtemp");
    close(other); /* not open when it is looked for: what is left of it is a line */
    snprintf(deeper, sizeof deeper, "%s/%0*d", folder, 200, 0);
    must(mkdir(deeper, 0700) == 0, "mkdir");
    /* 73 characters come before the name. */
    memset(path, 'x', 511 - 73);
    memcpy(path, deeper, strlen(deeper));
    path[strlen(deeper)] = '/';
    snprintf(path + 511 - 73, 128, "a b c %x:%x %lu z", major(victim.st_dev), minor(victim.st_dev),
        (unsigned long)victim.st_ino);
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    must(fd >= 0 && ftruncate(fd, 4096) == 0 && fstat(fd, &real) == 0, path);
    void *at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    must(at != MAP_FAILED, "mmap");
    close(fd);

    struct looked_for forged = {{victim.st_dev, victim.st_ino}, false}, mapped = {{real.st_dev, real.st_ino}, false};
    process_files(getpid(), compare, &forged);
    process_files(getpid(), compare, &mapped);
    CHECK(!forged.found);
    CHECK(mapped.found);
    munmap(at, 4096);
    unlink(path);
    rmdir(deeper);
    rmdir(folder);
}

/* Where there are too few for the events of all processors, /proc is looked through, which takes some as well. */
static void few_descriptors(void)
{
    struct rlimit few = {32, 32};
    struct peer root = start(true);
    int id, ledger = new_ledger();

    must(setrlimit(RLIMIT_NOFILE, &few) == 0, "setrlimit");
    struct rows *rows = rows_new();
    struct tree *tree = tree_new(root.pid, true, session);
    CHECK(!tree_is_exact(tree));
    pid_t maker = tell(&root, 'm', &id);
    look(rows, tree, ledger);
    CHECK(is_noted(ledger, id, maker));
    shmctl(id, IPC_RMID, NULL);
    end(&root);
    close(ledger);
}

int main(int argc, char **argv)
{
    unsigned char digest[SHA256_SIZE];

    if (argc > 1)
        make_and_tell(atoi(argv[1]));
    sha256(SECRET, strlen(SECRET), digest);
    base64url_encode(digest, 16, session);
    pid_t child = fork(); /* it gives up descriptors for good */
    if (child == 0) {
        few_descriptors();
        _exit(failures > 0);
    }
    int status;
    failures += waitpid(child, &status, 0) != child || status != 0;
    makers_gone_before_the_look();
    orphans_known_before();
    outsiders_that_attach();
    makers_pid_used_again();
    makers_pid_used_again_at_once(true);
    makers_pid_used_again_at_once(false);
    bearers_of_the_token();
    long_names_of_mapped_files();
    return failures > 0;
}
