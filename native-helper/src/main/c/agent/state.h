/* What a native helper is, between requests and while one runs. */
#ifndef SHMKIT_STATE_H
#define SHMKIT_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "decode.h"
#include "proto.h"
#include "segment.h"
#include "uop.h"

#define AGENT_MAX_FDS 16
#define AGENT_MAX_CHILDREN 64

struct reply {
    uint32_t status, insn;
    int32_t err;
    uint32_t depth;
    uint64_t iterations, last;
    uint64_t counters[PROTO_MAX_DEPTH];
    uint32_t result_count, bytes_count;
    uint8_t *results; /* PROTO_MAX_RESULTS * PROTO_RESULT_SIZE */
    uint8_t *bytes;   /* PROTO_MAX_REPLY_BYTES */
};

/* Nothing ran, and why. */
void reply_refusal(struct reply *r, const struct refusal *why);

struct agent {
    int fd;
    uint32_t request; /* id of the one that runs; 0 between requests */
    struct slot slots[PROTO_SLOTS];
    uint64_t regs[PROTO_REG_EXTRA + 1];
    struct program program;
    struct reply reply;
    const struct uop *volatile current; /* for the fault handler */

    uint64_t mount_namespace; /* the one we came from */

    uint8_t *in; /* bytes received and not yet consumed: in[in_start .. in_end) */
    uint32_t in_start, in_end;
    uint8_t *out;

    int passed[AGENT_MAX_FDS]; /* descriptors that came with messages, oldest first */
    unsigned passed_count;

    struct {
        pid_t pid;
        int pidfd;
    } children[AGENT_MAX_CHILDREN];
    unsigned child_count;
};

/* The state of this process. One for good: a signal handler must find it. */
extern struct agent *agent_self;

void agent_init(struct agent *n, int fd);

/* One request: false when the peer has closed the connection. Ends the process on malformed messages. */
bool agent_handle(struct agent *n);

/* Address of a range in a slot or NULL; raw addresses are taken as they are. */
uint8_t *agent_range(struct agent *n, uint8_t seg, uint64_t off, uint64_t length);

#endif
