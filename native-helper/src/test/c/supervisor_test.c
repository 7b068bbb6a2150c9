/*
 * The supervisor where there is much of what it looks after, or little of what it needs. This program is its JVM, and the
 * reaper of whatever it would leave.
 *
 *   supervisor-test [children]
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../main/c/common/clock.h"
#include "../../main/c/common/io.h"
#include "../../main/c/common/procfs.h"
#include "../../main/c/guard/control.h"
#include "../../main/c/guard/supervisor.h"
#include "peer.h"

#define STEM "supervisor-test-sessio.1"
#define AT_ONCE 100
#define END_MS 15000

/* --- faults --- */

static int *refusals; /* shared with the supervisor: so many accepts fail */
int __real_accept4(int listener, struct sockaddr *address, socklen_t *size, int flags);
int __wrap_accept4(int listener, struct sockaddr *address, socklen_t *size, int flags);

int __wrap_accept4(int listener, struct sockaddr *address, socklen_t *size, int flags)
{
    if (*refusals > 0) {
        --*refusals;
        errno = ECONNABORTED;
        return -1;
    }
    return __real_accept4(listener, address, size, flags);
}

/* --- a supervisor and its JVM's end of the connection --- */

struct supervisor_peer {
    pid_t pid;
    int fd;
    char dir[64];
    struct buffer in;
};

struct frame {
    int type;
    int32_t values[3];
};

static int32_t integer(const unsigned char *b)
{
    return (int32_t)((uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24);
}

static struct frame next(struct supervisor_peer *peer)
{
    struct frame frame = {0};

    while (buffer_size(&peer->in) < 4 || buffer_size(&peer->in) < 4 + (size_t)integer(peer->in.data + peer->in.start)) {
        ssize_t size = read(peer->fd, buffer_room(&peer->in, 65536), 65536);
        CHECK(size > 0);
        peer->in.end += (size_t)size;
    }
    const unsigned char *at = peer->in.data + peer->in.start;
    size_t size = (size_t)integer(at);
    frame.type = at[4];
    for (size_t i = 0; i < 3 && 5 + 4 * i + 4 <= 4 + size; i++)
        frame.values[i] = integer(at + 5 + 4 * i);
    peer->in.start += 4 + size;
    return frame;
}

/* The next of that kind; others tell what nobody asks here. */
static struct frame await(struct supervisor_peer *peer, int type)
{
    struct frame frame = next(peer);

    while (frame.type != type) {
        if (frame.type != EVENT_BORN && frame.type != EVENT_OUTPUT && frame.type != EVENT_EXIT)
            fprintf(stderr, "event %d: %d %d\n", frame.type, frame.values[0], frame.values[1]);
        CHECK(frame.type == EVENT_BORN || frame.type == EVENT_OUTPUT || frame.type == EVENT_EXIT);
        frame = next(peer);
    }
    return frame;
}

static void put_text(struct buffer *out, const char *text)
{
    uint32_t length = (uint32_t)strlen(text);

    buffer_put(out, &length, sizeof length);
    buffer_put(out, text, length);
}

static void put_number(struct buffer *out, uint32_t number)
{
    buffer_put(out, &number, sizeof number);
}

static void ask(struct supervisor_peer *peer, enum request_type type, struct buffer *payload)
{
    unsigned char head[5];

    uint32_t size = (uint32_t)(1 + buffer_size(payload));
    memcpy(head, &size, sizeof size);
    head[4] = (unsigned char)type;
    CHECK(write_full(peer->fd, head, sizeof head));
    CHECK(write_full(peer->fd, payload->data + payload->start, buffer_size(payload)));
    free(payload->data);
}

/* Asks for this program as one that waits for its end. */
static void ask_for_child(struct supervisor_peer *peer, uint32_t id)
{
    struct buffer payload = {0};

    put_number(&payload, id);
    put_number(&payload, 2);
    put_text(&payload, "/proc/self/exe"); /* of the supervisor, which is this program too */
    put_text(&payload, "wait");
    put_number(&payload, 0);
    put_text(&payload, "/");
    put_text(&payload, ""); /* nothing for its standard input */
    put_number(&payload, 0);
    ask(peer, REQUEST_LAUNCH, &payload);
}

static void kill_child(struct supervisor_peer *peer, pid_t pid)
{
    struct buffer payload = {0};

    put_number(&payload, (uint32_t)pid);
    put_number(&payload, SIGKILL);
    put_number(&payload, 0);
    ask(peer, REQUEST_SIGNAL, &payload);
    struct frame ended = await(peer, EVENT_EXIT);
    CHECK_EQ(ended.values[0], pid);
    CHECK_EQ(ended.values[1], SIGKILL);
}

static void flush(struct supervisor_peer *peer)
{
    struct buffer payload = {0};

    put_number(&payload, 4711);
    put_number(&payload, 1);
    ask(peer, REQUEST_FLUSH, &payload);
    CHECK_EQ(await(peer, EVENT_FLUSHED).values[0], 4711);
}

static void start(struct supervisor_peer *peer)
{
    char ledger[128], jvm[16], started[24];
    uint64_t ticks;
    int ends[2];

    *peer = (struct supervisor_peer){.dir = "/dev/shm/.shmkit-supervisor-test-XXXXXX"};
    CHECK(mkdtemp(peer->dir) != NULL);
    snprintf(ledger, sizeof ledger, "%s/%s.jrnl", peer->dir, STEM);
    close(open(ledger, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    CHECK(process_start_time(getpid(), &ticks));
    snprintf(jvm, sizeof jvm, "%d", (int)getpid());
    snprintf(started, sizeof started, "%llu", (unsigned long long)ticks);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    peer->pid = fork();
    CHECK(peer->pid >= 0);
    if (peer->pid == 0) {
        if (dup2(ends[1], 0) < 0 || dup2(ends[1], 1) < 0)
            _exit(1);
        _exit(supervisor_main(4, (char *[]){peer->dir, STEM, jvm, started, NULL}));
    }
    close(ends[1]);
    peer->fd = ends[0];
    CHECK_EQ(await(peer, EVENT_READY).values[1], peer->pid);
}

/* It has ended, and all below it: what it had left would be ours now. */
static void end(struct supervisor_peer *peer)
{
    char file[128];
    int status;
    int64_t since = now_ms();

    close(peer->fd);
    CHECK_EQ(waitpid(peer->pid, &status, 0), peer->pid);
    CHECK_EQ(status, 0);
    CHECK(now_ms() - since < END_MS);
    CHECK_EQ(waitpid(-1, NULL, 0), -1);
    CHECK_EQ(errno, ECHILD);
    for (int i = 0; i < 2; i++) {
        snprintf(file, sizeof file, "%s/%s.%s", peer->dir, STEM, i == 0 ? "jrnl" : "sock");
        unlink(file);
    }
    rmdir(peer->dir);
    free(peer->in.data);
}

static void limit(pid_t pid, rlim_t descriptors)
{
    struct rlimit now;

    CHECK(prlimit(pid, RLIMIT_NOFILE, NULL, &now) == 0);
    now.rlim_cur = descriptors < now.rlim_max ? descriptors : now.rlim_max;
    CHECK(prlimit(pid, RLIMIT_NOFILE, &now, NULL) == 0);
}

/* From now on it may open nothing: not even the lowest number that is free. */
static void exhaust(pid_t pid)
{
    char path[64];
    struct stat status;
    int free = -1;

    do
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, ++free);
    while (lstat(path, &status) == 0);
    limit(pid, (rlim_t)free);
}

/* --- tests --- */

static void many_children_end_with_their_jvm(int count)
{
    struct supervisor_peer peer;
    struct rlimit most;
    pid_t last = 0;

    CHECK(getrlimit(RLIMIT_NOFILE, &most) == 0);
    if (most.rlim_max < (rlim_t)(2 * count + AT_ONCE + 64)) {
        printf("supervisor_test: %d children are skipped: only %llu files may be open (ulimit -Hn)\n", count,
            (unsigned long long)most.rlim_max);
        return;
    }
    start(&peer);
    limit(peer.pid, (rlim_t)(2 * count + AT_ONCE + 64));
    for (int asked = 0; asked < count; asked += AT_ONCE) {
        for (int i = 0; i < AT_ONCE; i++)
            ask_for_child(&peer, (uint32_t)(asked + i));
        for (int i = 0; i < AT_ONCE; i++)
            last = await(&peer, EVENT_LAUNCHED).values[1];
    }
    kill_child(&peer, last); /* it still hears and tells */
    end(&peer);
}

static void without_a_descriptor_it_refuses_and_goes_on(void)
{
    struct supervisor_peer peer;

    start(&peer);
    ask_for_child(&peer, 1);
    pid_t child = await(&peer, EVENT_LAUNCHED).values[1];
    exhaust(peer.pid);
    ask_for_child(&peer, 2);
    struct frame failed = await(&peer, EVENT_LAUNCH_FAILED);
    CHECK_EQ(failed.values[0], 2);
    CHECK_EQ(failed.values[1], EMFILE);
    flush(&peer);
    kill_child(&peer, child);
    limit(peer.pid, 256);
    ask_for_child(&peer, 3); /* the control */
    CHECK_EQ(await(&peer, EVENT_LAUNCHED).values[0], 3);
    exhaust(peer.pid); /* and so it ends what it has */
    end(&peer);
}

static void accepts_that_fail_wake_it_in_vain(void)
{
    struct supervisor_peer peer;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    *refusals = 3;
    start(&peer);
    CHECK(snprintf(address.sun_path, sizeof address.sun_path, "%s/%s.sock", peer.dir, STEM) <
          (int)sizeof address.sun_path);
    CHECK(connect(connection, (struct sockaddr *)&address, sizeof address) == 0);
    struct frame born = await(&peer, EVENT_BORN); /* the fourth one gave it its helper */
    CHECK(born.values[0] > 0);
    CHECK_EQ(*refusals, 0);
    flush(&peer);
    ask_for_child(&peer, 1);
    CHECK_EQ(await(&peer, EVENT_LAUNCHED).values[0], 1);
    end(&peer);
    close(connection);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "wait") == 0)
        for (;;)
            pause();
    signal(SIGPIPE, SIG_IGN);
    refusals = mmap(NULL, sizeof *refusals, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(refusals != MAP_FAILED);
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    without_a_descriptor_it_refuses_and_goes_on();
    accepts_that_fail_wake_it_in_vain();
    many_children_end_with_their_jvm(argc > 1 ? atoi(argv[1]) : 5000);
    puts("supervisor_test: passed");
    return 0;
}
