/*
 * Fuzzes what reads the requests of the supervisor's control connection: it must take or refuse anything without reading
 * what it was not given and without losing memory.
 *
 *   control-fuzz [seconds [seed]]
 *
 * Built by clang with LIBFUZZER defined it is a harness for libFuzzer instead.
 */
#include <string.h>

#include "../../main/c/guard/control.h"
#include "fuzz.h"
#include "peer.h"

#define MAX_INPUT 512

struct input {
    uint32_t size;
    uint8_t bytes[MAX_INPUT];
};

static size_t list_size(char **list)
{
    size_t size = 4;

    for (char **item = list; *item != NULL; item++)
        size += 4 + strlen(*item);
    return size;
}

/* What a request must have taken: all that it has, once. */
static size_t frame_size(const struct request *r)
{
    switch (r->type) {
    case REQUEST_LAUNCH:
        CHECK(r->argv[0] != NULL);
        return 4 + 1 + 4 + list_size(r->argv) + list_size(r->envp) + 4 + strlen(r->cwd) + 4 + strlen(r->input) +
               list_size(r->inherited);
    case REQUEST_SIGNAL:
        return 4 + 1 + 3 * 4;
    case REQUEST_BYE:
        return 4 + 1;
    case REQUEST_FLUSH:
        return 4 + 1 + 2 * 4;
    }
    return 0;
}

/* Everything that arrives at once; whether the first request of it was taken. */
static bool try(const void *input)
{
    const struct input *in = input;
    /* Of its exact size, so that the sanitizer sees one byte too many. */
    struct buffer buffer = {.data = malloc(in->size + !in->size), .end = in->size, .capacity = in->size};
    struct request request;
    const char *malformed;
    size_t before = 0, taken = 0;

    CHECK(buffer.data != NULL);
    memcpy(buffer.data, in->bytes, in->size);
    for (; request_take(&buffer, &request, &malformed); taken++) {
        CHECK(malformed == NULL);
        CHECK_EQ(request.type, buffer.data[before + 4]);
        CHECK_EQ(buffer.start - before, frame_size(&request));
        request_free(&request);
        before = buffer.start;
    }
    CHECK_EQ(buffer.start, before); /* nothing of what was not taken is gone */
    free(buffer.data);
    return taken > 0;
}

#ifdef LIBFUZZER
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct input in = {.size = size < MAX_INPUT ? (uint32_t)size : MAX_INPUT};

    memcpy(in.bytes, bytes, in.size);
    try(&in);
    return 0;
}
#else
static void put(struct input *in, uint32_t value)
{
    if (in->size + 4 <= MAX_INPUT)
        put_le32(in->bytes + in->size, value);
    in->size += in->size + 4 <= MAX_INPUT ? 4 : 0;
}

static void put_text(struct input *in)
{
    uint32_t length = (uint32_t)fuzz_below(6);

    put(in, fuzz_below(16) ? length : (uint32_t)fuzz_any());
    for (; length > 0 && in->size < MAX_INPUT; length--)
        in->bytes[in->size++] = (uint8_t)(fuzz_below(32) ? 'a' : fuzz_any());
}

static void put_list(struct input *in)
{
    uint32_t count = (uint32_t)fuzz_below(4);

    put(in, fuzz_below(16) ? count : (uint32_t)fuzz_any());
    while (count-- > 0)
        put_text(in);
}

static void put_request(struct input *in)
{
    uint32_t begin = in->size, type = (uint32_t)(fuzz_below(16) ? 1 + fuzz_below(4) : fuzz_any());

    put(in, 0);
    if (in->size < MAX_INPUT)
        in->bytes[in->size++] = (uint8_t)type;
    if (type == REQUEST_LAUNCH) {
        put(in, (uint32_t)fuzz_any());
        put_list(in);
        put_list(in);
        put_text(in);
        put_text(in);
        put_list(in);
    } else if (type == REQUEST_SIGNAL || type == REQUEST_FLUSH) {
        for (int i = type == REQUEST_SIGNAL ? 3 : 2; i > 0; i--)
            put(in, (uint32_t)fuzz_any());
    }
    if (begin + 4 <= in->size)
        put_le32(in->bytes + begin, fuzz_below(16) ? in->size - begin - 4 : (uint32_t)fuzz_any());
}

static void damage(void *input)
{
    struct input *in = input;

    if (in->size == 0 || fuzz_below(2))
        put_request(in);
    for (uint64_t i = fuzz_below(4); i > 0 && in->size > 0; i--)
        in->bytes[fuzz_below(in->size)] = (uint8_t)(fuzz_below(2) ? fuzz_below(8) : fuzz_any());
    if (fuzz_below(16) == 0)
        in->size = (uint32_t)fuzz_below(in->size + 1);
}

int main(int argc, char **argv)
{
    return fuzz_run(&(struct fuzz){"control", sizeof(struct input), damage, try}, argc, argv);
}
#endif
