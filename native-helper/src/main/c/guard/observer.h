/*
 * Notes which IPC objects the session's processes make without us, and who made them: afterwards nothing in the kernel
 * tells that a segment was made by a process of this session.
 *
 * What the kernel names the maker of, and only if that was of the session (tree.h), is noted as made by it, as an O record
 * in the ledger (ledger.h): segments of System V (rows.h), files in /dev/shm and queues (files.h). Of System V semaphore
 * sets and queues the kernel names no maker. What is seen comes first, what has become of processes next, and only then
 * judgement: whoever made what was seen is known by then, however short its life.
 */
#ifndef SHMKIT_OBSERVER_H
#define SHMKIT_OBSERVER_H

#include <stdbool.h>
#include <sys/types.h>

struct observer;

/* root: the JVM of the tests, which counts as a maker itself, or mvn, which does not. */
struct observer *observer_new(const char *session, pid_t root, bool root_counts, int ledger_fd);

/* Also in declared directories, see files_declared. */
void observer_add(struct observer *observer, char **patterns, int count);

/* Readable when something was announced. */
int observer_fd(const struct observer *observer);

/* Milliseconds until the next look at what announces nothing by itself. */
int observer_timeout(const struct observer *observer);

/* Looks; to be called when the descriptor is readable or the time is over. Takes some 10 ms at most. */
void observer_look(struct observer *observer);

/* Looks until all is noted that was made before the call, and notes every process of the session that lives. */
void observer_catch_up(struct observer *observer);

/* The role that tells how makers would be found here: the record of it in a ledger, without a check sum. */
int sources_main(int argc, char **argv);

#endif
