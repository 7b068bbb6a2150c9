/*
 * Fuzzes what reads the kernel's list of children, by which processes are killed: no pid comes out that does not stand
 * there whole.
 *
 *   children-fuzz [seconds [seed]]
 *
 * Built by clang with LIBFUZZER defined it is a harness for libFuzzer instead.
 */
#include <string.h>

#include "../../main/c/guard/children.h"
#include "fuzz.h"
#include "peer.h"

#define MAX_INPUT 256

struct input {
    uint32_t size;
    char text[MAX_INPUT];
};

/* What was read, written again, is what stands there, up to where the reader stopped. */
static bool try(const void *input)
{
    const struct input *in = input;
    /* Of its exact size, so that the sanitizer sees one byte too many. */
    char *text = malloc(in->size + 1);
    char again[16];

    CHECK(text != NULL);
    memcpy(text, in->text, in->size);
    text[in->size] = '\0';
    const char *next = text, *before = text;
    bool found = false;
    for (pid_t pid; (pid = children_next(&next)) > 0; before = next, found = true) {
        const char *digits = before + strspn(before, "0");
        int length = snprintf(again, sizeof again, "%d ", (int)pid);
        CHECK_EQ(next - digits, length);
        CHECK(memcmp(digits, again, (size_t)length) == 0);
    }
    free(text);
    return found;
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
static void damage(void *input)
{
    struct input *in = input;
    char text[24];
    int length =
        snprintf(text, sizeof text, "%llu ", (unsigned long long)fuzz_below(fuzz_below(8) ? 1u << 22 : 1ull << 33));

    if (in->size + (size_t)length < MAX_INPUT) {
        memcpy(in->text + in->size, text, (size_t)length);
        in->size += (uint32_t)length;
    }
    if (fuzz_below(4) == 0)
        in->text[fuzz_below(in->size)] = (char)(fuzz_below(2) ? "0123456789 -+\n"[fuzz_below(14)] : (char)fuzz_any());
    if (fuzz_below(8) == 0)
        in->size = 1 + (uint32_t)fuzz_below(in->size);
}

int main(int argc, char **argv)
{
    return fuzz_run(&(struct fuzz){"children", sizeof(struct input), damage, try}, argc, argv);
}
#endif
