/*
 * A process outside of all builds that has nothing open for long: it opens
 * files by turns, replaces one by rename, renames another to and fro, attaches
 * segments for moments, and uses objects that builds created. Each failure is
 * an error: only a wrong cleaner can cause it.
 *
 * turns: prints "READY <prefix> <segment>", its files' names and one of its
 * segments, then works until its input ends, gives back what it took up, and
 * prints "ROUNDS <n> TAKEN <m>"; on an error "LOST <what>: <why>", at once.
 *
 * It takes up files named turns-made.* and segments with keys from 0x74750000
 * to 0x7475ffff while they are so young that no cleaner can have looked at them
 * twice, uses each for some seconds and removes it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_US 5000
#define SHM "/dev/shm/"
#define MADE "turns-made."
#define KEY 0x74750000
#define KEY_MASK 0xffff0000
#define TAKEN_MAX 64
/* A cleaner looks again a second later, or three. */
#define YOUNG_MS 300
#define HELD_MS 5000

#define MUST(call) \
    do { \
        if (!(call)) { \
            printf("LOST %s: %s\n", #call, strerror(errno)); \
            exit(1); \
        } \
    } while (0)

struct taken {
    char path[300]; /* of a file */
    int id;         /* of a segment */
    ino_t ino;
    int64_t since;
};

static char prefix[64];
static struct taken taken[TAKEN_MAX];
static int taken_count, taken_ever, segment, set, queue;

static int64_t ms(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const char *named(const char *name)
{
    static char path[2][128];
    static int next;

    next ^= 1;
    snprintf(path[next], sizeof path[next], SHM "%s%s", prefix, name);
    return path[next];
}

static void write_number(const char *path, int flags, int value)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0600);

    MUST(fd >= 0 && pwrite(fd, &value, sizeof value, 0) == sizeof value && close(fd) == 0);
}

static void check_number(const char *path, int value)
{
    int found = -1, fd = open(path, O_RDONLY | O_CLOEXEC);

    MUST(fd >= 0 && pread(fd, &found, sizeof found, 0) == sizeof found && found == value && close(fd) == 0);
}

/* --- its own --- */

static void begin(void)
{
    struct sembuf give = {.sem_op = 1};
    struct mq_attr attributes = {.mq_maxmsg = 2, .mq_msgsize = sizeof(int)};

    snprintf(prefix, sizeof prefix, "turns.%d.", (int)getpid());
    write_number(named("lock"), O_CREAT | O_EXCL, 0);
    write_number(named("store"), O_CREAT | O_EXCL, 0);
    write_number(named("to"), O_CREAT | O_EXCL, 0);
    segment = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    set = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
    queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    MUST(segment >= 0 && set >= 0 && queue >= 0 && semop(set, &give, 1) == 0);
    sem_t *semaphore = sem_open(named("") + strlen("/dev/shm"), O_CREAT | O_EXCL, 0600, 1);
    MUST(semaphore != SEM_FAILED && sem_close(semaphore) == 0);
    mqd_t messages = mq_open(named("") + strlen("/dev/shm"), O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
    MUST(messages >= 0 && mq_close(messages) == 0);
}

static void attach(int round)
{
    int *memory = shmat(segment, NULL, 0);

    MUST(memory != (void *)-1 && *memory == round - 1);
    *memory = round;
    MUST(shmdt(memory) == 0);
}

static void take_turns_at_semaphores(void)
{
    struct sembuf take = {.sem_op = -1, .sem_flg = IPC_NOWAIT}, give = {.sem_op = 1};
    sem_t *semaphore = sem_open(named("") + strlen("/dev/shm"), 0);

    MUST(semaphore != SEM_FAILED && sem_trywait(semaphore) == 0 && sem_post(semaphore) == 0);
    MUST(sem_close(semaphore) == 0 && semop(set, &take, 1) == 0 && semop(set, &give, 1) == 0);
}

static void take_turns_at_queues(int round)
{
    struct {
        long type;
        int value;
    } message = {1, round};
    int got = 0;
    mqd_t messages = mq_open(named("") + strlen("/dev/shm"), O_RDWR | O_NONBLOCK);

    MUST(messages >= 0 && mq_send(messages, (char *)&round, sizeof round, 0) == 0);
    MUST(mq_receive(messages, (char *)&got, sizeof got, NULL) == sizeof got && got == round && mq_close(messages) == 0);
    MUST(msgsnd(queue, &message, sizeof got, 0) == 0);
    MUST(msgrcv(queue, &message, sizeof got, 1, IPC_NOWAIT) == sizeof got && message.value == round);
}

static void take_turns(int round)
{
    check_number(named("lock"), round - 1);
    write_number(named("lock"), 0, round);
    write_number(named("store.new"), O_CREAT | O_EXCL, round);
    MUST(rename(named("store.new"), named("store")) == 0);
    check_number(named("store"), round);
    MUST(rename(named(round % 2 == 1 ? "to" : "fro"), named(round % 2 == 1 ? "fro" : "to")) == 0);
    attach(round);
    take_turns_at_semaphores();
    take_turns_at_queues(round);
}

static void finish(int rounds)
{
    MUST(unlink(named("lock")) == 0 && unlink(named("store")) == 0 &&
         unlink(named(rounds % 2 == 1 ? "fro" : "to")) == 0);
    MUST(shmctl(segment, IPC_RMID, NULL) == 0 && semctl(set, 0, IPC_RMID) == 0 && msgctl(queue, IPC_RMID, NULL) == 0);
    MUST(sem_unlink(named("") + strlen("/dev/shm")) == 0 && mq_unlink(named("") + strlen("/dev/shm")) == 0);
}

/* As far as it is there. */
static void give_up(void)
{
    for (int i = 0; i < taken_count; i++)
        if (taken[i].path[0] != '\0')
            unlink(taken[i].path);
        else
            shmctl(taken[i].id, IPC_RMID, NULL);
    for (const char *const *name = (const char *const[]){"lock", "store", "store.new", "to", "fro", NULL};
         *name != NULL; name++)
        unlink(named(*name));
    shmctl(segment, IPC_RMID, NULL);
    semctl(set, 0, IPC_RMID);
    msgctl(queue, IPC_RMID, NULL);
    sem_unlink(named("") + strlen("/dev/shm"));
    mq_unlink(named("") + strlen("/dev/shm"));
    exit(1);
}

/* --- what builds make --- */

static bool is_taken(const char *path, int id)
{
    for (int i = 0; i < taken_count; i++)
        if (path != NULL ? strcmp(taken[i].path, path) == 0 : taken[i].path[0] == '\0' && taken[i].id == id)
            return true;
    return false;
}

static void take_file(const char *name)
{
    struct taken file = {.since = ms(CLOCK_MONOTONIC)};
    struct stat status;

    snprintf(file.path, sizeof file.path, SHM "%s", name);
    if (taken_count == TAKEN_MAX || is_taken(file.path, 0))
        return;
    int fd = open(file.path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    MUST(fstat(fd, &status) == 0 && close(fd) == 0);
    if (ms(CLOCK_REALTIME) - (status.st_ctim.tv_sec * 1000 + status.st_ctim.tv_nsec / 1000000) > YOUNG_MS)
        return;
    file.ino = status.st_ino;
    taken[taken_count++] = file;
    taken_ever++;
}

static void take_up_files(void)
{
    DIR *files = opendir(SHM);

    MUST(files != NULL);
    for (struct dirent *entry; (entry = readdir(files)) != NULL;)
        if (strncmp(entry->d_name, MADE, strlen(MADE)) == 0)
            take_file(entry->d_name);
    closedir(files);
}

static void take_up_segments(void)
{
    char line[512];
    FILE *rows = fopen("/proc/sysvipc/shm", "re");

    MUST(rows != NULL);
    while (fgets(line, sizeof line, rows) != NULL) {
        long long key, changed;
        int id;
        if (sscanf(line, "%lld %d %*o %*u %*d %*d %*u %*u %*u %*u %*u %*d %*d %lld", &key, &id, &changed) != 3 ||
            (key & KEY_MASK) != KEY || changed != time(NULL) || taken_count == TAKEN_MAX || is_taken(NULL, id))
            continue;
        void *memory = shmat(id, NULL, SHM_RDONLY);
        if (memory == (void *)-1)
            continue;
        MUST(shmdt(memory) == 0);
        taken[taken_count++] = (struct taken){.id = id, .since = ms(CLOCK_MONOTONIC)};
        taken_ever++;
    }
    fclose(rows);
}

static void use(const struct taken *object)
{
    struct stat status;

    if (object->path[0] != '\0') {
        int fd = open(object->path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &status) < 0 || status.st_ino != object->ino) {
            printf("LOST %s, taken up %d ms ago: %s\n", object->path, (int)(ms(CLOCK_MONOTONIC) - object->since),
                fd < 0 ? strerror(errno) : "it is another file");
            give_up();
        }
        MUST(close(fd) == 0);
    } else {
        void *memory = shmat(object->id, NULL, SHM_RDONLY);
        if (memory == (void *)-1) {
            printf("LOST segment %d, taken up %d ms ago: %s\n", object->id, (int)(ms(CLOCK_MONOTONIC) - object->since),
                strerror(errno));
            give_up();
        }
        MUST(shmdt(memory) == 0);
    }
}

/* Uses each, and gives back what it had for long. */
static void use_taken(bool last)
{
    for (int i = 0; i < taken_count; i++) {
        use(&taken[i]);
        if (!last && ms(CLOCK_MONOTONIC) - taken[i].since < HELD_MS)
            continue;
        MUST(taken[i].path[0] != '\0' ? unlink(taken[i].path) == 0 : shmctl(taken[i].id, IPC_RMID, NULL) == 0);
        taken[i--] = taken[--taken_count];
    }
}

int main(void)
{
    struct pollfd input = {.fd = 0, .events = POLLIN};
    int rounds = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    begin();
    printf("READY %s %d\n", prefix, segment);
    while (poll(&input, 1, 0) == 0) {
        take_turns(++rounds);
        take_up_files();
        take_up_segments();
        use_taken(false);
        usleep(PAUSE_US);
    }
    use_taken(true);
    finish(rounds);
    printf("ROUNDS %d TAKEN %d\n", rounds, taken_ever);
    return 0;
}
