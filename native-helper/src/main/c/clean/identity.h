/*
 * What tells an object from another one that has its name or id, and the name under which it waits for its end. Java's
 * Verdicts and Steps have the same rules; both are tested against src/test/agreed.
 */
#ifndef SHMKIT_IDENTITY_H
#define SHMKIT_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct file_identity {
    bool known; /* false: only the name, with a session's random token in it, says whose it is */
    uint64_t dev, ino;
    uint64_t btime_ns; /* 0: not known */
    uid_t owner;
};

struct sysv_identity {
    int id;
    uint32_t key;
    uint32_t cuid;
    int64_t ctime;
    uint64_t size; /* shm: bytes; sem: number of semaphores; msg: not compared */
    pid_t creator; /* shm only; 0: not compared */
    bool of_any_user;
};

/* Whether a file is the known one; a birth time of 0 is not known, and says nothing. */
bool is_same_file(const struct file_identity *known, uint64_t dev, uint64_t ino, uint64_t btime_ns);

/*
 * Whether what has the id now is the known object. The change time moves with IPC_SET, and a semaphore's with SETVAL too; it
 * can never be before the creation we know of.
 */
bool is_same_sysv(const struct sysv_identity *known, uint32_t key, uint32_t cuid, int64_t ctime);

/* Of an object in a ledger, for the directory of its session. */
void quarantine_name(char *name, size_t room, const char *session, unsigned fork, uint64_t seq);

#endif
