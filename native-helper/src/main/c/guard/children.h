/* The children of this process, orphans that it adopted among them, as the kernel lists them. */
#ifndef SHMKIT_CHILDREN_H
#define SHMKIT_CHILDREN_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Takes the next pid from a list as /proc/PID/task/TID/children has it: "pid pid pid ", one line that nothing ends. 0 at
 * its end, and from where it has another form.
 */
pid_t children_next(const char **list);

/* Kills each of them, and the group that it leads; false if they cannot be listed. */
bool kill_children(void);

#endif
