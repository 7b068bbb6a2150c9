/* What a function that CALL calls gets, and the short forms in which those functions are written. */
#ifndef SHMKIT_NATIVE_CALL_H
#define SHMKIT_NATIVE_CALL_H

#include "native_impl.h"

struct call {
    struct native *n;
    uint64_t v[PROTO_MAX_ARGS];    /* numbers, or addresses */
    uint64_t room[PROTO_MAX_ARGS]; /* bytes at an address; unlimited where it is the script's own business */
};

#define INT(i) ((int)c->v[i])
#define SIZE(i) ((size_t)c->v[i])
#define OFFSET(i) ((off_t)c->v[i])
#define POINTER(i) ((void *)(uintptr_t)c->v[i])
#define STRING(i) ((const char *)(uintptr_t)c->v[i])
#define RECORD(i) ((uint8_t *)(uintptr_t)c->v[i])

/* An address that the script gives as a number or place: the kernel's business, and perhaps a bad one on purpose. */
#define IS_RAW(i) (c->room[i] == UINT64_MAX)

/* Records have the same shape on every architecture and C library: numbers of 64 bits. */
static inline void put(uint8_t *record, unsigned field, uint64_t value)
{
    put_le64(record + (size_t)8 * field, value);
}

static inline uint64_t get(const uint8_t *record, unsigned field)
{
    return le64(record + (size_t)8 * field);
}

/* What all kinds of System V objects have, by the numbers of the fields. */
enum perm_field { PERM_KEY, PERM_UID, PERM_GID, PERM_CUID, PERM_CGID, PERM_MODE, PERM_SEQ, PERM_FIELDS };

#define CALL(name, expression) \
    static int64_t name(struct call *c) \
    { \
        return (expression); \
    }

/* native_call.c */
struct ipc_perm;
void put_perm(uint8_t *record, const struct ipc_perm *perm);
void get_perm(struct ipc_perm *perm, const uint8_t *record); /* what IPC_SET sets */

/* native_sync.c */
int64_t sync_mutex_init(struct call *c);
int64_t sync_mutex_lock(struct call *c);
int64_t sync_mutex_unlock(struct call *c);
int64_t sync_mutex_consistent(struct call *c);
int64_t sync_cond_init(struct call *c);
int64_t sync_cond_wait(struct call *c);
int64_t sync_cond_signal(struct call *c);
int64_t sync_cond_broadcast(struct call *c);
int64_t sync_futex_wait(struct call *c);
int64_t sync_futex_wake(struct call *c);
int64_t sync_sem_open(struct call *c);
int64_t sync_sem_wait(struct call *c);
int64_t sync_sem_post(struct call *c);
int64_t sync_sem_getvalue(struct call *c);
int64_t sync_sem_close(struct call *c);
int64_t sync_sem_unlink(struct call *c);
int64_t sync_semget(struct call *c);
int64_t sync_semop(struct call *c);
int64_t sync_semtimedop(struct call *c);
int64_t sync_semctl(struct call *c);
int64_t sync_mq_open(struct call *c);
int64_t sync_mq_send(struct call *c);
int64_t sync_mq_receive(struct call *c);
int64_t sync_mq_getattr(struct call *c);
int64_t sync_mq_notify(struct call *c);
int64_t sync_mq_unlink(struct call *c);
int64_t sync_msgget(struct call *c);
int64_t sync_msgsnd(struct call *c);
int64_t sync_msgrcv(struct call *c);
int64_t sync_msgctl(struct call *c);

/* native_signal.c */
int64_t signal_action(struct call *c);
int64_t signal_count(struct call *c);

#endif
