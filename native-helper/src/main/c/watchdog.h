/* The guard of one Maven session: cleans what its test JVMs left when mvn itself is killed. */
#ifndef SHMKIT_WATCHDOG_H
#define SHMKIT_WATCHDOG_H

/* arguments: <private directory> <session> <pid of mvn> <its start time> */
int watchdog_main(int argc, char **argv);

#endif
