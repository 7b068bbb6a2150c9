/* A single access to memory, done as it comes: no program is made of it. */
#ifndef SHMKIT_ACCESS_H
#define SHMKIT_ACCESS_H

#include <stdint.h>

#include "state.h"

/* Fills n->reply. Registers stay as they are. */
void access_run(struct agent *n, const uint8_t *w);

#endif
