
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../common/die.h"
#include "log.h"

#define LOG_CHUNK ((size_t)1 << 20)

static void grow(struct log *log, size_t capacity)
{
    if (posix_fallocate(log->fd, 0, (off_t)capacity) != 0) /* rather than SIGBUS at a write */
        die("no room for a log of %zu bytes", capacity);
    void *memory = log->header == NULL ? mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_SHARED, log->fd, 0)
                                       : mremap(log->header, log->capacity, capacity, MREMAP_MAYMOVE);
    if (memory == MAP_FAILED)
        die("cannot map a log of %zu bytes", capacity);
    log->header = memory;
    log->capacity = capacity;
}

void log_open(struct log *log, const char *path)
{
    log->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (log->fd < 0)
        die("cannot write the log %s", path);
    log->header = NULL;
    grow(log, LOG_CHUNK);
    *log->header = (struct log_header){.magic = LOG_MAGIC, .version = LOG_VERSION, .end = sizeof *log->header};
}

unsigned char *log_begin(struct log *log, size_t most)
{
    size_t needed = log->header->end + sizeof(struct record) + most + 8;

    if (needed > log->capacity)
        grow(log, 2 * (needed + LOG_CHUNK));
    return (unsigned char *)log->header + log->header->end + sizeof(struct record);
}

void log_end(struct log *log, enum record_type type, size_t size)
{
    struct record *record = (struct record *)((unsigned char *)log->header + log->header->end);

    *record = (struct record){.size = (uint32_t)(sizeof *record + size), .type = type};
    /* A reader that sees the end sees all before it. */
    __atomic_store_n(&log->header->end, log->header->end + ((record->size + 7u) & ~7ull), __ATOMIC_RELEASE);
}

void log_pair(struct log *log, enum record_type type, uint32_t first, uint32_t second, const void *data, size_t size)
{
    unsigned char *at = log_begin(log, 8 + size);

    memcpy(at, &first, 4);
    memcpy(at + 4, &second, 4);
    if (size > 0)
        memcpy(at + 8, data, size);
    log_end(log, type, 8 + size);
}
