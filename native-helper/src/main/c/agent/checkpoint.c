/* Checkpoints, as any program has them by shmkit.h. */
#include "checkpoint.h"

#include <string.h>

#include "../../include/shmkit.h"
#include "bytes.h"
#include "proto.h"
#include "uop.h"

#define HEAD_SIZE 16 /* u64 nanoseconds, u32 count, u32 number of names behind the first */

static bool next_name(const uint8_t **next, const uint8_t *end, bool *valid)
{
    const uint8_t *nul = memchr(*next, '\0', (size_t)(end - *next));
    size_t length = nul == NULL ? 0 : (size_t)(nul - *next);

    *valid = length > 0 && length < SHMKIT_NAME_SIZE;
    if (!*valid)
        return false;
    *next = nul + 1;
    return true;
}

const char *checkpoint_check(uint8_t op, const uint8_t *data, uint64_t size, uint64_t page_size)
{
    const uint8_t *next = data + HEAD_SIZE, *end = data + size;
    bool valid = true;
    uint32_t names;

    if (page_size < sizeof(struct shmkit_control))
        return "the segment is no page of checkpoints";
    if (size < HEAD_SIZE)
        return "its data is too short";
    names = le32(data + 12) + (uint64_t)1 > SHMKIT_PARTIES + 2 ? 0 : le32(data + 12) + 1;
    if (op == OP_BARRIER ? names < 3 : names != 1)
        return "the number of its names is not possible";
    for (uint32_t i = 0; i < names; i++)
        if (!next_name(&next, end, &valid))
            return "its names have 1 to 47 bytes and a NUL each";
    return next == end ? NULL : "something stands behind its names";
}

int checkpoint_run(const struct uop *u, const uint8_t *data, uint8_t *page, uint64_t *last)
{
    struct shmkit_control *control = (struct shmkit_control *)(void *)page;
    const char *names[SHMKIT_PARTIES + 2], *missing = "";
    const uint8_t *at = data + u->b;
    uint64_t timeout = le64(at);
    uint32_t count = le32(at + 8), size = le32(at + 12) + 1, reached = 0;
    struct shmkit_checkpoint *checkpoint = NULL;
    int error;

    names[0] = (const char *)at + HEAD_SIZE;
    for (uint32_t i = 1; i < size; i++)
        names[i] = names[i - 1] + strlen(names[i - 1]) + 1;
    if (u->cmp == OP_BARRIER)
        return shmkit_barrier_(control, names[1], names[0], names + 2, (int)size - 2, timeout, &missing);
    if (u->cmp == OP_REACH) {
        error = shmkit_reach_(control, names[0], "", &reached);
        *last = reached;
        return error;
    }
    error = shmkit_wait_(control, names[0], NULL, 0, count, timeout, &missing);
    if (shmkit_find_(control, names[0], "", 0, &checkpoint) == 0)
        *last = shmkit_count_(checkpoint);
    return error;
}
