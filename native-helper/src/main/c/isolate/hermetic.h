/*
 * Hermetic mode: a program and all that it starts get IPC objects of their own, which the kernel frees with the last of
 * them. What would have leaked is written down before it is gone; monitor.c does that.
 *
 * The program takes this process's place, so that its pid, its exit status and the signals that it gets are what they
 * would be without us; it has no child that it did not start.
 */
#ifndef SHMKIT_HERMETIC_H
#define SHMKIT_HERMETIC_H

#include <stdbool.h>

/* The name of a file beside the folder of a stand-in: session, reports, "auto" or "always", program, a NUL behind each. */
#define STAND_IN_FILE "shmkit-isolate"

/* Whether we were started as the stand-in for another program, by a name that is not ours. */
bool is_stand_in(const char *name);

/* Runs what the file says, with our own arguments. */
int stand_in_main(int argc, char **argv);

/* isolate <session> <reports> auto|always <program> <argument 0> … */
int isolate_main(int argc, char **argv);

/* probe -: exits with EX_OK where this is possible, or prints why not. */
int probe_main(int argc, char **argv);

/* monitor <session> <report> <pid> <start time>: writes "R" when it watches. */
int monitor_main(int argc, char **argv);

#endif
