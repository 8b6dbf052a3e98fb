#include "service/state.h"

static void count_buckets(struct service *service, struct service_counts *counts)
{
    int64_t now_s = clock_wall_s(service->clock);
    pthread_rwlock_rdlock(&service->lock);
    counts->buckets_live = service->table.bucket_count;
    counts->places_live = service->table.rendezvous.places.count;
    counts->buckets_cached = service->table.cached_count;
    counts->cached_bytes = service->table.cached_bytes;
    counts->t1_effort = table_price_t1(&service->table, table_place(&service->table, NULL), now_s);
    counts->link_effort = links_price(&service->links, now_s);
    counts->mailboxes = service->mailboxes.by_id.count;
    counts->mailbox_copies = service->mailboxes.copies;
    counts->mailbox_bytes = service->mailboxes.bytes;
    pthread_rwlock_unlock(&service->lock);
}

static uint64_t total_of(const atomic_uint_fast64_t *count)
{
    return atomic_load_explicit(count, memory_order_relaxed);
}

struct service_counts service_counts(struct service *service)
{
    const struct totals *totals = &service->totals;
    struct service_counts counts = {
        .stored_bytes = store_bytes(service->store),
        .commits = total_of(&totals->commits),
        .commit_failures = total_of(&totals->commit_failures),
        .posts = total_of(&totals->posts),
        .t1s_stored = total_of(&totals->t1s_stored),
        .records_stored = total_of(&totals->records_stored),
        .links_stored = total_of(&totals->links_stored),
        .deliveries = total_of(&totals->deliveries),
        .copies_stored = total_of(&totals->copies_stored),
        .buckets_opened = total_of(&totals->buckets_opened),
        .buckets_expired = total_of(&totals->buckets_expired),
        .evicted_reads = total_of(&totals->evicted_reads),
        .evicted_read_failures = total_of(&totals->evicted_read_failures),
        .stamps_checked = total_of(&totals->stamps_checked),
        .stamps_raised = total_of(&totals->stamps_raised),
        .refused_buckets = total_of(&totals->refused_buckets),
        .refused_places = total_of(&totals->refused_places),
        .refused_window = total_of(&totals->refused_window),
        .refused_stored = total_of(&totals->refused_stored),
        .refused_sender = total_of(&totals->refused_sender),
        .commit_posts = histogram_read(&totals->commit_posts),
        .commit_ms = histogram_read(&totals->commit_ms),
    };
    count_buckets(service, &counts);
    /* Last: a stop takes the same mutex, and so comes after all that is read here. */
    counts.waiting = waiters_count(&service->waiters);
    return counts;
}
