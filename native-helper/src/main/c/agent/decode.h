/* Decoded scripts. */
#ifndef SHMKIT_DECODE_H
#define SHMKIT_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#include "insn.h"
#include "proto.h"
#include "segment.h"
#include "uop.h"

struct program {
    struct uop *uops;
    uint32_t count, room;
    uint32_t insn_count;
    uint8_t *data; /* the request's data: calls may write to it */
    uint32_t data_size;
};

struct refusal {
    uint32_t insn;
    char text[160];
};

/*
 * Checks all of a script and decodes it, before anything of it runs. Pure: reads the slots' sizes and nothing else,
 * so that it can be fuzzed. On false the refusal says what is wrong with which instruction.
 */
bool program_decode(struct program *p, const struct slot slots[PROTO_SLOTS], unsigned passed_fds, const uint8_t *insns,
    uint32_t insn_count, uint8_t *data, uint32_t data_size, struct refusal *why);
void program_free(struct program *p);

/* The same checks for a single access to memory: no more than those make of it. */
bool access_check(const struct slot slots[PROTO_SLOTS], const struct insn *in, struct refusal *why);

#endif
