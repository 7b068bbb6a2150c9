/*
 * Tells the test which instruction of which request faulted, and at what address, and then dies of the signal as if
 * nothing had caught it. The message goes over the connection: standard error belongs to the script.
 */
#include "fault.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "proto.h"
#include "state.h"
#include "uop.h"

static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};

void fault_default(int signo)
{
    struct sigaction action = {.sa_handler = SIG_DFL};

    sigaction(signo, &action, NULL); /* refused for SIGKILL and SIGSTOP, which need none */
}

static void on_fault(int signo, siginfo_t *info, void *context)
{
    struct agent *n = agent_self;
    const struct uop *u = n->current;
    uint8_t message[4 + PROTO_FAULT_SIZE];
    ssize_t ignored;

    (void)context;
    if (info->si_code <= 0) { /* sent, not caused: returning would not bring it back */
        raise(signo);         /* pending until the handler returns, by default then */
        return;
    }
    put_le32(message, PROTO_FAULT_SIZE);
    put_le32(message + 4, TYPE_FAULT);
    put_le32(message + 8, n->request);
    put_le32(message + 12, u != NULL ? u->insn : UINT32_MAX);
    put_le32(message + 16, (uint32_t)signo);
    put_le32(message + 20, (uint32_t)info->si_code);
    put_le32(message + 24, 0);
    put_le64(message + 28, (uint64_t)(uintptr_t)info->si_addr);
    ignored = write(n->fd, message, sizeof message);
    (void)ignored;
}

void fault_install(void)
{
    /* Reset on entry: the instruction is tried again on return, and that kills. */
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | (int)SA_RESETHAND};

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        sigaction(faults[i], &action, NULL);
}
