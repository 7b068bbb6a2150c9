/* Native helpers: a process for each connection. */
#ifndef SHMKIT_NATIVES_H
#define SHMKIT_NATIVES_H

#include "state.h"

void replace_spare(struct supervisor *s);
void accept_native(struct supervisor *s);

#endif
