/* What a supervisor knows; its parts share it. */
#ifndef SHMKIT_SUPERVISOR_STATE_H
#define SHMKIT_SUPERVISOR_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../clean/reaper.h"
#include "control.h"

struct child {
    pid_t pid;
    int output[2];         /* read ends of stdout and stderr; -1: at end, or the same pipe */
    struct launch *launch; /* until its program runs; else NULL */
    struct child *next;
};

/* A command that was forked, and may not be executed yet: what it needs for that may be on a file system that hangs. */
struct launch {
    uint32_t id;
    int failure; /* gets errno if it cannot be executed, and ends when it is */
    int64_t until_ms;
    char *program;
};

/* The pipe of a dead child into which another process still writes. */
struct stray {
    int fd;
    struct stray *next;
};

struct supervisor {
    struct private_dir d;
    const char *stem;
    pid_t jvm;
    int jvm_fd;
    int ledger_fd, listener, signals, devnull;
    int reserve;    /* a descriptor to give up, so that a connection can be accepted and refused; or -1 */
    int spare;      /* our end of a socket pair with the process that waits to become the next helper, or -1 */
    bool no_spares; /* one ended without having been taken: from now on each helper is forked when it is asked for */
    struct child *children;
    struct stray *strays;
    struct buffer in, out;
    bool gone; /* the JVM is dead, or said good-bye */
    bool bye;
};

#endif
