/* ring_buffer NAME create | write TEXT | read: processes that share a ring buffer of libqb. */
#include <qb/qbrb.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    int create = strcmp(argv[2], "create") == 0;
    qb_ringbuffer_t *ring = qb_rb_open(argv[1], 4096, (create ? QB_RB_FLAG_CREATE : 0) | QB_RB_FLAG_SHARED_PROCESS, 0);
    if (ring == NULL) {
        perror("qb_rb_open");
        return 1;
    }
    if (strcmp(argv[2], "write") == 0) {
        ssize_t written = qb_rb_chunk_write(ring, argv[3], strlen(argv[3]) + 1);
        if (written < 0) {
            fprintf(stderr, "qb_rb_chunk_write: %s\n", strerror((int)-written));
            return 1;
        }
    } else if (strcmp(argv[2], "read") == 0) {
        char text[4096];
        while (qb_rb_chunk_read(ring, text, sizeof text, 0) > 0)
            puts(text);
    }
    return 0; /* without qb_rb_close, which would remove what another one made */
}
