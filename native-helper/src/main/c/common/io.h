/* Reads and writes that do not stop half-way. */
#ifndef SHMKIT_IO_H
#define SHMKIT_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Writes or reads all of it, through EINTR and short counts; read_full returns the bytes read before end of file, -1 on error. */
bool write_full(int fd, const void *data, size_t size);
ssize_t read_full(int fd, void *data, size_t size);

/* All of a file of any size, for free, with a NUL behind it; NULL with errno if it cannot be read. */
char *read_file(const char *path);

#endif
