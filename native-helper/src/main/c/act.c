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

#include "actuator.h"
#include "ledger.h"
#include "reaper.h"
#include "util.h"

#define FIELDS_MAX 12
/* In D: where a file that no ledger names waits for its end under its own name, so that it can be given back. */
#define PUT_BACK_DIR "q.r"
/* Others hold the lock for one step, which takes milliseconds. */
#define LOCK_WAIT_MS 10000
#define LOCK_PAUSE_US 1000

struct step {
    char *fields[FIELDS_MAX];
    int count;
};

static uint64_t number(const struct step *step, int field, int base)
{
    char *end;

    if (field >= step->count)
        die("a step of the plan is too short");
    uint64_t value = strtoull(step->fields[field], &end, base);
    if (*end != '\0' || end == step->fields[field])
        die("not a number in the plan: %s", step->fields[field]);
    return value;
}

/* Names are base64url, since they may hold any byte but NUL and slash. Decoded in place: it only gets shorter. */
static const char *name(const struct step *step, int field)
{
    if (field >= step->count)
        die("a step of the plan is too short");
    char *text = step->fields[field];
    size_t length = strlen(text);
    ssize_t size = base64url_decode(text, length, text);
    if (size <= 0 || memchr(text, '\0', (size_t)size) != NULL)
        die("not a name in the plan");
    text[size] = '\0';
    return text;
}

/* Behind the last field stands the owner of what is another user's. */
static struct file_identity file_identity(const struct step *step, int first, int count)
{
    struct file_identity identity = {
        .dev = number(step, first, 10),
        .ino = number(step, first + 1, 10),
        .btime_ns = number(step, first + 2, 10),
        .owner = step->count > count ? (uid_t)number(step, count, 10) : geteuid(),
    };

    identity.known = identity.ino != 0;
    return identity;
}

static struct removal removal(const struct step *step, int first, int quarantine_dir)
{
    return (struct removal){
        .quarantine_dir = quarantine_dir,
        .quarantine = name(step, first),
        .second_look = number(step, first + 1, 10) != 0,
    };
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

/* S <index> <name> <dev> <ino> <btime> <quarantine> <second look> [<owner>]: a file in /dev/shm */
static enum outcome shm_file(const struct private_dir *d, const struct step *step, int *error)
{
    struct file_identity identity = file_identity(step, 3, 8);
    struct removal how = removal(step, 6, d->fd);
    const char *file = name(step, 2);

    if (how.second_look) {
        lock(d); /* against a cleaner that takes what we hold for a dead one's, see put_back */
        mkdirat(d->fd, PUT_BACK_DIR, 0700); /* it may be there already */
        enum outcome outcome = remove_file(d->shm_fd, file, &identity, &how, error);
        unlinkat(d->fd, PUT_BACK_DIR, AT_REMOVEDIR); /* refused while anything is in it */
        flock(d->fd, LOCK_UN);
        return outcome;
    }
    return remove_file(d->shm_fd, file, &identity, &how, error);
}

/* C <index> <name> <dev> <ino> <btime> <quarantine> <second look>: completes what a killed cleaner had begun */
static enum outcome finish_shm_file(const struct private_dir *d, const struct step *step, int *error)
{
    struct removal how = removal(step, 6, d->fd);

    return recover_quarantined(d->shm_fd, name(step, 2), &how, true, error);
}

/* R <index> <name> <quarantine>: gives a file back that a cleaner had taken before it was killed */
static enum outcome put_back(const struct private_dir *d, const struct step *step, int *error)
{
    struct removal how = {.quarantine_dir = d->fd, .quarantine = name(step, 3), .of_any_user = true};

    lock(d);
    enum outcome outcome = recover_quarantined(d->shm_fd, name(step, 2), &how, false, error);
    unlinkat(d->fd, PUT_BACK_DIR, AT_REMOVEDIR);
    flock(d->fd, LOCK_UN);
    return outcome;
}

/*
 * F <index> <directory> <name> <dev> <ino> <btime> <quarantine> <second look> [<owner>]: a file elsewhere
 * D: the same, of one that a killed cleaner left in quarantine
 */
static enum outcome other_file(const struct step *step, bool finish, int *error)
{
    struct file_identity identity = file_identity(step, 4, 9);
    struct removal how = removal(step, 7, -1);
    const char *file = name(step, 3);
    int dir = open_directory(name(step, 2));

    if (dir < 0) {
        *error = errno;
        return errno == ENOENT ? GONE : UNKNOWN;
    }
    enum outcome outcome =
        finish ? recover_quarantined(dir, file, &how, true, error) : remove_file(dir, file, &identity, &how, error);
    close(dir);
    return outcome;
}

/* T <index> <directory> <name> <dev> <ino> <btime> [<owner>]: an empty directory */
static enum outcome directory(const struct step *step, int *error)
{
    struct file_identity identity = file_identity(step, 4, 7);
    const char *entry = name(step, 3);
    int dir = open_directory(name(step, 2));

    if (dir < 0) {
        *error = errno;
        return errno == ENOENT ? GONE : UNKNOWN;
    }
    enum outcome outcome = remove_directory(dir, entry, &identity, error);
    close(dir);
    return outcome;
}

/* V <index> <kind> <id> <key> <cuid> <ctime> <size> <creator> <pin, of a semaphore set or queue: fresh> */
static enum outcome sysv(const struct step *step, int *error)
{
    struct sysv_identity identity = {
        .id = (int)number(step, 3, 10),
        .key = (uint32_t)number(step, 4, 16),
        .cuid = (uint32_t)number(step, 5, 10),
        .ctime = (int64_t)number(step, 6, 10),
        .size = number(step, 7, 10),
        .creator = (pid_t)number(step, 8, 10),
        .of_any_user = geteuid() == 0,
    };
    bool careful = number(step, 9, 10) != 0;

    if (strcmp(step->fields[2], kind_names[SYSV_SHM]) == 0)
        return remove_sysv_shm(&identity, careful, error);
    if (strcmp(step->fields[2], kind_names[SYSV_SEM]) == 0)
        return remove_sysv_sem(&identity, careful, error);
    if (strcmp(step->fields[2], kind_names[SYSV_MSG]) == 0)
        return remove_sysv_msg(&identity, careful, error);
    die("not a System V kind: %s", step->fields[2]);
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
    struct file_identity identity;

    switch (step->fields[0][0]) {
    case 'S':
        return shm_file(d, step, error);
    case 'C':
        return finish_shm_file(d, step, error);
    case 'F':
        return other_file(step, false, error);
    case 'D':
        return other_file(step, true, error);
    case 'R':
        return put_back(d, step, error);
    case 'V':
        return sysv(step, error);
    case 'T':
        return directory(step, error);
    case 'Q': /* Q <index> <name> <dev> <ino> <btime> [<owner>] */
        identity = file_identity(step, 3, 6);
        return remove_queue(name(step, 2), &identity, error);
    case 'P': /* P <index> <pid> <start time> */
        return ended((pid_t)number(step, 2, 10), number(step, 3, 10), error);
    default:
        die("unknown step: %s", step->fields[0]);
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
        struct step step = {.count = 0};
        int error = 0;
        if (line[length - 1] != '\n')
            die("the plan ends in the middle of a step");
        line[length - 1] = '\0';
        for (char *field = strtok(line, " "); field != NULL && step.count < FIELDS_MAX; field = strtok(NULL, " "))
            step.fields[step.count++] = field;
        if (step.count < 3)
            die("a step of the plan is too short");
        enum outcome outcome = carry_out(&d, &step, &error);
        if (printf("%s %s %d\n", step.fields[1], outcome_names[outcome], error) < 0)
            die("cannot tell the outcome");
    }
    free(line);
    if (fflush(stdout) != 0)
        die("cannot tell the outcome");
    return EX_OK;
}
