#include <errno.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/memory.h"
#include "trace.h"

#define USER_CODE_32 0x23 /* cs of a 32-bit program */

/* --- threads --- */

static struct thread **bucket_of(struct tracer *t, pid_t tid)
{
    return &t->threads[(unsigned)tid % THREADS];
}

static struct thread *find_thread(struct tracer *t, pid_t tid)
{
    for (struct thread *thread = *bucket_of(t, tid); thread != NULL; thread = thread->next)
        if (thread->tid == tid)
            return thread;
    return NULL;
}

static struct thread *add_thread(struct tracer *t, pid_t tid)
{
    struct thread *thread = xmalloc(sizeof *thread);

    *thread = (struct thread){.tid = tid, .pid = tid, .next = *bucket_of(t, tid)};
    *bucket_of(t, tid) = thread;
    return thread;
}

static void remove_thread(struct tracer *t, struct thread *thread)
{
    struct thread **link = bucket_of(t, thread->tid);

    store_abandon(t, thread);
    while (*link != thread)
        link = &(*link)->next;
    *link = thread->next;
    space_drop(thread->space);
    free(thread->call.spans);
    free(thread);
}

/* --- going on --- */

static void go_on(struct thread *thread, int request, int signal)
{
    thread->signal_stop = false;
    /* It fails only if the thread is being killed, of which we hear soon. */
    ptrace(request, thread->tid, NULL, (void *)(intptr_t)signal);
}

/* A signal that cannot be delivered at this stop is sent again. */
static void send_again(const struct thread *thread, siginfo_t *info)
{
    if (info->si_code >= 0 || info->si_code == SI_TKILL ||
        syscall(SYS_rt_tgsigqueueinfo, thread->pid, thread->tid, info->si_signo, info) < 0)
        syscall(SYS_tgkill, thread->pid, thread->tid, info->si_signo);
}

static void unmask(struct thread *thread)
{
    if (thread->masked)
        ptrace(PTRACE_SETSIGMASK, thread->tid, (void *)sizeof thread->mask, &thread->mask);
    thread->masked = false;
}

void resume(struct thread *thread, int signal)
{
    bool outside = thread->space != NULL && thread->space->outside;

    if (thread->held && thread->signal_stop) {
        thread->held = false;
        if (signal != 0) {
            send_again(thread, &thread->held_info);
        } else {
            ptrace(PTRACE_SETSIGINFO, thread->tid, NULL, &thread->held_info);
            signal = thread->held_info.si_signo;
        }
        unmask(thread);
    }
    go_on(thread, outside ? PTRACE_SYSCALL : PTRACE_CONT, signal);
}

void resume_to_exit(struct thread *thread)
{
    thread->entered = true;
    go_on(thread, PTRACE_SYSCALL, 0);
}

void stop_at_calls(struct tracer *t, const struct space *space)
{
    for (size_t i = 0; i < THREADS; i++)
        for (struct thread *thread = t->threads[i]; thread != NULL; thread = thread->next)
            if (thread->space == space)
                ptrace(PTRACE_INTERRUPT, thread->tid, NULL, NULL); /* it goes on by resume, which knows */
}

/* The one that it is stopped by now waits until what we do is done, and so do all others. */
void hold_signal(struct thread *thread)
{
    static const int forced[] = {SIGTRAP, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGSYS};
    siginfo_t info;
    uint64_t all = UINT64_MAX;

    if (ptrace(PTRACE_GETSIGINFO, thread->tid, NULL, &info) < 0)
        return;
    if (thread->held) {
        send_again(thread, &info);
        return;
    }
    thread->held = true;
    thread->held_info = info;
    for (size_t i = 0; i < sizeof forced / sizeof forced[0]; i++)
        all &= ~(1ull << (forced[i] - 1));
    thread->masked = ptrace(PTRACE_GETSIGMASK, thread->tid, (void *)sizeof thread->mask, &thread->mask) == 0 &&
                     ptrace(PTRACE_SETSIGMASK, thread->tid, (void *)sizeof all, &all) == 0;
}

/* --- births --- */

static uint64_t clone_flags(const struct thread *thread)
{
    struct user_regs_struct regs;
    uint64_t flags = 0;

    if (!read_registers((struct thread *)thread, &regs))
        return 0;
    if (regs.orig_rax == SYS_clone)
        flags = regs.rdi;
    else if (regs.orig_rax == SYS_clone3)
        read_memory(thread->space, regs.rdi, &flags, sizeof flags);
    else if (regs.orig_rax == SYS_vfork)
        flags = CLONE_VM;
    return flags;
}

static void adopt(struct tracer *t, struct thread *parent)
{
    unsigned long tid;

    if (ptrace(PTRACE_GETEVENTMSG, parent->tid, NULL, &tid) < 0)
        return;
    struct thread *child = find_thread(t, (pid_t)tid);
    uint64_t flags = clone_flags(parent);
    if (child == NULL)
        child = add_thread(t, (pid_t)tid);
    child->pid = flags & CLONE_THREAD ? parent->pid : (pid_t)tid;
    if (flags & CLONE_VM) {
        child->space = parent->space;
        child->space->users++;
    } else {
        child->space = space_copy(parent->space, (pid_t)tid);
    }
    if (child->stopped) {
        child->stopped = false;
        resume(child, 0);
    }
}

/* --- a program that was just executed --- */

static void executed(struct tracer *t, struct thread *thread)
{
    struct user_regs_struct regs;
    char path[40];
    struct stat status;

    thread->executed = false;
    if (!read_registers(thread, &regs))
        return;
    if (regs.cs == USER_CODE_32) {
        refuse(t, thread->pid, "it is a 32-bit program, and only 64-bit ones can be traced");
        return;
    }
    snprintf(path, sizeof path, "/proc/%d/exe", (int)thread->pid);
    if (stat(path, &status) == 0 &&
        (((status.st_mode & S_ISUID) && status.st_uid != geteuid()) ||
            ((status.st_mode & S_ISGID) && (status.st_mode & S_IXGRP) && status.st_gid != getegid()))) {
        refuse(t, thread->pid,
            "it is setuid or setgid, and a traced program would run without that right; "
            "run a copy without that bit, as the user it is to be");
        return;
    }
    if (!inject_stub(thread)) {
        if (thread->postponed == 0)
            refuse(t, thread->pid, "its memory has no room at %#llx", TRACE_STUB);
        return;
    }
    thread->space->armed = t->armed;
    if (t->log.header->state == LOG_STARTING)
        t->log.header->state = LOG_RUNNING;
    resume(thread, 0);
}

/* The other threads are gone, without a word if one of them was the leader. */
static void executes(struct tracer *t, struct thread *thread)
{
    for (size_t i = 0; i < THREADS; i++)
        for (struct thread *other = t->threads[i], *next; other != NULL; other = next) {
            next = other->next;
            if (other->pid == thread->pid && other != thread)
                remove_thread(t, other);
        }
    store_abandon(t, thread);
    thread->has_turn = false;
    space_drop(thread->space);
    thread->space = space_new(thread->pid, t->loads);
    thread->call.action = CALL_NONE;
    thread->executed = true;
    go_on(thread, PTRACE_SYSCALL, 0);
}

/* --- stops --- */

static void at_call(struct tracer *t, struct thread *thread)
{
    struct __ptrace_syscall_info info;

    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread->tid, (void *)sizeof info, &info) < 0)
        return;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        thread->entered = true;
        call_enter(t, thread);
        return;
    }
    thread->entered = false;
    if (thread->executed)
        executed(t, thread);
    else if (thread->call.action != CALL_NONE)
        call_exit(t, thread);
    else
        resume(thread, 0);
}

static bool is_stopping(int signal)
{
    return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* --- arming --- */

/* The memories that are not as they should be; each thread of them is stopped, and the first that does sees to it. */
static bool all_as_ordered(struct tracer *t, bool interrupt)
{
    bool all = true;

    for (size_t i = 0; i < THREADS; i++)
        for (struct thread *thread = t->threads[i]; thread != NULL; thread = thread->next) {
            struct space *space = thread->space;
            if (space == NULL || space->armed == t->armed)
                continue;
            if (space->count == 0) {
                space->armed = t->armed;
                continue;
            }
            all = false;
            if (interrupt)
                ptrace(PTRACE_INTERRUPT, thread->tid, NULL, NULL);
        }
    return all;
}

static void answer(struct tracer *t)
{
    struct log_header *header = t->log.header;

    if (header->answer == t->order || !all_as_ordered(t, false))
        return;
    if (t->armed)
        segments_record(t);
    __atomic_store_n(&header->answer, t->order, __ATOMIC_RELEASE);
}

bool arm(struct tracer *t, struct thread *by, bool armed)
{
    bool alive = true;

    t->armed = armed;
    log_pair(&t->log, RECORD_WINDOW, by == NULL ? 0 : (uint32_t)by->pid, armed, NULL, 0);
    if (by != NULL) {
        alive = space_arm(by, armed);
        if (armed)
            segments_record(t);
    }
    all_as_ordered(t, true);
    turns_give(t); /* without arms there are no turns */
    return alive;
}

/* Whoever orders sends a signal until there is an answer: one may come between our look and our wait. */
static void obey(struct tracer *t)
{
    uint32_t order = __atomic_load_n(&t->log.header->order, __ATOMIC_ACQUIRE);

    if (order != t->order) {
        t->order = order;
        arm(t, NULL, order & 1);
    } else if (t->log.header->answer != order) {
        all_as_ordered(t, true); /* a stop that we asked for may have been lost in a call of ours */
    }
    answer(t);
    t->turns = __atomic_load_n(&t->log.header->turns, __ATOMIC_ACQUIRE);
    turns_give(t);
}

static void at_event(struct tracer *t, struct thread *thread, int event, int signal)
{
    switch (event) {
    case PTRACE_EVENT_STOP:
        if (thread->space != NULL && thread->space->armed != t->armed && !space_arm(thread, t->armed))
            break;
        if (thread->space == NULL)
            thread->stopped = true; /* newborn: its parent's word of it is still to come */
        else
            go_on(thread,
                is_stopping(signal)      ? PTRACE_LISTEN
                : thread->space->outside ? PTRACE_SYSCALL
                                         : PTRACE_CONT,
                0);
        break;
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE:
        adopt(t, thread);
        resume(thread, 0);
        break;
    case PTRACE_EVENT_EXEC:
        executes(t, thread);
        break;
    case PTRACE_EVENT_SECCOMP:
        if (thread->entered) /* seen at its entry already */
            go_on(thread, PTRACE_SYSCALL, 0);
        else
            call_enter(t, thread);
        break;
    case PTRACE_EVENT_EXIT:
        robust_release(t, thread);
        store_abandon(t, thread);
        resume(thread, 0);
        break;
    default:
        resume(thread, 0);
        break;
    }
}

static void at_signal(struct tracer *t, struct thread *thread, int signal)
{
    siginfo_t info;

    thread->signal_stop = true;
    if (store_signal(t, thread, signal))
        return;
    if (signal == SIGSEGV && ptrace(PTRACE_GETSIGINFO, thread->tid, NULL, &info) == 0 && info.si_code == SEGV_ACCERR) {
        uint64_t address = (uint64_t)(uintptr_t)info.si_addr;
        if (store_fault(t, thread, address))
            return;
        if (store_is_late(thread, address))
            signal = 0; /* it tries again */
    }
    resume(thread, signal);
}

static void died(struct tracer *t, struct thread *thread, int status)
{
    if (thread->tid == thread->pid)
        log_pair(&t->log, RECORD_EXIT, (uint32_t)thread->pid, (uint32_t)status, NULL, 0);
    remove_thread(t, thread);
}

static void dispatch(struct tracer *t, pid_t tid, int status)
{
    struct thread *thread = find_thread(t, tid);

    if (thread == NULL)
        thread = add_thread(t, tid);
    while (status != 0) {
        if (!WIFSTOPPED(status)) {
            died(t, thread, status);
            return;
        }
        if (status >> 16 != 0)
            at_event(t, thread, status >> 16, WSTOPSIG(status));
        else if (WSTOPSIG(status) == (SIGTRAP | 0x80))
            at_call(t, thread);
        else
            at_signal(t, thread, WSTOPSIG(status));
        /* Came while a call was made in it */
        status = thread->postponed;
        thread->postponed = 0;
    }
}

static void on_signal(int signal)
{
    (void)signal; /* it ends a wait */
}

/*
 * Where accesses wait for their turns, orders are many, and each comes just after the word that one waits: none is to
 * get lost between a look and a wait.
 */
static pid_t wait_in_turns(struct tracer *t, int *status)
{
    const struct log_header *header = t->log.header;
    sigset_t none;

    sigemptyset(&none);
    for (;;) {
        pid_t tid = waitpid(-1, status, __WALL | WNOHANG);
        if (tid != 0)
            return tid;
        if (t->turns != __atomic_load_n(&header->turns, __ATOMIC_ACQUIRE) ||
            t->order != __atomic_load_n(&header->order, __ATOMIC_ACQUIRE)) {
            errno = EINTR;
            return -1;
        }
        sigsuspend(&none);
    }
}

void trace_loop(struct tracer *t)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t signals;
    int status;

    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    sigaction(SIGUSR1, &action, NULL);
    if (t->in_turns) {
        sigaddset(&signals, SIGCHLD);
        sigaction(SIGCHLD, &action, NULL);
    }
    sigprocmask(t->in_turns ? SIG_BLOCK : SIG_UNBLOCK, &signals, NULL);
    for (;;) {
        pid_t tid = t->in_turns ? wait_in_turns(t, &status) : waitpid(-1, &status, __WALL);
        if (tid > 0)
            dispatch(t, tid, status);
        else if (errno == ECHILD)
            return;
        else
            obey(t);
        answer(t);
    }
}
