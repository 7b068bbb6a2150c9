/* What synchronises: mutexes, conditions, futexes, semaphores and queues. */
#ifndef SHMKIT_SYNC_H
#define SHMKIT_SYNC_H

#include <stdint.h>

#include "function.h"

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

#endif
