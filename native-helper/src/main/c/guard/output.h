/* What helpers write, on its way to the JVM. */
#ifndef SHMKIT_OUTPUT_H
#define SHMKIT_OUTPUT_H

#include <stdbool.h>

#include "state.h"

/* How much is read at once. */
#define OUTPUT_CHUNK 65536
/* Above this many unread bytes to the JVM the helpers' output stays in their pipes; exits are always told. */
#define BACKLOG_MAX (1u << 20)

bool forward_some(struct supervisor *s, struct child *child, int stream);
void close_output(struct child *child, int stream);
/* The last words of a dead child: what its pipe holds, whatever waits for the JVM already. */
void end_output(struct supervisor *s, struct child *child, int stream);

/* Whose words they are cannot be told any more: the pid may be another's. */
void read_strays(struct supervisor *s);

#endif
