/*
 * Somebody else on the machine, who must not notice that builds clean up: holds an object of each kind in use and one
 * that is parked, that is, wanted but used by nobody right now. Some have names as our own objects have.
 *
 * bystander <folder>: makes them, prints "READY <count>", answers each line of input with "UNTOUCHED <count>" or
 * "TOUCHED <what>", and removes them at the end of its input.
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE 8192
#define NAME_SIZE 512
#define CONTENT "bystander's"
#define OBJECTS_MAX 32
#define WAIT_STEP_US 1000

union semun {
    int val;
    struct semid_ds *buf;
};

struct message {
    long type;
    char text[16];
};

/* Everything that can be asked of an object without knowing its kind. */
struct object {
    const char *kind;
    bool in_use;
    char name[NAME_SIZE]; /* of those that have one */
    int id;
    void *memory;
    ino_t inode;
    time_t ctime;
    int fd;
    sem_t *semaphore;
    mqd_t queue;
    bool (*untouched)(const struct object *o);
    void (*drop)(const struct object *o);
};

static struct object objects[OBJECTS_MAX];
static int count;
static const char *folder;

static void die(const char *format, ...)
{
    va_list arguments;
    int error = errno;

    va_start(arguments, format);
    fputs("bystander: ", stderr);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, ": %s\n", strerror(error));
    while (count > 0) {
        count--;
        objects[count].drop(&objects[count]);
    }
    exit(1);
}

static struct object *add(const struct object *o)
{
    if (count == OBJECTS_MAX)
        die("too many objects");
    objects[count] = *o;
    return &objects[count++];
}

/* --- System V --- */

static bool shm_untouched(const struct object *o)
{
    struct shmid_ds status;

    if (shmctl(o->id, IPC_STAT, &status) < 0 || status.shm_ctime != o->ctime || status.shm_segsz != SIZE ||
        (status.shm_perm.mode & SHM_DEST) != 0 || status.shm_nattch != (o->in_use ? 1u : 0u))
        return false;
    if (o->in_use)
        return strcmp(o->memory, CONTENT) == 0;
    char *look = shmat(o->id, NULL, SHM_RDONLY);
    bool same = look != (char *)-1 && strcmp(look, CONTENT) == 0;
    if (look != (char *)-1)
        shmdt(look);
    return same;
}

static void shm_drop(const struct object *o)
{
    shmctl(o->id, IPC_RMID, NULL);
}

static void add_shm(bool in_use)
{
    struct shmid_ds status;
    struct object o = {.kind = "System V shared memory", .in_use = in_use, .untouched = shm_untouched, .drop = shm_drop};

    o.id = shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600);
    if (o.id < 0)
        die("shmget");
    o.memory = shmat(o.id, NULL, 0);
    strcpy(o.memory, CONTENT);
    if (!in_use)
        shmdt(o.memory);
    shmctl(o.id, IPC_STAT, &status);
    o.ctime = status.shm_ctime;
    add(&o);
}

static void *wait_for_semaphore(void *argument)
{
    struct sembuf decrement = {.sem_num = 1, .sem_op = -1};

    semop(((const struct object *)argument)->id, &decrement, 1);
    return NULL;
}

static bool sem_untouched(const struct object *o)
{
    return semctl(o->id, 0, GETVAL) == 7 && semctl(o->id, 1, GETVAL) == 0 &&
        semctl(o->id, 1, GETNCNT) == (o->in_use ? 1 : 0);
}

static void sem_drop(const struct object *o)
{
    semctl(o->id, 0, IPC_RMID);
}

static void in_thread(void *(*body)(void *), struct object *o)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, body, o) != 0)
        die("pthread_create");
    pthread_detach(thread);
}

static void add_sem(bool in_use)
{
    struct object o = {.kind = "System V semaphores", .in_use = in_use, .untouched = sem_untouched, .drop = sem_drop};

    o.id = semget(IPC_PRIVATE, 2, IPC_CREAT | 0600);
    if (o.id < 0)
        die("semget");
    semctl(o.id, 0, SETVAL, (union semun){.val = 7});
    struct object *added = add(&o);
    if (in_use) {
        in_thread(wait_for_semaphore, added);
        while (semctl(o.id, 1, GETNCNT) == 0)
            usleep(WAIT_STEP_US);
    }
}

static void *wait_for_message(void *argument)
{
    struct message m;

    (void)!msgrcv(((const struct object *)argument)->id, &m, sizeof m.text, 2, 0);
    return NULL;
}

static bool msg_untouched(const struct object *o)
{
    struct msqid_ds status;

    return msgctl(o->id, IPC_STAT, &status) == 0 && status.msg_qnum == 1 && status.msg_ctime == o->ctime;
}

static void msg_drop(const struct object *o)
{
    msgctl(o->id, IPC_RMID, NULL);
}

static void add_msg(bool in_use)
{
    struct msqid_ds status;
    struct message m = {.type = 1, .text = CONTENT};
    struct object o = {
        .kind = "System V message queue", .in_use = in_use, .untouched = msg_untouched, .drop = msg_drop};

    o.id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    if (o.id < 0 || msgsnd(o.id, &m, sizeof m.text, 0) < 0)
        die("msgget");
    msgctl(o.id, IPC_STAT, &status);
    o.ctime = status.msg_ctime;
    struct object *added = add(&o);
    if (in_use)
        in_thread(wait_for_message, added);
}

/* --- POSIX and files --- */

static bool file_untouched(const struct object *o, int fd)
{
    struct stat status;
    char content[sizeof CONTENT] = "";

    bool same = fd >= 0 && fstat(fd, &status) == 0 && status.st_ino == o->inode && status.st_size == SIZE &&
        pread(fd, content, sizeof content, 0) == sizeof content && strcmp(content, CONTENT) == 0;
    if (fd >= 0 && fd != o->fd)
        close(fd);
    return same && (!o->in_use || strcmp(o->memory, CONTENT) == 0);
}

static bool posix_untouched(const struct object *o)
{
    return file_untouched(o, shm_open(o->name, O_RDONLY, 0));
}

static bool path_untouched(const struct object *o)
{
    return file_untouched(o, open(o->name, O_RDONLY | O_CLOEXEC));
}

static bool memfd_untouched(const struct object *o)
{
    return o->fd >= 0 ? file_untouched(o, o->fd) : strcmp(o->memory, CONTENT) == 0;
}

static void posix_drop(const struct object *o)
{
    shm_unlink(o->name);
}

static void path_drop(const struct object *o)
{
    unlink(o->name);
}

static void nothing_to_drop(const struct object *o)
{
    (void)o;
}

/* Fills it, maps it if it is to be in use, closes the descriptor. */
static void add_file(struct object *o, int fd)
{
    struct stat status;

    if (fd < 0)
        die("cannot create %s %s", o->kind, o->name);
    if (ftruncate(fd, SIZE) < 0 || pwrite(fd, CONTENT, sizeof CONTENT, 0) < 0 || fstat(fd, &status) < 0)
        die("cannot write to %s", o->kind);
    o->inode = status.st_ino;
    if (o->in_use)
        o->memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (o->fd != fd)
        close(fd);
    add(o);
}

static void add_posix(bool in_use, const char *format, ...)
{
    struct object o = {
        .kind = "POSIX shared memory", .in_use = in_use, .fd = -1, .untouched = posix_untouched, .drop = posix_drop};
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(o.name, sizeof o.name, format, arguments);
    va_end(arguments);
    add_file(&o, shm_open(o.name, O_RDWR | O_CREAT | O_EXCL, 0600));
}

static void add_path(bool in_use, const char *name)
{
    struct object o = {.kind = "mapped file", .in_use = in_use, .fd = -1, .untouched = path_untouched, .drop = path_drop};

    snprintf(o.name, sizeof o.name, "%s/%s", folder, name);
    add_file(&o, open(o.name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
}

static void add_memfd(bool mapped)
{
    struct object o = {
        .kind = "memfd", .in_use = mapped, .fd = -1, .untouched = memfd_untouched, .drop = nothing_to_drop};
    int fd = memfd_create("shmkit.bystander", MFD_CLOEXEC);

    if (!mapped)
        o.fd = fd;
    add_file(&o, fd);
}

/* 0 if there is none. */
static ino_t semaphore_inode(const struct object *o)
{
    struct stat status;
    char path[64];

    snprintf(path, sizeof path, "/dev/shm/sem.%.32s", o->name + 1);
    return stat(path, &status) == 0 ? status.st_ino : 0;
}

static bool semaphore_untouched(const struct object *o)
{
    int value = 0;
    sem_t *look = o->in_use ? o->semaphore : sem_open(o->name, 0);

    if (look == SEM_FAILED)
        return false;
    sem_getvalue(look, &value);
    if (!o->in_use)
        sem_close(look);
    return value == 7 && semaphore_inode(o) == o->inode;
}

static void semaphore_drop(const struct object *o)
{
    sem_unlink(o->name);
}

static void add_semaphore(bool in_use)
{
    struct object o = {
        .kind = "named semaphore", .in_use = in_use, .untouched = semaphore_untouched, .drop = semaphore_drop};

    snprintf(o.name, sizeof o.name, "/bystander.%d.%d", (int)getpid(), in_use);
    o.semaphore = sem_open(o.name, O_CREAT | O_EXCL, 0600, 7);
    o.inode = semaphore_inode(&o);
    if (o.semaphore == SEM_FAILED || o.inode == 0)
        die("sem_open");
    if (!in_use)
        sem_close(o.semaphore);
    add(&o);
}

static bool queue_untouched(const struct object *o)
{
    struct mq_attr attributes;
    struct stat status;
    mqd_t look = mq_open(o->name, O_RDONLY);
    bool same = look >= 0 && mq_getattr(look, &attributes) == 0 && attributes.mq_curmsgs == 1 &&
        fstat(look, &status) == 0 && status.st_ino == o->inode;

    if (look >= 0)
        mq_close(look);
    return same;
}

static void queue_drop(const struct object *o)
{
    mq_unlink(o->name);
}

static void add_queue(bool in_use)
{
    struct object o = {
        .kind = "POSIX message queue", .in_use = in_use, .untouched = queue_untouched, .drop = queue_drop};
    struct mq_attr attributes = {.mq_maxmsg = 2, .mq_msgsize = 16};
    struct stat status;

    snprintf(o.name, sizeof o.name, "/bystander.%d.%d", (int)getpid(), in_use);
    o.queue = mq_open(o.name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
    if (o.queue < 0 && (errno == ENOSYS || errno == EACCES || errno == EMFILE || errno == ENOSPC)) {
        fprintf(stderr, "bystander: does without message queues: %s\n", strerror(errno));
        return;
    }
    if (o.queue < 0 || fstat(o.queue, &status) < 0 || mq_send(o.queue, CONTENT, sizeof CONTENT, 0) < 0)
        die("mq_open");
    o.inode = status.st_ino;
    if (!in_use)
        mq_close(o.queue);
    add(&o);
}

/* --- the conversation --- */

static void end_input(int signal_number)
{
    (void)signal_number; /* the read that it interrupts is all that matters */
}

int main(int argc, char **argv)
{
    char line[16];
    struct sigaction end = {.sa_handler = end_input};
    int self = (int)getpid();

    if (argc != 2) {
        fputs("bystander wants a folder\n", stderr);
        return 2;
    }
    folder = argv[1];
    sigaction(SIGTERM, &end, NULL);
    sigaction(SIGINT, &end, NULL);
    signal(SIGPIPE, SIG_IGN);
    for (int in_use = 0; in_use < 2; in_use++) {
        add_shm(in_use);
        add_sem(in_use);
        add_msg(in_use);
        add_posix(in_use, "/bystander.%d.%d", self, in_use);
        /* Named as ours are, of a session that nobody knows. */
        add_posix(in_use, "/shmkit.bystander%013d.1.%d", self, in_use);
        add_semaphore(in_use);
        add_queue(in_use);
        add_path(in_use, in_use ? "shmkit.bystanderbystanderbyst.1.1" : "parked");
        add_memfd(in_use);
    }
    /* Two lines, a terminal's escape, a command to a CI system, and a byte that is no character. */
    add_posix(false, "/bystander.%d\n::stop-commands::x\033[2J##[error]\xff", self);
    printf("READY %d\n", count);
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        int i = 0;
        while (i < count && objects[i].untouched(&objects[i]))
            i++;
        if (i == count)
            printf("UNTOUCHED %d\n", count);
        else
            printf("TOUCHED %s, %s\n", objects[i].kind, objects[i].in_use ? "in use" : "parked");
        fflush(stdout);
    }
    while (count > 0) {
        count--;
        objects[count].drop(&objects[count]);
    }
    return 0;
}
