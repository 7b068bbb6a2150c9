#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "../common/memory.h"
#include "trace.h"

#define PAGE 4096ull
#define BUFFERS_MAX 1024
/* Where a call of which we don't know more may write */
#define SPAN_MAX 65536ull

static uint64_t round_up(uint64_t size)
{
    return (size + PAGE - 1) & ~(PAGE - 1);
}

static unsigned long long *argument(struct user_regs_struct *regs, int number)
{
    unsigned long long *const all[] = {&regs->rdi, &regs->rsi, &regs->rdx, &regs->r10, &regs->r8, &regs->r9};

    return all[number];
}

/* --- calls that only read, or mean the address itself --- */

static bool only_reads(long number)
{
    switch (number) {
    case SYS_write:
    case SYS_pwrite64:
    case SYS_writev:
    case SYS_pwritev:
    case SYS_pwritev2:
    case SYS_sendto:
    case SYS_sendmsg:
    case SYS_vmsplice:
    case SYS_process_vm_writev:
        return true;
    default:
        return false;
    }
}

/* Where a list of buffers is rsi, and their number rdx */
static bool has_buffers(long number)
{
    switch (number) {
    case SYS_readv:
    case SYS_preadv:
    case SYS_preadv2:
    case SYS_process_vm_readv:
    case SYS_writev:
    case SYS_pwritev:
    case SYS_pwritev2:
    case SYS_vmsplice:
    case SYS_process_vm_writev:
        return true;
    default:
        return false;
    }
}

static bool is_left_alone(const struct tracer *t, long number)
{
    if (only_reads(number))
        return !t->loads;
    switch (number) {
    case SYS_madvise:
    case SYS_mincore:
    case SYS_mbind:
    case SYS_move_pages:
    case SYS_clone:
    case SYS_clone3:
    case SYS_set_robust_list:
    case SYS_set_tid_address:
    case SYS_rt_sigaction:
    case SYS_sigaltstack:
    case SYS_rseq:
    case SYS_execve:
    case SYS_execveat:
        return true;
    default:
        return false;
    }
}

/* --- where it may write --- */

static void add_span(struct thread *thread, uint64_t low, uint64_t size)
{
    struct call *call = &thread->call;

    call->spans = xrealloc(call->spans, (call->span_count + 1) * sizeof *call->spans);
    call->spans[call->span_count++] = (struct span){low, low + size};
}

static uint64_t written_size(const struct user_regs_struct *regs, int number)
{
    switch (regs->orig_rax) {
    case SYS_read:
    case SYS_pread64:
    case SYS_recvfrom:
    case SYS_write:
    case SYS_pwrite64:
    case SYS_sendto:
        return number == 1 ? regs->rdx : SPAN_MAX;
    case SYS_getrandom:
        return regs->rsi;
    case SYS_futex:
        return number == 0 || number == 4 ? 4 : 0;
    default:
        return SPAN_MAX;
    }
}

/* What of a span is in the segments, one region after the other. */
static void for_each_part(struct tracer *t, struct thread *thread, struct recording *r)
{
    const struct call *call = &thread->call;

    for (size_t i = 0; i < call->span_count; i++) {
        struct span span = call->spans[i];
        struct part part;
        while (space_part(thread->space, &span, &part)) {
            struct segment *segment = &t->segments[part.segment];
            if (r == NULL) {
                segment_refresh(segment, part.offset, part.size);
            } else if (part.offset < segment->shadow_size) {
                uint64_t there = segment->shadow_size - part.offset;
                record_change(t, r, part.segment, part.offset, segment->shadow + part.offset,
                    part.size < there ? part.size : there);
            }
        }
    }
}

/* --- the entry --- */

static void enter(struct thread *thread, enum call_action action, const struct user_regs_struct *regs)
{
    thread->call.action = action;
    if (thread->call.changed)
        write_registers(thread, regs);
}

/* Pointers of a list of buffers become those of the aliases, in a copy. */
static bool redirect_buffers(
    struct tracer *t, struct thread *thread, unsigned long long *list, unsigned long long count)
{
    static struct iovec buffers[BUFFERS_MAX];
    bool any = false;

    if (count > BUFFERS_MAX ||
        read_memory(thread->space, *list, buffers, count * sizeof buffers[0]) != count * sizeof buffers[0])
        return false;
    for (unsigned long long i = 0; i < count; i++) {
        uint64_t at = (uint64_t)(uintptr_t)buffers[i].iov_base;
        const struct region *region = region_at(thread->space, at);
        if (region == NULL)
            continue;
        add_span(thread, at, buffers[i].iov_len);
        buffers[i].iov_base = (void *)(uintptr_t)(at - region->low + region->alias);
        any = true;
    }
    if (!any)
        return false;
    uint64_t room = BUFFERS_MAX * sizeof buffers[0];
    /* In turn: the kernel has read the one before by then. */
    uint64_t copy = TRACE_STUB + TRACE_SCRATCH + t->next_scratch++ % (TRACE_SCRATCH_SIZE / room) * room;
    if (!write_memory(thread->space, copy, buffers, count * sizeof buffers[0]))
        return false;
    *list = copy;
    return true;
}

static void redirect_message(struct tracer *t, struct thread *thread, uint64_t address)
{
    struct call *call = &thread->call;
    struct msghdr message;

    if (read_memory(thread->space, address, &message, sizeof message) != sizeof message)
        return;
    uint64_t saved[] = {(uint64_t)(uintptr_t)message.msg_iov, (uint64_t)(uintptr_t)message.msg_name,
        (uint64_t)(uintptr_t)message.msg_control};
    unsigned long long pointers[] = {saved[0], saved[1], saved[2]};
    uint64_t sizes[] = {0, message.msg_namelen, message.msg_controllen};
    bool any = redirect_buffers(t, thread, &pointers[0], message.msg_iovlen);
    for (int i = 1; i < 3; i++) {
        const struct region *region = region_at(thread->space, saved[i]);
        if (region == NULL)
            continue;
        add_span(thread, saved[i], sizes[i]);
        pointers[i] = saved[i] - region->low + region->alias;
        any = true;
    }
    if (!any)
        return;
    message.msg_iov = (void *)(uintptr_t)pointers[0];
    message.msg_name = (void *)(uintptr_t)pointers[1];
    message.msg_control = (void *)(uintptr_t)pointers[2];
    memcpy(call->message_pointers, saved, sizeof saved);
    call->message = write_memory(thread->space, address, &message, sizeof message);
}

static void put_message_back(struct thread *thread)
{
    struct call *call = &thread->call;
    struct msghdr message;

    if (!call->message || read_memory(thread->space, call->regs.rsi, &message, sizeof message) != sizeof message)
        return;
    message.msg_iov = (void *)(uintptr_t)call->message_pointers[0];
    message.msg_name = (void *)(uintptr_t)call->message_pointers[1];
    message.msg_control = (void *)(uintptr_t)call->message_pointers[2];
    write_memory(thread->space, call->regs.rsi, &message, sizeof message);
}

/* --- waiting for a turn --- */

static void touch_buffers(
    struct tracer *t, struct thread *thread, struct recording *r, uint64_t list, uint64_t count, uint32_t how)
{
    for (uint64_t i = 0; i < count && i < BUFFERS_MAX; i++) {
        struct iovec buffer;
        if (read_memory(thread->space, list + i * sizeof buffer, &buffer, sizeof buffer) != sizeof buffer)
            return;
        uint64_t at = (uint64_t)(uintptr_t)buffer.iov_base;
        record_touch(t, thread->space, r, (struct span){at, at + buffer.iov_len}, how);
    }
}

/* What a call may touch, as far as it is to be known before. */
static void touch_all(struct tracer *t, struct thread *thread, const struct user_regs_struct *regs, struct recording *r)
{
    uint32_t how = only_reads((long)regs->orig_rax) ? TOUCH_LOADS : TOUCH_LOADS | TOUCH_STORES;
    struct user_regs_struct copy = *regs;
    struct msghdr message;

    if (has_buffers((long)regs->orig_rax))
        touch_buffers(t, thread, r, regs->rsi, regs->rdx, how);
    else if ((regs->orig_rax == SYS_recvmsg || regs->orig_rax == SYS_sendmsg) &&
             read_memory(thread->space, regs->rsi, &message, sizeof message) == sizeof message)
        touch_buffers(t, thread, r, (uint64_t)(uintptr_t)message.msg_iov, message.msg_iovlen, how);
    for (int i = 0; i < 6; i++) {
        uint64_t at = *argument(&copy, i), size = written_size(regs, i);
        record_touch(t, thread->space, r, (struct span){at, at + size}, how);
    }
}

/* True if it waits for its turn now. */
static bool waits_for_turn(struct tracer *t, struct thread *thread, const struct user_regs_struct *regs, bool effect)
{
    struct recording r;

    if (!t->in_turns || !t->armed)
        return false;
    record_begin(t, thread, regs->rip, &r);
    r.access.number = (int64_t)regs->orig_rax;
    r.access.arguments[0] = regs->rdi;
    r.access.arguments[1] = regs->rsi;
    r.access.arguments[2] = regs->rdx;
    touch_all(t, thread, regs, &r);
    if (r.access.changes == 0 && !effect)
        return false;
    if (turn_take(t, thread)) {
        thread->has_turn = false;
        return false;
    }
    turn_await(t, thread, WAITS_AT_CALL);
    record_end(t, &r, RECORD_TURN, false);
    return true;
}

/* With an effect it is recorded also if nothing of a segment is handed to the kernel. */
static void enter_access(struct tracer *t, struct thread *thread, struct user_regs_struct *regs, bool effect)
{
    struct call *call = &thread->call;

    if (has_buffers((long)regs->orig_rax))
        call->changed = redirect_buffers(t, thread, &regs->rsi, regs->rdx);
    else if (regs->orig_rax == SYS_recvmsg || regs->orig_rax == SYS_sendmsg)
        redirect_message(t, thread, regs->rsi);
    for (int i = 0; i < 6; i++) {
        unsigned long long *pointer = argument(regs, i);
        const struct region *region = region_at(thread->space, *pointer);
        if (region == NULL)
            continue;
        uint64_t size = written_size(regs, i);
        uint64_t there = region->high - *pointer;
        add_span(thread, *pointer, size == SPAN_MAX && there < size ? there : size);
        *pointer = *pointer - region->low + region->alias;
        call->changed = true;
    }
    if (!call->changed && !call->message && !effect) {
        resume(thread, 0);
        return;
    }
    if (t->armed)
        for_each_part(t, thread, NULL);
    enter(thread, effect ? CALL_EFFECT : CALL_ACCESS, regs);
    resume_to_exit(thread);
}

/* A pointer inside of what a pointer points to */
static bool submits_reads(struct thread *thread, const struct user_regs_struct *regs)
{
    for (uint64_t i = 0; i < regs->rsi && i < BUFFERS_MAX; i++) {
        uint64_t at;
        struct iocb block;
        if (read_memory(thread->space, regs->rdx + 8 * i, &at, sizeof at) != sizeof at ||
            read_memory(thread->space, at, &block, sizeof block) != sizeof block)
            return false;
        if (block.aio_lio_opcode == IOCB_CMD_PREADV ||
            (block.aio_lio_opcode == IOCB_CMD_PREAD && region_at(thread->space, block.aio_buf) != NULL))
            return true;
    }
    return false;
}

static bool has_buffer_in_segment(struct thread *thread, const struct msghdr *message)
{
    for (size_t i = 0; i < message->msg_iovlen && i < BUFFERS_MAX; i++) {
        struct iovec buffer;
        uint64_t at = (uint64_t)(uintptr_t)message->msg_iov + i * sizeof buffer;
        if (read_memory(thread->space, at, &buffer, sizeof buffer) != sizeof buffer)
            return false;
        if (region_at(thread->space, (uint64_t)(uintptr_t)buffer.iov_base) != NULL)
            return true;
    }
    return false;
}

/* Of recvmmsg or sendmmsg */
static bool has_messages_in_segment(struct thread *thread, const struct user_regs_struct *regs)
{
    for (uint64_t i = 0; i < regs->rdx && i < BUFFERS_MAX; i++) {
        struct mmsghdr message;
        if (read_memory(thread->space, regs->rsi + i * sizeof message, &message, sizeof message) != sizeof message)
            return false;
        if (has_buffer_in_segment(thread, &message.msg_hdr))
            return true;
    }
    return false;
}

static void enter_map(struct tracer *t, struct thread *thread, struct user_regs_struct *regs)
{
    struct call *call = &thread->call;
    int segment = -1;

    if (regs->orig_rax == SYS_shmat) {
        segment = segment_of_shmid(t, (int)regs->rdi);
        if (segment >= 0 && regs->rsi == 0) {
            segment_open(t, (uint32_t)segment, thread->tid, -1);
            regs->rsi = arena_room(thread->space, round_up(t->segments[segment].attached_size));
            call->changed = true;
        }
    } else {
        bool shared = (regs->r10 & MAP_TYPE) != MAP_PRIVATE && !(regs->r10 & MAP_ANONYMOUS);
        if (shared)
            segment = segment_of_descriptor(t, thread->tid, (int)regs->r8);
        if (segment < 0 && any_region(thread->space, regs->rdi, regs->rdi + round_up(regs->rsi)) &&
            (regs->r10 & MAP_FIXED)) {
            call->range = (struct span){regs->rdi, regs->rdi + round_up(regs->rsi)};
            enter(thread, CALL_UNMAP, regs);
            resume_to_exit(thread);
            return;
        }
        if (segment >= 0 && !(regs->r10 & (MAP_FIXED | MAP_FIXED_NOREPLACE))) {
            regs->rdi = arena_room(thread->space, round_up(regs->rsi));
            call->changed = true;
        }
    }
    if (segment < 0) {
        resume(thread, 0);
        return;
    }
    call->segment = (uint32_t)segment;
    enter(thread, CALL_MAP, regs);
    resume_to_exit(thread);
}

static bool names_segment(const struct tracer *t, const struct thread *thread, int directory, uint64_t name)
{
    char text[PATH_MAX], path[PATH_MAX + 64];
    struct stat status;

    size_t size = read_memory(thread->space, name, text, sizeof text);
    if (memchr(text, '\0', size) == NULL)
        return false;
    if (text[0] == '/')
        snprintf(path, sizeof path, "/proc/%d/root%s", (int)thread->tid, text);
    else if (directory == AT_FDCWD)
        snprintf(path, sizeof path, "/proc/%d/cwd/%s", (int)thread->tid, text);
    else
        snprintf(path, sizeof path, "/proc/%d/fd/%d/%s", (int)thread->tid, directory, text);
    if (stat(path, &status) < 0)
        return false;
    for (uint32_t i = 0; i < t->segment_count; i++)
        if (t->segments[i].seen && t->segments[i].by != NAMED_SHMID) {
            struct stat named;
            if (fstat(t->segments[i].fd, &named) == 0 && named.st_dev == status.st_dev && named.st_ino == status.st_ino)
                return true;
        }
    return false;
}

/* Whether others than the caller see what it does, without a store. */
static bool has_effect(const struct tracer *t, const struct thread *thread, const struct user_regs_struct *regs)
{
    switch (regs->orig_rax) {
    case SYS_fcntl:
    case SYS_flock:
    case SYS_semop:
    case SYS_semtimedop:
        return true;
    case SYS_sched_yield:
    case SYS_msgsnd:
    case SYS_msgrcv:
    case SYS_mq_timedsend:
    case SYS_mq_timedreceive:
        return t->in_turns;
    case SYS_msync:
        return region_at(thread->space, regs->rdi) != NULL;
    case SYS_ftruncate:
        return segment_of_descriptor(t, thread->tid, (int)regs->rdi) >= 0;
    case SYS_truncate:
    case SYS_unlink:
        return names_segment(t, thread, AT_FDCWD, regs->rdi);
    case SYS_unlinkat:
        return names_segment(t, thread, (int)regs->rdi, regs->rsi);
    default:
        return false;
    }
}

void call_enter(struct tracer *t, struct thread *thread)
{
    struct call *call = &thread->call;
    struct user_regs_struct regs;

    free(call->spans);
    *call = (struct call){.action = CALL_NONE};
    if (thread->space == NULL || !read_registers(thread, &regs)) {
        resume(thread, 0);
        return;
    }
    call->regs = regs;
    switch (regs.orig_rax) {
    case SYS_mmap:
    case SYS_shmat:
        enter_map(t, thread, &regs);
        return;
    case SYS_munmap:
        call->range = (struct span){regs.rdi, regs.rdi + round_up(regs.rsi)};
        enter(thread, CALL_UNMAP, &regs);
        resume_to_exit(thread);
        return;
    case SYS_shmdt: {
        const struct region *region = region_at(thread->space, regs.rdi);
        if (region == NULL)
            break;
        call->range = (struct span){regs.rdi, regs.rdi + round_up(segment_size(&t->segments[region->segment]))};
        enter(thread, CALL_UNMAP, &regs);
        resume_to_exit(thread);
        return;
    }
    case SYS_mremap:
        if (region_at(thread->space, regs.rdi) == NULL)
            break;
        enter(thread, CALL_MOVE, &regs);
        resume_to_exit(thread);
        return;
    case SYS_mprotect:
    case SYS_pkey_mprotect:
        if (!any_region(thread->space, regs.rdi, regs.rdi + round_up(regs.rsi)))
            break;
        if (thread->space->armed) {
            /* No other thread is to store unseen until we protect it. */
            regs.rdx = (unsigned long long)space_armed(thread->space, (int)regs.rdx);
            call->changed = true;
        }
        enter(thread, CALL_PROTECT, &regs);
        resume_to_exit(thread);
        return;
    case SYS_prctl:
        if (regs.rdi != TRACE_PRCTL)
            break;
        regs.orig_rax = -1ull;
        call->changed = true;
        enter(thread, CALL_ARM, &regs);
        resume_to_exit(thread);
        return;
    case SYS_io_uring_setup:
        /* As where the kernel has none: programs have to do without. */
        regs.orig_rax = -1ull;
        regs.rax = (unsigned long long)-ENOSYS;
        write_registers(thread, &regs);
        resume(thread, 0);
        return;
    case SYS_mlock:
    case SYS_mlock2:
    case SYS_munlock: {
        /* What may not be loaded cannot be locked; its pages are those of the alias. */
        const struct region *region = region_at(thread->space, regs.rdi);
        if (region == NULL || !t->loads)
            break;
        regs.rdi += region->alias - region->low;
        call->changed = true;
        enter(thread, CALL_REDIRECTED, &regs);
        resume_to_exit(thread);
        return;
    }
    case SYS_ptrace:
        refuse(t, thread->pid, "it traces processes itself, and a process has one tracer at a time");
        return;
    case SYS_io_submit:
        if (thread->space->count > 0 && submits_reads(thread, &regs))
            refuse(t, thread->pid, "it reads into a segment by io_submit");
        else
            resume(thread, 0);
        return;
    case SYS_recvmmsg:
    case SYS_sendmmsg:
        if (thread->space->count == 0 || (regs.orig_rax == SYS_sendmmsg && !t->loads) ||
            !has_messages_in_segment(thread, &regs)) {
            resume(thread, 0);
            return;
        }
        refuse(t, thread->pid,
            regs.orig_rax == SYS_recvmmsg ? "it receives into a segment by recvmmsg"
                                          : "it sends from a segment by sendmmsg, where loads are traced");
        return;
    case SYS_remap_file_pages:
        if (region_at(thread->space, regs.rdi) != NULL)
            refuse(t, thread->pid, "it maps a segment by remap_file_pages");
        else
            resume(thread, 0);
        return;
    default:
        if (t->armed && has_effect(t, thread, &regs)) {
            if (t->kill_after == 0 && !t->killed) {
                kill_process(t, thread);
                return;
            }
            if (waits_for_turn(t, thread, &regs, true))
                return;
            enter_access(t, thread, &regs, true);
            return;
        }
        if (is_left_alone(t, (long)regs.orig_rax))
            break;
        if (waits_for_turn(t, thread, &regs, false))
            return;
        enter_access(t, thread, &regs, false);
        return;
    }
    resume(thread, 0);
}

/* --- the exit --- */

static bool moved(struct tracer *t, struct thread *thread, uint64_t to)
{
    const struct call *call = &thread->call;
    const struct region *old = region_at(thread->space, call->regs.rdi);

    if (old == NULL)
        return true;
    struct region region = *old;
    uint64_t size = round_up(call->regs.rdx), old_size = round_up(call->regs.rsi);
    region.offset += call->regs.rdi - region.low;
    region.low = to;
    region.high = to + size;
    if (old_size > 0 && !space_unmap(thread, call->regs.rdi, call->regs.rdi + old_size))
        return false;
    return space_unmap(thread, to, to + size) && space_map(t, thread, region, true);
}

static bool mapped(struct tracer *t, struct thread *thread, uint64_t at)
{
    const struct call *call = &thread->call;
    struct region region = {.low = at, .segment = call->segment};

    if (call->regs.orig_rax == SYS_shmat) {
        segment_open(t, call->segment, thread->tid, -1);
        region.high = at + round_up(t->segments[call->segment].attached_size);
        region.protection = call->regs.rdx & SHM_RDONLY ? PROT_READ : PROT_READ | PROT_WRITE;
    } else {
        segment_open(t, call->segment, thread->tid, (int)call->regs.r8);
        region.high = at + round_up(call->regs.rsi);
        region.protection = (int)call->regs.rdx;
        region.offset = call->regs.r9;
    }
    return space_unmap(thread, region.low, region.high) && space_map(t, thread, region, false);
}

/* True if the process is to die of it. */
static bool record_call(struct tracer *t, struct thread *thread, int64_t result)
{
    const struct call *call = &thread->call;
    struct recording r;
    bool effect = call->action == CALL_EFFECT;

    if (call->regs.orig_rax == SYS_futex) {
        int operation = (int)call->regs.rsi & FUTEX_CMD_MASK;
        effect =
            result > 0 && (operation == FUTEX_WAKE || operation == FUTEX_WAKE_BITSET || operation == FUTEX_WAKE_OP ||
                              operation == FUTEX_REQUEUE || operation == FUTEX_CMP_REQUEUE);
    }
    record_begin(t, thread, call->regs.rip, &r);
    r.access.number = (int64_t)call->regs.orig_rax;
    r.access.result = result;
    r.access.arguments[0] = call->regs.rdi;
    r.access.arguments[1] = call->regs.rsi;
    r.access.arguments[2] = call->regs.rdx;
    for_each_part(t, thread, &r);
    return record_end(t, &r, RECORD_CALL, effect && result >= 0);
}

void call_exit(struct tracer *t, struct thread *thread)
{
    struct call *call = &thread->call;
    struct user_regs_struct regs;
    bool alive = true, dies = false;

    if (!read_registers(thread, &regs))
        return;
    int64_t result = (int64_t)regs.rax;
    if (call->changed) {
        for (int i = 0; i < 6; i++)
            *argument(&regs, i) = *argument(&call->regs, i);
        if (call->action == CALL_ARM)
            regs.rax = 0;
        write_registers(thread, &regs);
    }
    bool restarts = result <= -512 && result >= -516; /* ERESTARTSYS and so on: it comes again */
    bool done = result >= 0 || result < -4095;
    switch (call->action) {
    case CALL_MAP:
        if (done)
            alive = mapped(t, thread, (uint64_t)result);
        break;
    case CALL_UNMAP:
        if (done)
            alive = space_unmap(thread, call->range.low, call->range.high);
        break;
    case CALL_MOVE:
        if (done)
            alive = moved(t, thread, (uint64_t)result);
        break;
    case CALL_PROTECT:
        if (done)
            alive =
                space_protect(thread, call->regs.rdi, call->regs.rdi + round_up(call->regs.rsi), (int)call->regs.rdx);
        break;
    case CALL_ARM:
        alive = arm(t, thread, call->regs.rsi != 0);
        break;
    case CALL_ACCESS:
    case CALL_EFFECT:
        put_message_back(thread);
        dies = t->armed && !restarts && record_call(t, thread, result);
        break;
    case CALL_REDIRECTED:
    case CALL_NONE:
        break;
    }
    call->action = CALL_NONE;
    if (dies)
        kill_process(t, thread);
    else if (alive)
        resume(thread, 0);
}
