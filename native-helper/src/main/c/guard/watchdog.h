/* The guard of one Maven session: cleans what its test JVMs left when mvn itself is killed. */
#ifndef SHMKIT_WATCHDOG_H
#define SHMKIT_WATCHDOG_H

#include "../clean/reaper.h"

/* Cleans what the session's dead test JVMs left, in whichever directory, and waits so long for those that still live. */
void clean_test_jvms(const char *session, int wait_ms);

/* arguments: <private directory> <session> <pid of mvn> <its start time> */
int watchdog_main(int argc, char **argv);

#endif
