#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
#include "../common/ledger.h"
#include "../common/memory.h"
#include "../common/oom.h"
#include "../common/pidfd.h"
#include "../common/procfs.h"
#include "child.h"
#include "children.h"
#include "control.h"
#include "launch.h"
#include "natives.h"
#include "output.h"
#include "state.h"

#define NAME_SIZE 128
#define KILL_WAIT_MS 5000
#define CLEANER_WAIT_MS 2000
/* In the set that is polled: what comes before the helpers' outputs. */
#define FIRST_OUTPUT 6

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
