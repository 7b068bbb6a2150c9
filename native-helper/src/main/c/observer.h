/*
 * Sees IPC objects appear and names who made them, while they can still be asked: afterwards nothing in the kernel tells
 * that a segment was made by a process of this session.
 *
 * Only what a process of the session made is noted, as an O record in the ledger (ledger.h): one of this user's that
 * carries the session's secret in its environment (token.h), or descends from the session's root process. A creator that is gone before we look
 * is not named. Of a file, and on later kernels of a POSIX queue, the kernel tells the creator to those who have
 * CAP_SYS_ADMIN (fanotify(7), Linux 5.17); to others nobody but who holds a mapping or a descriptor of it when we look is
 * known. Queues are seen only where their file system is mounted on /dev/mqueue. Of System V semaphore sets and queues
 * nobody tells.
 */
#ifndef SHMKIT_OBSERVER_H
#define SHMKIT_OBSERVER_H

#include <stdbool.h>
#include <sys/types.h>

struct observer;

/* root: the JVM of the tests, which counts as a maker itself, or mvn, which does not. */
struct observer *observer_new(const char *session, pid_t root, bool root_counts, int ledger_fd);

/* Readable when a file appeared in /dev/shm; -1 if that cannot be watched. */
int observer_fd(const struct observer *observer);

/* Milliseconds until the next look at what announces nothing by itself. */
int observer_timeout(const struct observer *observer);

/* Looks; to be called when the descriptor is readable or the time is over. */
void observer_look(struct observer *observer);

#endif
