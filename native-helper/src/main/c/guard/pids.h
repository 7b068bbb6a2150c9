/*
 * Which pids were in use a while ago, of those that the kernel gives out next: it does so in turn, and takes one again as
 * soon as it is free. What a process with such a pid is to have done may have been done by the one that had it before.
 */
#ifndef SHMKIT_PIDS_H
#define SHMKIT_PIDS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The kernel gives out fewer between two looks, but on a machine with very many processors. */
#define PIDS_NEXT 1024

struct pids {
    int64_t at; /* nanoseconds of CLOCK_BOOTTIME */
    pid_t first, last;
    int skipped; /* so many of them were given out while we looked */
    unsigned char used[PIDS_NEXT / 8];
};

/* Those that come next now. */
void pids_look(struct pids *pids);

/* Whether another process had the pid then than the one that has it since: a process or a thread. */
bool pids_had(const struct pids *pids, pid_t pid, int64_t since);

#endif
