/* Drives native helpers over real sockets, against real kernel objects. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../main/c/agent/run.h"
#include "../../main/c/common/clock.h"
#include "../../main/c/common/crc32.h"
#include "peer.h"

#define SIZE 8192

static uint8_t *shared; /* also attached by helpers, through its memfd */
static int shared_fd;
static struct script s;
static struct answer a;

static void fresh(void)
{
    memset(&s, 0, sizeof s);
}

static void attach_shared(struct peer *p)
{
    char path[64];
    uint32_t length = (uint32_t)snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), shared_fd);

    memset(shared, 0, SIZE);
    peer_start(p);
    fresh();
    add_data(&s, path, length);
    add(&s, (struct insn){.op = OP_ATTACH, .cmp = METHOD_PATH, .flags = PROTO_FLAG_KEEP, .a = SIZE, .b = length});
    peer_run(p, &s, &a);
    CHECK_EQ(a.status, STATUS_OK);
    CHECK_EQ(a.results[0].value, SIZE);
    fresh();
}

static void ends_well(struct peer *p)
{
    char text[512];

    CHECK_EQ(peer_wait(p), 0);
    peer_stderr(p, text, sizeof text);
    if (text[0] != '\0') {
        fprintf(stderr, "unexpected on standard error: %s\n", text);
        exit(1);
    }
}

static void one(struct peer *p, struct insn in)
{
    fresh();
    add(&s, in);
    peer_run(p, &s, &a);
}

static void every_width_and_order_loads_stores_and_modifies(void)
{
    static const uint8_t loads[] = {ORDER_RELAXED, ORDER_ACQUIRE, ORDER_SEQ_CST};
    static const uint8_t stores[] = {ORDER_RELAXED, ORDER_RELEASE, ORDER_SEQ_CST};
    struct peer p;

    attach_shared(&p);
    for (uint8_t width = 1; width <= 8; width = (uint8_t)(width * 2)) {
        uint64_t mask = width == 8 ? UINT64_MAX : (1ull << (8 * width)) - 1;
        uint64_t value = 0xfedcba9876543210ull & mask;
        for (int i = 0; i < 3; i++) {
            memset(shared, 0xff, 64);
            one(&p, (struct insn){OP_PUT, width, stores[i], 0, 0, 0, 0, 0, 16, value, 0});
            CHECK_EQ(a.status, STATUS_OK);
            CHECK(memcmp(shared + 16, &value, width) == 0);
            CHECK_EQ(shared[15], 0xff);
            CHECK_EQ(shared[16 + width], 0xff);
            one(&p, (struct insn){OP_GET, width, loads[i], 0, PROTO_FLAG_KEEP, 0, 0, 0, 16, 0, 0});
            CHECK_EQ(a.result_count, 1);
            CHECK_EQ(a.results[0].value, value);
        }
        for (uint8_t order = 0; order < PROTO_ORDER_COUNT; order++) {
            static const uint8_t modifiers[] = {OP_ADD, OP_XCHG, OP_AND, OP_OR, OP_XOR};
            for (int i = 0; i < 5; i++) {
                uint64_t before = 0x0f, operand = 0x3c, now = 0;
                const uint64_t expected[] = {0x4b, 0x3c, 0x0c, 0x3f, 0x33};
                memcpy(shared + 16, &before, 8);
                one(&p, (struct insn){modifiers[i], width, order, 0, PROTO_FLAG_KEEP, 0, 0, 0, 16, operand, 0});
                CHECK_EQ(a.status, STATUS_OK);
                CHECK_EQ(a.results[0].value, before);
                memcpy(&now, shared + 16, width);
                CHECK_EQ(now, expected[i]);
            }
            one(&p, (struct insn){OP_PUT, width, ORDER_RELAXED, 0, 0, 0, 0, 0, 16, 5, 0});
            one(&p, (struct insn){OP_CAS, width, order, 0, PROTO_FLAG_KEEP, 0, 0, 0, 16, 5, 6});
            CHECK_EQ(a.results[0].value, 5);
            CHECK_EQ(a.results[0].extra, 1);
            one(&p, (struct insn){OP_CAS, width, order, 0, PROTO_FLAG_KEEP, 0, 0, 0, 16, 5, 7});
            CHECK_EQ(a.results[0].value, 6);
            CHECK_EQ(a.results[0].extra, 0);
        }
    }
    ends_well(&p);
}

static void refused(struct peer *p, struct insn in, const char *why)
{
    one(p, in);
    CHECK_EQ(a.status, STATUS_USAGE);
    a.bytes[a.bytes_count] = '\0';
    if (strstr((char *)a.bytes, why) == NULL) {
        fprintf(stderr, "refused for '%s', not for '%s'\n", (char *)a.bytes, why);
        exit(1);
    }
}

static void what_is_wrong_is_refused_before_anything_runs(void)
{
    struct peer p;

    attach_shared(&p);
    refused(&p, (struct insn){.op = OP_GET, .width = 8, .off = SIZE - 4}, "multiple of 8");
    refused(&p, (struct insn){.op = OP_GET, .width = 8, .off = SIZE}, "slot 0 has 8192");
    refused(&p, (struct insn){.op = OP_GET, .width = 8, .off = UINT64_MAX - 7}, "slot 0 has 8192");
    refused(&p, (struct insn){.op = OP_GET, .width = 3}, "no width 3");
    refused(&p, (struct insn){.op = OP_GET, .width = 8, .order = ORDER_RELEASE}, "release");
    refused(&p, (struct insn){.op = OP_PUT, .width = 8, .order = ORDER_ACQUIRE}, "acquire");
    refused(&p, (struct insn){.op = OP_PUT, .width = 8, .seg = 1}, "nothing is attached");
    refused(&p, (struct insn){.op = OP_PUT, .width = 8, .seg = 200}, "nothing is attached");
    refused(&p, (struct insn){.op = OP_PUT, .width = 8, .flags = PROTO_FLAG_KEEP}, "flags");
    refused(&p, (struct insn){.op = OP_GET, .width = 8, .dst = 17}, "register 17");
    refused(&p, (struct insn){.op = OP_FILL, .off = 1, .a = SIZE}, "slot 0 has 8192");
    refused(&p, (struct insn){.op = OP_PUT_BYTES, .a = 1}, "data");
    refused(&p, (struct insn){.op = OP_COPY, .a = 8, .b = SIZE}, "slot 0 has 8192");
    refused(&p, (struct insn){.op = OP_LOOP, .a = 2}, "not closed");
    refused(&p, (struct insn){.op = OP_END}, "closes nothing");
    refused(&p, (struct insn){.op = OP_BREAK}, "in no loop");
    refused(&p, (struct insn){.op = OP_ELSE}, "does not follow");
    refused(&p, (struct insn){.op = OP_CALL, .a = 9999}, "no call");
    refused(&p, (struct insn){.op = OP_CALL, .a = CALL_CLOSE, .b = 1}, "within the data");
    refused(&p, (struct insn){.op = OP_CALL, .a = CALL_CLOSE, .b = 2}, "1 arguments");
    refused(&p, (struct insn){.op = OP_FORK}, "no connection");
    refused(&p, (struct insn){.op = PROTO_OP_COUNT}, "no operation");
    refused(&p, (struct insn){.op = OP_ATTACH, .cmp = METHOD_ANON, .a = 4096}, "slot 0 is taken");
    fresh();
    add(&s, (struct insn){.op = OP_PUT, .width = 8, .a = 1});
    add(&s, (struct insn){.op = OP_PUT, .width = 8, .off = 4});
    peer_run(&p, &s, &a);
    CHECK_EQ(a.status, STATUS_USAGE);
    CHECK_EQ(a.insn, 1);
    CHECK_EQ(shared[0], 0);
    fresh();
    for (int i = 0; i < PROTO_MAX_DEPTH + 1; i++)
        add(&s, (struct insn){.op = OP_LOOP, .a = 1});
    peer_run(&p, &s, &a);
    CHECK_EQ(a.status, STATUS_USAGE);
    ends_well(&p);
}

static void loops_count_nest_break_and_compare(void)
{
    struct peer p;

    attach_shared(&p);
    add(&s, (struct insn){.op = OP_LOOP, .a = 10});
    add(&s, (struct insn){.op = OP_LOOP, .a = 100});
    add(&s, (struct insn){.op = OP_ADD, .width = 8, .off = 8, .a = 1});
    add(&s, (struct insn){.op = OP_END});
    add(&s, (struct insn){.op = OP_LOOP, .a = 0});
    add(&s, (struct insn){.op = OP_PUT, .width = 8, .off = 16, .a = 1});
    add(&s, (struct insn){.op = OP_END});
    add(&s, (struct insn){.op = OP_END});
    peer_run(&p, &s, &a);
    CHECK_EQ(a.status, STATUS_OK);
    CHECK_EQ(a.iterations, 10 + 10 * 100);
    CHECK_EQ(*(uint64_t *)(void *)(shared + 8), 1000);
    CHECK_EQ(shared[16], 0);

    /* Until the counter is 7, then something else once. */
    memset(shared, 0, SIZE);
    fresh();
    add(&s, (struct insn){.op = OP_LOOP, .a = PROTO_FOREVER});
    add(&s, (struct insn){.op = OP_ADD, .width = 4, .off = 8, .a = 1});
    add(&s, (struct insn){.op = OP_IF, .width = 4, .cmp = CMP_EQ, .a = 7});
    add(&s, (struct insn){.op = OP_BREAK});
    add(&s, (struct insn){.op = OP_ELSE});
    add(&s, (struct insn){.op = OP_ADD, .width = 1, .off = 100, .a = 1});
    add(&s, (struct insn){.op = OP_END});
    add(&s, (struct insn){.op = OP_END});
    add(&s, (struct insn){.op = OP_PUT, .width = 1, .off = 101, .a = 9});
    peer_run(&p, &s, &a);
    CHECK_EQ(a.status, STATUS_OK);
    CHECK_EQ(a.iterations, 7);
    CHECK_EQ(shared[8], 8);
    CHECK_EQ(shared[100], 7);
    CHECK_EQ(shared[101], 9);

    /* A check that fails in the third round of the second of two loops. */
    memset(shared, 0, SIZE);
    fresh();
    add(&s, (struct insn){.op = OP_LOOP, .a = 5});
    add(&s, (struct insn){.op = OP_LOOP, .a = 4});
    add(&s, (struct insn){.op = OP_ADD, .width = 1, .a = 1});
    add(&s, (struct insn){.op = OP_CHECK, .width = 1, .cmp = CMP_LT, .a = 6});
    add(&s, (struct insn){.op = OP_END});
    add(&s, (struct insn){.op = OP_END});
    peer_run(&p, &s, &a);
    CHECK_EQ(a.status, STATUS_MISMATCH);
    CHECK_EQ(a.insn, 3);
    CHECK_EQ(a.last, 6);
    CHECK_EQ(a.depth, 2);
    CHECK_EQ(a.counters[0], 1);
    CHECK_EQ(a.counters[1], 2);
    CHECK_EQ(a.iterations, 4 + 1 + 2);
    ends_well(&p);
}

static void access_alone(struct peer *p, struct insn in)
{
    peer_access(p, in);
    CHECK(peer_read(p, &a));
    CHECK_EQ(a.type, TYPE_REPLY);
    CHECK_EQ(a.id, 9);
    CHECK_EQ(a.result_count, 0);
}

static void access_refused(struct peer *p, struct insn in, const char *why)
{
    access_alone(p, in);
    CHECK_EQ(a.status, STATUS_USAGE);
    a.bytes[a.bytes_count] = '\0';
    if (strstr((char *)a.bytes, why) == NULL) {
        fprintf(stderr, "refused for '%s', not for '%s'\n", (char *)a.bytes, why);
        exit(1);
    }
}

static void single_accesses_do_what_scripts_of_one_step_do(void)
{
    struct peer p;

    attach_shared(&p);
    for (uint8_t op = OP_GET; op <= OP_CAS; op++)
        for (uint8_t width = 1; width <= 8; width = (uint8_t)(width * 2))
            for (uint8_t order = 0; order < PROTO_ORDER_COUNT; order++) {
                uint64_t before = 0xfedcba9876543210ull, by_script, by_access;
                struct insn in = {op, width, order, 0, 0, 0, 0, 0, 16, width == 1 ? 0x10 : 0x3210, 0x3c};
                memcpy(shared + 16, &before, 8);
                one(&p, in);
                uint32_t status = a.status;
                uint64_t last = a.last;
                memcpy(&by_script, shared + 16, 8);
                memcpy(shared + 16, &before, 8);
                access_alone(&p, in);
                memcpy(&by_access, shared + 16, 8);
                CHECK_EQ(a.status, status);
                CHECK_EQ(by_access, by_script);
                if (status == STATUS_OK && op != OP_PUT)
                    CHECK_EQ(a.last, last);
            }
    access_refused(&p, (struct insn){.op = OP_GET, .width = 8, .off = SIZE - 4}, "multiple of 8");
    access_refused(&p, (struct insn){.op = OP_GET, .width = 8, .off = SIZE}, "slot 0 has 8192");
    access_refused(&p, (struct insn){.op = OP_GET, .width = 3}, "no width 3");
    access_refused(&p, (struct insn){.op = OP_GET, .width = 8, .seg = 1}, "nothing is attached in slot 1");
    access_refused(&p, (struct insn){.op = OP_GET, .width = 8, .seg = PROTO_SLOTS}, "nothing is attached in slot 64");
    access_refused(&p, (struct insn){.op = OP_GET, .width = 8, .order = PROTO_ORDER_COUNT}, "no memory order");
    access_refused(&p, (struct insn){.op = OP_GET, .width = 8, .flags = PROTO_FLAG_KEEP}, "keeps nothing");
    access_refused(&p, (struct insn){.op = OP_PUT, .width = 8, .idx = 1}, "no registers");
    access_refused(&p, (struct insn){.op = OP_EXIT, .width = 8}, "no single access");
    ends_well(&p);
}

static void comparisons_are_of_the_width_and_sign_asked_for(void)
{
    static const struct {
        uint8_t cmp, width;
        uint64_t value, operand;
        bool holds;
    } cases[] = {
        /* clang-format off */
        {CMP_EQ, 1, 0x1ff, 0xff, true},      {CMP_NE, 1, 0x1ff, 0xff, false},  {CMP_LT, 4, 0xffffffff, 0, true},
        {CMP_ULT, 4, 0xffffffff, 0, false},  {CMP_GT, 8, 1, UINT64_MAX, true}, {CMP_UGT, 8, 1, UINT64_MAX, false},
        {CMP_LE, 2, 0x8000, 0x7fff, true},   {CMP_GE, 2, 5, 5, true},          {CMP_ULE, 2, 5, 5, true},
        {CMP_UGE, 2, 0x8000, 0x7fff, true},  {CMP_ALL_SET, 8, 7, 5, true},     {CMP_ALL_SET, 8, 4, 5, false},
        {CMP_ANY_SET, 8, 4, 5, true},        {CMP_ANY_SET, 8, 2, 5, false},
        /* clang-format on */
    };
    struct peer p;

    attach_shared(&p);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fresh();
        add(&s, (struct insn){.op = OP_SET, .dst = 3, .a = cases[i].value});
        add(&s, (struct insn){.op = OP_SET, .dst = 4, .a = 77});
        add(&s,
            (struct insn){.op = OP_IF, .width = cases[i].width, .cmp = cases[i].cmp, .idx = 3, .a = cases[i].operand});
        add(&s, (struct insn){.op = OP_SET, .flags = PROTO_FLAG_KEEP, .a = 1});
        add(&s, (struct insn){.op = OP_ELSE});
        add(&s, (struct insn){.op = OP_SET, .flags = PROTO_FLAG_KEEP, .a = 0});
        add(&s, (struct insn){.op = OP_END});
        peer_run(&p, &s, &a);
        CHECK_EQ(a.result_count, 1);
        CHECK_EQ(a.results[0].value, cases[i].holds);
        CHECK(compare(cases[i].cmp, cases[i].width, cases[i].value, cases[i].operand) == cases[i].holds);
    }
    ends_well(&p);
}

static void registers_index_memory_and_are_checked(void)
{
    struct peer p;

    attach_shared(&p);
    /* The first 256 bytes become their own offsets, as M19's writer would do it. */
    add(&s, (struct insn){.op = OP_SET, .dst = 1, .a = 0});
    add(&s, (struct insn){.op = OP_LOOP, .a = 256});
    add(&s, (struct insn){.op = OP_PUT, .width = 1, .flags = PROTO_FLAG_A_REG, .idx = 1, .a = 1});
    add(&s, (struct insn){.op = OP_ALU, .cmp = ALU_ADD, .idx = 1, .dst = 1, .a = 1});
    add(&s, (struct insn){.op = OP_END});
    peer_run(&p, &s, &a);
    CHECK_EQ(a.status, STATUS_OK);
    for (int i = 0; i < 256; i++)
        CHECK_EQ(shared[i], i);

    fresh();
    add(&s, (struct insn){.op = OP_SET, .dst = 1, .a = SIZE});
    add(&s, (struct insn){.op = OP_GET, .width = 1, .idx = 1});
    peer_run(&p, &s, &a);
    CHECK_EQ(a.status, STATUS_USAGE);
    CHECK_EQ(a.insn, 1);
    fresh();
    add(&s, (struct insn){.op = OP_SET, .dst = 1, .a = 2});
    add(&s, (struct insn){.op = OP_GET, .width = 4, .idx = 1});
    peer_run(&p, &s, &a);
    CHECK_EQ(a.status, STATUS_USAGE);
    ends_well(&p);
}

static void bytes_go_in_out_and_across(void)
{
    struct peer p;

    attach_shared(&p);
    add_data(&s, "shared memory", 13);
    add(&s, (struct insn){.op = OP_PUT_BYTES, .off = 3, .a = 13});
    add(&s, (struct insn){.op = OP_COPY, .off = 4000, .a = 13, .b = 3});
    add(&s, (struct insn){.op = OP_GET_BYTES, .off = 4000, .a = 13});
    add(&s, (struct insn){.op = OP_CRC32, .flags = PROTO_FLAG_KEEP, .off = 3, .a = 13});
    add(&s, (struct insn){.op = OP_FILL, .off = 100, .a = 50, .b = 0xa5});
    add(&s, (struct insn){.op = OP_GET_BYTES, .off = 149, .a = 2});
    peer_run(&p, &s, &a);
    CHECK_EQ(a.status, STATUS_OK);
    CHECK(memcmp(shared + 3, "shared memory", 13) == 0);
    CHECK_EQ(a.bytes_count, 15);
    CHECK(memcmp(a.bytes, "shared memory\xa5", 15) == 0);
    CHECK_EQ(a.results[0].extra, 13);
    CHECK_EQ(a.results[1].value, crc32_of("shared memory", 13));
    CHECK_EQ(a.results[2].extra, 13ull << 32 | 2);

    /* More than a reply may carry: ended, not cut short. */
    fresh();
    add(&s, (struct insn){.op = OP_LOOP, .a = 1000});
    add(&s, (struct insn){.op = OP_GET_BYTES, .a = SIZE});
    add(&s, (struct insn){.op = OP_END});
    peer_run(&p, &s, &a);
    CHECK_EQ(a.status, STATUS_LIMIT);
    CHECK_EQ(a.result_count, PROTO_MAX_REPLY_BYTES / SIZE);
    CHECK_EQ(a.iterations, PROTO_MAX_REPLY_BYTES / SIZE);
    fresh();
    add(&s, (struct insn){.op = OP_LOOP, .a = PROTO_FOREVER});
    add(&s, (struct insn){.op = OP_GET, .width = 1, .flags = PROTO_FLAG_KEEP});
    add(&s, (struct insn){.op = OP_END});
    peer_run(&p, &s, &a);
    CHECK_EQ(a.status, STATUS_LIMIT);
    CHECK_EQ(a.result_count, PROTO_MAX_RESULTS);
    ends_well(&p);
}

static void waiting_ends_by_the_value_or_the_time(void)
{
    struct timespec nap = {0, 30000000};
    struct peer p;
    int64_t start;

    attach_shared(&p);
    add(&s,
        (struct insn){
            .op = OP_AWAIT, .width = 4, .cmp = CMP_GE, .flags = PROTO_FLAG_KEEP, .off = 8, .a = 5, .b = PROTO_FOREVER});
    peer_send(&p, &s, -1);
    nanosleep(&nap, NULL);
    __atomic_store_n((uint32_t *)(void *)(shared + 8), 6, __ATOMIC_RELEASE);
    CHECK(peer_read(&p, &a));
    CHECK_EQ(a.status, STATUS_OK);
    CHECK_EQ(a.results[0].value, 6);
    start = now_ms();
    one(&p, (struct insn){.op = OP_AWAIT, .width = 4, .cmp = CMP_EQ, .off = 8, .a = 5, .b = 20000000});
    CHECK_EQ(a.status, STATUS_TIMEOUT);
    CHECK_EQ(a.last, 6);
    CHECK(now_ms() - start >= 20 && now_ms() - start < 2000);
    start = now_ms();
    one(&p, (struct insn){.op = OP_SLEEP, .a = 20000000});
    CHECK(now_ms() - start >= 20 && now_ms() - start < 2000);
    ends_well(&p);
}

static void attaches_every_kind_and_never_creates(void)
{
    static const char missing[] = "/dev/shm/shmkit-native-test-missing";
    int id = shmget(IPC_PRIVATE, 5000, 0600);
    struct peer p;

    CHECK(id >= 0);
    attach_shared(&p);
    add(&s, (struct insn){.op = OP_ATTACH, .seg = 1, .cmp = METHOD_SHMID, .flags = PROTO_FLAG_KEEP, .b = (uint64_t)id});
    add(&s, (struct insn){.op = OP_ATTACH, .seg = 2, .cmp = METHOD_ANON, .flags = PROTO_FLAG_KEEP, .a = 100});
    add(&s, (struct insn){.op = OP_PUT, .width = 4, .seg = 2, .off = 96, .a = 0x11223344});
    add(&s, (struct insn){.op = OP_GET, .width = 4, .seg = 2, .off = 96, .flags = PROTO_FLAG_KEEP});
    peer_run(&p, &s, &a);
    CHECK_EQ(a.status, STATUS_OK);
    CHECK_EQ(a.results[0].value, 5000);
    CHECK_EQ(a.results[2].value, 0x11223344);
    one(&p, (struct insn){.op = OP_PUT, .width = 8, .seg = 1, .off = 4992, .a = 42});
    CHECK_EQ(a.status, STATUS_OK);
    CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
    one(&p, (struct insn){.op = OP_DETACH, .seg = 1});
    CHECK_EQ(a.status, STATUS_OK);
    refused(&p, (struct insn){.op = OP_GET, .width = 8, .seg = 1}, "nothing is attached");
    one(&p, (struct insn){.op = OP_ATTACH, .seg = 1, .cmp = METHOD_SHMID, .b = (uint64_t)id});
    CHECK_EQ(a.status, STATUS_ERRNO);
    CHECK(a.err == EINVAL || a.err == EIDRM);

    fresh();
    add_data(&s, missing, sizeof missing - 1);
    add(&s, (struct insn){.op = OP_ATTACH, .seg = 3, .cmp = METHOD_PATH, .a = 4096, .b = sizeof missing - 1});
    peer_run(&p, &s, &a);
    CHECK_EQ(a.status, STATUS_ERRNO);
    CHECK_EQ(a.err, ENOENT);
    CHECK(access(missing, F_OK) != 0);

    /* Attached, used, detached and attached anew by one script. */
    fresh();
    add(&s, (struct insn){.op = OP_DETACH, .seg = 2});
    add(&s, (struct insn){.op = OP_ATTACH, .seg = 2, .cmp = METHOD_ANON, .a = 8});
    add(&s, (struct insn){.op = OP_SET, .dst = 1, .a = 4});
    add(&s, (struct insn){.op = OP_GET, .width = 8, .seg = 2, .flags = PROTO_FLAG_KEEP});
    add(&s, (struct insn){.op = OP_ADD, .width = 4, .seg = 2, .idx = 1, .a = 9});
    add(&s, (struct insn){.op = OP_GET, .width = 4, .seg = 2, .off = 4, .flags = PROTO_FLAG_KEEP});
    peer_run(&p, &s, &a);
    CHECK_EQ(a.status, STATUS_OK);
    CHECK_EQ(a.results[0].value, 0);
    CHECK_EQ(a.results[1].value, 9);
    ends_well(&p);
}

static void calls_give_raw_results(void)
{
    char name[64] = {0}; /* all of it is sent */
    struct peer p;

    attach_shared(&p);
    snprintf(name, sizeof name, "/shmkit-native-test-%d", (int)p.pid);
    ADD_CALL(&s, CALL_MMAP, 0, NUMBER(0), NUMBER(0), NUMBER(PROT_READ), NUMBER(MAP_SHARED | MAP_ANONYMOUS), NUMBER(-1),
        NUMBER(0));
    ADD_CALL(&s, CALL_SHM_OPEN, 1, TEXT(&s, name), NUMBER(O_RDWR | O_CREAT | O_EXCL), NUMBER(0600));
    ADD_CALL(&s, CALL_FTRUNCATE, 0, (struct arg){ARG_REG, 0, 0, 1}, NUMBER(37));
    ADD_CALL(&s, CALL_FSTAT, 0, (struct arg){ARG_REG, 0, 0, 1}, OUT(PROTO_RECORD_SIZE));
    ADD_CALL(&s, CALL_SHM_OPEN, 0, TEXT(&s, name), NUMBER(O_RDWR | O_CREAT | O_EXCL), NUMBER(0600));
    ADD_CALL(&s, CALL_SHM_UNLINK, 0, TEXT(&s, name));
    ADD_CALL(&s, CALL_SHM_UNLINK, 0, TEXT(&s, name));
    ADD_CALL(&s, CALL_MUNMAP, 0, AT(0, 1), NUMBER(4096));
    ADD_CALL(&s, CALL_SHMGET, 0, NUMBER(IPC_PRIVATE), NUMBER(0), NUMBER(0600));
    ADD_CALL(&s, CALL_MOUNT_SHM, 0, NUMBER(65536));
    peer_run(&p, &s, &a);
    CHECK_EQ(a.status, STATUS_OK);
    CHECK_EQ(a.result_count, 10);
    CHECK_EQ(a.results[0].err, EINVAL);
    CHECK_EQ(a.results[0].value, -1);
    CHECK_EQ(a.results[1].err, 0);
    CHECK_EQ(a.results[2].value, 0);
    CHECK_EQ(le64(a.bytes + (a.results[3].extra >> 32) + 48), 37);
    CHECK_EQ(a.results[4].err, EEXIST);
    CHECK_EQ(a.results[5].err, 0);
    CHECK_EQ(a.results[6].err, ENOENT);
    CHECK_EQ(a.results[7].err, EINVAL);
    CHECK_EQ(a.results[8].err, EINVAL);
    CHECK_EQ(a.results[9].err, EPERM);

    /* A checked call ends the script. */
    fresh();
    ADD_CALL(&s, CALL_CLOSE, 0, NUMBER(-1));
    s.insns[4] |= PROTO_FLAG_CHECKED;
    add(&s, (struct insn){.op = OP_PUT, .width = 1, .a = 1});
    peer_run(&p, &s, &a);
    CHECK_EQ(a.status, STATUS_ERRNO);
    CHECK_EQ(a.err, EBADF);
    CHECK_EQ(shared[0], 0);

    /* Reading more than there is room for. */
    fresh();
    ADD_CALL(&s, CALL_READ, 0, NUMBER(0), OUT(8), NUMBER(9));
    peer_run(&p, &s, &a);
    CHECK_EQ(a.status, STATUS_USAGE);
    ends_well(&p);
}

static void a_sysv_segment_is_described_field_by_field(void)
{
    struct peer p;
    uint8_t *record;

    attach_shared(&p);
    ADD_CALL(&s, CALL_SHMGET, 1, NUMBER(IPC_PRIVATE), NUMBER(5000), NUMBER(0640));
    ADD_CALL(&s, CALL_SHMAT, 2, (struct arg){ARG_REG, 0, 0, 1}, NUMBER(0), NUMBER(0));
    ADD_CALL(&s, CALL_SHMCTL, 0, (struct arg){ARG_REG, 0, 0, 1}, NUMBER(IPC_STAT), OUT(PROTO_RECORD_SIZE));
    ADD_CALL(&s, CALL_SHMCTL, 0, (struct arg){ARG_REG, 0, 0, 1}, NUMBER(IPC_RMID), OUT(PROTO_RECORD_SIZE));
    ADD_CALL(&s, CALL_SHMDT, 0, (struct arg){ARG_REG, 0, 0, 2});
    ADD_CALL(&s, CALL_SHMDT, 0, (struct arg){ARG_REG, 0, 0, 2});
    peer_run(&p, &s, &a);
    CHECK_EQ(a.status, STATUS_OK);
    for (int i = 0; i < 5; i++)
        CHECK_EQ(a.results[i].err, 0);
    CHECK_EQ(a.results[5].err, EINVAL);
    record = a.bytes + (a.results[2].extra >> 32);
    CHECK_EQ(le64(record + 1 * 8), geteuid());
    CHECK_EQ(le64(record + 5 * 8), 0640);
    CHECK_EQ(le64(record + 7 * 8), 5000);
    CHECK_EQ(le64(record + 11 * 8), p.pid);
    CHECK_EQ(le64(record + 13 * 8), 1);
    ends_well(&p);
}

static void it_exits_and_dies_as_told(void)
{
    static const int signals[] = {SIGKILL, SIGTERM, SIGSEGV, SIGABRT, SIGPIPE};
    struct peer p;
    int status;

    attach_shared(&p);
    fresh();
    add(&s, (struct insn){.op = OP_EXIT, .a = 3});
    peer_send(&p, &s, -1);
    CHECK(!peer_read(&p, &a));
    status = peer_wait(&p);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    close(p.err_fd);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        attach_shared(&p);
        add(&s, (struct insn){.op = OP_PUT, .width = 1, .a = 1});
        add(&s, (struct insn){.op = OP_DIE, .a = (uint64_t)signals[i]});
        add(&s, (struct insn){.op = OP_PUT, .width = 1, .a = 2});
        peer_send(&p, &s, -1);
        CHECK(!peer_read(&p, &a));
        status = peer_wait(&p);
        CHECK(WIFSIGNALED(status));
        CHECK_EQ(WTERMSIG(status), signals[i]);
        CHECK_EQ(shared[0], 1);
        close(p.err_fd);
    }
}

static void a_fault_is_reported_and_then_kills(void)
{
    struct peer p;
    int status;

    attach_shared(&p);
    ADD_CALL(&s, CALL_MPROTECT, 0, AT(0, 4096), NUMBER(4096), NUMBER(PROT_NONE));
    add(&s, (struct insn){.op = OP_LOOP, .a = 3});
    add(&s, (struct insn){.op = OP_GET, .width = 4, .off = 4200});
    add(&s, (struct insn){.op = OP_END});
    peer_send(&p, &s, -1);
    CHECK(peer_read(&p, &a));
    CHECK_EQ(a.type, TYPE_FAULT);
    CHECK_EQ(a.id, 7);
    CHECK_EQ(a.insn, 2);
    CHECK_EQ(a.err, SIGSEGV);
    CHECK_EQ(a.last & 4095, 4200 - 4096);
    CHECK(!peer_read(&p, &a));
    status = peer_wait(&p);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    close(p.err_fd);

    attach_shared(&p);
    ADD_CALL(&s, CALL_MPROTECT, 0, AT(0, 4096), NUMBER(4096), NUMBER(PROT_NONE));
    peer_run(&p, &s, &a);
    peer_access(&p, (struct insn){.op = OP_PUT, .width = 4, .off = 4200});
    CHECK(peer_read(&p, &a));
    CHECK_EQ(a.type, TYPE_FAULT);
    CHECK_EQ(a.id, 9);
    CHECK_EQ(a.insn, 0);
    status = peer_wait(&p);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    close(p.err_fd);

    /* Sent by somebody else. */
    attach_shared(&p);
    kill(p.pid, SIGBUS);
    CHECK(!peer_read(&p, &a));
    status = peer_wait(&p);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
    close(p.err_fd);
}

static void malformed(const uint8_t *bytes, size_t size, const char *why)
{
    struct peer p;
    char text[512];
    int status;

    attach_shared(&p);
    peer_write(&p, bytes, size);
    shutdown(p.fd, SHUT_WR);
    CHECK(!peer_read(&p, &a));
    status = peer_wait(&p);
    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), PROTO_EXIT_MALFORMED);
    peer_stderr(&p, text, sizeof text);
    if (strstr(text, why) == NULL) {
        fprintf(stderr, "it said '%s', not '%s'\n", text, why);
        exit(1);
    }
}

static void malformed_messages_end_it_with_a_word(void)
{
    uint8_t m[64] = {0};

    put_le32(m, 3);
    malformed(m, 4, "length 3");
    put_le32(m, PROTO_MAX_BODY + 1);
    malformed(m, 4, "length 4194305");
    put_le32(m, 16);
    malformed(m, 10, "ends after 10 bytes");
    malformed(m, 3, "ends after 3 bytes");
    put_le32(m + 4, 99);
    malformed(m, 20, "type 99");
    put_le32(m + 4, TYPE_RUN);
    put_le32(m + 12, UINT32_MAX);
    malformed(m, 20, "4294967295 instructions");
    put_le32(m + 12, 0);
    put_le32(m + 16, 1);
    malformed(m, 20, "1 bytes of data");
}

static void forked_children_serve_their_own_connection(void)
{
    struct peer p, child;
    int ends[2];

    attach_shared(&p);
    add(&s, (struct insn){.op = OP_ATTACH, .seg = 1, .cmp = METHOD_ANON, .a = 4096});
    add(&s, (struct insn){.op = OP_SET, .dst = 1, .a = 5});
    add(&s, (struct insn){.op = OP_FORK, .dst = 2, .flags = PROTO_FLAG_KEEP});
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    peer_send(&p, &s, ends[1]);
    close(ends[1]);
    CHECK(peer_read(&p, &a));
    CHECK_EQ(a.status, STATUS_OK);
    peer_adopt(&child, ends[0], (pid_t)a.results[0].value);

    /* Anonymous memory is shared, registers were copied. */
    one(&child, (struct insn){.op = OP_PUT, .width = 8, .seg = 1, .flags = PROTO_FLAG_A_REG, .a = 1});
    CHECK_EQ(a.status, STATUS_OK);
    one(&p, (struct insn){.op = OP_GET, .width = 8, .seg = 1, .flags = PROTO_FLAG_KEEP});
    CHECK_EQ(a.results[0].value, 5);

    /* The parent tells of its child's death unasked. */
    one(&p, (struct insn){.op = OP_NOP});
    fresh();
    add(&s, (struct insn){.op = OP_DIE, .a = SIGKILL});
    peer_send(&child, &s, -1);
    CHECK(!peer_read(&child, &a));
    close(child.fd);
    CHECK(peer_read(&p, &a));
    CHECK_EQ(a.type, TYPE_CHILD_EXIT);
    CHECK_EQ(a.id, child.pid);
    CHECK_EQ(a.status, SIGKILL);
    ends_well(&p);
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* A loop of relaxed get, compare and put, in the interpreter and in plain C. */
static void speed(void)
{
    enum { ROUNDS = 20000000 };
    uint64_t *word = (uint64_t *)(void *)shared, value = 0;
    struct peer p;
    double plain, scripted, start;

    attach_shared(&p);
    add(&s, (struct insn){.op = OP_LOOP, .a = ROUNDS});
    add(&s, (struct insn){.op = OP_GET, .width = 8});
    add(&s, (struct insn){.op = OP_CHECK, .width = 8, .cmp = CMP_EQ, .a = 0});
    add(&s, (struct insn){.op = OP_PUT, .width = 8, .off = 64, .a = 1});
    add(&s, (struct insn){.op = OP_END});
    start = seconds();
    peer_run(&p, &s, &a);
    scripted = seconds() - start;
    CHECK_EQ(a.status, STATUS_OK);
    start = seconds();
    for (int i = 0; i < ROUNDS; i++) {
        value = __atomic_load_n(word, __ATOMIC_RELAXED);
        if (value != 0)
            break;
        __atomic_store_n(word + 8, 1, __ATOMIC_RELAXED);
    }
    plain = seconds() - start;
    printf("get, compare, put: %.2f ns an operation in a script, %.2f ns in C\n", scripted * 1e9 / ROUNDS / 3,
        plain * 1e9 / ROUNDS / 3);
    start = seconds();
    for (int i = 0; i < 20000; i++)
        one(&p, (struct insn){.op = OP_GET, .width = 8, .flags = PROTO_FLAG_KEEP});
    printf("one get by a request of its own: %.1f us\n", (seconds() - start) * 1e6 / 20000);
    ends_well(&p);
}

static const char *current_test;

static void hung(int signo)
{
    (void)signo;
    dprintf(STDERR_FILENO, "hangs: %s\n", current_test);
    _exit(1);
}

/* clang-format off */
#define TEST(name) {#name, name}
/* clang-format on */
static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    TEST(every_width_and_order_loads_stores_and_modifies),
    TEST(what_is_wrong_is_refused_before_anything_runs),
    TEST(single_accesses_do_what_scripts_of_one_step_do),
    TEST(loops_count_nest_break_and_compare),
    TEST(comparisons_are_of_the_width_and_sign_asked_for),
    TEST(registers_index_memory_and_are_checked),
    TEST(bytes_go_in_out_and_across),
    TEST(waiting_ends_by_the_value_or_the_time),
    TEST(attaches_every_kind_and_never_creates),
    TEST(calls_give_raw_results),
    TEST(a_sysv_segment_is_described_field_by_field),
    TEST(it_exits_and_dies_as_told),
    TEST(a_fault_is_reported_and_then_kills),
    TEST(malformed_messages_end_it_with_a_word),
    TEST(forked_children_serve_their_own_connection),
};

int main(int argc, char **argv)
{
    shared_fd = memfd_create("native-test", 0);
    CHECK(shared_fd >= 0 && ftruncate(shared_fd, SIZE) == 0);
    shared = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, shared_fd, 0);
    CHECK(shared != MAP_FAILED);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGALRM, hung);
    if (argc > 1 && strcmp(argv[1], "speed") == 0) {
        speed();
        return 0;
    }
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        /* Valgrind emulates synchronous signals, and neither repeats a fault nor delivers one that was sent. */
        if (argc > 1 && strcmp(argv[1], "no-faults") == 0 && tests[i].run == a_fault_is_reported_and_then_kills)
            continue;
        current_test = tests[i].name;
        alarm(60); /* a test that hangs is a failure with a name */
        tests[i].run();
    }
    close(shared_fd);
    munmap(shared, SIZE);
    puts("native helper: all tests passed");
    return 0;
}
