/* A native helper: the process behind one connection, which does what the test JVM tells it (PROTOCOL.md). */
#ifndef SHMKIT_NATIVE_H
#define SHMKIT_NATIVE_H

/* Serves the connected stream socket until it ends; called in a freshly forked process, which it never leaves. */
_Noreturn void native_serve(int fd);

#endif
