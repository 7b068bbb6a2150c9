/* Checks a script and turns it into what the interpreter runs. */
#include "decode.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/memory.h"
#include "bytes.h"
#include "call.h"
#include "checkpoint.h"
#include "insn.h"
#include "proto.h"
#include "segment.h"
#include "uop.h"

enum {
    MEMORY = 1,     /* seg, off and width: one aligned value */
    RANGE = 2,      /* seg, off and a as length */
    VALUE = 4,      /* has a value: dst and KEEP are allowed */
    A_OPERAND = 8,  /* a may come from a register */
    B_OPERAND = 16, /* b may come from a register */
    INDEXED = 32,   /* idx is added to off */
    SOURCE = 64,    /* idx is the register that is looked at */
    COMPARES = 128,
    DATA = 256, /* a bytes at b of the data */
    TOP = 512,  /* not inside LOOP or IF */
};

static const struct {
    const char *name;
    uint16_t traits;
} ops[PROTO_OP_COUNT] = {
    [OP_NOP] = {"NOP", 0},
    [OP_GET] = {"GET", MEMORY | VALUE | INDEXED},
    [OP_PUT] = {"PUT", MEMORY | INDEXED | A_OPERAND},
    [OP_ADD] = {"ADD", MEMORY | VALUE | INDEXED | A_OPERAND},
    [OP_XCHG] = {"XCHG", MEMORY | VALUE | INDEXED | A_OPERAND},
    [OP_AND] = {"AND", MEMORY | VALUE | INDEXED | A_OPERAND},
    [OP_OR] = {"OR", MEMORY | VALUE | INDEXED | A_OPERAND},
    [OP_XOR] = {"XOR", MEMORY | VALUE | INDEXED | A_OPERAND},
    [OP_CAS] = {"CAS", MEMORY | VALUE | INDEXED | A_OPERAND | B_OPERAND},
    [OP_FILL] = {"FILL", RANGE | INDEXED | A_OPERAND | B_OPERAND},
    [OP_PUT_BYTES] = {"PUT_BYTES", RANGE | INDEXED | DATA},
    [OP_GET_BYTES] = {"GET_BYTES", RANGE | INDEXED | VALUE | A_OPERAND},
    [OP_COPY] = {"COPY", RANGE | INDEXED | A_OPERAND | B_OPERAND},
    [OP_CRC32] = {"CRC32", RANGE | INDEXED | VALUE | A_OPERAND},
    [OP_AWAIT] = {"AWAIT", MEMORY | VALUE | INDEXED | A_OPERAND | B_OPERAND | COMPARES},
    [OP_SLEEP] = {"SLEEP", A_OPERAND},
    [OP_FENCE] = {"FENCE", 0},
    [OP_ECHO] = {"ECHO", DATA},
    [OP_EXIT] = {"EXIT", A_OPERAND},
    [OP_DIE] = {"DIE", A_OPERAND},
    [OP_LOOP] = {"LOOP", A_OPERAND},
    [OP_END] = {"END", 0},
    [OP_BREAK] = {"BREAK", 0},
    [OP_IF] = {"IF", SOURCE | A_OPERAND | COMPARES},
    [OP_ELSE] = {"ELSE", 0},
    [OP_CHECK] = {"CHECK", SOURCE | A_OPERAND | COMPARES},
    [OP_SET] = {"SET", VALUE | A_OPERAND},
    [OP_ALU] = {"ALU", SOURCE | VALUE | A_OPERAND},
    [OP_ATTACH] = {"ATTACH", VALUE | TOP},
    [OP_DETACH] = {"DETACH", TOP},
    [OP_CALL] = {"CALL", VALUE},
    [OP_FORK] = {"FORK", VALUE},
    [OP_REACH] = {"REACH", DATA},
    [OP_CHECKPOINT] = {"CHECKPOINT", DATA},
    [OP_BARRIER] = {"BARRIER", DATA},
};

/* A LOOP or IF that is still open. */
struct block {
    uint8_t op;
    uint32_t begin;     /* its first step */
    uint32_t otherwise; /* of an IF: the jump that ends its first half, 0 if there is none */
    uint32_t breaks;    /* of a LOOP: the last BREAK + 1; each names the one before it */
};

struct decoder {
    struct program *p;
    unsigned passed_fds;
    bool attached[PROTO_SLOTS]; /* as they will be when control comes here */
    uint64_t sizes[PROTO_SLOTS];
    struct block blocks[PROTO_MAX_DEPTH];
    uint32_t depth, loops;
    uint32_t at;
    const char *name;
    struct refusal *why;
};

static bool refuse(struct decoder *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool refuse(struct decoder *d, const char *format, ...)
{
    va_list arguments;
    int used = snprintf(d->why->text, sizeof d->why->text, "%s: ", d->name);

    va_start(arguments, format);
    vsnprintf(d->why->text + used, sizeof d->why->text - (size_t)used, format, arguments);
    va_end(arguments);
    d->why->insn = d->at;
    return false;
}

static struct uop *emit(struct decoder *d, uint16_t code, const struct insn *in)
{
    struct program *p = d->p;

    if (p->count == p->room) {
        p->room = p->room == 0 ? 64 : p->room * 2;
        p->uops = xrealloc(p->uops, p->room * sizeof *p->uops);
    }
    p->uops[p->count] = (struct uop){
        .code = code,
        .width = in->width,
        .cmp = in->cmp,
        .flags = in->flags,
        .seg = in->seg,
        .order = in->order,
        .insn = d->at,
        .off = in->off,
        .a = in->a,
        .b = in->b,
    };
    return &p->uops[p->count++];
}

static bool is_width(uint8_t width)
{
    return width == 1 || width == 2 || width == 4 || width == 8;
}

static bool in_data(const struct decoder *d, uint64_t offset, uint64_t length)
{
    return offset <= d->p->data_size && length <= d->p->data_size - offset;
}

static bool check_order(struct decoder *d, const struct insn *in)
{
    bool load_only = in->op == OP_GET || in->op == OP_AWAIT;

    if (in->order >= PROTO_ORDER_COUNT)
        return refuse(d, "no memory order %u", in->order);
    if (load_only && (in->order == ORDER_RELEASE || in->order == ORDER_ACQ_REL))
        return refuse(d, "a load can't have release order");
    if (in->op == OP_PUT && (in->order == ORDER_ACQUIRE || in->order == ORDER_ACQ_REL))
        return refuse(d, "a store can't have acquire order");
    return true;
}

static bool check_range(struct decoder *d, uint8_t seg, uint64_t off, uint64_t length)
{
    if (seg == PROTO_SEG_RAW)
        return true;
    if (seg >= PROTO_SLOTS || !d->attached[seg])
        return refuse(d, "nothing is attached in slot %u", seg);
    if (off > d->sizes[seg] || length > d->sizes[seg] - off)
        return refuse(
            d, "offset %" PRIu64 " and %" PRIu64 " bytes: slot %u has %" PRIu64, off, length, seg, d->sizes[seg]);
    return true;
}

static bool check_memory(struct decoder *d, const struct insn *in, uint16_t traits)
{
    bool constant_length = (in->flags & PROTO_FLAG_A_REG) == 0;

    if (traits & MEMORY) {
        if (!is_width(in->width))
            return refuse(d, "no width %u", in->width);
        if (!check_order(d, in))
            return false;
        if (in->idx == 0 && in->off % in->width != 0)
            return refuse(d, "offset %" PRIu64 " is not a multiple of %u", in->off, in->width);
        return check_range(d, in->seg, in->idx == 0 ? in->off : 0, in->width);
    }
    if (traits & RANGE)
        return check_range(d, in->seg, in->idx == 0 ? in->off : 0, constant_length ? in->a : 0);
    return true;
}

static bool check_registers(struct decoder *d, const struct insn *in, uint16_t traits)
{
    uint8_t allowed = (traits & A_OPERAND ? PROTO_FLAG_A_REG : 0) | (traits & B_OPERAND ? PROTO_FLAG_B_REG : 0) |
                      (traits & VALUE ? PROTO_FLAG_KEEP : 0) | (in->op == OP_CALL ? PROTO_FLAG_CHECKED : 0) |
                      (in->op == OP_ATTACH ? PROTO_FLAG_READONLY : 0);

    if (in->flags & ~allowed)
        return refuse(d, "flags 0x%x are not among its 0x%x", in->flags, allowed);
    if (in->dst != 0 && (!(traits & VALUE) || in->dst > PROTO_REGS))
        return refuse(d, "can't put a value into register %u", in->dst);
    if (in->idx != 0 && (!(traits & (INDEXED | SOURCE)) || in->idx > PROTO_REG_EXTRA))
        return refuse(d, "can't use register %u", in->idx);
    if ((in->flags & PROTO_FLAG_A_REG) && (in->a == 0 || in->a > PROTO_REG_EXTRA))
        return refuse(d, "no register %" PRIu64, in->a);
    if ((in->flags & PROTO_FLAG_B_REG) && (in->b == 0 || in->b > PROTO_REG_EXTRA))
        return refuse(d, "no register %" PRIu64, in->b);
    return true;
}

static bool check_argument(struct decoder *d, char letter, const uint8_t *arg, unsigned number, uint64_t *out)
{
    uint8_t kind = arg[0], slot = arg[1];
    uint32_t length = le32(arg + 4);
    uint64_t value = le64(arg + 8);
    bool bytes = kind == ARG_DATA || kind == ARG_OUT;

    if (kind >= PROTO_ARG_COUNT || arg[2] != 0 || arg[3] != 0)
        return refuse(d, "argument %u has no known kind", number);
    if ((letter == 'i' || letter == 'n') && kind != ARG_IMM && kind != ARG_REG)
        return refuse(d, "argument %u is a number", number);
    if (letter == 's' && kind == ARG_OUT)
        return refuse(d, "argument %u is a string", number);
    if (letter == 'r' && bytes && length < PROTO_RECORD_SIZE)
        return refuse(d, "argument %u is a record of %u bytes", number, PROTO_RECORD_SIZE);
    switch (kind) {
    case ARG_REG:
        return (value >= PROTO_REG_FIRST && value <= PROTO_REG_EXTRA) || refuse(d, "no register %" PRIu64, value);
    case ARG_SEG:
        return slot != PROTO_SEG_RAW ? check_range(d, slot, value, 0) : refuse(d, "argument %u has no slot", number);
    case ARG_DATA:
        if (!in_data(d, value, length))
            return refuse(d, "argument %u is not within the data", number);
        if (letter == 's' && memchr(d->p->data + value, '\0', length) == NULL)
            return refuse(d, "argument %u has no end", number);
        return true;
    case ARG_OUT:
        *out += length;
        return *out <= PROTO_MAX_REPLY_BYTES || refuse(d, "more than %u bytes out", PROTO_MAX_REPLY_BYTES);
    default:
        return true;
    }
}

static bool check_call(struct decoder *d, const struct insn *in)
{
    const char *signature = call_signature(in->a);
    uint64_t out = 0;

    if (signature == NULL)
        return refuse(d, "no call %" PRIu64, in->a);
    if (in->b != strlen(signature))
        return refuse(d, "call %" PRIu64 " has %zu arguments, not %" PRIu64, in->a, strlen(signature), in->b);
    if (!in_data(d, in->off, in->b * PROTO_ARG_SIZE))
        return refuse(d, "the arguments are not within the data");
    for (unsigned i = 0; i < in->b; i++)
        if (!check_argument(d, signature[i], d->p->data + in->off + i * PROTO_ARG_SIZE, i, &out))
            return false;
    return true;
}

static bool check_attach(struct decoder *d, const struct insn *in)
{
    if (in->seg >= PROTO_SLOTS)
        return refuse(d, "no slot %u", in->seg);
    if (in->op == OP_DETACH) {
        if (!d->attached[in->seg])
            return refuse(d, "nothing is attached in slot %u", in->seg);
        d->attached[in->seg] = false;
        return true;
    }
    if (d->attached[in->seg])
        return refuse(d, "slot %u is taken", in->seg);
    if (in->cmp >= PROTO_METHOD_COUNT)
        return refuse(d, "no method %u", in->cmp);
    if (in->cmp == METHOD_PATH && !in_data(d, in->b >> 32, (uint32_t)in->b))
        return refuse(d, "the path is not within the data");
    if (in->a == 0 && (in->cmp == METHOD_ANON || in->cmp == METHOD_ADDRESS))
        return refuse(d, "needs a size");
    if (in->cmp == METHOD_ADDRESS && in->b % 8 != 0)
        return refuse(d, "address 0x%" PRIx64 " is not a multiple of 8", in->b);
    if (in->a > INT64_MAX)
        return refuse(d, "no segment is that large");
    d->attached[in->seg] = true;
    d->sizes[in->seg] = in->a; /* 0, all of it: not to be used before the next request, which will know */
    return true;
}

static bool check_checkpoint(struct decoder *d, const struct insn *in)
{
    const char *why;

    if (in->seg >= PROTO_SLOTS || !d->attached[in->seg])
        return refuse(d, "nothing is attached in slot %u", in->seg);
    why = checkpoint_check(in->op, d->p->data + in->b, in->a, d->sizes[in->seg]);
    return why == NULL || refuse(d, "%s", why);
}

static bool check(struct decoder *d, const struct insn *in)
{
    uint16_t traits = ops[in->op].traits;

    if ((traits & TOP) && d->depth > 0)
        return refuse(d, "not inside a loop or a condition");
    if (!check_registers(d, in, traits) || !check_memory(d, in, traits))
        return false;
    if ((traits & DATA) && !in_data(d, in->b, in->a))
        return refuse(d, "its bytes are not within the data");
    if ((traits & COMPARES) && in->cmp >= PROTO_COMPARISON_COUNT)
        return refuse(d, "no comparison %u", in->cmp);
    if ((traits & COMPARES) && !is_width(in->width))
        return refuse(d, "no width %u", in->width);
    switch (in->op) {
    case OP_COPY:
        if (in->flags & (PROTO_FLAG_A_REG | PROTO_FLAG_B_REG))
            return check_range(d, in->cmp, 0, 0);
        return check_range(d, in->cmp, in->b, in->a);
    case OP_GET_BYTES:
        return (in->flags & PROTO_FLAG_A_REG) || in->a <= PROTO_MAX_REPLY_BYTES ||
               refuse(d, "more than %u bytes", PROTO_MAX_REPLY_BYTES);
    case OP_FENCE:
        return in->order < PROTO_ORDER_COUNT || refuse(d, "no memory order %u", in->order);
    case OP_ALU:
        return in->cmp < PROTO_ALU_COUNT || refuse(d, "no arithmetic %u", in->cmp);
    case OP_EXIT:
        return (in->flags & PROTO_FLAG_A_REG) || in->a <= 255 || refuse(d, "exit codes are 0 to 255");
    case OP_DIE:
        return (in->flags & PROTO_FLAG_A_REG) || (in->a >= 1 && in->a <= 64) || refuse(d, "signals are 1 to 64");
    case OP_ATTACH:
    case OP_DETACH:
        return check_attach(d, in);
    case OP_CALL:
        return check_call(d, in);
    case OP_FORK:
        return d->passed_fds > 0 || refuse(d, "no connection for the child came with it");
    case OP_REACH:
    case OP_CHECKPOINT:
    case OP_BARRIER:
        return check_checkpoint(d, in);
    default:
        return true;
    }
}

static void emit_resolve(struct decoder *d, const struct insn *in, uint16_t traits)
{
    struct uop *u;

    if (!(in->flags & (PROTO_FLAG_A_REG | PROTO_FLAG_B_REG)) && !((traits & INDEXED) && in->idx != 0))
        return;
    u = emit(d, U_RESOLVE, in);
    u->reg = traits & INDEXED ? in->idx : 0;
    u->cmp = (traits & MEMORY) != 0;
}

/* After an instruction that has a value: where the value goes. */
static void emit_value(struct decoder *d, const struct insn *in)
{
    bool bytes = in->op == OP_GET_BYTES;

    if (in->dst != 0)
        emit(d, U_STORE, in)->reg = in->dst;
    if (bytes || (in->flags & PROTO_FLAG_KEEP))
        emit(d, U_KEEP, in)->cmp = bytes               ? KEEP_BYTES
                                   : in->op == OP_CAS  ? KEEP_SWAPPED
                                   : in->op == OP_CALL ? KEEP_CALL
                                                       : KEEP_VALUE;
}

static void emit_memory(struct decoder *d, const struct slot *slots, const struct insn *in)
{
    struct uop *u = emit(d, UOP_OF_MEMORY(in->op, in->width, in->order), in);

    if (in->seg == PROTO_SEG_RAW)
        u->addr = (uint8_t *)(uintptr_t)in->off;
    else if (slots[in->seg].base != NULL && in->idx == 0)
        u->addr = slots[in->seg].base + in->off;
}

static bool open_block(struct decoder *d, const struct insn *in, uint16_t code)
{
    if (d->depth == PROTO_MAX_DEPTH)
        return refuse(d, "nested deeper than %u", PROTO_MAX_DEPTH);
    d->blocks[d->depth++] = (struct block){.op = in->op, .begin = d->p->count};
    d->loops += in->op == OP_LOOP;
    emit(d, code, in)->order = (uint8_t)(64 - 8 * in->width);
    return true;
}

static bool decode_else(struct decoder *d, const struct insn *in)
{
    struct block *block = d->depth > 0 ? &d->blocks[d->depth - 1] : NULL;

    if (block == NULL || block->op != OP_IF || block->otherwise != 0)
        return refuse(d, "does not follow an IF");
    block->otherwise = d->p->count;
    emit(d, U_JUMP, in);
    d->p->uops[block->begin].target = d->p->count;
    return true;
}

static bool decode_end(struct decoder *d, const struct insn *in)
{
    struct block *block;
    struct uop *uops;
    uint32_t here;

    if (d->depth == 0)
        return refuse(d, "closes nothing");
    block = &d->blocks[--d->depth];
    if (block->op == OP_IF) {
        here = d->p->count;
        d->p->uops[block->otherwise != 0 ? block->otherwise : block->begin].target = here;
        return true;
    }
    d->loops--;
    here = d->p->count;
    emit(d, U_END, in)->target = block->begin;
    uops = d->p->uops;
    uops[block->begin].target = here;
    for (uint32_t next = block->breaks; next != 0;) {
        struct uop *broken = &uops[next - 1];
        next = broken->target;
        broken->target = here;
    }
    return true;
}

static bool decode_break(struct decoder *d, const struct insn *in)
{
    uint32_t level = d->depth;
    struct uop *u;

    if (d->loops == 0)
        return refuse(d, "is in no loop");
    while (d->blocks[level - 1].op != OP_LOOP)
        level--;
    u = emit(d, U_BREAK, in);
    u->target = d->blocks[level - 1].breaks;
    d->blocks[level - 1].breaks = d->p->count;
    return true;
}

static bool decode_one(struct decoder *d, const struct slot *slots, const struct insn *in)
{
    static const uint16_t plain[PROTO_OP_COUNT] = {
        [OP_FILL] = U_FILL,
        [OP_PUT_BYTES] = U_PUT_BYTES,
        [OP_GET_BYTES] = U_GET_BYTES,
        [OP_COPY] = U_COPY,
        [OP_CRC32] = U_CRC32,
        [OP_AWAIT] = U_AWAIT,
        [OP_SLEEP] = U_SLEEP,
        [OP_FENCE] = U_FENCE,
        [OP_ECHO] = U_ECHO,
        [OP_EXIT] = U_EXIT,
        [OP_DIE] = U_DIE,
        [OP_SET] = U_SET,
        [OP_ATTACH] = U_ATTACH,
        [OP_DETACH] = U_DETACH,
        [OP_CALL] = U_CALL,
        [OP_FORK] = U_FORK,
    };
    uint16_t traits;

    if (in->op >= PROTO_OP_COUNT) {
        d->name = "instruction";
        return refuse(d, "no operation %u", in->op);
    }
    d->name = ops[in->op].name;
    traits = ops[in->op].traits;
    if (!check(d, in))
        return false;
    if ((in->op == OP_IF || in->op == OP_CHECK || in->op == OP_ALU) && in->idx != 0 && in->idx != PROTO_REG_LAST)
        emit(d, U_LOAD, in)->reg = in->idx;
    emit_resolve(d, in, traits);
    switch (in->op) {
    case OP_NOP:
        return true;
    case OP_GET:
    case OP_PUT:
    case OP_ADD:
    case OP_XCHG:
    case OP_AND:
    case OP_OR:
    case OP_XOR:
    case OP_CAS:
        emit_memory(d, slots, in);
        break;
    case OP_LOOP:
        return open_block(d, in, U_LOOP);
    case OP_IF:
        return open_block(d, in, (uint16_t)(U_IF_EQ + in->cmp));
    case OP_ELSE:
        return decode_else(d, in);
    case OP_END:
        return decode_end(d, in);
    case OP_BREAK:
        return decode_break(d, in);
    case OP_CHECK:
        emit(d, U_CHECK, in);
        break;
    case OP_ALU:
        emit(d, U_ALU, in);
        break;
    case OP_REACH:
    case OP_CHECKPOINT:
    case OP_BARRIER:
        emit(d, U_CHECKPOINT, in)->cmp = in->op;
        break;
    default:
        emit(d, plain[in->op], in);
        break;
    }
    emit_value(d, in);
    return true;
}

bool program_decode(struct program *p, const struct slot slots[PROTO_SLOTS], unsigned passed_fds, const uint8_t *insns,
    uint32_t insn_count, uint8_t *data, uint32_t data_size, struct refusal *why)
{
    struct decoder d = {.p = p, .passed_fds = passed_fds, .why = why, .name = "script"};

    p->count = 0;
    p->insn_count = insn_count;
    p->data = data;
    p->data_size = data_size;
    if (insn_count > PROTO_MAX_INSNS)
        return refuse(&d, "%u instructions, at most %u are allowed", insn_count, PROTO_MAX_INSNS);
    for (unsigned i = 0; i < PROTO_SLOTS; i++) {
        d.attached[i] = slots[i].base != NULL;
        d.sizes[i] = slots[i].size;
    }
    for (d.at = 0; d.at < insn_count; d.at++) {
        struct insn in = insn_of(insns + (size_t)d.at * PROTO_INSN_SIZE);
        if (!decode_one(&d, slots, &in))
            return false;
    }
    d.name = "script";
    if (d.depth > 0)
        return refuse(&d, "%u loops or conditions are not closed", d.depth);
    d.at = insn_count > 0 ? insn_count - 1 : 0;
    emit(&d, U_STOP, &(struct insn){0});
    return true;
}

bool access_check(const struct slot slots[PROTO_SLOTS], const struct insn *in, struct refusal *why)
{
    struct decoder d = {.why = why, .name = "access"};

    if (in->op < OP_GET || in->op > OP_CAS)
        return refuse(&d, "no single access is operation %u", in->op);
    d.name = ops[in->op].name;
    if (in->flags != 0 || in->dst != 0 || in->idx != 0)
        return refuse(&d, "a single access has no registers and keeps nothing");
    if (in->seg < PROTO_SLOTS) {
        d.attached[in->seg] = slots[in->seg].base != NULL;
        d.sizes[in->seg] = slots[in->seg].size;
    }
    return check_memory(&d, in, ops[in->op].traits);
}

void program_free(struct program *p)
{
    free(p->uops);
    *p = (struct program){0};
}
