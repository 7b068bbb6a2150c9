#include "forks.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include "../common/memory.h"

/* A short life takes about 100 bytes. The second fits into what every user may lock (kernel.perf_event_mlock_kb). */
static const size_t ring_pages[] = {256, 32};
#define RECORD_MAX 512
/* So many descriptors are left to others. */
#define SPARE_FILES 64
/* New threads of a process are followed by themselves once those are that start them. */
#define PASSES_MAX 4

/* What has happened on one processor. */
struct ring {
    int fd; /* -1: it is switched off */
    struct perf_event_mmap_page *page;
    size_t size;
};

struct forks {
    struct ring *rings;
    int processors;
    int watched;   /* those of them that are switched on */
    int *followed; /* an event for each thread and processor: those that inherit write by it */
    size_t followed_count;
    struct fork_event *events;
    size_t count;
    bool lost;
};

static int open_event(pid_t tid, int processor, size_t wakeup)
{
    struct perf_event_attr wanted = {
        .type = PERF_TYPE_SOFTWARE,
        .size = sizeof wanted,
        .config = PERF_COUNT_SW_DUMMY,
        .sample_type = PERF_SAMPLE_TIME,
        .disabled = 1,
        .inherit = 1,
        .exclude_kernel = 1,
        .exclude_hv = 1,
        .comm = 1,
        .comm_exec = 1,
        .task = 1,
        .watermark = 1,
        .wakeup_watermark = (uint32_t)wakeup,
        .sample_id_all = 1,
        .use_clockid = 1,
        .clockid = CLOCK_BOOTTIME,
    };

    int fd = (int)syscall(SYS_perf_event_open, &wanted, tid, processor, -1, PERF_FLAG_FD_CLOEXEC);
    int spare = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, fd + SPARE_FILES);
    if (spare >= 0) {
        close(spare);
    } else if (fd >= 0) {
        close(fd);
        errno = EMFILE;
        fd = -1;
    }
    return fd;
}

static bool open_ring(struct ring *ring, int processor)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    for (size_t i = 0; i < sizeof ring_pages / sizeof *ring_pages; i++) {
        ring->size = ring_pages[i] * page;
        ring->fd = open_event(0, processor, ring->size / 2);
        if (ring->fd < 0)
            return errno == ENODEV; /* a processor that is switched off */
        ring->page = mmap(NULL, page + ring->size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
        if (ring->page != MAP_FAILED)
            return true;
        close(ring->fd);
        ring->fd = -1;
    }
    return false;
}

struct forks *forks_open(void)
{
    struct forks *forks = xmalloc(sizeof *forks);
    struct rlimit files;
    bool opened = true;

    *forks = (struct forks){.processors = (int)sysconf(_SC_NPROCESSORS_CONF)};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    forks->rings = xmalloc((size_t)forks->processors * sizeof *forks->rings);
    for (int i = 0; i < forks->processors; i++)
        forks->rings[i].fd = -1;
    for (int i = 0; i < forks->processors && opened; i++) {
        opened = open_ring(&forks->rings[i], i);
        forks->watched += forks->rings[i].fd >= 0;
    }
    if (!opened || forks->watched < get_nprocs()) {
        int error = errno;
        forks_close(forks);
        errno = error;
        return NULL;
    }
    return forks;
}

void forks_close(struct forks *forks)
{
    for (size_t i = 0; i < forks->followed_count; i++)
        close(forks->followed[i]);
    for (int i = 0; i < forks->processors; i++)
        if (forks->rings[i].fd >= 0) {
            munmap(forks->rings[i].page, (size_t)sysconf(_SC_PAGESIZE) + forks->rings[i].size);
            close(forks->rings[i].fd);
        }
    free(forks->rings);
    free(forks->followed);
    free(forks->events);
    free(forks);
}

/* A thread that has ended meanwhile is as good as followed. */
static bool follow_thread(struct forks *forks, pid_t tid)
{
    for (int i = 0; i < forks->processors; i++) {
        struct ring *ring = &forks->rings[i];
        if (ring->fd < 0)
            continue;
        int fd = open_event(tid, i, ring->size / 2);
        if (fd < 0)
            return errno == ESRCH;
        /* On only when it has where to write, and with it those who have inherited it by now. */
        if (ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, ring->fd) < 0 || ioctl(fd, PERF_EVENT_IOC_ENABLE, 0) < 0) {
            close(fd);
            return false;
        }
        if ((forks->followed_count & (forks->followed_count + 1)) == 0) /* grow at 0, 1, 3, 7, … */
            forks->followed = xrealloc(forks->followed, (2 * forks->followed_count + 2) * sizeof *forks->followed);
        forks->followed[forks->followed_count++] = fd;
    }
    return true;
}

static bool contains(const pid_t *pids, size_t count, pid_t pid)
{
    while (count > 0 && pids[count - 1] != pid)
        count--;
    return count > 0;
}

bool forks_follow(struct forks *forks, pid_t pid)
{
    char path[64];
    pid_t *tids = NULL;
    size_t count = 0, before;
    bool followed = true;
    int passes = 0;

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    do {
        DIR *threads = opendir(path);
        before = count;
        for (struct dirent *entry; threads != NULL && followed && (entry = readdir(threads)) != NULL;) {
            pid_t tid = isdigit((unsigned char)entry->d_name[0]) ? (pid_t)atoi(entry->d_name) : 0;
            if (tid == 0 || contains(tids, count, tid))
                continue;
            if ((count & (count + 1)) == 0)
                tids = xrealloc(tids, (2 * count + 2) * sizeof *tids);
            tids[count++] = tid;
            followed = follow_thread(forks, tid);
        }
        if (threads != NULL)
            closedir(threads);
    } while (followed && count > before && ++passes < PASSES_MAX);
    free(tids);
    return followed;
}

void forks_poll(const struct forks *forks, int epoll)
{
    struct epoll_event wanted = {.events = EPOLLIN};

    for (int i = 0; i < forks->processors; i++)
        if (forks->rings[i].fd >= 0)
            epoll_ctl(epoll, EPOLL_CTL_ADD, forks->rings[i].fd, &wanted);
}

static struct fork_event *add(struct forks *forks)
{
    if ((forks->count & (forks->count + 1)) == 0)
        forks->events = xrealloc(forks->events, (2 * forks->count + 2) * sizeof *forks->events);
    return &forks->events[forks->count++];
}

static void take(struct forks *forks, const unsigned char *record, const struct perf_event_header *header)
{
    struct {
        uint32_t pid, parent, tid, parents_tid;
    } task;
    struct {
        uint32_t pid, tid;
        char name[16];
    } named;
    struct fork_event event = {0};

    memcpy(&event.ns, record + header->size - sizeof event.ns, sizeof event.ns);
    switch (header->type) {
    case PERF_RECORD_FORK:
    case PERF_RECORD_EXIT:
        memcpy(&task, record + sizeof *header, sizeof task);
        if (task.pid != task.tid)
            return; /* a thread */
        event.what = header->type == PERF_RECORD_FORK ? FORKED : ENDED;
        event.pid = (pid_t)task.pid;
        event.parent = (pid_t)task.parent;
        break;
    case PERF_RECORD_COMM:
        memcpy(&named, record + sizeof *header, sizeof named); /* there is more behind a shorter name */
        if (named.pid != named.tid)
            return;
        event.what = NAMED;
        event.pid = (pid_t)named.pid;
        snprintf(event.name, sizeof event.name, "%.*s", (int)sizeof named.name - 1, named.name);
        break;
    case PERF_RECORD_LOST:
        forks->lost = true;
        return;
    default:
        return;
    }
    if (event.pid > 0) /* 0: of another pid namespace */
        *add(forks) = event;
}

static void read_ring(struct forks *forks, const struct ring *ring)
{
    unsigned char record[RECORD_MAX];
    const unsigned char *data = (const unsigned char *)ring->page + sysconf(_SC_PAGESIZE);
    uint64_t head = __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE);
    uint64_t tail = ring->page->data_tail;

    while (tail < head) {
        struct perf_event_header header;
        for (size_t i = 0; i < sizeof header; i++)
            ((unsigned char *)&header)[i] = data[(tail + i) % ring->size];
        if (header.size < sizeof header + sizeof(uint64_t)) { /* cannot be */
            forks->lost = true;
            tail = head;
            break;
        }
        for (size_t i = 0; i < header.size && i < sizeof record; i++)
            record[i] = data[(tail + i) % ring->size];
        if (header.size <= sizeof record)
            take(forks, record, &header);
        tail += header.size;
    }
    __atomic_store_n(&ring->page->data_tail, tail, __ATOMIC_RELEASE);
}

static int earlier(const void *a, const void *b)
{
    const struct fork_event *left = a, *right = b;

    return (left->ns > right->ns) - (left->ns < right->ns);
}

bool forks_read(struct forks *forks, void (*visit)(const struct fork_event *event, void *context), void *context)
{
    forks->count = 0;
    for (int i = 0; i < forks->processors; i++)
        if (forks->rings[i].fd >= 0)
            read_ring(forks, &forks->rings[i]);
    if (forks->count > 0)
        qsort(forks->events, forks->count, sizeof *forks->events, earlier);
    for (size_t i = 0; i < forks->count; i++)
        visit(&forks->events[i], context);
    /* What happens on a processor that was switched on since is not told. */
    forks->lost = forks->lost || get_nprocs() > forks->watched;
    return !forks->lost;
}
