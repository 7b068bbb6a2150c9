/*
 * A fuzzer in small, for harnesses that know what their input looks like. Coverage guides it where the code under test is
 * compiled with -fsanitize-coverage=trace-pc: an input that enters code that none before it did is kept, and later
 * ones begin from it.
 */
#ifndef SHMKIT_FUZZ_H
#define SHMKIT_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fuzz {
    const char *what;
    size_t input_size;
    void (*damage)(void *input);    /* changes it a little; it begins as zeros */
    bool (*try)(const void *input); /* whether it was accepted; exits where a promise is broken */
};

/* The arguments are [seconds [seed]]: by default a second, and a seed from the clock, which it prints. */
int fuzz_run(const struct fuzz *fuzz, int argc, char **argv);

uint64_t fuzz_any(void);
uint64_t fuzz_below(uint64_t limit);

#endif
