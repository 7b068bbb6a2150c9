#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/exec.h"
#include "../common/ledger.h"
#include "../common/memory.h"
#include "child.h"
#include "control.h"

/* Shorter than its JVM waits, so that what came of it is known in one place. */
#define LAUNCH_WAIT_MS 8000
#define FIRST_INHERITED 3
#define INHERITED_MAX 64

/* Opens what the program is to inherit, where nothing of ours is in the way: all of ours closes at its exec. */
static bool open_inherited(char **paths, int *failure)
{
    int moved = fcntl(*failure, F_DUPFD_CLOEXEC, FIRST_INHERITED + INHERITED_MAX);

    if (moved < 0)
        return false;
    *failure = moved;
    for (int i = 0; paths[i] != NULL; i++) {
        if (i == INHERITED_MAX) {
            errno = EMFILE;
            return false;
        }
        int opened = open(paths[i], O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (opened < 0)
            return false;
        if (opened == FIRST_INHERITED + i ? fcntl(opened, F_SETFD, 0) < 0 : dup2(opened, FIRST_INHERITED + i) < 0)
            return false;
    }
    return true;
}

/* Where standard input is /dev/null until now. */
static bool open_input(const char *path)
{
    if (path[0] == '\0')
        return true;
    int opened = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
    return opened >= 0 && dup2(opened, 0) == 0;
}

static _Noreturn void run_command(
    struct supervisor *s, const struct request *request, const int write_ends[2], int failure)
{
    become_ordinary(write_ends[0], write_ends[1], s->devnull);
    if (ledger_record_self(s->ledger_fd, 'X') && chdir(request->cwd) == 0 && open_input(request->input) &&
        open_inherited(request->inherited, &failure)) {
        environ = request->envp;
        exec_by_path(request->argv);
    }
    int error = errno;
    (void)!write(failure, &error, sizeof error);
    _exit(127);
}

static void tell_launch(struct supervisor *s, uint32_t id, const char *program, pid_t pid, int error)
{
    if (error == 0)
        event_put(&s->out, EVENT_LAUNCHED, 2, (int32_t[]){(int32_t)id, pid}, NULL, 0);
    else
        event_put(&s->out, EVENT_LAUNCH_FAILED, 2, (int32_t[]){(int32_t)id, error}, program, strlen(program));
}

void launch(struct supervisor *s, const struct request *request)
{
    int write_ends[2], failure[2];
    pid_t pid = -1;

    if (pipe2(failure, O_CLOEXEC) < 0) {
        tell_launch(s, request->id, request->argv[0], -1, errno);
        return;
    }
    struct child *child = fork_child(s, 2, write_ends, &pid);
    int error = errno;
    if (pid == 0)
        run_command(s, request, write_ends, failure[1]);
    close(failure[1]);
    if (child == NULL) {
        close(failure[0]);
        tell_launch(s, request->id, request->argv[0], -1, error);
        return;
    }
    fcntl(failure[0], F_SETFL, O_NONBLOCK);
    child->launch = xmalloc(sizeof *child->launch);
    *child->launch = (struct launch){.id = request->id,
        .failure = failure[0],
        .until_ms = now_ms() + LAUNCH_WAIT_MS,
        .program = xstrndup(request->argv[0], strlen(request->argv[0]))};
}

void look_at_launch(struct supervisor *s, struct child *child)
{
    struct launch *launch = child->launch;
    int error = 0;
    ssize_t size = read(launch->failure, &error, sizeof error);

    if (size < 0 && now_ms() < launch->until_ms)
        return;
    if (size < 0) {
        error = ETIMEDOUT;
        kill(child->pid, SIGKILL);
    }
    tell_launch(s, launch->id, launch->program, child->pid, error);
    close(launch->failure);
    free(launch->program);
    free(launch);
    child->launch = NULL;
}

int launch_timeout(const struct supervisor *s)
{
    int64_t first = INT64_MAX, now = now_ms();

    for (const struct child *child = s->children; child != NULL; child = child->next)
        if (child->launch != NULL && child->launch->until_ms < first)
            first = child->launch->until_ms;
    return first == INT64_MAX ? -1 : first <= now ? 0 : (int)(first - now);
}

void look_at_launches(struct supervisor *s)
{
    for (struct child *child = s->children; child != NULL; child = child->next)
        if (child->launch != NULL)
            look_at_launch(s, child);
}
