/*
 * Ends what a dead test JVM left: the helpers, then the objects that its own ledger names.
 *
 * The caller has proved the JVM's death; which of several cleaners does the work is settled by a lock on the ledger.
 */
#ifndef SHMKIT_REAPER_H
#define SHMKIT_REAPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct private_dir {
    int fd;           /* D, our private directory inside /dev/shm */
    int shm_fd;       /* the directory it stands in */
    uint64_t shm_dev; /* the file system of both */
    const char *name; /* its name there */
};

struct reaped {
    unsigned processes; /* helpers ended */
    unsigned removed;
    unsigned kept; /* in use, changed or unknown */
    bool undead;   /* a helper may still run */
};

enum ending {
    ENDED,
    NOT_THERE, /* that process is gone already */
    NOT_ENDED, /* it may still run: errno says why, ETIMEDOUT that the kernel does not let it die */
};

/* Opens D; false with errno when it is missing, not ours, not 0700 or a link. */
bool private_dir_open(const char *path, struct private_dir *d);

void private_dir_close(struct private_dir *d);

/*
 * Calls visit for each private directory of this user's in /dev/shm: where another user took the usual name, sessions meet
 * in others. The last one is taken away if nothing is left in it then. False if they cannot be listed.
 */
bool private_dirs(void (*visit)(const struct private_dir *d, void *context), void *context);

/* Takes the private directory itself away if nothing is left in it. */
void private_dir_remove_if_empty(const struct private_dir *d);

/* Kills the process, and its group where it leads one, if it still is that process; waits for its death. */
enum ending end_process(pid_t pid, uint64_t start_time);

/* stem: "<session>.<fork>". True when nothing remains and the session's files are gone. */
bool reap(const struct private_dir *d, const char *stem, int wait_ms, struct reaped *result);

#endif
