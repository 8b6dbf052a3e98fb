#include "service/state.h"

static void count_buckets(struct service *service, struct service_counts *counts)
{
    int64_t now_s = clock_wall_s(service->clock);
    pthread_rwlock_rdlock(&service->lock);
    counts->buckets_live = service->table.bucket_count;
    counts->places_live = service->table.rendezvous.places.count;
    counts->buckets_cached = service->table.warm_count;
    counts->cached_bytes = service->table.cached_bytes;
    counts->t1_effort = table_price_t1(&service->table, table_place(&service->table, NULL), now_s);
    counts->link_effort = table_price_link(&service->table, now_s);
    pthread_rwlock_unlock(&service->lock);
}

static uint64_t told(const atomic_uint_fast64_t *count)
{
    return atomic_load_explicit(count, memory_order_relaxed);
}

struct service_counts service_counts(struct service *service)
{
    const struct tallies *tallies = &service->tallies;
    struct service_counts counts = {
        .stored_bytes = store_bytes(service->store),
        .commits = told(&tallies->commits),
        .commit_failures = told(&tallies->commit_failures),
        .posts = told(&tallies->posts),
        .t1s_stored = told(&tallies->t1s_stored),
        .records_stored = told(&tallies->records_stored),
        .links_stored = told(&tallies->links_stored),
        .buckets_opened = told(&tallies->buckets_opened),
        .buckets_expired = told(&tallies->buckets_expired),
        .cold_reads = told(&tallies->cold_reads),
        .cold_read_failures = told(&tallies->cold_read_failures),
        .stamps_checked = told(&tallies->stamps_checked),
        .stamps_raised = told(&tallies->stamps_raised),
        .refused_buckets = told(&tallies->refused_buckets),
        .refused_places = told(&tallies->refused_places),
        .refused_window = told(&tallies->refused_window),
        .refused_stored = told(&tallies->refused_stored),
        .refused_sender = told(&tallies->refused_sender),
        .reference_malformed = told(&tallies->reference_malformed),
        .reference_dropped = told(&tallies->reference_dropped),
        .commit_posts = histogram_read(&tallies->commit_posts),
        .commit_ms = histogram_read(&tallies->commit_ms),
    };
    count_buckets(service, &counts);
    /* Last: a stop takes the same mutex, and so comes after all that is read here. */
    counts.waiting = waiters_count(&service->waiters);
    return counts;
}
