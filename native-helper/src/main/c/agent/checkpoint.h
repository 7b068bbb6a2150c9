/* Checkpoints. */
#ifndef SHMKIT_CHECKPOINT_H
#define SHMKIT_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "uop.h"

/* Why their data can't be used, or NULL; and doing it: 0 or an errno. */
const char *checkpoint_check(uint8_t op, const uint8_t *data, uint64_t size, uint64_t page_size);
int checkpoint_run(const struct uop *u, const uint8_t *data, uint8_t *page, uint64_t *last);

#endif
