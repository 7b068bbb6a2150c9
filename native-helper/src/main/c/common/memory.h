/* Memory that is there, or the program ends. */
#ifndef SHMKIT_MEMORY_H
#define SHMKIT_MEMORY_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xrealloc(void *old, size_t size);
char *xstrndup(const char *text, size_t length);

#endif
