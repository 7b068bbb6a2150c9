/*
 * The only code that removes IPC objects; the reaper, the watchdog and every sweep go through it.
 *
 * Whether an object may go was decided before, by somebody who gives its identity. The actuator proves once more,
 * at the last moment and as far as the kernel can tell, that it is that very object and that nobody uses it. It never
 * changes a mode, never truncates, never follows a link, and what it cannot find out means "keep".
 */
#ifndef SHMKIT_ACTUATOR_H
#define SHMKIT_ACTUATOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "identity.h"

enum outcome {
    DELETED,  /* it is gone, and we did it */
    GONE,     /* it was gone already: as good */
    MARKED,   /* System V: marked for destruction, goes with its last detach */
    BUSY,     /* in use, or put back because somebody came while we held it */
    CHANGED,  /* the name or id means another object now */
    DENIED,   /* EPERM or EACCES */
    UNKNOWN,  /* could not find out whether it is in use */
    STRANDED, /* somebody opened it while we held it and its name was taken meanwhile: left in quarantine */
    OUTCOME_COUNT
};
extern const char *const outcome_names[OUTCOME_COUNT];

/* How to take a file: quarantine names one entry in the given directory, which nobody but us can write into. */
struct removal {
    int quarantine_dir; /* -1: beside the object, for objects on another file system */
    const char *quarantine;
    bool of_any_user; /* what is in quarantine may be another user's, whose file we, being root, had taken */
    bool second_look; /* for objects that are not in a ledger: lets an opener who was just looking it up show himself */
};

/* Removes a regular file (shared memory, named semaphore, mapped file), name being relative to dir; *error gets errno. */
enum outcome remove_file(
    int dir, const char *name, const struct file_identity *identity, const struct removal *how, int *error);

/* Removes an empty directory, name being relative to dir; one that is not, or that is a mount point, is BUSY. */
enum outcome remove_directory(int dir, const char *name, const struct file_identity *identity, int *error);

/* Puts back, or finishes removing, what a killed cleaner left in quarantine. */
enum outcome recover_quarantined(int dir, const char *name, const struct removal *how, bool remove, int *error);

/* Removes a POSIX message queue by its name with the leading slash. */
enum outcome remove_queue(const char *name, const struct file_identity *identity, int *error);

/*
 * IPC_RMID never takes a segment from those who have it attached. pin: hold it by an attach of our own while we look, so
 * that the id cannot come to mean another one; ids come round only after tens of thousands of creations, so that what a
 * ledger names by id and random key needs no pin.
 */
enum outcome remove_sysv_shm(const struct sysv_identity *identity, bool pin, int *error);

/*
 * IPC_RMID takes a semaphore set or a queue from everybody at once. fresh: only if nobody has used it yet, as is so of one
 * whose creator died before he noted the id.
 */
enum outcome remove_sysv_sem(const struct sysv_identity *identity, bool fresh, int *error);
enum outcome remove_sysv_msg(const struct sysv_identity *identity, bool fresh, int *error);

/* Opens an absolute directory, no component of which may be a link; -1 with errno otherwise. */
int open_directory(const char *path);

#endif
