#include "identity.h"

#include <inttypes.h>
#include <stdio.h>

bool is_same_file(const struct file_identity *known, uint64_t dev, uint64_t ino, uint64_t btime_ns)
{
    return dev == known->dev && ino == known->ino &&
           (known->btime_ns == 0 || btime_ns == 0 || btime_ns == known->btime_ns);
}

bool is_same_sysv(const struct sysv_identity *known, uint32_t key, uint32_t cuid, int64_t ctime)
{
    return key == known->key && cuid == known->cuid && ctime >= known->ctime;
}

void quarantine_name(char *name, size_t room, const char *session, unsigned fork, uint64_t seq)
{
    snprintf(name, room, "q.%s.%u.%" PRIu64, session, fork, seq);
}
