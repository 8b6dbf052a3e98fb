/* A histogram with a few ranges. */
#ifndef REUNION_SERVICE_HISTOGRAM_H
#define REUNION_SERVICE_HISTOGRAM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* Range i takes what is above 4^(i-1) and not above 4^i, so the first 0 and 1; the last one takes
 * all that is larger. */
enum { HISTOGRAM_RANGES = 6 };

struct histogram {
    atomic_uint_fast64_t counts[HISTOGRAM_RANGES], sum;
};

struct histogram_counts {
    uint64_t counts[HISTOGRAM_RANGES], sum;
};

/* The largest value of a range that is not the last. */
uint64_t histogram_bound(size_t range);

/* Note a value. Any thread. */
void histogram_note(struct histogram *histogram, uint64_t value);

/* Any thread; the numbers need not be of one moment. */
struct histogram_counts histogram_read(const struct histogram *histogram);

#endif
