#include "token.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base64url.h"
#include "io.h"
#include "ledger.h"
#include "procfs.h"

#define VARIABLE "SHMKIT_SESSION="
#define BLOCK_SIZE 64
#define LENGTH_SIZE 8 /* of the number of bits that ends the last block */
#define ID_BYTES 16
#define ENVIRON_MAX (1 << 20)

/* --- SHA-256 --- */

static const uint32_t round_constants[64] = {0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7,
    0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c,
    0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate_right(uint32_t value, int bits)
{
    return value >> bits | value << (32 - bits);
}

static void hash_block(uint32_t state[8], const unsigned char *block)
{
    uint32_t words[64], v[8];

    for (int i = 0; i < 16; i++)
        words[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 |
                   block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t older = words[i - 15], newer = words[i - 2];
        words[i] = words[i - 16] + (rotate_right(older, 7) ^ rotate_right(older, 18) ^ older >> 3) + words[i - 7] +
                   (rotate_right(newer, 17) ^ rotate_right(newer, 19) ^ newer >> 10);
    }
    memcpy(v, state, sizeof v);
    for (int i = 0; i < 64; i++) {
        uint32_t a = v[0], e = v[4];
        uint32_t first = v[7] + (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) +
                         ((e & v[5]) ^ (~e & v[6])) + round_constants[i] + words[i];
        uint32_t second = (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) +
                          ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += first;
        v[0] = first + second;
    }
    for (int i = 0; i < 8; i++)
        state[i] += v[i];
}

void sha256(const void *data, size_t size, unsigned char digest[SHA256_SIZE])
{
    uint32_t state[8] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    unsigned char last[2 * BLOCK_SIZE] = {0};
    const unsigned char *bytes = data;
    uint64_t bits = (uint64_t)size * 8;
    size_t rest = size % BLOCK_SIZE;
    size_t last_size = rest + 1 + LENGTH_SIZE <= BLOCK_SIZE ? BLOCK_SIZE : 2 * BLOCK_SIZE;

    for (size_t at = 0; at + BLOCK_SIZE <= size; at += BLOCK_SIZE)
        hash_block(state, bytes + at);
    if (rest > 0)
        memcpy(last, bytes + size - rest, rest);
    last[rest] = 0x80;
    for (size_t i = 0; i < LENGTH_SIZE; i++)
        last[last_size - 1 - i] = (unsigned char)(bits >> 8 * i);
    for (size_t at = 0; at < last_size; at += BLOCK_SIZE)
        hash_block(state, last + at);
    for (int i = 0; i < SHA256_SIZE; i++)
        digest[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
}

/* --- who carries it --- */

static bool is_secret_of(const char *value, const char *session_id)
{
    unsigned char digest[SHA256_SIZE];
    char id[SESSION_LENGTH + 1];

    if (strlen(value) != SESSION_LENGTH)
        return false;
    sha256(value, SESSION_LENGTH, digest);
    base64url_encode(digest, ID_BYTES, id);
    return strcmp(id, session_id) == 0;
}

bool environment_belongs_to(const char *environment, size_t size, const char *session_id)
{
    const char *end = environment + size;

    for (const char *variable = environment; variable < end;) {
        const char *next = memchr(variable, '\0', (size_t)(end - variable));
        if (next == NULL)
            return false; /* cut off: it may be more than what is there */
        if (strncmp(variable, VARIABLE, strlen(VARIABLE)) == 0 && is_secret_of(variable + strlen(VARIABLE), session_id))
            return true;
        variable = next + 1;
    }
    return false;
}

static ssize_t read_at(int process, const char *name, char *data, size_t size)
{
    int fd = openat(process, name, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read_full(fd, data, size);

    if (fd >= 0)
        close(fd);
    return got;
}

static bool is_this_users(int process)
{
    char status[4096];
    unsigned real;
    ssize_t size = read_at(process, "status", status, sizeof status - 1);

    if (size <= 0)
        return false;
    status[size] = '\0';
    return status_user(status, &real) && real == geteuid();
}

bool process_carries(pid_t pid, const char *session_id)
{
    static char environment[ENVIRON_MAX];
    char path[32];

    snprintf(path, sizeof path, "/proc/%d", (int)pid);
    int process = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* of this one, whoever has its pid later */
    if (process < 0)
        return false;
    ssize_t size = is_this_users(process) ? read_at(process, "environ", environment, sizeof environment) : -1;
    close(process);
    return size > 0 && environment_belongs_to(environment, (size_t)size, session_id);
}
