#include "watchdog.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../clean/reaper.h"
#include "../common/clock.h"
#include "../common/descriptor.h"
#include "../common/die.h"
#include "../common/ledger.h"
#include "../common/pidfd.h"
#include "../common/procfs.h"
#include "notes.h"
#include "observer.h"

#define NAME_SIZE 128
/* A Surefire fork notices mvn's death by itself within 0.1 s and its own supervisor reaps; we take what then remains. */
#define FORK_WAIT_MS 10000
#define FORK_PAUSE_US 20000
#define CLEANER_WAIT_MS 2000
#define OWNER_WAIT_MS 10000

/* A free lock proves the owner's death; the descriptor is kept while we clean. */
static int take_lock(const struct private_dir *d, const char *name)
{
    CLOSED_AT_END int fd = openat(d->fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);

    return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 ? take_descriptor(&fd) : -1;
}

struct forks {
    const char *session;
    int remaining;
};

/* One pass over the session's test JVMs in a directory; counts those that are still there afterwards. */
static void clean_forks(const struct private_dir *d, void *context)
{
    struct forks *forks = context;
    int again = openat(d->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = again < 0 ? NULL : fdopendir(again);

    if (entries == NULL) {
        if (again >= 0)
            close(again);
        forks->remaining++; /* who cannot look does not know that none remain */
        return;
    }
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        char stem[NAME_SIZE];
        struct reaped reaped;
        size_t length = strlen(entry->d_name);
        if (strncmp(entry->d_name, forks->session, SESSION_LENGTH) != 0 || entry->d_name[SESSION_LENGTH] != '.' ||
            length < SESSION_LENGTH + 7 || length >= sizeof stem || strcmp(entry->d_name + length - 5, ".lock") != 0)
            continue;
        snprintf(stem, sizeof stem, "%.*s", (int)(length - 5), entry->d_name);
        CLOSED_AT_END int lock = take_lock(d, entry->d_name);
        if (lock < 0 || !reap(d, stem, CLEANER_WAIT_MS, &reaped))
            forks->remaining++;
    }
    closedir(entries);
}

static bool queue_exists(const char *name)
{
    char slashed[NAME_MAX + 2];

    snprintf(slashed, sizeof slashed, "/%s", name);
    mqd_t queue = mq_open(slashed, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (queue < 0)
        return errno != ENOENT; /* what cannot be found out is there */
    mq_close(queue);
    return true;
}

static bool exists(const struct private_dir *d, const struct ledger_observed *observed)
{
    struct shmid_ds row;
    struct stat status;

    switch (observed->kind) {
    case POSIX_MQ:
        return queue_exists(observed->name);
    case POSIX_SHM:
    case POSIX_SEM:
    case MMAP_FILE: /* by an absolute path */
    case DIRECTORY:
        return fstatat(d->shm_fd, observed->name, &status, AT_SYMLINK_NOFOLLOW) == 0;
    default:
        /* removed, it stays until nobody has it attached: a dead process too, while somebody reads of it in /proc */
        return shmctl(observed->id, IPC_STAT, &row) == 0 && (row.shm_perm.mode & SHM_DEST) == 0;
    }
}

/* What was seen of others is the next session's to judge; our files stay until then, if any of it is still there. */
static bool anything_observed(const struct private_dir *d, const char *name)
{
    struct ledger ledger;
    CLOSED_AT_END int fd = openat(d->fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return false;
    ledger_read(fd, d->shm_dev, &ledger);
    bool observed = !ledger.valid;
    for (size_t i = 0; i < ledger.observed_count; i++)
        observed = observed || exists(d, &ledger.observed[i]);
    ledger_free(&ledger);
    return observed;
}

void clean_test_jvms(const char *session, int wait_ms)
{
    struct forks forks = {.session = session};
    int64_t until = now_ms() + wait_ms;

    while ((!private_dirs(clean_forks, &forks) || forks.remaining > 0) && now_ms() < until) {
        sleep_us(FORK_PAUSE_US);
        forks.remaining = 0;
    }
}

static void clean_session(const struct private_dir *d, const char *session)
{
    char lock_name[NAME_SIZE], ledger_name[NAME_SIZE];

    clean_test_jvms(session, FORK_WAIT_MS);
    snprintf(lock_name, sizeof lock_name, "%s.lock", session);
    snprintf(ledger_name, sizeof ledger_name, "%s.jrnl", session);
    CLOSED_AT_END int lock = take_lock(d, lock_name);
    if (lock >= 0 && !anything_observed(d, ledger_name)) {
        unlinkat(d->fd, ledger_name, 0);
        unlinkat(d->fd, lock_name, 0);
    }
    private_dir_remove_if_empty(d);
}

/* The pipe of a process that ends is closed a little before its lock is let go. */
static void await_end(int process_fd)
{
    struct pollfd end = {.fd = process_fd, .events = POLLIN};
    int64_t until = now_ms() + OWNER_WAIT_MS;
    int64_t left = OWNER_WAIT_MS;

    while (left > 0 && poll(&end, 1, (int)left) < 0 && errno == EINTR)
        left = until - now_ms();
}

/* What is guarded, for whoever has to do without an observer from now on. */
static struct {
    struct private_dir d;
    const char *session;
    int mvn_fd;
    bool ours; /* the process that mvn_fd is of */
    int ledger_fd;
} guarded;

static void clean_after_mvn(void)
{
    if (guarded.ours)
        await_end(guarded.mvn_fd);
    clean_session(&guarded.d, guarded.session);
}

/* Watches until mvn is gone, or says that nothing remains to be done: whether it did. */
static bool watch(struct observer *observer)
{
    char word = '\0';

    while (guarded.ours) {
        struct pollfd set[3] = {
            {.fd = 0, .events = POLLIN},
            {.fd = guarded.mvn_fd, .events = POLLIN},
            {.fd = observer == NULL ? -1 : observer_fd(observer), .events = POLLIN},
        };
        if (poll(set, 3, observer == NULL ? -1 : observer_timeout(observer)) < 0) {
            if (errno == EINTR)
                continue;
            die("cannot poll");
        }
        if (observer != NULL)
            observer_look(observer);
        if (set[1].revents != 0 || (set[0].revents != 0 && read(0, &word, 1) <= 0))
            break;
        if (set[0].revents != 0 && word == 'Q')
            return true;
        if (set[0].revents != 0 && word == 'L') {
            if (observer != NULL)
                observer_catch_up(observer);
            (void)!write(1, notes_are_complete() ? "L" : "l", 1);
        }
    }
    return false;
}

/* Without the observer, whose work may be half done, it still has to clean. */
static void watch_at_death(void)
{
    notes_end(guarded.ledger_fd);
    if (!watch(NULL))
        clean_after_mvn();
}

int watchdog_main(int argc, char **argv)
{
    uint64_t started;
    char ledger_name[NAME_SIZE];

    if (argc < 4 || strlen(argv[1]) != SESSION_LENGTH)
        die("watch wants a directory, a session, a pid, a start time, and perhaps 'unobserved', or patterns");
    setsid(); /* a kill of mvn's whole process group must not reach us */
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    close_from_to(3, INT_MAX);
    guarded.session = argv[1];
    if (!private_dir_open(argv[0], &guarded.d))
        die("cannot use %s", argv[0]);
    pid_t mvn = (pid_t)atoi(argv[2]);
    guarded.mvn_fd = pidfd_of(mvn);
    guarded.ours = guarded.mvn_fd >= 0 && process_start_time(mvn, &started) && started == strtoull(argv[3], NULL, 10);

    snprintf(ledger_name, sizeof ledger_name, "%s.jrnl", argv[1]);
    guarded.ledger_fd = openat(guarded.d.fd, ledger_name, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    if (guarded.ledger_fd < 0)
        die("cannot open the ledger %s", ledger_name);
    bool observed = argc == 4 || strcmp(argv[4], "unobserved") != 0;
    struct observer *observer = observed ? observer_new(argv[1], mvn, false, guarded.ledger_fd) : NULL;
    if (observed)
        observer_add(observer, argv + 4, argc - 4);
    if (observer == NULL)
        note_sources(guarded.ledger_fd, &(struct sources){.processes = 'N', .files = 'N', .queues = 'N'});

    (void)!write(1, "R", 1);
    before_death(watch_at_death); /* from now on somebody counts on us */
    if (watch(observer))
        return EX_OK; /* the session ended in good order and cleaned itself */
    before_death(clean_after_mvn);
    if (observer != NULL)
        observer_catch_up(observer); /* for whoever judges what we do not */
    before_death(NULL);
    clean_after_mvn();
    return EX_OK;
}
