/* Code under test that has never heard of us: makes a POSIX and a System V segment, lives a moment, and forgets them. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <time.h>
#include <unistd.h>

#define POSIX_SIZE 8192
#define SYSV_SIZE 4096

int main(void)
{
    const struct timespec moment = {.tv_nsec = 500000000};
    char name[32];

    snprintf(name, sizeof name, "/leaky.%d", (int)getpid());
    int fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
    int id = shmget(IPC_PRIVATE, SYSV_SIZE, IPC_CREAT | 0600);
    if (fd < 0 || ftruncate(fd, POSIX_SIZE) < 0 || id < 0) {
        perror("leaker");
        return EXIT_FAILURE;
    }
    nanosleep(&moment, NULL);
    printf("%d %d\n", (int)getpid(), id);
    return EXIT_SUCCESS;
}
