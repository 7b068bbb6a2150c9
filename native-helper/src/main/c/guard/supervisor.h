/* The guard of one test JVM: fork server, launcher, subreaper and, when the JVM is gone, reaper. */
#ifndef SHMKIT_SUPERVISOR_H
#define SHMKIT_SUPERVISOR_H

/* arguments: <private directory> <session>.<fork> <pid of the JVM> <its start time> */
int supervisor_main(int argc, char **argv);

#endif
