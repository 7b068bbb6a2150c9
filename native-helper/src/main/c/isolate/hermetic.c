#include "hermetic.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/die.h"
#include "../common/io.h"
#include "../common/ledger.h"
#include "../common/procfs.h"

#define SHM "/dev/shm"
#define QUEUES "/dev/mqueue"
#define MQUEUE_MAGIC 0x19800202
#define REASON_SIZE 512
#define CONFIGURATION_MAX 65536
/* As shells have it. */
#define EX_NOT_EXECUTABLE 126
#define EX_NOT_FOUND 127

/* --- namespaces --- */

struct refusal {
    bool undone; /* false: part of the way was gone, and there is none back */
    char reason[REASON_SIZE];
};

static bool refuse(struct refusal *refusal, bool undone, const char *format, ...) __attribute__((format(printf, 3, 4)));

static bool refuse(struct refusal *refusal, bool undone, const char *format, ...)
{
    int error = errno;
    va_list arguments;

    refusal->undone = undone;
    va_start(arguments, format);
    int length = vsnprintf(refusal->reason, sizeof refusal->reason, format, arguments);
    va_end(arguments);
    if (length < REASON_SIZE)
        snprintf(refusal->reason + length, sizeof refusal->reason - (size_t)length, " (%s)", strerror(error));
    return false;
}

static bool says(const char *path, char value)
{
    char first = '\0';
    int error = errno; /* of what is to be explained */
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd >= 0) {
        (void)!read(fd, &first, 1);
        close(fd);
    }
    errno = error;
    return first == value;
}

static const char *remedy(void)
{
    if (says("/proc/sys/kernel/unprivileged_userns_clone", '0'))
        return "the machine's administrator can allow it: sysctl kernel.unprivileged_userns_clone=1";
    if (says("/proc/sys/user/max_user_namespaces", '0'))
        return "the machine's administrator can allow it: sysctl user.max_user_namespaces=15000";
    if (says("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1'))
        return "the machine's administrator can allow it: sysctl kernel.apparmor_restrict_unprivileged_userns=0";
    return "a container needs --cap-add SYS_ADMIN, or a seccomp profile that allows unshare(2)";
}

static bool write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write_full(fd, text, strlen(text));

    if (fd >= 0)
        close(fd);
    return written;
}

/* The user keeps his uid; who maps it need have no privilege in the namespace outside. */
static bool keep_ids(uid_t uid, gid_t gid)
{
    char uids[32], gids[32];

    snprintf(uids, sizeof uids, "%u %u 1", uid, uid);
    snprintf(gids, sizeof gids, "%u %u 1", gid, gid);
    return write_text("/proc/self/setgroups", "deny") && write_text("/proc/self/uid_map", uids) &&
           write_text("/proc/self/gid_map", gids);
}

/* As large as the one that it covers: what does not fit there must not fit here either. */
static bool mount_shm(void)
{
    struct statvfs outer;
    char options[64] = "mode=1777";
    unsigned long flags = MS_NOSUID | MS_NODEV;

    if (statvfs(SHM, &outer) < 0)
        return false;
    if (outer.f_blocks > 0)
        snprintf(options, sizeof options, "mode=1777,size=%llu", (unsigned long long)outer.f_blocks * outer.f_frsize);
    if ((outer.f_flag & ST_NOEXEC) != 0)
        flags |= MS_NOEXEC;
    return mount("tmpfs", SHM, "tmpfs", flags, options) == 0;
}

static bool enter_namespaces(struct refusal *refusal)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    struct statfs queues;
    bool has_queues = statfs(QUEUES, &queues) == 0 && (unsigned long)queues.f_type == MQUEUE_MAGIC;

    if (unshare(CLONE_NEWIPC | CLONE_NEWNS) < 0) {
        if (errno != EPERM)
            return refuse(refusal, true, "this kernel gives us no IPC and mount namespace of our own");
        if (unshare(CLONE_NEWUSER | CLONE_NEWIPC | CLONE_NEWNS) < 0)
            return refuse(refusal, true, "a user namespace is not allowed here; %s", remedy());
        if (!keep_ids(uid, gid))
            return refuse(refusal, false, "a user namespace gives us nothing here; %s", remedy());
    }
    /* What others mount later is still seen here, but not the other way round. */
    if (mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
        return refuse(refusal, false, "cannot keep mounts to ourselves; %s", remedy());
    if (!mount_shm())
        return refuse(refusal, false, "cannot mount a private " SHM "; %s", remedy());
    if (has_queues && mount("mqueue", QUEUES, "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
        return refuse(refusal, false, "cannot mount a private " QUEUES "; %s", remedy());
    return true;
}

/* --- running a program in them --- */

struct isolation {
    const char *session;
    const char *reports; /* the folder for what the monitor finds */
    bool required;
    const char *program;
};

static _Noreturn void become_monitor(const struct isolation *how, int ready, pid_t watched)
{
    char report[PATH_MAX], pid[16], started[32];
    uint64_t ticks;
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (!process_start_time(watched, &ticks))
        die("cannot look at process %d", (int)watched);
    snprintf(pid, sizeof pid, "%d", (int)watched);
    snprintf(started, sizeof started, "%" PRIu64, ticks);
    if (snprintf(report, sizeof report, "%s/%s-%s", how->reports, pid, started) >= (int)sizeof report)
        die("%s is too long a path", how->reports);
    if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(ready, 1) < 0)
        die("cannot prepare the monitor");
    /* A program of its own, without the session's token, lest anybody take it for one of the session's. */
    char *arguments[] = {"shm-helper", "shm-helper", "monitor", (char *)how->session, report, pid, started, NULL};
    char *environment[] = {NULL};
    execve("/proc/self/exe", arguments, environment);
    die("cannot start the monitor");
}

/* An orphan from its beginning: the program must not find a child that it did not start. */
static void start_monitor(const struct isolation *how)
{
    int ready[2];
    char word = '\0';
    pid_t self = getpid();

    if (pipe2(ready, O_CLOEXEC) < 0)
        die("cannot make a pipe");
    pid_t between = fork();
    if (between < 0)
        die("cannot fork");
    if (between == 0) {
        pid_t monitor = fork();
        if (monitor == 0)
            become_monitor(how, ready[1], self);
        _exit(monitor < 0 ? EX_SYSTEM : EX_OK);
    }
    close(ready[1]);
    while (waitpid(between, NULL, 0) < 0 && errno == EINTR)
        continue;
    errno = 0;
    if (read_full(ready[0], &word, 1) != 1 || word != 'R')
        die("there is nobody to watch over this namespace, so nothing is run in it");
    close(ready[0]);
}

static int run_isolated(const struct isolation *how, char **arguments)
{
    struct refusal refusal;

    if (enter_namespaces(&refusal)) {
        start_monitor(how);
    } else {
        errno = 0;
        if (how->required || !refusal.undone)
            die("cannot isolate %s: %s", how->program, refusal.reason);
        fprintf(stderr, "shm-helper: %s is not isolated: %s\n", how->program, refusal.reason);
    }
    execv(how->program, arguments);
    fprintf(stderr, "shm-helper: cannot run %s: %s\n", how->program, strerror(errno));
    return errno == ENOENT ? EX_NOT_FOUND : EX_NOT_EXECUTABLE;
}

static bool is_required(const char *mode)
{
    if (strcmp(mode, "auto") != 0 && strcmp(mode, "always") != 0)
        die("not a mode of isolation: %s", mode);
    return strcmp(mode, "always") == 0;
}

int isolate_main(int argc, char **argv)
{
    if (argc < 5 || strlen(argv[0]) != SESSION_LENGTH)
        die("isolate wants a session, a folder, a mode, a program and its arguments");
    struct isolation how = {
        .session = argv[0], .reports = argv[1], .required = is_required(argv[2]), .program = argv[3]};
    return run_isolated(&how, argv + 4);
}

int probe_main(int argc, char **argv)
{
    struct refusal refusal;

    (void)argc;
    (void)argv;
    if (enter_namespaces(&refusal))
        return EX_OK;
    puts(refusal.reason);
    return fflush(stdout) == 0 ? EX_SYSTEM : EX_USAGE_ERROR;
}

/* --- as a stand-in --- */

bool is_stand_in(const char *name)
{
    const char *base = strrchr(name, '/');

    return strcmp(base == NULL ? name : base + 1, "java") == 0;
}

/* Cuts off the last component. */
static void up(char *path)
{
    char *slash = strrchr(path, '/');

    if (slash != NULL)
        *slash = '\0';
}

int stand_in_main(int argc, char **argv)
{
    static char text[CONFIGURATION_MAX];
    char path[PATH_MAX + sizeof STAND_IN_FILE];
    char *fields[4];

    (void)argc;
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
    if (length < 0)
        die("cannot find out where this program is");
    path[length] = '\0';
    up(path);
    up(path);
    strcat(path, "/" STAND_IN_FILE);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read_full(fd, text, sizeof text - 1);
    if (size < 0)
        die("cannot read %s, which says for what program this one stands", path);
    close(fd);
    errno = 0;
    char *at = text;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        fields[i] = at;
        at = memchr(at, '\0', (size_t)(text + size - at));
        if (at == NULL)
            die("%s is not whole", path);
        at++;
    }
    if (strlen(fields[0]) != SESSION_LENGTH)
        die("%s names no session", path);
    struct isolation how = {
        .session = fields[0], .reports = fields[1], .required = is_required(fields[2]), .program = fields[3]};
    argv[0] = fields[3];
    return run_isolated(&how, argv);
}
