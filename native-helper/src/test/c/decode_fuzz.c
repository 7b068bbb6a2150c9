/*
 * Fuzzes the checker of scripts, which must refuse or accept anything without touching what it was not given.
 *
 *   decode-fuzz [seconds [seed]]
 *
 * Scripts are built from mostly legal instructions, then damaged, so that the deep checks are reached too. Built by clang
 * with LIBFUZZER defined it is a harness for libFuzzer instead, see make libfuzzer.
 */
#include <string.h>

#include "../../main/c/agent/decode.h"
#include "../../main/c/agent/uop.h"
#include "fuzz.h"
#include "peer.h"

#define MAX_INSNS 24
#define MAX_DATA 256

struct input {
    uint32_t count, data_size;
    uint8_t insns[MAX_INSNS * PROTO_INSN_SIZE];
    uint8_t data[MAX_DATA];
};

#ifndef LIBFUZZER
static uint64_t number(void)
{
    static const uint64_t edges[] = {0, 1, 2, 7, 8, 15, 16, 17, 18, 64, 4096, 4095, INT64_MAX, UINT64_MAX, UINT32_MAX};

    return fuzz_below(2) ? edges[fuzz_below(sizeof edges / sizeof edges[0])] : fuzz_below(300);
}

static void invent(uint8_t *w)
{
    const uint8_t head[] = {(uint8_t)fuzz_below(PROTO_OP_COUNT + 1), (uint8_t)(1u << fuzz_below(4)),
        (uint8_t)fuzz_below(PROTO_ORDER_COUNT), (uint8_t)fuzz_below(PROTO_COMPARISON_COUNT),
        (uint8_t)(fuzz_below(3) ? 0 : fuzz_below(32)), (uint8_t)(fuzz_below(3) ? 0 : fuzz_below(20)),
        (uint8_t)(fuzz_below(3) ? 0 : fuzz_below(20)), (uint8_t)(fuzz_below(8) ? fuzz_below(3) : fuzz_any())};

    memcpy(w, head, sizeof head);
    put_le64(w + 8, number());
    put_le64(w + 16, w[0] == OP_CALL ? fuzz_below(PROTO_CALL_COUNT + 1) : number());
    put_le64(w + 24, w[0] == OP_CALL ? fuzz_below(7) : number());
    if (w[0] == OP_CALL)
        put_le64(w + 8, fuzz_below(MAX_DATA));
}

static void damage(void *input)
{
    struct input *in = input;

    if (in->count < MAX_INSNS && fuzz_below(2))
        invent(in->insns + (size_t)in->count++ * PROTO_INSN_SIZE);
    for (uint64_t i = fuzz_below(6); i > 0 && in->count > 0; i--) {
        uint8_t *w = in->insns + fuzz_below(in->count) * PROTO_INSN_SIZE;
        switch (fuzz_below(4)) {
        case 0:
            w[fuzz_below(PROTO_INSN_SIZE)] = (uint8_t)fuzz_any();
            break;
        case 1:
            put_le64(w + 8 * (1 + fuzz_below(3)), number());
            break;
        case 2:
            invent(w);
            break;
        default:
            memcpy(w, in->insns + fuzz_below(in->count) * PROTO_INSN_SIZE, 8);
            break;
        }
    }
    if (in->count > 0 && fuzz_below(16) == 0)
        in->count = (uint32_t)fuzz_below(in->count);
    in->data_size = fuzz_below(4) ? MAX_DATA : (uint32_t)fuzz_below(MAX_DATA + 1);
    for (uint64_t i = fuzz_below(8); i > 0; i--) {
        uint8_t *arg = in->data + fuzz_below(MAX_DATA / PROTO_ARG_SIZE) * PROTO_ARG_SIZE;
        arg[0] = (uint8_t)fuzz_below(PROTO_ARG_COUNT + 1);
        arg[1] = (uint8_t)(fuzz_below(4) ? fuzz_below(3) : fuzz_any());
        arg[2] = arg[3] = 0;
        put_le32(arg + 4, (uint32_t)number());
        put_le64(arg + 8, number());
    }
}

#endif

/* What the interpreter relies on. */
static void check_program(const struct program *p)
{
    CHECK(p->count > 0 && p->uops[p->count - 1].code == U_STOP);
    for (uint32_t i = 0; i < p->count; i++) {
        CHECK(p->uops[i].code < U_COUNT);
        CHECK(p->uops[i].target < p->count);
        CHECK(p->uops[i].insn < p->insn_count || p->insn_count == 0);
    }
}

/* Of any instruction, only what touches memory that is there. */
static void check_access(const struct slot *slots, const uint8_t *w)
{
    struct insn in = insn_of(w);
    struct refusal why = {0};

    if (!access_check(slots, &in, &why))
        CHECK(why.text[0] != '\0' && memchr(why.text, '\0', sizeof why.text) != NULL);
    else if (in.seg != PROTO_SEG_RAW)
        CHECK(in.seg < 2 && in.off + in.width <= slots[in.seg].size && in.off % in.width == 0);
}

static bool try(const void *input)
{
    const struct input *in = input;
    static uint8_t memory[4096];
    const struct slot slots[PROTO_SLOTS] = {{memory, sizeof memory, METHOD_PATH}, {memory, 100, METHOD_SHMID}};
    /* Of their exact sizes, so that the sanitizer sees one byte too many. */
    uint8_t *insns = malloc(in->count * PROTO_INSN_SIZE + !in->count);
    uint8_t *data = malloc(in->data_size + !in->data_size);
    struct program p = {0};
    struct refusal why = {0};
    bool accepted;

    CHECK(insns != NULL && data != NULL);
    memcpy(insns, in->insns, in->count * PROTO_INSN_SIZE);
    memcpy(data, in->data, in->data_size);
    for (uint32_t i = 0; i < in->count; i++)
        check_access(slots, insns + (size_t)i * PROTO_INSN_SIZE);
    accepted = program_decode(&p, slots, (unsigned)(in->count & 1), insns, in->count, data, in->data_size, &why);
    if (accepted)
        check_program(&p);
    else
        CHECK(why.text[0] != '\0' && memchr(why.text, '\0', sizeof why.text) != NULL);
    program_free(&p);
    free(insns);
    free(data);
    return accepted;
}

#ifdef LIBFUZZER
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A byte for the number of instructions, the instructions, and what is left is their data. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct input in = {0};
    size_t insns, left;

    if (size == 0)
        return 0;
    in.count = bytes[0] % (MAX_INSNS + 1);
    if (in.count > (size - 1) / PROTO_INSN_SIZE)
        in.count = (uint32_t)((size - 1) / PROTO_INSN_SIZE);
    insns = (size_t)in.count * PROTO_INSN_SIZE;
    memcpy(in.insns, bytes + 1, insns);
    left = size - 1 - insns;
    in.data_size = (uint32_t)(left < MAX_DATA ? left : MAX_DATA);
    memcpy(in.data, bytes + 1 + insns, in.data_size);
    try(&in);
    return 0;
}
#else
int main(int argc, char **argv)
{
    return fuzz_run(&(struct fuzz){"decoder", sizeof(struct input), damage, try}, argc, argv);
}
#endif
