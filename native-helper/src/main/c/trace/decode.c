
#include <string.h>

#include "decode.h"

#define PAGE 4096

enum { NO_PREFIX, P66, PF3, PF2 };
enum { LEGACY, VEX, EVEX };
enum { MAP_0F = 1, MAP_0F38 = 2, MAP_0F3A = 3, MAP_5 = 5 };
enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI };

struct opcode {
    int encoding, map, op;
    int prefix; /* the mandatory one, or of the operand's size */
    bool wide;  /* REX.W, VEX.W */
    int vector; /* bytes of a vector */
    int reg;    /* of ModRM, without its extension */
    bool register_form;
    bool halved; /* has the prefix of 2-byte operands, whatever else it has */
};

/* What an opcode stores. */
struct effect {
    int width, immediate;
    int implied; /* register that has the address, -1: ModRM */
    bool bits;
};

static int operand_size(const struct opcode *o)
{
    return o->wide ? 8 : o->halved ? 2 : 4;
}

static bool one_byte(const struct opcode *o, struct effect *e)
{
    int op = o->op, size = operand_size(o), word = size < 4 ? size : 4;

    /* add, or, adc, sbb, and, sub, xor; not cmp */
    if (op < 0x38 && (op & 6) == 0) {
        e->width = op & 1 ? size : 1;
        return true;
    }
    switch (op) {
    case 0x80:
    case 0x81:
    case 0x83:
        e->width = op == 0x80 ? 1 : size;
        e->immediate = op == 0x81 ? word : 1;
        return o->reg != 7;
    case 0x86:
    case 0x88:
    case 0xd0:
    case 0xd2:
        e->width = 1;
        return true;
    case 0x87:
    case 0x89:
    case 0xd1:
    case 0xd3:
        e->width = size;
        return true;
    case 0x8c:
        e->width = 2;
        return true;
    case 0x8f:
        e->width = o->halved ? 2 : 8;
        return o->reg == 0;
    case 0xc0:
    case 0xc1:
        e->width = op == 0xc0 ? 1 : size;
        e->immediate = 1;
        return true;
    case 0xc6:
    case 0xc7:
        e->width = op == 0xc6 ? 1 : size;
        e->immediate = op == 0xc6 ? 1 : word;
        return o->reg == 0;
    case 0xf6:
    case 0xf7:
        e->width = op == 0xf6 ? 1 : size;
        return o->reg == 2 || o->reg == 3;
    case 0xfe:
    case 0xff:
        e->width = op == 0xfe ? 1 : size;
        return o->reg <= 1;
    default:
        break;
    }
    /* The 80x87, by opcode and extension */
    static const uint8_t x87[8][8] = {
        [1] = {[2] = 4, [3] = 4, [6] = 28, [7] = 2},
        [3] = {[1] = 4, [2] = 4, [3] = 4, [7] = 10},
        [5] = {[1] = 8, [2] = 8, [3] = 8, [6] = 108, [7] = 2},
        [7] = {[1] = 2, [2] = 2, [3] = 2, [6] = 10, [7] = 8},
    };
    if ((op & 0xf8) == 0xd8)
        e->width = x87[op & 7][o->reg];
    return e->width > 0;
}

/* Of vectors, in all three encodings */
static int moved(const struct opcode *o)
{
    static const uint8_t scalar[] = {0, 0, 4, 8};
    int wide = o->wide ? 8 : 4, p = o->prefix;

    switch (o->op) {
    case 0x11:
        return p == PF3 || p == PF2 ? scalar[p] : o->vector;
    case 0x13:
    case 0x17:
        return p == NO_PREFIX || p == P66 ? 8 : 0;
    case 0x29:
        return p == NO_PREFIX || p == P66 ? o->vector : 0;
    case 0x2b:
        if (o->encoding == LEGACY && scalar[p] > 0)
            return scalar[p]; /* SSE4a */
        return p == NO_PREFIX || p == P66 ? o->vector : 0;
    case 0x7e:
        return p == P66 || (p == NO_PREFIX && o->encoding == LEGACY) ? wide : 0;
    case 0x7f:
        if (p == NO_PREFIX)
            return o->encoding == LEGACY ? 8 : 0;
        return p != PF2 || o->encoding == EVEX ? o->vector : 0;
    case 0xd6:
        return p == P66 ? 8 : 0;
    case 0xe7:
        if (p == NO_PREFIX)
            return o->encoding == LEGACY ? 8 : 0;
        return p == P66 ? o->vector : 0;
    default:
        return 0;
    }
}

static bool two_byte(const struct opcode *o, struct effect *e)
{
    int size = operand_size(o);

    if (o->register_form) {
        if (o->op == 0xf7 && (o->prefix == P66 || o->prefix == NO_PREFIX)) { /* maskmovq, maskmovdqu */
            e->width = o->prefix == P66 ? 16 : 8;
            e->implied = RDI;
            return true;
        }
        return false;
    }
    switch (o->op) {
    case 0x90 ... 0x9f: /* set… */
        e->width = 1;
        return true;
    case 0xab: /* bts, btr, btc with a register */
    case 0xb3:
    case 0xbb:
        e->width = size;
        e->bits = true;
        return true;
    case 0xba:
        e->width = size;
        e->immediate = 1;
        return o->reg >= 5;
    case 0xa4: /* shld, shrd */
    case 0xac:
        e->width = size;
        e->immediate = 1;
        return true;
    case 0xa5:
    case 0xad:
        e->width = size;
        return true;
    case 0xb0: /* cmpxchg, xadd */
    case 0xc0:
        e->width = 1;
        return true;
    case 0xb1:
    case 0xc1:
        e->width = size;
        return true;
    case 0xc3: /* movnti */
        e->width = o->wide ? 8 : 4;
        return o->prefix == NO_PREFIX;
    case 0xc7:
        if (o->reg == 1) { /* cmpxchg8b, cmpxchg16b */
            e->width = o->wide ? 16 : 8;
            return true;
        }
        return false;
    case 0xae:
        if (o->prefix != NO_PREFIX)
            return false;
        e->width = o->reg == 0 ? 512 : o->reg == 3 ? 4 : 0; /* fxsave, stmxcsr */
        return e->width > 0;
    default:
        e->width = moved(o);
        return e->width > 0;
    }
}

static bool three_byte(const struct opcode *o, struct effect *e)
{
    if (o->register_form)
        return false;
    if (o->map == MAP_0F3A) {
        static const uint8_t extracted[] = {1, 2, 0, 4}; /* pextrb, pextrw, pextrd or pextrq, extractps */
        if (o->op < 0x14 || o->op > 0x17 || o->prefix != P66)
            return false;
        e->width = o->op == 0x16 ? (o->wide ? 8 : 4) : extracted[o->op - 0x14];
        e->immediate = 1;
        return true;
    }
    switch (o->op) {
    case 0xf1: /* movbe; with F2 it is crc32 */
        e->width = operand_size(o);
        return o->prefix == NO_PREFIX || o->prefix == P66;
    case 0xf9: /* movdiri */
        e->width = o->wide ? 8 : 4;
        return o->prefix == NO_PREFIX;
    case 0xf8: /* movdir64b */
        e->width = 64;
        e->implied = 0; /* the register of ModRM */
        return o->prefix == P66;
    case 0xfc: /* aadd, aand, aor, axor */
        e->width = o->wide ? 8 : 4;
        return true;
    default:
        return false;
    }
}

static bool vex(const struct opcode *o, struct effect *e)
{
    if (o->map == MAP_0F && o->op == 0xf7 && o->register_form && o->prefix == P66) {
        e->width = 16;
        e->implied = RDI;
        return true;
    }
    if (o->register_form)
        return false;
    if (o->map == MAP_0F) {
        if (o->op == 0x91) { /* kmov */
            e->width = o->prefix == NO_PREFIX ? (o->wide ? 8 : 2) : (o->wide ? 4 : 1);
            return o->prefix == NO_PREFIX || o->prefix == P66;
        }
        if (o->op == 0xae && o->reg == 3 && o->prefix == NO_PREFIX) { /* vstmxcsr */
            e->width = 4;
            return true;
        }
        e->width = moved(o);
        return e->width > 0;
    }
    if (o->map == MAP_0F38 && o->prefix == P66) {
        if (o->op == 0x2e || o->op == 0x2f || o->op == 0x8e) /* vmaskmov, vpmaskmov */
            e->width = o->vector;
        else if ((o->op & 0xf0) == 0xe0) /* cmp…xadd */
            e->width = o->wide ? 8 : 4;
        return e->width > 0;
    }
    if (o->map != MAP_0F3A || o->prefix != P66)
        return false;
    e->immediate = 1;
    if (o->op == 0x19 || o->op == 0x39)
        e->width = 16; /* vextract… */
    else if (o->op == 0x1d)
        e->width = o->vector / 2; /* vcvtps2ph */
    else
        return three_byte(o, e);
    return true;
}

/* The truncating moves vpmov…: how many times less is stored than the vector has */
static int truncation(int op)
{
    static const uint8_t by[] = {2, 4, 8, 2, 4, 2};

    return (op & 0xf) <= 5 && op >= 0x10 && op <= 0x35 ? by[op & 0xf] : 0;
}

static bool evex(const struct opcode *o, struct effect *e)
{
    if (o->register_form)
        return false;
    switch (o->map) {
    case MAP_0F:
        e->width = moved(o);
        break;
    case MAP_0F38:
        if (o->prefix == PF3 && truncation(o->op) > 0)
            e->width = o->vector / truncation(o->op);
        else if (o->prefix == P66 && (o->op == 0x8a || o->op == 0x8b || o->op == 0x63)) /* vcompress… */
            e->width = o->vector;
        break;
    case MAP_0F3A:
        if (o->prefix != P66)
            return false;
        e->immediate = 1;
        if (o->op == 0x19 || o->op == 0x39)
            e->width = 16;
        else if (o->op == 0x1b || o->op == 0x3b)
            e->width = 32;
        else if (o->op == 0x1d)
            e->width = o->vector / 2;
        else
            return three_byte(o, e);
        break;
    case MAP_5:
        e->width = (o->op == 0x11 && o->prefix == PF3) || (o->op == 0x7e && o->prefix == P66) ? 2 : 0;
        break;
    default:
        break;
    }
    return e->width > 0;
}

/* --- what only loads --- */

static bool one_byte_load(const struct opcode *o, struct effect *e)
{
    int op = o->op, size = operand_size(o), word = size < 4 ? size : 4;

    e->width = op & 1 ? size : 1;
    if (op < 0x40 && ((op & 6) == 2 || (op & 0xfe) == 0x38)) /* add to xor with a register as target, cmp */
        return true;
    switch (op) {
    case 0x63: /* movsxd */
        e->width = 4;
        return true;
    case 0x69:
    case 0x6b: /* imul */
        e->width = size;
        e->immediate = op == 0x69 ? word : 1;
        return true;
    case 0x80:
    case 0x81:
    case 0x83: /* cmp: others store */
        e->immediate = op == 0x81 ? word : 1;
        return o->reg == 7;
    case 0x84: /* test, mov */
    case 0x85:
    case 0x8a:
    case 0x8b:
        return true;
    case 0x8e:
        e->width = 2;
        return true;
    case 0xf6:
    case 0xf7: /* test, mul, div */
        e->immediate = o->reg > 1 ? 0 : op == 0xf6 ? 1 : word;
        return o->reg != 2 && o->reg != 3;
    case 0xff: /* push */
        e->width = o->halved ? 2 : 8;
        return o->reg == 6;
    default:
        break;
    }
    static const uint8_t x87[8][8] = {
        {4, 4, 4, 4, 4, 4, 4, 4},
        {[0] = 4, [4] = 28, [5] = 2},
        {4, 4, 4, 4, 4, 4, 4, 4},
        {[0] = 4, [5] = 10},
        {8, 8, 8, 8, 8, 8, 8, 8},
        {[0] = 8, [4] = 108},
        {2, 2, 2, 2, 2, 2, 2, 2},
        {[0] = 2, [4] = 10, [5] = 8},
    };
    e->width = (op & 0xf8) == 0xd8 ? x87[op & 7][o->reg] : 0;
    return e->width > 0;
}

/* Bytes of a vector instruction of the map 0F; more than there are if that is not certain. */
static int vector_load(const struct opcode *o)
{
    bool scalar = o->prefix == PF3 || o->prefix == PF2;
    int element = o->prefix == PF3 ? 4 : 8;

    switch (o->op) {
    case 0x10: /* movss, movsd or movups, movupd, and arithmetic */
    case 0x51 ... 0x53:
    case 0x58 ... 0x59:
    case 0x5c ... 0x5f:
    case 0xc2:
        return scalar ? element : o->vector;
    case 0x12: /* movlps, movddup, movsldup */
    case 0x16:
        return scalar && element == 4 ? o->vector : 8;
    case 0x2a:
    case 0x2c:
    case 0x2d:
        return scalar && o->op != 0x2a ? element : 8;
    case 0x2e: /* ucomiss, comiss */
    case 0x2f:
        return o->prefix == P66 ? 8 : 4;
    case 0x5a:
        return scalar ? element : o->vector;
    case 0x6e: /* movd, movq */
        return o->wide ? 8 : 4;
    case 0x7e:
        return o->prefix == PF3 ? 8 : 0;
    case 0xc4: /* pinsrw */
        return 2;
    case 0xe6:
        return o->vector;
    default:
        return o->encoding == LEGACY && o->prefix == NO_PREFIX && o->op >= 0x60 ? 8 : o->vector;
    }
}

static bool map_0f_load(const struct opcode *o, struct effect *e)
{
    int op = o->op, size = operand_size(o);

    if (o->register_form)
        return false;
    e->width = size;
    if (o->encoding == LEGACY) {
        switch (op) {
        case 0x40 ... 0x4f: /* cmov, bsf, bsr, popcnt, imul */
        case 0xaf:
        case 0xb8:
        case 0xbc:
        case 0xbd:
            return true;
        case 0xa3: /* bt */
            e->bits = true;
            return true;
        case 0xba:
            e->immediate = 1;
            return o->reg == 4;
        case 0xb6: /* movzx, movsx */
        case 0xbe:
            e->width = 1;
            return true;
        case 0xb7:
        case 0xbf:
            e->width = 2;
            return true;
        case 0xae: /* fxrstor, ldmxcsr */
            e->width = o->reg == 1 ? 512 : 4;
            return o->prefix == NO_PREFIX && (o->reg == 1 || o->reg == 2);
        default:
            break;
        }
    } else if (o->encoding == VEX && op == 0x90) { /* kmov */
        e->width = o->prefix == NO_PREFIX ? (o->wide ? 8 : 2) : (o->wide ? 4 : 1);
        return true;
    } else if (o->encoding == VEX && op == 0xae) {
        e->width = 4;
        return o->reg == 2;
    }
    bool of_vectors = (op >= 0x10 && op <= 0x17) || (op >= 0x28 && op <= 0x2f) || (op >= 0x51 && op <= 0x76) ||
                      (op >= 0x78 && op <= 0x7f) || op == 0xc2 || (op >= 0xc4 && op <= 0xc6) || op >= 0xd0;
    bool of_targets = op == 0x11 || op == 0x13 || op == 0x17 || op == 0x29 || op == 0x2b || op == 0x7f || op == 0xd6 ||
                      op == 0xe7 || op == 0xff;
    if (!of_vectors || of_targets)
        return false;
    e->immediate = (op >= 0x70 && op <= 0x73) || op == 0xc2 || op == 0xc4 || op == 0xc6;
    e->width = vector_load(o);
    return e->width > 0;
}

static bool loads_only(const struct opcode *o, struct effect *e)
{
    *e = (struct effect){.implied = -1};
    if (o->map == 0)
        return one_byte_load(o, e);
    if (o->map == MAP_0F)
        return map_0f_load(o, e);
    if (o->register_form)
        return false;
    bool gathers = o->encoding != LEGACY && o->map == MAP_0F38 && o->op >= 0x90 && o->op <= 0x93;
    e->immediate = o->map == MAP_0F3A;
    e->width = o->vector;
    if (o->encoding == LEGACY && o->map == MAP_0F38 && o->op >= 0xf0)
        e->width = o->op == 0xf0 && o->prefix == PF2 ? 1 : operand_size(o); /* crc32, movbe, adcx */
    else if (o->encoding == VEX && o->map == MAP_0F38 && o->op >= 0xf2)
        e->width = o->wide ? 8 : 4; /* andn, bextr, shlx */
    else if (o->encoding == VEX && o->map == MAP_0F3A && o->op == 0xf0)
        e->width = o->wide ? 8 : 4; /* rorx */
    else if (o->map == MAP_0F38 && (o->op == 0x18 || o->op == 0x58))
        e->width = 4; /* broadcasts */
    else if (o->map == MAP_0F38 && (o->op == 0x19 || o->op == 0x59))
        e->width = 8;
    else if (o->map == MAP_0F38 && (o->op == 0x78 || o->op == 0x79))
        e->width = o->op == 0x78 ? 1 : 2;
    else if (o->map == MAP_0F38 && (o->op == 0x1a || o->op == 0x5a))
        e->width = 16;
    else if (o->map == MAP_0F3A && (o->op == 0x20 || o->op == 0x22))
        e->width = o->op == 0x20 ? 1 : o->wide ? 8 : 4; /* pinsr… */
    return !gathers;
}

/* A register that neither operands nor the instruction itself use. The low ones of each pair: no prefix is needed. */
static int scratch_of(const struct opcode *o, int reg, int vvvv)
{
    static const int8_t candidates[] = {RSI, RDI, RBX};
    bool high_bytes = o->encoding == LEGACY; /* ah to bh are numbered as rsp to rdi are */

    for (size_t i = 0; i < sizeof candidates; i++) {
        int candidate = candidates[i];
        if (candidate == reg || candidate == vvvv || (high_bytes && candidate == (reg & 3) && reg < 8))
            continue;
        if (candidate == RBX && o->map == MAP_0F && o->op == 0xc7)
            continue;
        return candidate;
    }
    return RAX; /* three are excluded by none */
}

struct reader {
    const uint8_t *code;
    size_t next, available;
    bool failed;
};

static int next_byte(struct reader *r)
{
    if (r->next >= r->available || r->next >= INSTRUCTION_MAX) {
        r->failed = true;
        return 0;
    }
    return r->code[r->next++];
}

static int32_t next_signed(struct reader *r, int size)
{
    uint32_t value = 0;

    for (int i = 0; i < size; i++)
        value |= (uint32_t)next_byte(r) << (8 * i);
    return size == 1 ? (int8_t)value : size == 2 ? (int16_t)value : (int32_t)value;
}

static void emit(struct form *form, int byte)
{
    form->copy[form->copy_length++] = (uint8_t)byte;
}

/* The operand's address, behind a ModRM of which mod is not 3; x and b extend the numbers of registers. */
static void read_address(struct reader *r, int modrm, int x, int b, int disp8_scale, struct form *form)
{
    int mod = modrm >> 6, rm = modrm & 7;

    if (rm == 4) {
        int sib = next_byte(r), index = (sib >> 3 & 7) | x << 3, base = sib & 7;
        if (index != RSP) {
            form->index = (int8_t)index;
            form->scale = (uint8_t)(1 << (sib >> 6));
        }
        if (base != RBP || mod != 0)
            form->base = (int8_t)(base | b << 3);
        else
            mod = 2;
    } else if (rm == RBP && mod == 0) {
        form->rip_relative = true;
        mod = 2;
    } else {
        form->base = (int8_t)(rm | b << 3);
    }
    if (mod == 1)
        form->displacement = next_signed(r, 1) * disp8_scale;
    else if (mod == 2)
        form->displacement = next_signed(r, 4);
}

/* How many bytes EVEX counts a displacement of one byte in, apart from scalars and parts of vectors. */
static int evex_scale(const struct opcode *o, int width)
{
    bool compressing = o->map == MAP_0F38 && (o->op == 0x8a || o->op == 0x8b || o->op == 0x63);

    if (compressing)
        return o->op == 0x63 ? (o->wide ? 2 : 1) : o->wide ? 8 : 4;
    return width;
}

/* It is run as it is, with the address in that register. */
static bool keep(struct form *form, enum form_kind kind, int reg, const struct reader *r)
{
    form->kind = kind;
    form->base = (int8_t)reg;
    form->reg = (uint8_t)reg;
    form->length = form->copy_length = (uint8_t)r->next;
    memcpy(form->copy, r->code, r->next);
    return !r->failed && !form->short_address;
}

/* movs, cmps, stos, lods, scas; false if it is none, or loads and that is not wanted. */
static bool string_decode(int op, bool loads, bool equal, bool not_equal, struct form *form)
{
    switch (op & 0xfe) {
    case 0xa4:
        form->by_rdi = form->by_rsi = form->stores = true;
        return true;
    case 0xaa:
        form->by_rdi = form->stores = true;
        return true;
    case 0xa6:
        form->by_rdi = form->by_rsi = true;
        form->ends = equal ? ENDS_IF_NOT_EQUAL : not_equal ? ENDS_IF_EQUAL : ENDS_NEVER;
        return loads;
    case 0xac:
        form->by_rsi = true;
        return loads;
    case 0xae:
        form->by_rdi = true;
        form->ends = equal ? ENDS_IF_NOT_EQUAL : not_equal ? ENDS_IF_EQUAL : ENDS_NEVER;
        return loads;
    default:
        return false;
    }
}

bool form_decode(const uint8_t *code, size_t available, bool loads, struct form *form)
{
    struct reader r = {.code = code, .available = available};
    struct opcode o = {.vector = 16};
    struct effect e = {.implied = -1};
    int rex = 0, x = 0, b = 0, reg_high = 0, vvvv = -1, byte;
    bool f2 = false, f3 = false;

    *form = (struct form){.base = -1, .index = -1, .bit_register = -1};
    for (;;) {
        byte = next_byte(&r);
        if (byte == 0x64 || byte == 0x65)
            form->segment = byte == 0x64 ? 'f' : 'g';
        else if (byte == 0x67)
            form->short_address = true;
        else if (byte == 0x66 || byte == 0xf0 || byte == 0xf2 || byte == 0xf3) {
            o.halved |= byte == 0x66;
            if (byte == 0xf2 || byte == 0xf3) {
                f2 = byte == 0xf2;
                f3 = byte == 0xf3;
            }
            emit(form, byte);
        } else if (byte != 0x26 && byte != 0x2e && byte != 0x36 && byte != 0x3e)
            break;
        if (r.failed)
            return false;
    }
    if ((byte & 0xf0) == 0x40) {
        rex = byte;
        byte = next_byte(&r);
    }
    o.prefix = f3 ? PF3 : f2 ? PF2 : o.halved ? P66 : NO_PREFIX;
    o.wide = rex >> 3 & 1;
    reg_high = (rex >> 2 & 1) << 3;
    x = rex >> 1 & 1;
    b = rex & 1;
    if (byte == 0xc5 || byte == 0xc4 || byte == 0x62) {
        if (rex != 0 || form->copy_length > 0)
            return false;
        emit(form, byte);
        int p0 = next_byte(&r), last = p0;
        static const int8_t prefixes[] = {NO_PREFIX, P66, PF3, PF2};
        o.encoding = byte == 0x62 ? EVEX : VEX;
        o.map = byte == 0xc5 ? MAP_0F : p0 & (byte == 0x62 ? 7 : 31);
        reg_high = !(p0 & 0x80) << 3;
        if (byte == 0xc5) {
            emit(form, p0);
        } else {
            x = !(p0 & 0x40);
            b = !(p0 & 0x20);
            last = next_byte(&r);
            o.wide = last >> 7;
            emit(form, p0 | 0x60); /* no extension of base and index */
            emit(form, last);
        }
        o.prefix = prefixes[last & 3];
        vvvv = ~last >> 3 & 15;
        if (byte == 0x62) {
            int p2 = next_byte(&r);
            if ((p2 >> 5 & 3) == 3 || (p0 & 8))
                return false;
            o.vector = 16 << (p2 >> 5 & 3);
            emit(form, p2);
        } else {
            o.vector = last & 4 ? 32 : 16;
        }
        o.op = next_byte(&r);
    } else {
        if (rex != 0)
            emit(form, rex & ~3);
        if (byte == 0x0f) {
            emit(form, byte);
            byte = next_byte(&r);
            o.map = MAP_0F;
            if (byte == 0x38 || byte == 0x3a) {
                emit(form, byte);
                o.map = byte == 0x38 ? MAP_0F38 : MAP_0F3A;
                byte = next_byte(&r);
            }
        }
        o.op = byte;
    }
    if (o.encoding == LEGACY && o.map == 0) {
        if (string_decode(o.op, loads, f3, f2, form)) {
            form->repeated = f2 || f3;
            form->width = o.op & 1 ? (uint16_t)operand_size(&o) : 1;
            return keep(form, FORM_STRING, form->by_rdi ? RDI : RSI, &r);
        }
        /* mov with an absolute address: its copy is mov with ModRM */
        if (o.op == 0xa2 || o.op == 0xa3 || (loads && (o.op == 0xa0 || o.op == 0xa1))) {
            form->stores = o.op >= 0xa2;
            uint64_t low = (uint32_t)next_signed(&r, 4);
            form->absolute = form->short_address ? low : low | (uint64_t)(uint32_t)next_signed(&r, 4) << 32;
            form->width = o.op & 1 ? (uint16_t)operand_size(&o) : 1;
            emit(form, (form->stores ? 0x88 : 0x8a) | (o.op & 1));
            form->reg = RSI;
            emit(form, RAX << 3 | RSI);
            form->length = (uint8_t)r.next;
            return !r.failed;
        }
    }
    emit(form, o.op);
    int modrm = next_byte(&r), reg = (modrm >> 3 & 7);
    o.reg = reg;
    o.register_form = modrm >> 6 == 3;
    if (o.encoding == LEGACY && o.map == 0 && o.register_form)
        return false;
    bool stores = o.encoding == EVEX  ? evex(&o, &e)
                  : o.encoding == VEX ? vex(&o, &e)
                  : o.map == 0        ? one_byte(&o, &e)
                  : o.map == MAP_0F   ? two_byte(&o, &e)
                                      : three_byte(&o, &e);
    if (r.failed || (!stores && !(loads && loads_only(&o, &e))))
        return false;
    form->stores = stores;
    form->width = (uint16_t)e.width;
    if (e.implied >= 0) {
        struct form source = {.base = -1, .index = -1};
        if (!o.register_form)
            read_address(&r, modrm, x, b, 1, &source);
        return !source.rip_relative && keep(form, FORM_REGISTER, o.register_form ? e.implied : reg | reg_high, &r);
    }
    bool uncertain = o.encoding == EVEX && !stores;
    read_address(&r, modrm, x, b, o.encoding == EVEX && stores ? evex_scale(&o, e.width) : 1, form);
    if (uncertain && modrm >> 6 == 1)
        form->unscaled = (int8_t)form->displacement;
    form->reg = (uint8_t)scratch_of(&o, reg | reg_high, vvvv);
    emit(form, reg << 3 | form->reg);
    for (int i = 0; i < e.immediate; i++)
        emit(form, next_byte(&r));
    if (e.bits)
        form->bit_register = (int8_t)(reg | reg_high);
    form->length = (uint8_t)r.next;
    return !r.failed;
}

unsigned long long *register_of(struct user_regs_struct *regs, int number)
{
    unsigned long long *const all[] = {&regs->rax, &regs->rcx, &regs->rdx, &regs->rbx, &regs->rsp, &regs->rbp,
        &regs->rsi, &regs->rdi, &regs->r8, &regs->r9, &regs->r10, &regs->r11, &regs->r12, &regs->r13, &regs->r14,
        &regs->r15};

    return all[number];
}

struct place form_place(const struct form *form, const struct user_regs_struct *regs)
{
    struct user_regs_struct copy = *regs;
    uint64_t address = form->absolute + (uint64_t)(int64_t)form->displacement;

    if (form->base >= 0)
        address += *register_of(&copy, form->base);
    if (form->index >= 0)
        address += *register_of(&copy, form->index) * form->scale;
    if (form->rip_relative)
        address += regs->rip + form->length;
    if (form->short_address)
        address = (uint32_t)address;
    if (form->segment != 0)
        address += form->segment == 'f' ? regs->fs_base : regs->gs_base;
    struct place place = {address, address};
    if (form->bit_register >= 0) {
        int64_t bit = (int64_t)*register_of(&copy, form->bit_register);
        bit = form->width == 2 ? (int16_t)bit : form->width == 4 ? (int32_t)bit : bit;
        int64_t bits = 8 * form->width, word = bit >= 0 ? bit / bits : -((-bit + bits - 1) / bits);
        place.store = address + (uint64_t)(word * form->width);
    }
    return place;
}

bool form_fits(struct form *form, const struct user_regs_struct *regs, uint64_t fault)
{
    struct place place = form_place(form, regs);
    int32_t base = form->displacement - form->unscaled;

    if (form->unscaled == 0)
        return fault >= place.store && fault - place.store < form->width;
    for (int scale = form->width; scale > 0; scale /= 2) {
        form->displacement = base + form->unscaled * scale;
        place = form_place(form, regs);
        /* Its first byte, or the first of its second page */
        bool second_page = fault % PAGE == 0 && fault > place.store && fault - place.store < (uint64_t)scale;
        if (fault == place.store || second_page) {
            form->width = (uint16_t)scale;
            form->unscaled = 0;
            return true;
        }
    }
    return false;
}
