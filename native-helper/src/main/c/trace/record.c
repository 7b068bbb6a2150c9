#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace.h"

void record_begin(struct tracer *t, struct thread *thread, uint64_t address, struct recording *r)
{
    *r = (struct recording){.access = {.pid = (uint32_t)thread->pid, .tid = (uint32_t)thread->tid}};
    /* Before the record begins: it may write one itself. */
    find_code(t, thread, address, &r->access);
    r->size = sizeof r->access;
}

/* Only what differs is recorded, from its first byte to its last. */
void record_change(
    struct tracer *t, struct recording *r, uint32_t segment, uint64_t offset, const uint8_t *before, size_t size)
{
    unsigned char *at = log_begin(&t->log, r->size + sizeof(struct change) + 2 * size + 8) + r->size;
    unsigned char *after = at + sizeof(struct change) + size;
    size_t first = 0, last;

    size_t there = segment_read(&t->segments[segment], offset, after, size);
    while (first < there && before[first] == after[first])
        first++;
    if (first == there)
        return;
    for (last = there - 1; before[last] == after[last]; last--)
        continue;
    size_t length = last - first + 1;
    struct change change = {segment, (uint32_t)length, offset + first};
    memmove(at + sizeof change + length, after + first, length);
    memcpy(at, &change, sizeof change);
    memcpy(at + sizeof change, before + first, length);
    struct segment *changed = &t->segments[segment];
    if (offset + last < changed->shadow_size)
        memcpy(changed->shadow + offset + first, at + sizeof change + length, length);
    r->size += (sizeof change + 2 * length + 7) & ~(size_t)7;
    r->access.changes++;
}

void record_seen(struct tracer *t, struct recording *r, uint32_t segment, uint64_t offset, uint64_t size)
{
    unsigned char *at = log_begin(&t->log, r->size + sizeof(struct change) + 2 * size + 8) + r->size;
    struct change change = {segment, 0, offset};

    size_t there = segment_read(&t->segments[segment], offset, at + sizeof change, size);
    change.size = (uint32_t)there;
    memcpy(at, &change, sizeof change);
    memcpy(at + sizeof change + there, at + sizeof change, there);
    r->size += (sizeof change + 2 * there + 7) & ~(size_t)7;
    r->access.changes++;
}

void record_touch(struct tracer *t, const struct space *space, struct recording *r, struct span span, uint32_t how)
{
    struct part part;

    while (space_part(space, &span, &part)) {
        struct touch touch = {part.segment, how, part.offset, part.size};
        memcpy(log_begin(&t->log, r->size + sizeof touch) + r->size, &touch, sizeof touch);
        r->size += sizeof touch;
        r->access.changes++;
    }
}

bool record_end(struct tracer *t, struct recording *r, enum record_type type, bool effect)
{
    struct log_header *header = t->log.header;
    bool point = (type == RECORD_STORE || type == RECORD_CALL) && (r->access.changes > 0 || effect);

    if (point)
        r->access.point = ++header->points;
    if (type == RECORD_STORE)
        header->stores++;
    if (type != RECORD_TURN)
        header->accesses++;
    memcpy(log_begin(&t->log, r->size), &r->access, sizeof r->access);
    log_end(&t->log, type, r->size);
    return point && !t->killed && t->kill_after == (int64_t)r->access.point;
}

void kill_process(struct tracer *t, struct thread *thread)
{
    t->killed = true;
    log_pair(&t->log, RECORD_KILL, (uint32_t)thread->pid, 0, NULL, 0);
    kill(thread->pid, SIGKILL);
}

static void refuse_for(struct tracer *t, pid_t pid, uint32_t of_machine, const char *format, va_list arguments)
{
    char text[512];

    vsnprintf(text, sizeof text, format, arguments);
    log_pair(&t->log, RECORD_REFUSED, (uint32_t)pid, of_machine, text, strlen(text));
    t->log.header->state = LOG_REFUSED;
    kill(pid, SIGKILL);
    kill(t->program, SIGKILL);
}

void refuse(struct tracer *t, pid_t pid, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    refuse_for(t, pid, 0, format, arguments);
    va_end(arguments);
}

void refuse_all(struct tracer *t, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    refuse_for(t, t->program, 1, format, arguments);
    va_end(arguments);
}
