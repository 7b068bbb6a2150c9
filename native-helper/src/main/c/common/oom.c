#include "oom.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "io.h"

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
