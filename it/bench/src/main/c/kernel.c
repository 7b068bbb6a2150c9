/*
 * What the kernel itself charges for what shmkit does: the same calls, without Java.
 *
 *   kernel segment KIND SIZE COUNT       creates, maps, touches, closes and removes; ns each
 *   kernel spawn PROGRAM COUNT           posix_spawn to the first byte of its standard error; ns each
 *   kernel pingpong HOW COUNT            8 bytes there and back between two processes; ns each
 *   kernel echo COUNT [SOCKET]           sends 8 bytes back as they come
 *   kernel transfer HOW SIZE COUNT       COUNT messages of SIZE bytes from one process to another; ns in all
 *   kernel consume PATH SLOTS SIZE COUNT HOW   takes messages from a ring in shared memory
 *   kernel ints HOW FILE COUNT           reads, increments and writes back the 10 000 ints of a file; ns each
 *   kernel stores FILE COUNT             changes so many longs of a mapped file; ns each
 *   kernel stops COUNT                   two stops of a process whose tracer lets it go on at once; ns for both
 *   kernel sysv COUNT                    makes System V segments and prints their ids
 *   kernel files DIRECTORY COUNT         makes files of a page
 *
 * Ends with 2 if it was called wrongly, with 1 and the reason if the kernel refused.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

#define LINE 64
#define SLOTS 8
/* A side that waits looks so often before it sleeps. */
#define SPINS 2000
#define INTS 10000

#define CHECK(call) checked((long)(call), #call)

static long checked(long result, const char *call)
{
    if (result == -1) {
        fprintf(stderr, "%s: %s\n", call, strerror(errno));
        exit(1);
    }
    return result;
}

static void *mapped(void *address)
{
    if (address == MAP_FAILED)
        checked(-1, "mmap");
    return address;
}

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
}

static size_t number(const char *text)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);

    if (*text == '\0' || *end != '\0') {
        fprintf(stderr, "not a number: %s\n", text);
        exit(2);
    }
    return (size_t)value;
}

static void read_fully(int fd, char *to, size_t size)
{
    while (size > 0) {
        long got = CHECK(read(fd, to, size));
        if (got == 0) {
            fputs("the peer is gone\n", stderr);
            exit(1);
        }
        to += got;
        size -= (size_t)got;
    }
}

static void write_fully(int fd, const char *from, size_t size)
{
    while (size > 0) {
        long put = CHECK(write(fd, from, size));
        from += put;
        size -= (size_t)put;
    }
}

static void *shared(size_t size)
{
    return mapped(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}

/* A peer that ends with its parent: where the parent fails, it would wait for ever. */
static pid_t peer(void)
{
    pid_t child = (pid_t)CHECK(fork());

    if (child == 0)
        CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL));
    return child;
}

/* Ends this process with 1 if the child failed. */
static void reap(pid_t child)
{
    int status;

    CHECK(waitpid(child, &status, 0));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        exit(1);
}

/* ---- segments ---- */

static void touch_file(int fd, size_t size)
{
    int error = posix_fallocate(fd, 0, (off_t)size);
    char *at;

    if (error != 0) {
        errno = error;
        checked(-1, "posix_fallocate");
    }
    at = mapped(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    CHECK(close(fd));
    *(volatile char *)at = 1;
    CHECK(munmap(at, size));
}

static void segment(const char *kind, size_t size)
{
    char name[PATH_MAX];

    if (strcmp(kind, "POSIX_SHM") == 0) {
        snprintf(name, sizeof name, "/kernel.%d", getpid());
        touch_file((int)CHECK(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600)), size);
        CHECK(shm_unlink(name));
    } else if (strcmp(kind, "MMAP_FILE") == 0) {
        const char *directory = getenv("TMPDIR");
        snprintf(name, sizeof name, "%s/kernel.%d", directory == NULL ? "/tmp" : directory, getpid());
        touch_file((int)CHECK(open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)), size);
        CHECK(unlink(name));
    } else if (strcmp(kind, "MEMFD") == 0) {
        touch_file((int)CHECK(memfd_create("kernel", MFD_CLOEXEC)), size);
    } else {
        int id = (int)CHECK(shmget(IPC_PRIVATE, size, IPC_CREAT | 0600));
        char *at = shmat(id, NULL, 0);
        if (at == (void *)-1)
            checked(-1, "shmat");
        *(volatile char *)at = 1;
        CHECK(shmdt(at));
        CHECK(shmctl(id, IPC_RMID, NULL));
    }
}

/* ---- processes ---- */

static void spawn(char *program)
{
    char *arguments[] = {program, NULL}, byte;
    posix_spawn_file_actions_t actions;
    int ends[2], error, status;
    pid_t child;

    CHECK(pipe2(ends, O_CLOEXEC));
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    error = posix_spawn(&child, program, &actions, NULL, arguments, environ);
    if (error != 0) {
        errno = error;
        checked(-1, "posix_spawn");
    }
    posix_spawn_file_actions_destroy(&actions);
    CHECK(close(ends[1]));
    read_fully(ends[0], &byte, 1);
    CHECK(close(ends[0]));
    CHECK(waitpid(child, &status, 0));
}

/* ---- ping-pong ---- */

struct court {
    _Alignas(LINE) _Atomic uint64_t ping;
    _Alignas(LINE) _Atomic uint64_t pong;
    _Alignas(LINE) _Atomic uint32_t ping_bell;
    _Alignas(LINE) _Atomic uint32_t pong_bell;
};

static void await_spin(_Atomic uint64_t *at, uint64_t value)
{
    while (atomic_load_explicit(at, memory_order_acquire) != value)
        relax();
}

static void await_futex(_Atomic uint32_t *bell, uint32_t value)
{
    uint32_t seen;

    while ((seen = atomic_load(bell)) != value)
        if (syscall(SYS_futex, bell, FUTEX_WAIT, seen, NULL, NULL, 0) == -1 && errno != EAGAIN && errno != EINTR)
            checked(-1, "futex");
}

static void ring_futex(_Atomic uint32_t *bell, uint32_t value)
{
    atomic_store(bell, value);
    CHECK(syscall(SYS_futex, bell, FUTEX_WAKE, 1, NULL, NULL, 0));
}

static mqd_t queue(size_t messages, size_t size)
{
    char name[64];
    struct mq_attr how = {.mq_maxmsg = (long)messages, .mq_msgsize = (long)size};
    mqd_t q;

    /* 8 messages of 1 MiB are more than the usual limit; where we may not raise it, mq_open tells by EMFILE. */
    (void)setrlimit(RLIMIT_MSGQUEUE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
    snprintf(name, sizeof name, "/kernel.%d", getpid());
    q = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &how);
    if (q == (mqd_t)-1 && errno == EMFILE) {
        fprintf(stderr, "%zu messages of %zu bytes are more than RLIMIT_MSGQUEUE lets a queue have, and to raise that "
                        "takes CAP_SYS_RESOURCE\n", messages, size);
        exit(1);
    }
    checked(q, "mq_open");
    CHECK(mq_unlink(name));
    return q;
}

static void pingpong(const char *how, size_t count)
{
    bool spin = strcmp(how, "spin") == 0, futex = strcmp(how, "futex") == 0, mq = strcmp(how, "mq") == 0;
    struct court *court = shared(sizeof *court);
    int there[2] = {-1, -1}, back[2] = {-1, -1};
    uint64_t ball, start;
    pid_t child;

    if (mq) {
        there[0] = there[1] = queue(1, sizeof ball);
        back[0] = back[1] = queue(1, sizeof ball);
    } else if (!spin && !futex) {
        CHECK(pipe(there));
        CHECK(pipe(back));
    }
    child = peer();
    start = now();
    for (uint64_t i = 1; i <= count; i++) {
        if (spin && child == 0) {
            await_spin(&court->ping, i);
            atomic_store_explicit(&court->pong, i, memory_order_release);
        } else if (spin) {
            atomic_store_explicit(&court->ping, i, memory_order_release);
            await_spin(&court->pong, i);
        } else if (futex && child == 0) {
            await_futex(&court->ping_bell, (uint32_t)i);
            ring_futex(&court->pong_bell, (uint32_t)i);
        } else if (futex) {
            ring_futex(&court->ping_bell, (uint32_t)i);
            await_futex(&court->pong_bell, (uint32_t)i);
        } else if (mq && child == 0) {
            CHECK(mq_receive(there[0], (char *)&ball, sizeof ball, NULL));
            CHECK(mq_send(back[1], (char *)&ball, sizeof ball, 0));
        } else if (mq) {
            CHECK(mq_send(there[1], (char *)&i, sizeof i, 0));
            CHECK(mq_receive(back[0], (char *)&ball, sizeof ball, NULL));
        } else if (child == 0) {
            read_fully(there[0], (char *)&ball, sizeof ball);
            write_fully(back[1], (char *)&ball, sizeof ball);
        } else {
            write_fully(there[1], (char *)&i, sizeof i);
            read_fully(back[0], (char *)&ball, sizeof ball);
        }
    }
    if (child == 0)
        _exit(0);
    printf("%.3f\n", (double)(now() - start) / (double)count);
    reap(child);
}

static void echo(size_t count, const char *path)
{
    int in = STDIN_FILENO, out = STDOUT_FILENO;
    uint64_t ball;

    if (path != NULL) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        strncpy(address.sun_path, path, sizeof address.sun_path - 1);
        in = out = (int)CHECK(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        CHECK(connect(in, (struct sockaddr *)&address, sizeof address));
    }
    for (size_t i = 0; i < count; i++) {
        read_fully(in, (char *)&ball, sizeof ball);
        write_fully(out, (char *)&ball, sizeof ball);
    }
}

/* ---- handing over: the producer stamps each cache line of a message, the consumer looks at each ---- */

static void stamp(char *message, size_t size, uint64_t value)
{
    for (size_t i = 0; i < size; i += LINE)
        *(volatile uint64_t *)(void *)(message + i) = value;
}

static void inspect(const char *message, size_t size, uint64_t value)
{
    for (size_t i = 0; i < size; i += LINE)
        if (*(const volatile uint64_t *)(const void *)(message + i) != value) {
            fputs("a message came damaged\n", stderr);
            exit(1);
        }
}

/*
 * The ring: a line with the count of what was put, a line with the count of what was taken, a line each that tells
 * whether the consumer and the producer sleep, the slots behind a page.
 */
static void await_put(struct court *court, uint64_t seen)
{
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load_explicit(&court->ping, memory_order_acquire) > seen)
            return;
        relax();
    }
    atomic_store(&court->ping_bell, 1);
    while (atomic_load(&court->ping) <= seen)
        if (syscall(SYS_futex, &court->ping, FUTEX_WAIT, (uint32_t)seen, NULL, NULL, 0) == -1 && errno != EAGAIN &&
            errno != EINTR)
            checked(-1, "futex");
    atomic_store(&court->ping_bell, 0);
}

static void consume(const char *path, size_t slots, size_t size, size_t count, bool copied)
{
    int fd = (int)CHECK(open(path, O_RDWR | O_CLOEXEC));
    char *ring = mapped(mmap(NULL, 4096 + slots * size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    struct court *court = (struct court *)(void *)ring;
    char *own = malloc(size);

    for (uint64_t i = 0; i < count; i++) {
        const char *slot = ring + 4096 + i % slots * size;
        await_put(court, i);
        if (copied)
            memcpy(own, slot, size);
        inspect(copied ? own : slot, size, i + 1);
        atomic_store(&court->pong, i + 1);
        if (atomic_load(&court->pong_bell) != 0)
            CHECK(syscall(SYS_futex, &court->pong, FUTEX_WAKE, 1, NULL, NULL, 0));
    }
    free(own);
}

struct letter {
    long type;
    char text[];
};

static void transfer(const char *how, size_t size, size_t count)
{
    bool mq = strcmp(how, "mq") == 0, sysv = strcmp(how, "sysv") == 0;
    struct letter *letter = malloc(sizeof *letter + size);
    char *message = letter->text;
    int ends[2] = {-1, -1};
    uint64_t start;
    pid_t child;

    if (mq)
        ends[0] = ends[1] = queue(SLOTS, size);
    else if (sysv)
        ends[0] = ends[1] = (int)CHECK(msgget(IPC_PRIVATE, IPC_CREAT | 0600));
    else if (strcmp(how, "socket") == 0)
        CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    else
        CHECK(pipe(ends));
    letter->type = 1;
    child = peer();
    start = now();
    for (uint64_t i = 1; i <= count; i++) {
        if (child != 0)
            stamp(message, size, i);
        if (mq && child == 0)
            CHECK(mq_receive(ends[0], message, size, NULL));
        else if (mq)
            CHECK(mq_send(ends[1], message, size, 0));
        else if (sysv && child == 0)
            CHECK(msgrcv(ends[0], letter, size, 0, 0));
        else if (sysv)
            CHECK(msgsnd(ends[1], letter, size, 0));
        else if (child == 0)
            read_fully(ends[0], message, size);
        else
            write_fully(ends[1], message, size);
        if (child == 0)
            inspect(message, size, i);
    }
    if (child == 0)
        _exit(0);
    reap(child);
    printf("%.0f\n", (double)(now() - start));
    if (sysv)
        CHECK(msgctl(ends[0], IPC_RMID, NULL));
    free(letter);
}

/* ---- claim C1 ---- */

static void ints(const char *how, const char *file)
{
    static int32_t numbers[INTS];
    int fd = (int)CHECK(open(file, O_RDWR | O_CLOEXEC));

    if (strcmp(how, "mmap") == 0) {
        volatile int32_t *at = mapped(mmap(NULL, sizeof numbers, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
        for (int i = 0; i < INTS; i++)
            at[i]++;
        CHECK(munmap((void *)(uintptr_t)at, sizeof numbers));
    } else if (strcmp(how, "readwrite") == 0) {
        read_fully(fd, (char *)numbers, sizeof numbers);
        for (int i = 0; i < INTS; i++)
            ((volatile int32_t *)numbers)[i]++;
        CHECK(lseek(fd, 0, SEEK_SET));
        write_fully(fd, (char *)numbers, sizeof numbers);
    } else {
        for (int i = 0; i < INTS; i++) {
            int32_t one;
            CHECK(pread(fd, &one, sizeof one, (off_t)i * (off_t)sizeof one));
            one++;
            CHECK(pwrite(fd, &one, sizeof one, (off_t)i * (off_t)sizeof one));
        }
    }
    CHECK(close(fd));
}

/* ---- tracing ---- */

static void stores(const char *file, size_t count)
{
    int fd = (int)CHECK(open(file, O_RDWR | O_CLOEXEC));
    volatile uint64_t *at = mapped(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));

    at[0] = 1;
    uint64_t start = now();
    for (size_t i = 0; i < count; i++)
        at[i & 511] = i + 2;
    printf("%.1f\n", (double)(now() - start) / (double)count);
}

static void stops(size_t count)
{
    int status;
    pid_t pid = (pid_t)CHECK(fork());

    if (pid == 0) {
        CHECK(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
        for (;;)
            raise(SIGTRAP);
    }
    CHECK(waitpid(pid, &status, 0));
    uint64_t start = now();
    for (size_t i = 0; i < 2 * count; i++) {
        CHECK(ptrace(PTRACE_CONT, pid, NULL, NULL));
        CHECK(waitpid(pid, &status, 0));
    }
    printf("%.1f\n", (double)(now() - start) / (double)count);
    CHECK(kill(pid, SIGKILL));
    CHECK(waitpid(pid, &status, 0));
}

/* ---- what is to be removed ---- */

static void make_sysv(size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("%ld\n", CHECK(shmget(IPC_PRIVATE, 1, IPC_CREAT | 0600)));
}

static void make_files(const char *directory, size_t count)
{
    int dir = (int)CHECK(open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC));

    for (size_t i = 0; i < count; i++) {
        char name[64];
        snprintf(name, sizeof name, "shmkit.AAAAAAAAAAAAAAAAAAAAAA.1.%zu", i);
        int fd = (int)CHECK(openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        errno = posix_fallocate(fd, 0, 1);
        CHECK(errno == 0 ? 0 : -1);
        CHECK(close(fd));
    }
}

int main(int argc, char **argv)
{
    const char *what = argc < 3 ? "" : argv[1];
    uint64_t start;

    if (strcmp(what, "segment") == 0 && argc == 5) {
        size_t size = number(argv[3]), count = number(argv[4]);
        segment(argv[2], size);
        start = now();
        for (size_t i = 0; i < count; i++)
            segment(argv[2], size);
        printf("%.1f\n", (double)(now() - start) / (double)count);
    } else if (strcmp(what, "spawn") == 0 && argc == 4) {
        size_t count = number(argv[3]);
        spawn(argv[2]);
        start = now();
        for (size_t i = 0; i < count; i++)
            spawn(argv[2]);
        printf("%.1f\n", (double)(now() - start) / (double)count);
    } else if (strcmp(what, "pingpong") == 0 && argc == 4) {
        pingpong(argv[2], number(argv[3]));
    } else if (strcmp(what, "echo") == 0 && argc <= 4) {
        echo(number(argv[2]), argc == 4 ? argv[3] : NULL);
    } else if (strcmp(what, "transfer") == 0 && argc == 5) {
        transfer(argv[2], number(argv[3]), number(argv[4]));
    } else if (strcmp(what, "consume") == 0 && argc == 7) {
        consume(argv[2], number(argv[3]), number(argv[4]), number(argv[5]), strcmp(argv[6], "copied") == 0);
    } else if (strcmp(what, "ints") == 0 && argc == 5) {
        size_t count = number(argv[4]);
        ints(argv[2], argv[3]);
        start = now();
        for (size_t i = 0; i < count; i++)
            ints(argv[2], argv[3]);
        printf("%.1f\n", (double)(now() - start) / (double)count);
    } else if (strcmp(what, "stores") == 0 && argc == 4) {
        stores(argv[2], number(argv[3]));
    } else if (strcmp(what, "stops") == 0 && argc == 3) {
        stops(number(argv[2]));
    } else if (strcmp(what, "sysv") == 0 && argc == 3) {
        make_sysv(number(argv[2]));
    } else if (strcmp(what, "files") == 0 && argc == 4) {
        make_files(argv[2], number(argv[3]));
    } else {
        fputs("usage: see the head of kernel.c\n", stderr);
        return 2;
    }
    return 0;
}
