/* What a function that CALL calls gets, and the short forms in which those functions are written. */
#ifndef SHMKIT_FUNCTION_H
#define SHMKIT_FUNCTION_H

#include <stddef.h>
#include <stdint.h>

#include "bytes.h"
#include "proto.h"

struct agent;

struct call {
    struct agent *n;
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

/* What all kinds of System V objects have (call.c). */
struct ipc_perm;
void put_perm(uint8_t *record, const struct ipc_perm *perm);
void get_perm(struct ipc_perm *perm, const uint8_t *record); /* what IPC_SET sets */

#endif
