/*
 * shmkit.h: for a program in C or C++ that a test starts as a command helper.
 *
 * Finds the segments that the test attached, by label, and takes part in the test's checkpoints:
 *
 *     struct shmkit_segment data;
 *     if (shmkit_map("data", &data) != 0)
 *         return 1;
 *     ((uint64_t *)data.address)[0] = 42;
 *     shmkit_reach("written");
 *     shmkit_await("read", 1, 5000);
 *
 * Linux, C99 or C++11 and later, GCC or Clang; nothing to link. Every function returns 0 or an errno number.
 *
 * Checkpoints. A checkpoint is a name of at most 47 bytes with a count of how often any process reached it; the count
 * never goes down, so a wait sees what was reached before it began. A barrier waits until each of its parties has come to
 * it as often as the caller has. Parties are helpers by their names, and the test itself by "test".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHMKIT_H
#define SHMKIT_H

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#elif !defined(_GNU_SOURCE) && !defined(_DEFAULT_SOURCE)
/* Strict C hides it. */
extern long syscall(long number, ...);
#endif

#ifdef O_CLOEXEC
#define SHMKIT_CLOEXEC_ O_CLOEXEC
#else /* hidden as well */
#define SHMKIT_CLOEXEC_ 02000000
#endif

/* ---- the page with the checkpoints: the test's JVM has the same numbers ---- */

#define SHMKIT_CONTROL_MAGIC 0x43484d53u
#define SHMKIT_CONTROL_VERSION 1
#define SHMKIT_NAME_SIZE 48 /* with the NUL */
#define SHMKIT_PARTIES 64
#define SHMKIT_CHECKPOINTS 128

#define SHMKIT_PARTY_FREE 0
#define SHMKIT_PARTY_ALIVE 1
#define SHMKIT_PARTY_DEAD 2

/* A process that takes part; only the test's JVM writes it. */
struct shmkit_party {
    char name[SHMKIT_NAME_SIZE];
    uint32_t state;
    uint32_t pid;
    int32_t status; /* as of waitpid, once it is dead */
    uint32_t reserved;
    uint64_t time_ns; /* of its death, since 1970 */
    uint64_t reserved_too[7];
};

/*
 * A checkpoint, or one party's arrivals at a barrier. The hash alone claims it, in one step, so that a process that dies
 * while it claims one can leave nothing half done.
 */
struct shmkit_checkpoint {
    uint64_t hash; /* of name and party; 0: free */
    uint32_t count;
    uint32_t pid;     /* of the last process that reached it */
    uint64_t time_ns; /* when, since 1970 */
    char name[SHMKIT_NAME_SIZE];
    char party[SHMKIT_NAME_SIZE]; /* empty: a checkpoint */
    uint64_t reserved;
};

struct shmkit_control {
    uint32_t magic;
    uint32_t version;
    uint32_t event;   /* changes with everything that a wait may wait for; the futex of all waits */
    uint32_t waiters; /* processes that may be waiting, at least: one that died counts on */
    uint32_t reserved[28];
    struct shmkit_party parties[SHMKIT_PARTIES];
    struct shmkit_checkpoint checkpoints[SHMKIT_CHECKPOINTS];
};

/* ---- time and futexes, by way of system calls that need no declaration ---- */

struct shmkit_time_ {
    int64_t seconds, nanoseconds;
};

static inline uint64_t shmkit_clock_(int clock)
{
    struct shmkit_time_ now = {0, 0};

    syscall(SYS_clock_gettime, clock, &now);
    return (uint64_t)now.seconds * 1000000000u + (uint64_t)now.nanoseconds;
}

#define SHMKIT_CLOCK_REALTIME_ 0
#define SHMKIT_CLOCK_MONOTONIC_ 1
#define SHMKIT_FUTEX_WAIT_ 0
#define SHMKIT_FUTEX_WAKE_ 1
/* How long one futex wait lasts at most: a test that died can wake nobody. */
#define SHMKIT_SLICE_NS_ 100000000u

static inline void shmkit_changed_(struct shmkit_control *c)
{
    __atomic_fetch_add(&c->event, 1u, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&c->waiters, __ATOMIC_SEQ_CST) != 0)
        syscall(SYS_futex, &c->event, SHMKIT_FUTEX_WAKE_, 0x7fffffff, NULL, NULL, 0);
}

/* ---- the table ---- */

static inline uint64_t shmkit_hash_(const char *name, const char *party)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    const char *texts[2];

    texts[0] = name;
    texts[1] = party;
    for (int i = 0; i < 2; i++) {
        for (const char *p = texts[i]; *p != '\0'; p++)
            hash = (hash ^ (unsigned char)*p) * 0x100000001b3u;
        hash *= 0x100000001b3u; /* the end of a text, as a byte 0 */
    }
    return hash == 0 ? 1 : hash;
}

/*
 * The checkpoint of that name; 0, EINVAL or ENAMETOOLONG. One that is new is created by the process that reaches it, or
 * ENOSPC; for a process that only looks it is NULL.
 */
static inline int shmkit_find_(
    struct shmkit_control *c, const char *name, const char *party, int create, struct shmkit_checkpoint **found)
{
    uint64_t hash = shmkit_hash_(name, party), seen;

    *found = NULL;
    if (*name == '\0')
        return EINVAL;
    if (strlen(name) >= SHMKIT_NAME_SIZE || strlen(party) >= SHMKIT_NAME_SIZE)
        return ENAMETOOLONG;
    for (int i = 0; i < SHMKIT_CHECKPOINTS; i++) {
        struct shmkit_checkpoint *p = &c->checkpoints[i];
        seen = __atomic_load_n(&p->hash, __ATOMIC_ACQUIRE);
        if (seen == 0 && !create)
            return 0;
        if (seen == 0 && __atomic_compare_exchange_n(&p->hash, &seen, hash, 0, __ATOMIC_SEQ_CST, __ATOMIC_ACQUIRE))
            seen = hash;
        if (seen == hash) {
            /* For reports only. Whoever comes first writes the same bytes as whoever else does. */
            if (__atomic_load_n(&p->name[0], __ATOMIC_RELAXED) == '\0') {
                memcpy(p->party, party, strlen(party));
                memcpy(p->name, name, strlen(name));
            }
            *found = p;
            return 0;
        }
    }
    return create ? ENOSPC : 0;
}

static inline uint32_t shmkit_count_(const struct shmkit_checkpoint *p)
{
    return p == NULL ? 0 : __atomic_load_n(&p->count, __ATOMIC_SEQ_CST);
}

static inline int shmkit_reach_(struct shmkit_control *c, const char *name, const char *party, uint32_t *count)
{
    struct shmkit_checkpoint *p = NULL;
    int error = shmkit_find_(c, name, party, 1, &p);

    if (error != 0)
        return error;
    __atomic_store_n(&p->pid, (uint32_t)getpid(), __ATOMIC_RELAXED);
    __atomic_store_n(&p->time_ns, shmkit_clock_(SHMKIT_CLOCK_REALTIME_), __ATOMIC_RELAXED);
    *count = __atomic_add_fetch(&p->count, 1u, __ATOMIC_SEQ_CST);
    shmkit_changed_(c);
    return 0;
}

/* Whether a party is known to have died and not to have been started again. */
static inline int shmkit_is_dead_(struct shmkit_control *c, const char *name)
{
    int dead = 0;

    for (int i = 0; i < SHMKIT_PARTIES; i++) {
        struct shmkit_party *party = &c->parties[i];
        uint32_t state = __atomic_load_n(&party->state, __ATOMIC_ACQUIRE);
        if (state == SHMKIT_PARTY_FREE || strncmp(party->name, name, SHMKIT_NAME_SIZE) != 0)
            continue;
        if (state == SHMKIT_PARTY_ALIVE)
            return 0;
        dead = 1;
    }
    return dead;
}

/*
 * Waits until the parties' counts, or the checkpoint's own if there are none, have come to what is wanted. ETIMEDOUT;
 * EOWNERDEAD if a party is dead that has not come, and *missing says which.
 */
static inline int shmkit_wait_(struct shmkit_control *c, const char *name, const char *const *parties, int party_count,
    uint32_t wanted, uint64_t timeout_ns, const char **missing)
{
    static const char *const nobody = "";
    const char *const *wait_for = party_count > 0 ? parties : &nobody;
    uint64_t start = shmkit_clock_(SHMKIT_CLOCK_MONOTONIC_), gone, left;
    int texts = party_count > 0 ? party_count : 1, result = 0;
    struct shmkit_checkpoint *p = NULL;

    __atomic_fetch_add(&c->waiters, 1u, __ATOMIC_SEQ_CST);
    for (;;) {
        uint32_t seen = __atomic_load_n(&c->event, __ATOMIC_SEQ_CST);
        int open = 0;
        for (int i = 0; i < texts && result == 0; i++) {
            /* Asked before the count: who dies after arriving has arrived. */
            int dead = party_count > 0 && shmkit_is_dead_(c, wait_for[i]);
            result = shmkit_find_(c, name, wait_for[i], 0, &p);
            if (result == 0 && (int32_t)(shmkit_count_(p) - wanted) < 0) {
                if (open == 0 || dead)
                    *missing = wait_for[i];
                open = 1;
                if (dead)
                    result = EOWNERDEAD;
            }
        }
        gone = shmkit_clock_(SHMKIT_CLOCK_MONOTONIC_) - start;
        if (result == 0 && open && gone >= timeout_ns)
            result = ETIMEDOUT;
        if (result != 0 || !open)
            break;
        left = timeout_ns - gone < SHMKIT_SLICE_NS_ ? timeout_ns - gone : SHMKIT_SLICE_NS_;
        struct shmkit_time_ slice = {0, 0};
        slice.nanoseconds = (int64_t)left;
        syscall(SYS_futex, &c->event, SHMKIT_FUTEX_WAIT_, seen, &slice, NULL, 0);
    }
    __atomic_fetch_sub(&c->waiters, 1u, __ATOMIC_SEQ_CST);
    return result;
}

/* Arrives at a barrier and waits for the others; EINVAL if the caller is not among them. */
static inline int shmkit_barrier_(struct shmkit_control *c, const char *self, const char *name,
    const char *const *parties, int party_count, uint64_t timeout_ns, const char **missing)
{
    uint32_t arrivals = 0;
    int among = 0, error;

    for (int i = 0; i < party_count; i++)
        among |= strcmp(parties[i], self) == 0;
    if (!among)
        return EINVAL;
    error = shmkit_reach_(c, name, self, &arrivals);
    return error != 0 ? error : shmkit_wait_(c, name, parties, party_count, arrivals, timeout_ns, missing);
}

/* ---- what the test's environment variables say ---- */

/* A segment of the test, mapped into this process. */
struct shmkit_segment {
    void *address;
    size_t size; /* bytes */
};

/* The path in an URI, with %XX decoded; 0, EINVAL or ENAMETOOLONG. */
static inline int shmkit_decode_(char *path, size_t room, const char *from, const char *end)
{
    for (; from < end; from++, path++, room--) {
        char hex[3] = {0, 0, 0};
        if (room < 2)
            return ENAMETOOLONG;
        *path = *from;
        if (*from != '%')
            continue;
        memcpy(hex, from + 1, end - from > 2 ? 2 : 0);
        *path = (char)strtol(hex, NULL, 16);
        if (strspn(hex, "0123456789abcdefABCDEF") != 2 || *path == '\0')
            return EINVAL;
        from += 2;
    }
    *path = '\0';
    return 0;
}

/*
 * Maps what an URI says: posix:/name?size=…, file:/path?size=…, memfd:/proc/…?size=… or sysv:shmid?size=…; characters that
 * mean something else in an URI are written as %XX.
 */
static inline int shmkit_map_uri(const char *uri, struct shmkit_segment *segment)
{
    const char *query = strrchr(uri, '?');
    const char *colon = strchr(uri, ':');
    char path[4096] = "/dev/shm";
    size_t prefix = strncmp(uri, "posix:", 6) == 0 ? strlen(path) : 0;
    int fd, error;
    void *address;

    if (query == NULL || colon == NULL || strncmp(query, "?size=", 6) != 0)
        return EINVAL;
    segment->size = (size_t)strtoull(query + 6, NULL, 10);
    if (strncmp(uri, "sysv:", 5) == 0) {
        long at = syscall(SYS_shmat, (int)strtol(colon + 1, NULL, 10), NULL, 0);
        if (at == -1)
            return errno;
        segment->address = (void *)at;
        return 0;
    }
    error = shmkit_decode_(path + prefix, sizeof path - prefix, colon + 1, query);
    if (error != 0)
        return error;
    fd = open(path, O_RDWR | O_NOCTTY | SHMKIT_CLOEXEC_);
    if (fd < 0)
        return errno;
    address = mmap(NULL, segment->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    error = errno;
    close(fd);
    if (address == MAP_FAILED)
        return error;
    segment->address = address;
    return 0;
}

/* Maps the segment with that label, read and write; ENOENT if the test attached none. */
static inline int shmkit_map(const char *label, struct shmkit_segment *segment)
{
    char variable[64];

    for (int i = 1;; i++) {
        snprintf(variable, sizeof variable, "SHMKIT_SEGMENT_%d_LABEL", i);
        const char *found = getenv(variable);
        if (found == NULL)
            return ENOENT;
        if (strcmp(found, label) != 0)
            continue;
        snprintf(variable, sizeof variable, "SHMKIT_SEGMENT_%d_URI", i);
        const char *uri = getenv(variable);
        return uri == NULL ? ENOENT : shmkit_map_uri(uri, segment);
    }
}

/* The name of this helper; empty if no test started it. */
static inline const char *shmkit_name(void)
{
    const char *name = getenv("SHMKIT_HELPER");

    return name == NULL ? "" : name;
}

/* Each file that includes this maps the page for itself: harmless, since it is the same memory. */
static inline int shmkit_control_(struct shmkit_control **control)
{
    static struct shmkit_control *mapped;
    struct shmkit_control *known = __atomic_load_n(&mapped, __ATOMIC_ACQUIRE);

    if (known == NULL) {
        const char *uri = getenv("SHMKIT_CONTROL");
        struct shmkit_segment page = {NULL, 0};
        int error = uri == NULL ? ENOENT : shmkit_map_uri(uri, &page);
        if (error != 0)
            return error;
        known = (struct shmkit_control *)page.address;
        if (page.size < sizeof *known || known->magic != SHMKIT_CONTROL_MAGIC ||
            known->version != SHMKIT_CONTROL_VERSION)
            return EPROTO;
        __atomic_store_n(&mapped, known, __ATOMIC_RELEASE);
    }
    *control = known;
    return 0;
}

static inline uint64_t shmkit_ns_(int timeout_ms)
{
    return timeout_ms < 0 ? UINT64_MAX / 2 : (uint64_t)timeout_ms * 1000000u;
}

/* Counts one more arrival at a checkpoint, and wakes who waits for it. ENOSPC: the test has 128 of them already. */
static inline int shmkit_reach(const char *name)
{
    struct shmkit_control *c = NULL;
    uint32_t count;
    int error = shmkit_control_(&c);

    return error != 0 ? error : shmkit_reach_(c, name, "", &count);
}

/* Waits until a checkpoint was reached so many times since the test began; ETIMEDOUT. A negative time is no limit. */
static inline int shmkit_await(const char *name, uint32_t count, int timeout_ms)
{
    struct shmkit_control *c = NULL;
    const char *missing;
    int error = shmkit_control_(&c);

    return error != 0 ? error : shmkit_wait_(c, name, NULL, 0, count, shmkit_ns_(timeout_ms), &missing);
}

/*
 * Waits until all parties have come to the barrier, this program among them. EINVAL if it is not; EOWNERDEAD if one died
 * before; ETIMEDOUT. May be passed many times.
 */
static inline int shmkit_barrier(const char *name, const char *const *parties, int party_count, int timeout_ms)
{
    struct shmkit_control *c = NULL;
    const char *missing;
    int error = shmkit_control_(&c);

    return error != 0 ? error
                      : shmkit_barrier_(c, shmkit_name(), name, parties, party_count, shmkit_ns_(timeout_ms), &missing);
}

#ifdef __cplusplus
}
#endif

#endif
