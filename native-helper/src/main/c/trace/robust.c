#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "trace.h"

#define LIST_MAX 2048 /* as the kernel has it */

/* The id that the thread has for itself. */
static uint32_t own_tid(const struct thread *thread)
{
    char path[64], line[256];
    long id = thread->tid;

    snprintf(path, sizeof path, "/proc/%d/task/%d/status", (int)thread->pid, (int)thread->tid);
    FILE *status = fopen(path, "re");
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "NSpid:", 6) == 0) {
            char *last = strrchr(line, '\t');
            sscanf(last != NULL ? last : line + 6, "%ld", &id);
        }
    if (status != NULL)
        fclose(status);
    return (uint32_t)id;
}

/* As handle_futex_death of the kernel does. */
static void release(const struct tracer *t, const struct thread *thread, uint64_t address, bool pending)
{
    const struct region *region = region_at(thread->space, address);

    if (region == NULL || (address & 3) != 0)
        return;
    const struct segment *segment = &t->segments[region->segment];
    uint64_t offset = region->offset + (address - region->low);
    uint32_t *word = segment_borrow(segment, offset, sizeof *word);
    if (word == NULL)
        return;
    uint32_t value = __atomic_load_n(word, __ATOMIC_SEQ_CST), tid = own_tid(thread);
    bool wake = pending && value == 0;
    while ((value & FUTEX_TID_MASK) == tid)
        if (__atomic_compare_exchange_n(
                word, &value, (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
            wake = value & FUTEX_WAITERS;
            break;
        }
    if (wake)
        syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
    segment_return(segment, word, offset, sizeof *word);
}

void robust_release(const struct tracer *t, const struct thread *thread)
{
    struct robust_list_head head;
    void *at;
    size_t size;

    if (thread->space == NULL || !thread->space->armed || thread->space->count == 0 ||
        syscall(SYS_get_robust_list, thread->tid, &at, &size) < 0 || at == NULL)
        return;
    uint64_t first = (uint64_t)(uintptr_t)at, entry;
    if (read_memory(thread->space, first, &head, sizeof head) != sizeof head)
        return;
    uint64_t pending = (uint64_t)(uintptr_t)head.list_op_pending & ~1ull;
    entry = (uint64_t)(uintptr_t)head.list.next & ~1ull;
    for (int i = 0; i < LIST_MAX && entry != first && entry != 0; i++) {
        uint64_t following;
        bool more = read_memory(thread->space, entry, &following, sizeof following) == sizeof following;
        if (entry != pending)
            release(t, thread, entry + (uint64_t)head.futex_offset, false);
        if (!more)
            break;
        entry = following & ~1ull;
    }
    if (pending != 0)
        release(t, thread, pending + (uint64_t)head.futex_offset, true);
}
