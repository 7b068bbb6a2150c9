#include "tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../common/ledger.h"
#include "../common/memory.h"
#include "../common/procfs.h"
#include "../common/token.h"
#include "forks.h"
#include "pids.h"

#define BUCKETS 4096
#define DEPTH_MAX 64
#define OTHERS_MAX 1024
/* The kernel notes a process's start a little before it tells of it. */
#define START_LAG_NS 200000000
/* The kernel may tell twice of what descends from a thread that was followed twice; no pid comes back as fast. */
#define TWICE_NS 100000000
/* The last thread of a process may give its memory back so much later than the end of the main one is told. */
#define END_LAG_NS 1000000000

/* A process, in this life of its pid. */
struct member {
    struct member *next;
    pid_t pid;
    enum proof proof;
    int64_t from, to; /* to: INT64_MAX while it lives */
    bool followed;    /* the kernel tells of its end */
    bool shown;
    char name[16];
};

struct tree {
    pid_t root;
    bool root_counts;
    char session[SESSION_LENGTH + 1];
    struct forks *forks; /* NULL: what /proc shows has to do */
    int error;           /* why */
    bool lost;           /* some of what they told */
    int64_t tick_ns;
    struct pids before, next; /* as of the last update but one, and of the last */
    struct member *members[BUCKETS];
    pid_t others[OTHERS_MAX]; /* living processes that were found not to be of the session, since the last update */
    size_t other_count;
};

int64_t boot_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* --- the members --- */

static struct member *remember(struct tree *tree, pid_t pid, int64_t from, enum proof proof)
{
    struct member **bucket = &tree->members[(unsigned)pid % BUCKETS];
    struct member *member = xmalloc(sizeof *member);

    *member = (struct member){.next = *bucket, .pid = pid, .from = from, .to = INT64_MAX, .proof = proof};
    return *bucket = member;
}

/* The latest that had the pid. */
static struct member *latest(const struct tree *tree, pid_t pid)
{
    struct member *member = tree->members[(unsigned)pid % BUCKETS];

    while (member != NULL && member->pid != pid)
        member = member->next;
    return member;
}

/* Whether a process with that start is the member. */
static bool is_same(const struct tree *tree, const struct member *member, uint64_t start_time)
{
    int64_t start = (int64_t)start_time * tree->tick_ns;

    return start <= member->from + tree->tick_ns && start >= member->from - START_LAG_NS;
}

static bool lives(const struct tree *tree, const struct member *member)
{
    uint64_t start;

    return process_start_time(member->pid, &start) && is_same(tree, member, start);
}

/* The member that has this pid now; also one that the kernel gave up to follow. */
static struct member *living(const struct tree *tree, pid_t pid, uint64_t start_time)
{
    struct member *member = latest(tree, pid);

    if (member == NULL || !is_same(tree, member, start_time))
        return NULL;
    member->to = INT64_MAX;
    return member;
}

static void happened(const struct fork_event *event, void *context)
{
    struct tree *tree = context;
    struct member *member = latest(tree, event->pid), *parent;

    switch (event->what) {
    case FORKED:
        if (member != NULL && (member->to == INT64_MAX || event->ns - member->to < -TWICE_NS))
            break;
        /* Its end may have been told before its beginning, on another processor. */
        if (member != NULL && member->from == INT64_MIN)
            member->from = event->ns;
        else
            member = remember(tree, event->pid, event->ns, BY_DESCENT);
        member->followed = true;
        parent = latest(tree, event->parent);
        if (parent != NULL)
            memcpy(member->name, parent->name, sizeof member->name);
        break;
    case NAMED:
        if (member == NULL)
            break;
        memcpy(member->name, event->name, sizeof member->name);
        /* Another thread than the main one executed a program: it is the main one now, and what ended was the old one. */
        if (event->ns > member->to)
            member->to = INT64_MAX;
        break;
    case ENDED:
        if (member == NULL || event->ns - member->to > TWICE_NS)
            member = remember(tree, event->pid, INT64_MIN, BY_DESCENT);
        if (member->to == INT64_MAX)
            member->to = event->ns;
        break;
    }
}

/* --- what /proc shows --- */

/* The living process, if it is a member, or descends from the root or from one and so is one from now on. */
static struct member *descendant(struct tree *tree, pid_t pid)
{
    pid_t chain[DEPTH_MAX], parent;
    uint64_t starts[DEPTH_MAX], start;
    struct member *above = NULL;
    enum proof proof = NO_PROOF;
    int depth = 0;

    while (proof == NO_PROOF) {
        if (pid <= 1 || depth == DEPTH_MAX || !process_parent(pid, &parent, &start))
            return NULL;
        above = living(tree, pid, start);
        if (above != NULL) {
            proof = above->proof;
        } else if (pid == tree->root) {
            proof = BY_DESCENT;
        } else {
            chain[depth] = pid;
            starts[depth++] = start;
            pid = parent;
        }
    }
    while (depth-- > 0)
        above = remember(tree, chain[depth], (int64_t)starts[depth] * tree->tick_ns, proof);
    return above;
}

static bool take_up(pid_t pid, void *context)
{
    if (pid != getpid())
        descendant(context, pid);
    return false;
}

/* Whoever is not there any more has ended by now. */
static void look_for_ends(struct tree *tree)
{
    int64_t now = boot_ns();

    for (size_t i = 0; i < BUCKETS; i++)
        for (struct member *member = tree->members[i]; member != NULL; member = member->next) {
            if (member->to == INT64_MAX && !lives(tree, member))
                member->to = now;
        }
}

/* --- life --- */

static bool follow_members(struct tree *tree)
{
    bool followed = tree->root_counts || forks_follow(tree->forks, tree->root);

    for (size_t i = 0; i < BUCKETS && followed; i++)
        for (struct member *member = tree->members[i]; member != NULL && followed; member = member->next)
            member->followed = followed = forks_follow(tree->forks, member->pid);
    return followed;
}

struct tree *tree_new(pid_t root, bool root_counts, const char *session)
{
    struct tree *tree = xmalloc(sizeof *tree);
    uint64_t start;

    *tree = (struct tree){.root = root, .root_counts = root_counts, .tick_ns = 1000000000 / sysconf(_SC_CLK_TCK)};
    snprintf(tree->session, sizeof tree->session, "%s", session);
    if (root_counts && process_start_time(root, &start))
        remember(tree, root, (int64_t)start * tree->tick_ns, BY_DESCENT);
    any_process(take_up, tree);
    tree->forks = forks_open();
    bool followed = tree->forks != NULL && follow_members(tree);
    if (!followed)
        tree->error = errno;
    if (tree->forks != NULL && !followed) {
        forks_close(tree->forks);
        tree->forks = NULL;
    }
    any_process(take_up, tree); /* who came in between */
    pids_look(&tree->next);
    return tree;
}

bool tree_is_exact(const struct tree *tree)
{
    return tree->forks != NULL && !tree->lost;
}

int tree_error(const struct tree *tree)
{
    return tree->error;
}

bool tree_is_lossy(const struct tree *tree)
{
    return tree->lost;
}

void tree_poll(const struct tree *tree, int epoll)
{
    if (tree->forks != NULL)
        forks_poll(tree->forks, epoll);
}

void tree_update(struct tree *tree, bool search)
{
    tree->other_count = 0;
    if (tree->forks != NULL && !forks_read(tree->forks, happened, tree))
        tree->lost = true;
    if (search) {
        tree->before = tree->next;
        pids_look(&tree->next);
    }
    if (search && !tree_is_exact(tree)) {
        any_process(take_up, tree);
        look_for_ends(tree);
    }
}

static bool is_other(const struct tree *tree, pid_t pid)
{
    for (size_t i = 0; i < tree->other_count; i++)
        if (tree->others[i] == pid)
            return true;
    return false;
}

/* Whether it lives still. */
static bool is_known_as(const struct tree *tree, const struct member *member, struct process *process)
{
    bool lives = process_describe(member->pid, process) && is_same(tree, member, process->start_time);

    process->pid = member->pid;
    if (!lives)
        process->start_time = member->from == INT64_MIN ? 0 : (uint64_t)(member->from / tree->tick_ns);
    if (!lives || process->command[0] == '\0')
        snprintf(process->command, sizeof process->command, "%s", member->name);
    return lives;
}

/* Whether that happened when the pid may still have been another process's, which was seen to have it. */
static bool is_doubtful(const struct tree *tree, pid_t pid, int64_t from, struct span when)
{
    return when.from < from && pids_had(&tree->before, pid, from);
}

/* Who had the pid then; what was lost may have been the end of one, and the beginning of another. */
static struct member *member_then(const struct tree *tree, pid_t pid, struct span when)
{
    struct member *member = tree_is_exact(tree) ? latest(tree, pid) : NULL;

    while (member != NULL && (member->pid != pid || !member->followed || member->from > when.to ||
                                 (member->to != INT64_MAX && member->to + END_LAG_NS < when.from) ||
                                 is_doubtful(tree, pid, member->from, when)))
        member = member->next;
    return member;
}

static struct member *member_now(struct tree *tree, pid_t pid, struct span when)
{
    uint64_t start;
    pid_t parent;

    /* A process that began later than what it is to have done had the pid after another. */
    if (is_other(tree, pid) || !process_parent(pid, &parent, &start) || (int64_t)start * tree->tick_ns > when.to ||
        is_doubtful(tree, pid, (int64_t)start * tree->tick_ns, when))
        return NULL;
    struct member *member = descendant(tree, pid);
    if (member == NULL && process_carries(pid, tree->session))
        member = remember(tree, pid, (int64_t)start * tree->tick_ns, BY_TOKEN);
    if (member == NULL && tree->other_count < OTHERS_MAX)
        tree->others[tree->other_count++] = pid;
    return member;
}

enum proof tree_ask(struct tree *tree, pid_t pid, struct span when, struct process *process)
{
    if (pid <= 0 || pid == getpid() || (pid == tree->root && !tree->root_counts))
        return NO_PROOF;
    struct member *member = member_then(tree, pid, when);
    if (member == NULL)
        member = member_now(tree, pid, when);
    if (member == NULL)
        return NO_PROOF;
    is_known_as(tree, member, process);
    return member->proof;
}

bool is_shm_helper(const struct process *process)
{
    static const char name[] = " shm-helper ";
    const char *behind_the_program = strchr(process->command, ' ');

    return behind_the_program != NULL && strncmp(behind_the_program, name, sizeof name - 1) == 0;
}

bool tree_excludes(struct tree *tree, pid_t pid, struct span when, struct process *process)
{
    *process = (struct process){.pid = pid};
    if (pid == 0)
        return true; /* of a pid namespace that is not below ours */
    if (pid < 0 || pid == getpid() || pid == tree->root || member_then(tree, pid, when) != NULL ||
        member_now(tree, pid, when) != NULL)
        return false;
    bool known = tree_is_exact(tree) || is_other(tree, pid);
    if (!process_describe(pid, process))
        *process = (struct process){.pid = pid};
    return known && !is_shm_helper(process);
}

void tree_forget(struct tree *tree, int64_t before)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct member **at = &tree->members[i]; *at != NULL;) {
            struct member *member = *at;
            bool ended = member->to != INT64_MAX && member->to + END_LAG_NS < before;
            if ((ended || !member->followed) && lives(tree, member)) {
                member->to = INT64_MAX; /* its main thread has ended, or the kernel follows it no more */
                member->followed = false;
                ended = false;
            } else if (!member->followed && member->to == INT64_MAX) {
                member->to = boot_ns();
            }
            if (ended) {
                *at = member->next;
                free(member);
            } else {
                at = &member->next;
            }
        }
}

void tree_show(
    struct tree *tree, int64_t age_ns, bool (*visit)(const struct process *member, void *context), void *context)
{
    int64_t now = boot_ns();

    for (size_t i = 0; i < BUCKETS; i++)
        for (struct member *member = tree->members[i]; member != NULL; member = member->next) {
            struct process process;
            if (member->shown || member->pid == tree->root || member->to != INT64_MAX || now - member->from < age_ns)
                continue;
            member->shown = !is_known_as(tree, member, &process) || visit(&process, context);
        }
}
