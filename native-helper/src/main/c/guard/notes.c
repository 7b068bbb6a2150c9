#include "notes.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/base64url.h"
#include "../common/procfs.h"

#define NAME_TEXT (PATH_MAX * 4 / 3 + 4)
#define COMMAND_TEXT (COMMAND_MAX * 2)

static bool incomplete; /* of the one ledger that a program has */

/* Of a full /dev/shm a ledger has what is enough to say that. */
static bool append(int ledger_fd, char *line, int length, size_t room)
{
    bool noted = length > 0 && (size_t)length < room && ledger_append(ledger_fd, line, (size_t)length, room);

    if (!noted && !incomplete)
        notes_end(ledger_fd);
    return noted;
}

void notes_end(int ledger_fd)
{
    incomplete = true;
    note_lost(ledger_fd, 'F');
    note_lost(ledger_fd, 'P');
}

bool notes_are_complete(void)
{
    return !incomplete;
}

static const char *encoded(const char *text, char *out)
{
    return base64url_encode(text, strlen(text), out) == 0 ? "-" : out;
}

/* By which the object is known again. */
static const char *identity(const struct sight *object, char *out, size_t room)
{
    char name[NAME_TEXT];

    if (object->kind <= SYSV_MSG)
        snprintf(out, room, "V %s %d %08" PRIx32 " %" PRIu32 " %" PRId64, kind_names[object->kind], object->id,
            object->key, object->owner, object->ctime);
    else
        snprintf(out, room, "F %s %s %" PRIu64 " %" PRIu64 " %" PRIu64, kind_names[object->kind],
            encoded(object->name, name), object->dev, object->ino, object->btime_ns);
    return out;
}

void note_made(int ledger_fd, const struct sight *object, const struct process *maker, enum proof proof)
{
    char line[LEDGER_LINE_MAX], what[NAME_TEXT + 128], owner[16] = "", command[COMMAND_TEXT];

    if (object->kind > SYSV_MSG)
        snprintf(owner, sizeof owner, " %" PRIu32, object->owner);
    int length =
        snprintf(line, sizeof line, "O %s%s %" PRIu64 " %d %" PRIu64 " %c %s", identity(object, what, sizeof what),
            owner, object->size, (int)maker->pid, maker->start_time, (char)proof, encoded(maker->command, command));
    append(ledger_fd, line, length, sizeof line);
}

bool note_used(int ledger_fd, const struct sight *object, const struct process *user)
{
    char line[LEDGER_LINE_MAX], what[NAME_TEXT + 128], command[COMMAND_TEXT];
    int length = snprintf(line, sizeof line, "U %s %d %" PRIu64 " %s", identity(object, what, sizeof what),
        (int)user->pid, user->start_time, encoded(user->command, command));

    return append(ledger_fd, line, length, sizeof line);
}

bool note_member(int ledger_fd, const struct process *member)
{
    char line[LEDGER_LINE_MAX], command[COMMAND_TEXT];
    int length = snprintf(line, sizeof line, "M %d %" PRIu64 " %" PRIu64 " %s", (int)member->pid, member->start_time,
        namespace_inode("pid"), encoded(member->command, command));

    return append(ledger_fd, line, length, sizeof line);
}

int sources_text(const struct sources *sources, char *out, size_t room)
{
    return snprintf(out, room, "A %c %c %c %d %d %d", sources->processes, sources->files, sources->queues,
        sources->processes_error, sources->files_error, sources->queues_error);
}

void note_sources(int ledger_fd, const struct sources *sources)
{
    char line[128];

    append(ledger_fd, line, sources_text(sources, line, sizeof line), sizeof line);
}

void note_lost(int ledger_fd, char what)
{
    char line[64];
    int length = snprintf(line, sizeof line, "X %c", what);

    if (!ledger_append_last(ledger_fd, line, (size_t)length, sizeof line))
        incomplete = true;
}
