/*
 * Fuzzes what reads /proc/PID/stat, status, maps and environ, in which a process chooses its name, its files' names and its
 * environment: from what the kernel writes comes what it means, whatever those names are, and from anything else nothing
 * that is not there.
 *
 *   proc-fuzz [seconds [seed]]
 *
 * Built by clang with LIBFUZZER defined it is a harness for libFuzzer instead.
 */
#include <string.h>
#include <sys/sysmacros.h>

#include "../../main/c/common/base64url.h"
#include "../../main/c/common/procfs.h"
#include "../../main/c/common/token.h"
#include "../../main/c/guard/process.h"
#include "fuzz.h"
#include "peer.h"

#define MAX_INPUT 1024
#define VARIABLE "SHMKIT_SESSION="
#define SECRET "fuzz-fuzz-fuzz-fuzz-fu"

enum file { STAT, STATUS, MAPS, ENVIRON, FILES };

struct input {
    uint32_t file, size;
    bool whole; /* it is as the kernel would write it, of the numbers below */
    uint64_t parent, start, user, major, minor, inode;
    char text[MAX_INPUT];
};

static bool try_stat(const struct input *in, const char *text)
{
    pid_t parent = -1;
    uint64_t start = 0, again = 0;
    bool known = stat_parent(text, &parent, &start), lives = stat_start_time(text, &again);

    CHECK(!lives || strchr(text, ')') != NULL);
    if (in->whole) {
        CHECK(known && lives);
        CHECK_EQ(parent, in->parent);
        CHECK_EQ(start, in->start);
    }
    if (known && lives)
        CHECK_EQ(start, again);
    return known && lives;
}

static bool try_status(const struct input *in, const char *text)
{
    unsigned user = 0;
    bool known = status_user(text, &user);

    CHECK(!known || strstr(text, "\nUid:") != NULL);
    CHECK(!in->whole || (known && user == in->user));
    return known;
}

static bool try_maps(const struct input *in, const char *text)
{
    struct inode file = {0, 0};
    bool known = maps_file(text, &file);

    CHECK(!known || file.ino != 0);
    if (in->whole) {
        CHECK_EQ(known, in->inode != 0);
        CHECK(!known || (file.ino == in->inode && file.dev == makedev(in->major, in->minor)));
    }
    return known;
}

static bool try_environ(const char *text, size_t size)
{
    static char id[32];
    static const char wanted[] = VARIABLE SECRET;
    unsigned char digest[SHA256_SIZE];
    bool carries = false;

    if (id[0] == '\0') {
        sha256(SECRET, strlen(SECRET), digest);
        base64url_encode(digest, 16, id);
    }
    /* Wherever it stands whole, with a NUL before and behind it. */
    for (size_t at = 0; at + sizeof wanted <= size; at++)
        carries |= (at == 0 || text[at - 1] == '\0') && memcmp(text + at, wanted, sizeof wanted) == 0;
    CHECK_EQ(environment_belongs_to(text, size, id), carries);
    return carries;
}

static bool try(const void *input)
{
    const struct input *in = input;
    /* Of its exact size, so that the sanitizer sees one byte too many. */
    size_t room = in->size + (in->file == ENVIRON ? 0 : 1);
    char *text = malloc(room > 0 ? room : 1);
    bool taken;

    CHECK(text != NULL);
    memcpy(text, in->text, in->size);
    if (in->file != ENVIRON)
        text[in->size] = '\0';
    switch (in->file) {
    case STAT:
        taken = try_stat(in, text);
        break;
    case STATUS:
        taken = try_status(in, text);
        break;
    case MAPS:
        taken = try_maps(in, text);
        break;
    default:
        taken = try_environ(text, in->size);
    }
    free(text);
    return taken;
}

#ifdef LIBFUZZER
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct input in = {.file = size > 0 ? bytes[0] % FILES : STAT};

    in.size = size == 0 ? 0 : size <= MAX_INPUT ? (uint32_t)size - 1 : MAX_INPUT - 1;
    if (in.size > 0)
        memcpy(in.text, bytes + 1, in.size);
    try(&in);
    return 0;
}
#else
/* What a process may be called: anything of up to 15 bytes, of which status shows newlines and backslashes escaped. */
static const char *any_name(bool escaped)
{
    static const char *const odd[] = {") S 1 1", "))", "\nUid:\t0", "Uid:\t0", "a) R 0 (b", " ", "", "\\nUid:\t0"};
    static char name[64];
    const char *raw = odd[fuzz_below(sizeof odd / sizeof odd[0])];
    char mixed[16];
    size_t to = 0;

    if (fuzz_below(2)) {
        size_t size = fuzz_below(sizeof mixed);
        for (size_t i = 0; i < size; i++)
            mixed[i] = fuzz_below(2) ? "() \n0S\\"[fuzz_below(7)] : (char)(1 + fuzz_below(255));
        mixed[size] = '\0';
        raw = mixed;
    }
    for (; *raw != '\0'; raw++)
        if (escaped && (*raw == '\n' || *raw == '\\')) {
            name[to++] = '\\';
            name[to++] = *raw == '\n' ? 'n' : '\\';
        } else {
            name[to++] = *raw;
        }
    name[to] = '\0';
    return name;
}

static void write_environ(struct input *in)
{
    static const char *const variables[] = {VARIABLE SECRET, VARIABLE SECRET "x", "x" VARIABLE SECRET, VARIABLE,
        VARIABLE "fuzz-fuzz-fuzz-fuzz-fx", "A=" VARIABLE SECRET, "PATH=/bin", "", "SHMKIT_SESSIO=" SECRET};

    for (uint64_t i = fuzz_below(8); i > 0; i--) {
        const char *variable = variables[fuzz_below(sizeof variables / sizeof variables[0])];
        memcpy(in->text + in->size, variable, strlen(variable) + 1);
        in->size += (uint32_t)strlen(variable) + 1;
    }
}

static void write_whole(struct input *in)
{
    in->file = (uint32_t)fuzz_below(FILES);
    in->size = 0;
    in->whole = in->file != ENVIRON; /* whose meaning is found out otherwise */
    in->parent = fuzz_below(1u << 22);
    in->start = fuzz_any() >> fuzz_below(64);
    in->user = fuzz_any() & 0xffffffff;
    in->major = fuzz_below(1u << 12);
    in->minor = fuzz_below(1u << 20);
    in->inode = fuzz_below(2) ? fuzz_any() >> fuzz_below(64) : 0;
    switch (in->file) {
    case STAT:
        in->size = (uint32_t)snprintf(in->text, sizeof in->text,
            "4711 (%s) %c %llu 4711 4711 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 %d 0 %llu 1 2 18446744073709551615 1",
            any_name(false), "RSDTI"[fuzz_below(5)], (unsigned long long)in -> parent, 1 + (int)fuzz_below(9),
            (unsigned long long)in -> start);
        break;
    case STATUS:
        in->size = (uint32_t)snprintf(in->text, sizeof in->text,
            "Name:\t%s\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t1\nUid:\t%llu\t1\t2\t3\nGid:\t5\t5\t5\t5\n",
            any_name(true), (unsigned long long)in->user);
        break;
    case MAPS:
        in->size = (uint32_t)snprintf(in->text, sizeof in->text, "%llx-%llx r-%cs %08llx %02llx:%02llx %llu   %s\n",
            (unsigned long long)(fuzz_any() >> 16), (unsigned long long)(fuzz_any() >> 16), "x-"[fuzz_below(2)],
            (unsigned long long)fuzz_below(1u << 31), (unsigned long long)in -> major, (unsigned long long)in -> minor,
            (unsigned long long)in -> inode, any_name(true));
        break;
    default:
        write_environ(in);
    }
}

static void damage(void *input)
{
    struct input *in = input;

    if (in->size == 0 || fuzz_below(2))
        write_whole(in);
    if (in->size > 0 && fuzz_below(2)) {
        in->whole = false;
        in->text[fuzz_below(in->size)] = (char)(fuzz_below(2) ? "0123456789 -):\n"[fuzz_below(15)] : (char)fuzz_any());
        if (fuzz_below(4) == 0)
            in->size = 1 + (uint32_t)fuzz_below(in->size);
    }
}

int main(int argc, char **argv)
{
    return fuzz_run(&(struct fuzz){"proc", sizeof(struct input), damage, try}, argc, argv);
}
#endif
