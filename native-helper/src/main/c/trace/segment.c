#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/memory.h"
#include "trace.h"

static bool is(const struct segment *segment, const struct stat *status)
{
    struct stat named;

    switch (segment->by) {
    case NAMED_INODE:
        return segment->device == status->st_dev && segment->inode == status->st_ino;
    case NAMED_PATH:
        if (segment->inode != 0 && segment->device == status->st_dev && segment->inode == status->st_ino)
            return true; /* what it named at the start */
        return stat(segment->path, &named) == 0 && named.st_dev == status->st_dev && named.st_ino == status->st_ino;
    default:
        return false;
    }
}

int segment_of_descriptor(const struct tracer *t, pid_t tid, int fd)
{
    char path[64];
    struct stat status;

    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)tid, fd);
    if (stat(path, &status) < 0)
        return -1;
    for (uint32_t i = 0; i < t->segment_count; i++)
        if (is(&t->segments[i], &status))
            return (int)i;
    return -1;
}

int segment_of_shmid(const struct tracer *t, int shmid)
{
    for (uint32_t i = 0; i < t->segment_count; i++)
        if (t->segments[i].by == NAMED_SHMID && t->segments[i].shmid == shmid)
            return (int)i;
    return -1;
}

uint64_t segment_size(const struct segment *segment)
{
    struct stat status;

    if (segment->fd < 0)
        return segment->attached_size;
    return fstat(segment->fd, &status) == 0 ? (uint64_t)status.st_size : 0;
}

size_t segment_read(const struct segment *segment, uint64_t offset, void *data, size_t size)
{
    if (segment->fd >= 0) {
        /* Not by a mapping: another process may cut the file at any moment. */
        ssize_t got = pread(segment->fd, data, size, (off_t)offset);
        return got < 0 ? 0 : (size_t)got;
    }
    if (segment->attached == NULL || offset >= segment->attached_size)
        return 0;
    size_t there = segment->attached_size - offset;
    size = size < there ? size : there;
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)data)[i] = ((volatile uint8_t *)segment->attached)[offset + i];
    return size;
}

static void record(struct tracer *t, uint32_t number)
{
    struct segment *segment = &t->segments[number];
    uint64_t size = segment_size(segment);
    uint32_t which[2] = {number, 0};
    unsigned char *at = log_begin(&t->log, sizeof which + size);

    if (!t->armed)
        size = 0; /* it will change unseen */
    segment->seen = true;
    ((uint32_t *)at)[0] = which[0];
    ((uint32_t *)at)[1] = which[1];
    size_t got = segment_read(segment, 0, at + sizeof which, size);
    log_end(&t->log, RECORD_SEGMENT, sizeof which + got);
}

void segment_open(struct tracer *t, uint32_t number, pid_t tid, int fd)
{
    struct segment *segment = &t->segments[number];
    char path[64];

    if (segment->seen)
        return;
    if (segment->by == NAMED_SHMID) {
        struct shmid_ds status;
        segment->attached = shmat(segment->shmid, NULL, 0);
        if (segment->attached == (void *)-1)
            segment->attached = shmat(segment->shmid, NULL, SHM_RDONLY);
        if (segment->attached == (void *)-1 || shmctl(segment->shmid, IPC_STAT, &status) < 0)
            segment->attached = NULL;
        else
            segment->attached_size = status.shm_segsz;
    } else {
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)tid, fd);
        segment->fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
        if (segment->fd < 0)
            segment->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    }
    record(t, number);
}

void segments_record(struct tracer *t)
{
    for (uint32_t i = 0; i < t->segment_count; i++)
        if (t->segments[i].seen)
            record(t, i);
}

#define PAGE 4096ull

void *segment_borrow(const struct segment *segment, uint64_t offset, size_t size)
{
    if (offset + size > segment_size(segment))
        return NULL;
    if (segment->fd < 0)
        return segment->attached + offset;
    uint64_t low = offset & ~(PAGE - 1);
    void *bytes = mmap(NULL, offset + size - low, PROT_READ | PROT_WRITE, MAP_SHARED, segment->fd, (off_t)low);
    return bytes == MAP_FAILED ? NULL : (uint8_t *)bytes + (offset - low);
}

void segment_return(const struct segment *segment, void *bytes, uint64_t offset, size_t size)
{
    if (segment->fd >= 0) {
        uint64_t before = offset & (PAGE - 1);
        munmap((uint8_t *)bytes - before, before + size);
    }
}

void segment_refresh(struct segment *segment, uint64_t offset, size_t size)
{
    uint64_t whole = segment_size(segment);

    if (segment->shadow_size < whole) {
        segment->shadow = xrealloc(segment->shadow, whole);
        segment_read(
            segment, segment->shadow_size, segment->shadow + segment->shadow_size, whole - segment->shadow_size);
        segment->shadow_size = whole;
    }
    if (offset < segment->shadow_size) {
        uint64_t there = segment->shadow_size - offset;
        segment_read(segment, offset, segment->shadow + offset, size < there ? size : there);
    }
}
