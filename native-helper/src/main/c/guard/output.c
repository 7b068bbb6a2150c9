#include "output.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../common/memory.h"
#include "control.h"

/* Forwards what is there, at most so many bytes, until that many wait for the JVM; false at end of file. */
static bool forward(struct supervisor *s, struct child *child, int stream, size_t bytes, size_t backlog)
{
    static char chunk[OUTPUT_CHUNK];
    int32_t head[2] = {child->pid, 0};

    while (bytes > 0) {
        size_t room = bytes < sizeof chunk - 1 ? bytes : sizeof chunk - 1;
        ssize_t size = read(child->output[stream], chunk + 1, room);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return errno == EAGAIN;
        if (size == 0)
            return false;
        bytes -= (size_t)size;
        chunk[0] = (char)(stream + 1);
        event_put(&s->out, EVENT_OUTPUT, 1, head, chunk, (size_t)size + 1);
        if (buffer_size(&s->out) > backlog)
            return true;
    }
    return true;
}

bool forward_some(struct supervisor *s, struct child *child, int stream)
{
    return forward(s, child, stream, SIZE_MAX, BACKLOG_MAX);
}

void close_output(struct child *child, int stream)
{
    if (child->output[stream] >= 0)
        close(child->output[stream]);
    child->output[stream] = -1;
}

void end_output(struct supervisor *s, struct child *child, int stream)
{
    int written = 0;

    if (child->output[stream] < 0)
        return;
    ioctl(child->output[stream], FIONREAD, &written);
    forward(s, child, stream, (size_t)written, SIZE_MAX);
    struct pollfd end = {.fd = child->output[stream], .events = POLLIN};
    if (poll(&end, 1, 0) == 1 && (end.revents & (POLLIN | POLLHUP)) == POLLHUP) {
        close_output(child, stream);
        return;
    }
    /* Another process has it too: without a reader its next word would kill it. */
    struct stray *stray = xmalloc(sizeof *stray);
    *stray = (struct stray){.fd = child->output[stream], .next = s->strays};
    s->strays = stray;
    child->output[stream] = -1;
}

void read_strays(struct supervisor *s)
{
    char chunk[4096];

    for (struct stray **link = &s->strays; *link != NULL;) {
        struct stray *stray = *link;
        ssize_t size = read(stray->fd, chunk, sizeof chunk);
        if (size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR))) {
            link = &stray->next;
            continue;
        }
        *link = stray->next;
        close(stray->fd);
        free(stray);
    }
}
