/*
 * Stays in a namespace until the program for which it was made is gone, sees who makes what, and writes down what is left.
 *
 * Its report has the form of a ledger (ledger.h), with the program's pid for the fork: an O record for each object, with
 * pid 0 where nobody knows who made it, and a P record for each process that still keeps the namespace. It is
 * <pid>-<start time>.part while the program runs and .found when it is complete.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../clean/reaper.h"
#include "../common/base64url.h"
#include "../common/clock.h"
#include "../common/descriptor.h"
#include "../common/die.h"
#include "../common/io.h"
#include "../common/ledger.h"
#include "../common/memory.h"
#include "../common/pidfd.h"
#include "../common/procfs.h"
#include "../guard/observer.h"
#include "../guard/watchdog.h"
#include "hermetic.h"

/* So long those may take who end when the program does; as at a session's end. */
#define SETTLE_MS 2000
#define SETTLE_PAUSE_US 10000
#define SHM_DEST 01000
#define NAME_TEXT 512
#define WHAT_SIZE (NAME_TEXT + 160)

struct report {
    int fd;
    char *seen; /* what the observer noted */
};

/* --- who is in the namespace --- */

/* Calls visit for every process in it but this one; the number of them. */
static int others(void (*visit)(struct report *report, pid_t pid), struct report *report)
{
    DIR *proc = opendir("/proc");
    uint64_t ours = namespace_inode("ipc");
    int count = 0;

    if (proc == NULL)
        return 0;
    for (struct dirent *entry; (entry = readdir(proc)) != NULL;) {
        char path[64];
        struct stat status;
        uint64_t started;
        pid_t pid = isdigit((unsigned char)entry->d_name[0]) ? (pid_t)atoi(entry->d_name) : 0;
        snprintf(path, sizeof path, "/proc/%d/ns/ipc", (int)pid);
        if (pid == 0 || pid == getpid() || stat(path, &status) < 0 || status.st_ino != ours ||
            !process_start_time(pid, &started))
            continue;
        count++;
        if (visit != NULL)
            visit(report, pid);
    }
    closedir(proc);
    return count;
}

/* --- the report --- */

static void append(struct report *report, char *line, int length, size_t room)
{
    if (length < 0 || (size_t)length >= room || !ledger_append(report->fd, line, (size_t)length, room))
        die("cannot write the report");
}

static void write_header(struct report *report, const char *session, const char *pid, const char *started, uint64_t dev)
{
    char line[512], boot[40];

    boot_id(boot);
    int length = snprintf(line, sizeof line, "H %d %s %s %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %s %s %u",
        LEDGER_SCHEMA, session, pid, boot, dev, namespace_inode("ipc"), namespace_inode("pid"), namespace_inode("user"),
        pid, started, geteuid());
    append(report, line, length, sizeof line);
}

static void write_process(struct report *report, pid_t pid)
{
    char line[128];
    uint64_t started;

    if (!process_start_time(pid, &started))
        return;
    int length =
        snprintf(line, sizeof line, "P %d %" PRIu64 " %" PRIu64 " X", (int)pid, started, namespace_inode("pid"));
    append(report, line, length, sizeof line);
}

/* The line of the observer's that begins so; NULL for none. */
static const char *seen(const struct report *report, const char *prefix)
{
    size_t length = strlen(prefix);

    for (const char *line = report->seen; line != NULL && *line != '\0';) {
        if (strncmp(line, prefix, length) == 0 && line[length] == ' ')
            return line + length;
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    return NULL;
}

/*
 * identity: "O F <kind> <name> <dev> <ino> <btime>" or "O V <kind> <id> <key> <cuid>", by which the observer's line begins
 * too; rest: the owner or change time that comes before the size. creator: as the kernel or a ledger has it, 0 for unknown.
 */
static void write_object(struct report *report, const char *identity, const char *rest, uint64_t size, pid_t creator)
{
    char line[LEDGER_LINE_MAX], command[LEDGER_LINE_MAX / 2] = "-";
    unsigned long long started = 0;
    int maker = creator;
    char proof = creator > 0 ? 'D' : 'N';
    const char *known = seen(report, identity);

    /* What stands between identity and maker: the owner or change time, and the size. */
    if (known != NULL && sscanf(known, "%*s %*s %d %llu %c %4095s", &maker, &started, &proof, command) != 4) {
        maker = creator;
        started = 0;
        proof = creator > 0 ? 'D' : 'N';
        strcpy(command, "-");
    }
    int length = snprintf(
        line, sizeof line, "%s%s %" PRIu64 " %d %llu %c %s", identity, rest, size, maker, started, proof, command);
    append(report, line, length, sizeof line);
}

/* --- what is left --- */

static void write_file(struct report *report, int dir, const char *name, enum kind kind, const char *shown, pid_t maker)
{
    char encoded[PATH_MAX * 2], owner[16], *identity;
    struct statx file;

    if (statx(dir, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &file) < 0 || !S_ISREG(file.stx_mode) ||
        strlen(shown) >= PATH_MAX)
        return;
    base64url_encode(shown, strlen(shown), encoded);
    if (asprintf(&identity, "O F %s %s %" PRIu64 " %" PRIu64 " %" PRIu64, kind_names[kind], encoded,
            (uint64_t)makedev(file.stx_dev_major, file.stx_dev_minor), (uint64_t)file.stx_ino,
            (file.stx_mask & STATX_BTIME) == 0
                ? 0
                : (uint64_t)file.stx_btime.tv_sec * 1000000000u + file.stx_btime.tv_nsec) < 0)
        die("no memory for a name");
    snprintf(owner, sizeof owner, " %u", file.stx_uid);
    write_object(report, identity, owner, file.stx_size, maker);
    free(identity);
}

static void write_folder(struct report *report, const char *path, bool queues)
{
    DIR *folder = opendir(path);

    if (folder == NULL)
        return; /* no queues are mounted here */
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        enum kind kind = queues ? POSIX_MQ : strncmp(entry->d_name, "sem.", 4) == 0 ? POSIX_SEM : POSIX_SHM;
        write_file(report, dirfd(folder), entry->d_name, kind, entry->d_name, 0);
    }
    closedir(folder);
}

static void write_sysv(struct report *report, enum kind kind, const char *table)
{
    char path[64], *line = NULL;
    size_t room = 0;

    snprintf(path, sizeof path, "/proc/sysvipc/%s", table);
    FILE *rows = fopen(path, "re");
    if (rows == NULL)
        return;
    while (getline(&line, &room, rows) > 0) {
        long long key, ctime;
        int id, creator = 0;
        unsigned mode, cuid;
        unsigned long long size;
        bool read;
        if (kind == SYSV_SHM) /* key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime */
            read = sscanf(line, "%lld %d %o %llu %d %*d %*u %*u %*u %u %*u %*d %*d %lld", &key, &id, &mode, &size,
                       &creator, &cuid, &ctime) == 7;
        else if (kind == SYSV_SEM) /* key semid perms nsems uid gid cuid cgid otime ctime */
            read = sscanf(line, "%lld %d %o %llu %*u %*u %u %*u %*d %lld", &key, &id, &mode, &size, &cuid, &ctime) == 6;
        else /* key msqid perms cbytes qnum lspid lrpid uid gid cuid cgid stime rtime ctime */
            read = sscanf(line, "%lld %d %o %llu %*u %*d %*d %*u %*u %u %*u %*d %*d %lld", &key, &id, &mode, &size,
                       &cuid, &ctime) == 6;
        if (!read || (kind == SYSV_SHM && (mode & SHM_DEST) != 0))
            continue;
        char identity[WHAT_SIZE], rest[32];
        snprintf(identity, sizeof identity, "O V %s %d %08" PRIx32 " %u", kind_names[kind], id, (uint32_t)key, cuid);
        snprintf(rest, sizeof rest, " %lld", ctime);
        write_object(report, identity, rest, size, creator);
    }
    free(line);
    fclose(rows);
}

struct session {
    struct report *report;
    const char *id;
};

/* Mapped files lie elsewhere and outlive the namespace; only a ledger in it knows of them. */
static void write_mapped_files(const struct private_dir *d, void *context)
{
    struct session *session = context;
    int again = openat(d->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = again < 0 ? NULL : fdopendir(again);

    if (entries == NULL)
        die("cannot list what is left in %s", d->name);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        struct ledger ledger;
        size_t length = strlen(entry->d_name);
        if (strncmp(entry->d_name, session->id, SESSION_LENGTH) != 0 || length < 5 ||
            strcmp(entry->d_name + length - 5, ".jrnl") != 0)
            continue;
        int fd = openat(d->fd, entry->d_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
            continue;
        ledger_read(fd, d->shm_dev, &ledger);
        for (uint64_t seq = 0; ledger.valid && seq < ledger.object_count; seq++)
            if (ledger.objects[seq] != NULL && ledger.objects[seq]->kind == MMAP_FILE)
                write_file(session->report, AT_FDCWD, ledger.objects[seq]->name, MMAP_FILE, ledger.objects[seq]->name,
                    ledger.pid);
        ledger_free(&ledger);
        close(fd);
    }
    closedir(entries);
}

/* --- life --- */

static void watch(struct observer *observer, int program)
{
    struct pollfd set[2] = {{.fd = program, .events = POLLIN}, {.fd = observer_fd(observer), .events = POLLIN}};

    while (set[0].revents == 0) {
        if (poll(set, 2, observer_timeout(observer)) < 0 && errno != EINTR)
            die("cannot poll");
        observer_look(observer);
    }
    for (int64_t until = now_ms() + SETTLE_MS; others(NULL, NULL) > 0 && now_ms() < until;) {
        observer_look(observer);
        sleep_us(SETTLE_PAUSE_US);
    }
    observer_look(observer);
}

static char *read_text(int fd)
{
    off_t size = lseek(fd, 0, SEEK_END);
    char *text = xmalloc(size < 0 ? 1 : (size_t)size + 1);

    if (size < 0 || lseek(fd, 0, SEEK_SET) < 0 || read_full(fd, text, (size_t)size) != size)
        die("cannot read what was observed");
    text[size] = '\0';
    return text;
}

static struct {
    const char *session;
    int program;
} monitored;

/* The mapped files of the session's own processes do not go with the namespace. */
static void clean_at_death(void)
{
    struct pollfd end = {.fd = monitored.program, .events = POLLIN};

    while (poll(&end, 1, -1) < 0 && errno == EINTR)
        continue;
    clean_test_jvms(monitored.session, SETTLE_MS);
}

int monitor_main(int argc, char **argv)
{
    struct report report = {.fd = -1};
    char part[PATH_MAX], found[PATH_MAX];
    struct stat shm;
    uint64_t started;

    if (argc != 4 || strlen(argv[0]) != SESSION_LENGTH ||
        snprintf(part, sizeof part, "%s.part", argv[1]) >= (int)sizeof part ||
        snprintf(found, sizeof found, "%s.found", argv[1]) >= (int)sizeof found)
        die("monitor wants a session, a report, a pid and a start time");
    setsid(); /* a kill of the program's whole process group must not reach us */
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    close_from_to(3, INT_MAX);
    pid_t pid = (pid_t)atoi(argv[2]);
    int program = pidfd_of(pid);
    if (program < 0 || !process_start_time(pid, &started) || started != strtoull(argv[3], NULL, 10))
        die("process %s is gone", argv[2]);
    int notes = memfd_create("shmkit-observed", MFD_CLOEXEC);
    report.fd = open(part, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (notes < 0 || report.fd < 0 || stat("/dev/shm", &shm) < 0)
        die("cannot write %s", part);
    write_header(&report, argv[0], argv[2], argv[3], (uint64_t)shm.st_dev);
    struct observer *observer = observer_new(argv[0], pid, true, notes);
    /* Of why it is not completed the report is the only place to tell. */
    if (chdir("/") < 0 || !write_full(1, "R", 1) || dup2(0, 1) < 0 || dup2(report.fd, 2) < 0)
        die("cannot tell that we watch");
    monitored.session = argv[0];
    monitored.program = program;
    before_death(clean_at_death);
    watch(observer, program);

    report.seen = read_text(notes);
    write_folder(&report, "/dev/shm", false);
    write_folder(&report, "/dev/mqueue", true);
    write_sysv(&report, SYSV_SHM, "shm");
    write_sysv(&report, SYSV_SEM, "sem");
    write_sysv(&report, SYSV_MSG, "msg");
    private_dirs(write_mapped_files, &(struct session){.report = &report, .id = argv[0]});
    before_death(NULL);
    clean_test_jvms(argv[0], SETTLE_MS);
    others(write_process, &report);
    if (rename(part, found) < 0)
        die("cannot complete %s", found);
    return EX_OK;
}
