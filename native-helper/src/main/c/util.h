/* Small checked wrappers that every other file uses. */
#ifndef SHMKIT_UTIL_H
#define SHMKIT_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Exit codes of the program itself, apart from those that a script asks for. */
enum { EX_OK = 0, EX_USAGE_ERROR = 64, EX_SYSTEM = 71, EX_PROTOCOL = 76 };

/* Prints "shm-helper: <text>: <errno text>" (the errno part only when errno is set) and exits with EX_SYSTEM. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What die does before it exits; a forked process that has no part in it sets NULL. */
void before_death(void (*duty)(void));

void *xmalloc(size_t size);
void *xrealloc(void *old, size_t size);
char *xstrndup(const char *text, size_t length);

/* Writes or reads all of it, through EINTR and short counts; read_full returns the bytes read before end of file, -1 on error. */
bool write_full(int fd, const void *data, size_t size);
ssize_t read_full(int fd, void *data, size_t size);

/* All of a file of any size, for free, with a NUL behind it; NULL with errno if it cannot be read. */
char *read_file(const char *path);

/*
 * Of a variable that holds a descriptor or -1: closed where its scope ends, whatever way that is left; errno stays. What is
 * returned is taken out of it first.
 */
#define CLOSED_AT_END __attribute__((cleanup(close_descriptor)))
void close_descriptor(const int *fd);
int take_descriptor(int *fd);

int64_t now_ms(void); /* CLOCK_MONOTONIC */
void sleep_us(unsigned microseconds);

uint32_t crc32_of(const void *data, size_t size);

/* base64url without padding; encode returns the length written, decode -1 for anything that is not base64url. */
size_t base64url_encode(const void *data, size_t size, char *out);
ssize_t base64url_decode(const char *text, size_t length, void *out);

/* Start time in clock ticks since boot (field 22 of /proc/PID/stat); false when no thread of such a process lives. */
bool process_start_time(pid_t pid, uint64_t *ticks);

/* The same, of what was read from such a file. */
bool stat_start_time(const char *stat, uint64_t *ticks);

/* The real user id in what was read from /proc/PID/status. */
bool status_user(const char *status, unsigned *uid);

/* The inode behind /proc/self/ns/<name>, 0 when it cannot be told. */
uint64_t namespace_inode(const char *name);
void boot_id(char out[40]);

/* pidfd_open(2), pidfd_send_signal(2) and close_range(2), which the C library of Debian 12 has only in part. */
int pidfd_of(pid_t pid);
int pidfd_kill(int pidfd, int signo);
void close_from_to(int first, int last);

/* As execvp(3), but what is no program is an error: that function would run it by sh. Returns with errno. */
void exec_by_path(char **argv);

/*
 * The kernel's out-of-memory killer takes others first, if we have the privilege to ask for that; by itself it prefers
 * larger processes. A forked process that is to count as before restores the score.
 */
void survive_oom(void);
void restore_oom_score(void);

#endif
