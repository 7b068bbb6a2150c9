/* What the guards do where the kernel refuses something: they keep what they could not look at, and lose no descriptor. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../main/c/clean/actuator.h"
#include "../../main/c/clean/reaper.h"
#include "../../main/c/common/ledger.h"
#include "../../main/c/common/procfs.h"
#include "peer.h"

#define QUEUE "/shmkit-guard-test"

/* --- faults --- */

static bool no_statx;
int __real_statx(int dir, const char *path, int flags, unsigned mask, struct statx *found);
int __wrap_statx(int dir, const char *path, int flags, unsigned mask, struct statx *found);

int __wrap_statx(int dir, const char *path, int flags, unsigned mask, struct statx *found)
{
    if (no_statx) {
        errno = ENOSYS;
        return -1;
    }
    return __real_statx(dir, path, flags, mask, found);
}

static int descriptors(void)
{
    DIR *open_files = opendir("/proc/self/fd");
    int count = 0;

    CHECK(open_files != NULL);
    while (readdir(open_files) != NULL)
        count++;
    closedir(open_files);
    return count;
}

static pid_t fork_sleeper(uint64_t *started)
{
    pid_t pid = fork();

    if (pid == 0)
        for (;;)
            pause();
    CHECK(pid > 0);
    CHECK(process_start_time(pid, started));
    return pid;
}

/* --- tests --- */

static bool queue_exists(void)
{
    mqd_t queue = mq_open(QUEUE, O_RDONLY);

    if (queue >= 0)
        mq_close(queue);
    return queue >= 0;
}

static void queue_that_cannot_be_looked_at_stays(void)
{
    const struct file_identity any = {.owner = geteuid()};
    int error;
    mqd_t queue = mq_open(QUEUE, O_CREAT | O_EXCL | O_RDWR, 0600, NULL);

    if (queue < 0) {
        printf("guard_test: the test of a queue is skipped: %s\n", strerror(errno));
        return;
    }
    mq_close(queue);
    no_statx = true;
    CHECK_EQ(remove_queue(QUEUE, &any, &error), UNKNOWN);
    CHECK_EQ(error, ENOSYS);
    no_statx = false;
    CHECK(queue_exists());
    CHECK_EQ(remove_queue(QUEUE, &any, &error), DELETED); /* the control */
    CHECK(!queue_exists());
    CHECK_EQ(remove_queue(QUEUE, &any, &error), GONE);
}

static void process_without_a_descriptor_to_look_is_not_taken_for_gone(void)
{
    uint64_t started;
    struct rlimit old, none = {0};
    pid_t pid = fork_sleeper(&started);

    CHECK(getrlimit(RLIMIT_NOFILE, &old) == 0);
    none.rlim_max = old.rlim_max;
    CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
    enum ending ending = end_process(pid, started);
    int error = errno;
    CHECK(setrlimit(RLIMIT_NOFILE, &old) == 0);
    CHECK_EQ(ending, NOT_ENDED);
    CHECK_EQ(error, EMFILE);
    CHECK(kill(pid, 0) == 0);
    CHECK_EQ(end_process(pid, started + 1), NOT_THERE); /* another process that had its pid */
    CHECK_EQ(end_process(pid, started), ENDED);
    CHECK_EQ(waitpid(pid, NULL, 0), pid);
    CHECK_EQ(end_process(pid, started), NOT_THERE);
}

static void refused_directories_leave_no_descriptor(void)
{
    char path[] = "/dev/shm/.shmkit-guard-test-XXXXXX";
    struct private_dir d;
    int before = descriptors();

    CHECK(mkdtemp(path) != NULL);
    CHECK(private_dir_open(path, &d)); /* the control */
    private_dir_close(&d);
    CHECK(chmod(path, 0755) == 0);
    CHECK(!private_dir_open(path, &d));
    CHECK_EQ(errno, EPERM);
    CHECK(!private_dir_open("/dev/shm/.shmkit-guard-test-missing", &d));
    CHECK_EQ(errno, ENOENT);
    CHECK(rmdir(path) == 0);
    CHECK_EQ(open_directory("relative"), -1);
    CHECK_EQ(errno, EINVAL);
    CHECK_EQ(open_directory("/dev/shm/missing/either"), -1);
    CHECK_EQ(errno, ENOENT);
    CHECK_EQ(descriptors(), before);
}

static off_t append_until_it_fails(int fd)
{
    char line[256];

    for (;;) {
        off_t size = lseek(fd, 0, SEEK_END);
        int length = snprintf(line, sizeof line, "P %d %d %d N", 2, 1, 1);
        if (!ledger_append(fd, line, (size_t)length, sizeof line))
            return size;
    }
}

/* A part of a record would make all of the ledger worthless. */
static int full_file_system_takes_whole_records_only(void)
{
    char last = 0;

    CHECK(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
    CHECK(mount("tmpfs", "/tmp", "tmpfs", 0, "size=1m") == 0);
    int fd = open("/tmp/ledger", O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    CHECK(fd >= 0);
    off_t size = append_until_it_fails(fd);
    CHECK_EQ(errno, ENOSPC);
    CHECK(size > 65536);
    CHECK_EQ(lseek(fd, 0, SEEK_END), size);
    CHECK_EQ(pread(fd, &last, 1, size - 1), 1);
    CHECK_EQ(last, '\n');
    close(fd);
    return 0;
}

static void with_a_small_file_system(int (*test)(void))
{
    int status;
    pid_t pid = fork();

    CHECK(pid >= 0);
    if (pid == 0) {
        if (unshare(CLONE_NEWNS) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) {
            printf("guard_test: the test of a full file system is skipped: %s\n", strerror(errno));
            exit(0);
        }
        exit(test());
    }
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status, 0);
}

int main(void)
{
    queue_that_cannot_be_looked_at_stays();
    process_without_a_descriptor_to_look_is_not_taken_for_gone();
    refused_directories_leave_no_descriptor();
    with_a_small_file_system(full_file_system_takes_whole_records_only);
    puts("guard_test: passed");
    return 0;
}
