/* Maps what an URI says, and prints the number there and whether the descriptor would have outlived an exec. */
#include <fcntl.h>

static int flags_seen;

static int open_seen(const char *path, int flags)
{
    flags_seen = flags;
    return open(path, flags);
}

#define open open_seen
#include "shmkit.h"

int main(int argc, char **argv)
{
    struct shmkit_segment segment = {NULL, 0};
    int error = argc == 2 ? shmkit_map_uri(argv[1], &segment) : EINVAL;

    if (error != 0)
        printf("%s\n", strerror(error));
    else
        printf("%lu, %s\n", (unsigned long)*(uint64_t *)segment.address,
            flags_seen & SHMKIT_CLOEXEC_ ? "closed by exec" : "kept by exec");
    return 0;
}
