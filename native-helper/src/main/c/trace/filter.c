/* Which system calls the tracer hears of: those that may map a segment, and those with a pointer into one. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "trace.h"

#define DATA(field) offsetof(struct seccomp_data, field)
#define HIGH_HALF(field) (DATA(field) + 4)
#define UPPER(address) ((uint32_t)((address) >> 32))

struct program {
    struct sock_filter code[192];
    unsigned short length;
};

static void put(struct program *p, uint16_t code, uint32_t operand, uint8_t if_so, uint8_t if_not)
{
    p->code[p->length++] = (struct sock_filter){code, if_so, if_not, operand};
}

static void load(struct program *p, size_t offset)
{
    put(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void give(struct program *p, uint32_t verdict)
{
    put(p, BPF_RET | BPF_K, verdict, 0, 0);
}

static void unless_equal(struct program *p, uint32_t value, uint8_t skip)
{
    put(p, BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip);
}

/* The call is traced if its argument, masked, is that. */
static void trace_if(struct program *p, long number, int argument, uint32_t mask, uint32_t value)
{
    load(p, DATA(nr));
    unless_equal(p, (uint32_t)number, 4);
    load(p, DATA(args) + 8 * (size_t)argument);
    put(p, BPF_ALU | BPF_AND | BPF_K, mask, 0, 0);
    unless_equal(p, value, 1);
    give(p, SECCOMP_RET_TRACE);
}

static void trace_all(struct program *p, const long *numbers, size_t count)
{
    load(p, DATA(nr));
    for (size_t i = 0; i < count; i++) {
        unless_equal(p, (uint32_t)numbers[i], 1);
        give(p, SECCOMP_RET_TRACE);
    }
}

bool filter_install(bool all)
{
    static const long always[] = {SYS_shmat, SYS_shmdt, SYS_readv, SYS_preadv, SYS_preadv2, SYS_recvmsg, SYS_recvmmsg,
        SYS_process_vm_readv, SYS_io_uring_setup, SYS_io_submit, SYS_ptrace, SYS_mremap, SYS_remap_file_pages,
        SYS_flock, SYS_semop, SYS_semtimedop, SYS_ftruncate, SYS_truncate, SYS_unlink, SYS_unlinkat};
    static const long reading_or_waiting[] = {SYS_writev, SYS_pwritev, SYS_pwritev2, SYS_sendmsg, SYS_sendmmsg,
        SYS_vmsplice, SYS_process_vm_writev, SYS_sched_yield, SYS_msgsnd, SYS_msgrcv, SYS_mq_timedsend,
        SYS_mq_timedreceive};
    static const uint32_t locks[] = {F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW};
    struct program p = {.length = 0};

    load(&p, DATA(arch));
    put(&p, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
    give(&p, SECCOMP_RET_ALLOW);
    load(&p, HIGH_HALF(instruction_pointer));
    unless_equal(&p, UPPER(TRACE_STUB), 1);
    give(&p, SECCOMP_RET_ALLOW); /* our own */
    trace_all(&p, always, sizeof always / sizeof always[0]);
    if (all)
        trace_all(&p, reading_or_waiting, sizeof reading_or_waiting / sizeof reading_or_waiting[0]);
    trace_if(&p, SYS_mmap, 3, MAP_TYPE, MAP_SHARED);
    trace_if(&p, SYS_mmap, 3, MAP_TYPE, MAP_SHARED_VALIDATE);
    trace_if(&p, SYS_prctl, 0, UINT32_MAX, TRACE_PRCTL);
    for (size_t i = 0; i < sizeof locks / sizeof locks[0]; i++)
        trace_if(&p, SYS_fcntl, 1, UINT32_MAX, locks[i]);
    for (int i = 0; i < 6; i++) {
        load(&p, HIGH_HALF(args[i]));
        put(&p, BPF_ALU | BPF_AND | BPF_K, ~(UPPER(TRACE_EXTENT) - 1), 0, 0);
        unless_equal(&p, UPPER(TRACE_ARENA), 1);
        give(&p, SECCOMP_RET_TRACE);
    }
    give(&p, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {p.length, p.code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
