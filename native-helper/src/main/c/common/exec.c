#include "exec.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void exec_by_path(char **argv)
{
    const char *path = getenv("PATH"), *end;
    bool denied = false;
    char file[PATH_MAX];

    if (strchr(argv[0], '/') != NULL) {
        execve(argv[0], argv, environ);
        return;
    }
    for (path = path != NULL ? path : "/bin:/usr/bin"; path != NULL; path = *end == ':' ? end + 1 : NULL) {
        end = strchrnul(path, ':');
        /* An empty element is the current directory. */
        int length = snprintf(file, sizeof file, "%.*s%s%s", (int)(end - path), path, end > path ? "/" : "", argv[0]);
        if (length >= (int)sizeof file)
            continue;
        execve(file, argv, environ);
        if (errno == EACCES)
            denied = true;
        else if (errno != ENOENT && errno != ENOTDIR)
            return;
    }
    errno = denied ? EACCES : ENOENT;
}
