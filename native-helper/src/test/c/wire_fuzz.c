/*
 * Fuzzes the framing of a native helper's messages: a stream of them, some damaged, that arrives in pieces of any size.
 * The helper must answer exactly those before the first malformed one, then end with its word on that.
 *
 *   wire-fuzz [seconds [seed]]
 */
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"
#include "peer.h"

#define MAX_STREAM 2048

struct input {
    uint32_t size;
    uint8_t bytes[MAX_STREAM];
};

static bool is_run(const uint8_t *body, uint32_t size)
{
    return size >= PROTO_RUN_SIZE && le32(body) == TYPE_RUN &&
           (uint64_t)le32(body + 8) * PROTO_INSN_SIZE + le32(body + 12) == size - PROTO_RUN_SIZE;
}

/* What PROTOCOL.md says of it: the number of requests that are answered, and whether all of it was in order. */
static uint32_t expected(const struct input *in, bool *in_order)
{
    uint32_t answered = 0, at = 0;

    for (; in->size - at >= 4; answered++) {
        uint32_t size = le32(in->bytes + at), left = in->size - at - 4;
        const uint8_t *body = in->bytes + at + 4;
        if (size < 4 || size > left || !(le32(body) == TYPE_ACCESS ? size == PROTO_ACCESS_SIZE : is_run(body, size)))
            break;
        at += 4 + size;
    }
    *in_order = at == in->size;
    return answered;
}

static bool try(const void *input)
{
    const struct input *in = input;
    struct peer p;
    static struct answer a;
    bool in_order;
    char text[512];
    uint32_t answered = 0, requests = expected(in, &in_order);

    peer_start(&p);
    for (uint32_t sent = 0, piece; sent < in->size; sent += piece) {
        piece = (uint32_t)fuzz_below(8) ? in->size - sent : 1 + (uint32_t)fuzz_below(in->size - sent);
        /* It may have ended already, at what was malformed. */
        if (send(p.fd, in->bytes + sent, piece, MSG_NOSIGNAL) < 0)
            break;
    }
    shutdown(p.fd, SHUT_WR);
    for (; peer_read(&p, &a); answered++)
        CHECK_EQ(a.type, TYPE_REPLY);
    int status = peer_wait(&p);
    peer_stderr(&p, text, sizeof text);
    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), in_order ? 0 : PROTO_EXIT_MALFORMED);
    CHECK_EQ(answered, requests);
    CHECK_EQ(strstr(text, "malformed message: ") == NULL, in_order);
    return in_order;
}

static void put_access(struct input *in)
{
    uint8_t *message = in->bytes + in->size;

    if (in->size + 4 + PROTO_ACCESS_SIZE > MAX_STREAM)
        return;
    memset(message, 0, 4 + PROTO_ACCESS_SIZE);
    put_le32(message, fuzz_below(8) ? PROTO_ACCESS_SIZE : (uint32_t)fuzz_below(2 * PROTO_ACCESS_SIZE));
    put_le32(message + 4, TYPE_ACCESS);
    put_le32(message + 8, (uint32_t)fuzz_any());
    message[12] = (uint8_t)fuzz_below(PROTO_OP_COUNT + 1); /* nothing is attached that it could touch */
    in->size += 4 + PROTO_ACCESS_SIZE;
}

/* A request that does nothing, or that is refused: both are answered. */
static void put_request(struct input *in)
{
    uint32_t insns = (uint32_t)fuzz_below(3), data = (uint32_t)fuzz_below(40);
    uint32_t size = PROTO_RUN_SIZE + insns * PROTO_INSN_SIZE + data;
    uint8_t *message = in->bytes + in->size;

    if (in->size + 4 + size > MAX_STREAM)
        return;
    memset(message, 0, 4 + size);
    put_le32(message, size);
    put_le32(message + 4, TYPE_RUN);
    put_le32(message + 8, (uint32_t)fuzz_any());
    put_le32(message + 12, insns);
    put_le32(message + 16, data);
    for (uint32_t i = 0; i < insns; i++)
        message[4 + PROTO_RUN_SIZE + i * PROTO_INSN_SIZE] = PROTO_OP_COUNT;
    in->size += 4 + size;
    if (fuzz_below(8) == 0)
        put_le32(message + 4 * (size_t[]){0, 1, 3, 4}[fuzz_below(4)],
            (uint32_t)(fuzz_below(2) ? fuzz_any() : size - 2 + fuzz_below(5)));
    if (fuzz_below(16) == 0) /* times 32 it is what it was, in 32 bits */
        put_le32(message + 12, insns + (1u << 27));
    if (fuzz_below(16) == 0) { /* too short for what every request has, by as much as data would be missing */
        put_le32(message, (uint32_t)fuzz_below(PROTO_RUN_SIZE));
        put_le32(message + 12, 0);
        put_le32(message + 16, le32(message) - PROTO_RUN_SIZE);
    }
}

static void damage(void *input)
{
    struct input *in = input;

    for (uint64_t i = fuzz_below(5); i > 0; i--)
        if (fuzz_below(3))
            put_request(in);
        else
            put_access(in);
    if (fuzz_below(8) == 0)
        in->size = (uint32_t)fuzz_below(in->size + 1);
}

int main(int argc, char **argv)
{
    return fuzz_run(&(struct fuzz){"framing", sizeof(struct input), damage, try}, argc, argv);
}
