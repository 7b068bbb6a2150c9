/* Accesses that wait for their turns: the test says how many may be done, and by which thread. */
#include <string.h>

#include "trace.h"

bool turn_take(struct tracer *t, struct thread *thread)
{
    struct log_header *header = t->log.header;

    if (!t->in_turns || !t->armed || thread->has_turn)
        return true;
    uint64_t turns = __atomic_load_n(&header->turns, __ATOMIC_ACQUIRE);
    uint32_t of = header->turn_of;
    if (t->begun >= turns || (of != 0 && of != (uint32_t)thread->tid))
        return false;
    t->begun++;
    thread->has_turn = true;
    return true;
}

void turn_await(struct tracer *t, struct thread *thread, enum waits_for waits)
{
    struct thread **last = &t->first_in_turn;

    thread->waits = waits;
    while (*last != NULL)
        last = &(*last)->next_in_turn;
    thread->next_in_turn = NULL;
    *last = thread;
}

void turn_forget(struct tracer *t, struct thread *thread)
{
    for (struct thread **link = &t->first_in_turn; *link != NULL; link = &(*link)->next_in_turn)
        if (*link == thread) {
            *link = thread->next_in_turn;
            break;
        }
    thread->waits = WAITS_NOT;
    /* One that it was given and does not take is no other's. */
    uint64_t turns = __atomic_load_n(&t->log.header->turns, __ATOMIC_ACQUIRE);
    if (t->begun < turns && t->log.header->turn_of == (uint32_t)thread->tid)
        t->begun = turns;
}

void turns_give(struct tracer *t)
{
    for (struct thread *thread = t->first_in_turn, *next; thread != NULL; thread = next) {
        next = thread->next_in_turn;
        if (!turn_take(t, thread))
            continue;
        enum waits_for waits = thread->waits;
        turn_forget(t, thread);
        if (waits == WAITS_AT_CALL)
            call_enter(t, thread);
        else if (!store_fault(t, thread, thread->fault))
            resume(thread, 0); /* it tries again, and sees what there is now */
    }
}
