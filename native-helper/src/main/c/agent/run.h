/* Running a decoded script. */
#ifndef SHMKIT_RUN_H
#define SHMKIT_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "state.h"

/* Fills n->reply. True in a process that was forked meanwhile: it owes no reply. */
bool program_run(struct agent *n);

/* True if value cmp operand, both cut to width bytes. */
bool compare(uint8_t cmp, uint8_t width, uint64_t value, uint64_t operand);

#endif
