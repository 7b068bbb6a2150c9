#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "../common/crc32.h"
#include "../common/memory.h"
#include "holders.h"
#include "notes.h"

#define BUCKETS 4096
/* So many files are remembered at most that are still there. */
#define KNOWN_MAX 65536
#define MQUEUE_MAGIC 0x19800202
#ifndef AT_HANDLE_FID /* Linux 6.5: a handle to compare, not to open by */
#define AT_HANDLE_FID AT_REMOVEDIR
#endif

/* What tells an inode from all others, see name_to_handle_at(2). */
struct handle {
    struct file_handle head;
    unsigned char bytes[MAX_HANDLE_SZ];
};

/* A file that was made since we watch. */
struct known {
    struct known *next;
    enum proof proof; /* NO_PROOF: another made it */
    bool used;        /* noted that another opened it */
    struct process maker;
    struct handle inode; /* the last, only as much of it as there is */
};

struct happening {
    enum { APPEARED, MOVED, OPENED } what;
    pid_t pid;
    char name[NAME_MAX + 1];
    struct handle inode;
};

struct files {
    const char *path;
    bool queues; /* of the message queue file system, which has no links, no birth times and no handles to open by */
    int dir;
    int events;             /* -1: not watched */
    int error;              /* why makers are not told */
    bool tells_pids;        /* the events are fanotify's, with pids; else inotify's */
    bool lost;              /* some of them; from then on */
    bool told;              /* and that was noted */
    bool full;              /* of files of others: who makes more of them than can be remembered ends the attribution */
    uint64_t born_after_ns; /* CLOCK_REALTIME: what is older may have been made by others, of whom we know nothing */
    struct span when;       /* what was listed last happened */
    int64_t began;          /* to read last */
    struct happening *happenings;
    size_t count;
    struct known *known[BUCKETS];
    size_t known_count;
    struct holders *holders;
    char **declared; /* patterns of directories, of which alone is told; NULL for all below the path */
    int declared_count;
};

/* --- what is known --- */

static size_t size_of(const struct handle *inode)
{
    return sizeof inode->head + inode->head.handle_bytes;
}

static bool is_same(const struct handle *a, const struct handle *b)
{
    return a->head.handle_bytes == b->head.handle_bytes && memcmp(a, b, size_of(a)) == 0;
}

static struct known **bucket_of(struct files *files, const struct handle *inode)
{
    return &files->known[crc32_of(inode->head.f_handle, inode->head.handle_bytes) % BUCKETS];
}

static struct known *known_as(struct files *files, const struct handle *inode)
{
    struct known *known = *bucket_of(files, inode);

    while (known != NULL && !is_same(&known->inode, inode))
        known = known->next;
    return known;
}

static struct known *remember(struct files *files, const struct handle *inode)
{
    struct known **bucket = bucket_of(files, inode);
    struct known *known = xmalloc(offsetof(struct known, inode) + size_of(inode));

    memset(known, 0, offsetof(struct known, inode));
    memcpy(&known->inode, inode, size_of(inode));
    known->next = *bucket;
    files->known_count++;
    return *bucket = known;
}

static void forget_gone(struct files *files)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct known **at = &files->known[i]; *at != NULL;) {
            struct known *known = *at;
            struct handle copy = {0};
            memcpy(&copy, &known->inode, size_of(&known->inode));
            int fd = open_by_handle_at(files->dir, &copy.head, O_PATH | O_CLOEXEC);
            if (fd >= 0 || errno != ESTALE) {
                at = &known->next;
            } else {
                *at = known->next;
                free(known);
                files->known_count--;
            }
            if (fd >= 0)
                close(fd);
        }
}

static bool has_room(struct files *files)
{
    if (files->known_count == KNOWN_MAX && !files->full) {
        forget_gone(files);
        files->full = files->known_count > KNOWN_MAX / 2;
        files->lost = files->lost || files->full;
    }
    return !files->full;
}

/* --- the file that an event speaks of --- */

/* A descriptor of the file itself, or -1: the name may have come to mean another since. */
static int open_file(const struct files *files, const struct happening *event)
{
    struct handle copy = event->inode, now = {.head.handle_bytes = MAX_HANDLE_SZ};
    int mount;
    int fd = files->queues ? -1 : open_by_handle_at(files->dir, &copy.head, O_PATH | O_NOFOLLOW | O_CLOEXEC);

    if (fd >= 0 || (!files->queues && errno == ESTALE))
        return fd;
    /* Queues are not opened by handle; other files not without CAP_DAC_READ_SEARCH. */
    fd = files->declared != NULL ? -1 : openat(files->dir, event->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 &&
        (name_to_handle_at(fd, "", &now.head, &mount, AT_EMPTY_PATH | (files->queues ? AT_HANDLE_FID : 0)) < 0 ||
            now.head.handle_type != event->inode.head.handle_type || !is_same(&now, &event->inode))) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Whether it lies in a declared directory, at whatever depth. */
static bool is_declared(const struct files *files, const char *path)
{
    char above[PATH_MAX];

    snprintf(above, sizeof above, "%s", path);
    for (char *slash = strrchr(above, '/'); slash != NULL && slash != above; slash = strrchr(above, '/')) {
        *slash = '\0';
        for (int i = 0; i < files->declared_count; i++)
            if (fnmatch(files->declared[i], above, FNM_PATHNAME | FNM_NOESCAPE) == 0)
                return true;
    }
    return false;
}

/* Its name below the directory, which is the event's unless that lies deeper or it was moved since. */
static bool name_of(
    const struct files *files, int fd, const struct happening *event, const struct statx *file, char *name)
{
    char link[64], path[PATH_MAX];
    struct stat named;
    size_t length = strlen(files->path);

    if (files->declared == NULL && fstatat(files->dir, event->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
        named.st_ino == file->stx_ino && named.st_dev == makedev(file->stx_dev_major, file->stx_dev_minor)) {
        strcpy(name, event->name);
        return true;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size <= (ssize_t)length + 1)
        return false;
    path[size] = '\0';
    if (files->declared != NULL) {
        strcpy(name, path);
        return is_declared(files, path);
    }
    if (strncmp(path, files->path, length) != 0 || path[length] != '/')
        return false;
    strcpy(name, path + length + 1);
    return true;
}

static enum kind kind_of(const struct files *files, const char *name, unsigned mode)
{
    return S_ISDIR(mode)                                                ? DIRECTORY
           : files->declared != NULL                                    ? MMAP_FILE
           : files->queues                                              ? POSIX_MQ
           : strncmp(name, "sem.", 4) == 0 && strchr(name, '/') == NULL ? POSIX_SEM
                                                                        : POSIX_SHM;
}

/* Ours are in a ledger already. */
static bool is_ours(const char *name)
{
    return strncmp(name, "shmkit.", 7) == 0 || strncmp(name, "sem.shmkit.", 11) == 0 ||
           strncmp(name, ".shmkit-", 8) == 0;
}

static uint64_t birth_ns(const struct statx *file)
{
    return (file->stx_mask & STATX_BTIME) == 0
               ? 0
               : (uint64_t)file->stx_btime.tv_sec * 1000000000u + file->stx_btime.tv_nsec;
}

/* The object as a record tells of it; false for what is none. name: room for PATH_MAX. */
static bool see(const struct files *files, int fd, const struct happening *event, char *name, struct sight *object)
{
    struct statx file;

    if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &file) < 0 ||
        (!S_ISREG(file.stx_mode) && (files->queues || files->declared != NULL || !S_ISDIR(file.stx_mode))) ||
        file.stx_nlink == 0 || !name_of(files, fd, event, &file, name) || is_ours(name))
        return false;
    *object = (struct sight){.kind = kind_of(files, name, file.stx_mode),
        .name = name,
        .dev = (uint64_t)makedev(file.stx_dev_major, file.stx_dev_minor),
        .ino = file.stx_ino,
        .btime_ns = birth_ns(&file),
        .owner = file.stx_uid,
        .size = file.stx_size};
    return true;
}

static void mark(const struct files *files, int fd, unsigned how)
{
    char link[64];

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    fanotify_mark(files->events, how, FAN_OPEN, AT_FDCWD, link);
}

/* --- judgement --- */

/* Nobody can link to a queue; a file must be younger than our watch, or who is told of may only have linked to it. */
static bool is_new(const struct files *files, const struct sight *object)
{
    return files->queues || object->btime_ns > files->born_after_ns;
}

static void judge_new(struct files *files, const struct happening *event, struct tree *tree, int ledger_fd)
{
    char name[PATH_MAX];
    struct sight object;
    struct process maker;
    int fd = open_file(files, event);

    if (fd < 0)
        return; /* gone, as most of those are that come by the thousand */
    if (see(files, fd, event, name, &object) && has_room(files)) {
        enum proof proof = tree_ask(tree, event->pid, files->when, &maker);
        bool ours = proof != NO_PROOF && is_new(files, &object) &&
                    (object.owner == geteuid() || (geteuid() == 0 && proof == BY_DESCENT));
        /* Of the files of others as well: a process of the session may link to them later. Queues have no links. */
        struct known *known = ours || !files->queues ? remember(files, &event->inode) : NULL;
        if (ours) {
            known->proof = proof;
            known->maker = maker;
            note_made(ledger_fd, &object, &maker, proof);
            if (object.kind != DIRECTORY) /* whoever lists what is above it opens it */
                mark(files, fd, FAN_MARK_ADD);
        }
    }
    close(fd);
}

static void judge_moved(struct files *files, const struct happening *event, const struct known *known, int ledger_fd)
{
    char name[PATH_MAX];
    struct sight object;
    int fd = known->proof == NO_PROOF ? -1 : open_file(files, event);

    if (fd >= 0 && see(files, fd, event, name, &object))
        note_made(ledger_fd, &object, &known->maker, known->proof);
    if (fd >= 0)
        close(fd);
}

static void judge_opened(
    struct files *files, const struct happening *event, struct known *known, struct tree *tree, int ledger_fd)
{
    char name[PATH_MAX];
    struct sight object;
    struct process user;

    if (known->proof == NO_PROOF || known->used || !tree_excludes(tree, event->pid, files->when, &user))
        return;
    int fd = open_file(files, event);
    if (fd < 0)
        return;
    if (see(files, fd, event, name, &object)) {
        known->used = note_used(ledger_fd, &object, &user);
        if (known->used)
            mark(files, fd, FAN_MARK_REMOVE);
    }
    close(fd);
}

void files_judge(struct files *files, struct tree *tree, int ledger_fd)
{
    for (size_t i = 0; i < files->count; i++) {
        const struct happening *event = &files->happenings[i];
        struct known *known = known_as(files, &event->inode);
        if (event->what == OPENED) {
            if (known != NULL)
                judge_opened(files, event, known, tree, ledger_fd);
        } else if (known != NULL) {
            judge_moved(files, event, known, ledger_fd);
        } else if (event->what == APPEARED) {
            judge_new(files, event, tree, ledger_fd);
        }
    }
    files->count = 0;
    if (files->lost && !files->told) {
        note_lost(ledger_fd, 'F');
        files->told = true;
    }
}

void files_ask(struct files *files, struct tree *tree, int ledger_fd)
{
    if (files->holders != NULL)
        holders_ask(files->holders, tree, ledger_fd);
}

/* --- events --- */

/* Of what is told from now on nothing is known that was made before. */
static void begin(struct files *files)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    files->born_after_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void read_inotify(struct files *files, const char *at, const char *end)
{
    while (at < end) {
        const struct inotify_event *event = (const struct inotify_event *)at;
        at += sizeof *event + event->len;
        if ((event->mask & IN_Q_OVERFLOW) != 0) {
            files->lost = true;
            holders_look_for_new(files->holders);
        } else if (event->len > 0 && (event->mask & IN_ISDIR) == 0 && !is_ours(event->name)) {
            holders_add(files->holders, event->name);
        }
    }
}

/* The name that an event speaks of, and the inode. */
static const char *subject(const struct fanotify_event_metadata *event, struct handle *inode)
{
    const char *name = "";
    const char *at = (const char *)event + event->metadata_len;
    const char *end = (const char *)event + event->event_len;

    memset(inode, 0, sizeof *inode);
    while (at < end) {
        const struct fanotify_event_info_fid *info = (const struct fanotify_event_info_fid *)at;
        const struct file_handle *handle = (const struct file_handle *)info->handle;
        if (info->hdr.info_type == FAN_EVENT_INFO_TYPE_DFID_NAME)
            name = (const char *)handle->f_handle + handle->handle_bytes;
        else if (info->hdr.info_type == FAN_EVENT_INFO_TYPE_FID && handle->handle_bytes <= MAX_HANDLE_SZ)
            memcpy(&inode->head, handle, sizeof *handle + handle->handle_bytes);
        at += info->hdr.len;
    }
    return name;
}

static void read_fanotify(struct files *files, const char *at, const char *end)
{
    const struct fanotify_event_metadata *event;

    for (; at < end; at += event->event_len) {
        event = (const struct fanotify_event_metadata *)at;
        if ((event->mask & FAN_Q_OVERFLOW) != 0) {
            files->lost = true;
            begin(files);
            continue;
        }
        if ((files->count & (files->count + 1)) == 0) /* grow at 0, 1, 3, 7, … */
            files->happenings = xrealloc(files->happenings, (2 * files->count + 2) * sizeof *files->happenings);
        struct happening *happening = &files->happenings[files->count];
        const char *name = subject(event, &happening->inode);
        if (event->pid == getpid() || happening->inode.head.handle_bytes == 0 || is_ours(name) ||
            strlen(name) > NAME_MAX)
            continue;
        strcpy(happening->name, name);
        happening->pid = event->pid; /* 0: of another pid namespace */
        happening->what = (event->mask & FAN_CREATE) != 0     ? APPEARED
                          : (event->mask & FAN_MOVED_TO) != 0 ? MOVED
                                                              : OPENED;
        files->count++;
    }
}

bool files_read(struct files *files)
{
    char events[65536] __attribute__((aligned(__alignof__(struct fanotify_event_metadata))));
    int64_t began = boot_ns();

    if (files->events < 0)
        return true;
    ssize_t size = read(files->events, events, sizeof events);
    if (size > 0 && files->tells_pids)
        read_fanotify(files, events, events + size);
    else if (size > 0)
        read_inotify(files, events, events + size);
    /* What it had for us was announced since it last had nothing. */
    files->when = (struct span){files->began, boot_ns()};
    if (size <= 0)
        files->began = began;
    return size <= 0;
}

/* --- life --- */

static bool watch_with_pids(struct files *files)
{
    errno = EINVAL;
#ifdef FAN_REPORT_DFID_NAME_TARGET /* Linux 5.17; of queues, which cannot be opened by handle, only later ones tell */
    struct stat own, above;
    bool mounted =
        fstat(files->dir, &own) == 0 && fstatat(files->dir, "..", &above, 0) == 0 && own.st_dev != above.st_dev;
    /* All of it, directories that are yet to come as well; but not all of a disk on which /dev/shm is a directory. */
    unsigned what = FAN_MARK_ADD | ((mounted && !files->queues) || files->declared != NULL ? FAN_MARK_FILESYSTEM : 0);

    /* Unlimited marks want CAP_SYS_ADMIN, and so do pids: without it there are events, but all of process 0. */
    files->events = fanotify_init(
        FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_MARKS | FAN_REPORT_DFID_NAME_TARGET, O_RDONLY);
    if (files->events >= 0 &&
        fanotify_mark(files->events, what, FAN_CREATE | FAN_MOVED_TO | FAN_ONDIR, files->dir, ".") == 0)
        return true;
    files->error = errno;
    if (files->events >= 0)
        close(files->events);
    files->events = -1;
    errno = files->error;
#endif
    files->error = errno;
    return false;
}

/* The queues of this IPC namespace, mounted where only we see it. */
static int hidden_queues(void)
{
    int dir = -1;
#ifdef FSOPEN_CLOEXEC /* Linux 5.2 */
    int context = (int)syscall(SYS_fsopen, "mqueue", FSOPEN_CLOEXEC);
    int mount = -1;

    if (context >= 0 && syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
        mount = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
    if (mount >= 0)
        dir = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = errno;
    if (mount >= 0)
        close(mount);
    if (context >= 0)
        close(context);
    errno = error;
#else
    errno = ENOSYS;
#endif
    return dir;
}

static void watch(struct files *files)
{
    struct statfs found;
    struct stat named, own;

    files->dir = open(files->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Where no queues are mounted the kernel tells nothing of them. */
    if (files->queues && (files->dir < 0 || fstatfs(files->dir, &found) < 0 || found.f_type != MQUEUE_MAGIC)) {
        if (files->dir >= 0)
            close(files->dir);
        files->dir = hidden_queues();
    }
    if (files->dir < 0) {
        files->error = errno;
        return;
    }
    files->tells_pids = watch_with_pids(files);
    if (files->tells_pids)
        return;
    files->holders = holders_new(files->dir, files->queues);
    if (fstatat(AT_FDCWD, files->path, &named, 0) < 0 || fstat(files->dir, &own) < 0 || named.st_dev != own.st_dev)
        return; /* by a path nobody announces what is mounted nowhere */
    files->events = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (files->events >= 0 && inotify_add_watch(files->events, files->path, IN_CREATE | IN_MOVED_TO) < 0) {
        close(files->events);
        files->events = -1;
    }
}

struct files *files_new(bool queues)
{
    struct files *files = xmalloc(sizeof *files);

    *files = (struct files){.path = queues ? "/dev/mqueue" : "/dev/shm", .queues = queues, .events = -1};
    watch(files);
    begin(files);
    files->began = boot_ns();
    return files;
}

/* The deepest directory of a pattern that exists, before its first wildcard. */
static int open_above(const char *pattern)
{
    char path[PATH_MAX];
    int dir = -1;

    snprintf(path, sizeof path, "%s", pattern);
    path[strcspn(path, "*?[")] = '\0';
    for (char *slash = path + strlen(path); dir < 0 && slash != NULL; slash = strrchr(path, '/')) {
        *slash = '\0';
        dir = open(*path == '\0' ? "/" : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    return dir;
}

struct files *files_declared(char **patterns, int *count)
{
    struct files *files = xmalloc(sizeof *files);
    struct stat first, other;

    *files = (struct files){.path = "", .declared = patterns, .declared_count = 1, .events = -1};
    files->dir = open_above(patterns[0]);
    for (int i = 1; i < *count && files->dir >= 0 && fstat(files->dir, &first) == 0; i++) {
        int dir = open_above(patterns[i]);
        if (dir >= 0 && fstat(dir, &other) == 0 && other.st_dev == first.st_dev) {
            char *same = patterns[i];
            patterns[i] = patterns[files->declared_count];
            patterns[files->declared_count++] = same;
        }
        if (dir >= 0)
            close(dir);
    }
    *count = files->declared_count;
    files->tells_pids = files->dir >= 0 && watch_with_pids(files);
    begin(files);
    files->began = boot_ns();
    return files;
}

char files_source(const struct files *files)
{
    return files->events < 0 ? 'N' : files->tells_pids ? 'K' : 'S';
}

int files_error(const struct files *files)
{
    return files->error;
}

void files_poll(const struct files *files, int epoll)
{
    struct epoll_event wanted = {.events = EPOLLIN};

    if (files->events >= 0)
        epoll_ctl(epoll, EPOLL_CTL_ADD, files->events, &wanted);
}
