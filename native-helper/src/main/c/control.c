#include "control.h"

#include <string.h>

#include "util.h"

unsigned char *buffer_room(struct buffer *buffer, size_t size)
{
    if (buffer->start == buffer->end)
        buffer->start = buffer->end = 0;
    if (buffer->capacity - buffer->end < size) {
        memmove(buffer->data, buffer->data + buffer->start, buffer_size(buffer));
        buffer->end -= buffer->start;
        buffer->start = 0;
        if (buffer->capacity - buffer->end < size) {
            buffer->capacity = 2 * buffer->capacity + size;
            buffer->data = xrealloc(buffer->data, buffer->capacity);
        }
    }
    return buffer->data + buffer->end;
}

void buffer_put(struct buffer *buffer, const void *data, size_t size)
{
    if (size > 0)
        memcpy(buffer_room(buffer, size), data, size);
    buffer->end += size;
}

static void put_u32(struct buffer *out, uint32_t value)
{
    unsigned char bytes[4] = {
        (unsigned char)value, (unsigned char)(value >> 8), (unsigned char)(value >> 16), (unsigned char)(value >> 24)};

    buffer_put(out, bytes, sizeof bytes);
}

void event_put(struct buffer *out, enum event event, int integers, const int32_t *values, const void *data, size_t size)
{
    unsigned char type = (unsigned char)event;

    put_u32(out, (uint32_t)(1 + 4 * (size_t)integers + size));
    buffer_put(out, &type, 1);
    for (int i = 0; i < integers; i++)
        put_u32(out, (uint32_t)values[i]);
    buffer_put(out, data, size);
}

uint32_t read_u32(struct reader *reader)
{
    if (reader->end - reader->next < 4) {
        reader->failed = true;
        return 0;
    }
    const unsigned char *b = reader->next;
    reader->next += 4;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

char *read_text(struct reader *reader)
{
    uint32_t length = read_u32(reader);

    if (reader->failed || (size_t)(reader->end - reader->next) < length ||
        (length > 0 && memchr(reader->next, '\0', length) != NULL)) {
        reader->failed = true;
        return NULL;
    }
    char *text = xstrndup((const char *)reader->next, length);
    reader->next += length;
    return text;
}
