#include "process.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../common/io.h"
#include "../common/procfs.h"

static ssize_t read_proc(pid_t pid, const char *name, char *data, size_t size)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t got = read_full(fd, data, size);
    close(fd);
    return got;
}

bool process_is_of_our_user(pid_t pid)
{
    char status[4096];
    unsigned real;
    ssize_t size = read_proc(pid, "status", status, sizeof status - 1);

    if (size <= 0)
        return false;
    status[size] = '\0';
    return status_user(status, &real) && real == geteuid();
}

bool stat_parent(const char *stat, pid_t *parent, uint64_t *start_time)
{
    int ppid;
    unsigned long long start;
    const char *after = strrchr(stat, ')'); /* behind the command's name, which holds what it likes */

    if (after == NULL ||
        sscanf(after + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &ppid,
            &start) != 2)
        return false;
    *parent = ppid;
    *start_time = start;
    return true;
}

bool process_parent(pid_t pid, pid_t *parent, uint64_t *start_time)
{
    char stat[1024];
    ssize_t size = read_proc(pid, "stat", stat, sizeof stat - 1);

    if (size <= 0)
        return false;
    stat[size] = '\0';
    return stat_parent(stat, parent, start_time);
}

bool process_describe(pid_t pid, struct process *process)
{
    ssize_t size = read_proc(pid, "cmdline", process->command, sizeof process->command - 1);

    process->pid = pid;
    if (size < 0 || !process_start_time(pid, &process->start_time))
        return false;
    process->command[size] = '\0';
    for (ssize_t i = 0; i + 1 < size; i++)
        if (process->command[i] == '\0')
            process->command[i] = ' ';
    return true;
}

bool any_process(bool (*visit)(pid_t pid, void *context), void *context)
{
    DIR *proc = opendir("/proc");
    bool found = false;

    if (proc == NULL)
        return false;
    for (struct dirent *entry; !found && (entry = readdir(proc)) != NULL;)
        if (isdigit((unsigned char)entry->d_name[0]))
            found = visit((pid_t)atoi(entry->d_name), context);
    closedir(proc);
    return found;
}

bool maps_file(const char *line, struct inode *file)
{
    unsigned major, minor;
    unsigned long inode;

    if (sscanf(line, "%*s %*s %*s %x:%x %lu", &major, &minor, &inode) != 3 || inode == 0)
        return false;
    *file = (struct inode){makedev(major, minor), inode};
    return true;
}

static void mapped_files(pid_t pid, void (*visit)(const struct inode *file, void *context), void *context)
{
    char path[64], *line = NULL;
    size_t room = 0;

    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    FILE *maps = fopen(path, "re");
    if (maps == NULL)
        return;
    /* As a whole: what follows in a long one is a name of the process's choice, and looks as it likes. */
    while (getline(&line, &room, maps) > 0) {
        struct inode file;
        if (maps_file(line, &file))
            visit(&file, context);
    }
    free(line);
    fclose(maps);
}

static void open_files(pid_t pid, void (*visit)(const struct inode *file, void *context), void *context)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *files = opendir(path);
    if (files == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(files)) != NULL;) {
        struct stat status;
        if (entry->d_name[0] != '.' && fstatat(dirfd(files), entry->d_name, &status, 0) == 0)
            visit(&(struct inode){status.st_dev, status.st_ino}, context);
    }
    closedir(files);
}

void process_files(pid_t pid, void (*visit)(const struct inode *file, void *context), void *context)
{
    mapped_files(pid, visit, context);
    open_files(pid, visit, context);
}
