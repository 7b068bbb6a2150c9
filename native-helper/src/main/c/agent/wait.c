/* Waiting: until memory has a value, or for a time. */
#include "wait.h"

#include <errno.h>
#include <stdint.h>
#include <time.h>

#include "proto.h"
#include "run.h"
#include "uop.h"

/* About 20 microseconds: what a peer on another processor needs; then the processor may be needed by the peer. */
#define SPINS 400
#define SHORTEST_NAP_NS 2000
#define LONGEST_NAP_NS 50000

uint64_t load(const uint8_t *addr, uint8_t width, uint8_t order)
{
    /* On every architecture that we have, acquire costs a waiting loop nothing. */
    bool strict = order == ORDER_SEQ_CST;

    switch (width) {
    case 1:
        return strict ? __atomic_load_n(addr, __ATOMIC_SEQ_CST) : __atomic_load_n(addr, __ATOMIC_ACQUIRE);
    case 2:
        return strict ? __atomic_load_n((const uint16_t *)(const void *)addr, __ATOMIC_SEQ_CST)
                      : __atomic_load_n((const uint16_t *)(const void *)addr, __ATOMIC_ACQUIRE);
    case 4:
        return strict ? __atomic_load_n((const uint32_t *)(const void *)addr, __ATOMIC_SEQ_CST)
                      : __atomic_load_n((const uint32_t *)(const void *)addr, __ATOMIC_ACQUIRE);
    default:
        return strict ? __atomic_load_n((const uint64_t *)(const void *)addr, __ATOMIC_SEQ_CST)
                      : __atomic_load_n((const uint64_t *)(const void *)addr, __ATOMIC_ACQUIRE);
    }
}

static inline void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void sleep_ns(uint64_t nanoseconds)
{
    uint64_t start = now_ns();
    uint64_t end = nanoseconds > INT64_MAX - start ? INT64_MAX : start + nanoseconds;
    struct timespec until = {(time_t)(end / 1000000000u), (long)(end % 1000000000u)};

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        continue;
}

bool await_value(const struct uop *u, uint64_t *last)
{
    uint64_t nap = SHORTEST_NAP_NS, start = 0, now;

    for (int i = 0; i < SPINS; i++) {
        *last = load(u->addr, u->width, u->order);
        if (compare(u->cmp, u->width, *last, u->a))
            return true;
        relax();
    }
    for (start = now_ns();;) {
        *last = load(u->addr, u->width, u->order);
        if (compare(u->cmp, u->width, *last, u->a))
            return true;
        now = now_ns();
        if (u->b != PROTO_FOREVER && now - start >= u->b)
            return false;
        sleep_ns(nap);
        nap = nap * 2 < LONGEST_NAP_NS ? nap * 2 : LONGEST_NAP_NS;
    }
}
