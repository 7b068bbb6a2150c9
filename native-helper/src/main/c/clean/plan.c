#include "plan.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "../common/base64url.h"

/* What is left of a line, and what was wrong with it first. */
struct reader {
    char *rest;
    const char *wrong;
};

/* The next word; "" where there is none, and then something is wrong. */
static char *word(struct reader *reader)
{
    char *text = reader->rest, *space = strchr(text, ' ');

    if (*text == '\0' || space == text || (space != NULL && space[1] == '\0')) {
        if (reader->wrong == NULL)
            reader->wrong = *text == '\0' ? "is too short" : "has an empty field";
        reader->rest = text + strlen(text);
        return reader->rest;
    }
    reader->rest = space == NULL ? text + strlen(text) : space + 1;
    if (space != NULL)
        *space = '\0';
    return text;
}

static uint64_t number(struct reader *reader, unsigned base, uint64_t max)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t value = 0;

    for (const char *text = word(reader); *text != '\0'; text++) {
        const char *digit = memchr(digits, *text, base);
        uint64_t more = digit == NULL ? 0 : (uint64_t)(digit - digits);
        if (digit == NULL || more > max || value > (max - more) / base) {
            if (reader->wrong == NULL)
                reader->wrong = digit == NULL ? "has no number where one belongs" : "has a number that is too large";
            return 0;
        }
        value = value * base + more;
    }
    return value;
}

/* Decoded in place: it only gets shorter. */
static const char *name(struct reader *reader)
{
    char *text = word(reader);
    ssize_t size = base64url_decode(text, strlen(text), text);

    if (size <= 0 || memchr(text, '\0', (size_t)size) != NULL) {
        if (reader->wrong == NULL)
            reader->wrong = "has no name where one belongs";
        return "";
    }
    text[size] = '\0';
    return text;
}

static struct file_identity file(struct reader *reader)
{
    struct file_identity identity = {
        .dev = number(reader, 10, UINT64_MAX),
        .ino = number(reader, 10, UINT64_MAX),
        .btime_ns = number(reader, 10, UINT64_MAX),
        .owner = geteuid(),
    };

    identity.known = identity.ino != 0;
    return identity;
}

static enum kind sysv_kind(struct reader *reader)
{
    const char *text = word(reader);

    for (enum kind kind = 0; kind < KIND_COUNT; kind++)
        if ((kind == SYSV_SHM || kind == SYSV_SEM || kind == SYSV_MSG) && strcmp(text, kind_names[kind]) == 0)
            return kind;
    if (reader->wrong == NULL)
        reader->wrong = "has no System V kind where one belongs";
    return SYSV_SHM;
}

static struct sysv_identity sysv(struct reader *reader)
{
    return (struct sysv_identity){
        .id = (int)number(reader, 10, INT_MAX),
        .key = (uint32_t)number(reader, 16, UINT32_MAX),
        .cuid = (uint32_t)number(reader, 10, UINT32_MAX),
        .ctime = (int64_t)number(reader, 10, INT64_MAX),
        .size = number(reader, 10, UINT64_MAX),
        .creator = (pid_t)number(reader, 10, INT_MAX),
    };
}

const char *plan_read(char *line, struct step *step)
{
    struct reader reader = {.rest = line};
    const char *what = word(&reader);

    *step = (struct step){.what = what[0] != '\0' && what[1] == '\0' ? what[0] : '?'};
    step->index = word(&reader);
    switch (step->what) {
    case 'T':
        step->directory = name(&reader);
        step->name = name(&reader);
        step->file = file(&reader);
        break;
    case 'F':
    case 'D':
        step->directory = name(&reader);
        /* fall through */
    case 'S':
    case 'C':
        step->name = name(&reader);
        step->file = file(&reader);
        step->quarantine = name(&reader);
        step->careful = number(&reader, 10, 1) != 0;
        break;
    case 'R':
        step->name = name(&reader);
        step->quarantine = name(&reader);
        break;
    case 'V':
        step->kind = sysv_kind(&reader);
        step->sysv = sysv(&reader);
        step->careful = number(&reader, 10, 1) != 0;
        break;
    case 'Q':
        step->name = name(&reader);
        step->file = file(&reader);
        break;
    case 'P':
        step->pid = (pid_t)number(&reader, 10, INT_MAX);
        step->start_time = number(&reader, 10, UINT64_MAX);
        break;
    default:
        return "is of no known kind";
    }
    if (*reader.rest != '\0' && strchr("SCFDTQ", step->what) != NULL)
        step->file.owner = (uid_t)number(&reader, 10, UINT32_MAX - 1);
    if (reader.wrong == NULL && *reader.rest != '\0')
        reader.wrong = "is too long";
    return reader.wrong;
}
