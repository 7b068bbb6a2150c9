#include "meet.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../include/shmkit.h"
#include "../common/die.h"

bool is_meeting(const char *verb)
{
    return strcmp(verb, "reach") == 0 || strcmp(verb, "await") == 0 || strcmp(verb, "barrier") == 0;
}

static bool number(const char *text, int *value)
{
    char *end;
    long parsed;

    errno = 0;
    parsed = strtol(text, &end, 10);
    *value = (int)parsed;
    return *text != '\0' && *end == '\0' && errno == 0 && parsed >= 0 && parsed <= INT_MAX;
}

static int usage(void)
{
    fputs("shm-helper: reach NAME | await NAME [COUNT [MILLISECONDS]] | barrier NAME PARTY...\n", stderr);
    return EX_USAGE_ERROR;
}

static const char *reason(int error)
{
    switch (error) {
    case ENOENT:
        return "no test has started this program: SHMKIT_CONTROL is not set";
    case EOWNERDEAD:
        return "a party died before it came";
    default:
        return strerror(error);
    }
}

int meet_main(int argc, char **argv)
{
    int count = 1, limit = -1, error;

    if (strcmp(argv[0], "reach") == 0 && argc == 2)
        error = shmkit_reach(argv[1]);
    else if (strcmp(argv[0], "await") == 0 && argc >= 2 && argc <= 4 && (argc < 3 || number(argv[2], &count)) &&
             (argc < 4 || number(argv[3], &limit)))
        error = shmkit_await(argv[1], (uint32_t)count, limit);
    else if (strcmp(argv[0], "barrier") == 0 && argc >= 3)
        error = shmkit_barrier(argv[1], (const char *const *)argv + 2, argc - 2, -1);
    else
        return usage();
    if (error == 0)
        return EX_OK;
    if (error == EINVAL && strcmp(argv[0], "barrier") == 0)
        fprintf(stderr, "shm-helper: barrier %s: '%s' is not among its parties\n", argv[1], shmkit_name());
    else
        fprintf(stderr, "shm-helper: %s %s: %s\n", argv[0], argv[1], reason(error));
    return 1;
}
