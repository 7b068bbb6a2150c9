/* A user's program: finds its segment by label and takes part in checkpoints. Compiled as C and as C++. */
#include "shmkit.h"

static int fail(const char *what, int error)
{
    fprintf(stderr, "%s: %s (%s)\n", what, strerror(error), shmkit_name());
    return 1;
}

static int store(const char *label, const char *value)
{
    struct shmkit_segment segment = {NULL, 0};
    int error = shmkit_map(label, &segment);

    if (error != 0)
        return fail(label, error);
    *(volatile uint64_t *)segment.address = strtoull(value, NULL, 10);
    printf("%lu bytes\n", (unsigned long)segment.size);
    fflush(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    int error = 0;

    for (int i = 1; i < argc && error == 0; i++) {
        if (strcmp(argv[i], "store") == 0 && i + 2 < argc) {
            if (store(argv[i + 1], argv[i + 2]) != 0)
                return 2;
            i += 2;
        } else if (strcmp(argv[i], "reach") == 0 && i + 1 < argc) {
            error = shmkit_reach(argv[++i]);
        } else if (strcmp(argv[i], "await") == 0 && i + 3 < argc) {
            error = shmkit_await(argv[i + 1], (uint32_t)atoi(argv[i + 2]), atoi(argv[i + 3]));
            i += 3;
        } else if (strcmp(argv[i], "barrier") == 0 && i + 2 < argc) {
            error = shmkit_barrier(argv[i + 1], (const char *const *)(argv + i + 2), argc - i - 2, 30000);
            i = argc;
        } else {
            return fail(argv[i], EINVAL);
        }
    }
    return error == 0 ? 0 : fail("checkpoint", error);
}
