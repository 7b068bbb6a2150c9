#include "fuzz.h"

#include <string.h>
#include <time.h>

#include "peer.h"

#define EDGES 65536u
#define KEPT_MAX 512

/* One byte for each place in the code under test that was entered; gcc calls this at each. */
static uint8_t entered[EDGES];
static unsigned news;

void __sanitizer_cov_trace_pc(void);
__attribute__((no_sanitize("address", "undefined"))) void __sanitizer_cov_trace_pc(void)
{
    uintptr_t at = (uintptr_t)__builtin_return_address(0);
    uint8_t *place = &entered[(at ^ at >> 16) % EDGES];

    news += *place == 0;
    *place = 1;
}

static uint64_t state;

uint64_t fuzz_any(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

uint64_t fuzz_below(uint64_t limit)
{
    return fuzz_any() % limit;
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int fuzz_run(const struct fuzz *fuzz, int argc, char **argv)
{
    uint64_t begin = now_ns(), tried = 0, accepted = 0, places = 0;
    uint64_t end = begin + (argc > 1 ? strtoull(argv[1], NULL, 10) : 1) * 1000000000;
    uint8_t *kept = malloc(KEPT_MAX * fuzz->input_size), *input = malloc(fuzz->input_size);
    unsigned kept_count = 0;

    CHECK(kept != NULL && input != NULL);
    state = argc > 2 ? strtoull(argv[2], NULL, 10) : begin | 1;
    printf("%s fuzz: seed %llu\n", fuzz->what, (unsigned long long)state);
    fflush(stdout);
    for (; tried % 64 != 0 || now_ns() < end; tried++) {
        if (kept_count > 0 && fuzz_below(8))
            memcpy(input, kept + fuzz_below(kept_count) * fuzz->input_size, fuzz->input_size);
        else
            memset(input, 0, fuzz->input_size);
        fuzz->damage(input);
        news = 0;
        accepted += fuzz->try(input);
        if (news > 0 && kept_count < KEPT_MAX)
            memcpy(kept + kept_count++ * fuzz->input_size, input, fuzz->input_size);
    }
    for (unsigned i = 0; i < EDGES; i++)
        places += entered[i];
    printf("%s fuzz: %llu inputs, %llu accepted, %llu places entered, %u kept\n", fuzz->what, (unsigned long long)tried,
        (unsigned long long)accepted, (unsigned long long)places, kept_count);
    CHECK(accepted > 0 && accepted < tried);
    free(kept);
    free(input);
    return 0;
}
