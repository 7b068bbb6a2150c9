#include "peer.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../main/c/agent/agent.h"
#include "../../main/c/common/descriptor.h"
#include "../../main/c/common/io.h"

void peer_write(struct peer *p, const void *bytes, size_t size)
{
    CHECK(write_full(p->fd, bytes, size));
}

static void read_hello(struct peer *p)
{
    uint8_t hello[4 + PROTO_HELLO_SIZE];

    CHECK_EQ(read_full(p->fd, hello, sizeof hello), sizeof hello);
    CHECK_EQ(le32(hello), PROTO_HELLO_SIZE);
    CHECK_EQ(le32(hello + 4), TYPE_HELLO);
    CHECK_EQ(le32(hello + 8), PROTO_MAGIC);
    CHECK_EQ(le32(hello + 12), PROTO_VERSION);
    CHECK_EQ(le32(hello + 16), p->pid);
}

void peer_start(struct peer *p)
{
    uint8_t hello[4 + PROTO_HELLO_SIZE + 1];
    int ends[2], err[2];

    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    CHECK(pipe(err) == 0);
    p->pid = fork();
    CHECK(p->pid >= 0);
    if (p->pid == 0) {
        dup2(err[1], STDERR_FILENO);
        /* Another peer's connection in here would keep that one from ever seeing its end. */
        close_from_to(3, ends[1] - 1);
        close_from_to(ends[1] + 1, INT_MAX);
        signal(SIGPIPE, SIG_IGN);
        agent_serve(ends[1]);
    }
    close(ends[1]);
    close(err[1]);
    p->fd = ends[0];
    p->err_fd = err[0];
    put_le32(hello, PROTO_HELLO_SIZE + 1);
    put_le32(hello + 4, TYPE_HELLO);
    put_le32(hello + 8, PROTO_MAGIC);
    put_le32(hello + 12, PROTO_VERSION);
    put_le32(hello + 16, 1);
    hello[20] = 'x';
    peer_write(p, hello, sizeof hello);
    read_hello(p);
}

void peer_adopt(struct peer *p, int fd, pid_t pid)
{
    *p = (struct peer){fd, pid, -1};
    read_hello(p);
}

int peer_wait(struct peer *p)
{
    int status;

    close(p->fd);
    CHECK(waitpid(p->pid, &status, 0) == p->pid);
    return status;
}

size_t peer_stderr(struct peer *p, char *text, size_t room)
{
    ssize_t size = read_full(p->err_fd, text, room - 1);

    CHECK(size >= 0);
    text[size] = '\0';
    close(p->err_fd);
    return (size_t)size;
}

bool peer_read(struct peer *p, struct answer *a)
{
    static uint8_t body[PROTO_MAX_BODY];
    uint8_t length[4], *next = body + PROTO_REPLY_SIZE;
    uint32_t size;

    if (read_full(p->fd, length, 4) != 4)
        return false;
    size = le32(length);
    CHECK(size <= sizeof body);
    CHECK_EQ(read_full(p->fd, body, size), size);
    memset(a, 0, offsetof(struct answer, bytes));
    a->type = le32(body);
    a->id = le32(body + 4);
    a->status = le32(body + 8);
    a->insn = le32(body + 12);
    if (a->type == TYPE_FAULT) { /* insn, signal, code, address */
        a->insn = le32(body + 8);
        a->err = (int32_t)le32(body + 12);
        a->status = le32(body + 16);
        a->last = le64(body + 24);
        return true;
    }
    if (a->type != TYPE_REPLY)
        return true;
    a->err = (int32_t)le32(body + 16);
    a->depth = le32(body + 20);
    a->iterations = le64(body + 24);
    a->last = le64(body + 32);
    a->result_count = le32(body + 40);
    a->bytes_count = le32(body + 44);
    for (uint32_t i = 0; i < a->depth; i++, next += 8)
        a->counters[i] = le64(next);
    for (uint32_t i = 0; i < a->result_count; i++, next += PROTO_RESULT_SIZE) {
        if (i >= 64)
            continue;
        a->results[i].insn = le32(next);
        a->results[i].err = (int32_t)le32(next + 4);
        a->results[i].value = le64(next + 8);
        a->results[i].extra = le64(next + 16);
    }
    CHECK_EQ(next + a->bytes_count - body, size);
    memcpy(a->bytes, next, a->bytes_count < sizeof a->bytes ? a->bytes_count : sizeof a->bytes);
    return true;
}

void peer_send(struct peer *p, const struct script *s, int passed_fd)
{
    uint8_t head[4 + PROTO_RUN_SIZE];
    uint32_t insns_size = s->count * PROTO_INSN_SIZE;

    put_le32(head, PROTO_RUN_SIZE + insns_size + s->data_size);
    put_le32(head + 4, TYPE_RUN);
    put_le32(head + 8, 7);
    put_le32(head + 12, s->count);
    put_le32(head + 16, s->data_size);
    if (passed_fd >= 0) {
        union {
            struct cmsghdr header;
            char room[CMSG_SPACE(sizeof(int))];
        } control = {.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
        struct iovec what = {head, sizeof head};
        struct msghdr message = {
            .msg_iov = &what, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
        memcpy(CMSG_DATA(&control.header), &passed_fd, sizeof passed_fd);
        CHECK_EQ(sendmsg(p->fd, &message, 0), sizeof head);
    } else {
        peer_write(p, head, sizeof head);
    }
    peer_write(p, s->insns, insns_size);
    peer_write(p, s->data, s->data_size);
}

void peer_run(struct peer *p, const struct script *s, struct answer *a)
{
    peer_send(p, s, -1);
    CHECK(peer_read(p, a));
    CHECK_EQ(a->type, TYPE_REPLY);
    CHECK_EQ(a->id, 7);
}

static void put_insn(uint8_t *w, struct insn in)
{
    const uint8_t head[] = {in.op, in.width, in.order, in.cmp, in.flags, in.dst, in.idx, in.seg};

    memcpy(w, head, sizeof head);
    put_le64(w + 8, in.off);
    put_le64(w + 16, in.a);
    put_le64(w + 24, in.b);
}

void add(struct script *s, struct insn in)
{
    put_insn(s->insns + (size_t)s->count++ * PROTO_INSN_SIZE, in);
}

void peer_access(struct peer *p, struct insn in)
{
    uint8_t message[4 + PROTO_ACCESS_SIZE];

    put_le32(message, PROTO_ACCESS_SIZE);
    put_le32(message + 4, TYPE_ACCESS);
    put_le32(message + 8, 9);
    put_insn(message + 12, in);
    peer_write(p, message, sizeof message);
}

uint32_t add_data(struct script *s, const void *bytes, uint32_t size)
{
    uint32_t at = s->data_size;

    memcpy(s->data + at, bytes, size);
    s->data_size += size;
    return at;
}

void add_call(struct script *s, enum proto_call call, uint8_t dst, unsigned count, const struct arg *args)
{
    uint8_t encoded[PROTO_MAX_ARGS * PROTO_ARG_SIZE] = {0};

    for (unsigned i = 0; i < count; i++) {
        uint8_t *to = encoded + i * PROTO_ARG_SIZE;
        to[0] = args[i].kind;
        to[1] = args[i].slot;
        put_le32(to + 4, args[i].length);
        put_le64(to + 8, args[i].value);
    }
    add(s, (struct insn){.op = OP_CALL,
               .flags = PROTO_FLAG_KEEP,
               .dst = dst,
               .off = add_data(s, encoded, count * PROTO_ARG_SIZE),
               .a = call,
               .b = count});
}
