/* What /proc shows of one process. */
#ifndef SHMKIT_PROCESS_H
#define SHMKIT_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define COMMAND_MAX 512

struct process {
    pid_t pid;
    uint64_t start_time; /* in clock ticks since boot, see procfs.h */
    char command[COMMAND_MAX];
};

struct inode {
    dev_t dev;
    ino_t ino;
};

/* False when it is gone. */
bool process_describe(pid_t pid, struct process *process);

/* Its parent and its start; false when it is gone. A zombie is there. */
bool process_parent(pid_t pid, pid_t *parent, uint64_t *start_time);

/* The same, of what was read from /proc/PID/stat. */
bool stat_parent(const char *stat, pid_t *parent, uint64_t *start_time);

/* The file that a line of /proc/PID/maps tells of; false for memory without one. */
bool maps_file(const char *line, struct inode *file);

/* Whether its real user is ours: a program with the set-user-ID bit is still its caller's. */
bool process_is_of_our_user(pid_t pid);

/* Calls visit for every process until it returns true; whether one did. */
bool any_process(bool (*visit)(pid_t pid, void *context), void *context);

/* Calls visit for every file that it has mapped or open. */
void process_files(pid_t pid, void (*visit)(const struct inode *file, void *context), void *context);

#endif
