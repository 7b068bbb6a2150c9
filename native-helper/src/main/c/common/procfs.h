/* What /proc says of a process. */
#ifndef SHMKIT_PROCFS_H
#define SHMKIT_PROCFS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Start time in clock ticks since boot (field 22 of /proc/PID/stat); false when no thread of such a process lives. */
bool process_start_time(pid_t pid, uint64_t *ticks);

/* The same, of what was read from such a file. */
bool stat_start_time(const char *stat, uint64_t *ticks);

/* The real user id in what was read from /proc/PID/status. */
bool status_user(const char *status, unsigned *uid);

/* The inode behind /proc/self/ns/<name>, 0 when it cannot be told. */
uint64_t namespace_inode(const char *name);
void boot_id(char out[40]);

#endif
