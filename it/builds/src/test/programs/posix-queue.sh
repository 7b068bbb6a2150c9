# needs: cc
cat > leak.c <<C
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stddef.h>
int main(int argc, char **argv)
{
    struct mq_attr shape = {.mq_maxmsg = 4, .mq_msgsize = 64};
    mqd_t queue = mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, 0600, &shape);
    return argc == 2 && queue >= 0 && mq_send(queue, "unread", 6, 0) == 0 && sem_open(argv[1], O_CREAT | O_EXCL, 0600, 1) != NULL ? 0 : 1;
}
C
cc -o leak leak.c -pthread -lrt && ./leak "/$TAG-queue"
