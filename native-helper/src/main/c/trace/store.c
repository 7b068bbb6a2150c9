#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>

#include "../common/memory.h"
#include "trace.h"

#define DIRECTION_FLAG 0x400u
#define ZERO_FLAG 0x40u

static void refuse_instruction(struct tracer *t, struct thread *thread, const uint8_t *code, size_t size)
{
    char text[3 * INSTRUCTION_MAX + 1] = "";

    for (size_t i = 0; i < size; i++)
        sprintf(text + 3 * i, " %02x", code[i]);
    refuse(t, thread->pid, "it %s a segment by an instruction that cannot be traced, which begins with%s",
        t->loads ? "accesses" : "stores into", text);
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

static bool is_in(struct span span, uint64_t address)
{
    return address >= span.low && address < span.high;
}

/* How many elements from there are in the region, at least one. */
static uint64_t fit(const struct region *region, uint64_t at, uint64_t width, bool down)
{
    uint64_t whole = down ? (at - region->low) / width + 1 : (region->high - at) / width;

    return whole > 0 ? whole : 1;
}

static struct span elements(uint64_t at, uint64_t times, uint64_t width, bool down)
{
    return down ? (struct span){at - (times - 1) * width, at + width} : (struct span){at, at + times * width};
}

/* So many times of a string instruction as fit into the regions; the rest faults again, or does not. */
static void plan_string(struct tracer *t, struct thread *thread, struct store *store)
{
    const struct form *form = &store->form;
    const struct user_regs_struct *regs = &store->regs;
    const struct region *to = form->by_rdi ? region_at(thread->space, regs->rdi) : NULL;
    const struct region *from = form->by_rsi ? region_at(thread->space, regs->rsi) : NULL;
    uint64_t times = form->repeated ? regs->rcx : 1, width = form->width;
    bool down = regs->eflags & DIRECTION_FLAG;

    if (to != NULL) {
        uint64_t most = fit(to, regs->rdi, width, down);
        times = times < most ? times : most;
        store->delta = to->alias - to->low;
    }
    if (from != NULL && t->loads) {
        uint64_t most = fit(from, regs->rsi, width, down);
        times = times < most ? times : most;
        store->source_delta = from->alias - from->low;
    }
    store->stores = form->stores && to != NULL;
    store->left = form->repeated ? regs->rcx - times : 0;
    store->span = to != NULL ? elements(regs->rdi, times, width, down) : (struct span){0};
    store->source = from != NULL ? elements(regs->rsi, times, width, down) : (struct span){0};
    /* Overlapping copies depend on how far apart the addresses are. */
    if (from != NULL && !t->loads && within(thread->space, store->source, store->delta))
        store->source_delta = store->delta;
}

/* What the instruction at a fault is about to do; false if it was refused. */
static bool plan(struct tracer *t, struct thread *thread, const struct region *region, struct store *store)
{
    uint8_t code[INSTRUCTION_MAX];
    struct form *form = &store->form;

    size_t size = read_memory(thread->space, store->regs.rip, code, sizeof code);
    if (!form_decode(code, size, t->loads, form) || (form->kind != FORM_OPERAND && form->segment != 0)) {
        refuse_instruction(t, thread, code, size);
        return false;
    }
    store->left = store->delta = store->source_delta = 0;
    store->source = (struct span){0};
    bool as_decoded, in_arena = region->low - TRACE_ARENA < TRACE_EXTENT;
    if (form->kind == FORM_STRING) {
        plan_string(t, thread, store);
        as_decoded = is_in(store->span, thread->fault) || (t->loads && is_in(store->source, thread->fault));
    } else {
        store->stores = form->stores;
        as_decoded = form_fits(form, &store->regs, thread->fault);
        store->delta = region->alias - region->low;
        store->place = form_place(form, &store->regs);
        store->span = (struct span){store->place.store, store->place.store + form->width};
    }
    /* In the arena nothing is beside a mapping: the access faults then, as it should. */
    if (!as_decoded || (!in_arena && !within(thread->space, store->span, store->delta))) {
        refuse_instruction(t, thread, code, form->length);
        return false;
    }
    return true;
}

static void remember(struct tracer *t, struct store *store)
{
    size_t size = store->span.high - store->span.low;

    if (size > store->capacity) {
        store->before = xrealloc(store->before, size);
        store->capacity = size;
    }
    struct span span = store->span;
    struct part part;
    while (space_part(store->thread->space, &span, &part))
        segment_read(&t->segments[part.segment], part.offset, store->before + (part.at - store->span.low), part.size);
}

static void begin(struct tracer *t, struct thread *thread, const struct region *region)
{
    struct store *store = &t->store;

    thread->has_turn = false;
    if (!read_registers(thread, &store->regs))
        return;
    if (t->kill_after == 0 && !t->killed) {
        kill_process(t, thread);
        return;
    }
    if (!plan(t, thread, region, store))
        return;
    store->thread = thread;
    const struct form *form = &store->form;
    struct user_regs_struct regs = store->regs;
    store->slot = slot_for(thread->space, form);
    if (store->stores)
        remember(t, store);
    if (form->kind == FORM_STRING) {
        regs.rdi += store->delta;
        regs.rsi += store->source_delta;
        if (form->repeated)
            regs.rcx -= store->left;
    } else {
        *register_of(&regs, form->reg) = store->place.operand + store->delta;
    }
    regs.rip = store->slot;
    write_registers(thread, &regs);
    resume(thread, 0);
}

/* It says what it is about to do, and does it when it is its turn. */
static void wait_for_turn(struct tracer *t, struct thread *thread, const struct region *region)
{
    struct store store = {.thread = thread};
    struct recording r;

    if (!read_registers(thread, &store.regs) || !plan(t, thread, region, &store))
        return;
    record_begin(t, thread, store.regs.rip, &r);
    r.access.number = -1; /* no call */
    record_touch(t, thread->space, &r, store.span, store.stores ? TOUCH_LOADS | TOUCH_STORES : TOUCH_LOADS);
    record_touch(t, thread->space, &r, store.source, TOUCH_LOADS);
    turn_await(t, thread, WAITS_AT_FAULT);
    record_end(t, &r, RECORD_TURN, false);
}

bool store_fault(struct tracer *t, struct thread *thread, uint64_t address)
{
    const struct region *region = thread->space == NULL ? NULL : region_at(thread->space, address);

    if (region == NULL || !thread->space->armed || space_armed(thread->space, region->protection) == region->protection)
        return false;
    thread->fault = address;
    if (!turn_take(t, thread)) {
        wait_for_turn(t, thread, region);
        return true;
    }
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

/* It faulted before the tracer was disarmed: the program allows what it does. */
bool store_is_late(const struct thread *thread, uint64_t address)
{
    const struct region *region = thread->space == NULL ? NULL : region_at(thread->space, address);
    struct user_regs_struct regs;
    uint8_t code[INSTRUCTION_MAX];
    struct form form;

    if (region == NULL || thread->space->armed || !read_registers((struct thread *)thread, &regs))
        return false;
    size_t size = read_memory(thread->space, regs.rip, code, sizeof code);
    return form_decode(code, size, true, &form) && (region->protection & (form.stores ? PROT_WRITE : PROT_READ)) != 0;
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

static void load_parts(struct tracer *t, struct recording *r, struct span span)
{
    struct part part;

    while (space_part(t->store.thread->space, &span, &part))
        record_seen(t, r, part.segment, part.offset, part.size);
}

/* True if the process is to die of it. */
static bool record_store(struct tracer *t, bool only_if_done)
{
    const struct store *store = &t->store;
    struct recording r;

    record_begin(t, store->thread, store->regs.rip, &r);
    if (!store->stores) {
        if (only_if_done)
            return false; /* nobody can tell whether it was */
        load_parts(t, &r, store->span);
        load_parts(t, &r, store->source);
        return record_end(t, &r, RECORD_LOAD, false);
    }
    struct span span = store->span;
    struct part part;
    while (space_part(store->thread->space, &span, &part))
        record_change(t, &r, part.segment, part.offset, store->before + (part.at - store->span.low), part.size);
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
    turn_forget(t, thread);
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
        regs->rsi -= store->source_delta;
        regs->rcx += store->left;
    } else {
        struct user_regs_struct before = store->regs;
        *register_of(regs, store->form.reg) = *register_of(&before, store->form.reg);
    }
}

/* A repeated string instruction has more to do. */
static bool continues(const struct store *store, const struct user_regs_struct *regs)
{
    bool equal = regs->eflags & ZERO_FLAG;

    return store->left > 0 && regs->rcx == 0 &&
           (store->form.ends == ENDS_NEVER || equal == (store->form.ends == ENDS_IF_NOT_EQUAL));
}

static void finish(struct tracer *t, struct user_regs_struct *regs)
{
    struct store *store = &t->store;
    struct thread *thread = store->thread;
    bool again = continues(store, regs);

    put_back(store, regs);
    regs->rip = store->regs.rip + (again ? 0 : store->form.length);
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
    uint64_t address = (uint64_t)(uintptr_t)info->si_addr;

    address -= is_in(store->source, address - store->source_delta) ? store->source_delta : store->delta;

    put_back(store, regs);
    regs->rip = store->regs.rip;
    write_registers(thread, regs);
    if (info->si_signo == SIGFPE || info->si_signo == SIGILL)
        address = store->regs.rip; /* a division by zero, say */
    if (address == store->regs.rip || is_in(store->span, address) || is_in(store->source, address)) {
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
    bool by_it = signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL;
    bool of_store = by_it && regs.rip == store->slot && ptrace(PTRACE_GETSIGINFO, thread->tid, NULL, &info) == 0 &&
                    info.si_code > 0;
    if (of_store) {
        fail(t, &regs, &info);
    } else {
        hold_signal(thread);
        thread->signal_stop = false; /* not now */
        resume(thread, 0);
    }
    return true;
}
