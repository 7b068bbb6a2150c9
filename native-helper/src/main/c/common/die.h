/* How the program gives up. */
#ifndef SHMKIT_DIE_H
#define SHMKIT_DIE_H

/* Exit codes of the program itself, apart from those that a script asks for. */
enum { EX_OK = 0, EX_USAGE_ERROR = 64, EX_SYSTEM = 71, EX_PROTOCOL = 76 };

/* Prints "shm-helper: <text>: <errno text>" (the errno part only when errno is set) and exits with EX_SYSTEM. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What die does before it exits; a forked process that has no part in it sets NULL. */
void before_death(void (*duty)(void));

#endif
