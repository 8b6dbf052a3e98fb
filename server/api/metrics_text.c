#include "api/metrics_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { RESIDENT_STEP = 1 << 20, MINUTE_S = 60 };

static uint64_t round_down(uint64_t value, uint64_t step)
{
    return value - value % step;
}

static void family(FILE *to, const char *name, const char *type, const char *help)
{
    fprintf(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* One family of one value. */
static void single(FILE *to, const char *name, const char *type, const char *help, uint64_t value,
                   uint64_t step)
{
    family(to, name, type, help);
    fprintf(to, "%s %" PRIu64 "\n", name, round_down(value, step));
}

static void print_build(const struct metrics_sample *sample, FILE *to)
{
    family(to, "reunion_build_info", "gauge", "Always 1; the labels say what runs.");
    fprintf(to, "reunion_build_info{version=\"%s\"} 1\n", sample->version);
}

static void print_requests(const struct metrics_sample *sample, FILE *to)
{
    static const char *const classes[] = {
        [ROUTE_NONE] = "none", [ROUTE_ABOUT] = "about", [ROUTE_POST] = "post",
        [ROUTE_READ] = "read", [ROUTE_FEED] = "feed",   [ROUTE_REFERENCE] = "reference",
    };
    family(to, "reunion_requests_total", "counter",
           "Requests answered, by class of route and of status.");
    for (size_t class = 0; class < ROUTE_CLASSES; class ++)
        for (size_t status = 1; status < STATUS_CLASSES; status++)
            fprintf(to, "reunion_requests_total{route=\"%s\",status=\"%zuxx\"} %" PRIu64 "\n",
                    classes[class], status + 1,
                    round_down(sample->requests[class][status], METRICS_STEP));
}

bool metrics_is_refusal(enum problem problem)
{
    unsigned status = problem_texts[problem].status;
    return status == 408 || status == 413 || status == 429 || status == 503;
}

static void print_refusals(const struct metrics_sample *sample, FILE *to)
{
    family(to, "reunion_refused_total", "counter",
           "Requests and connections that could not be served, by problem.");
    for (size_t problem = 0; problem < PROBLEMS; problem++)
        if (metrics_is_refusal((enum problem)problem))
            fprintf(to, "reunion_refused_total{problem=\"%s\"} %" PRIu64 "\n",
                    problem_texts[problem].slug,
                    round_down(sample->refusals[problem], METRICS_STEP));
}

static void print_lost(const struct metrics_sample *sample, FILE *to)
{
    static const char *const names[] = {
        [LOST_SIZE] = "size", [LOST_UNREADABLE] = "unreadable", [LOST_RATE] = "rate",
        [LOST_OP] = "op",     [LOST_ROOM] = "memory",           [LOST_UNSENT] = "unsent",
    };
    family(to, "reunion_packets_dropped_total", "counter",
           "Packets of the box transport that were dropped, by reason.");
    for (size_t why = 0; why < LOST_PACKETS; why++)
        fprintf(to, "reunion_packets_dropped_total{reason=\"%s\"} %" PRIu64 "\n", names[why],
                round_down(sample->lost_packets[why], METRICS_STEP));
}

static void print_now(const struct service_counts *counts, FILE *to)
{
    single(to, "reunion_waiting", "gauge", "Requests that wait on feeds.", counts->waiting,
           METRICS_STEP);
    single(to, "reunion_buckets", "gauge", "Live buckets.", counts->buckets_live, 1);
    single(to, "reunion_places", "gauge", "Live places besides the common one.",
           counts->places_live, METRICS_STEP);
    single(to, "reunion_buckets_cached", "gauge", "Live buckets whose content is in memory.",
           counts->buckets_cached, 1);
    single(to, "reunion_cached_bytes", "gauge", "Memory for such content.", counts->cached_bytes,
           METRICS_BYTES_STEP);
    single(to, "reunion_t1_effort", "gauge", "Effort asked for a T1; 0: none.", counts->t1_effort,
           METRICS_STEP);
    single(to, "reunion_link_effort", "gauge", "Effort asked for a private link; 0: none.",
           counts->link_effort, METRICS_STEP);
    single(to, "reunion_mailboxes", "gauge", "Open mailboxes.", counts->mailboxes, METRICS_STEP);
    single(to, "reunion_mailbox_copies", "gauge", "Copies in them.", counts->mailbox_copies,
           METRICS_STEP);
    single(to, "reunion_mailbox_bytes", "gauge",
           "Memory for copies, and for tokens of removed ones.", counts->mailbox_bytes,
           METRICS_BYTES_STEP);
    single(to, "reunion_stored_bytes", "gauge", "Size of the database's files.",
           counts->stored_bytes, METRICS_BYTES_STEP);
}

static void print_since_start(const struct metrics_sample *sample, FILE *to)
{
    const struct service_counts *counts = &sample->service;
    const struct {
        const char *name, *help;
        uint64_t count;
    } counters[] = {
        {"reunion_commits_total", "Commits that succeeded.", counts->commits},
        {"reunion_commit_failures_total", "Commits that did not.", counts->commit_failures},
        {"reunion_posts_total", "Posts handed to the writer and done.", counts->posts},
        {"reunion_t1s_stored_total", "T1s stored.", counts->t1s_stored},
        {"reunion_records_stored_total", "T2s and T3s stored.", counts->records_stored},
        {"reunion_links_stored_total", "Private links stored.", counts->links_stored},
        {"reunion_deliveries_total", "Deliveries to mailboxes, whatever became of them.",
         counts->deliveries},
        {"reunion_copies_stored_total", "Copies stored in mailboxes.", counts->copies_stored},
        {"reunion_buckets_opened_total", "Buckets opened.", counts->buckets_opened},
        {"reunion_buckets_expired_total", "Buckets that have died.", counts->buckets_expired},
        {"reunion_cold_reads_total", "Contents of buckets read back from the database.",
         counts->evicted_reads},
        {"reunion_cold_read_failures_total", "Such contents that could not be read.",
         counts->evicted_read_failures},
        {"reunion_stamps_checked_total", "Computations for the checking of stamps.",
         counts->stamps_checked},
        {"reunion_stamps_raised_total", "Stamps that better ones replaced.", counts->stamps_raised},
        {"reunion_reference_malformed_total",
         "Bodies of a wrong length at the reference's endpoints.", sample->reference.malformed},
        {"reunion_reference_dropped_total", "Records dropped at the reference's endpoints.",
         sample->reference.dropped},
    };
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++)
        single(to, counters[i].name, "counter", counters[i].help, counters[i].count, METRICS_STEP);
}

/* Of values in units of which `scale` make the one that is told. */
static void print_histogram(const char *name, const char *help,
                            const struct histogram_counts *histogram, uint64_t scale, FILE *to)
{
    uint64_t count = 0;
    family(to, name, "histogram", help);
    for (size_t i = 0; i < HISTOGRAM_RANGES - 1; i++) {
        count += histogram->counts[i];
        fprintf(to, "%s_bucket{le=\"%g\"} %" PRIu64 "\n", name,
                (double)histogram_bound(i) / (double)scale, round_down(count, METRICS_STEP));
    }
    count += histogram->counts[HISTOGRAM_RANGES - 1];
    fprintf(to, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name, round_down(count, METRICS_STEP));
    fprintf(to, "%s_sum %.3f\n", name,
            (double)round_down(histogram->sum, METRICS_STEP) / (double)scale);
    fprintf(to, "%s_count %" PRIu64 "\n", name, round_down(count, METRICS_STEP));
}

static void print_service(const struct metrics_sample *sample, FILE *to)
{
    const struct service_counts *counts = &sample->service;
    print_now(counts, to);
    print_since_start(sample, to);
    print_histogram("reunion_commit_posts", "Posts done by one commit.", &counts->commit_posts, 1,
                    to);
    print_histogram("reunion_commit_seconds", "Time the database took for one commit.",
                    &counts->commit_ms, 1000, to);
}

/* What the service refuses is a part of posts that HTTP answers otherwise. */
static void print_full(const struct service_counts *counts, FILE *to)
{
    const struct {
        const char *limit;
        uint64_t count;
    } limits[] = {
        {"buckets", counts->refused_buckets}, {"places", counts->refused_places},
        {"links", counts->refused_window},    {"stored", counts->refused_stored},
        {"sender", counts->refused_sender},
    };
    family(to, "reunion_full_total", "counter",
           "Posts and records refused because so much stands already, by limit.");
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        fprintf(to, "reunion_full_total{limit=\"%s\"} %" PRIu64 "\n", limits[i].limit,
                round_down(limits[i].count, METRICS_STEP));
}

/* Bytes of memory in use; 0 where the system does not tell. */
static uint64_t resident_bytes(void)
{
    unsigned long all, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    if (fscanf(file, "%lu %lu", &all, &resident) != 2)
        resident = 0;
    (void)fclose(file);
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void print_process(const struct metrics_sample *sample, FILE *to)
{
    single(to, "process_resident_memory_bytes", "gauge", "Memory in use.", resident_bytes(),
           RESIDENT_STEP);
    single(to, "process_start_time_seconds", "gauge", "When the server started, in unix time.",
           (uint64_t)sample->start_s, MINUTE_S);
}

int metrics_print(const struct metrics_sample *sample, struct blob *text)
{
    char *data = NULL;
    size_t bytes;
    FILE *to = open_memstream(&data, &bytes);
    if (!to)
        return -ENOMEM;
    print_build(sample, to);
    print_requests(sample, to);
    print_refusals(sample, to);
    print_lost(sample, to);
    print_full(&sample->service, to);
    print_service(sample, to);
    print_process(sample, to);
    if (fclose(to) || !data) {
        free(data);
        return -ENOMEM;
    }
    *text = (struct blob){(uint8_t *)data, bytes};
    return 0;
}
