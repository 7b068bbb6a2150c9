/*
 * The instructions of x86-64 that store to memory: how long they are, where and how much they store, and how the same
 * store is done through another address.
 *
 * A copy of the instruction has its memory operand replaced by [scratch register], so that it can run anywhere and
 * store anywhere. What can't be replaced so, because the address is implied by the instruction, is displaced: the
 * register that holds the address is moved, and moved back afterwards.
 */
#ifndef SHMKIT_TRACE_DECODE_H
#define SHMKIT_TRACE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/user.h>

#define INSTRUCTION_MAX 15

enum form_kind {
    FORM_OPERAND,  /* ModRM operand: the copy stores to [register] */
    FORM_REGISTER, /* the address is in a register, implied or not: the copy is the same */
    FORM_STRING    /* the same, by rdi, which it moves; perhaps rcx times */
};

struct form {
    enum form_kind kind;
    uint8_t copy[INSTRUCTION_MAX];
    uint8_t length, copy_length;
    uint8_t reg;    /* which register the copy has the address in */
    uint16_t width; /* how many bytes one execution may store at most */
    bool repeated;
    /* The address: base + index * scale + displacement, of registers by their numbers, -1 for none. */
    int8_t base, index;
    uint8_t scale;
    bool rip_relative, short_address;
    char segment; /* 'f' or 'g' or 0 */
    int32_t displacement;
    uint64_t absolute;   /* instead of a displacement, by mov with an offset */
    int8_t bit_register; /* bts, btr, btc: it has the number of the bit, counted from the address */
};

/* False if it is not one that stores, or one that cannot be run through another address. */
bool form_decode(const uint8_t *code, size_t available, struct form *form);

/* Where an instruction at rip stores with these registers, and where its memory operand is: not the same for bits. */
struct place {
    uint64_t operand, store;
};
struct place form_place(const struct form *form, const struct user_regs_struct *regs);

unsigned long long *register_of(struct user_regs_struct *regs, int number);

#endif
