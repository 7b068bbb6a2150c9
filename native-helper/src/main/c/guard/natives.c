#include "natives.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../agent/agent.h"
#include "../common/clock.h"
#include "../common/descriptor.h"
#include "../common/die.h"
#include "../common/ledger.h"
#include "child.h"

#define ACCEPT_PAUSE_US 10000

static bool is_exhaustion(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* The connection of a process of our own user, or -1. */
static int accept_own(int listener)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

    if (connection < 0) {
        int error = errno;
        if (is_exhaustion(error))
            sleep_us(ACCEPT_PAUSE_US); /* it stays in the queue, and poll would tell of it without end */
        errno = error;
        return -1;
    }
    if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.uid != geteuid()) {
        close(connection);
        return -1;
    }
    return connection;
}

/* What a freshly forked child does before it is a native helper. */
static void become_native(struct supervisor *s, const int write_ends[2])
{
    become_ordinary(write_ends[0], write_ends[1], s->devnull);
    signal(SIGPIPE, SIG_IGN);
    if (!ledger_record_self(s->ledger_fd, 'N'))
        _exit(EX_SYSTEM);
}

/* The life of a spare until somebody connects. Our death, and the end of the session, are the end of file at its end. */
static _Noreturn void await_connection(int listener, int supervisor)
{
    struct pollfd wait[] = {{.fd = supervisor, .events = POLLIN}, {.fd = listener, .events = POLLIN}};
    int low = listener < supervisor ? listener : supervisor;
    int high = listener < supervisor ? supervisor : listener;

    close_from_to(3, low - 1);
    close_from_to(low + 1, high - 1);
    close_from_to(high + 1, INT_MAX);
    agent_warm_up();
    for (;;) {
        if (poll(wait, 2, -1) < 0 && errno != EINTR)
            _exit(EX_SYSTEM);
        if (wait[0].revents != 0)
            _exit(EX_OK);
        int connection = wait[1].revents != 0 ? accept_own(listener) : -1;
        if (connection >= 0) {
            close(listener);
            (void)!write(supervisor, "", 1); /* one byte: it was taken, and did not just end */
            close(supervisor);
            agent_serve(connection);
        }
    }
}

/*
 * Forks the next helper ahead of the need: then a fork and all that follows on it is not what somebody waits for. There
 * is at most one, and none before the first helper was asked for. While there is one, it alone accepts.
 */
static void fork_spare(struct supervisor *s)
{
    int ends[2], write_ends[2];
    pid_t pid;

    if (s->no_spares || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return;
    fork_child(s, 1, write_ends, &pid);
    if (pid == 0) {
        become_native(s, write_ends);
        await_connection(s->listener, ends[1]);
    }
    close(ends[1]);
    if (pid > 0)
        s->spare = ends[0];
    else
        close(ends[0]);
}

void replace_spare(struct supervisor *s)
{
    char byte;

    if (read(s->spare, &byte, 1) != 1)
        s->no_spares = true; /* it was killed, say: not again and again */
    close(s->spare);
    s->spare = -1;
    fork_spare(s);
}

/* Who is refused at once need not wait for a greeting. */
static void refuse_connection(struct supervisor *s)
{
    if (s->reserve >= 0)
        close(s->reserve);
    int connection = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection >= 0)
        close(connection);
    s->reserve = fcntl(s->devnull, F_DUPFD_CLOEXEC, 0);
}

void accept_native(struct supervisor *s)
{
    int write_ends[2];
    pid_t pid;
    int connection = accept_own(s->listener);

    if (connection < 0) {
        if (is_exhaustion(errno))
            refuse_connection(s);
        return;
    }
    fork_child(s, 1, write_ends, &pid);
    if (pid == 0) {
        become_native(s, write_ends);
        close_from_to(3, connection - 1);
        close_from_to(connection + 1, INT_MAX);
        agent_serve(connection);
    }
    close(connection); /* fork failed: the JVM sees end of file */
    if (pid > 0)
        fork_spare(s);
}
