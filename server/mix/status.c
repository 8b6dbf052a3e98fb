#include "mix/status.h"

#include <stdio.h>
#include <string.h>

#include "base/version.h"
#include "daemon/status_page.h"

enum { LOOK_MS = 1000 };

/* How a counter is shown. */
struct shown {
    enum node_count which;
    const char *metric, *label, *value;
};

#define PACKETS "reunion_mix_packets_total"
#define DROPPED "reunion_mix_dropped_total"

static const struct shown shown[] = {
    {NODE_FORWARDED, PACKETS, "what", "forwarded"},
    {NODE_REQUESTS, PACKETS, "what", "requests"},
    {NODE_ANSWERS, PACKETS, "what", "answers"},
    {NODE_DELIVERIES, PACKETS, "what", "deliveries"},
    {NODE_DIVIDED, PACKETS, "what", "divided"},
    {NODE_COPIES, PACKETS, "what", "copies"},
    {NODE_COPIES_REPEATED, PACKETS, "what", "copies_repeated"},
    {NODE_COPIES_ANSWERED, PACKETS, "what", "copies_answered"},
    {NODE_COVER_TAKEN, PACKETS, "what", "cover_taken"},
    {NODE_COVER_MADE, PACKETS, "what", "cover_made"},
    {NODE_UNSENT, PACKETS, "what", "not_sent"},
    {NODE_UNWRITTEN, PACKETS, "what", "held_back"},
    {NODE_UNANSWERED, PACKETS, "what", "not_answered"},
    {NODE_DROP_SIZE, DROPPED, "reason", "size"},
    {NODE_DROP_UNREADABLE, DROPPED, "reason", "unreadable"},
    {NODE_DROP_RATE, DROPPED, "reason", "rate"},
    {NODE_DROP_WINDOW, DROPPED, "reason", "window"},
    {NODE_DROP_REPLAY, DROPPED, "reason", "replay"},
    {NODE_DROP_FULL, DROPPED, "reason", "full"},
    {NODE_DROP_BUSY, DROPPED, "reason", "busy"},
    {NODE_DROP_CONTENT, DROPPED, "reason", "content"},
    {NODE_DROP_NOWHERE, DROPPED, "reason", "nowhere"},
    {NODE_BATCHES, "reunion_mix_batches_total", NULL, NULL},
};

_Static_assert(sizeof shown / sizeof shown[0] == NODE_COUNTS, "each is shown");

static unsigned long long rounded(uint64_t count)
{
    return (unsigned long long)(count - count % STATUS_STEP);
}

static void take_counts(struct status *status)
{
    int64_t now_ms = clock_monotonic_ms(status->clock);
    if (status->has_counts && now_ms - status->taken_ms < STATUS_MS)
        return;
    status->counts = mix_listener_counts(status->listener);
    status->taken_ms = now_ms;
    status->has_counts = true;
}

static void print_metrics(struct status *status, FILE *to)
{
    const char *metric = "";
    take_counts(status);
    fprintf(to, "# TYPE reunion_mix_build_info gauge\nreunion_mix_build_info{version=\"%s\"} 1\n",
            version_number);
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        if (strcmp(metric, shown[i].metric) != 0)
            fprintf(to, "# TYPE %s counter\n", shown[i].metric);
        metric = shown[i].metric;
        unsigned long long count = rounded(status->counts.counts[shown[i].which]);
        if (shown[i].label)
            fprintf(to, "%s{%s=\"%s\"} %llu\n", metric, shown[i].label, shown[i].value, count);
        else
            fprintf(to, "%s %llu\n", metric, count);
    }
    fprintf(to, "# TYPE reunion_mix_tags gauge\nreunion_mix_tags %llu\n",
            rounded(status->counts.tags));
    fprintf(to, "# TYPE reunion_mix_listed gauge\nreunion_mix_listed %d\n",
            status->counts.is_listed);
}

/* Whether it can do its work: its thread lives, and tags can be written. */
static unsigned health(struct status *status, FILE *to)
{
    if (mix_listener_look(status->listener, LOOK_MS)) {
        fputs("the thread of the mix does not answer\n", to);
        return 503;
    }
    if (!mix_listener_counts(status->listener).writes) {
        fputs("tags of packets cannot be written\n", to);
        return 503;
    }
    fputs("ok\n", to);
    return 200;
}

unsigned status_text(void *context, const char *path, char *text)
{
    unsigned result = 200;
    FILE *to = fmemopen(text, STATUS_PAGE_BYTES_MAX, "w");
    if (!to)
        return 503;
    if (strcmp(path, "/metrics") == 0)
        print_metrics(context, to);
    else if (strcmp(path, "/healthz") == 0)
        result = health(context, to);
    else
        result = 404;
    (void)fclose(to);
    return result;
}
