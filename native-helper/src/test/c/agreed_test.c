/*
 * What Java and C have to agree on, from the cases in ../agreed that Java's AgreedTests read as well.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../main/c/clean/identity.h"
#include "../../main/c/common/base64url.h"
#include "../../main/c/common/ledger.h"
#include "../../main/c/common/procfs.h"
#include "peer.h"

#define SHM_DEV 26

static char text[65536];
static int cases;

/* The lines of a file that are no comments, one after the other; NULL at its end. */
static char *next_line(FILE *file)
{
    static char line[4096];

    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '\0' && line[0] != '#')
            return line;
    }
    return NULL;
}

static FILE *agreed(const char *name)
{
    char path[64];

    snprintf(path, sizeof path, "../agreed/%s.txt", name);
    FILE *file = fopen(path, "re");
    CHECK(file != NULL);
    return file;
}

/* ---- ledgers ---- */

static int begin_ledger(void)
{
    char header[512], boot[40];
    int fd = memfd_create("ledger", MFD_CLOEXEC);

    CHECK(fd >= 0);
    boot_id(boot);
    int length = snprintf(header, sizeof header, "H 1 AAAAAAAAAAAAAAAAAAAAAA 2 %s %d %" PRIu64 " 1 1 4711 1 %u", boot,
        SHM_DEV, namespace_inode("ipc"), geteuid());
    CHECK(ledger_append(fd, header, (size_t)length, sizeof header));
    CHECK(lseek(fd, 0, SEEK_END) > 0);
    return fd;
}

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text + used, sizeof text - used, format, arguments);
    va_end(arguments);
}

static void describe(const struct ledger_object *object)
{
    char name[1024] = "";

    if (object->name != NULL)
        base64url_encode(object->name, strlen(object->name), name);
    else
        snprintf(name, sizeof name, "%" PRIx32, object->key);
    say("%" PRIu64 " %s %s %" PRIu64, object->seq, kind_names[object->kind], name, object->size);
    if (object->kind == SYSV_SEM || object->kind == SYSV_MSG)
        say(" %" PRId64, object->not_before);
    if (object->committed && object->name != NULL)
        say(" F %" PRIu64 " %" PRIu64 " %" PRIu64, object->dev, object->ino, object->btime_ns);
    else if (object->committed)
        say(" V %d %" PRId64 " %" PRIu32, object->id, object->ctime, object->cuid);
    say("\n");
}

static void describe_all(int fd)
{
    struct ledger ledger;

    text[0] = '\0';
    ledger_read(fd, SHM_DEV, &ledger);
    if (!ledger.valid)
        say("damaged\n");
    for (size_t i = 0; ledger.valid && i < ledger.object_count; i++)
        if (ledger.objects[i] != NULL)
            describe(ledger.objects[i]);
    for (size_t i = 0; ledger.valid && i < ledger.process_count; i++)
        say("P %d %" PRIu64 " %" PRIu64 "\n", (int)ledger.processes[i].pid, ledger.processes[i].start_time,
            ledger.processes[i].pid_namespace);
    ledger_free(&ledger);
}

static void end_case(int fd, const char *name, const char *expected)
{
    if (name[0] == '\0')
        return;
    describe_all(fd);
    close(fd);
    if (strcmp(text, expected) != 0) {
        fprintf(stderr, "%s:\n%sand not\n%s", name, text, expected);
        exit(1);
    }
    cases++;
}

static void ledgers_are_read_alike(void)
{
    char name[256] = "", expected[4096] = "", record[4200];
    FILE *file = agreed("ledger");
    int fd = -1;

    for (char *line; (line = next_line(file)) != NULL;) {
        if (strncmp(line, "== ", 3) == 0) {
            end_case(fd, name, expected);
            snprintf(name, sizeof name, "%s", line + 3);
            expected[0] = '\0';
            fd = begin_ledger();
        } else if (strncmp(line, "< ", 2) == 0) {
            int length = snprintf(record, sizeof record, "%s", line + 2);
            CHECK(ledger_append(fd, record, (size_t)length, sizeof record));
        } else {
            CHECK(strncmp(line, "> ", 2) == 0);
            size_t used = strlen(expected);
            snprintf(expected + used, sizeof expected - used, "%s\n", line + 2);
        }
    }
    end_case(fd, name, expected);
    fclose(file);
}

/* ---- one line a case ---- */

static void identities_are_compared_alike(void)
{
    FILE *file = agreed("identity");

    for (char *line; (line = next_line(file)) != NULL; cases++) {
        uint64_t v[6];
        char kind[8], outcome[8];
        bool same;
        CHECK_EQ(sscanf(line, "%7s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %7s", kind,
                     &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], outcome),
            8);
        if (strcmp(kind, "file") == 0)
            same = is_same_file(
                &(struct file_identity){.known = true, .dev = v[0], .ino = v[1], .btime_ns = v[2]}, v[3], v[4], v[5]);
        else
            same = is_same_sysv(
                &(struct sysv_identity){.key = (uint32_t)v[0], .cuid = (uint32_t)v[1], .ctime = (int64_t)v[2]},
                (uint32_t)v[3], (uint32_t)v[4], (int64_t)v[5]);
        if (same != (strcmp(outcome, "same") == 0)) {
            fprintf(stderr, "not so: %s\n", line);
            exit(1);
        }
    }
    fclose(file);
}

static void quarantine_is_named_alike(void)
{
    FILE *file = agreed("quarantine");

    for (char *line; (line = next_line(file)) != NULL; cases++) {
        char session[32], expected[128], name[128];
        unsigned fork;
        uint64_t seq;
        CHECK_EQ(sscanf(line, "%31s %u %" SCNu64 " %127s", session, &fork, &seq, expected), 4);
        quarantine_name(name, sizeof name, session, fork, seq);
        if (strcmp(name, expected) != 0) {
            fprintf(stderr, "%s, and not %s\n", name, expected);
            exit(1);
        }
    }
    fclose(file);
}

int main(void)
{
    ledgers_are_read_alike();
    identities_are_compared_alike();
    quarantine_is_named_alike();
    CHECK(cases > 40);
    printf("agreed_test: %d cases\n", cases);
    return 0;
}
