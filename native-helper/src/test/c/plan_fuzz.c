/*
 * Fuzzes what reads the plan of removals: whatever it takes means just what stands there, written in the one way in which
 * it may be written, and no name in it holds a NUL.
 *
 *   plan-fuzz [seconds [seed]]
 *
 * Built by clang with LIBFUZZER defined it is a harness for libFuzzer instead.
 */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "../../main/c/clean/plan.h"
#include "../../main/c/common/base64url.h"
#include "fuzz.h"
#include "peer.h"

#define MAX_INPUT 1024

struct input {
    uint32_t size;
    char text[MAX_INPUT];
};

/* --- a step as it would be written --- */

static char again[2 * MAX_INPUT + 512];
static size_t length;

static void put(const char *text)
{
    size_t size = strlen(text);

    CHECK(length + size + 1 < sizeof again);
    if (length > 0)
        again[length++] = ' ';
    memcpy(again + length, text, size + 1);
    length += size;
}

static void put_name(const char *name)
{
    char encoded[MAX_INPUT * 2];

    CHECK(name != NULL && name[0] != '\0');
    base64url_encode(name, strlen(name), encoded);
    put(encoded);
}

static void put_number(const char *format, uint64_t number)
{
    char text[24];

    snprintf(text, sizeof text, format, number);
    put(text);
}

static void put_file(const struct file_identity *file)
{
    CHECK_EQ(file->known, file->ino != 0);
    put_number("%" PRIu64, file->dev);
    put_number("%" PRIu64, file->ino);
    put_number("%" PRIu64, file->btime_ns);
}

static void write_again(const struct step *step)
{
    char what[2] = {step->what};

    length = 0;
    put(what);
    put(step->index);
    if (strchr("FDT", step->what) != NULL)
        put_name(step->directory);
    if (strchr("FDTSCRQ", step->what) != NULL)
        put_name(step->name);
    if (strchr("FDTSCQ", step->what) != NULL)
        put_file(&step->file);
    if (strchr("FDSCR", step->what) != NULL)
        put_name(step->quarantine);
    if (step->what == 'V') {
        CHECK(step->kind == SYSV_SHM || step->kind == SYSV_SEM || step->kind == SYSV_MSG);
        CHECK(step->sysv.id >= 0 && step->sysv.creator >= 0 && step->sysv.ctime >= 0);
        put(kind_names[step->kind]);
        put_number("%" PRIu64, (uint64_t)step->sysv.id);
        put_number("%" PRIx64, step->sysv.key);
        put_number("%" PRIu64, step->sysv.cuid);
        put_number("%" PRIu64, (uint64_t)step->sysv.ctime);
        put_number("%" PRIu64, step->sysv.size);
        put_number("%" PRIu64, (uint64_t)step->sysv.creator);
    }
    if (strchr("FDSCV", step->what) != NULL)
        put_number("%" PRIu64, step->careful);
    if (step->what == 'P') {
        CHECK(step->pid >= 0); /* below that it would be a group, or everybody */
        put_number("%" PRIu64, (uint64_t)step->pid);
        put_number("%" PRIu64, step->start_time);
    }
}

/* Whether a number or name may be written so too: leading zeros, and the bits that base64 leaves over. */
static bool means_the_same(const char *written, const char *read)
{
    size_t zeros = strspn(written, "0");
    char decoded[2][MAX_INPUT];

    if (strcmp(written, read) == 0 ||
        strcmp(written + (written[zeros] == '\0' && zeros > 0 ? zeros - 1 : zeros), read) == 0)
        return true;
    ssize_t size = base64url_decode(written, strlen(written), decoded[0]);
    return size >= 0 && size == base64url_decode(read, strlen(read), decoded[1]) &&
           memcmp(decoded[0], decoded[1], (size_t)size) == 0;
}

static bool try(const void *input)
{
    const struct input *in = input;
    /* Of its exact size, so that the sanitizer sees one byte too many. */
    char *line = strndup(in->text, in->size), *text = strdup(line), *rest[2] = {NULL, NULL};
    struct step step;

    bool taken = plan_read(line, &step) == NULL;
    if (taken) {
        CHECK(strchr("SCFDTRVQP", step.what) != NULL);
        write_again(&step);
        char *written = strtok_r(text, " ", &rest[0]), *read = strtok_r(again, " ", &rest[1]);
        for (; written != NULL && read != NULL;
             written = strtok_r(NULL, " ", &rest[0]), read = strtok_r(NULL, " ", &rest[1]))
            CHECK(means_the_same(written, read));
        if (written != NULL && strchr("SCFDTQ", step.what) != NULL) {
            snprintf(again, sizeof again, "%u", (unsigned)step.file.owner);
            CHECK(means_the_same(written, again));
            written = strtok_r(NULL, " ", &rest[0]);
        } else if (strchr("SCFDTQ", step.what) != NULL) {
            CHECK_EQ(step.file.owner, geteuid());
        }
        CHECK(written == NULL && read == NULL);
        CHECK(in->text[strnlen(in->text, in->size) - 1] != ' ');
    }
    free(line);
    free(text);
    return taken;
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
static void append(struct input *in, const char *word)
{
    size_t size = strlen(word);

    if (in->size + size + 1 >= MAX_INPUT)
        return;
    if (in->size > 0)
        in->text[in->size++] = ' ';
    memcpy(in->text + in->size, word, size);
    in->size += (uint32_t)size;
}

static void append_name(struct input *in)
{
    char name[300], encoded[512];
    size_t size = 1 + fuzz_below(fuzz_below(16) ? 20 : 290);

    for (size_t i = 0; i < size; i++)
        name[i] = (char)(1 + fuzz_below(255));
    if (fuzz_below(64) == 0)
        name[fuzz_below(size)] = '\0';
    base64url_encode(name, size, encoded);
    append(in, encoded);
}

static void append_number(struct input *in, const char *format)
{
    static const char *const odd[] = {
        "-1", "+1", "x", "0x1", "18446744073709551616", "2147483648", "4294967296", "007"};
    char text[24];

    if (fuzz_below(32) == 0) {
        append(in, odd[fuzz_below(sizeof odd / sizeof odd[0])]);
        return;
    }
    snprintf(text, sizeof text, format, fuzz_below(fuzz_below(8) ? 3 : 1ull << (1 + fuzz_below(63))));
    append(in, text);
}

static void damage(void *input)
{
    static const char *const forms[] = {
        "Snnnnqc", "Cnnnnqc", "Fdnnnnqc", "Ddnnnnqc", "Tdnnnn", "Rnq", "Vkixnnnnc", "Qnnnn", "Pnn"};
    struct input *in = input;

    if (in->size == 0 || fuzz_below(2)) {
        uint64_t form = fuzz_below(sizeof forms / sizeof forms[0]);
        const char *fields = forms[form];
        char what[2] = {fields[0]};
        in->size = 0;
        append(in, what);
        append_number(in, "%llu");
        for (const char *field = fields + 1; *field != '\0'; field++)
            if (*field == 'd' || *field == 'q' || (field == fields + 1 && strchr("SCRQ", what[0]) != NULL) ||
                (field == fields + 2 && strchr("FDT", what[0]) != NULL))
                append_name(in);
            else if (*field == 'k')
                append(in, kind_names[fuzz_below(KIND_COUNT)]);
            else if (*field == 'c')
                append(in, fuzz_below(16) ? "1" : "2");
            else
                append_number(in, *field == 'x' ? "%llx" : "%llu");
        if (fuzz_below(4) == 0)
            append_number(in, "%llu");
    }
    if (fuzz_below(3) == 0)
        in->text[fuzz_below(in->size)] = (char)(fuzz_below(2) ? "0123456789 -+_A"[fuzz_below(15)] : (char)fuzz_any());
    if (fuzz_below(8) == 0)
        in->size = 1 + (uint32_t)fuzz_below(in->size);
}

int main(int argc, char **argv)
{
    return fuzz_run(&(struct fuzz){"plan", sizeof(struct input), damage, try}, argc, argv);
}
#endif
