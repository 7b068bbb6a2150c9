#include "util.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void (*last_duty)(void);

void before_death(void (*duty)(void))
{
    last_duty = duty;
}

_Noreturn void die(const char *format, ...)
{
    int error = errno;
    va_list arguments;

    fputs("shm-helper: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    if (error != 0)
        fprintf(stderr, ": %s", strerror(error));
    fputc('\n', stderr);
    void (*duty)(void) = last_duty;
    last_duty = NULL; /* it may die as well */
    if (duty != NULL)
        duty();
    exit(EX_SYSTEM);
}

void *xmalloc(size_t size)
{
    return xrealloc(NULL, size);
}

void *xrealloc(void *old, size_t size)
{
    void *memory = realloc(old, size > 0 ? size : 1);

    if (memory == NULL)
        die("no memory for %zu bytes", size);
    return memory;
}

char *xstrndup(const char *text, size_t length)
{
    char *copy = xmalloc(length + 1);

    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

bool write_full(int fd, const void *data, size_t size)
{
    const char *next = data;

    while (size > 0) {
        ssize_t written = write(fd, next, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        next += written;
        size -= (size_t)written;
    }
    return true;
}

ssize_t read_full(int fd, void *data, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t got = read(fd, (char *)data + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

char *read_file(const char *path)
{
    size_t size = 0, capacity = 4096;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return NULL;
    char *text = xmalloc(capacity);
    for (ssize_t got; (got = read_full(fd, text + size, capacity - size - 1)) != 0;) {
        if (got < 0) {
            int error = errno;
            free(text);
            close(fd);
            errno = error;
            return NULL;
        }
        size += (size_t)got;
        capacity *= 2;
        text = xrealloc(text, capacity);
    }
    close(fd);
    text[size] = '\0';
    return text;
}

void close_descriptor(const int *fd)
{
    int error = errno;

    if (*fd >= 0)
        close(*fd);
    errno = error;
}

int take_descriptor(int *fd)
{
    int taken = *fd;

    *fd = -1;
    return taken;
}

int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void sleep_us(unsigned microseconds)
{
    struct timespec left = {microseconds / 1000000, (long)(microseconds % 1000000) * 1000};

    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        continue;
}

uint32_t crc32_of(const void *data, size_t size)
{
    static uint32_t table[256];
    const unsigned char *bytes = data;
    uint32_t crc = 0xffffffffu;

    if (table[255] == 0)
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t value = i;
            for (int bit = 0; bit < 8; bit++)
                value = value & 1 ? 0xedb88320u ^ (value >> 1) : value >> 1;
            table[i] = value;
        }
    for (size_t i = 0; i < size; i++)
        crc = table[(crc ^ bytes[i]) & 0xff] ^ (crc >> 8);
    return crc ^ 0xffffffffu;
}

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

size_t base64url_encode(const void *data, size_t size, char *out)
{
    const unsigned char *bytes = data;
    size_t length = 0;
    uint32_t bits = 0;
    int have = 0;

    for (size_t i = 0; i < size; i++) {
        bits = bits << 8 | bytes[i];
        for (have += 8; have >= 6; have -= 6)
            out[length++] = base64url[bits >> (have - 6) & 63];
    }
    if (have > 0)
        out[length++] = base64url[bits << (6 - have) & 63];
    out[length] = '\0';
    return length;
}

ssize_t base64url_decode(const char *text, size_t length, void *out)
{
    static int8_t digits[256]; /* the value of each digit; 0 for 'A' and for what is none */
    unsigned char *bytes = out;
    size_t size = 0;
    uint32_t bits = 0;
    int have = 0;

    if (digits['B'] == 0)
        for (int8_t digit = 0; digit < 64; digit++)
            digits[(unsigned char)base64url[digit]] = digit;
    for (size_t i = 0; i < length; i++) {
        int8_t digit = digits[(unsigned char)text[i]];
        if (digit == 0 && text[i] != 'A')
            return -1;
        bits = bits << 6 | (unsigned char)digit;
        have += 6;
        if (have >= 8) {
            have -= 8;
            bytes[size++] = (unsigned char)(bits >> have);
        }
    }
    return (ssize_t)size;
}

bool stat_start_time(const char *stat, uint64_t *ticks)
{
    unsigned long long start;
    long threads;
    char state;
    /* The command name stands in parentheses and may itself hold spaces and parentheses: count from the last one. */
    const char *after = strrchr(stat, ')');

    if (after == NULL ||
        sscanf(after + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld %*d %llu", &state,
            &threads, &start) != 3)
        return false;
    *ticks = start;
    /* A process whose main thread has ended looks like a zombie, but has other threads. */
    return (state != 'Z' && state != 'X') || threads > 1;
}

bool process_start_time(pid_t pid, uint64_t *ticks)
{
    char path[40];
    char stat[1024];

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t size = read_full(fd, stat, sizeof stat - 1);
    close(fd);
    if (size <= 0)
        return false;
    stat[size] = '\0';
    return stat_start_time(stat, ticks);
}

bool status_user(const char *status, unsigned *uid)
{
    /* The name in the first line cannot forge another line: the kernel writes a newline in it as \n. */
    const char *uids = strstr(status, "\nUid:");

    return uids != NULL && sscanf(uids, "\nUid: %u", uid) == 1;
}

uint64_t namespace_inode(const char *name)
{
    char path[40];
    struct stat status;

    snprintf(path, sizeof path, "/proc/self/ns/%s", name);
    return stat(path, &status) == 0 ? (uint64_t)status.st_ino : 0;
}

void boot_id(char out[40])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read_full(fd, out, 36);

    if (fd >= 0)
        close(fd);
    out[size == 36 ? 36 : 0] = '\0';
}

int pidfd_of(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0); /* always close-on-exec */
}

int pidfd_kill(int pidfd, int signo)
{
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signo, NULL, 0);
}

#define OOM_SCORE_ADJ "/proc/self/oom_score_adj"

static char oom_score[16]; /* as it was; empty: it was not changed */

static bool write_oom_score(const char *score)
{
    int fd = open(OOM_SCORE_ADJ, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write_full(fd, score, strlen(score));

    if (fd >= 0)
        close(fd);
    return written;
}

void survive_oom(void)
{
    int fd = open(OOM_SCORE_ADJ, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read_full(fd, oom_score, sizeof oom_score - 1);

    if (fd >= 0)
        close(fd);
    if (size <= 0 || !write_oom_score("-1000"))
        oom_score[0] = '\0';
}

void restore_oom_score(void)
{
    if (oom_score[0] != '\0')
        write_oom_score(oom_score);
}

void close_from_to(int first, int last)
{
    if (first > last)
        return;
#ifdef SYS_close_range
    if (syscall(SYS_close_range, (unsigned)first, (unsigned)last, 0) == 0)
        return;
#endif
    DIR *open_files = opendir("/proc/self/fd"); /* before Linux 5.9 */
    if (open_files == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(open_files)) != NULL;) {
        int fd = atoi(entry->d_name);
        if (entry->d_name[0] != '.' && fd >= first && fd <= last && fd != dirfd(open_files))
            close(fd);
    }
    closedir(open_files);
}

void exec_by_path(char **argv)
{
    const char *path = getenv("PATH"), *end;
    bool denied = false;
    char file[PATH_MAX];

    if (strchr(argv[0], '/') != NULL) {
        execve(argv[0], argv, environ);
        return;
    }
    for (path = path != NULL ? path : "/bin:/usr/bin"; path != NULL; path = *end == ':' ? end + 1 : NULL) {
        end = strchrnul(path, ':');
        /* An empty element is the current directory. */
        int length = snprintf(file, sizeof file, "%.*s%s%s", (int)(end - path), path, end > path ? "/" : "", argv[0]);
        if (length >= (int)sizeof file)
            continue;
        execve(file, argv, environ);
        if (errno == EACCES)
            denied = true;
        else if (errno != ENOENT && errno != ENOTDIR)
            return;
    }
    errno = denied ? EACCES : ENOENT;
}
