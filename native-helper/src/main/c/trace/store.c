#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>

#include "../common/memory.h"
#include "trace.h"

#define DIRECTION_FLAG 0x400u

static void refuse_instruction(struct tracer *t, struct thread *thread, const uint8_t *code, size_t size)
{
    char text[3 * INSTRUCTION_MAX + 1] = "";

    for (size_t i = 0; i < size; i++)
        sprintf(text + 3 * i, " %02x", code[i]);
    refuse(
        t, thread->pid, "it stores into a segment by an instruction that cannot be traced, which begins with%s", text);
}

/* Every byte is in a region whose alias is equally far away. */
static bool within(const struct space *space, struct span span, uint64_t delta)
{
    while (span.low < span.high) {
        const struct region *region = region_at(space, span.low);
        if (region == NULL || region->alias - region->low != delta)
            return false;
        span.low = region->high;
    }
    return true;
}

/* So many of a repeated string store as fit into the region; the rest faults again, or does not. */
static void limit(struct store *store, const struct region *region, struct user_regs_struct *regs)
{
    uint64_t width = store->form.width, to = regs->rdi;
    bool down = regs->eflags & DIRECTION_FLAG;
    uint64_t fit = down ? (to - region->low) / width + 1 : (region->high - to) / width;
    uint64_t times = store->form.repeated ? regs->rcx : 1;

    if (fit == 0)
        fit = 1;
    times = times < fit ? times : fit;
    if (store->form.repeated) {
        store->left = regs->rcx - times;
        regs->rcx = times;
    }
    store->span = down ? (struct span){to - (times - 1) * width, to + width} : (struct span){to, to + times * width};
    struct span source = {regs->rsi - to + store->span.low, regs->rsi - to + store->span.high};
    /* Overlapping copies depend on how far apart the addresses are. */
    store->moved_source = (store->form.copy[store->form.copy_length - 1] & 0xfe) == 0xa4 &&
                          within(store->thread->space, source, store->delta);
}

static void remember(struct tracer *t, struct store *store)
{
    size_t size = store->span.high - store->span.low;

    if (size > store->capacity) {
        store->before = xrealloc(store->before, size);
        store->capacity = size;
    }
    for (uint64_t at = store->span.low; at < store->span.high;) {
        const struct region *region = region_at(store->thread->space, at);
        if (region == NULL)
            return;
        uint64_t end = store->span.high < region->high ? store->span.high : region->high;
        segment_read(&t->segments[region->segment], region->offset + (at - region->low),
            store->before + (at - store->span.low), end - at);
        at = end;
    }
}

static void begin(struct tracer *t, struct thread *thread, const struct region *region)
{
    struct store *store = &t->store;
    struct user_regs_struct regs;
    uint8_t code[INSTRUCTION_MAX];

    if (!read_registers(thread, &store->regs))
        return;
    if (t->kill_after == 0 && !t->killed) {
        kill_process(t, thread);
        return;
    }
    size_t size = read_memory(thread->space, store->regs.rip, code, sizeof code);
    const struct form *form = &store->form;
    if (!form_decode(code, size, &store->form) || (form->kind != FORM_OPERAND && form->segment != 0)) {
        refuse_instruction(t, thread, code, size);
        return;
    }
    store->thread = thread;
    store->left = 0;
    store->moved_source = false;
    store->delta = region->alias - region->low;
    store->place = form_place(form, &store->regs);
    store->span = (struct span){store->place.store, store->place.store + form->width};
    regs = store->regs;
    if (form->kind == FORM_STRING) {
        region = region_at(thread->space, regs.rdi);
        if (region != NULL)
            limit(store, region, &regs);
    }
    /* In the arena nothing is beside a mapping: the store faults then, as it should. */
    bool in_arena = region != NULL && region->low - TRACE_ARENA < TRACE_EXTENT;
    bool as_decoded = thread->fault >= store->span.low && thread->fault < store->span.high;
    if (region == NULL || !as_decoded || (!in_arena && !within(thread->space, store->span, store->delta))) {
        store->thread = NULL;
        refuse_instruction(t, thread, code, form->length);
        return;
    }
    store->slot = slot_for(thread->space, form);
    remember(t, store);
    *register_of(&regs, form->reg) = store->place.operand + store->delta;
    if (store->moved_source)
        regs.rsi += store->delta;
    regs.rip = store->slot;
    write_registers(thread, &regs);
    resume(thread, 0);
}

bool store_fault(struct tracer *t, struct thread *thread, uint64_t address)
{
    const struct region *region = thread->space == NULL ? NULL : region_at(thread->space, address);

    if (region == NULL || !thread->space->armed || !(region->protection & PROT_WRITE))
        return false;
    thread->fault = address;
    if (t->store.thread == NULL) {
        begin(t, thread, region);
        return true;
    }
    struct thread **last = &t->first_waiting;
    while (*last != NULL)
        last = &(*last)->next_waiting;
    thread->next_waiting = NULL;
    *last = thread;
    return true;
}

static void next(struct tracer *t)
{
    t->store.thread = NULL;
    while (t->store.thread == NULL && t->first_waiting != NULL) {
        struct thread *thread = t->first_waiting;
        t->first_waiting = thread->next_waiting;
        if (!store_fault(t, thread, thread->fault))
            resume(thread, 0); /* it tries again, and sees what there is now */
    }
}

/* True if the process is to die of it. */
static bool record_store(struct tracer *t, bool only_if_done)
{
    const struct store *store = &t->store;
    struct recording r;

    record_begin(t, store->thread, store->regs.rip, &r);
    for (uint64_t at = store->span.low; at < store->span.high;) {
        const struct region *region = region_at(store->thread->space, at);
        if (region == NULL)
            break;
        uint64_t end = store->span.high < region->high ? store->span.high : region->high;
        record_change(t, &r, region->segment, region->offset + (at - region->low),
            store->before + (at - store->span.low), end - at);
        at = end;
    }
    if (only_if_done && r.access.changes == 0)
        return false;
    return record_end(t, &r, RECORD_STORE, false);
}

void store_abandon(struct tracer *t, struct thread *thread)
{
    for (struct thread **link = &t->first_waiting; *link != NULL; link = &(*link)->next_waiting)
        if (*link == thread) {
            *link = thread->next_waiting;
            break;
        }
    if (t->store.thread == thread) {
        record_store(t, true); /* killed between the store and our word of it, perhaps */
        next(t);
    }
}

/* The registers as if the instruction had run where it stands. */
static void put_back(const struct store *store, struct user_regs_struct *regs)
{
    if (store->form.kind == FORM_STRING) {
        regs->rdi -= store->delta;
        regs->rcx += store->left;
        if (store->moved_source)
            regs->rsi -= store->delta;
    } else {
        struct user_regs_struct before = store->regs;
        *register_of(regs, store->form.reg) = *register_of(&before, store->form.reg);
    }
}

static void finish(struct tracer *t, struct user_regs_struct *regs)
{
    struct store *store = &t->store;
    struct thread *thread = store->thread;

    put_back(store, regs);
    regs->rip = store->regs.rip + (store->left > 0 ? 0 : store->form.length);
    write_registers(thread, regs);
    if (record_store(t, false))
        kill_process(t, thread);
    else
        resume(thread, 0);
    next(t);
}

/* The alias cannot be written either: the file was cut, say. The program is to see that as if there were no alias. */
static void fail(struct tracer *t, struct user_regs_struct *regs, siginfo_t *info)
{
    struct store *store = &t->store;
    struct thread *thread = store->thread;
    uint64_t address = (uint64_t)(uintptr_t)info->si_addr - store->delta;

    put_back(store, regs);
    regs->rip = store->regs.rip;
    write_registers(thread, regs);
    if (address >= store->span.low && address < store->span.high) {
        info->si_addr = (void *)(uintptr_t)address;
        ptrace(PTRACE_SETSIGINFO, thread->tid, NULL, info);
    }
    if (record_store(t, true))
        kill_process(t, thread);
    else
        resume(thread, info->si_signo);
    next(t);
}

bool store_signal(struct tracer *t, struct thread *thread, int signal)
{
    struct store *store = &t->store;
    struct user_regs_struct regs;
    siginfo_t info;

    if (store->thread != thread)
        return false;
    if (!read_registers(thread, &regs))
        return true; /* it is being killed */
    if (signal == SIGTRAP && regs.rip == store->slot + store->form.copy_length + 1) {
        finish(t, &regs);
        return true;
    }
    bool of_store = (signal == SIGSEGV || signal == SIGBUS) && regs.rip == store->slot &&
                    ptrace(PTRACE_GETSIGINFO, thread->tid, NULL, &info) == 0 && info.si_code > 0;
    if (of_store) {
        fail(t, &regs, &info);
    } else {
        hold_signal(thread);
        thread->signal_stop = false; /* not now */
        resume(thread, 0);
    }
    return true;
}
