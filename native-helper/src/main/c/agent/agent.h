/* A native helper: the process behind one connection, which does what the test JVM tells it (PROTOCOL.md). */
#ifndef SHMKIT_AGENT_H
#define SHMKIT_AGENT_H

/* Finds out once what all helpers that are forked from this process need to know of it. */
void agent_prepare(void);

/* Does what a helper can do before it has a connection; for a process that waits for one. */
void agent_warm_up(void);

/* Serves the connected stream socket until it ends; called in a freshly forked process, which it never leaves. */
_Noreturn void agent_serve(int fd);

#endif
