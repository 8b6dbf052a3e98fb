#include "service/histogram.h"

uint64_t histogram_bound(size_t range)
{
    return UINT64_C(1) << (2 * range);
}

void histogram_note(struct histogram *histogram, uint64_t value)
{
    size_t range = 0;
    while (range < HISTOGRAM_RANGES - 1 && value > histogram_bound(range))
        range++;
    atomic_fetch_add_explicit(&histogram->counts[range], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->sum, value, memory_order_relaxed);
}

struct histogram_counts histogram_read(const struct histogram *histogram)
{
    struct histogram_counts read = {
        .sum = atomic_load_explicit(&histogram->sum, memory_order_relaxed),
    };
    for (size_t i = 0; i < HISTOGRAM_RANGES; i++)
        read.counts[i] = atomic_load_explicit(&histogram->counts[i], memory_order_relaxed);
    return read;
}
