/* Faults: reports the faulting instruction, then lets the signal have its way. */
#ifndef SHMKIT_FAULT_H
#define SHMKIT_FAULT_H

void fault_install(void);
void fault_default(int signo); /* so that a signal kills as if no handler had been there */

#endif
