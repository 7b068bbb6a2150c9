/* The actuator as a filter: a plan of identities on standard input, an outcome for each on standard output. */
#ifndef SHMKIT_ACT_H
#define SHMKIT_ACT_H

/* arguments: <private directory> */
int act_main(int argc, char **argv);

#endif
