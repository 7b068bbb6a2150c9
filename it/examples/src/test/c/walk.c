/* The second process of the walk-throughs: reads 4 bytes of what it shares, prints them, and answers behind them. */
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#define SIZE 4096

static void *checked(void *memory, const char *what)
{
    if (memory == (void *)-1) {
        perror(what);
        exit(1);
    }
    return memory;
}

static char *map(int fd)
{
    return checked(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), "mmap");
}

static char *share(const char *how, const char *what)
{
    if (strcmp(how, "file") == 0)
        return map(open(what, O_RDWR));
    if (strcmp(how, "posix") == 0)
        return map(shm_open(what, O_RDWR, 0));
    if (strcmp(how, "inherited") == 0)
        return map(atoi(what));
    return checked(shmat(shmget(ftok(what, 'W'), SIZE, 0), NULL, 0), "shmat");
}

/* Numbers from 1 on, into a ring of slots: one semaphore counts those that are free, one those that are full. */
static void produce(const char *what, char **arguments)
{
    int *ring = (int *)(void *)share("posix", what);
    sem_t *empty = sem_open(arguments[0], 0), *full = sem_open(arguments[1], 0);
    int slots = atoi(arguments[2]), count = atoi(arguments[3]);

    if (empty == SEM_FAILED || full == SEM_FAILED) {
        perror("sem_open");
        exit(1);
    }
    for (int i = 0; i < count; i++) {
        while (sem_wait(empty) != 0)
            continue;
        ring[i % slots] = i + 1;
        sem_post(full);
    }
}

int main(int argc, char **argv)
{
    if (argc == 7 && strcmp(argv[1], "produce") == 0) {
        produce(argv[2], argv + 3);
    } else if (argc == 3) {
        char *memory = share(argv[1], argv[2]);
        printf("%.4s\n", memory);
        memcpy(memory + 4, "pong", 4);
    } else {
        fprintf(stderr, "usage: walk file|posix|inherited|ftok WHAT, or walk produce NAME EMPTY FULL SLOTS COUNT\n");
        return 2;
    }
    return 0;
}
