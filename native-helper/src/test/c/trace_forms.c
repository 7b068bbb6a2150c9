/*
 * Executes instructions that store or load, each form of a table with registers and addresses at random, and writes down what
 * each did to memory and to the registers. trace-test runs it with and without the tracer: nothing may differ.
 *
 *   trace-forms SEED COUNT FILE|- OUTPUT      each form once, then COUNT at random; -: in memory of its own
 */
#include <cpuid.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEGMENT 0x2a0000000000ull /* where the tracer puts it */
#define SEGMENT_SIZE 16384
#define CODE 0x2a0040000000ull
#define CODE_SIZE 4096

enum encoding { LEGACY, VEX128, VEX256, EVEX128, EVEX256, EVEX512 };
enum {
    GPR = -1,    /* ModRM.reg is any register */
    BYTE = -2,   /* any register of one byte */
    XMM = -3,    /* any of 16 vector registers */
    MASK = -4,   /* any of 8 masks */
    SHIFTED = -5 /* a register with the number of a bit */
};
enum {
    LOCK = 1,
    ALIGN = 2,  /* as wide as the store is */
    X87 = 4,    /* wants a number on the stack of the 80x87 */
    STRING = 8, /* by rdi */
    REPEATED = 16,
    POP = 32,
    OFFSET = 64, /* an absolute address of 8 bytes */
    ALIGN64 = 128,
    DOWN = 256
};

struct shape {
    const char *name;
    uint8_t prefix, wide, map, op;
    int8_t reg;
    uint8_t immediate;
    uint8_t encoding;
    uint16_t flags;
};

#define ALU(name, op, digit) \
    {name " m8,r", 0, 0, 0, op, BYTE, 0, LEGACY, 0}, {name " m32,r", 0, 0, 0, op + 1, GPR, 0, LEGACY, 0}, \
        {name " m16,r", 0x66, 0, 0, op + 1, GPR, 0, LEGACY, 0}, {name " m64,r", 0, 1, 0, op + 1, GPR, 0, LEGACY, 0}, \
        {"lock " name " m64,r", 0, 1, 0, op + 1, GPR, 0, LEGACY, LOCK}, \
        {name " m8,i", 0, 0, 0, 0x80, digit, 1, LEGACY, 0}, {name " m32,i", 0, 0, 0, 0x81, digit, 4, LEGACY, 0}, \
        {name " m16,i", 0x66, 0, 0, 0x81, digit, 2, LEGACY, 0}, {name " m64,i", 0, 1, 0, 0x81, digit, 4, LEGACY, 0}, \
    { \
        "lock " name " m32,i8", 0, 0, 0, 0x83, digit, 1, LEGACY, LOCK \
    }

#define SHIFT(name, digit) \
    {name " m8,i", 0, 0, 0, 0xc0, digit, 1, LEGACY, 0}, {name " m64,i", 0, 1, 0, 0xc1, digit, 1, LEGACY, 0}, \
        {name " m8,1", 0, 0, 0, 0xd0, digit, 0, LEGACY, 0}, {name " m32,1", 0, 0, 0, 0xd1, digit, 0, LEGACY, 0}, \
        {name " m16,cl", 0x66, 0, 0, 0xd3, digit, 0, LEGACY, 0}, \
    { \
        name " m8,cl", 0, 0, 0, 0xd2, digit, 0, LEGACY, 0 \
    }

#define BITS(name, op, digit) \
    {name " m32,r", 0, 0, 1, op, SHIFTED, 0, LEGACY, 0}, {name " m64,r", 0, 1, 1, op, SHIFTED, 0, LEGACY, 0}, \
        {name " m16,r", 0x66, 0, 1, op, SHIFTED, 0, LEGACY, 0}, \
        {"lock " name " m64,r", 0, 1, 1, op, SHIFTED, 0, LEGACY, LOCK}, \
    { \
        "lock " name " m64,i", 0, 1, 1, 0xba, digit, 1, LEGACY, LOCK \
    }

#define VECTOR(name, prefix, map, op, wide, flags) \
    {name, prefix, wide, map, op, XMM, 0, LEGACY, flags}, {"v" name, prefix, wide, map, op, XMM, 0, VEX128, flags}, \
    { \
        "v" name " z", prefix, wide, map, op, XMM, 0, EVEX128, flags \
    }

#define WIDE(name, prefix, map, op, wide, flags) \
    {"v" name " y", prefix, wide, map, op, XMM, 0, VEX256, flags}, \
        {"v" name " z256", prefix, wide, map, op, XMM, 0, EVEX256, flags}, \
    { \
        "v" name " z512", prefix, wide, map, op, XMM, 0, EVEX512, flags \
    }

#define EXTRACT(name, op, wide) \
    {name, 0x66, wide, 3, op, XMM, 1, LEGACY, 0}, {"v" name, 0x66, wide, 3, op, XMM, 1, VEX128, 0}, \
    { \
        "v" name " z", 0x66, wide, 3, op, XMM, 1, EVEX128, 0 \
    }

static const struct shape shapes[] = {
    {"mov m8,r", 0, 0, 0, 0x88, BYTE, 0, LEGACY, 0},
    {"mov m16,r", 0x66, 0, 0, 0x89, GPR, 0, LEGACY, 0},
    {"mov m32,r", 0, 0, 0, 0x89, GPR, 0, LEGACY, 0},
    {"mov m64,r", 0, 1, 0, 0x89, GPR, 0, LEGACY, 0},
    {"mov m8,i", 0, 0, 0, 0xc6, 0, 1, LEGACY, 0},
    {"mov m16,i", 0x66, 0, 0, 0xc7, 0, 2, LEGACY, 0},
    {"mov m32,i", 0, 0, 0, 0xc7, 0, 4, LEGACY, 0},
    {"mov m64,i", 0, 1, 0, 0xc7, 0, 4, LEGACY, 0},
    {"mov moffs8,al", 0, 0, 0, 0xa2, 0, 0, LEGACY, OFFSET},
    {"mov moffs32,eax", 0, 0, 0, 0xa3, 0, 0, LEGACY, OFFSET},
    {"mov moffs64,rax", 0, 1, 0, 0xa3, 0, 0, LEGACY, OFFSET},
    {"mov m16,ds", 0, 0, 0, 0x8c, 3, 0, LEGACY, 0},
    {"movnti m32", 0, 0, 1, 0xc3, GPR, 0, LEGACY, 0},
    {"movnti m64", 0, 1, 1, 0xc3, GPR, 0, LEGACY, 0},
    {"movbe m64", 0, 1, 2, 0xf1, GPR, 0, LEGACY, 0},
    {"movbe m16", 0x66, 0, 2, 0xf1, GPR, 0, LEGACY, 0},
    {"xchg m8", 0, 0, 0, 0x86, BYTE, 0, LEGACY, 0},
    {"xchg m32", 0, 0, 0, 0x87, GPR, 0, LEGACY, 0},
    {"xchg m64", 0, 1, 0, 0x87, GPR, 0, LEGACY, 0},
    {"pop m64", 0, 0, 0, 0x8f, 0, 0, LEGACY, POP},
    ALU("add", 0x00, 0),
    ALU("or", 0x08, 1),
    ALU("adc", 0x10, 2),
    ALU("sbb", 0x18, 3),
    ALU("and", 0x20, 4),
    ALU("sub", 0x28, 5),
    ALU("xor", 0x30, 6),
    SHIFT("rol", 0),
    SHIFT("rcr", 3),
    SHIFT("shl", 4),
    SHIFT("sar", 7),
    {"not m8", 0, 0, 0, 0xf6, 2, 0, LEGACY, 0},
    {"neg m64", 0, 1, 0, 0xf7, 3, 0, LEGACY, 0},
    {"lock not m32", 0, 0, 0, 0xf7, 2, 0, LEGACY, LOCK},
    {"inc m8", 0, 0, 0, 0xfe, 0, 0, LEGACY, 0},
    {"dec m16", 0x66, 0, 0, 0xff, 1, 0, LEGACY, 0},
    {"lock inc m64", 0, 1, 0, 0xff, 0, 0, LEGACY, LOCK},
    {"setc m8", 0, 0, 1, 0x92, 0, 0, LEGACY, 0},
    {"setnz m8", 0, 0, 1, 0x95, 0, 0, LEGACY, 0},
    BITS("bts", 0xab, 5),
    BITS("btr", 0xb3, 6),
    BITS("btc", 0xbb, 7),
    {"shld m64,r,i", 0, 1, 1, 0xa4, GPR, 1, LEGACY, 0},
    {"shld m32,r,cl", 0, 0, 1, 0xa5, GPR, 0, LEGACY, 0},
    {"shrd m16,r,i", 0x66, 0, 1, 0xac, GPR, 1, LEGACY, 0},
    {"shrd m64,r,cl", 0, 1, 1, 0xad, GPR, 0, LEGACY, 0},
    {"cmpxchg m8", 0, 0, 1, 0xb0, BYTE, 0, LEGACY, 0},
    {"lock cmpxchg m32", 0, 0, 1, 0xb1, GPR, 0, LEGACY, LOCK},
    {"lock cmpxchg m64", 0, 1, 1, 0xb1, GPR, 0, LEGACY, LOCK},
    {"lock cmpxchg m16", 0x66, 0, 1, 0xb1, GPR, 0, LEGACY, LOCK},
    {"lock cmpxchg8b", 0, 0, 1, 0xc7, 1, 0, LEGACY, LOCK},
    {"lock cmpxchg16b", 0, 1, 1, 0xc7, 1, 0, LEGACY, LOCK | ALIGN},
    {"lock xadd m8", 0, 0, 1, 0xc0, BYTE, 0, LEGACY, LOCK},
    {"lock xadd m32", 0, 0, 1, 0xc1, GPR, 0, LEGACY, LOCK},
    {"xadd m64", 0, 1, 1, 0xc1, GPR, 0, LEGACY, 0},
    {"stosb", 0, 0, 0, 0xaa, 0, 0, LEGACY, STRING},
    {"stosq", 0, 1, 0, 0xab, 0, 0, LEGACY, STRING},
    {"movsd", 0, 0, 0, 0xa5, 0, 0, LEGACY, STRING},
    {"movsw down", 0x66, 0, 0, 0xa5, 0, 0, LEGACY, STRING | DOWN},
    {"rep stosb", 0xf3, 0, 0, 0xaa, 0, 0, LEGACY, STRING | REPEATED},
    {"rep stosq", 0xf3, 1, 0, 0xab, 0, 0, LEGACY, STRING | REPEATED},
    {"rep stosd down", 0xf3, 0, 0, 0xab, 0, 0, LEGACY, STRING | REPEATED | DOWN},
    {"rep movsb", 0xf3, 0, 0, 0xa4, 0, 0, LEGACY, STRING | REPEATED},
    {"rep movsq", 0xf3, 1, 0, 0xa5, 0, 0, LEGACY, STRING | REPEATED},
    {"rep movsb down", 0xf3, 0, 0, 0xa4, 0, 0, LEGACY, STRING | REPEATED | DOWN},
    {"fst m32", 0, 0, 0, 0xd9, 2, 0, LEGACY, X87},
    {"fstp m64", 0, 0, 0, 0xdd, 3, 0, LEGACY, X87},
    {"fstp m80", 0, 0, 0, 0xdb, 7, 0, LEGACY, X87},
    {"fistp m16", 0, 0, 0, 0xdf, 3, 0, LEGACY, X87},
    {"fistp m64", 0, 0, 0, 0xdf, 7, 0, LEGACY, X87},
    {"fisttp m32", 0, 0, 0, 0xdb, 1, 0, LEGACY, X87},
    {"fbstp", 0, 0, 0, 0xdf, 6, 0, LEGACY, X87},
    {"fnstcw", 0, 0, 0, 0xd9, 7, 0, LEGACY, X87},
    {"fnstsw m16", 0, 0, 0, 0xdd, 7, 0, LEGACY, X87},
    {"stmxcsr", 0, 0, 1, 0xae, 3, 0, LEGACY, 0},
    {"vstmxcsr", 0, 0, 1, 0xae, 3, 0, VEX128, 0},
    VECTOR("movups", 0, 1, 0x11, 0, 0),
    VECTOR("movupd", 0x66, 1, 0x11, 0, 0),
    VECTOR("movss", 0xf3, 1, 0x11, 0, 0),
    VECTOR("movsd", 0xf2, 1, 0x11, 0, 0),
    VECTOR("movlps", 0, 1, 0x13, 0, 0),
    VECTOR("movhps", 0, 1, 0x17, 0, 0),
    VECTOR("movaps", 0, 1, 0x29, 0, ALIGN64),
    VECTOR("movntps", 0, 1, 0x2b, 0, ALIGN64),
    VECTOR("movd", 0x66, 1, 0x7e, 0, 0),
    VECTOR("movq", 0x66, 1, 0x7e, 1, 0),
    VECTOR("movdqa", 0x66, 1, 0x7f, 0, ALIGN64),
    VECTOR("movdqu", 0xf3, 1, 0x7f, 0, 0),
    VECTOR("movq2", 0x66, 1, 0xd6, 0, 0),
    VECTOR("movntdq", 0x66, 1, 0xe7, 0, ALIGN64),
    WIDE("movups", 0, 1, 0x11, 0, 0),
    WIDE("movaps", 0, 1, 0x29, 0, ALIGN64),
    WIDE("movntps", 0, 1, 0x2b, 0, ALIGN64),
    WIDE("movdqa", 0x66, 1, 0x7f, 0, ALIGN64),
    WIDE("movdqu", 0xf3, 1, 0x7f, 0, 0),
    WIDE("movntdq", 0x66, 1, 0xe7, 0, ALIGN64),
    {"vmovdqu8 z512", 0xf2, 0, 1, 0x7f, XMM, 0, EVEX512, 0},
    {"vmovdqu64 z512", 0xf3, 1, 1, 0x7f, XMM, 0, EVEX512, 0},
    {"vmaskmovps", 0x66, 0, 2, 0x2e, XMM, 0, VEX128, 0},
    {"vmaskmovpd y", 0x66, 0, 2, 0x2f, XMM, 0, VEX256, 0},
    {"vpmaskmovq y", 0x66, 1, 2, 0x8e, XMM, 0, VEX256, 0},
    {"vextractf128", 0x66, 0, 3, 0x19, XMM, 1, VEX256, 0},
    {"vextracti128", 0x66, 0, 3, 0x39, XMM, 1, VEX256, 0},
    {"vcvtps2ph", 0x66, 0, 3, 0x1d, XMM, 1, VEX128, 0},
    {"vcvtps2ph y", 0x66, 0, 3, 0x1d, XMM, 1, VEX256, 0},
    EXTRACT("pextrb", 0x14, 0),
    EXTRACT("pextrw", 0x15, 0),
    EXTRACT("pextrd", 0x16, 0),
    EXTRACT("pextrq", 0x16, 1),
    EXTRACT("extractps", 0x17, 0),
    {"vextracti64x4", 0x66, 1, 3, 0x3b, XMM, 1, EVEX512, 0},
    {"vpcompressd", 0x66, 0, 2, 0x8b, XMM, 0, EVEX512, 0},
    {"vpmovqb", 0xf3, 0, 2, 0x32, XMM, 0, EVEX512, 0},
    {"vpmovdw", 0xf3, 0, 2, 0x33, XMM, 0, EVEX256, 0},
    {"kmovq", 0, 1, 1, 0x91, MASK, 0, EVEX512, 0},
    {"kmovw", 0, 0, 1, 0x91, MASK, 0, EVEX512, 0},
    {"load mov r8,m", 0, 0, 0, 0x8a, BYTE, 0, LEGACY, 0},
    {"load mov r16,m", 0x66, 0, 0, 0x8b, GPR, 0, LEGACY, 0},
    {"load mov r32,m", 0, 0, 0, 0x8b, GPR, 0, LEGACY, 0},
    {"load mov r64,m", 0, 1, 0, 0x8b, GPR, 0, LEGACY, 0},
    {"load mov al,moffs8", 0, 0, 0, 0xa0, 0, 0, LEGACY, OFFSET},
    {"load mov rax,moffs64", 0, 1, 0, 0xa1, 0, 0, LEGACY, OFFSET},
    {"load movsxd r64,m", 0, 1, 0, 0x63, GPR, 0, LEGACY, 0},
    {"load imul r32,m,i", 0, 0, 0, 0x69, GPR, 4, LEGACY, 0},
    {"load imul r16,m,i", 0x66, 0, 0, 0x69, GPR, 2, LEGACY, 0},
    {"load imul r64,m,i8", 0, 1, 0, 0x6b, GPR, 1, LEGACY, 0},
    {"load cmp m8,i", 0, 0, 0, 0x80, 7, 1, LEGACY, 0},
    {"load cmp m16,i", 0x66, 0, 0, 0x81, 7, 2, LEGACY, 0},
    {"load cmp m64,i8", 0, 1, 0, 0x83, 7, 1, LEGACY, 0},
    {"load cmp m8,r", 0, 0, 0, 0x38, BYTE, 0, LEGACY, 0},
    {"load cmp m64,r", 0, 1, 0, 0x39, GPR, 0, LEGACY, 0},
    {"load cmp r8,m", 0, 0, 0, 0x3a, BYTE, 0, LEGACY, 0},
    {"load cmp r32,m", 0, 0, 0, 0x3b, GPR, 0, LEGACY, 0},
    {"load add r64,m", 0, 1, 0, 0x03, GPR, 0, LEGACY, 0},
    {"load sbb r8,m", 0, 0, 0, 0x1a, BYTE, 0, LEGACY, 0},
    {"load xor r16,m", 0x66, 0, 0, 0x33, GPR, 0, LEGACY, 0},
    {"load test m8,r", 0, 0, 0, 0x84, BYTE, 0, LEGACY, 0},
    {"load test m64,r", 0, 1, 0, 0x85, GPR, 0, LEGACY, 0},
    {"load test m8,i", 0, 0, 0, 0xf6, 0, 1, LEGACY, 0},
    {"load test m64,i", 0, 1, 0, 0xf7, 0, 4, LEGACY, 0},
    {"load mul m64", 0, 1, 0, 0xf7, 4, 0, LEGACY, 0},
    {"load imul m8", 0, 0, 0, 0xf6, 5, 0, LEGACY, 0},
    {"load cmovc r32,m", 0, 0, 1, 0x42, GPR, 0, LEGACY, 0},
    {"load cmovnz r64,m", 0, 1, 1, 0x45, GPR, 0, LEGACY, 0},
    {"load imul r64,m", 0, 1, 1, 0xaf, GPR, 0, LEGACY, 0},
    {"load movzx r32,m8", 0, 0, 1, 0xb6, GPR, 0, LEGACY, 0},
    {"load movzx r64,m16", 0, 1, 1, 0xb7, GPR, 0, LEGACY, 0},
    {"load movsx r16,m8", 0x66, 0, 1, 0xbe, GPR, 0, LEGACY, 0},
    {"load movsx r64,m16", 0, 1, 1, 0xbf, GPR, 0, LEGACY, 0},
    {"load bt m32,r", 0, 0, 1, 0xa3, SHIFTED, 0, LEGACY, 0},
    {"load bt m64,i", 0, 1, 1, 0xba, 4, 1, LEGACY, 0},
    {"load popcnt r64,m", 0xf3, 1, 1, 0xb8, GPR, 0, LEGACY, 0},
    {"load tzcnt r32,m", 0xf3, 0, 1, 0xbc, GPR, 0, LEGACY, 0},
    {"load movbe r64,m", 0, 1, 2, 0xf0, GPR, 0, LEGACY, 0},
    {"load crc32 r32,m8", 0xf2, 0, 2, 0xf0, GPR, 0, LEGACY, 0},
    {"load crc32 r64,m64", 0xf2, 1, 2, 0xf1, GPR, 0, LEGACY, 0},
    {"load andn", 0, 1, 2, 0xf2, GPR, 0, VEX128, 0},
    {"load shlx", 0x66, 0, 2, 0xf7, GPR, 0, VEX128, 0},
    {"load rorx", 0xf2, 1, 3, 0xf0, GPR, 1, VEX128, 0},
    {"load lodsb", 0, 0, 0, 0xac, 0, 0, LEGACY, STRING},
    {"load lodsq down", 0, 1, 0, 0xad, 0, 0, LEGACY, STRING | DOWN},
    {"load rep lodsd", 0xf3, 0, 0, 0xad, 0, 0, LEGACY, STRING | REPEATED},
    {"load scasb", 0, 0, 0, 0xae, 0, 0, LEGACY, STRING},
    {"load repne scasb", 0xf2, 0, 0, 0xae, 0, 0, LEGACY, STRING | REPEATED},
    {"load repe scasb", 0xf3, 0, 0, 0xae, 0, 0, LEGACY, STRING | REPEATED},
    {"load cmpsq", 0, 1, 0, 0xa7, 0, 0, LEGACY, STRING},
    {"load repe cmpsb", 0xf3, 0, 0, 0xa6, 0, 0, LEGACY, STRING | REPEATED},
    {"load repne cmpsb down", 0xf2, 0, 0, 0xa6, 0, 0, LEGACY, STRING | REPEATED | DOWN},
    {"load fld m32", 0, 0, 0, 0xd9, 0, 0, LEGACY, X87},
    {"load fild m16", 0, 0, 0, 0xdf, 0, 0, LEGACY, X87},
    {"load fild m64", 0, 0, 0, 0xdf, 5, 0, LEGACY, X87},
    {"load fadd m64", 0, 0, 0, 0xdc, 0, 0, LEGACY, X87},
    VECTOR("load movups", 0, 1, 0x10, 0, 0),
    VECTOR("load movss", 0xf3, 1, 0x10, 0, 0),
    VECTOR("load movsd", 0xf2, 1, 0x10, 0, 0),
    VECTOR("load movlps", 0, 1, 0x12, 0, 0),
    VECTOR("load movhps", 0, 1, 0x16, 0, 0),
    VECTOR("load movaps", 0, 1, 0x28, 0, ALIGN64),
    VECTOR("load movd", 0x66, 1, 0x6e, 0, 0),
    VECTOR("load movq", 0x66, 1, 0x6e, 1, 0),
    VECTOR("load movdqa", 0x66, 1, 0x6f, 0, ALIGN64),
    VECTOR("load movdqu", 0xf3, 1, 0x6f, 0, 0),
    VECTOR("load addps", 0, 1, 0x58, 0, ALIGN64),
    VECTOR("load addss", 0xf3, 1, 0x58, 0, 0),
    VECTOR("load pshufb", 0x66, 2, 0x00, 0, ALIGN64),
    {"load movq2", 0xf3, 0, 1, 0x7e, XMM, 0, LEGACY, 0},
    {"load ucomisd", 0x66, 0, 1, 0x2e, XMM, 0, LEGACY, 0},
    {"load paddb", 0x66, 0, 1, 0xfc, XMM, 0, LEGACY, ALIGN64},
    {"load vpaddb", 0x66, 0, 1, 0xfc, XMM, 0, VEX128, 0},
    {"load vpcmpeqb y", 0x66, 0, 1, 0x74, XMM, 0, VEX256, 0},
    {"load pshufd", 0x66, 0, 1, 0x70, XMM, 1, LEGACY, ALIGN64},
    {"load cmpps", 0, 0, 1, 0xc2, XMM, 1, LEGACY, ALIGN64},
    {"load pinsrw", 0x66, 0, 1, 0xc4, XMM, 1, LEGACY, 0},
    {"load pinsrd", 0x66, 0, 3, 0x22, XMM, 1, LEGACY, 0},
    {"load vperm2f128", 0x66, 0, 3, 0x06, XMM, 1, VEX256, 0},
    {"load vmovups y", 0, 0, 1, 0x10, XMM, 0, VEX256, 0},
    {"load vmovdqu y", 0xf3, 0, 1, 0x6f, XMM, 0, VEX256, 0},
    {"load vlddqu y", 0xf2, 0, 1, 0xf0, XMM, 0, VEX256, 0},
    {"load vmovdqu64 z512", 0xf3, 1, 1, 0x6f, XMM, 0, EVEX512, 0},
    {"load vpaddd z512", 0x66, 0, 1, 0xfe, XMM, 0, EVEX512, 0},
    {"load kmovq", 0, 1, 1, 0x90, MASK, 0, EVEX512, 0},
};
#define SHAPES (sizeof shapes / sizeof shapes[0])

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI };

/* What the code loads before the instruction and stores after it. */
struct context {
    uint64_t regs[16], flags, x87;
    uint8_t vectors[16][32];
};

static uint64_t state;

static uint64_t any(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static unsigned below(unsigned bound)
{
    return (unsigned)(any() >> 20) % bound;
}

static uint8_t *code;
static struct context *context;

static void put(int byte)
{
    *code++ = (uint8_t)byte;
}

static void put_signed(int64_t value, int size)
{
    for (int i = 0; i < size; i++)
        put((int)(value >> (8 * i)) & 255);
}

/* ModRM and displacement of [rip + …] to part of the context */
static void put_relative(int reg, const void *target, int behind)
{
    put((reg & 7) << 3 | 5);
    put_signed((const uint8_t *)target - (code + 4 + behind), 4);
}

static void put_moves(int op)
{
    for (int r = 0; r < 16; r++)
        if (r != RSP) {
            put(0x48 | (r >> 3) << 2);
            put(op);
            put_relative(r, &context->regs[r], 0);
        }
}

static bool avx512;

static bool is_evex(const struct shape *shape)
{
    return shape->encoding >= EVEX128;
}

static bool is_load(const struct shape *shape)
{
    return strstr(shape->name, "load ") != NULL;
}

struct operand {
    int base, index, scale, displacement; /* base -1: [rip + …]; index -1: none */
};

static void put_operand(const struct operand *o, int reg, uint64_t target, int immediate)
{
    if (o->base < 0) {
        put((reg & 7) << 3 | 5);
        put_signed((int64_t)(target - (uint64_t)(uintptr_t)(code + 4 + immediate)), 4);
        return;
    }
    int mod = o->displacement == 0 && (o->base & 7) != RBP       ? 0
              : o->displacement >= -128 && o->displacement < 128 ? 1
                                                                 : 2;
    bool sib = o->index >= 0 || (o->base & 7) == RSP;
    put(mod << 6 | (reg & 7) << 3 | (sib ? RSP : o->base & 7));
    if (sib)
        put(o->scale << 6 | (o->index < 0 ? RSP : o->index & 7) << 3 | (o->base & 7));
    if (mod != 0)
        put_signed(o->displacement, mod == 1 ? 1 : 4);
}

static void put_instruction(const struct shape *shape, const struct operand *o, int reg, uint64_t target)
{
    static const uint8_t pp[256] = {[0x66] = 1, [0xf3] = 2, [0xf2] = 3};
    int r = reg >> 3, x = o->index < 0 ? 0 : o->index >> 3, b = o->base < 0 ? 0 : o->base >> 3;
    bool mask_move = shape->reg == MASK;

    if (shape->encoding != LEGACY) {
        int l = shape->encoding == EVEX512 ? 2 : shape->encoding == VEX256 || shape->encoding == EVEX256;
        /* vmaskmov has its mask in vvvv, which is inverted; all others have 1111 there. */
        int vvvv = shape->map == 2 && !is_evex(shape) ? (int)below(16) : 15;
        if (is_evex(shape) && !mask_move) {
            put(0x62);
            put((!r << 7) | (!x << 6) | (!b << 5) | 1 << 4 | shape->map);
            put(shape->wide << 7 | 15 << 3 | 4 | pp[shape->prefix]);
            put(l << 5 | 8 | (below(2) ? 1 : 0)); /* all, or those of k1 */
        } else if (shape->map == 1 && !shape->wide && !x && !b && !mask_move && below(2)) {
            put(0xc5);
            put((!r << 7) | vvvv << 3 | l << 2 | pp[shape->prefix]);
        } else {
            put(0xc4);
            put((!r << 7) | (!x << 6) | (!b << 5) | shape->map);
            put(shape->wide << 7 | vvvv << 3 | (mask_move ? 0 : l) << 2 | pp[shape->prefix]);
        }
    } else {
        if (shape->flags & LOCK)
            put(0xf0);
        if (shape->prefix != 0)
            put(shape->prefix);
        if (shape->wide || r || x || b)
            put(0x40 | shape->wide << 3 | r << 2 | x << 1 | b);
        if (shape->map > 0)
            put(0x0f);
        if (shape->map > 1)
            put(shape->map == 2 ? 0x38 : 0x3a);
    }
    put(shape->op);
    if (shape->flags & OFFSET) {
        put_signed((int64_t)target, 8);
    } else if (!(shape->flags & STRING)) {
        put_operand(o, reg, target, shape->immediate);
        put_signed((int64_t)any(), shape->immediate);
    }
}

static int pick_register(void)
{
    int r = (int)below(15);

    return r < RSP ? r : r + 1;
}

static void generate(const struct shape *shape)
{
    uint64_t target = SEGMENT + 1024 + below(4096 * 2);
    struct operand o = {.base = pick_register(), .index = -1};
    int reg = shape->reg;
    bool rex = shape->wide;

    if (shape->flags & ALIGN)
        target &= ~15ull;
    if (shape->flags & ALIGN64)
        target &= ~63ull;
    if (below(3) == 0 && !(shape->flags & (ALIGN | ALIGN64)))
        target = SEGMENT + 4096 * (1 + below(2)) - below(16); /* over a border of pages */
    for (int i = 0; i < 16; i++) {
        context->regs[i] = any();
        for (int k = 0; k < 32; k++)
            context->vectors[i][k] = (uint8_t)any();
    }
    context->flags = 0x202 | (any() & 0x8d5);
    if (below(8) == 0)
        o.base = -1;
    else {
        if (below(2)) {
            do
                o.index = pick_register();
            while (o.index == o.base);
            o.scale = (int)below(4);
        }
        o.displacement = below(3) == 0 ? 0 : (int)(int8_t)any() * (below(2) ? 1 : 1000);
        if (is_evex(shape))
            o.displacement = below(2) ? 0 : 100000 + (int)below(1000); /* one byte would count in units */
    }
    do
        switch (shape->reg) {
        case GPR:
            reg = pick_register();
            break;
        case SHIFTED:
            reg = pick_register();
            break;
        case BYTE:
            reg = pick_register();
            rex |= reg > 7 || (o.base > 7) || (o.index > 7);
            if (!rex && below(2))
                reg = (int)below(8); /* ah to bh among them */
            break;
        case XMM:
            reg = (int)below(16);
            break;
        case MASK:
            reg = 1;
            break;
        default:
            break;
        }
    while ((shape->reg == SHIFTED && (reg == o.base || reg == o.index)) || (shape->reg == BYTE && rex && reg == RSP));
    if (shape->reg == SHIFTED)
        context->regs[reg] = (context->regs[reg] & ~0xffffffffull) | (uint32_t)(int32_t)((int)below(512) - 256);
    if (shape->reg == SHIFTED && (shape->wide))
        context->regs[reg] = (uint64_t)(int64_t)(int32_t)context->regs[reg];
    if (shape->flags & STRING) {
        context->regs[RDI] = target;
        context->regs[RSI] = below(2) ? target + below(64) - 32 : SEGMENT + 1024 + below(4096);
        context->regs[RCX] = 1 + below(200);
        context->flags = shape->flags & DOWN ? 0x602 : 0x202;
    } else if (o.base >= 0) {
        if (o.index >= 0) {
            /* If it is the register that is stored as well, so be it. */
            if (shape->reg != SHIFTED || o.index != reg)
                context->regs[o.index] = below(1000);
        }
        context->regs[o.base] =
            target - (uint64_t)(int64_t)o.displacement - (o.index < 0 ? 0 : context->regs[o.index] << o.scale);
    }
    code = (uint8_t *)(uintptr_t)CODE;
    static const uint8_t save[] = {0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57};
    static const uint8_t restore[] = {0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d, 0x41, 0x5c, 0x5d, 0x5b, 0xc3};
    for (size_t i = 0; i < sizeof save; i++)
        put(save[i]);
    for (int v = 0; v < 16; v++) { /* vmovdqu ymm, [rip + …] */
        put(0xc5);
        put((v < 8 ? 0x80 : 0) | 0x7e);
        put(0x6f);
        put_relative(v, context->vectors[v], 0);
    }
    if (avx512) { /* kmovq k1, [rip + …] */
        put(0xc4);
        put(0xe1);
        put(0xf8);
        put(0x90);
        put_relative(1, context->vectors[0], 0);
    }
    put(0xff); /* push flags; popfq */
    put_relative(6, &context->flags, 0);
    put(0x9d);
    put_moves(0x8b);
    if (shape->flags & X87) { /* fldpi */
        put(0xd9);
        put(0xeb);
    }
    if (shape->flags & POP)
        put(0x50);
    put_instruction(shape, &o, reg, target);
    put_moves(0x89);
    put(0x9c);
    put(0x8f);
    put_relative(0, &context->flags, 0);
    for (int v = 0; v < 16; v++) { /* vmovdqu [rip + …], ymm */
        put(0xc5);
        put((v < 8 ? 0x80 : 0) | 0x7e);
        put(0x7f);
        put_relative(v, context->vectors[v], 0);
    }
    if ((shape->flags & X87) && is_load(shape)) { /* fstp m64 */
        put(0xdd);
        put_relative(3, &context->x87, 0);
    }
    put(0xfc); /* cld; fninit; vzeroupper */
    put(0xdb);
    put(0xe3);
    put(0xc5);
    put(0xf8);
    put(0x77);
    for (size_t i = 0; i < sizeof restore; i++)
        put(restore[i]);
}

/* By one access, if that is what is counted. */
static void read_whole(uint8_t *copy, const uint8_t *memory)
{
    size_t size = SEGMENT_SIZE;

    __asm__ volatile("rep movsb" : "+D"(copy), "+S"(memory), "+c"(size) : : "memory");
}

static void run(const struct shape *shape, uint8_t *memory, uint8_t *shadow, FILE *out)
{
    static uint8_t copy[SEGMENT_SIZE];
    size_t first = 0, last = SEGMENT_SIZE;
    uint64_t digest = 0;

    generate(shape);
    ((void (*)(void))(uintptr_t)CODE)();
    read_whole(copy, memory);
    memory = copy;
    for (int i = 0; i < 16; i++)
        digest = digest * 1099511628211ull + (i == RSP ? 0 : context->regs[i]);
    for (size_t i = 0; i < sizeof context->vectors; i++)
        digest = digest * 1099511628211ull + ((uint8_t *)context->vectors)[i];
    digest = digest * 1099511628211ull + context->x87;
    while (first < SEGMENT_SIZE && memory[first] == shadow[first])
        first++;
    while (last > first && memory[last - 1] == shadow[last - 1])
        last--;
    fprintf(out, "%s|%016" PRIx64 " %" PRIx64 "|%zu ", shape->name, digest, context->flags & 0x8d5,
        first == last ? 0 : first);
    for (size_t i = first; i < last; i++)
        fprintf(out, "%02x", shadow[i]);
    fputc(' ', out);
    for (size_t i = first; i < last; i++)
        fprintf(out, "%02x", memory[i]);
    fputc('\n', out);
    memcpy(shadow + first, memory + first, last - first);
}

static bool executable(const struct shape *shape)
{
    return !is_evex(shape) || avx512;
}

int main(int argc, char **argv)
{
    static uint8_t shadow[SEGMENT_SIZE];
    unsigned a, b = 0, c, d;
    uint8_t *memory;

    if (argc != 5)
        return 2;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d))
        avx512 = (b >> 16 & 1) && (b >> 30 & 1); /* F and BW */
    state = strtoull(argv[1], NULL, 10) * 0x9e3779b97f4a7c15ull + 1;
    int count = atoi(argv[2]);
    uint8_t *page = mmap((void *)(uintptr_t)CODE, CODE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (strcmp(argv[3], "-") == 0) {
        memory = mmap((void *)(uintptr_t)SEGMENT, SEGMENT_SIZE, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    } else {
        int fd = open(argv[3], O_RDWR);
        memory = fd < 0 ? MAP_FAILED : mmap(NULL, SEGMENT_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    if (page == MAP_FAILED || memory != (uint8_t *)(uintptr_t)SEGMENT) {
        fprintf(stderr, "memory is at %p\n", (void *)memory);
        return 3;
    }
    context = (struct context *)(page + CODE_SIZE - sizeof *context);
    FILE *out = fopen(argv[4], "w");
    for (size_t i = 0; i < SHAPES; i++)
        if (executable(&shapes[i]))
            run(&shapes[i], memory, shadow, out);
    for (int i = 0; i < count; i++) {
        const struct shape *shape = &shapes[below(SHAPES)];
        if (executable(shape))
            run(shape, memory, shadow, out);
    }
    return fclose(out) == 0 ? 0 : 4;
}
