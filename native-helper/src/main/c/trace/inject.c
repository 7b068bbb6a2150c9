#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/memory.h"
#include "trace.h"

/* syscall; int3 */
static const uint8_t call_code[] = {0x0f, 0x05, 0xcc};
#define SLOT_SIZE 16
#define INT3 0xcc

bool read_registers(struct thread *thread, struct user_regs_struct *regs)
{
    return ptrace(PTRACE_GETREGS, thread->tid, NULL, regs) == 0;
}

void write_registers(struct thread *thread, const struct user_regs_struct *regs)
{
    /* It fails only if the thread is being killed, of which we hear soon. */
    ptrace(PTRACE_SETREGS, thread->tid, NULL, regs);
}

size_t read_memory(const struct space *space, uint64_t address, void *data, size_t size)
{
    ssize_t got = pread(space->memory, data, size, (off_t)address);

    return got < 0 ? 0 : (size_t)got;
}

bool write_memory(const struct space *space, uint64_t address, const void *data, size_t size)
{
    return pwrite(space->memory, data, size, (off_t)address) == (ssize_t)size;
}

/* Runs the code of a call at that place. */
static bool call_at(struct thread *thread, uint64_t place, int64_t *result, long number, const uint64_t arguments[6])
{
    struct user_regs_struct saved, regs;
    int status;

    if (!read_registers(thread, &saved))
        return false;
    regs = saved;
    regs.rip = place;
    regs.rax = (unsigned long long)number;
    regs.orig_rax = -1ull; /* no call is to be restarted */
    regs.rdi = arguments[0];
    regs.rsi = arguments[1];
    regs.rdx = arguments[2];
    regs.r10 = arguments[3];
    regs.r8 = arguments[4];
    regs.r9 = arguments[5];
    write_registers(thread, &regs);
    for (;;) {
        if (ptrace(PTRACE_CONT, thread->tid, NULL, NULL) < 0)
            return false;
        while (waitpid(thread->tid, &status, __WALL) < 0)
            if (errno != EINTR)
                return false;
        if (!WIFSTOPPED(status) || status >> 16 == PTRACE_EVENT_EXIT) {
            thread->postponed = status;
            return false;
        }
        if (status >> 16 != 0)
            continue; /* a filter's word on the call, or a stop that will come again */
        if (!read_registers(thread, &regs))
            return false;
        if (WSTOPSIG(status) == SIGTRAP && regs.rip == place + sizeof call_code)
            break;
        hold_signal(thread);
    }
    *result = (int64_t)regs.rax;
    thread->signal_stop = true;
    write_registers(thread, &saved);
    return true;
}

bool inject(struct thread *thread, int64_t *result, long number, const uint64_t arguments[6])
{
    return call_at(thread, TRACE_STUB, result, number, arguments);
}

bool inject_stub(struct thread *thread)
{
    struct user_regs_struct regs;
    uint8_t old[sizeof call_code];
    int64_t stub, scratch;

    if (!read_registers(thread, &regs) || read_memory(thread->space, regs.rip, old, sizeof old) != sizeof old ||
        !write_memory(thread->space, regs.rip, call_code, sizeof call_code))
        return false;
    bool alive = call_at(thread, regs.rip, &stub, SYS_mmap,
                     (uint64_t[]){TRACE_STUB, TRACE_STUB_SIZE, PROT_READ | PROT_EXEC,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1ull, 0}) &&
                 call_at(thread, regs.rip, &scratch, SYS_mmap,
                     (uint64_t[]){TRACE_STUB + TRACE_SCRATCH, TRACE_SCRATCH_SIZE, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1ull, 0});
    if (!alive)
        return false;
    write_memory(thread->space, regs.rip, old, sizeof old);
    return stub == (int64_t)TRACE_STUB && write_memory(thread->space, TRACE_STUB, call_code, sizeof call_code);
}

static uint64_t hash_of(const struct form *form)
{
    uint64_t hash = 0xcbf29ce484222325ull;

    for (int i = 0; i < form->copy_length; i++)
        hash = (hash ^ form->copy[i]) * 0x100000001b3ull;
    return hash;
}

static struct slot *find_slot(struct slot *slots, size_t capacity, const struct form *form, uint64_t hash)
{
    for (size_t i = hash & (capacity - 1);; i = (i + 1) & (capacity - 1)) {
        struct slot *slot = &slots[i];
        if (slot->at == 0 || (slot->hash == hash && slot->length == form->copy_length &&
                                 memcmp(slot->copy, form->copy, slot->length) == 0))
            return slot;
    }
}

static void grow_slots(struct space *space)
{
    size_t capacity = space->slot_capacity > 0 ? 2 * space->slot_capacity : 64;
    struct slot *slots = xmalloc(capacity * sizeof *slots);

    memset(slots, 0, capacity * sizeof *slots);
    for (size_t i = 0; i < space->slot_capacity; i++)
        if (space->slots[i].at != 0) {
            struct form form = {.copy_length = space->slots[i].length};
            memcpy(form.copy, space->slots[i].copy, form.copy_length);
            *find_slot(slots, capacity, &form, space->slots[i].hash) = space->slots[i];
        }
    free(space->slots);
    space->slots = slots;
    space->slot_capacity = capacity;
}

uint64_t slot_for(struct space *space, const struct form *form)
{
    uint64_t hash = hash_of(form);
    uint8_t code[SLOT_SIZE];

    if (2 * space->slot_count >= space->slot_capacity)
        grow_slots(space);
    struct slot *slot = find_slot(space->slots, space->slot_capacity, form, hash);
    if (slot->at != 0)
        return slot->at;
    if (space->next_slot + SLOT_SIZE > TRACE_STUB + TRACE_STUB_SIZE) {
        /* More different instructions than there is room for: all again. None runs now. */
        memset(space->slots, 0, space->slot_capacity * sizeof *space->slots);
        space->slot_count = 0;
        space->next_slot = TRACE_STUB + SLOT_SIZE;
        slot = find_slot(space->slots, space->slot_capacity, form, hash);
    }
    memset(code, INT3, sizeof code);
    memcpy(code, form->copy, form->copy_length);
    if (!write_memory(space, space->next_slot, code, sizeof code))
        return 0;
    *slot = (struct slot){.hash = hash, .at = space->next_slot, .length = form->copy_length};
    memcpy(slot->copy, form->copy, form->copy_length);
    space->next_slot += SLOT_SIZE;
    space->slot_count++;
    return slot->at;
}
