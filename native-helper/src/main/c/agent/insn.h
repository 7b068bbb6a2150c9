/* An instruction of a script, as it came. */
#ifndef SHMKIT_INSN_H
#define SHMKIT_INSN_H

#include <stdint.h>

#include "bytes.h"

struct insn {
    uint8_t op, width, order, cmp, flags, dst, idx, seg;
    uint64_t off, a, b;
};

static inline struct insn insn_of(const uint8_t *w)
{
    return (struct insn){w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], le64(w + 8), le64(w + 16), le64(w + 24)};
}

#endif
