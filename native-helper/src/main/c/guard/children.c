#include "children.h"

#include <ctype.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/io.h"

pid_t children_next(const char **list)
{
    const char *at = *list;
    int64_t pid = 0;

    for (; isdigit((unsigned char)*at) && pid <= INT32_MAX; at++)
        pid = 10 * pid + (*at - '0');
    /* Without a blank behind it, it may be the beginning of another pid. */
    if (at == *list || *at != ' ' || pid > INT32_MAX)
        return 0;
    *list = at + 1;
    return (pid_t)pid;
}

/* Whether it is a child that nobody waited for yet, so that its pid cannot be another's. */
static bool is_child(pid_t pid)
{
    siginfo_t info;

    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

bool kill_children(void)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    /* As a whole: a pid that two reads share would be taken for two others. */
    char *list = read_file(path);
    if (list == NULL)
        return false;
    const char *next = list;
    for (pid_t pid; (pid = children_next(&next)) > 0;) {
        if (pid == 1 || !is_child(pid))
            continue;
        if (getpgid(pid) == pid)
            kill(-pid, SIGKILL);
        kill(pid, SIGKILL);
    }
    free(list);
    return true;
}
