/*
 * Small programs that share words, with known faults and without.
 *
 *   interleaved NAME FILE
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Each in a cache line of its own, so that the compiler stores them one by one.
 */
static _Atomic int64_t *words;
static int file;
#define WORD(i) words[8 * (i)]

static int64_t load(int i)
{
    return atomic_load_explicit(&WORD(i), memory_order_relaxed);
}

static void store(int i, int64_t value)
{
    atomic_store_explicit(&WORD(i), value, memory_order_relaxed);
}

static int cas(int i, int64_t expected, int64_t value)
{
    return atomic_compare_exchange_strong(&WORD(i), &expected, value);
}

static void futex(int i, int operation, int value)
{
    syscall(SYS_futex, &WORD(i), operation, value, NULL, NULL, 0);
}

static void check(int holds)
{
    if (!holds)
        exit(3);
}

/* --- one writer --- */

static void flag_first(void)
{
    store(0, 1);
    store(1, 42);
}

static void data_first(void)
{
    store(1, 42);
    store(0, 1);
}

static void reader(void)
{
    if (load(0) == 1)
        check(load(1) == 42);
}

/* --- counters --- */

static void add(void)
{
    store(0, load(0) + 1);
}

static void add_atomically(void)
{
    atomic_fetch_add(&WORD(0), 1);
}

static void add_twice(void)
{
    add();
    add();
}

/* --- futexes --- */

static void futex_wait(void)
{
    while (load(0) == 0)
        futex(0, FUTEX_WAIT, 0);
    store(1, 1);
}

static void futex_wake(void)
{
    store(0, 1);
    futex(0, FUTEX_WAKE, 1);
}

/* Wakes before it changes: a waiter that looks in between sleeps for ever. */
static void futex_wake_first(void)
{
    futex(0, FUTEX_WAKE, 1);
    store(0, 1);
}

/* Gives up after half a second. */
static void futex_wait_for_a_while(void)
{
    struct timespec limit = {0, 500000000};

    if (load(0) == 0)
        syscall(SYS_futex, &WORD(0), FUTEX_WAIT, 0, &limit, NULL, 0);
    store(1, 1);
}

/* --- locks: word 8 and 9 --- */

static void lock(int i)
{
    while (!cas(i, 0, 1))
        while (load(i) != 0)
            sched_yield();
}

static void unlock(int i)
{
    store(i, 0);
}

static void locked_add(void)
{
    lock(8);
    add();
    unlock(8);
}

/* Looks, and then takes it: two can have it. */
static void badly_locked_add(void)
{
    while (load(8) != 0)
        sched_yield();
    store(8, 1);
    add();
    unlock(8);
}

static void two_locks(void)
{
    lock(8);
    lock(9);
    add();
    unlock(9);
    unlock(8);
}

static void two_locks_backwards(void)
{
    lock(9);
    lock(8);
    add();
    unlock(8);
    unlock(9);
}

static void futex_lock(int i)
{
    while (!cas(i, 0, 1))
        futex(i, FUTEX_WAIT, 1);
}

static void futex_unlock(int i)
{
    store(i, 0);
    futex(i, FUTEX_WAKE, 1);
}

/* Asks for the lock of the file again and again. */
static void flock_add(void)
{
    while (flock(file, LOCK_EX | LOCK_NB) < 0)
        continue;
    add();
    flock(file, LOCK_UN);
}

static void two_futex_locks(void)
{
    futex_lock(8);
    futex_lock(9);
    add();
    futex_unlock(9);
    futex_unlock(8);
}

static void two_futex_locks_backwards(void)
{
    futex_lock(9);
    futex_lock(8);
    add();
    futex_unlock(8);
    futex_unlock(9);
}

/* --- once --- */

/* Both may see that it is not made yet. */
static void made_twice(void)
{
    if (load(0) == 0) {
        store(1, load(1) + 1);
        store(0, 1);
    }
}

static void made_once(void)
{
    if (cas(0, 0, 1))
        store(1, load(1) + 1);
}

/* Says that it is made before it is. */
static void made_too_early(void)
{
    if (cas(0, 0, 1)) {
        store(1, 42);
    } else {
        check(load(1) == 42);
    }
}

static void made_in_time(void)
{
    if (cas(0, 0, 1)) {
        store(1, 42);
        store(0, 2);
    } else {
        while (load(0) != 2)
            sched_yield();
        check(load(1) == 42);
    }
}

/* --- a seqlock: word 0 is the number, words 1 and 2 are equal --- */

static void seq_write(void)
{
    store(0, load(0) + 1);
    store(1, load(1) + 1);
    store(2, load(2) + 1);
    store(0, load(0) + 1);
}

static void seq_read(void)
{
    int64_t before, one, two;

    do {
        before = load(0);
        one = load(1);
        two = load(2);
    } while (before % 2 != 0 || load(0) != before);
    check(one == two);
}

static void seq_read_without_retry(void)
{
    if (load(0) % 2 == 0) {
        int64_t one = load(1);
        check(one == load(2));
    }
}

/* --- a ring of 2 with one producer: word 0 is the head, word 1 the tail, then
 * the items --- */

static void put_one(void)
{
    int64_t tail = load(1);

    store(2 + (int)(tail % 2), tail + 100);
    store(1, tail + 1);
}

/* Says that there is one before it is there. */
static void put_one_early(void)
{
    int64_t tail = load(1);

    store(1, tail + 1);
    store(2 + (int)(tail % 2), tail + 100);
}

static void take_one(void)
{
    int64_t head = load(0);

    if (load(1) > head) {
        check(load(2 + (int)(head % 2)) == head + 100);
        store(0, head + 1);
    }
}

static void put_for_many(void)
{
    int64_t tail = atomic_fetch_add(&WORD(5), 1);

    store(6 + (int)tail, tail + 100);
}

/* --- a stack: word 0 is the top, word 1 + i is what is below node i; nodes are
 * from 1 --- */

static void push(int node)
{
    int64_t top;

    do {
        top = load(0);
        store(node, top);
    } while (!cas(0, top, node));
}

static int pop(void)
{
    int64_t top;

    do {
        top = load(0);
        if (top == 0)
            return 0;
    } while (!cas(0, top, load((int)top)));
    return (int)top;
}

/* Between its look and its swap the other one may take two and bring the first
 * back. */
static void aba_pop(void)
{
    pop();
}

static void aba_other(void)
{
    int first = pop();
    int second = pop();

    if (first != 0)
        push(first);
    if (second != 0)
        store(20 + second, 1); /* has it for itself */
}

static void fails(void)
{
    store(0, 1);
    exit(3);
}

static void three(void)
{
    for (int i = 0; i < 3; i++)
        store(16 + i, 1);
}

static void two(void)
{
    for (int i = 0; i < 2; i++)
        store(24 + i, 1);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } programs[] = {{"flag-first", flag_first}, {"data-first", data_first}, {"reader", reader}, {"add", add},
        {"add-atomically", add_atomically}, {"add-twice", add_twice}, {"futex-wait", futex_wait},
        {"futex-wait-for-a-while", futex_wait_for_a_while}, {"futex-wake", futex_wake},
        {"futex-wake-first", futex_wake_first}, {"locked-add", locked_add}, {"badly-locked-add", badly_locked_add},
        {"two-locks", two_locks}, {"two-locks-backwards", two_locks_backwards}, {"flock-add", flock_add},
        {"two-futex-locks", two_futex_locks}, {"two-futex-locks-backwards", two_futex_locks_backwards},
        {"made-twice", made_twice}, {"made-once", made_once}, {"made-too-early", made_too_early},
        {"made-in-time", made_in_time}, {"seq-write", seq_write}, {"seq-read", seq_read},
        {"seq-read-without-retry", seq_read_without_retry}, {"put", put_one}, {"put-early", put_one_early},
        {"take", take_one}, {"put-for-many", put_for_many}, {"aba-pop", aba_pop}, {"aba-other", aba_other},
        {"fails", fails}, {"three", three}, {"two", two}};

    if (argc != 3 || (file = open(argv[2], O_RDWR)) < 0)
        return 2;
    words = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (words == MAP_FAILED)
        return 2;
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
        if (strcmp(programs[i].name, argv[1]) == 0) {
            programs[i].run();
            return 0;
        }
    return 2;
}
