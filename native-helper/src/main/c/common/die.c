#include "die.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
