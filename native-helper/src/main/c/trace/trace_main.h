/* The role that runs a program and traces its stores. See PROTOCOL.md. */
#ifndef SHMKIT_TRACE_MAIN_H
#define SHMKIT_TRACE_MAIN_H

int trace_main(int argc, char **argv);

#endif
