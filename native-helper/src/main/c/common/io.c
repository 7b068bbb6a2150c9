#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "memory.h"

bool write_full(int fd, const void *data, size_t size)
{
    const char *next = data;

    while (size > 0) {
        ssize_t written = write(fd, next, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        next += written;
        size -= (size_t)written;
    }
    return true;
}

ssize_t read_full(int fd, void *data, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t got = read(fd, (char *)data + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

char *read_file(const char *path)
{
    size_t size = 0, capacity = 4096;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return NULL;
    char *text = xmalloc(capacity);
    for (ssize_t got; (got = read_full(fd, text + size, capacity - size - 1)) != 0;) {
        if (got < 0) {
            int error = errno;
            free(text);
            close(fd);
            errno = error;
            return NULL;
        }
        size += (size_t)got;
        capacity *= 2;
        text = xrealloc(text, capacity);
    }
    close(fd);
    text[size] = '\0';
    return text;
}
