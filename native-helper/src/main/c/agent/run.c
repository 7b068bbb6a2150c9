/* The interpreter. */
#include "run.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "../common/crc32.h"
#include "../common/io.h"
#include "bytes.h"
#include "call.h"
#include "checkpoint.h"
#include "decode.h"
#include "fault.h"
#include "fork.h"
#include "insn.h"
#include "memory.h"
#include "proto.h"
#include "segment.h"
#include "state.h"
#include "uop.h"
#include "wait.h"

static const char *out_of_range = "the offset that the registers give is out of range or misaligned";

uint8_t *agent_range(struct agent *n, uint8_t seg, uint64_t off, uint64_t length)
{
    const struct slot *slot;

    if (seg == PROTO_SEG_RAW)
        return (uint8_t *)(uintptr_t)off;
    slot = &n->slots[seg];
    if (slot->base == NULL || off > slot->size || length > slot->size - off)
        return NULL;
    return slot->base + off;
}

bool compare(uint8_t cmp, uint8_t width, uint64_t value, uint64_t operand)
{
    unsigned shift = 64 - 8u * width;
    uint64_t v = value << shift, o = operand << shift;

    switch (cmp) {
    case CMP_EQ:
        return v == o;
    case CMP_NE:
        return v != o;
    case CMP_LT:
        return (int64_t)v < (int64_t)o;
    case CMP_LE:
        return (int64_t)v <= (int64_t)o;
    case CMP_GT:
        return (int64_t)v > (int64_t)o;
    case CMP_GE:
        return (int64_t)v >= (int64_t)o;
    case CMP_ULT:
        return v < o;
    case CMP_ULE:
        return v <= o;
    case CMP_UGT:
        return v > o;
    case CMP_UGE:
        return v >= o;
    case CMP_ALL_SET:
        return (v & o) == o;
    default:
        return (v & o) != 0;
    }
}

static uint64_t arithmetic(uint8_t operation, uint64_t x, uint64_t y)
{
    switch (operation) {
    case ALU_ADD:
        return x + y;
    case ALU_SUB:
        return x - y;
    case ALU_MUL:
        return x * y;
    case ALU_AND:
        return x & y;
    case ALU_OR:
        return x | y;
    case ALU_XOR:
        return x ^ y;
    case ALU_SHL:
        return x << (y & 63);
    case ALU_SHR:
        return x >> (y & 63);
    default:
        return y == 0 ? 0 : x % y;
    }
}

static void fence(uint8_t order)
{
    switch (order) {
    case ORDER_RELAXED:
        break;
    case ORDER_ACQUIRE:
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        break;
    case ORDER_RELEASE:
        __atomic_thread_fence(__ATOMIC_RELEASE);
        break;
    case ORDER_ACQ_REL:
        __atomic_thread_fence(__ATOMIC_ACQ_REL);
        break;
    default:
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        break;
    }
}

/* Fills the operands of the step after u. */
static bool resolve(struct agent *n, const struct uop *u, struct uop *next)
{
    next->off = u->off;
    if (u->reg != 0)
        next->off += n->regs[u->reg];
    if (u->flags & PROTO_FLAG_A_REG)
        next->a = n->regs[u->a];
    if (u->flags & PROTO_FLAG_B_REG)
        next->b = n->regs[u->b];
    if (!u->cmp) /* not a memory operand: the operation checks its own range */
        return true;
    next->addr = agent_range(n, u->seg, next->off, u->width);
    return (next->addr != NULL || u->seg == PROTO_SEG_RAW) && next->off % u->width == 0;
}

static bool keep(struct agent *n, const struct uop *u, uint64_t last, uint64_t extra, uint64_t bytes)
{
    struct reply *r = &n->reply;
    uint8_t *result = r->results + (size_t)r->result_count * PROTO_RESULT_SIZE;

    if (r->result_count == PROTO_MAX_RESULTS)
        return false;
    r->result_count++;
    put_le32(result, u->insn);
    put_le32(result + 4, u->cmp == KEEP_CALL ? (uint32_t)extra : 0);
    put_le64(result + 8, last);
    put_le64(result + 16, u->cmp == KEEP_SWAPPED ? extra : u->cmp == KEEP_BYTES || u->cmp == KEEP_CALL ? bytes : 0);
    return true;
}

/* A segment attached by a step of this very script: the later steps could not know its address. */
static void patch(struct program *p, const struct uop *from, uint8_t *base)
{
    for (struct uop *u = p->uops + (from - p->uops) + 1; u->code != U_STOP; u++) {
        if (u->seg == from->seg && u->code == U_DETACH)
            return;
        if (u->seg == from->seg && u->code < UOP_MEMORY_COUNT)
            u->addr = base + u->off;
    }
}

static int attach(struct agent *n, const struct uop *u)
{
    struct insn in = {OP_ATTACH, u->width, u->order, u->cmp, u->flags, 0, 0, u->seg, u->off, u->a, u->b};
    int error = seg_attach(&n->slots[u->seg], &in, n->program.data);

    if (error == 0)
        patch(&n->program, u, n->slots[u->seg].base);
    return error;
}

static bool get_bytes(struct agent *n, const struct uop *u, uint64_t *where)
{
    struct reply *r = &n->reply;
    const uint8_t *from = agent_range(n, u->seg, u->off, u->a);

    if (u->a > PROTO_MAX_REPLY_BYTES - r->bytes_count || (from == NULL && u->seg != PROTO_SEG_RAW))
        return false;
    memcpy(r->bytes + r->bytes_count, from, u->a);
    *where = (uint64_t)r->bytes_count << 32 | u->a;
    r->bytes_count += (uint32_t)u->a;
    return true;
}

_Noreturn static void die_of(int signo)
{
    sigset_t set;

    fault_default(signo);
    sigemptyset(&set);
    sigaddset(&set, signo);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    kill(getpid(), signo);
    /* Signals whose default is to be ignored, or to stop and be continued: the script asked for a death. */
    _exit(PROTO_EXIT_INTERNAL);
}

/* Completed rounds of each loop around the step where it ended, outermost first; and of all loops together. */
static void count_rounds(struct agent *n, const struct uop *at)
{
    const struct program *p = &n->program;
    uint32_t here = (uint32_t)(at - p->uops);
    struct reply *r = &n->reply;

    for (uint32_t i = 0; i < here; i++) {
        const struct uop *u = &p->uops[i];
        if (u->code == U_LOOP && u->target > here && r->depth < PROTO_MAX_DEPTH) {
            uint64_t done = u->a - p->uops[u->target].a;
            r->counters[r->depth++] = done;
            r->iterations += done;
        }
    }
}

static void refuse(struct agent *n, const char *text)
{
    n->reply.status = STATUS_USAGE;
    n->reply.bytes_count = (uint32_t)strlen(text);
    memcpy(n->reply.bytes, text, n->reply.bytes_count);
}

#define BEGIN(name) do_##name:
#define NEXT() \
    do { \
        u++; \
        goto *labels[u->code]; \
    } while (0)
#define JUMP(index) \
    do { \
        u = uops + (index); \
        goto *labels[u->code]; \
    } while (0)
#define FAIL(value) \
    do { \
        r->status = (value); \
        goto finished; \
    } while (0)
#define REFUSE(text) \
    do { \
        refuse(n, text); \
        goto finished; \
    } while (0)
/* Volatile, so that it is in memory when the access faults. */
#define TOUCHES() (n->current = u)

#define MEMORY_LABEL(name, bits, order) &&do_##name##bits##order,
#define MEMORY_CODE(name, bits, order) \
    BEGIN(name##bits##order) TOUCHES(); \
    DO_##name(bits, order); \
    NEXT();
#define UOP_LABEL(name) &&do_##name,

#define SIGNED(x) ((int64_t)((x) << u->order))
#define UNSIGNED(x) ((x) << u->order)
#define IF_CODE(name, condition) \
    BEGIN(IF_##name) if (condition) NEXT(); \
    JUMP(u->target);

bool program_run(struct agent *n)
{
    static const void *const labels[U_COUNT] = {FOR_MEMORY(MEMORY_LABEL) UOPS(UOP_LABEL)};
    struct uop *const uops = n->program.uops;
    struct reply *const r = &n->reply;
    struct uop *u = uops;
    uint64_t last = n->regs[PROTO_REG_LAST], extra = n->regs[PROTO_REG_EXTRA], bytes = 0;
    uint8_t *at;

    goto *labels[u->code];

    FOR_MEMORY(MEMORY_CODE)

    BEGIN(RESOLVE)
    {
        n->regs[PROTO_REG_LAST] = last;
        n->regs[PROTO_REG_EXTRA] = extra;
        if (!resolve(n, u, u + 1))
            REFUSE(out_of_range);
        NEXT();
    }
    BEGIN(STORE)
    {
        n->regs[u->reg] = last;
        NEXT();
    }
    BEGIN(LOAD)
    {
        last = u->reg == PROTO_REG_EXTRA ? extra : n->regs[u->reg];
        NEXT();
    }
    BEGIN(KEEP)
    {
        if (!keep(n, u, last, extra, bytes))
            FAIL(STATUS_LIMIT);
        NEXT();
    }
    BEGIN(FILL)
    {
        TOUCHES();
        at = agent_range(n, u->seg, u->off, u->a);
        if (at == NULL && u->seg != PROTO_SEG_RAW)
            REFUSE(out_of_range);
        memset(at, (int)(u->b & 0xff), u->a);
        NEXT();
    }
    BEGIN(PUT_BYTES)
    {
        TOUCHES();
        at = agent_range(n, u->seg, u->off, u->a);
        if (at == NULL && u->seg != PROTO_SEG_RAW)
            REFUSE(out_of_range);
        memcpy(at, n->program.data + u->b, u->a);
        NEXT();
    }
    BEGIN(GET_BYTES)
    {
        TOUCHES();
        if (u->a > PROTO_MAX_REPLY_BYTES - r->bytes_count)
            FAIL(STATUS_LIMIT);
        if (!get_bytes(n, u, &bytes))
            REFUSE(out_of_range);
        last = u->a;
        NEXT();
    }
    BEGIN(COPY)
    {
        TOUCHES();
        at = agent_range(n, u->seg, u->off, u->a);
        const uint8_t *from = agent_range(n, u->cmp, u->b, u->a);
        if ((at == NULL && u->seg != PROTO_SEG_RAW) || (from == NULL && u->cmp != PROTO_SEG_RAW))
            REFUSE(out_of_range);
        memmove(at, from, u->a);
        NEXT();
    }
    BEGIN(CRC32)
    {
        TOUCHES();
        at = agent_range(n, u->seg, u->off, u->a);
        if (at == NULL && u->seg != PROTO_SEG_RAW)
            REFUSE(out_of_range);
        last = crc32_of(at, u->a);
        NEXT();
    }
    BEGIN(AWAIT)
    {
        TOUCHES();
        u->addr = agent_range(n, u->seg, u->off, u->width);
        if (u->addr == NULL && u->seg != PROTO_SEG_RAW)
            REFUSE(out_of_range);
        if (!await_value(u, &last))
            FAIL(STATUS_TIMEOUT);
        NEXT();
    }
    BEGIN(SLEEP)
    {
        sleep_ns(u->a);
        NEXT();
    }
    BEGIN(FENCE)
    {
        fence(u->order);
        NEXT();
    }
    BEGIN(ECHO)
    {
        if (!write_full(STDERR_FILENO, n->program.data + u->b, u->a)) {
            r->err = errno;
            FAIL(STATUS_ERRNO);
        }
        NEXT();
    }
    BEGIN(EXIT)
    {
        _exit((int)(u->a & 0xff));
    }
    BEGIN(DIE)
    {
        if (u->a < 1 || u->a > 64)
            REFUSE("signals are 1 to 64");
        die_of((int)u->a);
    }
    BEGIN(LOOP)
    {
        if (u->a == 0)
            JUMP(u->target + 1);
        uops[u->target].a = u->a;
        NEXT();
    }
    BEGIN(END)
    {
        if (--u->a != 0)
            JUMP(u->target + 1);
        r->iterations += uops[u->target].a;
        NEXT();
    }
    BEGIN(BREAK)
    {
        const struct uop *end = uops + u->target;
        r->iterations += uops[end->target].a - end->a;
        JUMP(u->target + 1);
    }
    BEGIN(JUMP)
    {
        JUMP(u->target);
    }
    IF_CODE(EQ, UNSIGNED(last) == UNSIGNED(u->a))
    IF_CODE(NE, UNSIGNED(last) != UNSIGNED(u->a))
    IF_CODE(LT, SIGNED(last) < SIGNED(u->a))
    IF_CODE(LE, SIGNED(last) <= SIGNED(u->a))
    IF_CODE(GT, SIGNED(last) > SIGNED(u->a))
    IF_CODE(GE, SIGNED(last) >= SIGNED(u->a))
    IF_CODE(ULT, UNSIGNED(last) < UNSIGNED(u->a))
    IF_CODE(ULE, UNSIGNED(last) <= UNSIGNED(u->a))
    IF_CODE(UGT, UNSIGNED(last) > UNSIGNED(u->a))
    IF_CODE(UGE, UNSIGNED(last) >= UNSIGNED(u->a))
    IF_CODE(ALL_SET, (UNSIGNED(last) & UNSIGNED(u->a)) == UNSIGNED(u->a))
    IF_CODE(ANY_SET, (UNSIGNED(last) & UNSIGNED(u->a)) != 0)
    BEGIN(CHECK)
    {
        if (!compare(u->cmp, u->width, last, u->a))
            FAIL(STATUS_MISMATCH);
        NEXT();
    }
    BEGIN(SET)
    {
        last = u->a;
        NEXT();
    }
    BEGIN(ALU)
    {
        last = arithmetic(u->cmp, last, u->a);
        NEXT();
    }
    BEGIN(ATTACH)
    {
        r->err = attach(n, u);
        if (r->err != 0)
            FAIL(STATUS_ERRNO);
        last = n->slots[u->seg].size;
        NEXT();
    }
    BEGIN(DETACH)
    {
        r->err = seg_detach(&n->slots[u->seg]);
        if (r->err != 0)
            FAIL(STATUS_ERRNO);
        NEXT();
    }
    BEGIN(CALL)
    {
        TOUCHES();
        n->regs[PROTO_REG_LAST] = last;
        n->regs[PROTO_REG_EXTRA] = extra;
        bytes = r->bytes_count;
        struct call_outcome outcome = call_perform(n, u);
        if (outcome.usage != NULL)
            REFUSE(outcome.usage);
        last = (uint64_t)outcome.value;
        extra = (uint64_t)outcome.err;
        if (!(u->flags & PROTO_FLAG_KEEP))
            r->bytes_count = (uint32_t)bytes;
        bytes = bytes << 32 | (r->bytes_count - (uint32_t)bytes);
        if (outcome.err != 0 && (u->flags & PROTO_FLAG_CHECKED)) {
            r->err = outcome.err;
            FAIL(STATUS_ERRNO);
        }
        NEXT();
    }
    BEGIN(FORK)
    {
        if (n->passed_count == 0)
            REFUSE("no connection is left for another child");
        int64_t pid = child_fork(n);
        if (pid == 0)
            return true;
        if (pid < 0) {
            r->err = (int32_t)-pid;
            FAIL(STATUS_ERRNO);
        }
        last = (uint64_t)pid;
        NEXT();
    }
    BEGIN(CHECKPOINT)
    {
        TOUCHES();
        r->err = checkpoint_run(u, n->program.data, n->slots[u->seg].base, &last);
        if (r->err != 0)
            FAIL(r->err == ETIMEDOUT ? STATUS_TIMEOUT : STATUS_ERRNO);
        NEXT();
    }
    BEGIN(STOP)
finished:
    n->current = NULL;
    r->insn = u->code == U_STOP && n->program.insn_count > 0 ? n->program.insn_count - 1 : u->insn;
    r->last = n->regs[PROTO_REG_LAST] = last;
    n->regs[PROTO_REG_EXTRA] = extra;
    if (u->code != U_STOP)
        count_rounds(n, u);
    return false;
}
