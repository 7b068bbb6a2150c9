/* Attaching and detaching segments. */
#include "segment.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "insn.h"
#include "proto.h"

static int map(struct slot *slot, const struct insn *in, int fd)
{
    int prot = in->flags & PROTO_FLAG_READONLY ? PROT_READ : PROT_READ | PROT_WRITE;
    int flags = fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED;
    uint64_t size = in->a;
    void *base;

    if (size == 0) { /* all of it */
        struct stat st;
        if (fstat(fd, &st) != 0)
            return errno;
        size = (uint64_t)st.st_size > in->off ? (uint64_t)st.st_size - in->off : 0;
    }
    base = mmap(NULL, size, prot, flags, fd, (off_t)in->off);
    if (base == MAP_FAILED)
        return errno;
    *slot = (struct slot){base, size, in->cmp};
    return 0;
}

static int map_path(struct slot *slot, const struct insn *in, const uint8_t *data)
{
    char path[PATH_MAX];
    uint32_t length = (uint32_t)in->b;
    int fd, error;

    if (length >= sizeof path)
        return ENAMETOOLONG;
    memcpy(path, data + (in->b >> 32), length);
    path[length] = '\0';
    /* Never O_CREAT: an object that is gone must be an error here, not an empty one that no ledger knows. */
    fd = open(path, (in->flags & PROTO_FLAG_READONLY ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return errno;
    error = map(slot, in, fd);
    close(fd);
    return error;
}

static int attach_shmid(struct slot *slot, const struct insn *in)
{
    struct shmid_ds ds;
    uint64_t size = in->a;
    void *base = shmat((int)in->b, NULL, in->flags & PROTO_FLAG_READONLY ? SHM_RDONLY : 0);

    if (base == (void *)-1)
        return errno;
    /* Asked after attaching: from then on the segment can't go away and its id can't come to mean another one. */
    if (size == 0 && shmctl((int)in->b, IPC_STAT, &ds) == 0)
        size = ds.shm_segsz;
    if (size == 0) {
        int error = errno;
        shmdt(base);
        return error;
    }
    *slot = (struct slot){base, size, METHOD_SHMID};
    return 0;
}

int seg_attach(struct slot *slot, const struct insn *in, const uint8_t *data)
{
    switch (in->cmp) {
    case METHOD_PATH:
        return map_path(slot, in, data);
    case METHOD_SHMID:
        return attach_shmid(slot, in);
    case METHOD_FD:
        return map(slot, in, (int)in->b);
    case METHOD_ANON:
        return map(slot, in, -1);
    case METHOD_ADDRESS:
        *slot = (struct slot){(uint8_t *)(uintptr_t)in->b, in->a, METHOD_ADDRESS};
        return 0;
    default:
        return EINVAL;
    }
}

int seg_detach(struct slot *slot)
{
    int error = 0;

    if (slot->method == METHOD_SHMID)
        error = shmdt(slot->base) == 0 ? 0 : errno;
    else if (slot->method != METHOD_ADDRESS)
        error = munmap(slot->base, slot->size) == 0 ? 0 : errno;
    *slot = (struct slot){0};
    return error;
}
