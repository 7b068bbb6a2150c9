/* Becoming another program. */
#ifndef SHMKIT_EXEC_H
#define SHMKIT_EXEC_H

/* As execvp(3), but what is no program is an error: that function would run it by sh. Returns with errno. */
void exec_by_path(char **argv);

#endif
