/* The messages of a connection. */
#ifndef SHMKIT_WIRE_H
#define SHMKIT_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "state.h"

bool wire_receive(struct agent *n, uint8_t **body, uint32_t *size);
void wire_send(struct agent *n, uint8_t *message, uint32_t body_size); /* 4 bytes of room before the body */
_Noreturn void wire_malformed(const char *format, ...) __attribute__((format(printf, 1, 2)));
void wire_hello(struct agent *n);

#endif
