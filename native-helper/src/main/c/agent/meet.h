/*
 * Checkpoints for programs that are not in C, a shell script's or Python's: each call is a run of this program.
 *
 *   shm-helper reach NAME
 *   shm-helper await NAME [COUNT [MILLISECONDS]]
 *   shm-helper barrier NAME PARTY...
 *
 * Exits with 0, or says why not and exits with 1. Without MILLISECONDS there is no limit: the test ends what waits.
 */
#ifndef SHMKIT_MEET_H
#define SHMKIT_MEET_H

#include <stdbool.h>

bool is_meeting(const char *verb);
int meet_main(int argc, char **argv); /* the verb first */

#endif
