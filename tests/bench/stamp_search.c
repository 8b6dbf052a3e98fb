/* The tries of a search for a stamp, on one thread and on many, turn about. Tells how many a second
 * each makes, by the wall.
 *
 *   stamp_search THREADS TRIES */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/stop.h"
#include "stamps/parallel_search.h"

enum { ROUNDS = 5 };

static int goes_on(void *state, int64_t ms)
{
    (void)state;
    (void)ms;
    return 0;
}

static double tries_a_second(unsigned threads, uint64_t tries)
{
    static const struct stamp_subject subject = {.kind = STAMP_KIND_T1};
    const struct stop_source stop = {.wait = goes_on, .fd = -1};
    const struct stamp_goal goal = {.tries = tries};
    struct parallel_search search = {.threads = 0};
    if (parallel_search_open(&search, &subject, threads, &random_system))
        abort();
    int64_t began_ms = clock_monotonic_ms(&clock_system);
    if (parallel_search_run(&search, &goal, &stop))
        abort();
    int64_t took_ms = clock_monotonic_ms(&clock_system) - began_ms;
    uint64_t made = search.tries;
    parallel_search_close(&search);
    return 1000.0 * (double)made / (double)(took_ms > 0 ? took_ms : 1);
}

static int by_size(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;
    return (one > other) - (one < other);
}

int main(int argc, char **argv)
{
    double many[ROUNDS], one[ROUNDS];
    if (argc != 3)
        return 2;
    unsigned threads = (unsigned)strtoul(argv[1], NULL, 10);
    uint64_t tries = strtoull(argv[2], NULL, 10);
    for (int i = 0; i < ROUNDS; i++) {
        many[i] = tries_a_second(threads, tries);
        one[i] = tries_a_second(1, tries / threads);
    }
    qsort(many, ROUNDS, sizeof *many, by_size);
    qsort(one, ROUNDS, sizeof *one, by_size);
    printf("%.0f %.0f\n", many[ROUNDS / 2], one[ROUNDS / 2]);
    return 0;
}
