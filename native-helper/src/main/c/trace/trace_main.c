
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/descriptor.h"
#include "../common/die.h"
#include "../common/exec.h"
#include "../common/io.h"
#include "../common/memory.h"
#include "trace.h"
#include "trace_main.h"

#define OPTIONS \
    (PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | \
        PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXIT)

#define USAGE \
    "trace wants a log, a point to kill after or -1, 1 if armed, stores, accesses or turns, segments, --, " \
    "a program and its arguments"

/* --- arguments --- */

static void parse_segment(struct segment *segment, const char *text)
{
    unsigned long long device, inode;
    int shmid, end = 0;
    struct stat status;

    *segment = (struct segment){.fd = -1};
    if (sscanf(text, "inode:%llu:%llu%n", &device, &inode, &end) == 2 && text[end] == '\0') {
        segment->by = NAMED_INODE;
        segment->device = device;
        segment->inode = inode;
    } else if (sscanf(text, "shmid:%d%n", &shmid, &end) == 1 && text[end] == '\0') {
        segment->by = NAMED_SHMID;
        segment->shmid = shmid;
    } else if (strncmp(text, "path:/", 6) == 0) {
        segment->by = NAMED_PATH;
        segment->path = text + 5;
        if (stat(segment->path, &status) == 0) {
            segment->device = status.st_dev;
            segment->inode = status.st_ino;
        }
    } else {
        errno = 0;
        die("no segment: %s", text);
    }
}

/* Returns where the program is in argv. */
static char **parse(struct tracer *t, int argc, char **argv)
{
    int next = 4;
    char *end;

    errno = 0;
    if (argc < 6)
        die(USAGE);
    t->kill_after = strtoll(argv[1], &end, 10);
    if (end == argv[1] || *end != '\0' || (strcmp(argv[2], "0") != 0 && strcmp(argv[2], "1") != 0))
        die(USAGE);
    t->armed = argv[2][0] == '1';
    t->in_turns = strcmp(argv[3], "turns") == 0;
    t->loads = t->in_turns || strcmp(argv[3], "accesses") == 0;
    if (!t->loads && strcmp(argv[3], "stores") != 0)
        die(USAGE);
    t->segments = xmalloc((size_t)argc * sizeof *t->segments);
    while (next < argc && strcmp(argv[next], "--") != 0)
        parse_segment(&t->segments[t->segment_count++], argv[next++]);
    if (next + 1 >= argc)
        die(USAGE);
    log_open(&t->log, argv[0]);
    return argv + next + 1;
}

/* --- the tracer --- */

static int traced_by(pid_t pid)
{
    char path[40], line[256];
    int tracer = 0;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *status = fopen(path, "re");
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "TracerPid: %d", &tracer) == 1)
            break;
    if (status != NULL)
        fclose(status);
    return tracer;
}

static int yama(void)
{
    FILE *file = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");
    int scope = 0;

    if (file != NULL) {
        if (fscanf(file, "%d", &scope) != 1)
            scope = 0;
        fclose(file);
    }
    return scope;
}

static void say_why(struct tracer *t, int error)
{
    int other = traced_by(t->program), scope = yama();

    if (other != 0)
        refuse_all(t,
            "process %d traces it already (strace, gdb or rr, say), and a process has one tracer at a time; "
            "run the tests without that",
            other);
    else if (error == EPERM && scope == 3)
        refuse_all(t, "the kernel forbids ptrace until the next boot: sysctl kernel.yama.ptrace_scope is 3; "
                      "boot with 0 or 1");
    else if (error == EPERM && scope == 2)
        refuse_all(t, "the kernel allows ptrace to administrators only: sysctl kernel.yama.ptrace_scope is 2; "
                      "set it to 1, or give the tests CAP_SYS_PTRACE");
    else
        refuse_all(t,
            "ptrace is not allowed here: %s; in a container, allow it by --cap-add=SYS_PTRACE or another "
            "seccomp profile",
            strerror(error));
}

static _Noreturn void become_tracer(struct tracer *t, int channel)
{
    char byte = 0;
    int null = open("/dev/null", O_RDWR);

    /* The program's output ends with the program. */
    if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
        _exit(EX_SYSTEM);
    int low = channel < t->log.fd ? channel : t->log.fd, high = channel < t->log.fd ? t->log.fd : channel;
    close_from_to(3, low - 1);
    close_from_to(low + 1, high - 1);
    close_from_to(high + 1, INT_MAX);
    pid_t self = getpid();
    if (!write_full(channel, &self, sizeof self))
        _exit(EX_SYSTEM);
    setpgid(0, 0); /* not a session: the scheduler groups by it, and the two wait for each other all the time */
    /* Once our first parent is gone, the next one is the supervisor. */
    if (read_full(channel, &byte, 1) != 1 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        _exit(EX_SYSTEM);
    if (ptrace(PTRACE_SEIZE, t->program, NULL, (void *)(uintptr_t)OPTIONS) < 0) {
        say_why(t, errno);
        _exit(EX_SYSTEM);
    }
    t->log.header->tracer = (uint32_t)getpid();
    (void)!write(channel, "", 1);
    close(channel);
    trace_loop(t);
    struct log_header *header = t->log.header;
    if (header->state == LOG_RUNNING)
        header->state = LOG_COMPLETE;
    _exit(EX_OK);
}

/* --- the program --- */

/* Forks the tracer, as nobody's child that the program could wait for. */
static int fork_tracer(struct tracer *t)
{
    int ends[2], status;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        die("cannot make a socket pair");
    pid_t between = fork();
    if (between < 0)
        die("cannot fork");
    if (between == 0) {
        pid_t tracer = fork();
        if (tracer == 0)
            become_tracer(t, ends[1]);
        _exit(tracer < 0 ? EX_SYSTEM : EX_OK);
    }
    close(ends[1]);
    if (waitpid(between, &status, 0) != between || status != 0)
        die("cannot fork");
    return ends[0];
}

int trace_main(int argc, char **argv)
{
    struct tracer t = {0};
    char **program = parse(&t, argc, argv), byte = 0;
    pid_t parent = getppid(), tracer;

    t.program = getpid();
    int channel = fork_tracer(&t);
    if (read_full(channel, &tracer, sizeof tracer) != sizeof tracer)
        die("the tracer did not start");
    prctl(PR_SET_PTRACER, tracer, 0, 0, 0); /* it is not an ancestor of ours */
    if (write(channel, &byte, 1) != 1 || read_full(channel, &byte, 1) != 1) {
        if (t.log.header->state != LOG_REFUSED)
            die("the tracer ended before it traced");
        pause(); /* it has written why into the log, and kills us */
    }
    close(channel);
    if (getppid() != parent)
        _exit(EX_SYSTEM); /* the tracer may not have noticed that the supervisor died */
    if (!filter_install(t.loads)) {
        refuse_all(&t, "seccomp is not available: %s", strerror(errno));
        pause();
    }
    exec_by_path(program);
    t.log.header->error = (uint32_t)errno;
    t.log.header->state = LOG_NOT_RUN;
    _exit(127);
}
