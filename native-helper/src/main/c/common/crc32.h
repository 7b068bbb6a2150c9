/* The checksum of zlib and java.util.zip.CRC32. */
#ifndef SHMKIT_CRC32_H
#define SHMKIT_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32_of(const void *data, size_t size);

#endif
