/*
 * The instructions of x86-64 that store to memory or load from it: how long they are, where and how much, and how the
 * same is done through another address.
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
    FORM_STRING    /* the same, by rdi or rsi or both, which it moves; perhaps rcx times */
};

/* When a repeated string instruction ends before rcx is 0 */
enum form_ends { ENDS_NEVER, ENDS_IF_NOT_EQUAL, ENDS_IF_EQUAL };

struct form {
    enum form_kind kind;
    uint8_t copy[INSTRUCTION_MAX];
    uint8_t length, copy_length;
    uint8_t reg;    /* which register the copy has the address in */
    uint16_t width; /* how many bytes one execution may store at most */
    bool stores;    /* else it only loads */
    bool repeated, by_rdi, by_rsi;
    enum form_ends ends;
    /* The address: base + index * scale + displacement, of registers by their numbers, -1 for none. */
    int8_t base, index;
    uint8_t scale;
    bool rip_relative, short_address;
    char segment; /* 'f' or 'g' or 0 */
    int32_t displacement;
    uint64_t absolute;   /* instead of a displacement, by mov with an offset */
    int8_t unscaled;     /* a displacement of one byte that counts in units of the width, if that is not certain */
    int8_t bit_register; /* bts, btr, btc: it has the number of the bit, counted from the address */
};

/*
 * False if it is not one that stores, nor one that loads if these are wanted, or one that cannot be run through another
 * address. Of what is loaded the width may be more than it is.
 */
bool form_decode(const uint8_t *code, size_t available, bool loads, struct form *form);

/*
 * Where the operand of an instruction with EVEX is has to be known from a fault: displacements of one byte count in
 * units that depend on the instruction. False if it cannot be there.
 */
bool form_fits(struct form *form, const struct user_regs_struct *regs, uint64_t fault);

/* Where an instruction at rip stores with these registers, and where its memory operand is: not the same for bits. */
struct place {
    uint64_t operand, store;
};
struct place form_place(const struct form *form, const struct user_regs_struct *regs);

unsigned long long *register_of(struct user_regs_struct *regs, int number);

#endif
