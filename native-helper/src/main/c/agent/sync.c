/*
 * Synchronisation objects: mutexes, condition variables and futexes in shared memory, semaphores, message queues.
 *
 * Times are nanoseconds from now, PROTO_FOREVER for no limit, and 0 for no waiting at all. Functions that return an
 * error number do it here by errno like all others. EOWNERDEAD is such an error too, but the caller has the mutex then.
 */
#include "sync.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../common/memory.h"
#include "function.h"
#include "proto.h"

#define MUTEX(i) ((pthread_mutex_t *)POINTER(i))
#define CONDITION(i) ((pthread_cond_t *)POINTER(i))
#define SEMAPHORE(i) ((sem_t *)POINTER(i))
#define NS_PER_S 1000000000u

static int64_t of_error(int error)
{
    errno = error;
    return error == 0 ? 0 : -1;
}

static struct timespec span(uint64_t ns)
{
    return (struct timespec){(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)};
}

static struct timespec deadline(clockid_t clock, uint64_t ns)
{
    struct timespec now;
    uint64_t start;

    clock_gettime(clock, &now);
    start = (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
    return span(ns > INT64_MAX - start ? INT64_MAX : start + ns);
}

/* ---- in shared memory ---- */

int64_t sync_mutex_init(struct call *c)
{
    pthread_mutexattr_t how;
    int error;

    pthread_mutexattr_init(&how);
    pthread_mutexattr_setpshared(&how, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&how, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_settype(&how, PTHREAD_MUTEX_ERRORCHECK);
    error = pthread_mutex_init(MUTEX(0), &how);
    pthread_mutexattr_destroy(&how);
    return of_error(error);
}

int64_t sync_mutex_lock(struct call *c)
{
    struct timespec until;

    if (c->v[1] == PROTO_FOREVER)
        return of_error(pthread_mutex_lock(MUTEX(0)));
    if (c->v[1] == 0)
        return of_error(pthread_mutex_trylock(MUTEX(0)));
    until = deadline(CLOCK_MONOTONIC, c->v[1]);
    return of_error(pthread_mutex_clocklock(MUTEX(0), CLOCK_MONOTONIC, &until));
}

int64_t sync_mutex_unlock(struct call *c)
{
    return of_error(pthread_mutex_unlock(MUTEX(0)));
}

int64_t sync_mutex_consistent(struct call *c)
{
    return of_error(pthread_mutex_consistent(MUTEX(0)));
}

int64_t sync_cond_init(struct call *c)
{
    pthread_condattr_t how;
    int error;

    pthread_condattr_init(&how);
    pthread_condattr_setpshared(&how, PTHREAD_PROCESS_SHARED);
    error = pthread_cond_init(CONDITION(0), &how);
    pthread_condattr_destroy(&how);
    return of_error(error);
}

int64_t sync_cond_wait(struct call *c)
{
    struct timespec until;

    if (c->v[2] == PROTO_FOREVER)
        return of_error(pthread_cond_wait(CONDITION(0), MUTEX(1)));
    until = deadline(CLOCK_MONOTONIC, c->v[2]);
    return of_error(pthread_cond_clockwait(CONDITION(0), MUTEX(1), CLOCK_MONOTONIC, &until));
}

int64_t sync_cond_signal(struct call *c)
{
    return of_error(pthread_cond_signal(CONDITION(0)));
}

int64_t sync_cond_broadcast(struct call *c)
{
    return of_error(pthread_cond_broadcast(CONDITION(0)));
}

int64_t sync_futex_wait(struct call *c)
{
    struct timespec most = span(c->v[2]);

    return syscall(
        SYS_futex, POINTER(0), FUTEX_WAIT, (uint32_t)c->v[1], c->v[2] == PROTO_FOREVER ? NULL : &most, NULL, 0);
}

int64_t sync_futex_wake(struct call *c)
{
    return syscall(SYS_futex, POINTER(0), FUTEX_WAKE, INT(1), NULL, NULL, 0);
}

/* ---- POSIX semaphores ---- */

int64_t sync_sem_open(struct call *c)
{
    sem_t *semaphore = sem_open(STRING(0), INT(1), (mode_t)c->v[2], (unsigned)c->v[3]);

    return semaphore == SEM_FAILED ? -1 : (int64_t)(intptr_t)semaphore;
}

int64_t sync_sem_wait(struct call *c)
{
    struct timespec until;

    if (c->v[1] == PROTO_FOREVER)
        return sem_wait(SEMAPHORE(0));
    if (c->v[1] == 0)
        return sem_trywait(SEMAPHORE(0));
    until = deadline(CLOCK_MONOTONIC, c->v[1]);
    return sem_clockwait(SEMAPHORE(0), CLOCK_MONOTONIC, &until);
}

int64_t sync_sem_post(struct call *c)
{
    return sem_post(SEMAPHORE(0));
}

int64_t sync_sem_getvalue(struct call *c)
{
    int value = 0;

    return sem_getvalue(SEMAPHORE(0), &value) != 0 ? -1 : value;
}

int64_t sync_sem_close(struct call *c)
{
    return sem_close(SEMAPHORE(0));
}

int64_t sync_sem_unlink(struct call *c)
{
    return sem_unlink(STRING(0));
}

/* ---- System V semaphores ---- */

int64_t sync_semget(struct call *c)
{
    return semget((key_t)c->v[0], INT(1), INT(2));
}

int64_t sync_semop(struct call *c)
{
    struct sembuf operation = {(unsigned short)c->v[1], (short)c->v[2], (short)c->v[3]};
    struct timespec most = span(c->v[4]);

    return semtimedop(INT(0), &operation, 1, c->v[4] == PROTO_FOREVER ? NULL : &most);
}

int64_t sync_semtimedop(struct call *c)
{
    struct timespec most = span(c->v[3]);

    if (!IS_RAW(1) && c->v[2] > c->room[1] / sizeof(struct sembuf)) {
        errno = EFAULT;
        return -1;
    }
    return semtimedop(INT(0), POINTER(1), SIZE(2), c->v[3] == PROTO_FOREVER ? NULL : &most);
}

static void put_set(uint8_t *record, const struct semid_ds *ds)
{
    put_perm(record, &ds->sem_perm);
    put(record, PERM_FIELDS, ds->sem_nsems);
    put(record, PERM_FIELDS + 1, (uint64_t)ds->sem_otime);
    put(record, PERM_FIELDS + 2, (uint64_t)ds->sem_ctime);
}

static void put_numbers(uint8_t *record, const int *numbers, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        put(record, i, (uint64_t)numbers[i]);
}

/*
 * The kernel itself is asked, whatever the command is: the C library refuses those that it does not know. With bytes of
 * the script a structure is a record, and for GETALL and SETALL they are the numbers of 16 bits.
 */
int64_t sync_semctl(struct call *c)
{
    static unsigned short values[USHRT_MAX + 1]; /* more than any set can have: SEMMSL is at most 32000 */
    union {
        struct semid_ds set;
        struct seminfo info;
    } buffer;
    size_t room = (size_t)(c->room[3] < sizeof values ? c->room[3] : sizeof values);
    int command = INT(2);
    bool is_array = command == GETALL || command == SETALL;
    int64_t result;

    if (IS_RAW(3))
        return syscall(SYS_semctl, INT(0), INT(1), command, c->v[3]);
    if (!is_array && room < PROTO_RECORD_SIZE) {
        errno = EFAULT;
        return -1;
    }
    memset(&buffer, 0, sizeof buffer);
    if (command == IPC_SET)
        get_perm(&buffer.set.sem_perm, RECORD(3));
    memset(values, 0, sizeof values);
    if (command == SETALL)
        memcpy(values, POINTER(3), room);
    result = syscall(SYS_semctl, INT(0), INT(1), command, is_array ? (void *)values : &buffer);
    if (result < 0)
        return result;
    if (command == GETALL)
        memcpy(POINTER(3), values, room);
    else if (command == IPC_STAT || command == SEM_STAT || command == SEM_STAT_ANY)
        put_set(RECORD(3), &buffer.set);
    else if (command == IPC_INFO || command == SEM_INFO)
        put_numbers(RECORD(3), &buffer.info.semmap, sizeof buffer.info / sizeof(int));
    return result;
}

/* ---- POSIX message queues ---- */

int64_t sync_mq_open(struct call *c)
{
    struct mq_attr how = {.mq_maxmsg = (long)c->v[3], .mq_msgsize = (long)c->v[4]};

    return mq_open(STRING(0), INT(1) | O_CLOEXEC, (mode_t)c->v[2], c->v[3] == 0 ? NULL : &how);
}

int64_t sync_mq_send(struct call *c)
{
    struct timespec until = deadline(CLOCK_REALTIME, c->v[4]);

    if (c->v[4] == PROTO_FOREVER)
        return mq_send(INT(0), POINTER(1), SIZE(2), (unsigned)c->v[3]);
    return mq_timedsend(INT(0), POINTER(1), SIZE(2), (unsigned)c->v[3], &until);
}

int64_t sync_mq_receive(struct call *c)
{
    struct timespec until = deadline(CLOCK_REALTIME, c->v[3]);
    unsigned priority = 0;
    unsigned *where = IS_RAW(4) ? POINTER(4) : &priority;
    int64_t result = c->v[3] == PROTO_FOREVER ? mq_receive(INT(0), POINTER(1), SIZE(2), where)
                                              : mq_timedreceive(INT(0), POINTER(1), SIZE(2), where, &until);

    if (result >= 0 && !IS_RAW(4))
        put(RECORD(4), 0, priority);
    return result;
}

int64_t sync_mq_getattr(struct call *c)
{
    struct mq_attr how;

    if (IS_RAW(1))
        return mq_getattr(INT(0), POINTER(1));
    if (mq_getattr(INT(0), &how) != 0)
        return -1;
    put(RECORD(1), 0, (uint64_t)how.mq_flags);
    put(RECORD(1), 1, (uint64_t)how.mq_maxmsg);
    put(RECORD(1), 2, (uint64_t)how.mq_msgsize);
    put(RECORD(1), 3, (uint64_t)how.mq_curmsgs);
    return 0;
}

/* A negative way to notify takes the registration back. No threads: SIGEV_THREAD is refused. */
int64_t sync_mq_notify(struct call *c)
{
    struct sigevent event = {.sigev_notify = INT(1), .sigev_signo = INT(2)};

    if (INT(1) >= 0 && INT(1) != SIGEV_NONE && INT(1) != SIGEV_SIGNAL) {
        errno = EINVAL;
        return -1;
    }
    return mq_notify(INT(0), INT(1) < 0 ? NULL : &event);
}

int64_t sync_mq_unlink(struct call *c)
{
    return mq_unlink(STRING(0));
}

/* ---- System V message queues ---- */

int64_t sync_msgget(struct call *c)
{
    return msgget((key_t)c->v[0], INT(1));
}

/* A message in memory is its type with the text right behind; the script has the two apart. */
static struct msgbuf *message(uint64_t size)
{
    if (size > INT_MAX) {
        errno = EINVAL;
        return NULL;
    }
    return xmalloc(sizeof(long) + size);
}

int64_t sync_msgsnd(struct call *c)
{
    struct msgbuf *text = message(c->v[3]);
    int64_t result;

    if (text == NULL)
        return -1;
    text->mtype = (long)c->v[1];
    memcpy((uint8_t *)text + sizeof(long), POINTER(2), SIZE(3));
    result = msgsnd(INT(0), text, SIZE(3), INT(4));
    free(text);
    return result;
}

int64_t sync_msgrcv(struct call *c)
{
    struct msgbuf *text = message(c->v[3]);
    int64_t result;

    if (text == NULL)
        return -1;
    result = msgrcv(INT(0), text, SIZE(3), (long)c->v[1], INT(4));
    if (result > 0)
        memcpy(POINTER(2), (uint8_t *)text + sizeof(long), (size_t)result);
    if (result >= 0 && !IS_RAW(5))
        put(RECORD(5), 0, (uint64_t)text->mtype);
    free(text);
    return result;
}

/* As semctl. */
int64_t sync_msgctl(struct call *c)
{
    union {
        struct msqid_ds queue;
        struct msginfo info;
    } buffer;
    int64_t result;
    int command = INT(1);
    uint8_t *record = RECORD(2);

    if (IS_RAW(2))
        return syscall(SYS_msgctl, INT(0), command, c->v[2]);
    memset(&buffer, 0, sizeof buffer);
    get_perm(&buffer.queue.msg_perm, record);
    buffer.queue.msg_qbytes = get(record, PERM_FIELDS + 2);
    result = syscall(SYS_msgctl, INT(0), command, &buffer);
    if (result < 0)
        return result;
    if (command == IPC_STAT || command == MSG_STAT || command == MSG_STAT_ANY) {
        put_perm(record, &buffer.queue.msg_perm);
        put(record, PERM_FIELDS, buffer.queue.__msg_cbytes);
        put(record, PERM_FIELDS + 1, buffer.queue.msg_qnum);
        put(record, PERM_FIELDS + 2, buffer.queue.msg_qbytes);
        put(record, PERM_FIELDS + 3, (uint64_t)buffer.queue.msg_stime);
        put(record, PERM_FIELDS + 4, (uint64_t)buffer.queue.msg_rtime);
        put(record, PERM_FIELDS + 5, (uint64_t)buffer.queue.msg_ctime);
        put(record, PERM_FIELDS + 6, (uint64_t)buffer.queue.msg_lspid);
        put(record, PERM_FIELDS + 7, (uint64_t)buffer.queue.msg_lrpid);
    } else if (command == IPC_INFO || command == MSG_INFO) {
        put_numbers(record, &buffer.info.msgpool, 7); /* but the last, which is none of int */
    }
    return result;
}
