#include "crc32.h"

uint32_t crc32_of(const void *data, size_t size)
{
    static uint32_t table[256];
    const unsigned char *bytes = data;
    uint32_t crc = 0xffffffffu;

    if (table[255] == 0)
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t value = i;
            for (int bit = 0; bit < 8; bit++)
                value = value & 1 ? 0xedb88320u ^ (value >> 1) : value >> 1;
            table[i] = value;
        }
    for (size_t i = 0; i < size; i++)
        crc = table[(crc ^ bytes[i]) & 0xff] ^ (crc >> 8);
    return crc ^ 0xffffffffu;
}
