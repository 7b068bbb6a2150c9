#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../common/memory.h"
#include "trace.h"

#define PAGE 4096ull
/* Between mappings in the arena: a store beyond the end of one must not get into the next; and room to grow in place */
#define GAP (64ull << 20)
#define ALIGNMENT (2ull << 20)
/* Aliases of what is elsewhere: of the kernel's choice, which is high, and of low addresses */
#define HIGH 0x500000000000ull
#define LOW_ALIASES 0x2c0000000000ull
#define FIRST_SLOT (TRACE_STUB + 16)

static int open_memory(pid_t pid)
{
    char path[40];

    snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
    return open(path, O_RDWR | O_CLOEXEC);
}

struct space *space_new(pid_t pid, bool loads)
{
    struct space *space = xmalloc(sizeof *space);

    *space = (struct space){.users = 1, .memory = open_memory(pid), .next_slot = FIRST_SLOT, .loads = loads};
    return space;
}

static void *copy_of(const void *data, size_t size)
{
    return size == 0 ? NULL : memcpy(xmalloc(size), data, size);
}

struct space *space_copy(const struct space *space, pid_t pid)
{
    struct space *copy = xmalloc(sizeof *copy);

    *copy = *space;
    copy->users = 1;
    copy->memory = open_memory(pid);
    copy->regions = copy_of(space->regions, space->count * sizeof *space->regions);
    copy->slots = copy_of(space->slots, space->slot_capacity * sizeof *space->slots);
    copy->code = copy_of(space->code, space->code_count * sizeof *space->code);
    return copy;
}

void space_drop(struct space *space)
{
    if (space == NULL || --space->users > 0)
        return;
    close(space->memory);
    free(space->regions);
    free(space->slots);
    free(space->code);
    free(space);
}

struct region *region_at(const struct space *space, uint64_t address)
{
    for (size_t i = 0; i < space->count; i++)
        if (address - space->regions[i].low < space->regions[i].high - space->regions[i].low)
            return &space->regions[i];
    return NULL;
}

bool any_region(const struct space *space, uint64_t low, uint64_t high)
{
    for (size_t i = 0; i < space->count; i++)
        if (space->regions[i].low < high && low < space->regions[i].high)
            return true;
    return false;
}

bool space_part(const struct space *space, struct span *span, struct part *part)
{
    const struct region *region = span->low < span->high ? region_at(space, span->low) : NULL;

    if (region == NULL)
        return false;
    uint64_t end = span->high < region->high ? span->high : region->high, into = span->low - region->low;
    *part = (struct part){region->segment, span->low, region->offset + into, end - span->low};
    span->low = end;
    return true;
}

static bool in_arena(uint64_t address)
{
    return address - TRACE_ARENA < TRACE_EXTENT;
}

static uint64_t alias_of(uint64_t address)
{
    if (in_arena(address))
        return address - TRACE_ARENA + TRACE_ALIASES;
    return address >= HIGH ? address - HIGH : address + LOW_ALIASES;
}

uint64_t arena_room(const struct space *space, uint64_t size)
{
    uint64_t at = TRACE_ARENA;

    /* Regions are sorted: the first gap that is large enough. */
    for (size_t i = 0; i < space->count; i++) {
        const struct region *region = &space->regions[i];
        if (!in_arena(region->low) || region->high <= at)
            continue;
        if (region->low >= at + size + GAP)
            break;
        at = (region->high + GAP + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    }
    return at;
}

static void insert(struct space *space, size_t index, struct region region)
{
    space->regions = xrealloc(space->regions, (space->count + 1) * sizeof region);
    memmove(&space->regions[index + 1], &space->regions[index], (space->count - index) * sizeof region);
    space->regions[index] = region;
    space->count++;
}

static void see_outside(struct space *space)
{
    space->outside = false;
    for (size_t i = 0; i < space->count; i++)
        space->outside |= !in_arena(space->regions[i].low);
}

/* What is executed has to be loaded. */
int space_armed(const struct space *space, int protection)
{
    return space->loads && !(protection & PROT_EXEC) ? PROT_NONE : protection & ~PROT_WRITE;
}

static bool protect(struct thread *thread, int64_t *result, uint64_t low, uint64_t high, int protection)
{
    return inject(thread, result, SYS_mprotect, (uint64_t[6]){low, high - low, (uint64_t)protection});
}

bool space_map(struct tracer *t, struct thread *thread, struct region region, bool is_protected)
{
    struct space *space = thread->space;
    uint64_t size = region.high - region.low;
    int64_t result;
    size_t index = 0;

    region.alias = alias_of(region.low);
    if (!in_arena(region.low)) {
        /* mremap would replace what may be there. */
        if (!inject(thread, &result, SYS_mmap,
                (uint64_t[]){region.alias, size, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1ull, 0}))
            return false;
        if (result != (int64_t)region.alias) {
            refuse(t, thread->pid,
                "it maps a segment at the address %#llx, for which there is no room for a second mapping",
                (unsigned long long)region.low);
            return true;
        }
    }
    if (!inject(thread, &result, SYS_mremap,
            (uint64_t[6]){region.low, 0, size, MREMAP_MAYMOVE | MREMAP_FIXED, region.alias}))
        return false;
    if (result != (int64_t)region.alias) {
        refuse(t, thread->pid, "a segment cannot be mapped a second time: %s", strerror((int)-result));
        return true;
    }
    while (index < space->count && space->regions[index].low < region.low)
        index++;
    insert(space, index, region);
    bool seen = space->outside;
    see_outside(space);
    if (space->outside && !seen)
        stop_at_calls(t, space);
    int armed = space_armed(space, region.protection);
    if (!space->armed || armed == region.protection)
        return true;
    if (is_protected)
        return protect(thread, &result, region.alias, region.alias + size, region.protection);
    return protect(thread, &result, region.low, region.high, armed);
}

static void split(struct space *space, uint64_t address)
{
    struct region *region = region_at(space, address);

    if (region == NULL || region->low == address)
        return;
    struct region upper = *region;
    upper.low = address;
    upper.alias += address - region->low;
    upper.offset += address - region->low;
    region->high = address;
    insert(space, (size_t)(region - space->regions) + 1, upper);
}

bool space_unmap(struct thread *thread, uint64_t low, uint64_t high)
{
    struct space *space = thread->space;
    int64_t result;
    bool alive = true;
    size_t kept = 0;

    split(space, low);
    split(space, high);
    for (size_t i = 0; i < space->count; i++) {
        struct region region = space->regions[i];
        if (region.low < low || region.low >= high)
            space->regions[kept++] = region;
        else if (alive)
            alive = inject(thread, &result, SYS_munmap, (uint64_t[6]){region.alias, region.high - region.low});
    }
    space->count = kept;
    see_outside(space);
    return alive;
}

bool space_protect(struct thread *thread, uint64_t low, uint64_t high, int protection)
{
    struct space *space = thread->space;
    int64_t result;

    split(space, low);
    split(space, high);
    for (size_t i = 0; i < space->count; i++) {
        struct region *region = &space->regions[i];
        if (region->low < low || region->low >= high)
            continue;
        if (!protect(thread, &result, region->alias, region->alias + (region->high - region->low), protection))
            return false;
        if (result < 0) {
            /* The program may not have it so, of which its own call could not tell as we changed it. */
            struct user_regs_struct regs;
            if (!read_registers(thread, &regs))
                return false;
            regs.rax = (unsigned long long)result;
            write_registers(thread, &regs);
            return true;
        }
        region->protection = protection;
    }
    return true;
}

bool space_arm(struct thread *thread, bool armed)
{
    struct space *space = thread->space;
    int64_t result;

    if (space->armed == armed)
        return true;
    space->armed = armed;
    for (size_t i = 0; i < space->count; i++) {
        const struct region *region = &space->regions[i];
        int then = space_armed(space, region->protection);
        if (then != region->protection &&
            !protect(thread, &result, region->low, region->high, armed ? then : region->protection))
            return false;
    }
    return true;
}

/* --- where code comes from --- */

static uint32_t module_of(struct tracer *t, const char *path)
{
    for (uint32_t i = 0; i < t->module_count; i++)
        if (strcmp(t->modules[i], path) == 0)
            return i;
    t->modules = xrealloc(t->modules, (t->module_count + 1) * sizeof *t->modules);
    t->modules[t->module_count] = xstrndup(path, strlen(path));
    log_pair(&t->log, RECORD_MODULE, t->module_count, 0, path, strlen(path));
    return t->module_count++;
}

static void read_code(struct tracer *t, struct thread *thread)
{
    struct space *space = thread->space;
    char path[40], *line = NULL;
    size_t capacity = 0;

    snprintf(path, sizeof path, "/proc/%d/maps", (int)thread->pid);
    FILE *maps = fopen(path, "re");
    space->code_count = 0;
    if (maps == NULL)
        return;
    while (getline(&line, &capacity, maps) >= 0) {
        unsigned long low, high, offset;
        char rights[5];
        int name = 0;
        if (sscanf(line, "%lx-%lx %4s %lx %*s %*s %n", &low, &high, rights, &offset, &name) < 4 || rights[2] != 'x')
            continue;
        line[strcspn(line, "\n")] = '\0';
        uint32_t module = line[name] == '/' ? module_of(t, line + name) : NO_MODULE;
        space->code = xrealloc(space->code, (space->code_count + 1) * sizeof *space->code);
        space->code[space->code_count++] = (struct code_range){low, high, offset, module};
    }
    free(line);
    fclose(maps);
}

static const struct code_range *range_of(const struct space *space, uint64_t address)
{
    for (size_t i = 0; i < space->code_count; i++)
        if (address >= space->code[i].low && address < space->code[i].high)
            return &space->code[i];
    return NULL;
}

void find_code(struct tracer *t, struct thread *thread, uint64_t address, struct access *access)
{
    const struct code_range *range = range_of(thread->space, address);

    if (range == NULL) {
        read_code(t, thread);
        range = range_of(thread->space, address);
    }
    access->address = address;
    access->module = range == NULL ? NO_MODULE : range->module;
    access->place = range == NULL || range->module == NO_MODULE ? 0 : address - range->low + range->offset;
}
