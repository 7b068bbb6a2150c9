/*
 * The secret of a session, and the id that everybody may know.
 *
 * SHMKIT_SESSION in the environment of a session's processes holds the secret, 22 characters of base64url, which only
 * this user's processes can read there. The id in names, in reports and on command lines is base64url of the first 128
 * bits of the secret's SHA-256: who has read the id cannot pass for a process of the session.
 */
#ifndef SHMKIT_TOKEN_H
#define SHMKIT_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SHA256_SIZE 32

/* FIPS 180-4. */
void sha256(const void *data, size_t size, unsigned char digest[SHA256_SIZE]);

/* Whether one of the variables, each with a NUL behind it, holds the secret of the session with that id. */
bool environment_belongs_to(const char *environment, size_t size, const char *session_id);

/*
 * Whether a process of this user's carries the session's secret. The environment of a process whose real uid is another's
 * is not read: what it says there is that user's word, and so is whether the read ever ends.
 */
bool process_carries(pid_t pid, const char *session_id);

#endif
