#include "pids.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "../common/io.h"
#include "tree.h"

/* The kernel keeps those below for the time before the first was used up. */
#define RESERVED 300

/* The number in a file of /proc, as its last word; 0 for none. */
static pid_t last_number(const char *path)
{
    char *text = read_file(path);
    pid_t number = 0;

    if (text != NULL) {
        char *word = strrchr(text, ' ');
        number = (pid_t)strtol(word == NULL ? text : word, NULL, 10);
    }
    free(text);
    return number;
}

/* How many pids the kernel gives out until it gives out this one. */
static int distance(const struct pids *pids, pid_t pid)
{
    return pid > pids->first ? pid - pids->first : pids->last - pids->first + pid - RESERVED + 1;
}

void pids_look(struct pids *pids)
{
    memset(pids, 0, sizeof *pids);
    pids->at = boot_ns();
    pids->last = last_number("/proc/sys/kernel/pid_max") - 1;
    pids->first = last_number("/proc/loadavg");
    if (pids->first <= 0 || pids->first > pids->last)
        return;
    for (int i = 0; i < PIDS_NEXT; i++) {
        pid_t pid = pids->first + 1 + i;
        if (pid > pids->last)
            pid = RESERVED + (pid - pids->last - 1);
        /* /proc may hide whom we may not look at. */
        if (kill(pid, 0) == 0 || errno != ESRCH)
            pids->used[i / 8] |= (unsigned char)(1 << i % 8);
    }
    pid_t now = last_number("/proc/loadavg");
    pids->skipped = now == pids->first ? 0 : distance(pids, now);
}

bool pids_had(const struct pids *pids, pid_t pid, int64_t since)
{
    if (pids->first <= 0 || since <= pids->at || pid == pids->first)
        return false;
    int number = distance(pids, pid) - 1;
    return number >= pids->skipped && number < PIDS_NEXT && (pids->used[number / 8] & 1 << number % 8) != 0;
}
