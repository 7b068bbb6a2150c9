/* Time that passes. */
#ifndef SHMKIT_CLOCK_H
#define SHMKIT_CLOCK_H

#include <stdint.h>

int64_t now_ms(void); /* CLOCK_MONOTONIC */
void sleep_us(unsigned microseconds);

#endif
