/* Calls every function that a helper can call, and shares synchronisation objects between two of them. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"

#define SIZE 8192
#define SECOND 1000000000ull

static uint8_t *shared;
static int shared_fd;
static struct script s;
static struct answer a;

static void start(struct peer *p)
{
    char path[64];
    uint32_t length = (uint32_t)snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), shared_fd);

    memset(shared, 0, SIZE);
    peer_start(p);
    memset(&s, 0, sizeof s);
    add_data(&s, path, length);
    add(&s, (struct insn){.op = OP_ATTACH, .cmp = METHOD_PATH, .a = SIZE, .b = length});
    peer_run(p, &s, &a);
    CHECK_EQ(a.status, STATUS_OK);
}

static void finish(struct peer *p)
{
    char text[512];

    CHECK_EQ(peer_wait(p), 0);
    CHECK_EQ(peer_stderr(p, text, sizeof text), 0);
}

static void perish(struct peer *p)
{
    kill(p->pid, SIGKILL);
    CHECK(WIFSIGNALED(peer_wait(p)));
    close(p->err_fd);
}

/* Fresh, so that TEXT and OUT can stand among the arguments. */
static struct script *fresh(void)
{
    memset(&s, 0, sizeof s);
    return &s;
}

static int64_t outcome(struct peer *p, int error)
{
    peer_run(p, &s, &a);
    if (a.status != STATUS_OK)
        fprintf(stderr, "%.*s\n", (int)a.bytes_count, (char *)a.bytes);
    CHECK_EQ(a.status, STATUS_OK);
    CHECK_EQ(a.results[0].err, error);
    return (int64_t)a.results[0].value;
}

#define FAILS(p, error, call, ...) (fresh(), ADD_CALL(&s, call, 0, __VA_ARGS__), outcome(p, error))
#define CALLED(p, call, ...) FAILS(p, 0, call, __VA_ARGS__)
#define CALLED_NONE(p, call) (fresh(), add_call(&s, call, 0, 0, NULL), outcome(p, 0))

static uint64_t field(unsigned i)
{
    return le64(a.bytes + (a.results[0].extra >> 32) + 8 * i);
}

static void files(void)
{
    char path[64];
    struct peer p;
    int64_t fd, other;

    start(&p);
    fd = CALLED(&p, CALL_MEMFD_CREATE, TEXT(&s, "calls"), NUMBER(0));
    CHECK_EQ(CALLED(&p, CALL_WRITE, NUMBER(fd), TEXT(&s, "memory"), NUMBER(6)), 6);
    CHECK_EQ(CALLED(&p, CALL_PWRITE, NUMBER(fd), TEXT(&s, "M"), NUMBER(1), NUMBER(0)), 1);
    CHECK_EQ(CALLED(&p, CALL_LSEEK, NUMBER(fd), NUMBER(1), NUMBER(SEEK_SET)), 1);
    CHECK_EQ(CALLED(&p, CALL_READ, NUMBER(fd), OUT(16), NUMBER(16)), 5);
    CHECK(memcmp(a.bytes, "emory", 6) == 0);
    CHECK_EQ(CALLED(&p, CALL_PREAD, NUMBER(fd), OUT(2), NUMBER(2), NUMBER(0)), 2);
    CHECK(memcmp(a.bytes, "Me", 2) == 0);
    CALLED(&p, CALL_FTRUNCATE, NUMBER(fd), NUMBER(100));
    CALLED(&p, CALL_FALLOCATE, NUMBER(fd), NUMBER(0), NUMBER(0), NUMBER(200));
    CALLED(&p, CALL_POSIX_FALLOCATE, NUMBER(fd), NUMBER(0), NUMBER(300));
    FAILS(&p, EINVAL, CALL_POSIX_FALLOCATE, NUMBER(fd), NUMBER(0), NUMBER(0));
    CALLED(&p, CALL_FCHMOD, NUMBER(fd), NUMBER(0640));
    CALLED(&p, CALL_FSTAT, NUMBER(fd), OUT(PROTO_RECORD_SIZE));
    CHECK_EQ(field(2) & 0777, 0640);
    CHECK_EQ(field(6), 300);
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)p.pid, (int)fd);
    CALLED(&p, CALL_TRUNCATE, TEXT(&s, path), NUMBER(37));
    other = CALLED(&p, CALL_OPEN, TEXT(&s, path), NUMBER(O_RDONLY), NUMBER(0));
    CALLED(&p, CALL_FSTAT, NUMBER(other), OUT(PROTO_RECORD_SIZE));
    CHECK_EQ(field(6), 37);
    CHECK_EQ(CALLED(&p, CALL_DUP2, NUMBER(fd), NUMBER(other)), other);
    CALLED(&p, CALL_CLOSE, NUMBER(other));
    FAILS(&p, EBADF, CALL_CLOSE, NUMBER(other));
    CALLED(&p, CALL_PIPE, OUT(PROTO_RECORD_SIZE));
    fd = (int64_t)field(0);
    other = (int64_t)field(1);
    CHECK_EQ(CALLED(&p, CALL_WRITE, NUMBER(other), AT(0, 0), NUMBER(3)), 3);
    CHECK_EQ(CALLED(&p, CALL_READ, NUMBER(fd), AT(0, 8), NUMBER(8)), 3);
    FAILS(&p, ENODEV, CALL_MMAP, NUMBER(0), NUMBER(4096), NUMBER(PROT_READ), NUMBER(MAP_SHARED), NUMBER(fd), NUMBER(0));
    CALLED(&p, CALL_SOCKETPAIR, NUMBER(AF_UNIX), NUMBER(SOCK_SEQPACKET), NUMBER(0), OUT(PROTO_RECORD_SIZE));
    fd = (int64_t)field(0);
    other = (int64_t)field(1);
    CHECK_EQ(CALLED(&p, CALL_WRITE, NUMBER(fd), AT(0, 0), NUMBER(3)), 3);
    CHECK_EQ(CALLED(&p, CALL_READ, NUMBER(other), AT(0, 8), NUMBER(8)), 3);
    FAILS(&p, EAFNOSUPPORT, CALL_SOCKETPAIR, NUMBER(-1), NUMBER(SOCK_STREAM), NUMBER(0), OUT(PROTO_RECORD_SIZE));
    snprintf(path, sizeof path, "/tmp/shmkit-calls-test-%d", (int)p.pid);
    fd = CALLED(&p, CALL_OPEN, TEXT(&s, path), NUMBER(O_RDWR | O_CREAT | O_EXCL), NUMBER(0600));
    CHECK(CALLED(&p, CALL_FTOK, TEXT(&s, path), NUMBER(5)) == ftok(path, 5));
    CALLED(&p, CALL_UNLINK, TEXT(&s, path));
    FAILS(&p, ENOENT, CALL_FTOK, TEXT(&s, path), NUMBER(5));
    finish(&p);
}

static void memory(void)
{
    struct peer p;
    int64_t at, fd;

    start(&p);
    at = CALLED(&p, CALL_MMAP, NUMBER(0), NUMBER(SIZE), NUMBER(PROT_READ | PROT_WRITE),
        NUMBER(MAP_PRIVATE | MAP_ANONYMOUS), NUMBER(-1), NUMBER(0));
    CALLED(&p, CALL_MLOCK, NUMBER(at), NUMBER(4096));
    CALLED(&p, CALL_MUNLOCK, NUMBER(at), NUMBER(4096));
    CALLED(&p, CALL_MADVISE, NUMBER(at), NUMBER(SIZE), NUMBER(MADV_DONTNEED));
    CALLED(&p, CALL_MPROTECT, NUMBER(at), NUMBER(4096), NUMBER(PROT_READ | PROT_WRITE));
    CALLED(&p, CALL_MSYNC, AT(0, 0), NUMBER(4096), NUMBER(MS_SYNC));
    at = CALLED(&p, CALL_MREMAP, NUMBER(at), NUMBER(SIZE), NUMBER(4 * SIZE), NUMBER(MREMAP_MAYMOVE), NUMBER(0));

    /* A slot for memory that calls made. */
    fresh();
    add(&s, (struct insn){.op = OP_ATTACH, .seg = 1, .cmp = METHOD_ADDRESS, .a = 4 * SIZE, .b = (uint64_t)at});
    add(&s, (struct insn){.op = OP_PUT, .width = 8, .seg = 1, .off = 4 * SIZE - 8, .a = 9});
    add(&s, (struct insn){.op = OP_GET,
                .width = 8,
                .seg = PROTO_SEG_RAW,
                .flags = PROTO_FLAG_KEEP,
                .off = (uint64_t)at + 4 * SIZE - 8});
    add(&s, (struct insn){.op = OP_DETACH, .seg = 1});
    CHECK_EQ(outcome(&p, 0), 9);
    CALLED(&p, CALL_MUNMAP, NUMBER(at), NUMBER(4 * SIZE));
    FAILS(&p, ENOMEM, CALL_MSYNC, NUMBER(at), NUMBER(4096), NUMBER(MS_SYNC));
    at = CALLED(&p, CALL_ADDRESS, AT(0, 8));
    CHECK_EQ(CALLED(&p, CALL_ADDRESS, AT(0, 0)), at - 8);

    /* And for a descriptor. */
    fd = CALLED(&p, CALL_MEMFD_CREATE, TEXT(&s, "fd"), NUMBER(0));
    CALLED(&p, CALL_FTRUNCATE, NUMBER(fd), NUMBER(64));
    fresh();
    add(&s, (struct insn){.op = OP_ATTACH, .seg = 2, .cmp = METHOD_FD, .flags = PROTO_FLAG_KEEP, .b = (uint64_t)fd});
    CHECK_EQ(outcome(&p, 0), 64);
    fresh();
    add(&s, (struct insn){.op = OP_PUT, .width = 8, .seg = 2, .a = 3});
    add(&s, (struct insn){.op = OP_DETACH, .seg = 2});
    add(&s, (struct insn){.op = OP_SET, .flags = PROTO_FLAG_KEEP, .a = 1});
    outcome(&p, 0);
    CALLED(&p, CALL_PREAD, NUMBER(fd), OUT(8), NUMBER(8), NUMBER(0));
    CHECK_EQ(le64(a.bytes), 3);
    finish(&p);
}

static void code_in_a_segment_runs(void)
{
#if defined(__x86_64__)
    static const uint8_t code[] = {0xb8, 42, 0, 0, 0, 0xc3};
#else
    static const uint8_t code[] = {0x40, 0x05, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6};
#endif
    struct peer p;

    start(&p);
    memcpy(shared, code, sizeof code);
    CALLED(&p, CALL_MPROTECT, AT(0, 0), NUMBER(4096), NUMBER(PROT_READ | PROT_EXEC));
    CHECK_EQ(CALLED(&p, CALL_INVOKE, AT(0, 0)), 42);
    finish(&p);
}

static void itself(void)
{
    struct peer p;

    start(&p);
    CHECK_EQ(CALLED_NONE(&p, CALL_GETPID), p.pid);
    CALLED(&p, CALL_UMASK, NUMBER(027));
    CHECK_EQ(CALLED(&p, CALL_UMASK, NUMBER(022)), 027);
    CALLED(&p, CALL_SETRLIMIT, NUMBER(RLIMIT_CORE), NUMBER(0), NUMBER(0));
    CALLED(&p, CALL_KILL, NUMBER(p.pid), NUMBER(0));
    FAILS(&p, EPERM, CALL_KILL, NUMBER(-1), NUMBER(SIGKILL));
    FAILS(&p, ECHILD, CALL_WAITPID, NUMBER(-1), NUMBER(WNOHANG), OUT(PROTO_RECORD_SIZE));
    if (geteuid() == 0) {
        CALLED_NONE(&p, CALL_SETGROUPS);
        CALLED(&p, CALL_SETEGID, NUMBER(65534));
        CALLED(&p, CALL_SETEUID, NUMBER(65534));
        FAILS(&p, EPERM, CALL_SETEUID, NUMBER(1));
        CALLED(&p, CALL_SETEUID, NUMBER(0));
    }
    finish(&p);
}

static void namespaces_of_its_own(void)
{
    char name[64];
    struct peer p;

    start(&p);
    snprintf(name, sizeof name, "/shmkit-calls-test-%d", (int)p.pid);
    fresh();
    ADD_CALL(&s, CALL_UNSHARE, 0, NUMBER(CLONE_NEWNS | CLONE_NEWIPC));
    peer_run(&p, &s, &a);
    if (a.results[0].err == 0) {
        CALLED(&p, CALL_MOUNT_SHM, NUMBER(65536));
        CALLED(&p, CALL_SHM_OPEN, TEXT(&s, name), NUMBER(O_RDWR | O_CREAT | O_EXCL), NUMBER(0600));
        CHECK(shm_open(name, O_RDWR, 0) < 0 && errno == ENOENT);
        CHECK_EQ(CALLED(&p, CALL_SHMGET, NUMBER(77), NUMBER(10), NUMBER(IPC_CREAT | IPC_EXCL | 0600)), 0);
    }
    finish(&p);
}

static void becomes_another_program(void)
{
    static const char missing[] = "/no/such/program";
    static const char arguments[] = "sh\0-c\0exit 7";
    struct peer p;
    int status;

    start(&p);
    FAILS(&p, ENOENT, CALL_EXEC, TEXT(&s, missing), TEXT(&s, missing));
    fresh();
    ADD_CALL(&s, CALL_EXEC, 0, TEXT(&s, "/bin/sh"), TEXT(&s, arguments));
    peer_send(&p, &s, -1);
    CHECK(!peer_read(&p, &a));
    status = peer_wait(&p);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    close(p.err_fd);
}

/* An emulator of one process at a time, as qemu-user is, may know nothing of them. */
static bool has_robust_lists(void)
{
    void *head;
    size_t size;

    return syscall(SYS_get_robust_list, 0, &head, &size) == 0;
}

static void a_dead_owner_leaves_a_robust_mutex(void)
{
    struct peer p, q;

    if (!has_robust_lists()) {
        puts("calls of a helper: robust mutexes skipped, there are no robust lists here");
        return;
    }
    start(&p);
    start(&q);
    CALLED(&p, CALL_MUTEX_INIT, AT(0, 64));
    CALLED(&p, CALL_MUTEX_LOCK, AT(0, 64), NUMBER(-1));
    FAILS(&p, EDEADLK, CALL_MUTEX_LOCK, AT(0, 64), NUMBER(-1));
    FAILS(&q, EBUSY, CALL_MUTEX_LOCK, AT(0, 64), NUMBER(0));
    FAILS(&q, ETIMEDOUT, CALL_MUTEX_LOCK, AT(0, 64), NUMBER(1000000));
    FAILS(&q, EPERM, CALL_MUTEX_UNLOCK, AT(0, 64));
    fresh();
    ADD_CALL(&s, CALL_MUTEX_LOCK, 0, AT(0, 64), NUMBER(10 * SECOND));
    peer_send(&q, &s, -1);
    perish(&p);
    CHECK(peer_read(&q, &a));
    CHECK_EQ(a.results[0].err, EOWNERDEAD);
    CALLED(&q, CALL_MUTEX_CONSISTENT, AT(0, 64));
    CALLED(&q, CALL_MUTEX_UNLOCK, AT(0, 64));
    CALLED(&q, CALL_MUTEX_LOCK, AT(0, 64), NUMBER(0));
    CALLED(&q, CALL_MUTEX_UNLOCK, AT(0, 64));
    finish(&q);
}

static void conditions_and_futexes_wake_the_other(void)
{
    struct peer p, q;

    start(&p);
    start(&q);
    CALLED(&p, CALL_MUTEX_INIT, AT(0, 64));
    CALLED(&p, CALL_COND_INIT, AT(0, 128));
    CALLED(&q, CALL_MUTEX_LOCK, AT(0, 64), NUMBER(-1));
    FAILS(&q, ETIMEDOUT, CALL_COND_WAIT, AT(0, 128), AT(0, 64), NUMBER(1000000));
    fresh();
    ADD_CALL(&s, CALL_COND_WAIT, 0, AT(0, 128), AT(0, 64), NUMBER(10 * SECOND));
    peer_send(&q, &s, -1);
    CALLED(&p, CALL_MUTEX_LOCK, AT(0, 64), NUMBER(10 * SECOND)); /* free only while the other one waits */
    CALLED(&p, CALL_COND_SIGNAL, AT(0, 128));
    CALLED(&p, CALL_COND_BROADCAST, AT(0, 128));
    CALLED(&p, CALL_MUTEX_UNLOCK, AT(0, 64));
    CHECK(peer_read(&q, &a));
    CHECK_EQ(a.results[0].err, 0);
    CALLED(&q, CALL_MUTEX_UNLOCK, AT(0, 64));

    FAILS(&p, EAGAIN, CALL_FUTEX_WAIT, AT(0, 0), NUMBER(1), NUMBER(-1));
    FAILS(&p, ETIMEDOUT, CALL_FUTEX_WAIT, AT(0, 0), NUMBER(0), NUMBER(1000000));
    fresh();
    ADD_CALL(&s, CALL_FUTEX_WAIT, 0, AT(0, 0), NUMBER(0), NUMBER(10 * SECOND));
    peer_send(&q, &s, -1);
    while (CALLED(&p, CALL_FUTEX_WAKE, AT(0, 0), NUMBER(1)) == 0)
        sched_yield();
    CHECK(peer_read(&q, &a));
    CHECK_EQ(a.results[0].err, 0);
    finish(&p);
    finish(&q);
}

static void semaphores_count_across_processes(void)
{
    char name[64];
    struct peer p, q;
    int64_t mine, theirs, id;

    start(&p);
    start(&q);
    snprintf(name, sizeof name, "/shmkit-calls-test-%d", (int)p.pid);
    mine = CALLED(&p, CALL_SEM_OPEN, TEXT(&s, name), NUMBER(O_CREAT | O_EXCL), NUMBER(0600), NUMBER(1));
    theirs = CALLED(&q, CALL_SEM_OPEN, TEXT(&s, name), NUMBER(0), NUMBER(0), NUMBER(0));
    CALLED(&p, CALL_SEM_UNLINK, TEXT(&s, name));
    FAILS(&p, ENOENT, CALL_SEM_UNLINK, TEXT(&s, name));
    CALLED(&p, CALL_SEM_WAIT, NUMBER(mine), NUMBER(-1));
    FAILS(&q, EAGAIN, CALL_SEM_WAIT, NUMBER(theirs), NUMBER(0));
    FAILS(&q, ETIMEDOUT, CALL_SEM_WAIT, NUMBER(theirs), NUMBER(1000000));
    CALLED(&p, CALL_SEM_POST, NUMBER(mine));
    CHECK_EQ(CALLED(&q, CALL_SEM_GETVALUE, NUMBER(theirs)), 1);
    CALLED(&q, CALL_SEM_WAIT, NUMBER(theirs), NUMBER(SECOND));
    CALLED(&p, CALL_SEM_CLOSE, NUMBER(mine));
    finish(&p);

    /* Killed with two taken, one of them with SEM_UNDO: that one comes back. */
    start(&p);
    id = CALLED(&q, CALL_SEMGET, NUMBER(IPC_PRIVATE), NUMBER(2), NUMBER(0600));
    CALLED(&q, CALL_SEMCTL, NUMBER(id), NUMBER(0), NUMBER(SETVAL), NUMBER(1));
    CALLED(&q, CALL_SEMCTL, NUMBER(id), NUMBER(1), NUMBER(SETVAL), NUMBER(1));
    CALLED(&p, CALL_SEMOP, NUMBER(id), NUMBER(0), NUMBER(-1), NUMBER(0), NUMBER(-1));
    CALLED(&p, CALL_SEMOP, NUMBER(id), NUMBER(1), NUMBER(-1), NUMBER(SEM_UNDO), NUMBER(-1));
    FAILS(&q, EAGAIN, CALL_SEMOP, NUMBER(id), NUMBER(0), NUMBER(-1), NUMBER(0), NUMBER(1000000));
    perish(&p);
    CALLED(&q, CALL_SEMOP, NUMBER(id), NUMBER(1), NUMBER(-1), NUMBER(IPC_NOWAIT), NUMBER(-1));
    CHECK_EQ(CALLED(&q, CALL_SEMCTL, NUMBER(id), NUMBER(0), NUMBER(GETVAL), NUMBER(0)), 0);
    CHECK_EQ(CALLED(&q, CALL_SEMCTL, NUMBER(id), NUMBER(1), NUMBER(GETPID), NUMBER(0)), q.pid);
    FAILS(&q, EFAULT, CALL_SEMCTL, NUMBER(id), NUMBER(0), NUMBER(SETALL), NUMBER(0));
    FAILS(&q, EFAULT, CALL_SEMCTL, NUMBER(id), NUMBER(0), NUMBER(IPC_STAT), OUT(4));
    CALLED(&q, CALL_SEMCTL, NUMBER(id), NUMBER(0), NUMBER(GETALL), OUT(2));
    CALLED(&q, CALL_SEMCTL, NUMBER(id), NUMBER(0), NUMBER(IPC_STAT), OUT(PROTO_RECORD_SIZE));
    CALLED(&q, CALL_SEMCTL, NUMBER(id), NUMBER(0), NUMBER(IPC_RMID), NUMBER(0));
    finish(&q);
}

static void queues_carry_messages(void)
{
    char name[64];
    struct peer p, q;
    int64_t mine, theirs, id;

    start(&p);
    start(&q);
    snprintf(name, sizeof name, "/shmkit-calls-test-%d", (int)p.pid);
    mine = CALLED(
        &p, CALL_MQ_OPEN, TEXT(&s, name), NUMBER(O_RDWR | O_CREAT | O_EXCL), NUMBER(0600), NUMBER(2), NUMBER(16));
    theirs = CALLED(&q, CALL_MQ_OPEN, TEXT(&s, name), NUMBER(O_RDWR), NUMBER(0), NUMBER(0), NUMBER(0));
    CALLED(&p, CALL_MQ_UNLINK, TEXT(&s, name));
    CALLED(&p, CALL_MQ_SEND, NUMBER(mine), TEXT(&s, "first"), NUMBER(5), NUMBER(0), NUMBER(-1));
    CALLED(&p, CALL_MQ_SEND, NUMBER(mine), TEXT(&s, "urgent"), NUMBER(6), NUMBER(9), NUMBER(SECOND));
    FAILS(&p, ETIMEDOUT, CALL_MQ_SEND, NUMBER(mine), TEXT(&s, "x"), NUMBER(1), NUMBER(0), NUMBER(1000000));
    CHECK_EQ(CALLED(&q, CALL_MQ_RECEIVE, NUMBER(theirs), OUT(16), NUMBER(16), NUMBER(-1), OUT(PROTO_RECORD_SIZE)), 6);
    CHECK(memcmp(a.bytes, "urgent", 6) == 0);
    CHECK_EQ(CALLED(&q, CALL_MQ_RECEIVE, NUMBER(theirs), OUT(16), NUMBER(16), NUMBER(SECOND), NUMBER(0)), 5);
    FAILS(&q, ETIMEDOUT, CALL_MQ_RECEIVE, NUMBER(theirs), OUT(16), NUMBER(16), NUMBER(1000000), NUMBER(0));

    id = CALLED(&p, CALL_MSGGET, NUMBER(IPC_PRIVATE), NUMBER(0600));
    CALLED(&p, CALL_MSGSND, NUMBER(id), NUMBER(3), TEXT(&s, "three"), NUMBER(5), NUMBER(0));
    CALLED(&p, CALL_MSGSND, NUMBER(id), NUMBER(4), TEXT(&s, "four"), NUMBER(4), NUMBER(0));
    CHECK_EQ(CALLED(&q, CALL_MSGRCV, NUMBER(id), NUMBER(4), OUT(16), NUMBER(16), NUMBER(0), OUT(PROTO_RECORD_SIZE)), 4);
    CHECK(memcmp(a.bytes, "four", 5) == 0);
    FAILS(&q, E2BIG, CALL_MSGRCV, NUMBER(id), NUMBER(0), OUT(4), NUMBER(4), NUMBER(0), NUMBER(0));
    FAILS(&q, ENOMSG, CALL_MSGRCV, NUMBER(id), NUMBER(7), OUT(4), NUMBER(4), NUMBER(IPC_NOWAIT), NUMBER(0));
    CALLED(&p, CALL_MSGCTL, NUMBER(id), NUMBER(IPC_RMID), NUMBER(0));
    FAILS(&p, EINVAL, CALL_MSGCTL, NUMBER(id), NUMBER(IPC_STAT), OUT(PROTO_RECORD_SIZE));
    finish(&p);
    finish(&q);
}

static const char *current_test;

static void hung(int signo)
{
    (void)signo;
    dprintf(STDERR_FILENO, "hangs: %s\n", current_test);
    _exit(1);
}

/* clang-format off */
#define TEST(name) {#name, name}
/* clang-format on */
static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    TEST(files),
    TEST(memory),
    TEST(code_in_a_segment_runs),
    TEST(itself),
    TEST(namespaces_of_its_own),
    TEST(becomes_another_program),
    TEST(a_dead_owner_leaves_a_robust_mutex),
    TEST(conditions_and_futexes_wake_the_other),
    TEST(semaphores_count_across_processes),
    TEST(queues_carry_messages),
};

int main(void)
{
    shared_fd = memfd_create("calls-test", 0);
    CHECK(shared_fd >= 0 && ftruncate(shared_fd, SIZE) == 0);
    shared = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, shared_fd, 0);
    CHECK(shared != MAP_FAILED);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGALRM, hung);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        current_test = tests[i].name;
        alarm(60);
        tests[i].run();
    }
    close(shared_fd);
    munmap(shared, SIZE);
    puts("calls of a helper: all tests passed");
    return 0;
}
