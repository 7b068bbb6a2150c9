/* shm-helper: see PROTOCOL.md for what it is told and what it answers. */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "agent/meet.h"
#include "clean/act.h"
#include "common/die.h"
#include "guard/observer.h"
#include "guard/supervisor.h"
#include "guard/watchdog.h"
#include "isolate/hermetic.h"
#include "trace/trace_main.h"

static const struct role {
    const char *name;
    int (*main)(int argc, char **argv);
} roles[] = {
    {"supervise", supervisor_main},
    {"watch", watchdog_main},
    {"act", act_main},
    {"isolate", isolate_main},
    {"probe", probe_main},
    {"monitor", monitor_main},
    {"trace", trace_main},
    {"sources", sources_main},
};

int main(int argc, char **argv)
{
    if (argc > 0 && is_stand_in(argv[0]))
        return stand_in_main(argc, argv);
    if (argc > 1 && is_meeting(argv[1]))
        return meet_main(argc - 1, argv + 1);
    /* argv[0] is /proc/PID/fd/N: the first argument is our name, for those who look at the process list. */
    if (argc < 3 || strcmp(argv[1], "shm-helper") != 0) {
        fputs("shm-helper is started by shmkit; see its PROTOCOL.md\n", stderr);
        return EX_USAGE_ERROR;
    }
    prctl(PR_SET_NAME, "shm-helper");
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if (strcmp(argv[2], roles[i].name) == 0)
            return roles[i].main(argc - 3, argv + 3);
    fprintf(stderr, "shm-helper: no such role: %s\n", argv[2]);
    return EX_USAGE_ERROR;
}
