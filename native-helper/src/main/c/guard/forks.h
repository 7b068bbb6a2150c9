/*
 * The kernel's own account of processes that begin, call themselves something and end: perf events without a counter,
 * see perf_event_open(2), which each process hands down to those that it forks. They miss nobody, however short a life.
 *
 * An ordinary user may have them where kernel.perf_event_paranoid is at most 2. A process loses them when it executes a
 * program that it may not read, or one with the set-user-ID bit of another user; it is then said to have ended.
 */
#ifndef SHMKIT_FORKS_H
#define SHMKIT_FORKS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct forks;

struct fork_event {
    enum { FORKED, NAMED, ENDED } what;
    pid_t pid;
    pid_t parent;  /* FORKED: who called fork */
    int64_t ns;    /* CLOCK_BOOTTIME */
    char name[16]; /* NAMED */
};

/* NULL where they cannot be had. */
struct forks *forks_open(void);
void forks_close(struct forks *forks);

/* From now on all that the process and its descendants fork is told; false if not even some of it will be. */
bool forks_follow(struct forks *forks, pid_t pid);

/* Adds what becomes readable when much waits to be read. */
void forks_poll(const struct forks *forks, int epoll);

/* Shows what has happened since the last time, in the order of time; false if some of it was lost. */
bool forks_read(struct forks *forks, void (*visit)(const struct fork_event *event, void *context), void *context);

#endif
