/*
 * What the tracer saw: a file that it maps, so that what it wrote is there however it ends; on a disk it would be slow.
 *
 * PROTOCOL.md describes the records. Integers are in the order of this machine, records begin at multiples of 8.
 */
#ifndef SHMKIT_TRACE_LOG_H
#define SHMKIT_TRACE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LOG_MAGIC 0x6563617274636873ull
#define LOG_VERSION 2

enum log_state {
    LOG_STARTING = 0,
    LOG_RUNNING = 1, /* the program was executed */
    LOG_NOT_RUN = 2, /* it cannot be executed: error is the errno */
    LOG_REFUSED = 3, /* it cannot be traced: the last record says why */
    LOG_COMPLETE = 4 /* every process of it has ended */
};

struct log_header {
    uint64_t magic;
    uint32_t version, state;
    uint64_t end;           /* where the next record will be */
    uint64_t points;        /* of stores and calls that changed something */
    uint64_t stores;        /* of programs, into segments */
    uint32_t error, tracer; /* errno; pid, 0 before it is known */
    /* By the test: raised by one to arm the tracer, if it gets odd, or to disarm it; the tracer answers by the same. */
    uint32_t order, answer;
    /* By the test, where accesses wait for their turns: how many may be done, by which thread, 0 for any. */
    uint64_t turns;
    uint32_t turn_of, unused;
    uint64_t accesses; /* stores, loads and calls that were recorded */
    uint64_t reserved[6];
};

_Static_assert(sizeof(struct log_header) == 128, "PROTOCOL.md says so");

enum record_type {
    RECORD_SEGMENT =
        1, /* u32 segment, u32 0; its content when it was first seen, none if not armed then; again when armed */
    RECORD_MODULE = 2,  /* u32 module, u32 0; its path */
    RECORD_STORE = 3,   /* struct access, changes */
    RECORD_CALL = 4,    /* struct access, changes */
    RECORD_KILL = 5,    /* u32 pid, u32 0: sent SIGKILL after the record before */
    RECORD_EXIT = 6,    /* u32 pid, u32 wait status */
    RECORD_REFUSED = 7, /* u32 pid, u32 1 if no program can be traced here; why */
    RECORD_WINDOW = 8,  /* u32 pid or 0 by order, u32 1 if armed, 0 if not any more */
    RECORD_LOAD = 9,    /* struct access, changes of which both parts are what was loaded */
    RECORD_TURN = 10    /* struct access that waits for its turn, struct touch for each of its changes */
};

/* What a waiting access is about to touch. */
enum { TOUCH_LOADS = 1, TOUCH_STORES = 2 };

struct touch {
    uint32_t segment, how;
    uint64_t offset, size;
};

struct record {
    uint32_t size; /* with this, without what is added up to a multiple of 8 */
    uint32_t type;
};

#define NO_MODULE UINT32_MAX

struct access {
    uint64_t point; /* 0 if it changed nothing */
    uint32_t pid, tid;
    uint64_t address; /* of the instruction */
    uint32_t module;  /* NO_MODULE: of no file */
    uint32_t changes; /* how many follow */
    uint64_t place;   /* in the module's file */
    /* Of a call: */
    int64_t number, result;
    uint64_t arguments[3];
};

struct change {
    uint32_t segment, size; /* each followed by so many old bytes and new ones, and up to a multiple of 8 */
    uint64_t offset;
};

struct log {
    int fd;
    size_t capacity;
    struct log_header *header;
};

void log_open(struct log *log, const char *path);
/* Begins a record of so many bytes behind its head at most; what is written there is seen from log_end on. */
unsigned char *log_begin(struct log *log, size_t most);
void log_end(struct log *log, enum record_type type, size_t size);
void log_pair(struct log *log, enum record_type type, uint32_t first, uint32_t second, const void *data, size_t size);

#endif
