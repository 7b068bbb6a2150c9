/*
 * The control connection between a guard and its JVM: frames on standard input and output.
 *
 * A frame is u32 length of what follows, u8 type, payload; integers are little-endian. See PROTOCOL.md.
 */
#ifndef SHMKIT_CONTROL_H
#define SHMKIT_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CONTROL_VERSION 1
#define CONTROL_FRAME_MAX (1u << 20)

enum request_type { REQUEST_LAUNCH = 1, REQUEST_SIGNAL = 2, REQUEST_BYE = 3, REQUEST_FLUSH = 4 };

enum event {
    EVENT_READY = 1,         /* u32 version, i32 pid */
    EVENT_BORN = 2,          /* i32 pid */
    EVENT_OUTPUT = 3,        /* i32 pid, u8 stream (1 or 2), bytes */
    EVENT_EXIT = 4,          /* i32 pid, i32 wait status */
    EVENT_LAUNCHED = 5,      /* u32 id, i32 pid */
    EVENT_LAUNCH_FAILED = 6, /* u32 id, i32 errno, text */
    EVENT_DONE = 7,          /* u32 processes, u32 removed, u32 kept: the answer to BYE */
    EVENT_FLUSHED = 8        /* u32 id */
};

/* A growing byte queue: appended at the end, taken from the front. */
struct buffer {
    unsigned char *data;
    size_t start, end, capacity;
};

static inline size_t buffer_size(const struct buffer *buffer)
{
    return buffer->end - buffer->start;
}

unsigned char *buffer_room(struct buffer *buffer, size_t size); /* then add to end */
void buffer_put(struct buffer *buffer, const void *data, size_t size);

/* Queues one event: so many integers, then some bytes. */
void event_put(
    struct buffer *out, enum event event, int integers, const int32_t *values, const void *data, size_t size);

struct request {
    enum request_type type;
    uint32_t id;                      /* LAUNCH, FLUSH */
    char **argv, **envp, **inherited; /* LAUNCH; behind the last one is NULL; inherited are paths to open */
    char *cwd;
    char *input; /* what it reads as standard input; empty for nothing */
    pid_t pid;   /* SIGNAL, FLUSH */
    int signo;   /* SIGNAL */
    bool group;
};

/*
 * Takes the next request from what came in, for request_free. False if there is none that is complete, or if it is
 * malformed: then *malformed says why.
 */
bool request_take(struct buffer *in, struct request *request, const char **malformed);
void request_free(struct request *request);

#endif
