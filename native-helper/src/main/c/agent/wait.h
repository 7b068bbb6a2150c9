/* Waiting: until memory has a value, or for a time. */
#ifndef SHMKIT_WAIT_H
#define SHMKIT_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "uop.h"

uint64_t load(const uint8_t *addr, uint8_t width, uint8_t order);
bool await_value(const struct uop *u, uint64_t *last); /* false: timed out */
void sleep_ns(uint64_t nanoseconds);

#endif
