/*
 * The table of System V segments, whose rows name their creators, and who attached last. Nothing announces a new row, so it
 * is read again and again. Of semaphore sets and queues the kernel tells neither.
 */
#ifndef SHMKIT_ROWS_H
#define SHMKIT_ROWS_H

#include <stdint.h>

#include "tree.h"

struct rows;

/* What is there now was made before. */
struct rows *rows_new(void);

/* Lists what is new. */
void rows_read(struct rows *rows);

/* Judges what was listed last, and notes what the session made. */
void rows_judge(struct rows *rows, struct tree *tree, int ledger_fd);

#endif
