/* Children of a helper: helpers themselves, each with a connection that the test made for it. */
#include "fork.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/pidfd.h"
#include "bytes.h"
#include "proto.h"
#include "state.h"
#include "wire.h"

static int take_passed(struct agent *n)
{
    int fd = n->passed[0];

    n->passed_count--;
    memmove(n->passed, n->passed + 1, n->passed_count * sizeof n->passed[0]);
    return fd;
}

static void become_child(struct agent *n, int fd)
{
    close(n->fd);
    n->fd = fd;
    for (unsigned i = 0; i < n->child_count; i++)
        if (n->children[i].pidfd >= 0)
            close(n->children[i].pidfd);
    n->child_count = 0;
    /* What came for the parent is the parent's. */
    for (unsigned i = 0; i < n->passed_count; i++)
        close(n->passed[i]);
    n->passed_count = 0;
    n->in_start = n->in_end = 0;
    n->current = NULL;
    n->request = 0;
    wire_hello(n);
}

int64_t child_fork(struct agent *n)
{
    int fd;
    pid_t pid;

    if (n->child_count == AGENT_MAX_CHILDREN)
        return -EAGAIN;
    fd = take_passed(n);
    pid = fork();
    if (pid == 0) {
        become_child(n, fd);
        return 0;
    }
    if (pid < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    close(fd);
    n->children[n->child_count].pid = pid;
    n->children[n->child_count++].pidfd = pidfd_of(pid);
    return pid;
}

void child_gone(struct agent *n, pid_t pid, int status)
{
    uint8_t message[4 + PROTO_CHILD_SIZE];

    for (unsigned i = 0; i < n->child_count; i++) {
        if (n->children[i].pid != pid)
            continue;
        if (n->children[i].pidfd >= 0)
            close(n->children[i].pidfd);
        n->children[i] = n->children[--n->child_count];
        put_le32(message + 4, TYPE_CHILD_EXIT);
        put_le32(message + 8, (uint32_t)pid);
        put_le32(message + 12, (uint32_t)status);
        put_le32(message + 16, 0);
        wire_send(n, message, PROTO_CHILD_SIZE);
        return;
    }
}

void child_reap(struct agent *n)
{
    for (unsigned i = n->child_count; i-- > 0;) {
        pid_t pid = n->children[i].pid;
        int status;
        if (waitpid(pid, &status, WNOHANG) == pid)
            child_gone(n, pid, status);
    }
}
