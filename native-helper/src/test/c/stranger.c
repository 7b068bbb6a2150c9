/*
 * Asks a supervisor for a native helper, and says what came of it: greeted, closed, or why it cannot connect.
 *
 *   stranger <path of the socket>
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../main/c/agent/proto.h"

int main(int argc, char **argv)
{
    const uint32_t hello[] = {PROTO_HELLO_SIZE, 1, PROTO_MAGIC, PROTO_VERSION, 0};
    struct sockaddr_un address = {0};
    char answer[sizeof hello];
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    if (argc != 2 || fd < 0)
        return 2;
    address.sun_family = AF_UNIX;
    strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        puts(strerror(errno));
        return 0;
    }
    /* Fails if it is closed already: MSG_NOSIGNAL, so that it does not kill. */
    (void)!send(fd, hello, sizeof hello, MSG_NOSIGNAL);
    puts(recv(fd, answer, sizeof answer, 0) == (ssize_t)sizeof answer ? "greeted" : "closed");
    return 0;
}
