/* Bytes as text. */
#ifndef SHMKIT_BASE64URL_H
#define SHMKIT_BASE64URL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* base64url without padding; encode returns the length written, decode -1 for anything that is not base64url. */
size_t base64url_encode(const void *data, size_t size, char *out);
ssize_t base64url_decode(const char *text, size_t length, void *out);

#endif
