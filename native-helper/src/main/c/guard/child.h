/* The processes that a supervisor forks. */
#ifndef SHMKIT_CHILD_H
#define SHMKIT_CHILD_H

#include "state.h"

struct child *child_of(struct supervisor *s, pid_t pid);
/* In the new process: the state that a program expects at its start, whatever the JVM that started us had. */
void become_ordinary(int stdout_fd, int stderr_fd, int devnull);

/* Forks; in the parent returns the new child, already in the list, or NULL and *pid is -1; in the child *pid is 0. */
struct child *fork_child(struct supervisor *s, int outputs, int write_ends[2], pid_t *pid);

void remove_child(struct supervisor *s, struct child *child);

#endif
