/* What native code of a test JVM may do: fork a daemon that never ends by itself and inherits all there is. */
#include <unistd.h>

int fork_daemon(void);

int fork_daemon(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        setsid();
        for (;;)
            pause();
    }
    return pid;
}
