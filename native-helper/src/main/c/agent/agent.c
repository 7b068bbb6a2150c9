/* The life of a native helper: greet, then do one request after the other. */
#include "agent.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../common/die.h"
#include "../common/procfs.h"
#include "access.h"
#include "bytes.h"
#include "decode.h"
#include "fault.h"
#include "fork.h"
#include "proto.h"
#include "run.h"
#include "state.h"
#include "wire.h"

struct agent *agent_self;

/* Untouched pages cost nothing, so the largest message always has room and nothing is allocated on the way. */
static void *reserve(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED)
        die("no memory for a helper's buffers");
    return memory;
}

static uint64_t mount_namespace;

void agent_prepare(void)
{
    mount_namespace = namespace_inode("mnt");
}

void agent_init(struct agent *n, int fd)
{
    *n = (struct agent){.fd = fd};
    n->in = reserve(PROTO_MAX_BODY + 4);
    n->out = reserve(PROTO_MAX_BODY + 4);
    n->reply.results = reserve((size_t)PROTO_MAX_RESULTS * PROTO_RESULT_SIZE);
    n->reply.bytes = reserve(PROTO_MAX_REPLY_BYTES);
    if (mount_namespace == 0)
        agent_prepare();
    n->mount_namespace = mount_namespace;
    agent_self = n;
}

static void greet(struct agent *n)
{
    uint8_t *body;
    uint32_t size;

    if (!wire_receive(n, &body, &size))
        _exit(0);
    if (size < PROTO_HELLO_SIZE || le32(body) != TYPE_HELLO || le32(body + 4) != PROTO_MAGIC)
        wire_malformed("it does not begin with a greeting");
    wire_hello(n);
    /* After the reply, so that the other side can name both versions. */
    if (le32(body + 8) != PROTO_VERSION)
        wire_malformed("version %u, this program speaks %d", le32(body + 8), PROTO_VERSION);
    if (le32(body + 12) > PROTO_MAX_NAME || le32(body + 12) != size - PROTO_HELLO_SIZE)
        wire_malformed("name of %u bytes in a greeting of %u", le32(body + 12), size);
}

static void send_reply(struct agent *n, uint32_t id)
{
    const struct reply *r = &n->reply;
    uint8_t *body = n->out + 4, *next = body + PROTO_REPLY_SIZE;
    size_t results_size = (size_t)r->result_count * PROTO_RESULT_SIZE;

    put_le32(body, TYPE_REPLY);
    put_le32(body + 4, id);
    put_le32(body + 8, r->status);
    put_le32(body + 12, r->insn);
    put_le32(body + 16, (uint32_t)r->err);
    put_le32(body + 20, r->depth);
    put_le64(body + 24, r->iterations);
    put_le64(body + 32, r->last);
    put_le32(body + 40, r->result_count);
    put_le32(body + 44, r->bytes_count);
    for (uint32_t i = 0; i < r->depth; i++, next += 8)
        put_le64(next, r->counters[i]);
    memcpy(next, r->results, results_size);
    next += results_size;
    memcpy(next, r->bytes, r->bytes_count);
    next += r->bytes_count;
    wire_send(n, n->out, (uint32_t)(next - body));
}

static void clear_reply(struct reply *r)
{
    r->status = STATUS_OK;
    r->insn = 0;
    r->err = 0;
    r->depth = 0;
    r->iterations = r->last = 0;
    r->result_count = r->bytes_count = 0;
}

void reply_refusal(struct reply *r, const struct refusal *why)
{
    r->status = STATUS_USAGE;
    r->insn = why->insn;
    r->bytes_count = (uint32_t)strlen(why->text);
    memcpy(r->bytes, why->text, r->bytes_count);
}

/* A script: true in a process that was forked meanwhile, which owes no reply. */
static bool run(struct agent *n, uint8_t *body, uint32_t size)
{
    uint32_t insn_count, data_size;
    struct refusal why;

    insn_count = le32(body + 8);
    data_size = le32(body + 12);
    if ((uint64_t)insn_count * PROTO_INSN_SIZE + data_size != size - PROTO_RUN_SIZE)
        wire_malformed("%u instructions and %u bytes of data in a request of %u", insn_count, data_size, size);
    body += PROTO_RUN_SIZE;
    if (program_decode(&n->program, n->slots, n->passed_count, body, insn_count,
            body + (size_t)insn_count * PROTO_INSN_SIZE, data_size, &why))
        return program_run(n);
    reply_refusal(&n->reply, &why);
    return false;
}

bool agent_handle(struct agent *n)
{
    uint8_t *body;
    uint32_t size;

    if (!wire_receive(n, &body, &size))
        return false;
    bool access = le32(body) == TYPE_ACCESS && size == PROTO_ACCESS_SIZE;
    if (!access && (le32(body) != TYPE_RUN || size < PROTO_RUN_SIZE))
        wire_malformed("type %u of %u bytes", le32(body), size);
    n->request = le32(body + 4);
    clear_reply(&n->reply);
    if (access)
        access_run(n, body + 8);
    else if (run(n, body, size))
        return true;
    send_reply(n, n->request);
    n->request = 0;
    if (n->child_count > 0)
        child_reap(n);
    return true;
}

static struct agent self;

void agent_warm_up(void)
{
    agent_init(&self, -1);
    /* The pages that every conversation needs, to take their faults now. */
    self.in[0] = self.out[0] = 0;
    /* Naps of microseconds, where the default slack would make each of them 50 longer. */
    prctl(PR_SET_TIMERSLACK, 1UL);
    fault_install();
}

_Noreturn void agent_serve(int fd)
{
    if (agent_self != &self)
        agent_warm_up();
    self.fd = fd;
    greet(&self);
    while (agent_handle(&self))
        continue;
    _exit(0);
}
