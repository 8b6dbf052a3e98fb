#include "lib/stopwatch.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

double stopwatch_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    const double *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

double stopwatch_ns(void (*work)(void), unsigned rounds, unsigned times)
{
    double mean[STOPWATCH_ROUNDS];
    assert(rounds > 0 && rounds <= STOPWATCH_ROUNDS);
    for (unsigned round = 0; round <= rounds; round++) {
        double start = stopwatch_now_ns();
        for (unsigned i = 0; i < times; i++)
            work();
        mean[round > 0 ? round - 1 : 0] = (stopwatch_now_ns() - start) / times;
    }
    qsort(mean, rounds, sizeof mean[0], compare);
    return mean[rounds / 2];
}
