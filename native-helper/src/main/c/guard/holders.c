#include "holders.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/memory.h"
#include "notes.h"

/* How long a file is asked for again of which no holder was found. */
#define ASK_MS 1000
#define FILES_MAX 1024
#define BIRTH_MAX_S 2

struct file {
    char *name;
    int64_t seen_ms;
    struct sight object;
    bool held;
    struct process holder;
};

struct holders {
    int dir;
    bool queues;
    struct file files[FILES_MAX];
    size_t count;
};

struct holders *holders_new(int dir, bool queues)
{
    struct holders *holders = xmalloc(sizeof *holders);

    memset(holders, 0, sizeof *holders);
    holders->dir = dir;
    holders->queues = queues;
    return holders;
}

/* A file of ours that was made just now; a link to an older one is announced as a creation, too. */
static bool see(const struct holders *holders, const char *name, struct sight *object)
{
    struct statx file;

    if (statx(holders->dir, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &file) < 0 ||
        !S_ISREG(file.stx_mode) || file.stx_uid != geteuid())
        return false;
    int64_t age = (int64_t)time(NULL) - file.stx_btime.tv_sec;
    if (!holders->queues && ((file.stx_mask & STATX_BTIME) == 0 || age < -1 || age > BIRTH_MAX_S))
        return false;
    *object = (struct sight){.kind = holders->queues                 ? POSIX_MQ
                                     : strncmp(name, "sem.", 4) == 0 ? POSIX_SEM
                                                                     : POSIX_SHM,
        .name = name,
        .dev = (uint64_t)makedev(file.stx_dev_major, file.stx_dev_minor),
        .ino = file.stx_ino,
        .btime_ns = (file.stx_mask & STATX_BTIME) == 0
                        ? 0
                        : (uint64_t)file.stx_btime.tv_sec * 1000000000u + file.stx_btime.tv_nsec,
        .owner = file.stx_uid,
        .size = file.stx_size};
    return true;
}

void holders_add(struct holders *holders, const char *name)
{
    struct sight object;
    size_t at = 0;

    /* What is not ours costs no more than this; of more than so many at once the rest stay without a hint. */
    if (!see(holders, name, &object))
        return;
    while (at < holders->count && strcmp(holders->files[at].name, name) != 0)
        at++;
    if (at == FILES_MAX)
        return;
    if (at == holders->count) {
        holders->files[at] = (struct file){.name = xstrndup(name, strlen(name))};
        holders->count++;
    }
    holders->files[at].seen_ms = now_ms();
}

void holders_look_for_new(struct holders *holders)
{
    int again = openat(holders->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = again < 0 ? NULL : fdopendir(again);

    if (entries == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
        if (entry->d_name[0] != '.' && strncmp(entry->d_name, "shmkit.", 7) != 0)
            holders_add(holders, entry->d_name);
    closedir(entries);
}

struct holder {
    struct holders *holders;
    struct process process;
};

static void holds(const struct inode *file, void *context)
{
    struct holder *holder = context;

    for (size_t i = 0; i < holder->holders->count; i++) {
        struct file *asked = &holder->holders->files[i];
        if (!asked->held && asked->object.ino == file->ino && asked->object.dev == file->dev) {
            asked->held = true;
            asked->holder = holder->process;
        }
    }
}

struct asking {
    struct holders *holders;
    struct tree *tree;
};

static bool ask(pid_t pid, void *context)
{
    struct asking *asking = context;
    struct holder holder = {.holders = asking->holders};
    int64_t now = boot_ns();

    /* Of other users' processes we could see no files; to ask them costs the more the more they are. */
    if (process_is_of_our_user(pid) &&
        tree_ask(asking->tree, pid, (struct span){now, now}, &holder.process) != NO_PROOF)
        process_files(pid, holds, &holder);
    return false;
}

void holders_ask(struct holders *holders, struct tree *tree, int ledger_fd)
{
    struct asking asking = {holders, tree};
    int64_t now = now_ms();
    size_t kept = 0;

    if (holders->count == 0)
        return;
    for (size_t i = 0; i < holders->count; i++)
        if (!see(holders, holders->files[i].name, &holders->files[i].object))
            holders->files[i].seen_ms = INT64_MIN; /* gone, or replaced */
    any_process(ask, &asking);
    for (size_t i = 0; i < holders->count; i++) {
        struct file *file = &holders->files[i];
        if (file->held && file->seen_ms != INT64_MIN)
            note_made(ledger_fd, &file->object, &file->holder, BY_HOLDING);
        if (file->held || file->seen_ms < now - ASK_MS)
            free(file->name);
        else
            holders->files[kept++] = *file;
    }
    holders->count = kept;
}
