/* Commands: programs that the JVM names. */
#ifndef SHMKIT_LAUNCH_H
#define SHMKIT_LAUNCH_H

#include "state.h"

void launch(struct supervisor *s, const struct request *request);
/* Reports the result once it is known. End of file means that the exec succeeded. */
void look_at_launch(struct supervisor *s, struct child *child);

/* Milliseconds until the next of them is given up; -1 if there is none. */
int launch_timeout(const struct supervisor *s);

void look_at_launches(struct supervisor *s);

#endif
