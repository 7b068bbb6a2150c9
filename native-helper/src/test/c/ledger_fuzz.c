/*
 * Fuzzes what reads ledgers, which others of the same user may write into as well: whatever it holds, the reader takes all
 * of it or nothing, without reading what it was not given and without losing memory.
 *
 *   ledger-fuzz [seconds [seed]]
 *
 * Built by clang with LIBFUZZER defined it is a harness for libFuzzer instead.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../main/c/common/crc32.h"
#include "../../main/c/common/ledger.h"
#include "../../main/c/common/procfs.h"
#include "fuzz.h"
#include "peer.h"

#define MAX_INPUT 2048
#define DEVICE 42

struct input {
    uint32_t size;
    char text[MAX_INPUT];
};

static void check(const struct ledger *ledger)
{
    CHECK(ledger->valid == (ledger->why[0] == '\0'));
    for (size_t seq = 0; seq < ledger->object_count; seq++) {
        const struct ledger_object *object = ledger->objects[seq];
        if (object == NULL)
            continue;
        CHECK_EQ(object->seq, seq);
        CHECK(object->kind < KIND_COUNT);
        CHECK((object->kind <= SYSV_MSG) == (object->name == NULL));
        CHECK(object->name == NULL || object->name[0] != '\0');
    }
    for (size_t i = 0; i < ledger->process_count; i++)
        CHECK(ledger->processes[i].pid > 1); /* it would be killed */
    for (size_t i = 0; i < ledger->observed_count; i++)
        CHECK((ledger->observed[i].kind <= SYSV_MSG) == (ledger->observed[i].name == NULL));
}

static bool try(const void *input)
{
    static int file = -1;
    const struct input *in = input;
    struct ledger ledger;

    if (file < 0)
        file = memfd_create("ledger", MFD_CLOEXEC);
    CHECK(file >= 0);
    CHECK(ftruncate(file, 0) == 0);
    CHECK_EQ(pwrite(file, in->text, in->size, 0), in->size);
    ledger_read(file, DEVICE, &ledger);
    check(&ledger);
    bool valid = ledger.valid;
    ledger_free(&ledger);
    return valid;
}

#ifdef LIBFUZZER
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct input in = {.size = size < MAX_INPUT ? (uint32_t)size : MAX_INPUT};

    memcpy(in.text, bytes, in.size);
    try(&in);
    return 0;
}
#else
static const char *any_kind(void)
{
    return fuzz_below(32) ? kind_names[fuzz_below(KIND_COUNT)] : "OTHER";
}

/* A number as records have them, and sometimes one that is none. */
static const char *any_number(void)
{
    static const char *const odd[] = {"-1", "+1", "", "x", "18446744073709551616", "2147483648", "67108865"};
    static char texts[8][24];
    static unsigned next;
    char *text = texts[next++ % 8];

    if (fuzz_below(64) == 0)
        return odd[fuzz_below(sizeof odd / sizeof odd[0])];
    snprintf(text, sizeof texts[0], "%llu", (unsigned long long)fuzz_below(fuzz_below(256) ? 6 : 1u << 20));
    return text;
}

static const char *any_name(void)
{
    static const char *const names[] = {"c2hta2l0", "L3RtcC9h", "YQ", "", "AA", "*", "c2hta2l0AA"};

    return names[fuzz_below(fuzz_below(16) ? 3 : sizeof names / sizeof names[0])];
}

static int header(char *line, size_t room)
{
    char boot[40];

    boot_id(boot);
    return snprintf(line, room, "H %d AAAAAAAAAAAAAAAAAAAAAA 1 %s %d %llu 3 4 5 6 %u", LEDGER_SCHEMA, boot, DEVICE,
        (unsigned long long)namespace_inode("ipc"), (unsigned)geteuid());
}

static int record(char *line, size_t room)
{
    const char *kind = any_kind();
    bool sysv = strncmp(kind, "SYSV", 4) == 0;
    const char *a = any_number(), *b = any_number(), *c = any_number(), *d = any_number();

    switch (fuzz_below(8)) {
    case 0:
    case 1:
        return snprintf(line, room, "I %s %s %s %s%s", a, kind, sysv ? c : any_name(), b,
            strcmp(kind, "SYSV_SEM") == 0 || strcmp(kind, "SYSV_MSG") == 0 ? " 7" : "");
    case 2:
        return snprintf(line, room, "C %s F %s %s %s", a, b, c, d);
    case 3:
        return snprintf(line, room, "C %s V %s %s %s", a, b, c, d);
    case 4:
        return snprintf(line, room, "R %s", a);
    case 5:
        return snprintf(line, room, "P %s %s %s N", a, b, c);
    case 6:
        return sysv ? snprintf(line, room, "O V %s %s %s %s 1 2 3 4 -", kind, a, b, c)
                    : snprintf(line, room, "O F %s %s %s %s 1 2 3 4 -", kind, any_name(), a, b);
    default:
        return snprintf(line, room, fuzz_below(4) ? "B" : "Z");
    }
}

static void put_line(struct input *in)
{
    char line[512];
    int length = in->size == 0 && fuzz_below(32) ? header(line, sizeof line) : record(line, sizeof line);

    length += snprintf(line + length, sizeof line - (size_t)length, " %08x\n", crc32_of(line, (size_t)length));
    if (in->size + (size_t)length > MAX_INPUT)
        return;
    memcpy(in->text + in->size, line, (size_t)length);
    in->size += (uint32_t)length;
}

static void damage(void *input)
{
    struct input *in = input;

    for (uint64_t i = 1 + fuzz_below(4); i > 0; i--)
        put_line(in);
    if (fuzz_below(8) == 0 && in->size < MAX_INPUT)
        in->text[in->size++] = '\0'; /* a hole */
    if (fuzz_below(8) == 0)
        in->text[fuzz_below(in->size)] = (char)fuzz_any();
    if (fuzz_below(16) == 0)
        in->size = (uint32_t)fuzz_below(in->size + 1);
}

int main(int argc, char **argv)
{
    return fuzz_run(&(struct fuzz){"ledger", sizeof(struct input), damage, try}, argc, argv);
}
#endif
