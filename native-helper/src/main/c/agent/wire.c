/* Messages in and out. */
#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/die.h"
#include "../common/io.h"
#include "bytes.h"
#include "fork.h"
#include "proto.h"
#include "state.h"

/* Room for the longest message with its length; a short one is received by one call together with what follows it. */
#define IN_SIZE (PROTO_MAX_BODY + 4)

_Noreturn void wire_malformed(const char *format, ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    dprintf(STDERR_FILENO, "shm-helper: malformed message: %s\n", text);
    _exit(PROTO_EXIT_MALFORMED);
}

static void take_descriptors(struct agent *n, struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof fd);
            if (n->passed_count == AGENT_MAX_FDS)
                wire_malformed("more than %d descriptors that nothing used", AGENT_MAX_FDS);
            n->passed[n->passed_count++] = fd;
        }
    }
}

/* How soon a child's death is seen where there are no pidfds (before Linux 5.3, or under valgrind). */
#define NO_PIDFD_MS 20

/* Between messages there is time for the children. */
static void wait_for_input(struct agent *n)
{
    struct pollfd polled[1 + AGENT_MAX_CHILDREN];
    int timeout = -1;

    while (n->child_count > 0) {
        polled[0] = (struct pollfd){.fd = n->fd, .events = POLLIN};
        for (unsigned i = 0; i < n->child_count; i++) {
            polled[1 + i] = (struct pollfd){.fd = n->children[i].pidfd, .events = POLLIN};
            timeout = n->children[i].pidfd < 0 ? NO_PIDFD_MS : timeout;
        }
        if (poll(polled, 1 + n->child_count, timeout) < 0 && errno != EINTR)
            die("poll");
        if (polled[0].revents != 0)
            return;
        child_reap(n);
    }
}

/* At least one more byte, or false at the end of the connection. */
static bool receive_more(struct agent *n)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(AGENT_MAX_FDS * sizeof(int))];
    } control;
    struct iovec where = {n->in + n->in_end, IN_SIZE - n->in_end};
    struct msghdr message = {
        .msg_iov = &where, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t got;

    wait_for_input(n);
    do
        got = recvmsg(n->fd, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    /* A JVM that was killed with replies unread resets the connection: an end like any other. */
    if (got <= 0)
        return false;
    if (message.msg_flags & MSG_CTRUNC)
        wire_malformed("too many descriptors at once");
    take_descriptors(n, &message);
    n->in_end += (uint32_t)got;
    return true;
}

static bool receive(struct agent *n, uint32_t wanted)
{
    while (n->in_end - n->in_start < wanted) {
        if (n->in_start == n->in_end)
            n->in_start = n->in_end = 0;
        if (IN_SIZE - n->in_start < wanted) {
            memmove(n->in, n->in + n->in_start, n->in_end - n->in_start);
            n->in_end -= n->in_start;
            n->in_start = 0;
        }
        if (!receive_more(n)) {
            if (n->in_end > n->in_start)
                wire_malformed("it ends after %u bytes", n->in_end - n->in_start);
            return false;
        }
    }
    return true;
}

bool wire_receive(struct agent *n, uint8_t **body, uint32_t *size)
{
    if (!receive(n, 4))
        return false;
    *size = le32(n->in + n->in_start);
    if (*size < 4 || *size > PROTO_MAX_BODY)
        wire_malformed("length %u", *size);
    receive(n, 4 + *size);
    *body = n->in + n->in_start + 4;
    n->in_start += 4 + *size;
    return true;
}

void wire_send(struct agent *n, uint8_t *message, uint32_t body_size)
{
    put_le32(message, body_size);
    /* Where the JVM has gone, so has the reason to go on. */
    if (!write_full(n->fd, message, (size_t)body_size + 4))
        _exit(0);
}

void wire_hello(struct agent *n)
{
    uint8_t message[4 + PROTO_HELLO_SIZE];

    put_le32(message + 4, TYPE_HELLO);
    put_le32(message + 8, PROTO_MAGIC);
    put_le32(message + 12, PROTO_VERSION);
    put_le32(message + 16, (uint32_t)getpid());
    wire_send(n, message, PROTO_HELLO_SIZE);
}
