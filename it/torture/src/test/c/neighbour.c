/*
 * A process outside of all builds that creates, uses and removes objects of every kind, again and again, under names,
 * keys and ids that come and go. Each failure is an error: only a wrong cleaner can cause it.
 *
 * neighbour FOLDER: works until its input ends, then prints "ROUNDS <n>"; on an error "LOST <what>: <why>", at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <semaphore.h>
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

#define SIZE 4096
#define PAUSE_US 2000

#define MUST(call)                                                                                                     \
    do {                                                                                                               \
        if (!(call)) {                                                                                                 \
            printf("LOST %s: %s\n", #call, strerror(errno));                                                           \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

static void sysv_segment(int value)
{
    int id = shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600);

    MUST(id >= 0);
    int *memory = shmat(id, NULL, 0);
    MUST(memory != (void *)-1);
    *memory = value;
    MUST(shmdt(memory) == 0);
    usleep(PAUSE_US); /* parked: nobody is attached, and it is wanted */
    memory = shmat(id, NULL, 0);
    MUST(memory != (void *)-1);
    MUST(*memory == value);
    MUST(shmctl(id, IPC_RMID, NULL) == 0);
    MUST(*memory == value);
    MUST(shmdt(memory) == 0);
}

static void sysv_semaphores(int value)
{
    struct sembuf give = {.sem_op = 1}, take = {.sem_op = -1};
    int id = semget(IPC_PRIVATE, 2, IPC_CREAT | 0600);

    (void)value;
    MUST(id >= 0 && semop(id, &give, 1) == 0);
    usleep(PAUSE_US);
    MUST(semop(id, &take, 1) == 0);
    MUST(semctl(id, 0, IPC_RMID) == 0);
}

static void sysv_queue(int value)
{
    struct {
        long type;
        int value;
    } message = {1, value};
    int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);

    MUST(id >= 0 && msgsnd(id, &message, sizeof value, 0) == 0);
    message.value = 0;
    usleep(PAUSE_US);
    MUST(msgrcv(id, &message, sizeof value, 1, IPC_NOWAIT) == sizeof value && message.value == value);
    MUST(msgctl(id, IPC_RMID, NULL) == 0);
}

/* One that is closed in between, so that only its name keeps it. */
static void write_and_read(int fd, int value)
{
    MUST(fd >= 0 && ftruncate(fd, SIZE) == 0 && pwrite(fd, &value, sizeof value, 0) == sizeof value);
    MUST(close(fd) == 0);
    usleep(PAUSE_US);
}

static void read_mapped(int fd, int value)
{
    MUST(fd >= 0);
    int *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    MUST(memory != MAP_FAILED && close(fd) == 0);
    MUST(*memory == value);
    usleep(PAUSE_US); /* mapped, and not open */
    *memory += 1;
    MUST(*memory == value + 1);
    MUST(munmap(memory, SIZE) == 0);
}

static void posix_segment(int value)
{
    char name[64];

    snprintf(name, sizeof name, "/shmkit-neighbour.%d.%d", (int)getpid(), value);
    write_and_read(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600), value);
    read_mapped(shm_open(name, O_RDWR, 0), value);
    MUST(shm_unlink(name) == 0);
}

static void mapped_file(const char *folder, int value)
{
    char path[512];

    snprintf(path, sizeof path, "%s/file.%d", folder, value);
    write_and_read(open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600), value);
    read_mapped(open(path, O_RDWR | O_CLOEXEC), value);
    MUST(unlink(path) == 0);
}

static void anonymous_file(int value)
{
    int fd = memfd_create("shmkit.neighbour", MFD_CLOEXEC);

    MUST(fd >= 0 && ftruncate(fd, SIZE) == 0 && pwrite(fd, &value, sizeof value, 0) == sizeof value);
    read_mapped(fd, value);
}

static void named_semaphore(int value)
{
    char name[64];

    snprintf(name, sizeof name, "/neighbour.%d.%d", (int)getpid(), value);
    sem_t *made = sem_open(name, O_CREAT | O_EXCL, 0600, 1);
    MUST(made != SEM_FAILED && sem_close(made) == 0);
    usleep(PAUSE_US);
    sem_t *again = sem_open(name, 0);
    MUST(again != SEM_FAILED && sem_trywait(again) == 0 && sem_post(again) == 0 && sem_close(again) == 0);
    MUST(sem_unlink(name) == 0);
}

static void posix_queue(int value)
{
    char name[64];
    int got = 0;
    struct mq_attr attributes = {.mq_maxmsg = 2, .mq_msgsize = sizeof got};

    snprintf(name, sizeof name, "/neighbour.%d.%d", (int)getpid(), value);
    mqd_t queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
    MUST(queue >= 0 && mq_send(queue, (char *)&value, sizeof value, 0) == 0 && mq_close(queue) == 0);
    usleep(PAUSE_US);
    queue = mq_open(name, O_RDWR | O_NONBLOCK);
    MUST(queue >= 0 && mq_receive(queue, (char *)&got, sizeof got, NULL) == sizeof got && got == value);
    MUST(mq_close(queue) == 0 && mq_unlink(name) == 0);
}

int main(int argc, char **argv)
{
    struct pollfd input = {.fd = 0, .events = POLLIN};
    int rounds = 0;

    if (argc != 2) {
        fputs("usage: neighbour FOLDER\n", stderr);
        return 64;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    while (poll(&input, 1, 0) == 0) {
        rounds++;
        sysv_segment(rounds);
        sysv_semaphores(rounds);
        sysv_queue(rounds);
        posix_segment(rounds);
        mapped_file(argv[1], rounds);
        anonymous_file(rounds);
        named_semaphore(rounds);
        posix_queue(rounds);
    }
    printf("ROUNDS %d\n", rounds);
    return 0;
}
