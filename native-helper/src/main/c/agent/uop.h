/* The interpreter's own operations, shared by the decoder and the interpreter. */
#ifndef SHMKIT_UOP_H
#define SHMKIT_UOP_H

#include <stdint.h>

#include "proto.h"

/*
 * Loads, stores and read-modify-writes are one operation for each width and order, because the compiler needs both
 * as constants.
 */
#define UOP_MEMORY_COUNT (8 * 4 * PROTO_ORDER_COUNT)
#define UOP_OF_MEMORY(op, width, order) \
    (uint16_t)((((op)-OP_GET) * 4 + ((width) == 1      ? 0 \
                                        : (width) == 2 ? 1 \
                                        : (width) == 4 ? 2 \
                                                       : 3)) * \
                   PROTO_ORDER_COUNT + \
               (order))

/* clang-format off */
#define UOPS(X) \
    X(RESOLVE) /* fills the next one's operands from registers */ \
    X(STORE)   /* register = last */ \
    X(LOAD)    /* last = register */ \
    X(KEEP) \
    X(FILL) X(PUT_BYTES) X(GET_BYTES) X(COPY) X(CRC32) X(AWAIT) X(SLEEP) X(FENCE) X(ECHO) X(EXIT) X(DIE) \
    X(LOOP) X(END) X(BREAK) X(JUMP) \
    X(IF_EQ) X(IF_NE) X(IF_LT) X(IF_LE) X(IF_GT) X(IF_GE) X(IF_ULT) X(IF_ULE) X(IF_UGT) X(IF_UGE) X(IF_ALL_SET) \
    X(IF_ANY_SET) \
    X(CHECK) X(SET) X(ALU) X(ATTACH) X(DETACH) X(CALL) X(FORK) X(CHECKPOINT) X(STOP)
/* clang-format on */

#define UOP_ENUM(n) U_##n,
enum uop_code { U_LAST_OF_MEMORY = UOP_MEMORY_COUNT - 1, UOPS(UOP_ENUM) U_COUNT };

/* What KEEP puts into a result's err and extra. */
enum keep { KEEP_VALUE, KEEP_SWAPPED, KEEP_BYTES, KEEP_CALL };

/*
 * One step of the interpreter. A wire instruction becomes one to four of them: register operands are resolved by a
 * step of their own before it, and results kept by one after it, so that the plain forms pay for neither.
 */
struct uop {
    uint16_t code;
    uint8_t width, cmp, flags, reg, seg, order;
    uint32_t insn;   /* index of the wire instruction */
    uint32_t target; /* where control goes, for those that jump */
    uint64_t off, a, b;
    uint8_t *addr; /* of the operand in memory: resolved while decoding, by RESOLVE, or by ATTACH */
};

#endif
