/* File descriptors that are closed on every way out. */
#ifndef SHMKIT_DESCRIPTOR_H
#define SHMKIT_DESCRIPTOR_H

/*
 * Of a variable that holds a descriptor or -1: closed where its scope ends, whatever way that is left; errno stays. What is
 * returned is taken out of it first.
 */
#define CLOSED_AT_END __attribute__((cleanup(close_descriptor)))
void close_descriptor(const int *fd);
int take_descriptor(int *fd);

/* As close_range(2), which the C library of Debian 12 has only in part. */
void close_from_to(int first, int last);

#endif
