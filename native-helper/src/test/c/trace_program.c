/*
 * A program for trace-test, in which each scenario makes stores of which the test knows. It knows nothing of the
 * tracer, and ends with 0 if everything was as it is without one.
 *
 *   trace-program SCENARIO FILE
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE 16384
#define PAGE 4096
#define ROUNDS 2000
#define THREADS 4

#define CHECK(condition) \
    do \
        if (!(condition)) { \
            fprintf(stderr, "line %d: %s: %s\n", __LINE__, #condition, strerror(errno)); \
            _exit(1); \
        } \
    while (0)

static const char *file;

static int open_file(void)
{
    int fd = open(file, O_RDWR);

    CHECK(fd >= 0);
    return fd;
}

static void *map(void)
{
    int fd = open_file();
    void *at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    CHECK(at != MAP_FAILED);
    close(fd);
    return at;
}

static _Atomic long *counter;

static void *add(void *unused)
{
    for (int i = 0; i < ROUNDS; i++)
        atomic_fetch_add(counter, 1);
    return unused;
}

static void in_threads(void)
{
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, add, NULL) == 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

/* By zero, which is in the segment: it dies of SIGFPE. */
static void divide(void)
{
    unsigned long low = 1, high = 0;

    counter = map();
    __asm__ volatile("divq (%2)" : "+a"(low), "+d"(high) : "r"(counter) : "cc", "memory");
}

static void single(void)
{
    counter = map();
    add(NULL);
    CHECK(*counter == ROUNDS);
}

static void threads(void)
{
    counter = map();
    in_threads();
    CHECK(*counter == THREADS * ROUNDS);
}

static volatile long fired;

static void on_alarm(int signal)
{
    (void)signal;
    fired++;
    atomic_fetch_add(counter, 1);
}

static void signals(void)
{
    struct itimerval every = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};

    counter = map();
    signal(SIGALRM, on_alarm);
    setitimer(ITIMER_REAL, &every, NULL);
    in_threads();
    setitimer(ITIMER_REAL, &never, NULL);
    CHECK(*counter == THREADS * ROUNDS + fired && fired > 0);
    counter[1] = fired;
}

static void fork_both(void)
{
    int status;

    counter = map();
    pid_t child = fork();
    add(NULL);
    if (child == 0)
        _exit(7);
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7);
    CHECK(waitpid(-1, &status, 0) == -1 && errno == ECHILD); /* there is no child that we don't know */
    CHECK(*counter == 2 * ROUNDS);
}

extern char **environ;

static void spawn(void)
{
    int status;
    pid_t child;

    counter = map();
    add(NULL);
    CHECK(posix_spawn(&child, "/proc/self/exe", NULL, NULL, (char *[]){"self", "single-more", (char *)file, NULL},
              environ) == 0);
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK(*counter == 2 * ROUNDS);
    /* A vfork whose child stores before it ends */
    child = vfork();
    if (child == 0) {
        atomic_fetch_add(counter, 1);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0 && *counter == 2 * ROUNDS + 1);
}

static void single_more(void)
{
    counter = map();
    add(NULL);
}

static void store(volatile void *at, uint64_t value)
{
    *(volatile uint64_t *)at = value;
}

/* --- mappings --- */

static void mappings(void)
{
    int fd = open_file();
    char *first = map(), *second = map();
    char *third = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 2 * PAGE);

    store(first, 1);
    store(second + 8, 2);
    store(third + 16, 3);
    CHECK(*(uint64_t *)(first + 8) == 2 && *(uint64_t *)(second + 2 * PAGE + 16) == 3);
    CHECK(munmap(first + PAGE, PAGE) == 0);
    store(first + 2 * PAGE, 4);
    store(first + PAGE - 8, 5);
    char *grown = mremap(third, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
    CHECK(grown != MAP_FAILED);
    store(grown + PAGE + 24, 6);
    CHECK(*(uint64_t *)(second + 3 * PAGE + 24) == 6);
    CHECK(munmap(first, PAGE) == 0 && munmap(first + 2 * PAGE, 2 * PAGE) == 0);
    char *readable = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(mprotect(readable, PAGE, PROT_READ | PROT_WRITE) == 0);
    store(readable + 32, 7);
    int read_only = open(file, O_RDONLY);
    char *never = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, read_only, 0);
    CHECK(mprotect(never, PAGE, PROT_READ | PROT_WRITE) == -1 && errno == EACCES);
    char *private = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    store(private, 99);
    CHECK(*(uint64_t *)second == 1);
}

/* The same pages twice in a row, as rings have it, at an address of the program's choice */
static void mirror(void)
{
    int fd = open_file();
    char *room = mmap(NULL, 2 * SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK(mmap(room, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == room);
    CHECK(mmap(room + SIZE, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == room + SIZE);
    store(room + 8, 1);
    store(room + SIZE + 16, 2);
    store(room + SIZE - 4, 0x0807060504030201); /* half at the end, half at the begin */
    CHECK(*(volatile uint32_t *)room == 0x08070605 && *(volatile uint64_t *)(room + 16) == 2);
    int zeros = open("/dev/zero", O_RDONLY);
    CHECK(read(zeros, room + SIZE - 4, 8) == 8 && *(volatile uint32_t *)room == 0);
}

static void *fill(void *arguments)
{
    int *pipes = arguments;
    char byte;
    int zeros = open("/dev/zero", O_RDONLY);

    CHECK(read(pipes[0], &byte, 1) == 1); /* blocks until it is mapped */
    CHECK(read(zeros, (char *)(uintptr_t)counter, 8) == 8 && *counter == 0);
    return NULL;
}

/* A thread that was there before the mapping, at an address of the program's choice, has the kernel write to it. */
static void late(void)
{
    int fd = open_file(), pipes[2];
    pthread_t thread;

    CHECK(pipe(pipes) == 0 && pthread_create(&thread, NULL, fill, pipes) == 0);
    char *room = mmap(NULL, SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(mmap(room, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == room);
    store(room, 1);
    counter = (_Atomic long *)(void *)room;
    CHECK(write(pipes[1], "", 1) == 1);
    pthread_join(thread, NULL);
}

static sigjmp_buf after;
static volatile uintptr_t fault_address;
static volatile int fault_signal, fault_code;

static void on_fault(int signal, siginfo_t *info, void *unused)
{
    (void)unused;
    fault_signal = signal;
    fault_code = info->si_code;
    fault_address = (uintptr_t)info->si_addr;
    siglongjmp(after, 1);
}

static void expect_fault(char *at, int signal, int code)
{
    if (sigsetjmp(after, 1) == 0) {
        store(at, 1);
        CHECK(!"it was stored");
    }
    CHECK(fault_signal == signal && fault_code == code && fault_address == (uintptr_t)at);
}

static void faults(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    int fd = open_file();
    char *at = map(), *readable = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);

    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    store(at, 1);
    expect_fault(readable, SIGSEGV, SEGV_ACCERR);
    expect_fault((char *)64, SIGSEGV, SEGV_MAPERR);
    CHECK(ftruncate(fd, PAGE) == 0);
    expect_fault(at + PAGE, SIGBUS, BUS_ADRERR);
    store(at + 8, 2);
    CHECK(munmap(at, SIZE) == 0);
    expect_fault(at, SIGSEGV, SEGV_MAPERR);
}

/* --- system calls --- */

static void *read_pipe(void *arguments)
{
    CHECK(read(((int *)arguments)[0], (char *)(uintptr_t)counter + 256, 4) == 4); /* blocks */
    return NULL;
}

static void calls(void)
{
    char *at = map(), bytes[16] = "abcdefghijklmno", own[8];
    int pipes[2], sockets[2];
    struct iovec into[] = {{own, 2}, {at + 64, 4}, {at + 96, 4}}, from = {bytes, 10};
    pthread_t reader;

    CHECK(pipe(pipes) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
    CHECK(write(pipes[1], bytes, 8) == 8 && read(pipes[0], at, 8) == 8 && memcmp(at, bytes, 8) == 0);
    CHECK(write(pipes[1], at, 8) == 8 && read(pipes[0], own, 8) == 8 && memcmp(own, bytes, 8) == 0);
    CHECK(write(pipes[1], bytes, 10) == 10 && readv(pipes[0], into, 3) == 10);
    CHECK(memcmp(own, "ab", 2) == 0 && memcmp(at + 64, "cdef", 4) == 0 && memcmp(at + 96, "ghij", 4) == 0);
    CHECK(into[1].iov_base == at + 64);
    struct iovec target = {at + 128, 10};
    struct msghdr message = {.msg_iov = &from, .msg_iovlen = 1}, answer = {.msg_iov = &target, .msg_iovlen = 1};
    CHECK(sendmsg(sockets[0], &message, 0) == 10 && recvmsg(sockets[1], &answer, 0) == 10);
    CHECK(memcmp(at + 128, bytes, 10) == 0 && answer.msg_iov == &target && target.iov_base == at + 128);
    struct timespec *now = (struct timespec *)(at + 192);
    CHECK(syscall(SYS_clock_gettime, CLOCK_REALTIME, now) == 0 && now->tv_sec > 0);
    CHECK(read(pipes[0], NULL, 0) == 0);
    CHECK(syscall(SYS_futex, at, FUTEX_WAKE, 1, NULL, NULL, 0) == 0);
    CHECK(syscall(SYS_futex, at, FUTEX_WAIT, 1, &(struct timespec){0, 1000000}, NULL, 0) == -1 && errno == EAGAIN);
    counter = (_Atomic long *)(void *)at;
    CHECK(pthread_create(&reader, NULL, read_pipe, pipes) == 0);
    for (int i = 0; i < 10; i++)
        store(at + 512 + 8 * i, 77);
    CHECK(write(pipes[1], bytes, 4) == 4);
    pthread_join(reader, NULL);
    CHECK(memcmp(at + 256, "abcd", 4) == 0);
    int fd = open_file();
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    CHECK(fcntl(fd, F_SETLK, &lock) == 0 && msync(at, SIZE, MS_SYNC) == 0);
}

/* What only reads from the segment; nothing is stored. */
static void reading(void)
{
    char *at = map(), own[16] = "";
    int pipes[2], sockets[2];
    struct iovec from = {at, 8}, into = {own, 8};
    struct msghdr message = {.msg_iov = &from, .msg_iovlen = 1};

    CHECK(pipe(pipes) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
    CHECK(mlock(at, SIZE) == 0 && munlock(at, SIZE) == 0);
    CHECK(write(pipes[1], at, 8) == 8 && writev(pipes[1], &from, 1) == 8);
    CHECK(vmsplice(pipes[1], &from, 1, 0) == 8);
    CHECK(send(sockets[0], at, 8, 0) == 8 && sendmsg(sockets[0], &message, 0) == 8);
    CHECK(process_vm_writev(getpid(), &from, 1, &into, 1, 0) == 8);
    CHECK(from.iov_base == at && memcmp(own, at, 8) == 0);
}

static void receiving_many(void)
{
    char *at = map();
    int sockets[2];
    struct iovec into = {at, 8};
    struct mmsghdr messages[1] = {{.msg_hdr = {.msg_iov = &into, .msg_iovlen = 1}}};

    CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets) == 0 && send(sockets[0], "abcdefgh", 8, 0) == 8);
    CHECK(recvmmsg(sockets[1], messages, 1, 0, NULL) == 1);
}

static void sending_many(void)
{
    char *at = map();
    int sockets[2];
    struct iovec from = {at, 8};
    struct mmsghdr messages[1] = {{.msg_hdr = {.msg_iov = &from, .msg_iovlen = 1}}};

    CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets) == 0 && sendmmsg(sockets[0], messages, 1, 0) == 1);
}

static void sysv(void)
{
    int id = atoi(file);
    char *at = shmat(id, NULL, 0), *again = shmat(id, NULL, SHM_RDONLY);

    CHECK(at != (void *)-1 && again != (void *)-1);
    store(at, 1);
    store(at + 8, 2);
    CHECK(*(uint64_t *)(again + 8) == 2);
    CHECK(shmdt(again) == 0 && shmdt(at) == 0);
    at = shmat(id, NULL, 0);
    store(at + 16, 3);
}

/* --- ends and stops --- */

static void end_by_code(void)
{
    store(map(), 1);
    exit(37);
}

static void end_by_signal(void)
{
    store(map(), 1);
    raise(SIGUSR1);
}

/* Stores for ever, so that it can be killed in the midst of it. */
static void forever(void)
{
    counter = map();
    for (;;)
        atomic_fetch_add(counter, 1);
}

static void stopped(void)
{
    counter = map();
    atomic_fetch_add(counter, 1);
    raise(SIGSTOP);
    atomic_fetch_add(counter, 1);
}

/* --- a robust mutex and what it guards --- */

struct guarded {
    pthread_mutex_t mutex;
    volatile long a, b;
};

static void robust_init(void)
{
    struct guarded *g = map();
    pthread_mutexattr_t attributes;

    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    CHECK(pthread_mutex_init(&g->mutex, &attributes) == 0);
}

static void robust_use(void)
{
    struct guarded *g = map();

    CHECK(pthread_mutex_lock(&g->mutex) == 0);
    g->a++;
    g->b++;
    CHECK(pthread_mutex_unlock(&g->mutex) == 0);
}

static void robust_exit(void)
{
    struct guarded *g = map();

    CHECK(pthread_mutex_lock(&g->mutex) == 0);
    exit(0);
}

/* Ends with 0 if the mutex is free or its owner is known to be dead; is to be killed if it waits for ever. */
static void robust_lock(void)
{
    struct guarded *g = map();
    int error = pthread_mutex_lock(&g->mutex);

    CHECK(error == 0 || error == EOWNERDEAD);
    if (error == EOWNERDEAD)
        CHECK(pthread_mutex_consistent(&g->mutex) == 0);
    CHECK(pthread_mutex_unlock(&g->mutex) == 0);
}

static void steps(void)
{
    volatile uint64_t *at = map();

    for (uint64_t i = 0; i < 5; i++)
        at[i] = i + 1;
    at[0] = 1; /* changes nothing */
}

/* Comes back to what was there before. */
static void returning(void)
{
    volatile uint64_t *at = map();

    at[0] = 1;
    at[0] = 2;
    at[0] = 0;
    at[0] = 1;
    at[0] = 3;
}

static void nothing(void)
{
    volatile uint64_t *at = map();

    at[0] = 0;
}

static void tracing(void)
{
    store(map(), 1);
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

/* A form that is refused */
static void xsave(void)
{
    __asm__ volatile("xsave (%0)" : : "r"(map()), "a"(1), "d"(0) : "memory");
}

static void window(void)
{
    volatile uint64_t *at = map();

    at[0] = 1;
    prctl(0x53484d54, 1, 0, 0, 0);
    at[1] = 2;
    at[2] = 3;
    prctl(0x53484d54, 0, 0, 0, 0);
    at[3] = 4;
}

static void *sleep_on(void *at)
{
    CHECK(syscall(SYS_futex, at, FUTEX_WAIT, 0, NULL, NULL, 0) == 0); /* and is not to end before */
    return NULL;
}

/* Is up, and does something when it is asked to. */
static void serving(void)
{
    volatile uint64_t *at = map();
    pthread_t sleeper;

    CHECK(pthread_create(&sleeper, NULL, sleep_on, (void *)(uintptr_t)&at[8]) == 0);
    at[0] = 1;
    while (at[1] == 0)
        continue;
    at[2] = 1;
    at[3] = 2;
    at[5] = 3;
    while (at[1] == 1)
        continue;
    at[6] = 1;
    while (syscall(SYS_futex, &at[8], FUTEX_WAKE, 1, NULL, NULL, 0) == 0)
        continue;
    pthread_join(sleeper, NULL);
}

static void many(void)
{
    volatile uint64_t *at = map();

    for (uint64_t i = 0; i < 500; i++)
        at[i % 64] = i + 1;
}

/* A lock that nobody releases whose owner dies */
static void lock(void)
{
    _Atomic int *word = (_Atomic int *)((char *)map() + 256);
    int free = 0;

    while (!atomic_compare_exchange_strong(word, &free, 1)) {
        syscall(SYS_futex, word, FUTEX_WAIT, 1, NULL, NULL, 0);
        free = 0;
    }
    word[1] = 1;
    word[1] = 2;
    *word = 0;
    syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* The same, by trying for ever */
static void spin(void)
{
    _Atomic int *word = (_Atomic int *)((char *)map() + 256);
    int free = 0;

    while (!atomic_compare_exchange_strong(word, &free, 1)) {
        sched_yield();
        free = 0;
    }
    *word = 0;
}

static void speed(void)
{
    volatile uint64_t *at = map();
    struct timespec begin, end;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (uint64_t i = 0; i < 20000; i++)
        at[i & 511] = i + 1;
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.1f us a store\n",
        ((double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec)) / 20000 / 1e3);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } scenarios[] = {{"single", single}, {"single-more", single_more}, {"threads", threads}, {"divide", divide},
        {"signals", signals}, {"fork", fork_both}, {"spawn", spawn}, {"mappings", mappings}, {"mirror", mirror},
        {"late", late}, {"faults", faults}, {"calls", calls}, {"reading", reading}, {"receiving-many", receiving_many},
        {"sending-many", sending_many}, {"sysv", sysv}, {"code", end_by_code}, {"signal", end_by_signal},
        {"forever", forever}, {"stopped", stopped}, {"robust-init", robust_init}, {"robust-use", robust_use},
        {"robust-exit", robust_exit}, {"robust-lock", robust_lock}, {"steps", steps}, {"returning", returning},
        {"nothing", nothing}, {"tracing", tracing}, {"xsave", xsave}, {"window", window}, {"serving", serving},
        {"many", many}, {"lock", lock}, {"spin", spin}, {"speed", speed}};

    if (argc != 3)
        return 2;
    file = argv[2];
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++)
        if (strcmp(scenarios[i].name, argv[1]) == 0) {
            scenarios[i].run();
            return 0;
        }
    return 2;
}
