/*
 * Tests of the tracer: programs whose stores are known, with and without it.
 *
 *   trace-test FOLDER [ROUNDS]      FOLDER has trace-program and trace-forms; ROUNDS is 1 by default
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../main/c/common/clock.h"
#include "../../main/c/common/io.h"
#include "../../main/c/trace/log.h"
#include "../../main/c/trace/trace_main.h"

#define SIZE 16384
#define ROUNDS 2000
#define THREADS 4

#define CHECK(condition, ...) \
    do \
        if (!(condition)) { \
            fprintf(stderr, "%s, line %d: %s is not so: ", test, __LINE__, #condition); \
            fprintf(stderr, " " __VA_ARGS__); \
            fputc('\n', stderr); \
            exit(1); \
        } \
    while (0)

static const char *test, *folder;
static char segment[64], named[96], log_path[64];
static unsigned rounds = 1;
static const char *what_counts = "stores";

/* --- running programs --- */

static void new_segment(void)
{
    unlink(segment);
    int fd = open(segment, O_RDWR | O_CREAT | O_EXCL, 0600);

    CHECK(fd >= 0 && ftruncate(fd, SIZE) == 0);
    close(fd);
    snprintf(named, sizeof named, "path:%s", segment);
}

static uint64_t word(unsigned index)
{
    uint64_t value = 0;
    int fd = open(segment, O_RDONLY);

    CHECK(fd >= 0 && pread(fd, &value, sizeof value, 8 * (off_t)index) == sizeof value);
    close(fd);
    return value;
}

static pid_t start_traced(long kill_after, bool armed, const char *what, char *const *argv)
{
    pid_t pid = fork();

    if (pid == 0) {
        char after[32], *arguments[32] = {log_path, after, armed ? "1" : "0", (char *)what_counts, (char *)what, "--"};
        int count = 6;
        snprintf(after, sizeof after, "%ld", kill_after);
        while (*argv != NULL)
            arguments[count++] = *argv++;
        _exit(trace_main(count, arguments));
    }
    return pid;
}

static const struct log_header *header;

static void open_log(void)
{
    struct stat status;
    int fd = open(log_path, O_RDONLY);

    CHECK(fd >= 0 && fstat(fd, &status) == 0);
    header = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(header != MAP_FAILED && header->magic == LOG_MAGIC);
    close(fd);
}

/* Waits for the program, and for the tracer, which is an orphan of ours. */
static int wait_for(pid_t pid)
{
    int status = -1, other;
    pid_t ended;

    while ((ended = waitpid(-1, &other, 0)) > 0)
        if (ended == pid)
            status = other;
    open_log();
    return status;
}

static int traced(long kill_after, const char *what, char *const *argv)
{
    unlink(log_path);
    return wait_for(start_traced(kill_after, true, what, argv));
}

static char *program_path(const char *name)
{
    static char path[2][4096];
    static int turn;

    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static int scenario(long kill_after, const char *name)
{
    return traced(kill_after, named, (char *[]){program_path("trace-program"), (char *)name, segment, NULL});
}

static int untraced(char *const *argv)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        execv(argv[0], argv);
        _exit(127);
    }
    CHECK(waitpid(pid, &status, 0) == pid);
    return status;
}

static int untraced_scenario(const char *name)
{
    return untraced((char *[]){program_path("trace-program"), (char *)name, segment, NULL});
}

/* --- reading the log --- */

static const struct record *next_record(const struct record *record)
{
    const char *next = record == NULL ? (const char *)(header + 1) : (const char *)record + ((record->size + 7u) & ~7u);

    return next < (const char *)header + header->end ? (const struct record *)next : NULL;
}

static const struct record *next_of(const struct record *record, uint32_t type)
{
    do
        record = next_record(record);
    while (record != NULL && record->type != type);
    return record;
}

static const struct access *access_of(const struct record *record)
{
    return (const struct access *)(record + 1);
}

static const struct change *change_of(const struct record *record, unsigned index)
{
    const char *at = (const char *)(access_of(record) + 1);

    for (; index > 0; index--)
        at += (sizeof(struct change) + 2 * ((const struct change *)at)->size + 7) & ~(size_t)7;
    return (const struct change *)at;
}

static const uint8_t *old_of(const struct change *change)
{
    return (const uint8_t *)(change + 1);
}

static const uint8_t *new_of(const struct change *change)
{
    return old_of(change) + change->size;
}

static unsigned count_of(uint32_t type)
{
    unsigned count = 0;

    for (const struct record *r = next_of(NULL, type); r != NULL; r = next_of(r, type))
        count++;
    return count;
}

static const char *refusal(void)
{
    const struct record *record = next_of(NULL, RECORD_REFUSED);
    static char text[600];

    if (record == NULL)
        return "";
    snprintf(text, sizeof text, "%.*s", (int)(record->size - sizeof *record - 8), (const char *)(record + 1) + 8);
    return text;
}

/*
 * What the log says was done one after the other to what the segment had at first, which must be what it has now: none
 * is missing, none is there twice, and each has the old bytes that the one before left.
 */
static void check_replay(void)
{
    static uint8_t replay[SIZE], now[SIZE];
    int fd = open(segment, O_RDONLY);

    CHECK(fd >= 0);
    ssize_t size = read(fd, now, sizeof now);
    close(fd);
    memset(replay, 0, sizeof replay);
    for (const struct record *r = next_record(NULL); r != NULL; r = next_record(r)) {
        if (r->type == RECORD_SEGMENT)
            memcpy(replay, (const uint8_t *)(r + 1) + 8, r->size - sizeof *r - 8);
        if (r->type != RECORD_STORE && r->type != RECORD_CALL)
            continue;
        for (unsigned i = 0; i < access_of(r)->changes; i++) {
            const struct change *change = change_of(r, i);
            CHECK(memcmp(replay + change->offset, old_of(change), change->size) == 0, "record at %#tx",
                (const char *)r - (const char *)header);
            memcpy(replay + change->offset, new_of(change), change->size);
        }
    }
    CHECK(memcmp(replay, now, (size_t)size) == 0);
}

/* --- exactness --- */

static void counts(const char *name, unsigned stores)
{
    test = name;
    new_segment();
    int status = scenario(-1, name);
    CHECK(status == 0, "status %#x, %s", status, refusal());
    CHECK(header->state == LOG_COMPLETE);
    uint64_t expected = stores > 0 ? stores : THREADS * ROUNDS + 1 + word(1);
    CHECK(header->stores == expected, "%llu instead of %llu", (unsigned long long)header->stores,
        (unsigned long long)expected);
    CHECK(count_of(RECORD_STORE) == header->stores);
    check_replay();
}

static void test_exactness(void)
{
    counts("single", ROUNDS);
    counts("threads", THREADS * ROUNDS);
    counts("signals", 0);
    counts("fork", 2 * ROUNDS);
    counts("spawn", 2 * ROUNDS + 1);
}

static void test_order_in_each_thread(void)
{
    test = "the stores of a thread are recorded in its order";
    new_segment();
    CHECK(scenario(-1, "steps") == 0);
    uint64_t expected = 0;
    for (const struct record *r = next_of(NULL, RECORD_STORE); r != NULL; r = next_of(r, RECORD_STORE)) {
        if (expected == 5) {
            CHECK(access_of(r)->changes == 0 && access_of(r)->point == 0);
            continue;
        }
        CHECK(access_of(r)->changes == 1 && access_of(r)->point == expected + 1);
        CHECK(change_of(r, 0)->offset == 8 * expected && *new_of(change_of(r, 0)) == expected + 1);
        expected++;
    }
    CHECK(expected == 5 && header->stores == 6 && header->points == 5);
}

/* --- instructions --- */

/* The next store of the log must be what the line says: name|registers|offset old new */
static void compare_forms(const char *path)
{
    static char line[2 * 2 * SIZE + 256];
    const struct record *store = next_of(NULL, RECORD_STORE);
    unsigned lines = 0, optional = 0;
    FILE *in = fopen(path, "r");

    CHECK(in != NULL);
    while (fgets(line, sizeof line, in) != NULL) {
        char *bar = strchr(line, '|'), *last = strrchr(line, '|'), *old, *new;
        CHECK(bar != NULL && last != bar);
        *bar = '\0';
        unsigned long offset = strtoul(last + 1, &old, 10);
        new = strchr(++old, ' ');
        size_t size = (size_t)(new - old) / 2;
        lines++;
        if (size == 0) {
            /* With nothing chosen it does not store, or it does not at all. */
            optional += strstr(line, "mask") != NULL || strstr(line, "load ") != NULL;
            continue;
        }
        while (store != NULL && access_of(store)->changes == 0)
            store = next_of(store, RECORD_STORE);
        CHECK(store != NULL && access_of(store)->changes == 1, "%s", line);
        const struct change *change = change_of(store, 0);
        CHECK(change->offset == offset && change->size == size, "%s: %lu bytes at %lu, recorded %u at %lu", line, size,
            offset, change->size, change->offset);
        for (size_t i = 0; i < size; i++) {
            unsigned before, after;
            CHECK(sscanf(old + 2 * i, "%2x", &before) == 1 && sscanf(new + 1 + 2 * i, "%2x", &after) == 1);
            CHECK(old_of(change)[i] == before && new_of(change)[i] == after, "%s, byte %zu", line, i);
        }
        store = next_of(store, RECORD_STORE);
    }
    fclose(in);
    CHECK(header->stores <= lines && header->stores >= lines - optional, "%llu of %u",
        (unsigned long long)header->stores, lines);
}

static bool same_files(const char *a, const char *b)
{
    FILE *first = fopen(a, "r"), *second = fopen(b, "r");
    int c, d;

    CHECK(first != NULL && second != NULL);
    do {
        c = getc(first);
        d = getc(second);
    } while (c == d && c != EOF);
    fclose(first);
    fclose(second);
    return c == d;
}

static void test_forms(unsigned seed, unsigned count)
{
    char seeds[16], number[16], plain[80], under[80];

    test = "each form of instruction does what it does without the tracer";
    snprintf(seeds, sizeof seeds, "%u", seed);
    snprintf(number, sizeof number, "%u", count);
    snprintf(plain, sizeof plain, "%s.plain", log_path);
    snprintf(under, sizeof under, "%s.traced", log_path);
    new_segment();
    CHECK(untraced((char *[]){program_path("trace-forms"), seeds, number, "-", plain, NULL}) == 0, "seed %u", seed);
    int status = traced(-1, named, (char *[]){program_path("trace-forms"), seeds, number, segment, under, NULL});
    CHECK(status == 0, "status %#x, seed %u: %s", status, seed, refusal());
    CHECK(same_files(plain, under), "seed %u: %s and %s differ", seed, plain, under);
    compare_forms(plain);
    check_replay();
    unlink(plain);
    unlink(under);
}

/* --- what a program can do with mappings and calls --- */

static void same_as_untraced(const char *name, unsigned stores, unsigned calls)
{
    test = name;
    new_segment();
    int plain = untraced_scenario(name);
    new_segment();
    int status = scenario(-1, name);
    CHECK(status == plain, "status %#x, without tracer %#x: %s", status, plain, refusal());
    CHECK(count_of(RECORD_STORE) == stores && count_of(RECORD_CALL) == calls, "%u stores, %u calls",
        count_of(RECORD_STORE), count_of(RECORD_CALL));
    check_replay();
}

static void test_calls(void)
{
    unsigned sizes[] = {8, 8, 10, 0, 0, 0, 4, 0, 0}, index = 0;
    bool loads = strcmp(what_counts, "stores") != 0;

    same_as_untraced("reading", 0, loads ? 6 : 0);
    same_as_untraced("calls", 10, sizeof sizes / sizeof sizes[0] + (loads ? 1 : 0)); /* one writes from the segment */
    if (loads)
        return;
    for (const struct record *r = next_of(NULL, RECORD_CALL); r != NULL; r = next_of(r, RECORD_CALL), index++) {
        unsigned size = 0;
        for (unsigned i = 0; i < access_of(r)->changes; i++)
            size += change_of(r, i)->size;
        CHECK(index == 3 ? size > 0 : size == sizes[index == 1 ? 0 : index], "call %u: %u bytes", index, size);
    }
}

static void test_sysv(void)
{
    char what[32], id[16];
    struct shmid_ds status;

    test = "a System V segment is traced by its id";
    int shmid = shmget(IPC_PRIVATE, SIZE, 0600);
    CHECK(shmid >= 0);
    snprintf(what, sizeof what, "shmid:%d", shmid);
    snprintf(id, sizeof id, "%d", shmid);
    int ended = traced(-1, what, (char *[]){program_path("trace-program"), "sysv", id, NULL});
    bool read = shmctl(shmid, IPC_STAT, &status) == 0;
    shmctl(shmid, IPC_RMID, NULL);
    CHECK(ended == 0 && header->stores == 3, "%s", refusal());
    CHECK(read && status.shm_nattch == 0);
}

static void test_mappings(void)
{
    same_as_untraced("mappings", 7, 0);
    same_as_untraced("mirror", 3, 1);
    same_as_untraced("late", 1, 1);
    same_as_untraced("faults", 2, 1);
    same_as_untraced("code", 1, 0);
    same_as_untraced("signal", 1, 0);
    same_as_untraced("divide", 0, 0);
}

/* --- crashes --- */

static void test_kills(void)
{
    test = "a program killed after a store has made exactly those before";
    for (unsigned n = 0; n <= 5; n++) {
        new_segment();
        int status = scenario(n, "steps");
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "point %u: status %#x", n, status);
        CHECK(count_of(RECORD_KILL) == 1);
        for (unsigned i = 0; i < 5; i++)
            CHECK(word(i) == (i < n ? i + 1 : 0), "point %u, word %u", n, i);
    }
    new_segment();
    CHECK(scenario(6, "steps") == 0 && count_of(RECORD_KILL) == 0);
    test = "other threads of a killed program store nothing after that";
    for (unsigned n = 1; n < 4 * rounds + 10; n++) {
        new_segment();
        CHECK(
            scenario(n, "threads") == SIGKILL && word(0) == n, "killed after %u: %llu", n, (unsigned long long)word(0));
    }
}

static bool ends_in_time(pid_t pid)
{
    int status = -1;

    for (int i = 0; i < 2000; i++) {
        if (waitpid(pid, &status, WNOHANG) == pid)
            return status == 0;
        sleep_us(1000);
    }
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return false;
}

static bool lock_is_free(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        execv(program_path("trace-program"), (char *[]){"trace-program", "robust-lock", segment, NULL});
        _exit(127);
    }
    return ends_in_time(pid);
}

static void test_robust(void)
{
    test = "the kernel's promise about robust mutexes holds";
    for (unsigned round = 0; round < rounds; round++)
        for (unsigned n = 0; n < 8; n++) {
            new_segment();
            CHECK(untraced_scenario("robust-init") == 0);
            CHECK(scenario(n, "robust-use") == SIGKILL && lock_is_free(), "killed after %u", n);
        }
    new_segment();
    CHECK(untraced_scenario("robust-init") == 0 && scenario(-1, "robust-exit") == 0 && lock_is_free());
}

/* The control of the test above: a word that no dead process released. */
static void test_robust_control(void)
{
    test = "a mutex that nobody releases is noticed";
    new_segment();
    CHECK(untraced_scenario("robust-init") == 0);
    int fd = open(segment, O_RDWR);
    uint32_t init = 1;
    CHECK(pwrite(fd, &init, sizeof init, 0) == sizeof init);
    close(fd);
    CHECK(!lock_is_free());
}

static pid_t start_forever(void)
{
    new_segment();
    unlink(log_path);
    pid_t pid = start_traced(-1, true, named, (char *[]){program_path("trace-program"), "forever", segment, NULL});
    while (word(0) < 10)
        sleep_us(1000);
    return pid;
}

static pid_t tracer_of(pid_t pid)
{
    char path[40], line[256];
    int tracer = 0;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *status = fopen(path, "r");
    CHECK(status != NULL);
    while (fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "TracerPid: %d", &tracer) == 1)
            break;
    fclose(status);
    return tracer;
}

static void test_ends(void)
{
    int status;

    test = "a killed program is gone, and so is its tracer";
    pid_t pid = start_forever();
    kill(pid, SIGKILL);
    CHECK(wait_for(pid) == SIGKILL && header->state == LOG_COMPLETE);
    check_replay();

    test = "a program does not outlive its tracer";
    pid = start_forever();
    kill(tracer_of(pid), SIGKILL);
    CHECK(wait_for(pid) == SIGKILL && header->state == LOG_RUNNING);

    test = "neither outlives the one that started them";
    int ends[2];
    CHECK(pipe(ends) == 0);
    pid_t between = fork();
    if (between == 0) {
        prctl(PR_SET_CHILD_SUBREAPER, 1);
        pid = start_forever();
        (void)!write(ends[1], &pid, sizeof pid);
        pause();
    }
    CHECK(read(ends[0], &pid, sizeof pid) == sizeof pid);
    kill(between, SIGKILL);
    while (waitpid(-1, &status, 0) > 0)
        continue; /* all are our orphans: none is left when there is no child */
    CHECK(errno == ECHILD && kill(pid, 0) < 0);
    close(ends[0]);
    close(ends[1]);

    test = "a program under the tracer can be stopped and goes on";
    new_segment();
    unlink(log_path);
    pid = start_traced(-1, true, named, (char *[]){program_path("trace-program"), "stopped", segment, NULL});
    CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    CHECK(word(0) == 1);
    kill(pid, SIGCONT);
    CHECK(wait_for(pid) == 0 && word(0) == 2);
}

/* --- windows and refusals --- */

static void test_window(void)
{
    test = "outside of its window a program is not traced";
    new_segment();
    unlink(log_path);
    int status =
        wait_for(start_traced(-1, false, named, (char *[]){program_path("trace-program"), "window", segment, NULL}));
    CHECK(status == 0 && header->stores == 2 && count_of(RECORD_WINDOW) == 2 && word(3) == 4);
}

static void set_word(unsigned index, uint64_t value)
{
    int fd = open(segment, O_WRONLY);

    CHECK(fd >= 0 && pwrite(fd, &value, sizeof value, 8 * (off_t)index) == sizeof value);
    close(fd);
}

static void await_word(unsigned index)
{
    while (word(index) == 0)
        sleep_us(200);
}

static void order(struct log_header *orders)
{
    uint32_t wanted = ++orders->order;

    while (__atomic_load_n(&orders->answer, __ATOMIC_ACQUIRE) != wanted) {
        kill((pid_t)orders->tracer, SIGUSR1);
        sleep_us(100);
    }
}

/* Has one thread that runs and one that sleeps for ever. */
static pid_t start_serving(long kill_after, struct log_header **orders)
{
    new_segment();
    unlink(log_path);
    pid_t pid =
        start_traced(kill_after, false, named, (char *[]){program_path("trace-program"), "serving", segment, NULL});
    await_word(0);
    int fd = open(log_path, O_RDWR);
    *orders = mmap(NULL, sizeof **orders, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(*orders != MAP_FAILED);
    close(fd);
    return pid;
}

static void test_orders(void)
{
    struct log_header *orders;

    test = "a program that is up is armed and disarmed by order";
    for (unsigned round = 0; round < rounds; round++) {
        pid_t pid = start_serving(-1, &orders);
        CHECK(orders->points == 0 && orders->state == LOG_RUNNING);
        order(orders);
        set_word(1, 1);
        await_word(5);
        order(orders);
        CHECK(orders->points == 3 && orders->stores == 3, "%llu stores", (unsigned long long)orders->stores);
        set_word(1, 2);
        CHECK(wait_for(pid) == 0 && header->points == 3 && word(6) == 1);
        CHECK(count_of(RECORD_WINDOW) == 2 && count_of(RECORD_SEGMENT) == 2);
        munmap(orders, sizeof *orders);
    }

    test = "a program that is up dies at its point once it is armed";
    for (unsigned n = 0; n <= 3; n++) {
        pid_t pid = start_serving(n, &orders);
        order(orders);
        set_word(1, 1);
        CHECK(wait_for(pid) == SIGKILL);
        CHECK(word(2) == (n > 0) && word(3) == (n > 1 ? 2 : 0) && word(5) == (n > 2 ? 3 : 0), "killed after %u", n);
        munmap(orders, sizeof *orders);
    }
}

static struct log_header *map_orders(void)
{
    int fd;

    while ((fd = open(log_path, O_RDWR)) < 0 || lseek(fd, 0, SEEK_END) < (off_t)sizeof(struct log_header)) {
        if (fd >= 0)
            close(fd);
        sleep_us(200);
    }
    struct log_header *orders = mmap(NULL, sizeof *orders, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(orders != MAP_FAILED);
    close(fd);
    while (__atomic_load_n(&orders->magic, __ATOMIC_ACQUIRE) != LOG_MAGIC)
        sleep_us(200);
    return orders;
}

/* Waits for so many records of accesses that wait for their turns. */
static bool await_turns(const struct log_header *orders, pid_t pid, unsigned count)
{
    for (;;) {
        bool ended = orders->state == LOG_COMPLETE || kill(pid, 0) < 0;
        open_log();
        bool there = count_of(RECORD_TURN) >= count;
        if (there || ended)
            return there;
        sleep_us(200);
    }
}

static void give_turn(struct log_header *orders, pid_t of)
{
    orders->turn_of = (uint32_t)of;
    __atomic_store_n(&orders->turns, orders->turns + 1, __ATOMIC_RELEASE);
    kill((pid_t)orders->tracer, SIGUSR1);
}

static pid_t start_in_turns(const char *name, struct log_header **orders)
{
    new_segment();
    unlink(log_path);
    what_counts = "turns";
    pid_t pid = start_traced(-1, true, named, (char *[]){program_path("trace-program"), (char *)name, segment, NULL});
    what_counts = "stores";
    *orders = map_orders();
    return pid;
}

static const struct touch *touch_of(const struct record *record)
{
    return (const struct touch *)(access_of(record) + 1);
}

static const struct record *last_of(uint32_t type)
{
    const struct record *last = NULL;

    for (const struct record *r = next_of(NULL, type); r != NULL; r = next_of(r, type))
        last = r;
    return last;
}

static void test_turns(void)
{
    struct log_header *orders;
    unsigned turns = 0;

    test = "each access waits for its turn, and says before what it will touch";
    pid_t pid = start_in_turns("steps", &orders);
    while (await_turns(orders, pid, turns + 1)) {
        const struct record *turn = last_of(RECORD_TURN);
        CHECK(header->accesses == turns && access_of(turn)->number == -1 && access_of(turn)->changes == 1);
        CHECK(touch_of(turn)->how == (TOUCH_LOADS | TOUCH_STORES) && touch_of(turn)->size == 8);
        if (turns < 5)
            CHECK(touch_of(turn)->offset == 8 * turns && word(turns) == 0);
        turns++;
        give_turn(orders, 0);
    }
    CHECK(wait_for(pid) == 0 && turns == 6 && header->accesses == 6 && header->points == 5);
    munmap(orders, sizeof *orders);

    test = "one that is killed while it waits has done nothing more";
    pid = start_in_turns("steps", &orders);
    CHECK(await_turns(orders, pid, 1));
    give_turn(orders, 0);
    CHECK(await_turns(orders, pid, 2));
    kill(pid, SIGKILL);
    CHECK(wait_for(pid) == SIGKILL && header->state == LOG_COMPLETE && word(0) == 1 && word(1) == 0);
    munmap(orders, sizeof *orders);

    test = "a turn is of the thread that it is given to";
    pid = start_in_turns("threads", &orders);
    pid_t tids[THREADS] = {0};
    for (unsigned i = 0; i < THREADS; i++) {
        CHECK(await_turns(orders, pid, i + 1));
        const struct record *turn = next_of(NULL, RECORD_TURN);
        for (unsigned k = 0; k < i; k++)
            turn = next_of(turn, RECORD_TURN);
        tids[i] = (pid_t)access_of(turn)->tid;
        for (unsigned k = 0; k < i; k++)
            CHECK(tids[i] != tids[k]);
    }
    for (unsigned i = 0; i < 3 * THREADS; i++) {
        pid_t chosen = tids[(7 * i) % THREADS];
        give_turn(orders, chosen);
        CHECK(await_turns(orders, pid, THREADS + i + 1));
        CHECK(access_of(last_of(RECORD_TURN))->tid == (uint32_t)chosen);
        CHECK(access_of(last_of(RECORD_STORE))->tid == (uint32_t)chosen && word(0) == i + 1);
    }
    orders->turn_of = 0;
    orders->turns = UINT64_MAX / 2;
    kill((pid_t)orders->tracer, SIGUSR1);
    CHECK(wait_for(pid) == 0 && word(0) == THREADS * ROUNDS, "%llu", (unsigned long long)word(0));
    munmap(orders, sizeof *orders);
}

static void refused(const char *name, char *const *argv, const char *why)
{
    test = name;
    int status = traced(-1, named, argv);
    CHECK(status == SIGKILL && header->state == LOG_REFUSED, "status %#x", status);
    CHECK(strstr(refusal(), why) != NULL, "%s", refusal());
}

/* A whole program for i386: exits with 0. */
static void write_32_bit(const char *path)
{
    static const uint8_t program[] = {0x7f, 'E', 'L', 'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0, 1, 0, 0, 0,
        0x54, 0x80, 4, 8, 0x34, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x34, 0, 0x20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
        0, 0, 0, 0, 0, 0x80, 4, 8, 0, 0x80, 4, 8, 0x5d, 0, 0, 0, 0x5d, 0, 0, 0, 5, 0, 0, 0, 0, 0x10, 0, 0, 0xb8, 1, 0,
        0, 0, 0x31, 0xdb, 0xcd, 0x80};
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700);

    CHECK(fd >= 0 && write_full(fd, program, sizeof program));
    close(fd);
}

static bool runs_32_bit(const char *path)
{
    return untraced((char *[]){(char *)path, NULL}) == 0;
}

static void test_refusals(void)
{
    char path[80];

    new_segment();
    refused("a program that traces", (char *[]){program_path("trace-program"), "tracing", segment, NULL},
        "it traces processes itself");
    refused("an instruction that is not known", (char *[]){program_path("trace-program"), "xsave", segment, NULL},
        "begins with 0f ae");
    CHECK(word(0) == 1); /* by the one before */
    refused("a program that receives several messages",
        (char *[]){program_path("trace-program"), "receiving-many", segment, NULL},
        "receives into a segment by recvmmsg");
    CHECK(untraced_scenario("receiving-many") == 0 && scenario(-1, "sending-many") == 0);
    what_counts = "accesses";
    refused("a program that sends several messages",
        (char *[]){program_path("trace-program"), "sending-many", segment, NULL}, "sends from a segment by sendmmsg");
    what_counts = "stores";

    snprintf(path, sizeof path, "%s.program", log_path);
    write_32_bit(path);
    if (runs_32_bit(path))
        refused("a 32-bit program", (char *[]){path, NULL}, "32-bit");
    unlink(path);

    if (geteuid() == 0) {
        char *copy = program_path("trace-program-setuid");
        char command[9000];
        snprintf(command, sizeof command, "cp %s %s && chown 65534 %s && chmod 4755 %s", program_path("trace-program"),
            copy, copy, copy);
        CHECK(system(command) == 0);
        refused("a setuid program", (char *[]){copy, "steps", segment, NULL}, "setuid");
        unlink(copy);
    }

    test = "a program that cannot be executed";
    int status = traced(-1, named, (char *[]){"/nowhere/program", NULL});
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 127 && header->state == LOG_NOT_RUN && header->error == ENOENT);

    test = "a program that is traced already";
    unlink(log_path);
    pid_t pid = fork();
    if (pid == 0) {
        raise(SIGSTOP);
        _exit(trace_main(9, (char *[]){log_path, "-1", "1", "stores", named, "--", program_path("trace-program"),
                                "steps", segment, NULL}));
    }
    CHECK(waitpid(pid, &status, WUNTRACED) == pid && ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0);
    kill(pid, SIGCONT);
    /* As a debugger would, let everything go on until the end. */
    pid_t stopped;
    while ((stopped = waitpid(-1, &status, __WALL)) > 0)
        if (WIFSTOPPED(status))
            ptrace(PTRACE_CONT, stopped, NULL,
                status >> 16 != 0 || WSTOPSIG(status) == SIGSTOP ? 0 : (void *)(long)WSTOPSIG(status));
    open_log();
    CHECK(header->state == LOG_REFUSED && strstr(refusal(), "traces it already") != NULL, "%s", refusal());
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    folder = argv[1];
    if (argc > 2)
        rounds = (unsigned)atoi(argv[2]);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    snprintf(segment, sizeof segment, "/dev/shm/trace-test-%d", (int)getpid());
    snprintf(log_path, sizeof log_path, "/dev/shm/trace-test-%d.log", (int)getpid());
    for (unsigned i = 0; i < rounds; i++) {
        test_exactness();
        test_forms(i + 1, 300);
    }
    what_counts = "accesses";
    for (unsigned i = 0; i < rounds; i++) {
        test_exactness();
        test_forms(i + 1, 300);
    }
    test_mappings();
    test_calls();
    test_robust();
    what_counts = "stores";
    test_order_in_each_thread();
    test_mappings();
    test_calls();
    test_sysv();
    test_kills();
    test_robust();
    test_robust_control();
    test_ends();
    test_window();
    test_orders();
    test_turns();
    test_refusals();
    unlink(segment);
    unlink(log_path);
    puts("trace-test: passed");
    return 0;
}
