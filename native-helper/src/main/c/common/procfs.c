#include "procfs.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

bool stat_start_time(const char *stat, uint64_t *ticks)
{
    unsigned long long start;
    long threads;
    char state;
    /* The command name stands in parentheses and may itself hold spaces and parentheses: count from the last one. */
    const char *after = strrchr(stat, ')');

    if (after == NULL ||
        sscanf(after + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld %*d %llu", &state,
            &threads, &start) != 3)
        return false;
    *ticks = start;
    /* A process whose main thread has ended looks like a zombie, but has other threads. */
    return (state != 'Z' && state != 'X') || threads > 1;
}

bool process_start_time(pid_t pid, uint64_t *ticks)
{
    char path[40];
    char stat[1024];

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t size = read_full(fd, stat, sizeof stat - 1);
    close(fd);
    if (size <= 0)
        return false;
    stat[size] = '\0';
    return stat_start_time(stat, ticks);
}

bool status_user(const char *status, unsigned *uid)
{
    /* The name in the first line cannot forge another line: the kernel writes a newline in it as \n. */
    const char *uids = strstr(status, "\nUid:");

    return uids != NULL && sscanf(uids, "\nUid: %u", uid) == 1;
}

uint64_t namespace_inode(const char *name)
{
    char path[40];
    struct stat status;

    snprintf(path, sizeof path, "/proc/self/ns/%s", name);
    return stat(path, &status) == 0 ? (uint64_t)status.st_ino : 0;
}

void boot_id(char out[40])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read_full(fd, out, 36);

    if (fd >= 0)
        close(fd);
    out[size == 36 ? 36 : 0] = '\0';
}
