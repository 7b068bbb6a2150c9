#include "rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../common/memory.h"
#include "notes.h"

/* The kernel's clock of seconds goes by its ticks. */
#define CLOCK_LAG_NS 20000000

struct row {
    int id;
    uint32_t key;
    uint64_t size;
    pid_t creator, last;
    uint32_t cuid;
    int64_t ctime;
    bool ours; /* made by the session */
    bool used; /* noted that another process used it */
};

struct rows {
    struct row *rows; /* by id */
    size_t count;
    struct row *old;
    size_t old_count;
    int64_t began;    /* the last list */
    struct span when; /* new rows came: since the list before */
    bool listed;      /* and were not judged yet */
};

static int by_id(const void *a, const void *b)
{
    int left = ((const struct row *)a)->id, right = ((const struct row *)b)->id;

    return (left > right) - (left < right);
}

void rows_read(struct rows *rows)
{
    char *line = NULL;
    struct row *found = NULL;
    size_t count = 0, room = 0;
    int64_t began = boot_ns();
    FILE *table = fopen("/proc/sysvipc/shm", "re");

    if (table == NULL)
        return;
    while (getline(&line, &room, table) > 0) {
        long long key, ctime;
        struct row row = {0};
        int creator, last;
        unsigned mode, cuid;
        unsigned long long size;
        /* key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime */
        if (sscanf(line, "%lld %d %o %llu %d %d %*u %*u %*u %u %*u %*d %*d %lld", &key, &row.id, &mode, &size, &creator,
                &last, &cuid, &ctime) != 8)
            continue;
        if ((count & (count + 1)) == 0) /* grow at 0, 1, 3, 7, … */
            found = xrealloc(found, (2 * count + 2) * sizeof *found);
        row.key = (uint32_t)key;
        row.size = size;
        row.creator = creator;
        row.last = last;
        row.cuid = cuid;
        row.ctime = ctime;
        found[count++] = row;
    }
    free(line);
    fclose(table);
    if (count > 0)
        qsort(found, count, sizeof *found, by_id);
    free(rows->old);
    rows->old = rows->rows;
    rows->old_count = rows->count;
    rows->rows = found;
    rows->count = count;
    rows->when.from = rows->began;
    rows->began = began;
    rows->listed = rows->when.from != 0; /* but for the first list */
    rows->when.to = boot_ns();
}

static struct sight sight_of(const struct row *row)
{
    return (struct sight){
        .kind = SYSV_SHM, .id = row->id, .key = row->key, .ctime = row->ctime, .owner = row->cuid, .size = row->size};
}

/* When it came: between two lists, and in the second that it names. */
static struct span birth(const struct rows *rows, const struct row *row)
{
    struct timespec real;
    struct span when = rows->when;

    clock_gettime(CLOCK_REALTIME, &real);
    int64_t began = boot_ns() - (((int64_t)real.tv_sec - row->ctime) * 1000000000 + real.tv_nsec);
    if (when.from < began - CLOCK_LAG_NS)
        when.from = began - CLOCK_LAG_NS;
    if (when.to > began + 1000000000 + CLOCK_LAG_NS)
        when.to = began + 1000000000 + CLOCK_LAG_NS;
    return when;
}

static void judge_new(const struct rows *rows, struct row *row, struct tree *tree, int ledger_fd)
{
    struct process maker;

    if (row->creator <= 0 || (geteuid() != 0 && row->cuid != geteuid()))
        return;
    enum proof proof = tree_ask(tree, row->creator, birth(rows, row), &maker);
    if (proof == NO_PROOF || (proof == BY_TOKEN && row->cuid != geteuid()))
        return;
    struct sight object = sight_of(row);
    note_made(ledger_fd, &object, &maker, proof);
    row->ours = true;
}

static void judge_use(const struct rows *rows, struct row *row, struct tree *tree, int ledger_fd)
{
    struct process user;

    /* 0: never attached, or by a process of a pid namespace that is not below ours. */
    if (!row->ours || row->used || row->last <= 0 || !tree_excludes(tree, row->last, rows->when, &user))
        return;
    struct sight object = sight_of(row);
    row->used = note_used(ledger_fd, &object, &user);
}

void rows_judge(struct rows *rows, struct tree *tree, int ledger_fd)
{
    for (size_t i = 0; rows->listed && i < rows->count; i++) {
        struct row *row = &rows->rows[i];
        const struct row *known =
            rows->old_count == 0 ? NULL : bsearch(row, rows->old, rows->old_count, sizeof *row, by_id);
        if (known == NULL) {
            judge_new(rows, row, tree, ledger_fd);
        } else {
            row->ours = known->ours;
            row->used = known->used;
        }
        if (known == NULL || known->last != row->last)
            judge_use(rows, row, tree, ledger_fd);
    }
    free(rows->old);
    rows->old = NULL;
    rows->old_count = 0;
    rows->listed = false;
}

struct rows *rows_new(void)
{
    struct rows *rows = xmalloc(sizeof *rows);

    *rows = (struct rows){0};
    rows_read(rows);
    return rows;
}
