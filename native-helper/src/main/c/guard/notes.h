/* The observer's records in the ledger, see ledger.h. */
#ifndef SHMKIT_NOTES_H
#define SHMKIT_NOTES_H

#include <stdint.h>
#include <sys/types.h>

#include "../common/ledger.h"
#include "process.h"
#include "tree.h"

/* An object as a record tells of it: a file by name, dev, ino and btime, a System V segment by id, key and ctime. */
struct sight {
    enum kind kind;
    const char *name;
    uint64_t dev, ino, btime_ns;
    int id;
    uint32_t key;
    int64_t ctime;
    uint32_t owner; /* of System V the creator */
    uint64_t size;
};

void note_made(int ledger_fd, const struct sight *object, const struct process *maker, enum proof proof);

/* False if it could not be noted, as /dev/shm is full: then the ledger says that it is not complete. */
bool note_used(int ledger_fd, const struct sight *object, const struct process *user);
bool note_member(int ledger_fd, const struct process *member);

/* How makers are found: K, S or N for each, and why it is not K, as an errno. */
struct sources {
    char processes, files, queues;
    int processes_error, files_error, queues_error;
};

/* The record of them, without a check sum; returns its length. */
int sources_text(const struct sources *sources, char *out, size_t room);
void note_sources(int ledger_fd, const struct sources *sources);

/* P or F. */
void note_lost(int ledger_fd, char what);

/* Nothing more is noted, or not all. */
void notes_end(int ledger_fd);

/* Whether all was noted that was to be. */
bool notes_are_complete(void);

#endif
