/* The tracer of machines for which there is none. */
#include <string.h>

#include "../common/die.h"
#include "log.h"
#include "trace_main.h"

int trace_main(int argc, char **argv)
{
    static const char why[] = "stores can be traced on x86-64 only";
    struct log log;

    if (argc < 1)
        die("trace wants a log");
    log_open(&log, argv[0]);
    log_pair(&log, RECORD_REFUSED, 0, 1, why, strlen(why));
    log.header->state = LOG_REFUSED;
    return EX_SYSTEM;
}
