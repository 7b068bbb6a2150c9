/* The kernel's out-of-memory killer. */
#ifndef SHMKIT_OOM_H
#define SHMKIT_OOM_H

/*
 * The kernel's out-of-memory killer takes others first, if we have the privilege to ask for that; by itself it prefers
 * larger processes. A forked process that is to count as before restores the score.
 */
void survive_oom(void);
void restore_oom_score(void);

#endif
