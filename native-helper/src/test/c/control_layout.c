/* Where shmkit.h has what, for the test that compares it with Java. */
#include "shmkit.h"

int main(void)
{
    printf("%d %d %d %d %d %d %d %d %d %d %d %d %d\n", (int)sizeof(struct shmkit_control),
        (int)offsetof(struct shmkit_control, event), (int)offsetof(struct shmkit_control, waiters),
        (int)offsetof(struct shmkit_control, parties), (int)sizeof(struct shmkit_party),
        (int)offsetof(struct shmkit_party, state), (int)offsetof(struct shmkit_party, time_ns),
        (int)sizeof(struct shmkit_checkpoint), (int)offsetof(struct shmkit_checkpoint, count),
        (int)offsetof(struct shmkit_checkpoint, pid), (int)offsetof(struct shmkit_checkpoint, time_ns),
        (int)offsetof(struct shmkit_checkpoint, name), (int)offsetof(struct shmkit_checkpoint, party));
    printf("%llu\n", (unsigned long long)shmkit_hash_("go", "w\303\244chter"));
    return 0;
}
