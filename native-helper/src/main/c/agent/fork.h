/* Children by fork. */
#ifndef SHMKIT_FORK_H
#define SHMKIT_FORK_H

#include <stdint.h>
#include <sys/types.h>

#include "state.h"

int64_t child_fork(struct agent *n); /* as fork(2); the child has the passed connection already */
void child_reap(struct agent *n);    /* reports those that have ended */
void child_gone(struct agent *n, pid_t pid, int status);

#endif
