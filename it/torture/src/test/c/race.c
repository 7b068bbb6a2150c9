/*
 * Deletes files under the eyes of processes that open them all the time, and counts the deletes that left an opener with
 * a file that has no name any more: once by looking and unlinking, as everybody does, and by both ways of the actuator.
 *
 * usage: race DIRECTORY DELETES
 * prints: "<way> deletes=<n> lost=<n> refused=<n> opens_per_second=<n>", a line for each way
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clean/actuator.h"
#include "common/clock.h"
#include "common/die.h"

#define NAMES 4
#define OPENERS 2
#define HOLD_US 150
#define PAUSE_US 100

struct shared {
    _Atomic uint64_t opens;
    _Atomic uint64_t lost;
    _Atomic int stop;
    _Atomic bool lost_one[]; /* by the file's number: two openers may lose the same file */
};

/* A file's size is its number: no two files that are deleted have the same. */
static off_t number_of(unsigned long deletes, unsigned long slot)
{
    return (off_t)(deletes * NAMES + slot);
}

static void open_and_look(struct shared *shared, const char *directory, unsigned seed)
{
    int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    while (!atomic_load(&shared->stop)) {
        char name[32];
        struct stat status;
        snprintf(name, sizeof name, "race.%d", rand_r(&seed) % NAMES);
        int fd = openat(dir, name, O_RDWR | O_CLOEXEC);
        if (fd >= 0) {
            atomic_fetch_add(&shared->opens, 1);
            sleep_us(HOLD_US);
            if (fstat(fd, &status) == 0 && status.st_nlink == 0)
                atomic_fetch_add(&shared->lost, !atomic_exchange(&shared->lost_one[status.st_size], true));
            close(fd);
        }
        sleep_us(PAUSE_US);
    }
    _exit(0);
}

/* Stat, decide that it is unused, unlink: the window is the whole time that anybody has it open. */
static enum outcome naively(int dir, const char *name)
{
    struct stat status;

    if (fstatat(dir, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return GONE;
    return unlinkat(dir, name, 0) == 0 ? DELETED : UNKNOWN;
}

static enum outcome by_the_actuator(int dir, const char *name, bool second_look)
{
    struct statx found;
    int error;

    if (statx(dir, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &found) < 0)
        return GONE;
    struct stat status;
    fstatat(dir, name, &status, AT_SYMLINK_NOFOLLOW);
    struct file_identity identity = {.known = true, .dev = status.st_dev, .ino = status.st_ino};
    char quarantine[64];
    snprintf(quarantine, sizeof quarantine, "q.%s", name);
    struct removal how = {.quarantine_dir = -1, .quarantine = quarantine, .second_look = second_look};
    return remove_file(dir, name, &identity, &how, &error);
}

/* As what no ledger names is taken: others may know its name. */
static enum outcome with_a_second_look(int dir, const char *name)
{
    return by_the_actuator(dir, name, true);
}

/* As what a ledger names is taken, by a random name that a dead session's processes alone ever knew. */
static enum outcome with_one_look(int dir, const char *name)
{
    return by_the_actuator(dir, name, false);
}

static void measure(const char *way, const char *directory, unsigned long wanted,
                    enum outcome (*delete)(int dir, const char *name))
{
    size_t size = sizeof(struct shared) + (size_t)number_of(wanted, 0) * sizeof(bool);
    struct shared *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    unsigned long deletes = 0, refused = 0;
    pid_t openers[OPENERS];

    if (shared == MAP_FAILED || dir < 0)
        die("cannot begin in %s", directory);
    for (int i = 0; i < OPENERS; i++) {
        openers[i] = fork();
        if (openers[i] < 0)
            die("cannot fork");
        if (openers[i] == 0)
            open_and_look(shared, directory, (unsigned)(i + 1));
    }
    int64_t began = now_ms();
    for (unsigned long i = 0; deletes < wanted; i++) {
        char name[32];
        snprintf(name, sizeof name, "race.%lu", i % NAMES);
        int fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd >= 0 ? ftruncate(fd, number_of(deletes, i % NAMES)) < 0 : errno != EEXIST)
            die("cannot create %s", name);
        if (fd >= 0)
            close(fd);
        sleep_us(PAUSE_US); /* so that it can be found */
        if (delete (dir, name) == DELETED)
            deletes++;
        else
            refused++;
    }
    int64_t took = now_ms() - began;
    atomic_store(&shared->stop, 1);
    for (int i = 0; i < OPENERS; i++)
        waitpid(openers[i], NULL, 0);
    for (int i = 0; i < NAMES; i++) {
        char name[32];
        snprintf(name, sizeof name, "race.%d", i);
        unlinkat(dir, name, 0);
    }
    printf("%s deletes=%lu lost=%lu refused=%lu opens_per_second=%lu\n", way, deletes,
           (unsigned long)atomic_load(&shared->lost), refused,
           (unsigned long)(atomic_load(&shared->opens) * 1000 / (uint64_t)(took > 0 ? took : 1)));
    fflush(stdout);
    close(dir);
    munmap(shared, size);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: race DIRECTORY DELETES\n", stderr);
        return 64;
    }
    signal(SIGPIPE, SIG_IGN);
    measure("naive", argv[1], strtoul(argv[2], NULL, 10), naively);
    measure("actuator", argv[1], strtoul(argv[2], NULL, 10), with_a_second_look);
    measure("recorded", argv[1], strtoul(argv[2], NULL, 10), with_one_look);
    return 0;
}
