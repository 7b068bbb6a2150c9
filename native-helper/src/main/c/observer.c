#include "observer.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "ledger.h"
#include "token.h"
#include "util.h"

/* A creator that lives 200 ms longer must be seen; looking must not cost more than a tenth of one core. */
#define LOOK_MIN_MS 40
#define LOOK_MAX_MS 120
#define LOOK_COST_FACTOR 10
/* How long a file whose maker was not found is asked for again. */
#define FILE_ASK_MS 1000
#define FILES_MAX 4096
/* A link to a file is announced as a creation, too; but a file that is older than this somebody else made. */
#define BIRTH_MAX_S 2
#define MQUEUE_MAGIC 0x19800202
#ifndef AT_HANDLE_FID /* Linux 6.5: a handle to compare, not to open by */
#define AT_HANDLE_FID AT_REMOVEDIR
#endif
#define COMMAND_MAX 512
#define DEPTH_MAX 64

struct process {
    pid_t pid;
    uint64_t start_time;
    char command[COMMAND_MAX];
};

/* What tells an inode from all others, see name_to_handle_at(2). */
struct handle {
    struct file_handle head;
    unsigned char bytes[MAX_HANDLE_SZ];
};

/* A directory in which objects appear. */
struct place {
    int dir;
    int events;      /* -1: not watched */
    bool tells_pids; /* the events are fanotify's, with pids if we have CAP_SYS_ADMIN; else inotify's */
    bool queues; /* of the message queue file system, which has no links, no birth times and no handles to open by */
};

struct new_file {
    const struct place *place;
    char *name;
    int64_t seen_ms;
    struct process maker; /* as the kernel told of this very inode; pid 0: it did not */
    struct handle inode;
};

struct observer {
    char session[SESSION_LENGTH + 1];
    pid_t root;
    bool root_counts;
    int ledger_fd;
    int events; /* of both places */
    struct place shm;
    struct place queues;
    int *known; /* System V ids, ascending */
    size_t known_count;
    struct new_file *files; /* those whose maker is not known yet */
    size_t file_count;
    int64_t next_ms;
    int interval_ms;
    int64_t files_next_ms; /* not before, however many files appear */
};

/* --- processes --- */

static ssize_t read_proc(pid_t pid, const char *name, char *data, size_t size)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t got = read_full(fd, data, size);
    close(fd);
    return got;
}

/* A token that is there proves the descent; a missing one proves nothing. */
static bool carries_token(const struct observer *observer, pid_t pid)
{
    return process_carries(pid, observer->session);
}

static pid_t parent_of(pid_t pid)
{
    char line[1024];
    int parent;
    ssize_t size = read_proc(pid, "stat", line, sizeof line - 1);

    if (size <= 0)
        return 0;
    line[size] = '\0';
    char *after = strrchr(line, ')');
    return after != NULL && sscanf(after + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

static bool descends_from_root(const struct observer *observer, pid_t pid)
{
    if (pid == observer->root)
        return observer->root_counts;
    for (int depth = 0; depth < DEPTH_MAX && pid > 1; depth++) {
        pid = parent_of(pid);
        if (pid == observer->root)
            return true;
    }
    return false;
}

static bool of_session(const struct observer *observer, pid_t pid)
{
    return descends_from_root(observer, pid) || carries_token(observer, pid);
}

static bool describe(pid_t pid, struct process *process)
{
    ssize_t size = read_proc(pid, "cmdline", process->command, sizeof process->command - 1);

    process->pid = pid;
    if (size < 0 || !process_start_time(pid, &process->start_time))
        return false;
    process->command[size] = '\0';
    for (ssize_t i = 0; i + 1 < size; i++)
        if (process->command[i] == '\0')
            process->command[i] = ' ';
    return true;
}

/* Calls visit for every process until it returns true; whether one did. */
static bool any_process(bool (*visit)(pid_t pid, void *context), void *context)
{
    DIR *proc = opendir("/proc");
    bool found = false;

    if (proc == NULL)
        return false;
    for (struct dirent *entry; !found && (entry = readdir(proc)) != NULL;)
        if (isdigit((unsigned char)entry->d_name[0]))
            found = visit((pid_t)atoi(entry->d_name), context);
    closedir(proc);
    return found;
}

static bool maps_file(pid_t pid, dev_t dev, ino_t ino)
{
    char path[64], line[512];
    bool found = false;

    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    FILE *maps = fopen(path, "re");
    if (maps == NULL)
        return false;
    while (!found && fgets(line, sizeof line, maps) != NULL) {
        unsigned major, minor;
        unsigned long inode;
        if (sscanf(line, "%*s %*s %*s %x:%x %lu", &major, &minor, &inode) == 3)
            found = makedev(major, minor) == dev && inode == ino;
    }
    fclose(maps);
    return found;
}

static bool has_open(pid_t pid, dev_t dev, ino_t ino)
{
    char path[64];
    bool found = false;

    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *files = opendir(path);
    if (files == NULL)
        return false;
    for (struct dirent *entry; !found && (entry = readdir(files)) != NULL;) {
        struct stat status;
        found = entry->d_name[0] != '.' && fstatat(dirfd(files), entry->d_name, &status, 0) == 0 &&
                status.st_dev == dev && status.st_ino == ino;
    }
    closedir(files);
    return found;
}

/* --- what is noted --- */

static void note(struct observer *observer, const char *what, const struct process *process, char proof)
{
    char command[COMMAND_MAX * 2], line[LEDGER_LINE_MAX];

    base64url_encode(process->command, strlen(process->command), command);
    int length = snprintf(line, sizeof line, "O %s %d %" PRIu64 " %c %s", what, (int)process->pid,
        process->start_time, proof, command[0] == '\0' ? "-" : command);
    ledger_append(observer->ledger_fd, line, (size_t)length, sizeof line);
}

/* --- System V shared memory: the row names its creator --- */

static int ascending(const void *a, const void *b)
{
    int left = *(const int *)a, right = *(const int *)b;

    return (left > right) - (left < right);
}

static void look_at_sysv(struct observer *observer, bool first)
{
    char line[512];
    int *ids = NULL;
    size_t count = 0;
    FILE *rows = fopen("/proc/sysvipc/shm", "re");

    if (rows == NULL)
        return;
    while (fgets(line, sizeof line, rows) != NULL) {
        long long key;
        int id, creator;
        unsigned mode, cuid;
        unsigned long long size;
        long long ctime;
        struct process process;
        /* key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime */
        if (sscanf(line, "%lld %d %o %llu %d %*d %*u %*u %*u %u %*u %*d %*d %lld", &key, &id, &mode, &size, &creator,
                &cuid, &ctime) != 7)
            continue;
        if ((count & (count + 1)) == 0) /* grow at 0, 1, 3, 7, … */
            ids = xrealloc(ids, (2 * count + 2) * sizeof *ids);
        ids[count++] = id;
        bool known = observer->known_count > 0 &&
                     bsearch(&id, observer->known, observer->known_count, sizeof id, ascending) != NULL;
        if (first || known || creator <= 0 || cuid != geteuid())
            continue;
        if (of_session(observer, creator) && describe(creator, &process)) {
            char what[160];
            snprintf(
                what, sizeof what, "V SYSV_SHM %d %08" PRIx32 " %u %lld %llu", id, (uint32_t)key, cuid, ctime, size);
            note(observer, what, &process, 'D');
        }
    }
    fclose(rows);
    if (count > 0)
        qsort(ids, count, sizeof *ids, ascending);
    free(observer->known);
    observer->known = ids;
    observer->known_count = count;
}

/* --- files: who made it as the kernel tells, or else whoever has it open or mapped --- */

struct search {
    struct observer *observer;
    struct stat file;
    struct process found;
};

static bool made_it(pid_t pid, void *context)
{
    struct search *search = context;

    return pid != getpid() && of_session(search->observer, pid) &&
           (maps_file(pid, search->file.st_dev, search->file.st_ino) ||
               has_open(pid, search->file.st_dev, search->file.st_ino)) &&
           describe(pid, &search->found);
}

/* The name may have come to mean another file since the event: its maker would be taken for that one's. */
static bool still_means(const struct new_file *file)
{
    struct handle now = {.head.handle_bytes = MAX_HANDLE_SZ};
    int mount;

    return name_to_handle_at(
               file->place->dir, file->name, &now.head, &mount, file->place->queues ? AT_HANDLE_FID : 0) == 0 &&
           now.head.handle_type == file->inode.head.handle_type &&
           now.head.handle_bytes == file->inode.head.handle_bytes &&
           memcmp(now.head.f_handle, file->inode.head.f_handle, now.head.handle_bytes) == 0;
}

/* Nanoseconds since the epoch; 0 if the file system keeps none. */
static uint64_t birth_time(const struct new_file *file, ino_t ino)
{
    struct statx birth;

    if (statx(file->place->dir, file->name, AT_SYMLINK_NOFOLLOW, STATX_BTIME | STATX_INO, &birth) < 0 ||
        (birth.stx_mask & STATX_BTIME) == 0 || birth.stx_ino != ino)
        return 0;
    return (uint64_t)birth.stx_btime.tv_sec * 1000000000u + birth.stx_btime.tv_nsec;
}

/* Whether who made the name made the file. */
static bool is_maker(const struct new_file *file, uint64_t born)
{
    int64_t age = (int64_t)time(NULL) - (int64_t)(born / 1000000000u);

    return file->maker.pid > 0 && (file->place->queues || (age >= -1 && age <= BIRTH_MAX_S)) && still_means(file);
}

static enum kind kind_of(const struct new_file *file)
{
    return file->place->queues ? POSIX_MQ : strncmp(file->name, "sem.", 4) == 0 ? POSIX_SEM : POSIX_SHM;
}

/* Whether there is no more to be learned of it. */
static bool ask_for(struct observer *observer, const struct new_file *file)
{
    struct search search = {.observer = observer, .found = file->maker};
    char encoded[512], what[1024];

    if (fstatat(file->place->dir, file->name, &search.file, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(search.file.st_mode) ||
        search.file.st_uid != geteuid())
        return true;
    uint64_t born = birth_time(file, search.file.st_ino);
    bool maker = is_maker(file, born);
    if (!maker && !any_process(made_it, &search))
        return false;
    base64url_encode(file->name, strlen(file->name), encoded);
    snprintf(what, sizeof what, "F %s %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %u %lld", kind_names[kind_of(file)], encoded,
        (uint64_t)search.file.st_dev, (uint64_t)search.file.st_ino, born, search.file.st_uid,
        (long long)search.file.st_size);
    note(observer, what, &search.found, maker ? 'D' : 'H');
    return true;
}

/* The place of a new file in the list; NULL for one that is of no interest. */
static struct new_file *remember(struct observer *observer, const struct place *place, const char *name)
{
    struct new_file *file = observer->files;
    struct new_file *end = file + observer->file_count;

    /* Ours are in a ledger already; of more than so many at once the rest stay without a maker. */
    if (strncmp(name, "shmkit.", 7) == 0 || strncmp(name, "sem.shmkit.", 11) == 0)
        return NULL;
    while (file < end && (file->place != place || strcmp(file->name, name) != 0))
        file++;
    if (file < end)
        return file;
    if (observer->file_count == FILES_MAX)
        return NULL;
    observer->file_count++;
    file->place = place;
    file->name = xstrndup(name, strlen(name));
    file->seen_ms = now_ms();
    file->maker.pid = 0;
    return file;
}

static void read_inotify(struct observer *observer, const struct place *place, const char *at, const char *end)
{
    while (at < end) {
        const struct inotify_event *event = (const struct inotify_event *)at;
        at += sizeof *event + event->len;
        if (event->len > 0 && (event->mask & IN_ISDIR) == 0)
            remember(observer, place, event->name);
    }
}

/* The name that an event speaks of, and the inode. */
static const char *subject(const struct fanotify_event_metadata *event, struct handle *inode)
{
    const char *name = NULL;
    const char *at = (const char *)event + event->metadata_len;
    const char *end = (const char *)event + event->event_len;

    inode->head.handle_bytes = 0;
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

static void read_fanotify(struct observer *observer, const struct place *place, const char *at, const char *end)
{
    const struct fanotify_event_metadata *event;
    struct handle inode;

    for (; at < end; at += event->event_len) {
        event = (const struct fanotify_event_metadata *)at;
        const char *name = subject(event, &inode);
        struct new_file *file = name == NULL ? NULL : remember(observer, place, name);
        if (file == NULL)
            continue;
        file->inode = inode;
        file->maker.pid = 0; /* the last event counts: the name may mean another file than before */
        /* Who moves a file here need not have made it; and 0 is a process of another pid namespace. */
        if ((event->mask & FAN_CREATE) != 0 && inode.head.handle_bytes > 0 && event->pid > 0 &&
            event->pid != getpid() && of_session(observer, event->pid) && !describe(event->pid, &file->maker))
            file->maker.pid = 0;
    }
}

static void read_events(struct observer *observer, const struct place *place)
{
    char events[65536] __attribute__((aligned(__alignof__(struct fanotify_event_metadata))));
    ssize_t size;

    while (place->events >= 0 && (size = read(place->events, events, sizeof events)) > 0)
        if (place->tells_pids)
            read_fanotify(observer, place, events, events + size);
        else
            read_inotify(observer, place, events, events + size);
}

/* At once, since a maker may not keep it open for long; but where files come and go all the time, not for each. */
static void look_at_files(struct observer *observer)
{
    int64_t now = now_ms();
    size_t kept = 0;

    if (now < observer->files_next_ms)
        return;

    for (size_t i = 0; i < observer->file_count; i++) {
        struct new_file file = observer->files[i];
        if (ask_for(observer, &file) || now - file.seen_ms > FILE_ASK_MS)
            free(file.name);
        else
            observer->files[kept++] = file;
    }
    observer->file_count = kept;
    int64_t end = now_ms(), pause = (end - now) * LOOK_COST_FACTOR;
    observer->files_next_ms = end + (pause > LOOK_MAX_MS ? LOOK_MAX_MS : pause);
}

/* --- life --- */

static void watch(struct place *place, const char *path)
{
#ifdef FAN_REPORT_DFID_NAME_TARGET /* Linux 5.17; of queues, which cannot be opened by handle, only later ones tell */
    place->events = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK | FAN_REPORT_DFID_NAME_TARGET, O_RDONLY);
    place->tells_pids = place->events >= 0 &&
                        fanotify_mark(place->events, FAN_MARK_ADD, FAN_CREATE | FAN_MOVED_TO, place->dir, ".") == 0;
    if (place->tells_pids)
        return;
    if (place->events >= 0)
        close(place->events);
#endif
    place->events = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (place->events >= 0 && inotify_add_watch(place->events, path, IN_CREATE | IN_MOVED_TO) < 0) {
        close(place->events);
        place->events = -1;
    }
}

static void observe(struct observer *observer, struct place *place, const char *path)
{
    struct epoll_event wanted = {.events = EPOLLIN};
    struct statfs found;

    place->events = -1;
    place->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Where no queues are mounted nobody tells of them. */
    if (place->dir < 0 || (place->queues && (fstatfs(place->dir, &found) < 0 || found.f_type != MQUEUE_MAGIC)))
        return;
    watch(place, path);
    if (place->events >= 0)
        epoll_ctl(observer->events, EPOLL_CTL_ADD, place->events, &wanted);
}

struct observer *observer_new(const char *session, pid_t root, bool root_counts, int ledger_fd)
{
    struct observer *observer = xmalloc(sizeof *observer);

    *observer = (struct observer){.root = root,
        .root_counts = root_counts,
        .ledger_fd = ledger_fd,
        .events = epoll_create1(EPOLL_CLOEXEC),
        .queues.queues = true,
        .interval_ms = LOOK_MIN_MS};
    snprintf(observer->session, sizeof observer->session, "%s", session);
    observer->files = xmalloc(FILES_MAX * sizeof *observer->files);
    observe(observer, &observer->shm, "/dev/shm");
    observe(observer, &observer->queues, "/dev/mqueue");
    look_at_sysv(observer, true);
    observer->next_ms = now_ms() + observer->interval_ms;
    return observer;
}

int observer_fd(const struct observer *observer)
{
    return observer->events;
}

int observer_timeout(const struct observer *observer)
{
    int64_t left = observer->next_ms - now_ms();

    return left < 0 ? 0 : (int)left;
}

void observer_look(struct observer *observer)
{
    int64_t start = now_ms();

    read_events(observer, &observer->shm);
    read_events(observer, &observer->queues);
    look_at_files(observer);
    if (start < observer->next_ms)
        return;
    look_at_sysv(observer, false);
    int64_t wanted = (now_ms() - start) * LOOK_COST_FACTOR;
    observer->interval_ms = wanted < LOOK_MIN_MS ? LOOK_MIN_MS : wanted > LOOK_MAX_MS ? LOOK_MAX_MS : (int)wanted;
    observer->next_ms = now_ms() + observer->interval_ms;
}
