/* What the native_*.c files share with each other and with their tests; nothing else includes it. */
#ifndef SHMKIT_NATIVE_IMPL_H
#define SHMKIT_NATIVE_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "proto.h"

/* ---- little-endian numbers at any alignment ---- */

static inline uint16_t le16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t le32(const uint8_t *p)
{
    return (uint32_t)le16(p) | (uint32_t)le16(p + 2) << 16;
}

static inline uint64_t le64(const uint8_t *p)
{
    return (uint64_t)le32(p) | (uint64_t)le32(p + 4) << 32;
}

static inline void put_le32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static inline void put_le64(uint8_t *p, uint64_t v)
{
    put_le32(p, (uint32_t)v);
    put_le32(p + 4, (uint32_t)(v >> 32));
}

/* ---- attached memory (native_seg.c) ---- */

struct slot {
    uint8_t *base; /* NULL: nothing attached */
    uint64_t size;
    uint8_t method;
};

struct insn {
    uint8_t op, width, order, cmp, flags, dst, idx, seg;
    uint64_t off, a, b;
};

/* 0 or an errno. The attach instruction's data has been checked by the decoder. */
int seg_attach(struct slot *slot, const struct insn *in, const uint8_t *data);
int seg_detach(struct slot *slot);

/* ---- decoded scripts (native_decode.c) ---- */

/*
 * One step of the interpreter. A wire instruction becomes one to four of them: register operands are resolved by a
 * step of their own before it, and results kept by one after it, so that the plain forms pay for neither.
 */
struct uop {
    uint16_t code;
    uint8_t width, cmp, flags, reg, seg, order;
    uint32_t insn;   /* index of the wire instruction */
    uint32_t target; /* where control goes, for those that jump */
    uint64_t off, a, b;
    uint8_t *addr; /* of the operand in memory: resolved while decoding, by RESOLVE, or by ATTACH */
};

struct program {
    struct uop *uops;
    uint32_t count, room;
    uint32_t insn_count;
    uint8_t *data; /* the request's data: calls may write to it */
    uint32_t data_size;
};

struct refusal {
    uint32_t insn;
    char text[160];
};

/*
 * Checks all of a script and decodes it, before anything of it runs. Pure: reads the slots' sizes and nothing else,
 * so that it can be fuzzed. On false the refusal says what is wrong with which instruction.
 */
bool program_decode(struct program *p, const struct slot slots[PROTO_SLOTS], unsigned passed_fds, const uint8_t *insns,
    uint32_t insn_count, uint8_t *data, uint32_t data_size, struct refusal *why);
void program_free(struct program *p);

/* ---- the process (native.c) ---- */

#define NATIVE_MAX_FDS 16
#define NATIVE_MAX_CHILDREN 64

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

struct native {
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

    int passed[NATIVE_MAX_FDS]; /* descriptors that came with messages, oldest first */
    unsigned passed_count;

    struct {
        pid_t pid;
        int pidfd;
    } children[NATIVE_MAX_CHILDREN];
    unsigned child_count;
};

/* The state of this process. One for good: a signal handler must find it. */
extern struct native *native_self;

void native_init(struct native *n, int fd);

/* One request: false when the peer has closed the connection. Ends the process on malformed messages. */
bool native_handle(struct native *n);

/* Messages (native_wire.c). */
bool wire_receive(struct native *n, uint8_t **body, uint32_t *size);
void wire_send(struct native *n, uint8_t *message, uint32_t body_size); /* 4 bytes of room before the body */
_Noreturn void wire_malformed(const char *format, ...) __attribute__((format(printf, 1, 2)));
void wire_hello(struct native *n);

/* Running (native_run.c); fills n->reply. True in a process that was forked meanwhile: it owes no reply. */
bool program_run(struct native *n);

/* Calls (native_call.c). */
struct call_outcome {
    int64_t value;
    int32_t err;
    const char *usage; /* not NULL: refused at run time, and why */
};
const char *call_signature(uint64_t call); /* NULL: no such call */
struct call_outcome call_perform(struct native *n, const struct uop *u);

/* Children by fork (native_fork.c). */
int64_t child_fork(struct native *n); /* as fork(2); the child has the passed connection already */
void child_reap(struct native *n);    /* reports those that have ended */
void child_gone(struct native *n, pid_t pid, int status);

/* Faults (native_fault.c): reports the faulting instruction, then lets the signal have its way. */
void fault_install(void);
void fault_default(int signo); /* so that a signal kills as if no handler had been there */

/* Address of a range in a slot or NULL; raw addresses are taken as they are. */
uint8_t *native_range(struct native *n, uint8_t seg, uint64_t off, uint64_t length);

/* True if value cmp operand, both cut to width bytes. */
bool compare(uint8_t cmp, uint8_t width, uint64_t value, uint64_t operand);
uint64_t load(const uint8_t *addr, uint8_t width, uint8_t order);
bool await_value(const struct uop *u, uint64_t *last); /* native_wait.c; false: timed out */
void sleep_ns(uint64_t nanoseconds);

/* Checkpoints (native_checkpoint.c). Why their data can't be used, or NULL; and doing it: 0 or an errno. */
const char *checkpoint_check(uint8_t op, const uint8_t *data, uint64_t size, uint64_t page_size);
int checkpoint_run(const struct uop *u, const uint8_t *data, uint8_t *page, uint64_t *last);

#endif
