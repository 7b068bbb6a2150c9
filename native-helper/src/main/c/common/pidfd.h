/* pidfd_open(2) and pidfd_send_signal(2), which the C library of Debian 12 has only in part. */
#ifndef SHMKIT_PIDFD_H
#define SHMKIT_PIDFD_H

#include <sys/types.h>

int pidfd_of(pid_t pid);
int pidfd_kill(int pidfd, int signo);

#endif
