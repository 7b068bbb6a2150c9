/*
 * Which processes are of the session: those that descend from its root, dead ones among them, and those that carry its
 * secret (token.h).
 *
 * Where the kernel tells who forks whom (forks.h), the tree is exact, and knows a process that lived for a moment as well
 * as one whose parents are gone. Elsewhere /proc is searched again and again: who was seen once, as descendant of whom, is
 * remembered by pid and start time.
 */
#ifndef SHMKIT_TREE_H
#define SHMKIT_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "process.h"

struct tree;

/* As a ledger has it, see there. */
enum proof { NO_PROOF = 0, BY_DESCENT = 'D', BY_TOKEN = 'T', BY_HOLDING = 'H' };

/* Between which moments something happened, in nanoseconds of CLOCK_BOOTTIME. */
struct span {
    int64_t from, to;
};

int64_t boot_ns(void);

/* root: the JVM of the tests, which counts as a maker itself, or mvn, which does not. */
struct tree *tree_new(pid_t root, bool root_counts, const char *session);

/* Whether the kernel tells of all its processes. */
bool tree_is_exact(const struct tree *tree);

/* Why it is not, as an errno. */
int tree_error(const struct tree *tree);

/* Whether it was, and was not kept up with. */
bool tree_is_lossy(const struct tree *tree);

/* Adds what becomes readable when much is to be learned at once. */
void tree_poll(const struct tree *tree, int epoll);

/*
 * Learns what has happened; whoever did something that was listed before is known then. search: in /proc as well, where
 * the kernel does not tell.
 */
void tree_update(struct tree *tree, bool search);

/* What proves that the process with that pid at that time was of the session, and which it was. */
enum proof tree_ask(struct tree *tree, pid_t pid, struct span when, struct process *process);

/*
 * Whether it certainly was not, and is no guard or cleaner of ours either, which open what they judge; and who it is. Of a
 * process that is gone only an exact tree knows.
 */
bool tree_excludes(struct tree *tree, pid_t pid, struct span when, struct process *process);

/* Whether it is a guard or cleaner of ours. */
bool is_shm_helper(const struct process *process);

/* Forgets those who were gone before; what they did was listed. */
void tree_forget(struct tree *tree, int64_t before);

/* Shows each living member, but the root, that is older, until visit returns true once. */
void tree_show(
    struct tree *tree, int64_t age_ns, bool (*visit)(const struct process *member, void *context), void *context);

#endif
