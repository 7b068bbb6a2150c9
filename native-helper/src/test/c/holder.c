/*
 * Holds an IPC object in one way until its standard input ends, for tests of who counts as a user of it.
 *
 *   holder [option...] mode [argument...]
 *
 * Prints one line once it holds: "ready", for some modes with what it made. Options come first, in any order:
 *   clobber-env   overwrites the environment that /proc/PID/environ shows, as setproctitle(3) does
 *   no-dump       makes itself non-dumpable, so that others of its user cannot read its maps
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SIZE 4096
#define HUGE_SIZE (2 << 20)

#define CHECK(call) \
    do { \
        if (!(call)) { \
            printf("failed %s: %s\n", #call, strerror(errno)); \
            exit(1); \
        } \
    } while (0)

extern char **environ;

static void clobber_environment(void)
{
    char *first = environ[0];

    if (first == NULL)
        return;
    char **last = environ;
    while (last[1] != NULL)
        last++;
    memset(first, 'x', (size_t)(*last + strlen(*last) - first));
}

static void map(const char *path, int open_flags, int protection, int map_flags)
{
    int fd = open(path, open_flags | O_CLOEXEC);

    CHECK(fd >= 0);
    char *memory = mmap(NULL, SIZE, protection, map_flags, fd, 0);
    CHECK(memory != MAP_FAILED);
    CHECK(close(fd) == 0);
    if (protection & PROT_WRITE)
        memory[0] = 'h';
}

/* The only reference is in a message that nobody has received. */
static void send_away(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC), ends[2];
    char control[CMSG_SPACE(sizeof fd)] = {0}, byte = 'f';
    struct iovec data = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    CHECK(fd >= 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    CHECK(sendmsg(ends[0], &message, 0) == 1);
    CHECK(close(fd) == 0);
}

static void attach(int id, size_t size, int split)
{
    char *memory = shmat(id, NULL, 0);

    CHECK(memory != (void *)-1);
    if (split) /* three mappings of one attach */
        CHECK(mprotect(memory + size / 4096 / 2 * 4096, 4096, PROT_READ) == 0);
}

static void create_sysv(const char *kind, const char *key_text, int keep)
{
    key_t key = (key_t)strtoul(key_text, NULL, 16);
    int id;

    if (strcmp(kind, "shm") == 0) {
        id = shmget(key, SIZE, IPC_CREAT | IPC_EXCL | 0600);
        if (id >= 0 && keep)
            attach(id, SIZE, 0);
    } else if (strcmp(kind, "sem") == 0) {
        id = semget(key, 2, IPC_CREAT | IPC_EXCL | 0600);
    } else {
        id = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
    }
    CHECK(id >= 0);
    printf("ready %d\n", id);
}

static void create_huge(void)
{
    int id = shmget(IPC_PRIVATE, HUGE_SIZE, IPC_CREAT | SHM_HUGETLB | 0600);

    CHECK(id >= 0);
    printf("ready %d\n", id);
}

static void open_semaphore(const char *name)
{
    CHECK(sem_open(name, O_CREAT, 0600, 1) != SEM_FAILED);
}

static void open_queue(const char *name)
{
    struct mq_attr attributes = {.mq_maxmsg = 2, .mq_msgsize = 16};

    CHECK(mq_open(name, O_RDWR | O_CREAT, 0600, &attributes) >= 0);
}

static void wait_on_semaphore(int id)
{
    struct sembuf take = {0, -1, 0};

    puts("ready");
    fflush(stdout);
    semop(id, &take, 1);
    exit(0);
}

/* The lock that proves a session's life. */
static void lock_session(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);

    CHECK(fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0);
}

/* Whether the record lock of fcntl(2), which FileChannel.lock takes, can be had. */
static void try_record_lock(const char *path)
{
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(path, O_RDWR | O_CLOEXEC);

    CHECK(fd >= 0);
    puts(fcntl(fd, F_SETLK, &all) == 0 ? "free" : "held");
}

static void lease(const char *path, int with_signal)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    CHECK(fd >= 0);
    if (with_signal)
        CHECK(fcntl(fd, F_SETSIG, SIGURG) == 0);
    CHECK(fcntl(fd, F_SETLEASE, F_WRLCK) == 0);
}

/* A child that has ended and is never waited for. */
static void leave_zombie(void)
{
    int ends[2];
    char byte;
    pid_t child;

    CHECK(pipe(ends) == 0 && (child = fork()) >= 0);
    if (child == 0)
        _exit(0);
    close(ends[1]); /* closed in the child by its end */
    CHECK(read(ends[0], &byte, 1) == 0);
    siginfo_t ended;
    CHECK(waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT) == 0);
    printf("ready %d\n", (int)child);
}

/* Opens the files that the arguments name again and again; says at the end how often a lease stood in the way. */
static void hammer(char **paths)
{
    unsigned long refused = 0;
    char byte;

    CHECK(fcntl(0, F_SETFL, O_NONBLOCK) == 0);
    puts("ready");
    fflush(stdout);
    while (read(0, &byte, 1) < 0)
        for (char **path = paths; *path != NULL; path++) {
            int fd = open(*path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
            if (fd >= 0)
                close(fd);
            else if (errno == EWOULDBLOCK)
                refused++;
        }
    printf("%lu\n", refused);
    exit(0);
}

/* Makes something, lets go of it at once and lives for a fifth of a second. */
static void let_go(const char *kind, const char *name)
{
    struct mq_attr attributes = {.mq_maxmsg = 2, .mq_msgsize = 16};

    if (strcmp(kind, "SYSV_SHM") == 0) {
        CHECK(shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600) >= 0);
    } else if (strcmp(kind, "POSIX_SHM") == 0) {
        int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
        CHECK(fd >= 0 && close(fd) == 0);
    } else if (strcmp(kind, "POSIX_SEM") == 0) {
        sem_t *semaphore = sem_open(name, O_CREAT | O_EXCL, 0600, 1);
        CHECK(semaphore != SEM_FAILED && sem_close(semaphore) == 0);
    } else {
        mqd_t queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
        CHECK(queue >= 0 && mq_close(queue) == 0);
    }
    usleep(200000);
    exit(0);
}

static void keep_without_name(void)
{
    int memfd = memfd_create("shmkit-test-memfd", MFD_CLOEXEC);

    CHECK(memfd >= 0 && ftruncate(memfd, SIZE) == 0);
    CHECK(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
    int fd = shm_open("/shmkit-test-unlinked", O_RDWR | O_CREAT | O_EXCL, 0600);
    CHECK(fd >= 0 && ftruncate(fd, SIZE) == 0);
    CHECK(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED);
    CHECK(close(fd) == 0 && shm_unlink("/shmkit-test-unlinked") == 0);
}

/* Killed inside sem_open(3), where its link(2) would give the temporary file its name. */
static void crash_in_sem_open(const char *name)
{
#ifdef SYS_link
    const unsigned link_number = SYS_link;
#else
    const unsigned link_number = SYS_linkat;
#endif
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, link_number, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_linkat, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof filter / sizeof *filter, .filter = filter};
    int status;
    pid_t child = fork();

    CHECK(child >= 0);
    if (child == 0) {
        CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
        CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
        sem_open(name, O_CREAT | O_EXCL, 0600, 1);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

/* Opens the files that the arguments name, looks what it has, closes; says at the end how often it had lost its name. */
static void open_and_look(char **paths)
{
    unsigned long lost = 0;
    struct timespec hold = {.tv_nsec = 150000};
    struct stat status;
    char byte;

    CHECK(fcntl(0, F_SETFL, O_NONBLOCK) == 0);
    puts("ready");
    fflush(stdout);
    while (read(0, &byte, 1) < 0)
        for (char **path = paths; *path != NULL; path++) {
            int fd = open(*path, O_RDONLY | O_CLOEXEC);
            if (fd < 0)
                continue;
            nanosleep(&hold, NULL);
            lost += fstat(fd, &status) == 0 && status.st_nlink == 0;
            close(fd);
        }
    printf("%lu\n", lost);
    exit(0);
}

static void listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1) == 0);
}

static void create_mapped(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    CHECK(fd >= 0 && ftruncate(fd, SIZE) == 0 && close(fd) == 0);
    map(path, O_RDWR, PROT_READ | PROT_WRITE, MAP_SHARED);
}

static void hold(void)
{
    char byte;

    fflush(stdout);
    while (read(0, &byte, 1) > 0)
        continue;
    exit(0);
}

/* Goes on when the main thread has ended, so that /proc shows a zombie. */
static void *hold_alone(void *main_thread)
{
    char stat[256] = "";

    CHECK(pthread_join(*(pthread_t *)main_thread, NULL) == 0);
    while (strstr(stat, ") Z ") == NULL) {
        int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
        CHECK(fd >= 0 && read(fd, stat, sizeof stat - 1) > 0 && close(fd) == 0);
    }
    puts("ready");
    hold();
    return NULL;
}

static _Noreturn void end_main_thread(void)
{
    static pthread_t main_thread;
    pthread_t other;

    main_thread = pthread_self();
    CHECK(pthread_create(&other, NULL, hold_alone, &main_thread) == 0);
    pthread_exit(NULL);
}

int main(int argc, char **argv)
{
    char **next = argv + 1;

    for (; *next != NULL; next++) {
        if (strcmp(*next, "clobber-env") == 0)
            clobber_environment();
        else if (strcmp(*next, "no-dump") == 0)
            CHECK(prctl(PR_SET_DUMPABLE, 0) == 0);
        else
            break;
    }
    if (next >= argv + argc)
        return 2;
    const char *mode = *next++;
    if (strcmp(mode, "shared-rw") == 0)
        map(*next, O_RDWR, PROT_READ | PROT_WRITE, MAP_SHARED);
    else if (strcmp(mode, "shared-ro") == 0)
        map(*next, O_RDONLY, PROT_READ, MAP_SHARED);
    else if (strcmp(mode, "private") == 0)
        map(*next, O_RDONLY, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    else if (strcmp(mode, "fd-rw") == 0)
        CHECK(open(*next, O_RDWR) >= 0);
    else if (strcmp(mode, "fd-ro") == 0)
        CHECK(open(*next, O_RDONLY) >= 0);
    else if (strcmp(mode, "in-flight") == 0)
        send_away(*next);
    else if (strcmp(mode, "create-mapped") == 0)
        create_mapped(*next);
    else if (strcmp(mode, "semaphore") == 0)
        open_semaphore(*next);
    else if (strcmp(mode, "queue") == 0)
        open_queue(*next);
    else if (strcmp(mode, "sysv") == 0)
        attach(atoi(*next), SIZE, 0);
    else if (strcmp(mode, "sysv-split") == 0)
        attach(atoi(next[0]), (size_t)atol(next[1]), 1);
    else if (strcmp(mode, "create-sysv") == 0)
        create_sysv(next[0], next[1], 0);
    else if (strcmp(mode, "create-sysv-attached") == 0)
        create_sysv(next[0], next[1], 1);
    else if (strcmp(mode, "create-huge") == 0)
        create_huge();
    else if (strcmp(mode, "wait-semaphore") == 0)
        wait_on_semaphore(atoi(*next));
    else if (strcmp(mode, "lock") == 0)
        lock_session(*next);
    else if (strcmp(mode, "try-record-lock") == 0)
        try_record_lock(*next);
    else if (strcmp(mode, "lease") == 0)
        lease(*next, 1);
    else if (strcmp(mode, "lease-without-setsig") == 0)
        lease(*next, 0);
    else if (strcmp(mode, "zombie") == 0)
        leave_zombie();
    else if (strcmp(mode, "hammer") == 0)
        hammer(next);
    else if (strcmp(mode, "open-and-look") == 0)
        open_and_look(next);
    else if (strcmp(mode, "crash-in-sem-open") == 0)
        crash_in_sem_open(*next);
    else if (strcmp(mode, "let-go") == 0)
        let_go(next[0], next[1]);
    else if (strcmp(mode, "nameless") == 0)
        keep_without_name();
    else if (strcmp(mode, "listen") == 0)
        listen_at(*next);
    else if (strcmp(mode, "main-thread-ends") == 0)
        end_main_thread();
    else if (strcmp(mode, "nothing") != 0)
        return 2;
    if (strncmp(mode, "create-sysv", 11) != 0 && strcmp(mode, "create-huge") != 0 && strcmp(mode, "zombie") != 0 &&
        strcmp(mode, "try-record-lock") != 0)
        puts("ready");
    hold();
}
