#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../agent/agent.h"
#include "../clean/reaper.h"
#include "../common/clock.h"
#include "../common/descriptor.h"
#include "../common/die.h"
#include "../common/exec.h"
#include "../common/ledger.h"
#include "../common/memory.h"
#include "../common/oom.h"
#include "../common/pidfd.h"
#include "../common/procfs.h"
#include "children.h"
#include "control.h"

#define NAME_SIZE 128
#define OUTPUT_CHUNK 65536
/* Above this many unread bytes to the JVM the helpers' output stays in their pipes; exits are always told. */
#define BACKLOG_MAX (1u << 20)
#define KILL_WAIT_MS 5000
#define CLEANER_WAIT_MS 2000
/* Shorter than its JVM waits, so that what came of it is known in one place. */
#define LAUNCH_WAIT_MS 8000
#define ACCEPT_PAUSE_US 10000
#define FIRST_INHERITED 3
#define INHERITED_MAX 64
/* In the set that is polled: what comes before the helpers' outputs. */
#define FIRST_OUTPUT 6

struct child {
    pid_t pid;
    int output[2];         /* read ends of stdout and stderr; -1: at end, or the same pipe */
    struct launch *launch; /* until its program runs; else NULL */
    struct child *next;
};

/* A command that was forked, and may not be executed yet: what it needs for that may be on a file system that hangs. */
struct launch {
    uint32_t id;
    int failure; /* gets errno if it cannot be executed, and ends when it is */
    int64_t until_ms;
    char *program;
};

/* The pipe of a dead child into which another process still writes. */
struct stray {
    int fd;
    struct stray *next;
};

struct supervisor {
    struct private_dir d;
    const char *stem;
    pid_t jvm;
    int jvm_fd;
    int ledger_fd, listener, signals, devnull;
    int reserve;    /* a descriptor to give up, so that a connection can be accepted and refused; or -1 */
    int spare;      /* our end of a socket pair with the process that waits to become the next helper, or -1 */
    bool no_spares; /* one ended without having been taken: from now on each helper is forked when it is asked for */
    struct child *children;
    struct stray *strays;
    struct buffer in, out;
    bool gone; /* the JVM is dead, or said good-bye */
    bool bye;
};

/* --- starting --- */

static int listen_at(const struct private_dir *d, const char *stem)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    /* By way of the directory that was checked, so that no component of the path can have been swapped. */
    int length = snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s.sock", d->fd, stem);
    if (fd < 0 || length >= (int)sizeof address.sun_path || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(fd, SOMAXCONN) < 0)
        die("cannot listen at %s.sock", stem);
    return fd;
}

static void start(struct supervisor *s, char **argv)
{
    char name[NAME_SIZE];
    sigset_t chld;
    uint64_t started, expected = strtoull(argv[3], NULL, 10);

    s->stem = argv[1];
    s->jvm = (pid_t)atoi(argv[2]);
    setsid(); /* Ctrl-C and kills of the build's process group are for the JVM; we follow when it is gone */
    for (int signo = 1; signo < NSIG; signo++)
        signal(signo, SIG_DFL); /* fails for SIGKILL, SIGSTOP and the C library's own: meant to */
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    close_from_to(3, INT_MAX);
    survive_oom();
    if (!private_dir_open(argv[0], &s->d))
        die("cannot use %s", argv[0]);
    s->jvm_fd = pidfd_of(s->jvm);
    if (s->jvm_fd < 0 || !process_start_time(s->jvm, &started) || started != expected)
        s->gone = true; /* it died before we could look; its ledger is still to be reaped */
    snprintf(name, sizeof name, "%s.jrnl", s->stem);
    s->ledger_fd = openat(s->d.fd, name, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    if (s->ledger_fd < 0)
        die("cannot open the ledger %s", name);
    s->devnull = open("/dev/null", O_RDWR | O_CLOEXEC);
    s->reserve = fcntl(s->devnull, F_DUPFD_CLOEXEC, 0);
    if (s->devnull < 0 || s->reserve < 0)
        die("cannot open /dev/null");
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        die("cannot become a subreaper");
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, NULL);
    s->signals = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);
    if (s->signals < 0)
        die("cannot watch for SIGCHLD");
    s->listener = listen_at(&s->d, s->stem);
    ledger_record_self(s->ledger_fd, '\0');
    agent_prepare();
    if (fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK) < 0 || fcntl(1, F_SETFL, fcntl(1, F_GETFL) | O_NONBLOCK) < 0)
        die("cannot use the control connection");
    event_put(&s->out, EVENT_READY, 2, (int32_t[]){CONTROL_VERSION, getpid()}, NULL, 0);
}

/* --- children --- */

static struct child *child_of(struct supervisor *s, pid_t pid)
{
    struct child *child = s->children;

    while (child != NULL && child->pid != pid)
        child = child->next;
    return child;
}

/* In the new process: the state that a program expects at its start, whatever the JVM that started us had. */
static void become_ordinary(int stdout_fd, int stderr_fd, int devnull)
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

/* Forks; in the parent returns the new child, already in the list, or NULL and *pid is -1; in the child *pid is 0. */
static struct child *fork_child(struct supervisor *s, int outputs, int write_ends[2], pid_t *pid)
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

static void replace_spare(struct supervisor *s)
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

static void accept_native(struct supervisor *s)
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

static void launch(struct supervisor *s, const struct request *request)
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

/* Tells what came of it, if that is known by now. End of file is the moment of a successful exec. */
static void look_at_launch(struct supervisor *s, struct child *child)
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

/* Milliseconds until the next of them is given up; -1 if there is none. */
static int launch_timeout(const struct supervisor *s)
{
    int64_t first = INT64_MAX, now = now_ms();

    for (const struct child *child = s->children; child != NULL; child = child->next)
        if (child->launch != NULL && child->launch->until_ms < first)
            first = child->launch->until_ms;
    return first == INT64_MAX ? -1 : first <= now ? 0 : (int)(first - now);
}

static void look_at_launches(struct supervisor *s)
{
    for (struct child *child = s->children; child != NULL; child = child->next)
        if (child->launch != NULL)
            look_at_launch(s, child);
}

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

static bool forward_some(struct supervisor *s, struct child *child, int stream)
{
    return forward(s, child, stream, SIZE_MAX, BACKLOG_MAX);
}

static void close_output(struct child *child, int stream)
{
    if (child->output[stream] >= 0)
        close(child->output[stream]);
    child->output[stream] = -1;
}

/* The last words of a dead child: what its pipe holds, whatever waits for the JVM already. */
static void end_output(struct supervisor *s, struct child *child, int stream)
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

/* Whose words they are cannot be told any more: the pid may be another's. */
static void read_strays(struct supervisor *s)
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

static void remove_child(struct supervisor *s, struct child *child)
{
    struct child **link = &s->children;

    while (*link != child)
        link = &(*link)->next;
    *link = child->next;
    free(child);
}

static void reap_children(struct supervisor *s)
{
    int status;
    pid_t pid;

    /* Others than our own children are orphans of theirs, for whom we are the subreaper. */
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct child *child = child_of(s, pid);
        if (child == NULL) {
            event_put(&s->out, EVENT_EXIT, 2, (int32_t[]){pid, status}, NULL, 0);
            continue;
        }
        if (child->launch != NULL)
            look_at_launch(s, child);
        for (int stream = 0; stream < 2; stream++)
            end_output(s, child, stream); /* its last words come before its death */
        event_put(&s->out, EVENT_EXIT, 2, (int32_t[]){pid, status}, NULL, 0);
        remove_child(s, child);
    }
}

/* --- requests --- */

static void signal_child(struct supervisor *s, const struct request *request)
{
    /* It is in the list until it was waited for, so the pid cannot mean anybody else. */
    if (child_of(s, request->pid) != NULL)
        kill(request->group ? -request->pid : request->pid, request->signo);
}

/* What it has written until now comes before the answer. */
static void flush(struct supervisor *s, const struct request *request)
{
    struct child *child = child_of(s, request->pid);

    for (int stream = 0; child != NULL && stream < 2; stream++)
        if (child->output[stream] >= 0 && !forward_some(s, child, stream))
            close_output(child, stream);
    event_put(&s->out, EVENT_FLUSHED, 1, (int32_t[]){(int32_t)request->id}, NULL, 0);
}

static void handle_requests(struct supervisor *s)
{
    struct request request;
    const char *malformed;

    while (request_take(&s->in, &request, &malformed)) {
        switch (request.type) {
        case REQUEST_LAUNCH:
            launch(s, &request);
            break;
        case REQUEST_SIGNAL:
            signal_child(s, &request);
            break;
        case REQUEST_BYE:
            s->bye = s->gone = true;
            break;
        case REQUEST_FLUSH:
            flush(s, &request);
            break;
        }
        request_free(&request);
    }
    errno = 0;
    if (malformed != NULL)
        die("malformed request: %s", malformed);
}

static void receive(struct supervisor *s)
{
    ssize_t size = read(0, buffer_room(&s->in, OUTPUT_CHUNK), OUTPUT_CHUNK);

    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR))
        s->gone = true;
    else if (size > 0) {
        s->in.end += (size_t)size;
        handle_requests(s);
    }
}

static void send_events(struct supervisor *s)
{
    while (buffer_size(&s->out) > 0) {
        ssize_t size = write(1, s->out.data + s->out.start, buffer_size(&s->out));
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0) {
            if (errno != EAGAIN)
                s->gone = true;
            return;
        }
        s->out.start += (size_t)size;
    }
}

/* --- the end --- */

/* Those that we forked, where the kernel's list of all of them is not available. */
static void kill_known_children(struct supervisor *s)
{
    for (struct child *child = s->children; child != NULL; child = child->next) {
        kill(-child->pid, SIGKILL); /* each leads a group */
        kill(child->pid, SIGKILL);  /* or is about to */
    }
}

/* Everything below us: what dies makes its children ours, until there are none. */
static void end_descendants(struct supervisor *s)
{
    int64_t until = now_ms() + KILL_WAIT_MS;

    do {
        if (!kill_children())
            kill_known_children(s);
        reap_children(s);
        siginfo_t any;
        if (waitid(P_ALL, 0, &any, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD)
            return;
        struct pollfd wait = {.fd = s->signals, .events = POLLIN};
        struct signalfd_siginfo info;
        poll(&wait, 1, 10);
        (void)!read(s->signals, &info, sizeof info);
    } while (now_ms() < until);
}

static void finish(struct supervisor *s)
{
    struct reaped reaped;

    close(s->listener);
    if (s->spare >= 0)
        close(s->spare);
    end_descendants(s);
    reap(&s->d, s->stem, CLEANER_WAIT_MS, &reaped);
    private_dir_remove_if_empty(&s->d);
    if (!s->bye)
        return;
    event_put(&s->out, EVENT_DONE, 3,
        (int32_t[]){(int32_t)reaped.processes, (int32_t)reaped.removed, (int32_t)reaped.kept}, NULL, 0);
    fcntl(1, F_SETFL, 0);
    send_events(s);
}

/* --- the loop --- */

static size_t poll_set(struct supervisor *s, struct pollfd **set, size_t *capacity)
{
    size_t count = FIRST_OUTPUT;
    bool listen_to_output = buffer_size(&s->out) <= BACKLOG_MAX;

    for (struct child *child = s->children; child != NULL; child = child->next)
        count += 3;
    for (struct stray *stray = s->strays; stray != NULL; stray = stray->next)
        count++;
    if (count > *capacity) {
        *capacity = 2 * count;
        *set = xrealloc(*set, *capacity * sizeof **set);
    }
    struct pollfd *p = *set;
    p[0] = (struct pollfd){.fd = 0, .events = POLLIN};
    p[1] = (struct pollfd){.fd = buffer_size(&s->out) > 0 ? 1 : -1, .events = POLLOUT};
    p[2] = (struct pollfd){.fd = s->jvm_fd, .events = POLLIN};
    p[3] = (struct pollfd){.fd = s->signals, .events = POLLIN};
    p[4] = (struct pollfd){.fd = s->spare < 0 ? s->listener : -1, .events = POLLIN};
    p[5] = (struct pollfd){.fd = s->spare, .events = POLLIN};
    p += FIRST_OUTPUT;
    /* No more entries than there are descriptors, or poll refuses. */
    for (struct child *child = s->children; child != NULL; child = child->next)
        for (int stream = 0; stream < 2; stream++)
            if (child->output[stream] >= 0)
                *p++ = (struct pollfd){.fd = listen_to_output ? child->output[stream] : -1, .events = POLLIN};
    for (struct child *child = s->children; child != NULL; child = child->next)
        if (child->launch != NULL)
            *p++ = (struct pollfd){.fd = child->launch->failure, .events = POLLIN};
    for (struct stray *stray = s->strays; stray != NULL; stray = stray->next)
        *p++ = (struct pollfd){.fd = stray->fd, .events = POLLIN};
    return (size_t)(p - *set);
}

static void forward_ready(struct supervisor *s, const struct pollfd *ready)
{
    for (struct child *child = s->children; child != NULL; child = child->next)
        for (int stream = 0; stream < 2; stream++)
            if (child->output[stream] >= 0 && ready++->revents != 0 && !forward_some(s, child, stream))
                close_output(child, stream);
}

static struct supervisor *guard;

/* Also without memory, or after a request that it does not understand, it is the only one that can clean at once. */
static void finish_at_death(void)
{
    free(guard->out.data);
    guard->out = (struct buffer){0};
    finish(guard);
}

int supervisor_main(int argc, char **argv)
{
    static struct supervisor s = {.spare = -1, .reserve = -1};
    struct pollfd *set = NULL;
    size_t capacity = 0;

    if (argc != 4)
        die("supervise wants a directory, a session, a pid and a start time");
    start(&s, argv);
    guard = &s;
    before_death(finish_at_death);
    while (!s.gone) {
        send_events(&s);
        size_t count = poll_set(&s, &set, &capacity);
        if (poll(set, count, launch_timeout(&s)) < 0) {
            if (errno == EINTR)
                continue;
            die("cannot poll");
        }
        forward_ready(&s, set + FIRST_OUTPUT); /* before anything that changes the list of children */
        look_at_launches(&s);
        read_strays(&s);
        if (set[3].revents != 0) {
            struct signalfd_siginfo info[16];
            (void)!read(s.signals, info, sizeof info);
            reap_children(&s);
        }
        if (set[0].revents != 0)
            receive(&s);
        if (set[4].revents != 0)
            accept_native(&s);
        if (set[5].revents != 0)
            replace_spare(&s);
        if (set[2].revents != 0)
            s.gone = true;
    }
    before_death(NULL);
    finish(&s);
    return EX_OK;
}
