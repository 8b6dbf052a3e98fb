#include "api/metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "api/metrics_text.h"

struct metrics {
    struct service *service;
    const struct reference *reference;
    const struct clock_source *clock;
    const char *version;
    int64_t start_s;
    atomic_uint_fast64_t requests[ROUTE_CLASSES][STATUS_CLASSES];
    atomic_uint_fast64_t refusals[PROBLEMS];
    atomic_uint_fast64_t lost_packets[LOST_PACKETS];

    pthread_mutex_t mutex; /* of what follows */
    struct blob text;
    int64_t made_ms;
};

int metrics_new(struct metrics **made, struct service *service, const struct reference *reference,
                const struct clock_source *clock, const char *version)
{
    struct metrics *metrics = calloc(1, sizeof *metrics);
    if (!metrics)
        return -ENOMEM;
    metrics->service = service;
    metrics->reference = reference;
    metrics->clock = clock;
    metrics->version = version;
    metrics->start_s = clock_wall_s(clock);
    pthread_mutex_init(&metrics->mutex, NULL);
    *made = metrics;
    return 0;
}

void metrics_request(struct metrics *metrics, enum route_class class, unsigned status)
{
    INVARIANT(status >= 100 && status < 100 + 100 * STATUS_CLASSES);
    if (metrics)
        atomic_fetch_add_explicit(&metrics->requests[class][status / 100 - 1], 1,
                                  memory_order_relaxed);
}

void metrics_refusal(struct metrics *metrics, enum problem problem)
{
    if (metrics)
        atomic_fetch_add_explicit(&metrics->refusals[problem], 1, memory_order_relaxed);
}

void metrics_lost_packet(struct metrics *metrics, enum lost_packet why)
{
    if (metrics)
        atomic_fetch_add_explicit(&metrics->lost_packets[why], 1, memory_order_relaxed);
}

static void take_sample(struct metrics *metrics, struct metrics_sample *sample)
{
    *sample = (struct metrics_sample){
        .version = metrics->version,
        .start_s = metrics->start_s,
        .service = service_counts(metrics->service),
        .reference = reference_counts(metrics->reference),
    };
    for (size_t class = 0; class < ROUTE_CLASSES; class ++)
        for (size_t status = 0; status < STATUS_CLASSES; status++)
            sample->requests[class][status] =
                atomic_load_explicit(&metrics->requests[class][status], memory_order_relaxed);
    for (size_t problem = 0; problem < PROBLEMS; problem++)
        sample->refusals[problem] =
            atomic_load_explicit(&metrics->refusals[problem], memory_order_relaxed);
    for (size_t why = 0; why < LOST_PACKETS; why++)
        sample->lost_packets[why] =
            atomic_load_explicit(&metrics->lost_packets[why], memory_order_relaxed);
}

/* The mutex is held. */
static int make_text(struct metrics *metrics)
{
    struct metrics_sample sample;
    struct blob text;
    take_sample(metrics, &sample);
    int err = metrics_print(&sample, &text);
    if (err)
        return err;
    blob_free(&metrics->text);
    metrics->text = text;
    metrics->made_ms = clock_monotonic_ms(metrics->clock);
    return 0;
}

int metrics_text(struct metrics *metrics, struct blob *text)
{
    int err = 0;
    pthread_mutex_lock(&metrics->mutex);
    if (!metrics->text.data ||
        clock_monotonic_ms(metrics->clock) - metrics->made_ms >= METRICS_PERIOD_MS)
        err = make_text(metrics);
    if (!err)
        err = blob_copy(text, &metrics->text);
    pthread_mutex_unlock(&metrics->mutex);
    return err;
}

void metrics_free(struct metrics *metrics)
{
    if (!metrics)
        return;
    blob_free(&metrics->text);
    pthread_mutex_destroy(&metrics->mutex);
    free(metrics);
}
