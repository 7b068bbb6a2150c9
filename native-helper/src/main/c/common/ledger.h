/*
 * The ledger of one test JVM: which objects it was about to make, made and removed, and which processes it started.
 *
 * A text file, one record a line, written by O_APPEND in one write(2) each, so that a writer killed at any
 * instruction leaves at most one torn last line. Fields are parted by one space; the last one is the CRC-32 of the
 * bytes before it, as eight hex digits. Names are base64url of their bytes.
 *
 *   H 1 <session> <fork> <boot id> <st_dev of /dev/shm> <ipc ns> <pid ns> <user ns> <pid> <start time> <euid>
 *     <ipc identity>                      what no later IPC namespace has; for sweeps, and missing in hermetic mode's reports
 *   I <seq> <kind> <name> <size>          about to create; of a System V segment the key in hex stands for the name
 *   I <seq> <kind> <key> <size> <time>    about to create a System V semaphore set or queue, of which the kernel does not
 *                                         tell the creator: seconds since the epoch, which its ctime cannot be before
 *   C <seq> F <dev> <ino> <btime ns>      created: a file         (btime 0: the file system keeps none)
 *   C <seq> V <id> <ctime> <cuid>         created: System V
 *   R <seq>                               removed again
 *   P <pid> <start time> <pid ns> <role>  a helper process, before it runs; role N, J or X
 *   O F <kind> <name> <dev> <ino> <btime> <uid> <size> <pid> <start time> <proof> <command>      made by the session: a file
 *   O V <kind> <id> <key> <cuid> <ctime> <size> <pid> <start time> <proof> <command>             made by it: System V
 *   U F <kind> <name> <dev> <ino> <btime> <pid> <start time> <command>    used by a process that is not of the session
 *   U V <kind> <id> <key> <cuid> <ctime> <pid> <start time> <command>
 *   M <pid> <start time> <pid ns> <command>   a process of the session that outlived a second
 *   A <processes> <files> <queues> [<errno> <errno> <errno>]
 *                                         how makers are found: K the kernel names them, S seen in /proc, N not at all; and
 *                                         why it is not K
 *   X P|F                                 from here on incomplete: events of processes or of files were lost
 *   B <hashes>                            was there when the session began: 8 bytes for each identity, name and key
 *   B E <kind>...                         behind the last of them: the kinds that could be listed
 *
 * The proof that a process made it: D the kernel named it, and it descends from the session's root; T the kernel named it,
 * and it carries the session's token; H none, it had it open when it was seen; N none, and no process is named. A file that
 * gets another name is told again, with the same maker; names in deeper directories have slashes. DIRECTORY is a directory
 * below /dev/shm; O records only speak of it. A command is base64url,
 * or a minus; of a process that was gone it is the bare name.
 *
 * <session>.<fork> is a test JVM's; the build's own, <session> with fork 0, holds B, O, U, M, A and X records only.
 *
 * Runs of zero bytes between lines are skipped: behind the header, which has a page of its own, and where holes are.
 * When most of the file speaks of objects that are gone, its writer repeats the I, C and P records that still matter at
 * the end and makes a hole of all before; killed in between, he leaves them there twice.
 */
#ifndef SHMKIT_LEDGER_H
#define SHMKIT_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LEDGER_SCHEMA 1
#define LEDGER_LINE_MAX 8192
#define SESSION_LENGTH 22

enum kind { SYSV_SHM, SYSV_SEM, SYSV_MSG, POSIX_SHM, POSIX_SEM, POSIX_MQ, MMAP_FILE, DIRECTORY, KIND_COUNT };
extern const char *const kind_names[KIND_COUNT];

struct ledger_object {
    uint64_t seq;
    enum kind kind;
    char *name; /* file kinds: name in /dev/shm, queue name or absolute path; NULL for System V */
    uint32_t key;
    uint64_t size;
    int64_t not_before; /* System V semaphore sets and queues: the time of the INTENT */
    bool committed;
    uint64_t dev, ino, btime_ns; /* file kinds, committed */
    int id;                      /* System V, committed */
    int64_t ctime;
    uint32_t cuid;
};

struct ledger_process {
    pid_t pid;
    uint64_t start_time;
    uint64_t pid_namespace;
};

/* Made by a process of the session, but not through us; for others to judge. */
struct ledger_observed {
    enum kind kind;
    char *name; /* in /dev/shm, or of the queue without its slash; NULL for System V */
    int id;
};

struct ledger {
    bool valid; /* every record is whole; header of our schema, this boot, this /dev/shm and this IPC namespace */
    char why[160];
    char session[SESSION_LENGTH + 1];
    unsigned fork;
    pid_t pid;
    uint64_t start_time;
    uint64_t pid_namespace;
    struct ledger_object **objects; /* by seq; NULL: released or unknown */
    size_t object_count;
    struct ledger_process *processes;
    size_t process_count;
    struct ledger_observed *observed;
    size_t observed_count;
};

/* Reads the open file as a whole; always returns a ledger, perhaps with valid == false and a reason. */
void ledger_read(int fd, uint64_t shm_dev, struct ledger *ledger);
void ledger_free(struct ledger *ledger);

/* Completes the line with its CRC, in the room behind it, and appends it. */
bool ledger_append(int fd, char *line, size_t length, size_t room);

/* The same where /dev/shm is full: for one short line, as long as none was refused before. */
bool ledger_append_last(int fd, char *line, size_t length, size_t room);

/* Appends a P record for the calling process; async-signal-safe enough for a freshly forked child. */
bool ledger_record_self(int fd, char role);

#endif
