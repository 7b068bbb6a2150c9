/*
 * Asks token.c: for lines on standard input, answers on standard output.
 *
 *   sha256 HEX          the digest in hex
 *   belongs ID HEX      whether the bytes are an environment of that session, 0 or 1
 *   carries ID PID      whether that process carries the session's secret
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../main/c/common/die.h"
#include "../../main/c/common/memory.h"
#include "../../main/c/common/token.h"

static unsigned char digit(char c)
{
    const char *digits = "0123456789abcdef", *found = c != '\0' ? strchr(digits, c) : NULL;

    if (found == NULL)
        die("not a digit in hex: %c", c);
    return (unsigned char)(found - digits);
}

static size_t decode(const char *hex, unsigned char *bytes)
{
    size_t size = strlen(hex) / 2;

    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
    return size;
}

static void answer(char *line, unsigned char *bytes)
{
    unsigned char digest[SHA256_SIZE];
    char *word = strtok(line, " ");
    char *id = strcmp(word, "sha256") == 0 ? NULL : strtok(NULL, " ");
    char *what = strtok(NULL, " ");

    if (what == NULL)
        what = "";
    if (strcmp(word, "belongs") == 0) {
        size_t size = decode(what, bytes);
        printf("%d\n", environment_belongs_to((char *)bytes, size, id));
    } else if (strcmp(word, "carries") == 0) {
        printf("%d\n", process_carries((pid_t)atoi(what), id));
    } else {
        sha256(bytes, decode(what, bytes), digest);
        for (int i = 0; i < SHA256_SIZE; i++)
            printf("%02x", digest[i]);
        putchar('\n');
    }
    fflush(stdout);
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t size;

    while ((size = getline(&line, &room, stdin)) > 0) {
        line[size - 1] = '\0';
        /* As long as it is, so that a sanitizer sees each byte that is read behind it. */
        unsigned char *bytes = xmalloc(room);
        answer(line, bytes);
        free(bytes);
    }
    free(line);
    return 0;
}
