#include "reaper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/descriptor.h"
#include "../common/ledger.h"
#include "../common/memory.h"
#include "../common/pidfd.h"
#include "../common/procfs.h"
#include "actuator.h"
#include "identity.h"

#define NAME_SIZE 128
/* A killed process gives up its mappings before its pidfd fires; a grandchild that we can't see may be a little later. */
#define BUSY_WAIT_MS 500
#define BUSY_PAUSE_US 10000
#define DEATH_WAIT_MS 5000
/* The kernel stamps objects by a clock that only moves with its ticks, and so may still be in the second before. */
#define CLOCK_LAG_S 1

static bool is_ours_alone(const struct private_dir *d)
{
    struct stat status, above;

    if (fstat(d->fd, &status) < 0 || fstat(d->shm_fd, &above) < 0)
        return false;
    errno = EPERM;
    return status.st_uid == geteuid() && (status.st_mode & 07777) == 0700 && status.st_dev == above.st_dev;
}

bool private_dir_open(const char *path, struct private_dir *d)
{
    struct stat status;

    d->shm_fd = -1;
    d->fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (d->fd >= 0)
        d->shm_fd = openat(d->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (d->shm_fd < 0 || !is_ours_alone(d) || fstat(d->fd, &status) < 0) {
        int error = errno;
        private_dir_close(d);
        errno = error;
        return false;
    }
    d->shm_dev = status.st_dev;
    d->name = strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1;
    return true;
}

void private_dir_close(struct private_dir *d)
{
    if (d->fd >= 0)
        close(d->fd);
    if (d->shm_fd >= 0)
        close(d->shm_fd);
    d->fd = d->shm_fd = -1;
}

bool private_dirs(void (*visit)(const struct private_dir *d, void *context), void *context)
{
    char usual[32], path[NAME_MAX + sizeof "/dev/shm/"];
    DIR *entries = opendir("/dev/shm");

    if (entries == NULL)
        return false;
    size_t length = (size_t)snprintf(usual, sizeof usual, ".shmkit-%u", geteuid());
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        struct private_dir d;
        if (strncmp(entry->d_name, usual, length) != 0 ||
            (entry->d_name[length] != '\0' && entry->d_name[length] != '.'))
            continue;
        snprintf(path, sizeof path, "/dev/shm/%s", entry->d_name);
        if (!private_dir_open(path, &d))
            continue;
        visit(&d, context);
        private_dir_remove_if_empty(&d);
        private_dir_close(&d);
    }
    closedir(entries);
    return true;
}

void private_dir_remove_if_empty(const struct private_dir *d)
{
    unlinkat(d->shm_fd, d->name, AT_REMOVEDIR); /* refused while anybody's file is in it, as it should be */
}

/* The ledger's lock says who cleans; it is taken on the inode that still has the name. */
static int lock_ledger(const struct private_dir *d, const char *name, int wait_ms)
{
    int64_t until = now_ms() + wait_ms;
    struct stat held, named;
    CLOSED_AT_END int fd = openat(d->fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return -1;
    while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK || now_ms() >= until)
            return -1;
        sleep_us(BUSY_PAUSE_US);
    }
    if (fstat(fd, &held) < 0 || fstatat(d->fd, name, &named, AT_SYMLINK_NOFOLLOW) < 0 || held.st_ino != named.st_ino ||
        held.st_dev != named.st_dev || !S_ISREG(held.st_mode) || held.st_uid != geteuid()) {
        errno = ENOENT; /* another cleaner finished it while we waited */
        return -1;
    }
    return take_descriptor(&fd);
}

/* Waits for the death of a process that was killed. */
static bool await_death(int pidfd)
{
    struct pollfd death = {.fd = pidfd, .events = POLLIN};
    int64_t until = now_ms() + DEATH_WAIT_MS;
    int64_t left = DEATH_WAIT_MS;
    int ready;

    while ((ready = poll(&death, 1, (int)left)) < 0 && errno == EINTR)
        left = until > now_ms() ? until - now_ms() : 0;
    if (ready == 0)
        errno = ETIMEDOUT;
    return ready > 0;
}

static bool has_ended(int pidfd)
{
    struct pollfd end = {.fd = pidfd, .events = POLLIN};

    return poll(&end, 1, 0) > 0;
}

enum ending end_process(pid_t pid, uint64_t start_time)
{
    uint64_t start;
    CLOSED_AT_END int pidfd = pidfd_of(pid);

    if (pidfd < 0)
        return errno == ESRCH || errno == EINVAL ? NOT_THERE : NOT_ENDED;
    enum ending ending = NOT_THERE;
    /* Only after the pidfd is held does the start time prove that it is not a recycled pid. */
    if (!process_start_time(pid, &start)) {
        if (!has_ended(pidfd)) /* /proc hides it */
            ending = NOT_ENDED;
    } else if (start == start_time) {
        if (getpgid(pid) == pid)
            kill(-pid, SIGKILL);
        ending = (pidfd_kill(pidfd, SIGKILL) == 0 || errno == ESRCH) && await_death(pidfd) ? ENDED : NOT_ENDED;
    }
    return ending;
}

/*
 * An INTENT without COMMIT: the JVM died between the two, so only the random key tells. If somebody else had that key
 * already, the creation failed: of a segment the kernel knows the creator; a set or queue must be younger than the INTENT,
 * and nobody may have used it.
 */
static bool find_by_key(const struct ledger *ledger, const struct ledger_object *object, struct sysv_identity *identity)
{
    struct shmid_ds row;

    identity->key = object->key;
    identity->cuid = geteuid();
    identity->ctime = object->not_before - CLOCK_LAG_S;
    switch (object->kind) {
    case SYSV_SHM:
        identity->id = shmget((key_t)object->key, 0, 0);
        if (identity->id < 0 || shmctl(identity->id, IPC_STAT, &row) < 0)
            return false;
        identity->ctime = row.shm_ctime;
        identity->creator = ledger->pid;
        return true;
    case SYSV_SEM:
        identity->id = semget((key_t)object->key, 0, 0);
        return identity->id >= 0;
    default:
        identity->id = msgget((key_t)object->key, 0);
        return identity->id >= 0;
    }
}

static enum outcome remove_sysv(const struct ledger *ledger, const struct ledger_object *object, int *error)
{
    struct sysv_identity identity = {
        .id = object->id,
        .key = object->key,
        .cuid = object->cuid,
        .ctime = object->ctime,
        .size = object->size,
    };

    if (!object->committed && !find_by_key(ledger, object, &identity))
        return errno == ENOENT || errno == EINVAL || errno == EIDRM ? GONE : UNKNOWN;
    switch (object->kind) {
    case SYSV_SHM:
        return remove_sysv_shm(&identity, false, error);
    case SYSV_SEM:
        return remove_sysv_sem(&identity, !object->committed, error);
    default:
        return remove_sysv_msg(&identity, !object->committed, error);
    }
}

static enum outcome remove_at(
    int dir, const char *name, const struct file_identity *identity, const struct removal *how, int *error)
{
    /* A cleaner killed between its rename and its unlink left it here; the ledger says that it was to go. */
    enum outcome recovered = recover_quarantined(dir, name, how, true, error);

    return recovered == DELETED ? DELETED : remove_file(dir, name, identity, how, error);
}

/* The folder of mapped files, shmkit-<euid> or with a suffix, goes with the last of them. */
static void remove_folder_if_ours(const char *path, size_t length)
{
    char *folder = xstrndup(path, length);
    char *name = strrchr(folder, '/');

    if (name != NULL && strncmp(name + 1, "shmkit-", 7) == 0) {
        *name = '\0';
        CLOSED_AT_END int parent = open_directory(folder);
        if (parent >= 0)
            unlinkat(parent, name + 1, AT_REMOVEDIR);
    }
    free(folder);
}

static enum outcome remove_one(
    const struct private_dir *d, const struct ledger *ledger, const struct ledger_object *object, int *error)
{
    struct file_identity identity = {.owner = geteuid(),
        .known = object->committed,
        .dev = object->dev,
        .ino = object->ino,
        .btime_ns = object->btime_ns};
    char quarantine[NAME_SIZE];

    quarantine_name(quarantine, sizeof quarantine, ledger->session, ledger->fork, object->seq);
    struct removal how = {.quarantine_dir = d->fd, .quarantine = quarantine, .second_look = false};

    *error = 0;
    switch (object->kind) {
    case SYSV_SHM:
    case SYSV_SEM:
    case SYSV_MSG:
        return remove_sysv(ledger, object, error);
    case POSIX_SHM:
    case POSIX_SEM:
        return strchr(object->name, '/') != NULL ? UNKNOWN : remove_at(d->shm_fd, object->name, &identity, &how, error);
    case POSIX_MQ:
        return remove_queue(object->name, &identity, error);
    default: { /* MMAP_FILE */
        char *name = strrchr(object->name, '/');
        if (name == NULL)
            return UNKNOWN;
        char *folder = xstrndup(object->name, (size_t)(name - object->name));
        CLOSED_AT_END int dir = open_directory(folder);
        *error = errno;
        free(folder);
        if (dir < 0)
            return *error == ENOENT ? GONE : UNKNOWN;
        how.quarantine_dir = -1;
        enum outcome outcome = remove_at(dir, name + 1, &identity, &how, error);
        remove_folder_if_ours(object->name, (size_t)(name - object->name));
        return outcome;
    }
    }
}

static void remove_objects(const struct private_dir *d, const struct ledger *ledger, struct reaped *result)
{
    int64_t until = now_ms() + BUSY_WAIT_MS; /* for all of them together */

    for (uint64_t seq = 0; seq < ledger->object_count; seq++) {
        int error;
        if (ledger->objects[seq] == NULL)
            continue;
        enum outcome outcome = remove_one(d, ledger, ledger->objects[seq], &error);
        while (outcome == BUSY && now_ms() < until) {
            sleep_us(BUSY_PAUSE_US);
            outcome = remove_one(d, ledger, ledger->objects[seq], &error);
        }
        if (outcome == DELETED || outcome == MARKED)
            result->removed++;
        else if (outcome != GONE)
            result->kept++;
    }
}

static void remove_session_file(const struct private_dir *d, const char *stem, const char *suffix)
{
    char name[NAME_SIZE];

    snprintf(name, sizeof name, "%s%s", stem, suffix);
    unlinkat(d->fd, name, 0); /* missing is as good */
}

static void end_helper(const struct ledger_process *helper, struct reaped *result)
{
    switch (end_process(helper->pid, helper->start_time)) {
    case ENDED:
        result->processes++;
        break;
    case NOT_THERE:
        break;
    case NOT_ENDED:
        result->undead = true; /* what it may use by turns stays, and the ledger, for the next cleaner */
        break;
    }
}

bool reap(const struct private_dir *d, const char *stem, int wait_ms, struct reaped *result)
{
    struct ledger ledger;
    char name[NAME_SIZE];

    memset(result, 0, sizeof *result);
    snprintf(name, sizeof name, "%s.jrnl", stem);
    CLOSED_AT_END int fd = lock_ledger(d, name, wait_ms);
    if (fd < 0)
        return errno == ENOENT;
    ledger_read(fd, d->shm_dev, &ledger);
    bool clean = false;
    if (ledger.valid) {
        /* Pids mean nothing in another pid namespace. */
        if (ledger.pid_namespace == namespace_inode("pid"))
            for (size_t i = 0; i < ledger.process_count; i++)
                if (ledger.processes[i].pid_namespace == ledger.pid_namespace)
                    end_helper(&ledger.processes[i], result);
        if (!result->undead)
            remove_objects(d, &ledger, result);
        clean = result->kept == 0 && !result->undead;
    }
    if (clean) {
        remove_session_file(d, stem, ".sock");
        remove_session_file(d, stem, ".jrnl");
        remove_session_file(d, stem, ".lock");
    }
    ledger_free(&ledger);
    return clean;
}
