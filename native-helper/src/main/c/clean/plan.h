/* The lines of a plan for the actuator, which a cleaner writes on its standard input. */
#ifndef SHMKIT_PLAN_H
#define SHMKIT_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../common/ledger.h"
#include "actuator.h"

/*
 * S <index> <name> <dev> <ino> <btime> <quarantine> <second look> [<owner>]: removes a file in /dev/shm
 * C: the same, of one that a killed cleaner left in quarantine
 * F <index> <directory> <name> <dev> <ino> <btime> <quarantine> <second look> [<owner>]: removes a file elsewhere
 * D: the same, of one that a killed cleaner left in quarantine
 * T <index> <directory> <name> <dev> <ino> <btime> [<owner>]: removes an empty directory
 * R <index> <name> <quarantine>: gives a file back that a cleaner had taken before it was killed
 * V <index> <kind> <id> <key> <cuid> <ctime> <size> <creator> <pin, of a semaphore set or queue: fresh>
 * Q <index> <name> <dev> <ino> <btime> [<owner>]: removes a message queue
 * P <index> <pid> <start time>: ends a process
 *
 * An owner stands where it is another user's object. Names are base64url, since they may hold any byte but NUL and slash; keys are hex, other numbers decimal.
 */
struct step {
    char what;         /* the letter */
    const char *index; /* as it stands there, for the answer */
    const char *directory, *name, *quarantine;
    bool careful; /* the last field of S, C, F, D and V */
    struct file_identity file;
    enum kind kind;
    struct sysv_identity sysv;
    pid_t pid;
    uint64_t start_time;
};

/* Reads a line without its newline, in place; NULL, or what is wrong with it. */
const char *plan_read(char *line, struct step *step);

#endif
