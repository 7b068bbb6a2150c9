#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "../common/die.h"
#include "../common/memory.h"
#include "../common/oom.h"
#include "control.h"

struct child *child_of(struct supervisor *s, pid_t pid)
{
    struct child *child = s->children;

    while (child != NULL && child->pid != pid)
        child = child->next;
    return child;
}

void become_ordinary(int stdout_fd, int stderr_fd, int devnull)
{
    sigset_t none;

    before_death(NULL);
    restore_oom_score();
    /* Those that the supervisor ignores; all others have their defaults since its start. */
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    if (dup2(devnull, 0) < 0 || dup2(stdout_fd, 1) < 0 || dup2(stderr_fd, 2) < 0)
        _exit(EX_SYSTEM);
}

struct child *fork_child(struct supervisor *s, int outputs, int write_ends[2], pid_t *pid)
{
    int ends[2][2] = {{-1, -1}, {-1, -1}};

    *pid = -1;
    for (int i = 0; i < outputs; i++)
        if (pipe2(ends[i], O_CLOEXEC) < 0) {
            if (i > 0) {
                close(ends[0][0]);
                close(ends[0][1]);
            }
            return NULL;
        }
    write_ends[0] = ends[0][1];
    write_ends[1] = outputs == 2 ? ends[1][1] : ends[0][1];
    *pid = fork();
    if (*pid == 0)
        return NULL;
    for (int i = 0; i < outputs; i++)
        close(ends[i][1]);
    if (*pid < 0) {
        int error = errno;
        for (int i = 0; i < outputs; i++)
            close(ends[i][0]);
        errno = error;
        return NULL;
    }
    struct child *child = xmalloc(sizeof *child);
    /* One pipe is stderr: what a native helper prints is diagnostics. */
    child->pid = *pid;
    child->output[0] = outputs == 2 ? ends[0][0] : -1;
    child->output[1] = outputs == 2 ? ends[1][0] : ends[0][0];
    child->launch = NULL;
    for (int i = 0; i < 2; i++)
        if (child->output[i] >= 0)
            fcntl(child->output[i], F_SETFL, O_NONBLOCK);
    child->next = s->children;
    s->children = child;
    event_put(&s->out, EVENT_BORN, 1, (int32_t[]){*pid}, NULL, 0);
    return child;
}

void remove_child(struct supervisor *s, struct child *child)
{
    struct child **link = &s->children;

    while (*link != child)
        link = &(*link)->next;
    *link = child->next;
    free(child);
}
