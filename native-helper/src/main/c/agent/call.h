/* Calling functions of the C library. */
#ifndef SHMKIT_CALL_H
#define SHMKIT_CALL_H

#include <stdint.h>

#include "state.h"
#include "uop.h"

struct call_outcome {
    int64_t value;
    int32_t err;
    const char *usage; /* not NULL: refused at run time, and why */
};
const char *call_signature(uint64_t call); /* NULL: no such call */
struct call_outcome call_perform(struct agent *n, const struct uop *u);

#endif
