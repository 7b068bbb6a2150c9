/* System and library calls, by number, with their raw result and errno. */
#include "call.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/procfs.h"
#include "bytes.h"
#include "fork.h"
#include "function.h"
#include "proto.h"
#include "signal.h"
#include "state.h"
#include "sync.h"
#include "uop.h"

static int64_t address(void *p)
{
    return (int64_t)(intptr_t)p;
}

static int64_t do_mmap(struct call *c)
{
    return address(mmap(POINTER(0), SIZE(1), INT(2), INT(3), INT(4), OFFSET(5)));
}

static int64_t do_mremap(struct call *c)
{
    return address(mremap(POINTER(0), SIZE(1), SIZE(2), INT(3), POINTER(4)));
}

static int64_t do_open(struct call *c)
{
    return open(STRING(0), INT(1) | O_CLOEXEC, (mode_t)c->v[2]);
}

static int64_t do_posix_fallocate(struct call *c)
{
    errno = posix_fallocate(INT(0), OFFSET(1), OFFSET(2));
    return errno == 0 ? 0 : -1;
}

static int64_t do_fstat(struct call *c)
{
    struct stat st;

    if (IS_RAW(1))
        return fstat(INT(0), POINTER(1));
    if (fstat(INT(0), &st) != 0)
        return -1;
    put(RECORD(1), 0, st.st_dev);
    put(RECORD(1), 1, st.st_ino);
    put(RECORD(1), 2, st.st_mode);
    put(RECORD(1), 3, st.st_nlink);
    put(RECORD(1), 4, st.st_uid);
    put(RECORD(1), 5, st.st_gid);
    put(RECORD(1), 6, (uint64_t)st.st_size);
    put(RECORD(1), 7, (uint64_t)st.st_blocks);
    return 0;
}

void put_perm(uint8_t *record, const struct ipc_perm *perm)
{
    put(record, PERM_KEY, (uint32_t)perm->__key);
    put(record, PERM_UID, perm->uid);
    put(record, PERM_GID, perm->gid);
    put(record, PERM_CUID, perm->cuid);
    put(record, PERM_CGID, perm->cgid);
    put(record, PERM_MODE, perm->mode);
    put(record, PERM_SEQ, perm->__seq);
}

void get_perm(struct ipc_perm *perm, const uint8_t *record)
{
    perm->uid = (uid_t)get(record, PERM_UID);
    perm->gid = (gid_t)get(record, PERM_GID);
    perm->mode = (unsigned short)get(record, PERM_MODE);
}

static void put_shmid(uint8_t *record, const struct shmid_ds *ds)
{
    put_perm(record, &ds->shm_perm);
    put(record, 7, ds->shm_segsz);
    put(record, 8, (uint64_t)ds->shm_atime);
    put(record, 9, (uint64_t)ds->shm_dtime);
    put(record, 10, (uint64_t)ds->shm_ctime);
    put(record, 11, (uint64_t)ds->shm_cpid);
    put(record, 12, (uint64_t)ds->shm_lpid);
    put(record, 13, ds->shm_nattch);
}

/* IPC_SET reads the fields where IPC_STAT puts them. */
static int64_t do_shmctl(struct call *c)
{
    union {
        struct shmid_ds ds;
        struct shminfo limits;
        struct shm_info usage;
    } buffer;
    uint8_t *record = RECORD(2);
    int64_t result;

    if (IS_RAW(2))
        return shmctl(INT(0), INT(1), POINTER(2));
    memset(&buffer, 0, sizeof buffer);
    get_perm(&buffer.ds.shm_perm, record);
    result = shmctl(INT(0), INT(1), &buffer.ds);
    if (result < 0)
        return -1;
    switch (INT(1)) {
    case IPC_STAT:
    case SHM_STAT:
    case SHM_STAT_ANY:
        put_shmid(record, &buffer.ds);
        break;
    case IPC_INFO:
        put(record, 0, buffer.limits.shmmax);
        put(record, 1, buffer.limits.shmmin);
        put(record, 2, buffer.limits.shmmni);
        put(record, 3, buffer.limits.shmseg);
        put(record, 4, buffer.limits.shmall);
        break;
    case SHM_INFO:
        put(record, 0, (uint64_t)buffer.usage.used_ids);
        put(record, 1, buffer.usage.shm_tot);
        put(record, 2, buffer.usage.shm_rss);
        put(record, 3, buffer.usage.shm_swp);
        break;
    default:
        break;
    }
    return result;
}

static int64_t do_setrlimit(struct call *c)
{
    struct rlimit limit = {(rlim_t)c->v[1], (rlim_t)c->v[2]};

    return setrlimit((__rlimit_resource_t)c->v[0], &limit);
}

/* A tmpfs of our own on /dev/shm. Refused in the mount namespace that we came from: it would hide everybody's. */
static int64_t do_mount_shm(struct call *c)
{
    char options[64];

    if (c->n->mount_namespace == 0 || namespace_inode("mnt") == c->n->mount_namespace) {
        errno = EPERM;
        return -1;
    }
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return -1;
    snprintf(options, sizeof options, "size=%llu,mode=1777", (unsigned long long)c->v[0]);
    return mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, options);
}

static int64_t put_ends(uint8_t *record, const int ends[2])
{
    put(record, 0, (uint64_t)ends[0]);
    put(record, 1, (uint64_t)ends[1]);
    return 0;
}

static int64_t do_pipe(struct call *c)
{
    int ends[2];

    if (IS_RAW(0))
        return pipe2(POINTER(0), O_CLOEXEC);
    return pipe2(ends, O_CLOEXEC) != 0 ? -1 : put_ends(RECORD(0), ends);
}

static int64_t do_socketpair(struct call *c)
{
    int ends[2];

    if (IS_RAW(3))
        return socketpair(INT(0), INT(1) | SOCK_CLOEXEC, INT(2), POINTER(3));
    return socketpair(INT(0), INT(1) | SOCK_CLOEXEC, INT(2), ends) != 0 ? -1 : put_ends(RECORD(3), ends);
}

static int64_t do_waitpid(struct call *c)
{
    int status = 0;
    pid_t pid = waitpid(INT(0), IS_RAW(2) && c->v[2] != 0 ? POINTER(2) : &status, INT(1));

    if (IS_RAW(2))
        return pid;
    put(RECORD(2), 0, (uint64_t)(int64_t)status);
    if (pid > 0 && (WIFEXITED(status) || WIFSIGNALED(status)))
        child_gone(c->n, pid, status);
    return pid;
}

static int64_t do_invoke(struct call *c)
{
    int64_t (*code)(void);

    __builtin___clear_cache(POINTER(0), (char *)POINTER(0) + 64);
    memcpy(&code, &c->v[0], sizeof code); /* ISO C has no cast from data to code */
    return code();
}

/* The arguments stand one after the other in the data, each with its NUL. */
static int64_t do_exec(struct call *c)
{
    char *argv[64], *next = POINTER(1), *end = next + (c->room[1] == UINT64_MAX ? 0 : c->room[1]);
    size_t argc = 0;

    while (next < end && argc < 63) {
        size_t length = strnlen(next, (size_t)(end - next));
        if (next + length == end) {
            errno = EINVAL;
            return -1;
        }
        argv[argc++] = next;
        next += length + 1;
    }
    argv[argc] = NULL;
    return execv(STRING(0), argv);
}

CALL(do_munmap, munmap(POINTER(0), SIZE(1)))
CALL(do_mprotect, mprotect(POINTER(0), SIZE(1), INT(2)))
CALL(do_msync, msync(POINTER(0), SIZE(1), INT(2)))
CALL(do_mlock, mlock(POINTER(0), SIZE(1)))
CALL(do_munlock, munlock(POINTER(0), SIZE(1)))
CALL(do_mlockall, mlockall(INT(0)))
CALL(do_fcntl, fcntl(INT(0), INT(1), c->v[2]))
CALL(do_madvise, madvise(POINTER(0), SIZE(1), INT(2)))
CALL(do_close, close(INT(0)))
CALL(do_read, read(INT(0), POINTER(1), SIZE(2)))
CALL(do_write, write(INT(0), POINTER(1), SIZE(2)))
CALL(do_pread, pread(INT(0), POINTER(1), SIZE(2), OFFSET(3)))
CALL(do_pwrite, pwrite(INT(0), POINTER(1), SIZE(2), OFFSET(3)))
CALL(do_lseek, lseek(INT(0), OFFSET(1), INT(2)))
CALL(do_ftruncate, ftruncate(INT(0), OFFSET(1)))
CALL(do_truncate, truncate(STRING(0), OFFSET(1)))
CALL(do_fallocate, fallocate(INT(0), INT(1), OFFSET(2), OFFSET(3)))
CALL(do_unlink, unlink(STRING(0)))
CALL(do_fchmod, fchmod(INT(0), (mode_t)c->v[1]))
CALL(do_shm_open, shm_open(STRING(0), INT(1), (mode_t)c->v[2]))
CALL(do_shm_unlink, shm_unlink(STRING(0)))
CALL(do_memfd_create, memfd_create(STRING(0), (unsigned)c->v[1]))
CALL(do_shmget, shmget((key_t)c->v[0], SIZE(1), INT(2)))
CALL(do_shmat, address(shmat(INT(0), POINTER(1), INT(2))))
CALL(do_shmdt, shmdt(POINTER(0)))
CALL(do_ftok, ftok(STRING(0), INT(1)))
CALL(do_umask, umask((mode_t)c->v[0]))
CALL(do_seteuid, seteuid((uid_t)c->v[0]))
CALL(do_setegid, setegid((gid_t)c->v[0]))
CALL(do_setuid, setuid((uid_t)c->v[0]))
CALL(do_setgid, setgid((gid_t)c->v[0]))
CALL(do_unshare, unshare(INT(0)))
CALL(do_dup2, dup2(INT(0), INT(1)))
CALL(do_address, (int64_t)c->v[0])

/* A byte for each page, of which the kernel must not write more than there is room for. */
static int64_t do_mincore(struct call *c)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    if (!IS_RAW(2) && (c->v[1] + page - 1) / page > c->room[2]) {
        errno = ERANGE;
        return -1;
    }
    return mincore(POINTER(0), SIZE(1), POINTER(2));
}

static int64_t do_munlockall(struct call *c)
{
    (void)c;
    return munlockall();
}

/* Of the C library that this program has in it. */
static int64_t do_confstr(struct call *c)
{
    size_t length = confstr(INT(0), POINTER(1), SIZE(2));

    return length == 0 ? -1 : (int64_t)length;
}

static int64_t do_kill(struct call *c)
{
    if ((pid_t)c->v[0] == -1) { /* every process that we may signal: never what a test means */
        errno = EPERM;
        return -1;
    }
    return kill((pid_t)c->v[0], INT(1));
}

static int64_t do_getpid(struct call *c)
{
    (void)c;
    return getpid();
}

static int64_t do_setgroups(struct call *c)
{
    (void)c;
    return setgroups(0, NULL); /* a process that gives up its user keeps no group of it either */
}

/* Filled in from proto.h, in its order; a call without a function does not compile. */
#define CALL_SIGNATURE(name, number, signature) [number] = signature,
#define CALL_FUNCTION(name, number, signature) [number] = CALL_TO_##name,
#define CALL_TO_GETPID do_getpid
#define CALL_TO_MMAP do_mmap
#define CALL_TO_MUNMAP do_munmap
#define CALL_TO_MPROTECT do_mprotect
#define CALL_TO_MSYNC do_msync
#define CALL_TO_MLOCK do_mlock
#define CALL_TO_MUNLOCK do_munlock
#define CALL_TO_MADVISE do_madvise
#define CALL_TO_MREMAP do_mremap
#define CALL_TO_OPEN do_open
#define CALL_TO_CLOSE do_close
#define CALL_TO_READ do_read
#define CALL_TO_WRITE do_write
#define CALL_TO_PREAD do_pread
#define CALL_TO_PWRITE do_pwrite
#define CALL_TO_LSEEK do_lseek
#define CALL_TO_FTRUNCATE do_ftruncate
#define CALL_TO_TRUNCATE do_truncate
#define CALL_TO_FALLOCATE do_fallocate
#define CALL_TO_POSIX_FALLOCATE do_posix_fallocate
#define CALL_TO_UNLINK do_unlink
#define CALL_TO_FSTAT do_fstat
#define CALL_TO_FCHMOD do_fchmod
#define CALL_TO_SHM_OPEN do_shm_open
#define CALL_TO_SHM_UNLINK do_shm_unlink
#define CALL_TO_MEMFD_CREATE do_memfd_create
#define CALL_TO_SHMGET do_shmget
#define CALL_TO_SHMAT do_shmat
#define CALL_TO_SHMDT do_shmdt
#define CALL_TO_SHMCTL do_shmctl
#define CALL_TO_FTOK do_ftok
#define CALL_TO_UMASK do_umask
#define CALL_TO_SETEUID do_seteuid
#define CALL_TO_SETEGID do_setegid
#define CALL_TO_SETGROUPS do_setgroups
#define CALL_TO_SETRLIMIT do_setrlimit
#define CALL_TO_UNSHARE do_unshare
#define CALL_TO_MOUNT_SHM do_mount_shm
#define CALL_TO_PIPE do_pipe
#define CALL_TO_DUP2 do_dup2
#define CALL_TO_KILL do_kill
#define CALL_TO_WAITPID do_waitpid
#define CALL_TO_INVOKE do_invoke
#define CALL_TO_EXEC do_exec
#define CALL_TO_ADDRESS do_address
#define CALL_TO_MUTEX_INIT sync_mutex_init
#define CALL_TO_MUTEX_LOCK sync_mutex_lock
#define CALL_TO_MUTEX_UNLOCK sync_mutex_unlock
#define CALL_TO_MUTEX_CONSISTENT sync_mutex_consistent
#define CALL_TO_COND_INIT sync_cond_init
#define CALL_TO_COND_WAIT sync_cond_wait
#define CALL_TO_COND_SIGNAL sync_cond_signal
#define CALL_TO_COND_BROADCAST sync_cond_broadcast
#define CALL_TO_FUTEX_WAIT sync_futex_wait
#define CALL_TO_FUTEX_WAKE sync_futex_wake
#define CALL_TO_SEM_OPEN sync_sem_open
#define CALL_TO_SEM_WAIT sync_sem_wait
#define CALL_TO_SEM_POST sync_sem_post
#define CALL_TO_SEM_GETVALUE sync_sem_getvalue
#define CALL_TO_SEM_CLOSE sync_sem_close
#define CALL_TO_SEM_UNLINK sync_sem_unlink
#define CALL_TO_SEMGET sync_semget
#define CALL_TO_SEMOP sync_semop
#define CALL_TO_SEMTIMEDOP sync_semtimedop
#define CALL_TO_SEMCTL sync_semctl
#define CALL_TO_MQ_OPEN sync_mq_open
#define CALL_TO_MQ_SEND sync_mq_send
#define CALL_TO_MQ_RECEIVE sync_mq_receive
#define CALL_TO_MQ_GETATTR sync_mq_getattr
#define CALL_TO_MQ_NOTIFY sync_mq_notify
#define CALL_TO_MQ_UNLINK sync_mq_unlink
#define CALL_TO_MSGGET sync_msgget
#define CALL_TO_MSGSND sync_msgsnd
#define CALL_TO_MSGRCV sync_msgrcv
#define CALL_TO_MSGCTL sync_msgctl
#define CALL_TO_SOCKETPAIR do_socketpair
#define CALL_TO_MINCORE do_mincore
#define CALL_TO_MLOCKALL do_mlockall
#define CALL_TO_MUNLOCKALL do_munlockall
#define CALL_TO_FCNTL do_fcntl
#define CALL_TO_SETUID do_setuid
#define CALL_TO_SETGID do_setgid
#define CALL_TO_SIGACTION signal_action
#define CALL_TO_SIGNALS signal_count
#define CALL_TO_CONFSTR do_confstr

static const char *const signatures[PROTO_CALL_COUNT] = {PROTO_CALLS(CALL_SIGNATURE)};
static int64_t (*const functions[PROTO_CALL_COUNT])(struct call *c) = {PROTO_CALLS(CALL_FUNCTION)};

const char *call_signature(uint64_t call)
{
    return call < PROTO_CALL_COUNT ? signatures[call] : NULL;
}

/* Turns an argument of the script into the number or address that the call gets; not NULL: why it can't. */
static const char *argument(struct call *c, unsigned i, const uint8_t *arg)
{
    struct agent *n = c->n;
    uint32_t length = le32(arg + 4);
    uint64_t value = le64(arg + 8);

    c->v[i] = value;
    c->room[i] = UINT64_MAX;
    switch (arg[0]) {
    case ARG_REG:
        c->v[i] = n->regs[value];
        return NULL;
    case ARG_SEG:
        c->v[i] = (uintptr_t)agent_range(n, arg[1], value, 0);
        return c->v[i] == 0 ? "nothing is attached there any more" : NULL;
    case ARG_DATA:
        c->v[i] = (uintptr_t)(n->program.data + value);
        c->room[i] = length;
        return NULL;
    case ARG_OUT:
        if (length > PROTO_MAX_REPLY_BYTES - n->reply.bytes_count)
            return "more bytes out than a reply may have";
        c->v[i] = (uintptr_t)(n->reply.bytes + n->reply.bytes_count);
        c->room[i] = length;
        memset(n->reply.bytes + n->reply.bytes_count, 0, length);
        n->reply.bytes_count += length;
        return NULL;
    default:
        return NULL;
    }
}

struct call_outcome call_perform(struct agent *n, const struct uop *u)
{
    const char *signature = signatures[u->a];
    const uint8_t *args = n->program.data + u->off;
    struct call c = {.n = n};
    struct call_outcome outcome = {0};

    for (unsigned i = 0; signature[i] != '\0'; i++) {
        outcome.usage = argument(&c, i, args + (size_t)i * PROTO_ARG_SIZE);
        if (outcome.usage == NULL && signature[i] == 'n' && c.v[i] > c.room[i - 1])
            outcome.usage = "the call would go beyond its bytes";
        if (outcome.usage != NULL)
            return outcome;
    }
    errno = 0;
    outcome.value = functions[u->a](&c);
    outcome.err = outcome.value == -1 ? errno : 0;
    return outcome;
}
