/* What a script wants done at signals, so that it can ask which calls a signal interrupts. */
#include "signal.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>

#include "function.h"
#include "proto.h"

static atomic_uint counts[NSIG];

static void on_signal(int signo)
{
    atomic_fetch_add(&counts[signo], 1);
}

int64_t signal_action(struct call *c)
{
    struct sigaction action = {.sa_flags = INT(2)};

    switch (c->v[1]) {
    case 0:
        action.sa_handler = SIG_DFL;
        break;
    case 1:
        action.sa_handler = SIG_IGN;
        break;
    case PROTO_SIG_COUNT:
        action.sa_handler = on_signal;
        break;
    default:
        errno = EINVAL;
        return -1;
    }
    return sigaction(INT(0), &action, NULL);
}

int64_t signal_count(struct call *c)
{
    if (INT(0) < 1 || INT(0) >= NSIG) {
        errno = EINVAL;
        return -1;
    }
    return atomic_load(&counts[INT(0)]);
}
