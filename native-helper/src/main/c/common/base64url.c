#include "base64url.h"

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

size_t base64url_encode(const void *data, size_t size, char *out)
{
    const unsigned char *bytes = data;
    size_t length = 0;
    uint32_t bits = 0;
    int have = 0;

    for (size_t i = 0; i < size; i++) {
        bits = bits << 8 | bytes[i];
        for (have += 8; have >= 6; have -= 6)
            out[length++] = base64url[bits >> (have - 6) & 63];
    }
    if (have > 0)
        out[length++] = base64url[bits << (6 - have) & 63];
    out[length] = '\0';
    return length;
}

ssize_t base64url_decode(const char *text, size_t length, void *out)
{
    static int8_t digits[256]; /* the value of each digit; 0 for 'A' and for what is none */
    unsigned char *bytes = out;
    size_t size = 0;
    uint32_t bits = 0;
    int have = 0;

    if (digits['B'] == 0)
        for (int8_t digit = 0; digit < 64; digit++)
            digits[(unsigned char)base64url[digit]] = digit;
    for (size_t i = 0; i < length; i++) {
        int8_t digit = digits[(unsigned char)text[i]];
        if (digit == 0 && text[i] != 'A')
            return -1;
        bits = bits << 6 | (unsigned char)digit;
        have += 6;
        if (have >= 8) {
            have -= 8;
            bytes[size++] = (unsigned char)(bits >> have);
        }
    }
    return (ssize_t)size;
}
