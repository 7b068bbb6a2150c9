#include "actuator.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/descriptor.h"
#include "../common/die.h"

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif

/* How long an opener who already looked the name up, before we moved it, gets to run into our lease. */
#define SECOND_LOOK_US 500

const char *const outcome_names[OUTCOME_COUNT] = {
    "DELETED", "GONE", "MARKED", "BUSY", "CHANGED", "DENIED", "UNKNOWN", "STRANDED"};

static enum outcome of_errno(int error)
{
    switch (error) {
    case ENOENT:
    case EIDRM:
        return GONE;
    case EPERM:
    case EACCES:
        return DENIED;
    case EAGAIN:
        return BUSY;
    default:
        return UNKNOWN;
    }
}

static enum outcome failed(int *error)
{
    *error = errno;
    return of_errno(errno);
}

/* Asked once: a system call for each object and check shows in a sweep of a hundred thousand. */
static uid_t own_uid(void)
{
    static uid_t uid = (uid_t)-1;

    if (uid == (uid_t)-1)
        uid = geteuid();
    return uid;
}

/* statx(2) for the birth time, which tells a re-created file from the one that had its inode number before. */
static bool matches(
    int dir, const char *name, int flags, mode_t type, const struct file_identity *identity, struct statx *found)
{
    if (statx(dir, name, flags | AT_STATX_DONT_SYNC, STATX_BASIC_STATS | STATX_BTIME, found) < 0)
        return false;
    uint64_t dev = makedev(found->stx_dev_major, found->stx_dev_minor);
    bool born = (found->stx_mask & STATX_BTIME) != 0;
    uint64_t btime = born ? (uint64_t)found->stx_btime.tv_sec * 1000000000u + found->stx_btime.tv_nsec : 0;

    errno = 0;
    if ((found->stx_mode & S_IFMT) != type || found->stx_uid != identity->owner)
        return false;
    return !identity->known || is_same_file(identity, dev, found->stx_ino, btime);
}

static bool file_matches(
    int dir, const char *name, int flags, const struct file_identity *identity, struct statx *found)
{
    return matches(dir, name, flags, S_IFREG, identity, found) && found->stx_nlink == 1;
}

/* Root in a container may need to be the owner of what it removes; false where no such user can be had. */
static bool become(uid_t uid)
{
    return uid == own_uid() || seteuid(uid) == 0;
}

static void become_ourselves(uid_t uid)
{
    if (uid != own_uid() && seteuid(own_uid()) < 0)
        die("cannot become user %u again", (unsigned)own_uid());
}

static bool same_file(const struct statx *a, const struct statx *b)
{
    return a->stx_ino == b->stx_ino && a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor;
}

/* The kernel grants a write lease only when no other open file description, and so no mapping, of the inode exists. */
static bool take_lease(int fd, uid_t owner)
{
    static bool prepared;

    if (!prepared) { /* a lease's breaker sends SIGIO, which would kill us; F_SETSIG for each would cost a system call */
        signal(SIGIO, SIG_IGN);
        prepared = true;
    }
    if (!become(owner))
        return false;
    bool taken = fcntl(fd, F_SETLEASE, F_WRLCK) == 0;
    int error = errno;
    become_ourselves(owner);
    errno = error;
    return taken;
}

static bool lease_unbroken(int fd)
{
    return fcntl(fd, F_GETLEASE) == F_WRLCK; /* while somebody breaks it: F_RDLCK or F_UNLCK */
}

static int rename_noreplace(int from, const char *old, int to, const char *new)
{
    return (int)syscall(SYS_renameat2, from, old, to, new, RENAME_NOREPLACE);
}

static enum outcome take(
    int dir, const char *name, int fd, const struct statx *opened, const struct removal *how, int *error)
{
    const struct file_identity any = {.owner = opened->stx_uid};
    int qdir = how->quarantine_dir < 0 ? dir : how->quarantine_dir;
    struct statx now;

    if (!take_lease(fd, opened->stx_uid)) {
        *error = errno;
        return errno == EAGAIN ? BUSY : UNKNOWN;
    }
    /* A name with a session's random token is used by nobody else; any other may have come to mean another file. */
    if (how->second_look && (!file_matches(dir, name, AT_SYMLINK_NOFOLLOW, &any, &now) || !same_file(&now, opened)))
        return errno == ENOENT ? GONE : CHANGED;
    if (rename_noreplace(dir, name, qdir, how->quarantine) < 0) {
        *error = errno;
        return errno == ENOENT ? GONE : UNKNOWN;
    }
    bool unused = file_matches(qdir, how->quarantine, AT_SYMLINK_NOFOLLOW, &any, &now) && same_file(&now, opened) &&
                  lease_unbroken(fd);
    if (unused && how->second_look) {
        fcntl(fd, F_SETLEASE, F_UNLCK);
        sleep_us(SECOND_LOOK_US);
        unused = take_lease(fd, opened->stx_uid);
    }
    if (unused) {
        if (unlinkat(qdir, how->quarantine, 0) < 0)
            return failed(error);
        return DELETED;
    }
    if (rename_noreplace(qdir, how->quarantine, dir, name) == 0)
        return BUSY;
    *error = errno;
    return STRANDED;
}

/*
 * Opens the file of that identity; -1 with the outcome if there is none. O_PATH opens nothing but the name: what is no
 * plain file, though it took the place of one this very moment, must not be opened (a FIFO would wake who waits at its
 * other end, a device do what its driver likes). What is opened then is that inode, by whatever name.
 */
static int open_file(int dir, const char *name, const struct file_identity *identity, struct statx *opened,
    enum outcome *outcome, int *error)
{
    char self[32];
    CLOSED_AT_END int path = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

    if (path < 0) {
        *outcome = failed(error);
        return -1;
    }
    if (!file_matches(path, "", AT_EMPTY_PATH, identity, opened)) {
        *error = errno;
        *outcome = errno == 0 ? CHANGED : UNKNOWN;
        return -1;
    }
    snprintf(self, sizeof self, "/proc/self/fd/%d", path);
    int fd = open(self, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOATIME);
    if (fd < 0 && errno == EPERM) /* for the owner only, and for CAP_FOWNER */
        fd = open(self, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) { /* mode 000: ours, but nobody can tell whether it is in use; or there is no /proc */
        *error = errno;
        *outcome = errno == EAGAIN ? BUSY : UNKNOWN;
    }
    return fd;
}

enum outcome remove_file(
    int dir, const char *name, const struct file_identity *identity, const struct removal *how, int *error)
{
    struct statx opened;
    enum outcome outcome;

    *error = 0;
    CLOSED_AT_END int fd = open_file(dir, name, identity, &opened, &outcome, error); /* which gives the lease back */
    return fd < 0 ? outcome : take(dir, name, fd, &opened, how, error);
}

enum outcome remove_directory(int dir, const char *name, const struct file_identity *identity, int *error)
{
    struct statx found;

    *error = 0;
    if (!matches(dir, name, AT_SYMLINK_NOFOLLOW, S_IFDIR, identity, &found)) {
        *error = errno;
        return errno == 0 ? CHANGED : of_errno(errno);
    }
    if (unlinkat(dir, name, AT_REMOVEDIR) == 0)
        return DELETED;
    *error = errno;
    return errno == ENOTEMPTY || errno == EEXIST || errno == EBUSY ? BUSY : of_errno(errno);
}

enum outcome recover_quarantined(int dir, const char *name, const struct removal *how, bool remove, int *error)
{
    struct file_identity any = {.owner = own_uid()};
    int qdir = how->quarantine_dir < 0 ? dir : how->quarantine_dir;
    struct statx found;
    struct stat status;

    *error = 0;
    if (how->of_any_user && fstatat(qdir, how->quarantine, &status, AT_SYMLINK_NOFOLLOW) == 0)
        any.owner = status.st_uid;
    if (!file_matches(qdir, how->quarantine, AT_SYMLINK_NOFOLLOW, &any, &found)) {
        *error = errno;
        return errno == 0 ? CHANGED : of_errno(errno);
    }
    if (remove) {
        enum outcome outcome;
        CLOSED_AT_END int fd = open_file(qdir, how->quarantine, &any, &found, &outcome, error);
        if (fd >= 0 && take_lease(fd, any.owner) && unlinkat(qdir, how->quarantine, 0) == 0)
            return DELETED;
    }
    if (rename_noreplace(qdir, how->quarantine, dir, name) == 0)
        return BUSY;
    *error = errno;
    return errno == ENOENT ? GONE : STRANDED;
}

int open_directory(const char *path)
{
    if (*path != '/') {
        errno = EINVAL;
        return -1;
    }
    CLOSED_AT_END int dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    while (dir >= 0) {
        char component[256];
        path += strspn(path, "/");
        size_t length = strcspn(path, "/");
        if (length == 0)
            break;
        if (length >= sizeof component) {
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(component, path, length);
        component[length] = '\0';
        path += length;
        int next = openat(dir, component, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        close_descriptor(&dir);
        dir = next;
    }
    return take_descriptor(&dir);
}

/*
 * Whether a queue's name means another queue by now, as far as a mounted queue file system tells. There is no quarantine
 * for queues: one that takes the name between this look and the unlink goes in place of the one that had it.
 */
static bool names_another(const char *name, const struct statx *opened)
{
    char path[PATH_MAX];
    struct statx now;

    return snprintf(path, sizeof path, "/dev/mqueue%s", name) < (int)sizeof path &&
           statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC, STATX_INO, &now) == 0 &&
           now.stx_dev_major == opened->stx_dev_major && now.stx_dev_minor == opened->stx_dev_minor &&
           now.stx_ino != opened->stx_ino;
}

enum outcome remove_queue(const char *name, const struct file_identity *identity, int *error)
{
    struct statx opened = {0};
    enum outcome outcome;

    *error = 0;
    mqd_t queue = mq_open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (queue < 0) {
        *error = errno;
        return errno == EACCES ? UNKNOWN : of_errno(errno);
    }
    if (!file_matches(queue, "", AT_EMPTY_PATH, identity, &opened)) {
        *error = errno;
        outcome = errno != 0 ? UNKNOWN : opened.stx_nlink == 0 ? GONE : CHANGED;
    } else if (!take_lease(queue, opened.stx_uid)) {
        *error = errno;
        outcome = errno == EAGAIN ? BUSY : UNKNOWN;
    } else if (names_another(name, &opened)) {
        outcome = CHANGED;
    } else if (mq_unlink(name) == 0) {
        outcome = DELETED;
    } else {
        outcome = failed(error);
    }
    mq_close(queue);
    return outcome;
}

static bool same_sysv(const struct sysv_identity *identity, const struct ipc_perm *perm, int64_t ctime)
{
    return is_same_sysv(identity, (uint32_t)perm->__key, perm->cuid, ctime) &&
           (perm->cuid == own_uid() || identity->of_any_user);
}

/* EINVAL: no such id; EIDRM: it was just removed. */
static enum outcome sysv_failed(int *error)
{
    *error = errno;
    return errno == EINVAL || errno == EIDRM ? GONE : of_errno(errno);
}

static enum outcome shm_as_creator(const struct sysv_identity *identity, bool pin, int *error)
{
    struct shmid_ds row;
    enum outcome outcome;

    *error = 0;
    void *attached = pin ? shmat(identity->id, NULL, SHM_RDONLY) : (void *)-1;
    if (pin && attached == (void *)-1 && (errno == EINVAL || errno == EIDRM))
        return GONE;
    shmatt_t unused = attached == (void *)-1 ? 0 : 1; /* one that we may not read cannot be pinned */
    if (shmctl(identity->id, IPC_STAT, &row) < 0)
        outcome = sysv_failed(error);
    else if (row.shm_perm.mode & SHM_DEST)
        outcome = MARKED;
    else if (!same_sysv(identity, &row.shm_perm, row.shm_ctime) || row.shm_segsz != identity->size ||
             (pin && row.shm_ctime != identity->ctime) || (identity->creator != 0 && row.shm_cpid != identity->creator))
        outcome = CHANGED;
    else if (row.shm_nattch != unused)
        outcome = BUSY;
    else
        outcome = shmctl(identity->id, IPC_RMID, NULL) < 0 ? sysv_failed(error) : DELETED;
    if (attached != (void *)-1)
        shmdt(attached);
    /* Somebody who attached in between keeps it until he detaches: then it is only marked. */
    if (outcome == DELETED && shmctl(identity->id, IPC_STAT, &row) == 0)
        outcome = MARKED;
    return outcome;
}

static enum outcome sem_as_creator(const struct sysv_identity *identity, bool fresh, int *error)
{
    union {
        int val;
        struct semid_ds *buf;
    } argument;
    struct semid_ds row;

    *error = 0;
    argument.buf = &row;
    if (semctl(identity->id, 0, IPC_STAT, argument) < 0)
        return sysv_failed(error);
    if (!same_sysv(identity, &row.sem_perm, row.sem_ctime) || row.sem_nsems != identity->size ||
        (fresh && row.sem_otime != 0))
        return CHANGED;
    for (int i = 0; i < (int)row.sem_nsems; i++)
        if (semctl(identity->id, i, GETNCNT) > 0 || semctl(identity->id, i, GETZCNT) > 0)
            return BUSY;
    return semctl(identity->id, 0, IPC_RMID) < 0 ? sysv_failed(error) : DELETED;
}

static enum outcome msg_as_creator(const struct sysv_identity *identity, bool fresh, int *error)
{
    struct msqid_ds row;

    *error = 0;
    if (msgctl(identity->id, IPC_STAT, &row) < 0)
        return sysv_failed(error);
    if (!same_sysv(identity, &row.msg_perm, row.msg_ctime) ||
        (fresh && (row.msg_stime != 0 || row.msg_rtime != 0 || row.msg_qnum != 0)))
        return CHANGED;
    return msgctl(identity->id, IPC_RMID, NULL) < 0 ? sysv_failed(error) : DELETED;
}

/* Whoever is neither owner nor creator needs CAP_SYS_ADMIN for it. */
static enum outcome as_creator(enum outcome (*remove)(const struct sysv_identity *identity, bool careful, int *error),
    const struct sysv_identity *identity, bool careful, int *error)
{
    uid_t creator = identity->of_any_user ? identity->cuid : own_uid();

    if (!become(creator)) {
        *error = errno;
        return UNKNOWN;
    }
    enum outcome outcome = remove(identity, careful, error);
    become_ourselves(creator);
    return outcome;
}

enum outcome remove_sysv_shm(const struct sysv_identity *identity, bool pin, int *error)
{
    return as_creator(shm_as_creator, identity, pin, error);
}

enum outcome remove_sysv_sem(const struct sysv_identity *identity, bool fresh, int *error)
{
    return as_creator(sem_as_creator, identity, fresh, error);
}

enum outcome remove_sysv_msg(const struct sysv_identity *identity, bool fresh, int *error)
{
    return as_creator(msg_as_creator, identity, fresh, error);
}
