/*
 * A program that knows nothing of shmkit and shares memory and a named semaphore with those that do.
 *
 *   sync_peer <file to map> <offset of a mutex> <name of a semaphore>
 *
 * For each word on standard input it writes what came of it: mutex, unlock, count <n>, sem, trysem, post.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

static volatile uint64_t *counter;
static pthread_mutex_t *mutex;
static sem_t *semaphore;

static int lock(void)
{
    struct timespec until;
    int error;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 1;
    error = pthread_mutex_timedlock(mutex, &until);
    if (error == EOWNERDEAD)
        pthread_mutex_consistent(mutex);
    return error;
}

/* Loses updates unless the mutex excludes others. */
static int count(int rounds)
{
    for (int i = 0; i < rounds; i++) {
        int error = pthread_mutex_lock(mutex);
        if (error != 0)
            return error;
        ++*counter;
        pthread_mutex_unlock(mutex);
    }
    return 0;
}

static int sem_error(int result)
{
    return result == 0 ? 0 : errno;
}

static int carry_out(const char *word)
{
    if (strcmp(word, "mutex") == 0)
        return lock();
    if (strcmp(word, "unlock") == 0)
        return pthread_mutex_unlock(mutex);
    if (strncmp(word, "count ", 6) == 0)
        return count(atoi(word + 6));
    if (semaphore == SEM_FAILED)
        return ENOENT;
    if (strcmp(word, "sem") == 0)
        return sem_error(sem_wait(semaphore));
    if (strcmp(word, "trysem") == 0)
        return sem_error(sem_trywait(semaphore));
    return sem_error(sem_post(semaphore));
}

int main(int argc, char **argv)
{
    char line[64], *memory;
    int fd = argc == 4 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;

    if (fd < 0)
        return 2;
    memory = (char *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED)
        return 3;
    counter = (volatile uint64_t *)memory;
    mutex = (pthread_mutex_t *)(memory + atoi(argv[2]));
    semaphore = sem_open(argv[3], 0);
    puts(semaphore == SEM_FAILED ? "no semaphore" : "ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        puts(strerror(carry_out(line)));
        fflush(stdout);
    }
    return 0;
}
