#include "act.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/descriptor.h"
#include "../common/die.h"
#include "../common/io.h"
#include "../common/ledger.h"
#include "actuator.h"
#include "plan.h"
#include "reaper.h"

/* In D: where a file that no ledger names waits for its end under its own name, so that it can be given back. */
#define PUT_BACK_DIR "q.r"
/* Others hold the lock for one step, which takes milliseconds. */
#define LOCK_WAIT_MS 10000
#define LOCK_PAUSE_US 1000

static struct removal removal(const struct step *step, int quarantine_dir)
{
    return (struct removal){
        .quarantine_dir = quarantine_dir, .quarantine = step->quarantine, .second_look = step->careful};
}

/* The process that holds a lock of the directory, as /proc/locks tells; 0 for unknown. */
static pid_t holder_of(const struct private_dir *d)
{
    struct stat status;
    char *locks = read_file("/proc/locks");
    pid_t holder = 0;

    if (locks != NULL && fstat(d->fd, &status) == 0)
        for (char *line = locks; line != NULL && holder == 0; line = strchr(line, '\n')) {
            unsigned major, minor;
            unsigned long long inode;
            int pid;
            line += *line == '\n';
            /* "1: FLOCK  ADVISORY  WRITE 1234 00:1a:5678 0 EOF"; behind the number "->" for one who waits */
            if (sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%llu", &pid, &major, &minor, &inode) == 4 &&
                makedev(major, minor) == status.st_dev && inode == status.st_ino)
                holder = pid;
        }
    free(locks);
    return holder;
}

static void lock(const struct private_dir *d)
{
    int64_t until = now_ms() + LOCK_WAIT_MS;

    while (flock(d->fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            die("cannot lock /dev/shm/%s", d->name);
        if (now_ms() >= until) {
            pid_t holder = holder_of(d);
            errno = 0;
            die("cannot lock /dev/shm/%s within %d s: process %d holds the lock; if it is stopped, continue or end it",
                d->name, LOCK_WAIT_MS / 1000, (int)holder);
        }
        sleep_us(LOCK_PAUSE_US);
    }
}

static enum outcome shm_file(const struct private_dir *d, const struct step *step, int *error)
{
    struct removal how = removal(step, d->fd);

    if (!how.second_look)
        return remove_file(d->shm_fd, step->name, &step->file, &how, error);
    lock(d);                            /* against a cleaner that takes what we hold for a dead one's, see put_back */
    mkdirat(d->fd, PUT_BACK_DIR, 0700); /* it may be there already */
    enum outcome outcome = remove_file(d->shm_fd, step->name, &step->file, &how, error);
    unlinkat(d->fd, PUT_BACK_DIR, AT_REMOVEDIR); /* refused while anything is in it */
    flock(d->fd, LOCK_UN);
    return outcome;
}

static enum outcome put_back(const struct private_dir *d, const struct step *step, int *error)
{
    struct removal how = removal(step, d->fd);

    how.of_any_user = true;
    lock(d);
    enum outcome outcome = recover_quarantined(d->shm_fd, step->name, &how, false, error);
    unlinkat(d->fd, PUT_BACK_DIR, AT_REMOVEDIR);
    flock(d->fd, LOCK_UN);
    return outcome;
}

/* In another directory than /dev/shm. */
static enum outcome elsewhere(const struct step *step, int *error)
{
    struct removal how = removal(step, -1);
    CLOSED_AT_END int dir = open_directory(step->directory);

    if (dir < 0) {
        *error = errno;
        return errno == ENOENT ? GONE : UNKNOWN;
    }
    switch (step->what) {
    case 'T':
        return remove_directory(dir, step->name, &step->file, error);
    case 'D':
        return recover_quarantined(dir, step->name, &how, true, error);
    default:
        return remove_file(dir, step->name, &step->file, &how, error);
    }
}

static enum outcome sysv(const struct step *step, int *error)
{
    struct sysv_identity identity = step->sysv;

    identity.of_any_user = geteuid() == 0;
    switch (step->kind) {
    case SYSV_SHM:
        return remove_sysv_shm(&identity, step->careful, error);
    case SYSV_SEM:
        return remove_sysv_sem(&identity, step->careful, error);
    default:
        return remove_sysv_msg(&identity, step->careful, error);
    }
}

static enum outcome ended(pid_t pid, uint64_t start_time, int *error)
{
    switch (end_process(pid, start_time)) {
    case ENDED:
        return DELETED;
    case NOT_THERE:
        return GONE;
    default:
        *error = errno;
        return *error == EPERM ? DENIED : UNKNOWN;
    }
}

static enum outcome carry_out(const struct private_dir *d, const struct step *step, int *error)
{
    struct removal how = removal(step, d->fd);

    switch (step->what) {
    case 'S':
        return shm_file(d, step, error);
    case 'C':
        return recover_quarantined(d->shm_fd, step->name, &how, true, error);
    case 'F':
    case 'D':
    case 'T':
        return elsewhere(step, error);
    case 'R':
        return put_back(d, step, error);
    case 'V':
        return sysv(step, error);
    case 'Q':
        return remove_queue(step->name, &step->file, error);
    default:
        return ended(step->pid, step->start_time, error);
    }
}

int act_main(int argc, char **argv)
{
    struct private_dir d;
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;

    if (argc != 1)
        die("act wants a directory");
    signal(
        SIGTSTP, SIG_IGN); /* we are in mvn's process group: stopped by its Ctrl-Z, we would hold up all other builds */
    if (!private_dir_open(argv[0], &d))
        die("cannot use %s", argv[0]);
    while ((length = getline(&line, &capacity, stdin)) > 0) {
        struct step step;
        int error = 0;
        errno = 0; /* not of what the next lines find */
        if (line[length - 1] != '\n')
            die("the plan ends in the middle of a step");
        line[length - 1] = '\0';
        if (strlen(line) != (size_t)length - 1)
            die("a step of the plan holds a NUL");
        const char *wrong = plan_read(line, &step);
        if (wrong != NULL)
            die("a step of the plan %s", wrong);
        enum outcome outcome = carry_out(&d, &step, &error);
        if (printf("%s %s %d\n", step.index, outcome_names[outcome], error) < 0)
            die("cannot tell the outcome");
    }
    free(line);
    if (fflush(stdout) != 0)
        die("cannot tell the outcome");
    return EX_OK;
}
