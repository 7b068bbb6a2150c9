/* Memory that is attached. */
#ifndef SHMKIT_SEGMENT_H
#define SHMKIT_SEGMENT_H

#include <stdint.h>

#include "insn.h"

struct slot {
    uint8_t *base; /* NULL: nothing attached */
    uint64_t size;
    uint8_t method;
};

/* 0 or an errno. The attach instruction's data has been checked by the decoder. */
int seg_attach(struct slot *slot, const struct insn *in, const uint8_t *data);
int seg_detach(struct slot *slot);

#endif
