/*
 * New files in /dev/shm, and new queues, as the kernel announces them.
 *
 * To those who have CAP_SYS_ADMIN it names the process and the inode (fanotify(7), Linux 5.17; of queues 6.8), in /dev/shm
 * in directories of any depth. That process is the maker if it is the first of whom the inode is told, and the inode is no
 * older than the watch: a link to another's file is announced as a creation, too. Of a file that the session made it is
 * told as well who opens it.
 *
 * To others only names are announced (inotify(7)). Who made them is not known; which process of the session has them
 * open or mapped when we look is noted as a hint.
 *
 * Files on other file systems, those of hugetlbfs among them, are not watched; queues that are not mounted on /dev/mqueue
 * only by root, who mounts them where nobody else sees it.
 */
#ifndef SHMKIT_FILES_H
#define SHMKIT_FILES_H

#include <stdbool.h>

#include "tree.h"

struct files;

/* queues: in /dev/mqueue, not in /dev/shm. */
struct files *files_new(bool queues);

/*
 * In directories that the user declares to hold memory-mapped files, by absolute patterns of fnmatch(3) for them, which need not
 * exist yet, and at any depth below them. Of one file system each: by the deepest directory of the first pattern that exists.
 * count of them are taken, those of that file system, and moved to the front.
 */
struct files *files_declared(char **patterns, int *count);

/* K, S or N, as a ledger has it. */
char files_source(const struct files *files);

/* Why it is not K, as an errno. */
int files_error(const struct files *files);

/* Adds what becomes readable when something was announced. */
void files_poll(const struct files *files, int epoll);

/* Lists what was announced, but not more than some hundred events; whether that is all. */
bool files_read(struct files *files);

/* Judges what was listed, and notes what the session made, and who else opened that. */
void files_judge(struct files *files, struct tree *tree, int ledger_fd);

/* Asks once more who has those open of which no more is known. */
void files_ask(struct files *files, struct tree *tree, int ledger_fd);

#endif
