/*
 * Fuzzes the checker of scripts, which must refuse or accept anything without touching what it was not given.
 *
 *   decode-fuzz [seconds [seed]]      by default a second and a seed from the clock, which it prints
 *
 * Scripts are built from mostly legal instructions, then damaged, so that the deep checks are reached too. Coverage
 * guides it: an input that enters code that none before it did is kept, and later ones begin from it. Built by clang
 * with LIBFUZZER defined it is a harness for libFuzzer instead, see make libfuzzer.
 */
#include <string.h>
#include <time.h>

#include "../../main/c/native_uop.h"
#include "peer.h"

#define MAX_INSNS 24
#define MAX_DATA 256

#ifndef LIBFUZZER
#define EDGES 65536u
#define KEPT_MAX 512

/* One byte for each place in native_decode.c that was entered; gcc calls this at each. */
static uint8_t entered[EDGES];
static unsigned news;

void __sanitizer_cov_trace_pc(void);
__attribute__((no_sanitize("address", "undefined"))) void __sanitizer_cov_trace_pc(void)
{
    uintptr_t at = (uintptr_t)__builtin_return_address(0);
    uint8_t *place = &entered[(at ^ at >> 16) % EDGES];

    news += *place == 0;
    *place = 1;
}
#endif

struct input {
    uint32_t count, data_size;
    uint8_t insns[MAX_INSNS * PROTO_INSN_SIZE];
    uint8_t data[MAX_DATA];
};

#ifndef LIBFUZZER
static struct input kept[KEPT_MAX];
static unsigned kept_count;
static uint64_t state;

static uint64_t any(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static uint64_t below(uint64_t limit)
{
    return any() % limit;
}

static uint64_t number(void)
{
    static const uint64_t edges[] = {0, 1, 2, 7, 8, 15, 16, 17, 18, 64, 4096, 4095, INT64_MAX, UINT64_MAX, UINT32_MAX};

    return below(2) ? edges[below(sizeof edges / sizeof edges[0])] : below(300);
}

static void invent(uint8_t *w)
{
    const uint8_t head[] = {(uint8_t)below(PROTO_OP_COUNT + 1), (uint8_t)(1u << below(4)),
        (uint8_t)below(PROTO_ORDER_COUNT), (uint8_t)below(PROTO_COMPARISON_COUNT), (uint8_t)(below(3) ? 0 : below(32)),
        (uint8_t)(below(3) ? 0 : below(20)), (uint8_t)(below(3) ? 0 : below(20)),
        (uint8_t)(below(8) ? below(3) : any())};

    memcpy(w, head, sizeof head);
    put_le64(w + 8, number());
    put_le64(w + 16, w[0] == OP_CALL ? below(PROTO_CALL_COUNT + 1) : number());
    put_le64(w + 24, w[0] == OP_CALL ? below(7) : number());
    if (w[0] == OP_CALL)
        put_le64(w + 8, below(MAX_DATA));
}

static void damage(struct input *in)
{
    if (in->count < MAX_INSNS && below(2))
        invent(in->insns + (size_t)in->count++ * PROTO_INSN_SIZE);
    for (uint64_t i = below(6); i > 0 && in->count > 0; i--) {
        uint8_t *w = in->insns + below(in->count) * PROTO_INSN_SIZE;
        switch (below(4)) {
        case 0:
            w[below(PROTO_INSN_SIZE)] = (uint8_t)any();
            break;
        case 1:
            put_le64(w + 8 * (1 + below(3)), number());
            break;
        case 2:
            invent(w);
            break;
        default:
            memcpy(w, in->insns + below(in->count) * PROTO_INSN_SIZE, 8);
            break;
        }
    }
    if (in->count > 0 && below(16) == 0)
        in->count = (uint32_t)below(in->count);
    in->data_size = below(4) ? MAX_DATA : (uint32_t)below(MAX_DATA + 1);
    for (uint64_t i = below(8); i > 0; i--) {
        uint8_t *arg = in->data + below(MAX_DATA / PROTO_ARG_SIZE) * PROTO_ARG_SIZE;
        arg[0] = (uint8_t)below(PROTO_ARG_COUNT + 1);
        arg[1] = (uint8_t)(below(4) ? below(3) : any());
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

static void try(const struct input *in, uint64_t *accepted)
{
    static uint8_t memory[4096];
    const struct slot slots[PROTO_SLOTS] = {{memory, sizeof memory, METHOD_PATH}, {memory, 100, METHOD_SHMID}};
    /* Of their exact sizes, so that the sanitizer sees one byte too many. */
    uint8_t *insns = malloc(in->count * PROTO_INSN_SIZE + !in->count);
    uint8_t *data = malloc(in->data_size + !in->data_size);
    struct program p = {0};
    struct refusal why = {0};

    CHECK(insns != NULL && data != NULL);
    memcpy(insns, in->insns, in->count * PROTO_INSN_SIZE);
    memcpy(data, in->data, in->data_size);
    if (program_decode(&p, slots, (unsigned)(in->count & 1), insns, in->count, data, in->data_size, &why)) {
        check_program(&p);
        ++*accepted;
    } else {
        CHECK(why.text[0] != '\0' && memchr(why.text, '\0', sizeof why.text) != NULL);
    }
    program_free(&p);
    free(insns);
    free(data);
}

#ifdef LIBFUZZER
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A byte for the number of instructions, the instructions, and what is left is their data. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct input in = {0};
    uint64_t accepted = 0;
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
    try(&in, &accepted);
    return 0;
}
#else
int main(int argc, char **argv)
{
    struct timespec now;
    uint64_t tried = 0, accepted = 0, end, places = 0;

    clock_gettime(CLOCK_MONOTONIC, &now);
    end = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 +
          (argc > 1 ? strtoull(argv[1], NULL, 10) : 1) * 1000;
    state = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)now.tv_nsec << 20 | 1;
    printf("decoder fuzz: seed %llu\n", (unsigned long long)state);
    fflush(stdout);
    do {
        for (int i = 0; i < 1000; i++, tried++) {
            struct input in = {0};
            if (kept_count > 0 && below(8))
                in = kept[below(kept_count)];
            damage(&in);
            news = 0;
            try(&in, &accepted);
            if (news > 0 && kept_count < KEPT_MAX)
                kept[kept_count++] = in;
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 < end);
    for (unsigned i = 0; i < EDGES; i++)
        places += entered[i];
    printf("decoder fuzz: %llu scripts, %llu accepted, %llu places entered, %u kept\n", (unsigned long long)tried,
        (unsigned long long)accepted, (unsigned long long)places, kept_count);
    CHECK(accepted > 0 && accepted < tried);
    return 0;
}
#endif
