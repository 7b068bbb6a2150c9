/* Who has a new file open or mapped: all that can be seen where the kernel names no makers. A hint, and no proof. */
#ifndef SHMKIT_HOLDERS_H
#define SHMKIT_HOLDERS_H

#include <stdbool.h>

#include "tree.h"

struct holders;

struct holders *holders_new(int dir, bool queues);

/* A file of that name is new. */
void holders_add(struct holders *holders, const char *name);

/* Names were missed: whatever is there that is new. */
void holders_look_for_new(struct holders *holders);

/* Notes each of them which a process of the session has open or mapped. */
void holders_ask(struct holders *holders, struct tree *tree, int ledger_fd);

#endif
