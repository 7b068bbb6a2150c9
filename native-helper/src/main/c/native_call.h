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

#define CALL(name, expression) \
    static int64_t name(struct call *c) \
    { \
        return (expression); \
    }

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
int64_t sync_semctl(struct call *c);
int64_t sync_mq_open(struct call *c);
int64_t sync_mq_send(struct call *c);
int64_t sync_mq_receive(struct call *c);
int64_t sync_mq_unlink(struct call *c);
int64_t sync_msgget(struct call *c);
int64_t sync_msgsnd(struct call *c);
int64_t sync_msgrcv(struct call *c);
int64_t sync_msgctl(struct call *c);

#endif
