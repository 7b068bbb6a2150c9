/* Signals that are counted. */
#ifndef SHMKIT_SIGNAL_H
#define SHMKIT_SIGNAL_H

#include <stdint.h>

#include "function.h"

int64_t signal_action(struct call *c);
int64_t signal_count(struct call *c);

#endif
