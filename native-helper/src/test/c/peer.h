/* The other end of a native helper's connection, for tests: builds scripts and reads replies. */
#ifndef SHMKIT_PEER_H
#define SHMKIT_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include "../../main/c/agent/bytes.h"
#include "../../main/c/agent/insn.h"
#include "../../main/c/agent/proto.h"

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
            exit(1); \
        } \
    } while (0)
#define CHECK_EQ(actual, expected) \
    do { \
        long long a_ = (long long)(actual), e_ = (long long)(expected); \
        if (a_ != e_) { \
            fprintf(stderr, "%s:%d: %s is %lld (0x%llx), not %lld\n", __FILE__, __LINE__, #actual, a_, a_, e_); \
            exit(1); \
        } \
    } while (0)

struct peer {
    int fd;
    pid_t pid;
    int err_fd; /* its standard error */
};

struct script {
    uint8_t insns[256 * PROTO_INSN_SIZE];
    uint32_t count;
    uint8_t data[65536];
    uint32_t data_size;
};

struct answer {
    uint32_t type, id, status, insn;
    int32_t err;
    uint32_t depth;
    uint64_t iterations, last, counters[PROTO_MAX_DEPTH];
    uint32_t result_count, bytes_count;
    struct {
        uint32_t insn;
        int32_t err;
        uint64_t value, extra;
    } results[64];
    uint8_t bytes[65536];
};

void peer_start(struct peer *p);                             /* greeted already */
void peer_adopt(struct peer *p, int fd, pid_t pid);          /* a child's own connection; reads its greeting */
int peer_wait(struct peer *p);                               /* closes the connection; the wait status */
size_t peer_stderr(struct peer *p, char *text, size_t room); /* after peer_wait */

void peer_write(struct peer *p, const void *bytes, size_t size);
bool peer_read(struct peer *p, struct answer *a); /* false at the end */
void peer_send(struct peer *p, const struct script *s, int passed_fd);
void peer_access(struct peer *p, struct insn in); /* no more than sends it */
void peer_run(struct peer *p, const struct script *s, struct answer *a);

void add(struct script *s, struct insn in);
uint32_t add_data(struct script *s, const void *bytes, uint32_t size);

/* One argument of a call. */
struct arg {
    uint8_t kind, slot;
    uint32_t length;
    uint64_t value;
};
#define NUMBER(v) \
    (struct arg) \
    { \
        ARG_IMM, 0, 0, (uint64_t)(v) \
    }
#define TEXT(s, t) \
    (struct arg) \
    { \
        ARG_DATA, 0, (uint32_t)sizeof(t), add_data(s, t, sizeof(t)) \
    }
#define OUT(n) \
    (struct arg) \
    { \
        ARG_OUT, 0, n, 0 \
    }
#define AT(slot, offset) \
    (struct arg) \
    { \
        ARG_SEG, slot, 0, offset \
    }
void add_call(struct script *s, enum proto_call call, uint8_t dst, unsigned count, const struct arg *args);
#define ADD_CALL(s, call, dst, ...) \
    add_call(s, call, dst, sizeof((struct arg[]){__VA_ARGS__}) / sizeof(struct arg), (struct arg[]){__VA_ARGS__})

#endif
