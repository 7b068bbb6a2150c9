#include "access.h"

#include <string.h>

#include "decode.h"
#include "insn.h"
#include "memory.h"
#include "proto.h"
#include "uop.h"

#define ACCESS(name, bits, order) \
    case UOP_OF_MEMORY(OP_##name, bits / 8, ORDER_##order): \
        DO_##name(bits, order); \
        break;

/* As in program_run, one place for each kind: the compiler needs width and order as constants. */
static uint64_t perform(const struct uop *u)
{
    uint64_t last = 0;
    bool extra = false; /* of CAS, which the value tells as well */

    switch (u->code) {
        FOR_MEMORY(ACCESS)
    }
    (void)extra;
    return last;
}

void access_run(struct agent *n, const uint8_t *w)
{
    struct insn in = insn_of(w);
    struct refusal why;

    if (!access_check(n->slots, &in, &why)) {
        reply_refusal(&n->reply, &why);
        return;
    }
    struct uop u = {.code = UOP_OF_MEMORY(in.op, in.width, in.order), .a = in.a, .b = in.b};
    u.addr = agent_range(n, in.seg, in.off, in.width);
    n->current = &u; /* for the fault handler */
    n->reply.last = perform(&u);
    n->current = NULL;
}
