/* An instruction of a script, as it came. */
#ifndef SHMKIT_INSN_H
#define SHMKIT_INSN_H

#include <stdint.h>

struct insn {
    uint8_t op, width, order, cmp, flags, dst, idx, seg;
    uint64_t off, a, b;
};

#endif
