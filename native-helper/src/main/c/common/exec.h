/* Becoming another program. */
#ifndef SHMKIT_EXEC_H
#define SHMKIT_EXEC_H

/* Like execvp(3), but a file that is not a program is an error: execvp runs it by sh. Returns with errno. */
void exec_by_path(char **argv);

#endif
