/*
 * The tracer: runs a program and takes each of its stores into certain segments one by one.
 *
 * The program's mappings of them are protected against writing. A store faults; the tracer has a copy of the
 * instruction run out of line that stores through a second mapping of the same pages, the alias. No window opens for
 * other threads, and one access is taken at a time, whatever the number of threads and processes.
 */
#ifndef SHMKIT_TRACE_H
#define SHMKIT_TRACE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

#include "decode.h"
#include "log.h"

/*
 * Where the program's memory has what we add: code of ours, its mappings of the segments, so that a filter can tell
 * pointers to them by their upper half, and the aliases. Neither the kernel nor collectors of JVMs choose these.
 */
#define TRACE_STUB 0x290000000000ull
#define TRACE_ARENA 0x2a0000000000ull
#define TRACE_ALIASES 0x2b0000000000ull
#define TRACE_EXTENT 0x010000000000ull
#define TRACE_STUB_SIZE 0x100000ull
#define TRACE_SCRATCH 0x200000ull /* of the stub: where lists of buffers are rewritten */
#define TRACE_SCRATCH_SIZE 0x100000ull

/* prctl(2) of this number, by the program: its second argument is 1 to arm the tracer and 0 to disarm it. */
#define TRACE_PRCTL 0x53484d54

enum named_by { NAMED_INODE, NAMED_SHMID, NAMED_PATH };

struct segment {
    enum named_by by;
    uint64_t device, inode;
    int shmid;
    const char *path;
    bool seen; /* has its record in the log */
    int fd;    /* -1: a System V segment, attached */
    uint8_t *attached;
    size_t attached_size;
    /* What it had after all that is recorded; only once a system call's changes have to be told from others'. */
    uint8_t *shadow;
    size_t shadow_size;
};

struct region {
    uint64_t low, high, alias;
    uint64_t offset;
    int protection; /* that the program gave it */
    uint32_t segment;
};

struct slot {
    uint64_t hash, at; /* at is 0: free */
    uint8_t copy[INSTRUCTION_MAX], length;
};

struct code_range {
    uint64_t low, high, offset;
    uint32_t module;
};

/* The memory of a process, perhaps of several. */
struct space {
    int users;
    int memory;             /* /proc/PID/mem */
    struct region *regions; /* by address */
    size_t count;
    bool armed;   /* the regions are protected */
    bool loads;   /* against loads as well */
    bool outside; /* one is not in the arena: the filter doesn't see pointers to it */
    struct slot *slots;
    size_t slot_capacity, slot_count;
    uint64_t next_slot;
    struct code_range *code;
    size_t code_count;
};

enum call_action {
    CALL_NONE,
    CALL_MAP,
    CALL_UNMAP,
    CALL_MOVE,
    CALL_PROTECT,
    CALL_ARM,
    CALL_ACCESS,
    CALL_EFFECT,
    CALL_REDIRECTED /* of an alias; nobody sees a difference */
};

/* Where a system call may write. */
struct span {
    uint64_t low, high;
};

/* A system call that we have to do with, from its entry to its exit. */
struct call {
    enum call_action action;
    struct user_regs_struct regs; /* at the entry */
    uint32_t segment;             /* CALL_MAP */
    struct span range;            /* CALL_UNMAP */
    bool changed;                 /* its arguments were, and are to be put back */
    struct span *spans;           /* CALL_ACCESS */
    size_t span_count;
    bool message; /* so was a message that it was given */
    uint64_t message_pointers[3];
};

struct thread {
    pid_t tid, pid;
    struct space *space; /* NULL: it was born, and its parent's word of that is still to come */
    bool stopped;        /* at its first stop, until its parent's word comes */
    bool signal_stop;    /* a signal can be delivered now */
    bool executed;       /* its execve is about to return */
    bool entered;        /* a call that was seen at its entry */
    struct call call;
    /* A signal that came at a bad moment */
    bool held, masked;
    siginfo_t held_info;
    uint64_t mask;
    uint64_t fault; /* where it waits to store or load */
    struct thread *next_waiting;
    /* Where accesses wait for their turns: */
    enum waits_for { WAITS_NOT, WAITS_AT_FAULT, WAITS_AT_CALL } waits;
    bool has_turn;
    struct thread *next_in_turn;
    int postponed; /* a status that came while something else was waited for, 0: none */
    struct thread *next;
};

/* A store or load that is being done: there is one at a time. */
struct store {
    struct thread *thread; /* NULL: none */
    struct form form;
    struct user_regs_struct regs;
    struct place place;
    bool stores; /* into a segment; else it loads only */
    uint64_t slot;
    uint64_t left; /* times of a repeated one, for later */
    /* How far the operand's address, or rdi, is moved, and rsi; 0: not */
    uint64_t delta, source_delta;
    struct span span;   /* where it may store, or what it loads if it stores nothing */
    struct span source; /* what a string instruction loads by rsi; empty if it is in no segment */
    uint8_t *before;
    size_t capacity;
};

#define THREADS 1024

struct tracer {
    struct log log;
    struct segment *segments;
    uint32_t segment_count;
    int64_t kill_after; /* -1: nothing is killed */
    bool killed, armed;
    bool loads;     /* loads count as well */
    bool in_turns;  /* each access waits for its turn */
    uint32_t order; /* the last one, perhaps not yet answered */
    uint64_t turns; /* as it was when they were given */
    uint64_t begun; /* of them */
    struct thread *first_in_turn;
    pid_t program;
    struct thread *threads[THREADS];
    struct store store;
    struct thread *first_waiting;
    unsigned next_scratch;
    const char **modules;
    uint32_t module_count;
};

/* --- loop.c --- */
void trace_loop(struct tracer *t);
/* Lets it go on; a signal is 0 or is delivered. */
void resume(struct thread *thread, int signal);
void resume_to_exit(struct thread *thread);
/* All threads of that memory stop at their calls from now on, also those that run. */
void stop_at_calls(struct tracer *t, const struct space *space);
void hold_signal(struct thread *thread);
/* By a thread of the program, or by order if that is NULL; false if the thread died. */
bool arm(struct tracer *t, struct thread *by, bool armed);

/* --- inject.c --- */
/*
 * Has the thread make a system call; false if it died. Only at a stop at the exit of a call or before a signal: at
 * others the kernel would go on with a call of its own.
 */
bool inject(struct thread *thread, int64_t *result, long number, const uint64_t arguments[6]);
/* Puts our code into a program that was just executed; at the exit of its execve. */
bool inject_stub(struct thread *thread);
bool read_registers(struct thread *thread, struct user_regs_struct *regs);
void write_registers(struct thread *thread, const struct user_regs_struct *regs);
size_t read_memory(const struct space *space, uint64_t address, void *data, size_t size);
bool write_memory(const struct space *space, uint64_t address, const void *data, size_t size);
uint64_t slot_for(struct space *space, const struct form *form);

/* --- space.c --- */
struct space *space_new(pid_t pid, bool loads);
struct space *space_copy(const struct space *space, pid_t pid);
void space_drop(struct space *space);
struct region *region_at(const struct space *space, uint64_t address);
bool any_region(const struct space *space, uint64_t low, uint64_t high);
/* Bytes of a segment, and where they are in memory. */
struct part {
    uint32_t segment;
    uint64_t at, offset, size;
};
/* Takes off a span what is in one region; false if nothing is left of it, or it goes on outside of all. */
bool space_part(const struct space *space, struct span *span, struct part *part);
/* Each may make calls in the thread; false if it died. */
bool space_map(struct tracer *t, struct thread *thread, struct region region, bool is_protected);
bool space_unmap(struct thread *thread, uint64_t low, uint64_t high);
bool space_protect(struct thread *thread, uint64_t low, uint64_t high, int protection);
bool space_arm(struct thread *thread, bool armed);
/* What a region has while it is armed, for the protection that the program gave it. */
int space_armed(const struct space *space, int protection);
uint64_t arena_room(const struct space *space, uint64_t size);
void find_code(struct tracer *t, struct thread *thread, uint64_t address, struct access *access);

/* --- segment.c --- */
/* The number of a segment that is named, or -1. */
int segment_of_descriptor(const struct tracer *t, pid_t tid, int fd);
int segment_of_shmid(const struct tracer *t, int shmid);
void segment_open(struct tracer *t, uint32_t segment, pid_t tid, int fd);
size_t segment_read(const struct segment *segment, uint64_t offset, void *data, size_t size);
uint64_t segment_size(const struct segment *segment);
/* Its bytes, writable, for a moment; NULL if it has none there. */
void *segment_borrow(const struct segment *segment, uint64_t offset, size_t size);
void segment_return(const struct segment *segment, void *bytes, uint64_t offset, size_t size);
/* What they all hold now begins what is recorded. */
void segments_record(struct tracer *t);
/* Makes the shadow's part what the segment has now. */
void segment_refresh(struct segment *segment, uint64_t offset, size_t size);

/* --- store.c --- */
/* A fault at that address in a region; true if it is dealt with. */
bool store_fault(struct tracer *t, struct thread *thread, uint64_t address);
/* A fault at that address in a region that is not protected any more, if the program allows it. */
bool store_is_late(const struct thread *thread, uint64_t address);
/* A stop by a signal of the one that does a store; true if it is dealt with. */
bool store_signal(struct tracer *t, struct thread *thread, int signal);
void store_abandon(struct tracer *t, struct thread *thread); /* it died */

/* --- record.c --- */
/* The changes between what was and what is now in part of a region, behind an access of a record. */
struct recording {
    struct access access;
    unsigned char *at;
    size_t size;
};
void record_begin(struct tracer *t, struct thread *thread, uint64_t address, struct recording *r);
void record_change(
    struct tracer *t, struct recording *r, uint32_t segment, uint64_t offset, const uint8_t *before, size_t size);
/* Counts it as a point if something changed or effect says so; true if this is where the process is to die. */
bool record_end(struct tracer *t, struct recording *r, enum record_type type, bool effect);
void kill_process(struct tracer *t, struct thread *thread);
/* What was loaded there. */
void record_seen(struct tracer *t, struct recording *r, uint32_t segment, uint64_t offset, uint64_t size);
/* What of a span it is about to touch. */
void record_touch(struct tracer *t, const struct space *space, struct recording *r, struct span span, uint32_t how);
/* This program cannot be traced. */
void refuse(struct tracer *t, pid_t pid, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* None can be traced here. */
void refuse_all(struct tracer *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- call.c --- */
void call_enter(struct tracer *t, struct thread *thread);
void call_exit(struct tracer *t, struct thread *thread);

/* --- turn.c --- */
/* False if it has to wait for its turn. One that it has is used up by whatever begins the access. */
bool turn_take(struct tracer *t, struct thread *thread);
/* Has it wait; what it is about to do is recorded before. */
void turn_await(struct tracer *t, struct thread *thread, enum waits_for waits);
void turn_forget(struct tracer *t, struct thread *thread);
/* Those that wait and may go on do. */
void turns_give(struct tracer *t);

/* --- filter.c --- */
/* With all calls that only read, or that wait, if these count as well. */
bool filter_install(bool all);

/* --- robust.c --- */
/* What the kernel would do to the robust mutexes of a dying thread, where it can't for our protection. */
void robust_release(const struct tracer *t, const struct thread *thread);

#endif
