#include "control.h"

#include <stdlib.h>
#include <string.h>

#include "../common/memory.h"

unsigned char *buffer_room(struct buffer *buffer, size_t size)
{
    if (buffer->start == buffer->end)
        buffer->start = buffer->end = 0;
    if (buffer->capacity - buffer->end < size) {
        if (buffer->start > 0)
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

/* The payload of a request; every getter sets failed on a short payload and then returns 0 or NULL. */
struct reader {
    const unsigned char *next, *end;
    bool failed;
};

static uint32_t read_u32(struct reader *reader)
{
    if (reader->end - reader->next < 4) {
        reader->failed = true;
        return 0;
    }
    const unsigned char *b = reader->next;
    reader->next += 4;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* A copy with a NUL behind it. A NUL inside fails. */
static char *read_text(struct reader *reader)
{
    uint32_t length = read_u32(reader);

    if (reader->failed || (size_t)(reader->end - reader->next) < length || memchr(reader->next, '\0', length) != NULL) {
        reader->failed = true;
        return NULL;
    }
    char *text = xstrndup((const char *)reader->next, length);
    reader->next += length;
    return text;
}

static char **read_list(struct reader *reader)
{
    uint32_t count = read_u32(reader), read = 0;

    /* Each text has at least its length. */
    if (count > (size_t)(reader->end - reader->next) / 4)
        reader->failed = true;
    char **list = xmalloc((reader->failed ? 1 : (size_t)count + 1) * sizeof *list);
    while (!reader->failed && read < count) {
        list[read] = read_text(reader);
        read += !reader->failed;
    }
    list[read] = NULL;
    return list;
}

static void free_list(char **list)
{
    if (list == NULL)
        return;
    for (char **item = list; *item != NULL; item++)
        free(*item);
    free(list);
}

void request_free(struct request *request)
{
    free_list(request->argv);
    free_list(request->envp);
    free_list(request->inherited);
    free(request->cwd);
    free(request->input);
}

static const char *read_request(struct reader *reader, struct request *request)
{
    *request = (struct request){.type = *reader->next++};
    switch (request->type) {
    case REQUEST_LAUNCH:
        request->id = read_u32(reader);
        request->argv = read_list(reader);
        request->envp = read_list(reader);
        request->cwd = read_text(reader);
        request->input = read_text(reader);
        request->inherited = read_list(reader);
        if (!reader->failed && request->argv[0] == NULL)
            return "LAUNCH without a program";
        break;
    case REQUEST_SIGNAL:
        request->pid = (pid_t)read_u32(reader);
        request->signo = (int)read_u32(reader);
        request->group = read_u32(reader) != 0;
        break;
    case REQUEST_BYE:
        break;
    case REQUEST_FLUSH:
        request->id = read_u32(reader);
        request->pid = (pid_t)read_u32(reader);
        break;
    default:
        return "a type that this version does not know";
    }
    if (reader->failed)
        return "it is shorter than what it should have, or has a NUL in a text";
    return reader->next == reader->end ? NULL : "it is longer than what it should have";
}

bool request_take(struct buffer *in, struct request *request, const char **malformed)
{
    struct reader reader = {in->data + in->start, in->data + in->end, false};
    uint32_t size = read_u32(&reader);

    *malformed = NULL;
    if (reader.failed)
        return false;
    if (size < 1 || size > CONTROL_FRAME_MAX) {
        *malformed = "its length is not from 1 byte to 1 MiB";
        return false;
    }
    if ((size_t)(reader.end - reader.next) < size)
        return false;
    reader.end = reader.next + size;
    *malformed = read_request(&reader, request);
    if (*malformed != NULL) {
        request_free(request);
        return false;
    }
    in->start += 4 + (size_t)size;
    return true;
}
