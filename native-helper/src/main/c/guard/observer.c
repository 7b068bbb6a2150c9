#include "observer.h"

#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/die.h"
#include "../common/memory.h"
#include "files.h"
#include "notes.h"
#include "rows.h"
#include "tree.h"

/* A maker that lives 200 ms longer must be seen; looking must not cost more than a tenth of one core. */
#define LOOK_MIN_MS 40
#define LOOK_MAX_MS 120
#define LOOK_COST_FACTOR 10
#define MEMBER_AGE_NS 1000000000
#define CATCH_UP_MS 2000
/* File systems with declared directories. */
#define DECLARED_MAX 8

struct observer {
    int ledger_fd;
    int events; /* of all sources */
    struct tree *tree;
    struct files *shm, *queues, *declared[DECLARED_MAX];
    int declared_count;
    struct rows *rows;
    bool told_lost;
    int64_t next_ms;
};

static bool note_shown(const struct process *member, void *context)
{
    /* A guard ends with what it guards. */
    return is_shm_helper(member) || note_member(*(int *)context, member);
}

static struct sources sources_of(const struct tree *tree, const struct files *shm, const struct files *queues)
{
    bool exact = tree_is_exact(tree);

    return (struct sources){
        .processes = exact ? 'K' : 'S',
        .files = files_source(shm),
        .queues = files_source(queues),
        .processes_error = exact ? 0 : tree_error(tree),
        .files_error = files_source(shm) == 'K' ? 0 : files_error(shm),
        .queues_error = files_source(queues) == 'K' ? 0 : files_error(queues),
    };
}

int sources_main(int argc, char **argv)
{
    char line[128];
    struct sources sources =
        sources_of(tree_new(getpid(), true, argc > 0 ? argv[0] : ""), files_new(false), files_new(true));

    sources_text(&sources, line, sizeof line);
    return puts(line) < 0 ? EX_SYSTEM : EX_OK;
}

struct observer *observer_new(const char *session, pid_t root, bool root_counts, int ledger_fd)
{
    struct observer *observer = xmalloc(sizeof *observer);

    *observer = (struct observer){.ledger_fd = ledger_fd, .events = epoll_create1(EPOLL_CLOEXEC)};
    observer->shm = files_new(false);
    observer->queues = files_new(true);
    observer->rows = rows_new();
    observer->tree = tree_new(root, root_counts, session);
    files_poll(observer->shm, observer->events);
    files_poll(observer->queues, observer->events);
    tree_poll(observer->tree, observer->events);
    struct sources sources = sources_of(observer->tree, observer->shm, observer->queues);
    note_sources(ledger_fd, &sources);
    observer->next_ms = now_ms() + LOOK_MIN_MS;
    return observer;
}

void observer_add(struct observer *observer, char **patterns, int count)
{
    while (count > 0 && observer->declared_count < DECLARED_MAX) {
        int taken = count;
        struct files *files = files_declared(patterns, &taken);
        files_poll(files, observer->events);
        observer->declared[observer->declared_count++] = files;
        patterns += taken;
        count -= taken;
    }
}

int observer_fd(const struct observer *observer)
{
    return observer->events;
}

int observer_timeout(const struct observer *observer)
{
    int64_t left = observer->next_ms - now_ms();

    return left < 0 ? 0 : (int)left;
}

/* Whether all that was announced is noted. */
static bool look(struct observer *observer, bool at_all)
{
    int64_t start = now_ms(), start_ns = boot_ns();
    bool all = files_read(observer->shm);

    all = files_read(observer->queues) && all;
    for (int i = 0; i < observer->declared_count; i++)
        all = files_read(observer->declared[i]) && all;
    if (at_all)
        rows_read(observer->rows);
    tree_update(observer->tree, at_all);
    files_judge(observer->shm, observer->tree, observer->ledger_fd);
    files_judge(observer->queues, observer->tree, observer->ledger_fd);
    for (int i = 0; i < observer->declared_count; i++)
        files_judge(observer->declared[i], observer->tree, observer->ledger_fd);
    rows_judge(observer->rows, observer->tree, observer->ledger_fd);
    if (!at_all)
        return all;
    files_ask(observer->shm, observer->tree, observer->ledger_fd);
    files_ask(observer->queues, observer->tree, observer->ledger_fd);
    tree_show(observer->tree, MEMBER_AGE_NS, note_shown, &observer->ledger_fd);
    if (all)
        tree_forget(observer->tree, start_ns);
    if (tree_is_lossy(observer->tree) && !observer->told_lost) {
        note_lost(observer->ledger_fd, 'P');
        observer->told_lost = true;
    }
    int64_t end = now_ms(), pause = (end - start) * LOOK_COST_FACTOR;
    observer->next_ms = end + (pause < LOOK_MIN_MS ? LOOK_MIN_MS : pause > LOOK_MAX_MS ? LOOK_MAX_MS : pause);
    return all;
}

void observer_look(struct observer *observer)
{
    look(observer, now_ms() >= observer->next_ms);
}

void observer_catch_up(struct observer *observer)
{
    int64_t until = now_ms() + CATCH_UP_MS;

    while (!look(observer, true) && now_ms() < until)
        continue;
    tree_show(observer->tree, 0, note_shown, &observer->ledger_fd);
}
