/*
 * Processes that make one IPC object each and are gone within a millisecond.
 *
 *   makers <kind> <life> <count> <prefix>      at most two at a time; prints a line "<name or id> <pid>" for each
 *   makers one <kind> <number> <prefix>        is one of them
 *
 * kind: SYSV_SHM, POSIX_SHM, POSIX_SEM, POSIX_MQ, DEEP (a file in a directory of its own in /dev/shm) or MOVED (a file that
 * gets another name at once). life: fork, exec (with an empty environment), daemon (an orphan in a session of its own), user
 * (uid 65534, root only) or pidns (in a pid namespace of its own, where it is another pid).
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <mqueue.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

static void must(int good, const char *what)
{
    if (!good) {
        perror(what);
        _exit(1);
    }
}

static void make(const char *kind, const char *number, const char *prefix)
{
    char name[256], path[300], other[300], line[300];
    int id = 0;

    snprintf(name, sizeof name, "/%s%s", prefix, number);
    snprintf(path, sizeof path, "/dev/shm%s", name);
    if (strcmp(kind, "SYSV_SHM") == 0) {
        id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
        snprintf(name, sizeof name, "/%d", id);
    } else if (strcmp(kind, "POSIX_SHM") == 0) {
        id = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
    } else if (strcmp(kind, "POSIX_SEM") == 0) {
        id = sem_open(name, O_CREAT | O_EXCL, 0600, 1) == SEM_FAILED ? -1 : 0;
    } else if (strcmp(kind, "POSIX_MQ") == 0) {
        struct mq_attr least = {.mq_maxmsg = 1, .mq_msgsize = 1};
        id = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &least);
    } else if (strcmp(kind, "MOVED") == 0) {
        snprintf(other, sizeof other, "/dev/shm/%s-before-%s", prefix, number);
        id = open(other, O_CREAT | O_EXCL | O_RDWR, 0600);
        must(id >= 0 && rename(other, path) == 0, "rename");
    } else {
        must(mkdir(path, 0700) == 0, "mkdir");
        strcat(name, "/file");
        strcat(path, "/file");
        id = open(path, O_CREAT | O_EXCL | O_RDWR, 0600);
    }
    must(id >= 0, kind);
    int length =
        snprintf(line, sizeof line, "%s%s %d\n", strcmp(kind, "POSIX_SEM") == 0 ? "sem." : "", name + 1, (int)getpid());
    must(write(1, line, (size_t)length) == length, "write");
}

/* Becomes the maker, or has one; ends with 0 once it has made it. */
static void live(const char *life, char **one)
{
    char *nothing[] = {NULL};
    int status = 0, gone[2];
    char none;

    if (strcmp(life, "exec") == 0) {
        execve("/proc/self/exe", one, nothing);
        must(0, "execve");
    }
    if (strcmp(life, "user") == 0)
        must(
            setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0,
            "setresuid");
    if (strcmp(life, "daemon") == 0) {
        must(setsid() > 0 && pipe(gone) == 0, "setsid");
        if (fork() == 0) {
            if (fork() != 0)
                _exit(0);
            make(one[2], one[3], one[4]);
            _exit(0);
        }
        close(gone[1]);
        (void)!read(gone[0], &none, 1); /* until the daemon is gone */
        _exit(0);
    }
    if (strcmp(life, "pidns") == 0) {
        must(unshare(CLONE_NEWPID) == 0, "unshare");
        pid_t first = fork();
        if (first == 0) {
            make(one[2], one[3], one[4]);
            _exit(0);
        }
        must(waitpid(first, &status, 0) == first && status == 0, "pid namespace");
        _exit(0);
    }
    make(one[2], one[3], one[4]);
    _exit(0);
}

int main(int argc, char **argv)
{
    char number[16];
    int running = 0, failed = 0, status;

    if (argc != 5)
        return 2;
    if (strcmp(argv[1], "one") == 0) {
        make(argv[2], argv[3], argv[4]);
        _exit(0);
    }
    for (int i = 0; i < atoi(argv[3]); i++) {
        snprintf(number, sizeof number, "%d", i);
        char *one[] = {"makers", "one", argv[1], number, argv[4], NULL};
        if (++running > 2) {
            failed += wait(&status) > 0 && status != 0;
            running--;
        }
        pid_t pid = fork();
        if (pid == 0)
            live(argv[2], one);
        must(pid > 0, "fork");
    }
    while (wait(&status) > 0)
        failed += status != 0;
    return failed > 0;
}
