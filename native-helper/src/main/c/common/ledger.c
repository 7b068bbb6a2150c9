#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base64url.h"
#include "crc32.h"
#include "io.h"
#include "memory.h"
#include "procfs.h"

/* The sequence numbers of one JVM; beyond it the file cannot be ours. */
#define SEQ_MAX ((uint64_t)1 << 26)
#define FIELDS_MAX 16
/* What others append at the same moment needs room as well. */
#define RESERVE_AHEAD (2 * LEDGER_LINE_MAX)

const char *const kind_names[KIND_COUNT] = {
    "SYSV_SHM", "SYSV_SEM", "SYSV_MSG", "POSIX_SHM", "POSIX_SEM", "POSIX_MQ", "MMAP_FILE", "DIRECTORY"};

struct line {
    char *fields[FIELDS_MAX];
    int count;
};

static bool number(const char *text, int base, uint64_t max, uint64_t *value)
{
    char *end;

    if (*text == '\0' || text[strspn(text, base == 16 ? "0123456789abcdefABCDEF" : "0123456789")] != '\0')
        return false;
    errno = 0;
    *value = strtoull(text, &end, base);
    return errno == 0 && *end == '\0' && *value <= max;
}

/* Checks the CRC and cuts the line at its spaces; false for a line that is not one of ours. */
static bool split(char *text, size_t length, struct line *line)
{
    char crc[9];

    if (length < 10 || text[length - 9] != ' ' || memchr(text, '\0', length) != NULL)
        return false;
    text[length] = '\0';
    snprintf(crc, sizeof crc, "%08" PRIx32, crc32_of(text, length - 9));
    if (strcmp(text + length - 8, crc) != 0)
        return false;
    text[length - 9] = '\0';
    line->count = 0;
    for (char *field = text; field != NULL;) {
        if (line->count == FIELDS_MAX)
            return false;
        line->fields[line->count++] = field;
        field = strchr(field, ' ');
        if (field != NULL)
            *field++ = '\0';
    }
    return true;
}

static void invalid(struct ledger *ledger, const char *why)
{
    ledger->valid = false;
    snprintf(ledger->why, sizeof ledger->why, "%s", why);
}

static void read_header(struct ledger *ledger, struct line *line, uint64_t shm_dev)
{
    uint64_t schema, fork, dev, ipc, pid_ns, user_ns, pid, start, euid;
    char boot[40];
    char **f = line->fields;

    if (line->count < 3 || strcmp(f[0], "H") != 0 || !number(f[1], 10, UINT32_MAX, &schema)) {
        invalid(ledger, "it does not begin with a header");
        return;
    }
    if (schema != LEDGER_SCHEMA) {
        invalid(ledger, "its schema is of another version");
        return;
    }
    if ((line->count != 12 && line->count != 13) || strlen(f[2]) != SESSION_LENGTH ||
        !number(f[3], 10, UINT32_MAX, &fork) || !number(f[5], 10, UINT64_MAX, &dev) ||
        !number(f[6], 10, UINT64_MAX, &ipc) || !number(f[7], 10, UINT64_MAX, &pid_ns) ||
        !number(f[8], 10, UINT64_MAX, &user_ns) || !number(f[9], 10, INT32_MAX, &pid) ||
        !number(f[10], 10, UINT64_MAX, &start) || !number(f[11], 10, UINT32_MAX, &euid)) {
        invalid(ledger, "its header is malformed");
        return;
    }
    boot_id(boot);
    if (boot[0] == '\0' || strcmp(boot, f[4]) != 0)
        invalid(ledger, "it is of another boot");
    else if (dev != shm_dev)
        invalid(ledger, "it is of another /dev/shm");
    else if (ipc == 0 || ipc != namespace_inode("ipc"))
        invalid(ledger, "it is of another IPC namespace");
    else if (euid != geteuid())
        invalid(ledger, "it is of another user");
    else
        ledger->valid = true;
    memcpy(ledger->session, f[2], SESSION_LENGTH + 1);
    ledger->fork = (unsigned)fork;
    ledger->pid = (pid_t)pid;
    ledger->start_time = start;
    ledger->pid_namespace = pid_ns;
}

static char *decode_name(const char *text)
{
    size_t length = strlen(text);
    char *name = xmalloc(length + 1);
    ssize_t size = base64url_decode(text, length, name);

    if (size <= 0 || memchr(name, '\0', (size_t)size) != NULL) {
        free(name);
        return NULL;
    }
    name[size] = '\0';
    return name;
}

static bool kind_of(const char *text, enum kind *kind)
{
    for (int i = 0; i < KIND_COUNT; i++)
        if (strcmp(kind_names[i], text) == 0) {
            *kind = (enum kind)i;
            return true;
        }
    return false;
}

static bool read_intent(struct ledger *ledger, struct line *line)
{
    char **f = line->fields;
    uint64_t seq, size, key = 0, not_before = 0;
    enum kind kind;
    char *name = NULL;

    if (line->count < 5 || !number(f[1], 10, SEQ_MAX, &seq) || !number(f[4], 10, UINT64_MAX, &size))
        return false;
    if (!kind_of(f[2], &kind))
        return false;
    if (kind == SYSV_SEM || kind == SYSV_MSG) {
        if (line->count != 6 || !number(f[5], 10, INT64_MAX, &not_before))
            return false;
    } else if (line->count != 5) {
        return false;
    }
    if (kind <= SYSV_MSG) {
        if (!number(f[3], 16, UINT32_MAX, &key))
            return false;
    } else {
        name = decode_name(f[3]);
        if (name == NULL)
            return false;
    }
    if (seq >= ledger->object_count) {
        size_t count = seq + 1 > 2 * ledger->object_count ? seq + 1 : 2 * ledger->object_count;
        ledger->objects = xrealloc(ledger->objects, count * sizeof *ledger->objects);
        memset(ledger->objects + ledger->object_count, 0, (count - ledger->object_count) * sizeof *ledger->objects);
        ledger->object_count = count;
    }
    if (ledger->objects[seq] != NULL) { /* repeated by its writer: the same object */
        free(name);
        return true;
    }
    struct ledger_object *object = xmalloc(sizeof *object);
    *object = (struct ledger_object){
        .seq = seq, .kind = kind, .name = name, .key = (uint32_t)key, .size = size, .not_before = (int64_t)not_before};
    ledger->objects[seq] = object;
    return true;
}

static bool read_commit(struct ledger *ledger, struct line *line)
{
    char **f = line->fields;
    uint64_t seq, a, b, c;

    if (line->count != 6 || !number(f[1], 10, SEQ_MAX, &seq) || !number(f[3], 10, UINT64_MAX, &a) ||
        !number(f[4], 10, UINT64_MAX, &b) || !number(f[5], 10, UINT64_MAX, &c))
        return false;
    struct ledger_object *object = seq < ledger->object_count ? ledger->objects[seq] : NULL;
    if (object == NULL || strcmp(f[2], object->kind <= SYSV_MSG ? "V" : "F") != 0)
        return false;
    object->committed = true;
    if (object->kind <= SYSV_MSG) {
        if (a > INT32_MAX || b > INT64_MAX || c > UINT32_MAX)
            return false;
        object->id = (int)a;
        object->ctime = (int64_t)b;
        object->cuid = (uint32_t)c;
    } else {
        object->dev = a;
        object->ino = b;
        object->btime_ns = c;
    }
    return true;
}

static void forget(struct ledger *ledger, uint64_t seq)
{
    if (seq < ledger->object_count && ledger->objects[seq] != NULL) {
        free(ledger->objects[seq]->name);
        free(ledger->objects[seq]);
        ledger->objects[seq] = NULL;
    }
}

static bool read_release(struct ledger *ledger, struct line *line)
{
    uint64_t seq;

    if (line->count != 2 || !number(line->fields[1], 10, SEQ_MAX, &seq))
        return false;
    forget(ledger, seq); /* the INTENT may stand in a hole: nothing to forget then */
    return true;
}

static bool read_process(struct ledger *ledger, struct line *line)
{
    char **f = line->fields;
    uint64_t pid, start, pid_ns;

    if (line->count != 5 || !number(f[1], 10, INT32_MAX, &pid) || pid < 2 || !number(f[2], 10, UINT64_MAX, &start) ||
        !number(f[3], 10, UINT64_MAX, &pid_ns))
        return false;
    if ((ledger->process_count & (ledger->process_count + 1)) == 0) /* grow at 0, 1, 3, 7, … */
        ledger->processes = xrealloc(ledger->processes, (2 * ledger->process_count + 2) * sizeof *ledger->processes);
    ledger->processes[ledger->process_count++] = (struct ledger_process){(pid_t)pid, start, pid_ns};
    return true;
}

static bool read_observed(struct ledger *ledger, struct line *line)
{
    char **f = line->fields;
    struct ledger_observed observed = {0};
    uint64_t id;

    if (line->count < 12 || !kind_of(f[2], &observed.kind) || line->count != (observed.kind <= SYSV_MSG ? 12 : 13))
        return false;
    if (observed.kind <= SYSV_MSG && strcmp(f[1], "V") == 0) {
        if (!number(f[3], 10, INT32_MAX, &id))
            return false;
        observed.id = (int)id;
    } else if (observed.kind > SYSV_MSG && strcmp(f[1], "F") == 0) {
        observed.name = decode_name(f[3]);
        if (observed.name == NULL)
            return false;
    } else {
        return false;
    }
    if ((ledger->observed_count & (ledger->observed_count + 1)) == 0) /* grow at 0, 1, 3, 7, … */
        ledger->observed = xrealloc(ledger->observed, (2 * ledger->observed_count + 2) * sizeof *ledger->observed);
    ledger->observed[ledger->observed_count++] = observed;
    return true;
}

static bool read_record(struct ledger *ledger, struct line *line)
{
    if (strlen(line->fields[0]) != 1)
        return false;
    switch (line->fields[0][0]) {
    case 'I':
        return read_intent(ledger, line);
    case 'C':
        return read_commit(ledger, line);
    case 'R':
        return read_release(ledger, line);
    case 'P':
        return read_process(ledger, line);
    case 'O':
        return read_observed(ledger, line);
    case 'B': /* for those who judge, which this program does not */
    case 'U':
    case 'M':
    case 'A':
    case 'X':
        return true;
    default:
        return false;
    }
}

/* All that the file holds, without its holes. */
static char *slurp(int fd, size_t *size)
{
    char *text = NULL;
    off_t at = 0;

    *size = 0;
    for (;;) {
        off_t from = lseek(fd, at, SEEK_DATA);
        if (from < 0 && errno == ENXIO)
            break; /* nothing but hole up to the end */
        off_t to = from < 0 ? -1 : lseek(fd, from, SEEK_HOLE);
        if (to < 0 || lseek(fd, from, SEEK_SET) < 0) {
            free(text);
            return NULL;
        }
        text = xrealloc(text, *size + (size_t)(to - from) + 1);
        ssize_t got = read_full(fd, text + *size, (size_t)(to - from));
        if (got < 0) {
            free(text);
            return NULL;
        }
        *size += (size_t)got;
        at = to;
    }
    return text == NULL ? xmalloc(1) : text;
}

void ledger_read(int fd, uint64_t shm_dev, struct ledger *ledger)
{
    size_t size = 0;
    struct line line;
    bool header = true;

    memset(ledger, 0, sizeof *ledger);
    char *text = slurp(fd, &size);
    if (text == NULL) {
        invalid(ledger, "it cannot be read");
        return;
    }
    for (size_t at = 0; at < size;) {
        if (text[at] == '\0') { /* a hole, or preallocated space */
            at++;
            continue;
        }
        char *end = memchr(text + at, '\n', size - at);
        if (end == NULL)
            break; /* the writer died in the middle of its last record: it never took effect */
        size_t length = (size_t)(end - (text + at));
        bool whole = length < LEDGER_LINE_MAX && split(text + at, length, &line);
        if (header) {
            if (whole)
                read_header(ledger, &line, shm_dev);
            else
                invalid(ledger, "its header is damaged");
            if (!ledger->valid)
                break;
            header = false;
        } else if (!whole || !read_record(ledger, &line)) {
            /* A file that somebody else wrote into proves nothing: better a leak than a wrong delete. */
            invalid(ledger, "a record in its middle is damaged");
            break;
        }
        at += length + 1;
    }
    if (header && ledger->why[0] == '\0')
        invalid(ledger, "it is empty");
    free(text);
}

void ledger_free(struct ledger *ledger)
{
    for (uint64_t seq = 0; seq < ledger->object_count; seq++)
        forget(ledger, seq);
    free(ledger->objects);
    free(ledger->processes);
    for (size_t i = 0; i < ledger->observed_count; i++)
        free(ledger->observed[i].name);
    free(ledger->observed);
    memset(ledger, 0, sizeof *ledger);
}

/* On a full file system a part of a record would be written, which makes all of the ledger worthless. */
static bool has_room(int fd, size_t ahead)
{
    off_t end = lseek(fd, 0, SEEK_END);

    return end < 0 || fallocate(fd, FALLOC_FL_KEEP_SIZE, end, (off_t)ahead) == 0 || errno != ENOSPC;
}

static bool append(int fd, char *line, size_t length, size_t room, size_t ahead)
{
    uint32_t crc = crc32_of(line, length);

    length += (size_t)snprintf(line + length, room - length, " %08" PRIx32 "\n", crc);
    /* One write, so that a concurrent writer's record can never stand in the middle of ours. */
    return length < room && has_room(fd, ahead > 0 ? ahead : length) && write(fd, line, length) == (ssize_t)length;
}

bool ledger_append(int fd, char *line, size_t length, size_t room)
{
    return append(fd, line, length, room, RESERVE_AHEAD);
}

bool ledger_append_last(int fd, char *line, size_t length, size_t room)
{
    return append(fd, line, length, room, 0);
}

bool ledger_record_self(int fd, char role)
{
    static uint64_t pid_namespace; /* found once by the supervisor; its children inherit the answer */
    char text[128];
    uint64_t start;

    if (pid_namespace == 0)
        pid_namespace = namespace_inode("pid");
    if (role == '\0')
        return true;
    if (!process_start_time(getpid(), &start))
        return false;
    int length =
        snprintf(text, sizeof text, "P %d %" PRIu64 " %" PRIu64 " %c", (int)getpid(), start, pid_namespace, role);
    return ledger_append(fd, text, (size_t)length, sizeof text);
}
