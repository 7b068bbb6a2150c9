#include "descriptor.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

void close_descriptor(const int *fd)
{
    int error = errno;

    if (*fd >= 0)
        close(*fd);
    errno = error;
}

int take_descriptor(int *fd)
{
    int taken = *fd;

    *fd = -1;
    return taken;
}

void close_from_to(int first, int last)
{
    if (first > last)
        return;
#ifdef SYS_close_range
    if (syscall(SYS_close_range, (unsigned)first, (unsigned)last, 0) == 0)
        return;
#endif
    DIR *open_files = opendir("/proc/self/fd"); /* before Linux 5.9 */
    if (open_files == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(open_files)) != NULL;) {
        int fd = atoi(entry->d_name);
        if (entry->d_name[0] != '.' && fd >= first && fd <= last && fd != dirfd(open_files))
            close(fd);
    }
    closedir(open_files);
}
