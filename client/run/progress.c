#include "run/progress.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void progress_note(struct progress *progress, size_t worked, size_t queued, int64_t now_ms)
{
    if (progress->queued == 0) {
        progress->since_ms = now_ms;
        progress->before = worked;
    }
    progress->worked = worked;
    progress->queued = queued;
    progress->now_ms = now_ms;
}

int64_t progress_rate(const struct progress *progress)
{
    int64_t span_ms = progress->now_ms - progress->since_ms;
    int64_t done = (int64_t)progress->worked - (int64_t)progress->before;
    return span_ms > 0 && done > 0 ? done * 1000 * 1000 / span_ms : 0;
}

int64_t progress_left_s(const struct progress *progress)
{
    int64_t rate = progress_rate(progress);
    return rate > 0 ? ((int64_t)progress->queued * 1000 + rate - 1) / rate : -1;
}

/* A line being made of parts. */
struct parts {
    char *line;
    size_t length, columns;
};

/* Add a part. One that does not fit ends the line. */
__attribute__((format(printf, 2, 3))) static void add(struct parts *parts, const char *format, ...)
{
    char part[64];
    va_list arguments;
    va_start(arguments, format);
    int bytes = vsnprintf(part, sizeof part, format, arguments);
    va_end(arguments);
    if (bytes < 0 || (size_t)bytes >= sizeof part ||
        (size_t)bytes > parts->columns - parts->length) {
        parts->columns = parts->length;
        return;
    }
    memcpy(parts->line + parts->length, part, (size_t)bytes + 1);
    parts->length += (size_t)bytes;
}

static void add_left(struct parts *parts, int64_t left_s)
{
    if (left_s < 0)
        return;
    if (left_s < 100)
        add(parts, ", %" PRId64 " s left", left_s);
    else if (left_s < 100 * 60)
        add(parts, ", %" PRId64 " min left", (left_s + 59) / 60);
    else
        add(parts, ", %" PRId64 " h left", (left_s + 3599) / 3600);
}

static void add_work(struct parts *parts, const struct progress *progress)
{
    int64_t rate = progress_rate(progress);
    add(parts, "; %zu of %zu checked", progress->worked, progress->worked + progress->queued);
    if (progress->queued > 0 && rate > 0)
        add(parts, ", %" PRId64 ".%" PRId64 " a second", rate / 1000, rate / 100 % 10);
    if (progress->queued > 0)
        add_left(parts, progress_left_s(progress));
}

size_t progress_line(const struct progress *progress, char line[static PROGRESS_LINE_BYTES],
                     size_t columns)
{
    struct parts parts = {line, 0,
                          columns < PROGRESS_LINE_BYTES ? columns : PROGRESS_LINE_BYTES - 1};
    line[0] = '\0';
    if (progress->others == 0) {
        add(&parts, "nobody else so far");
        return parts.length;
    }
    add(&parts, "%zu other", progress->others);
    add(&parts, progress->others == 1 ? " person is here" : " people are here");
    add_work(&parts, progress);
    if (progress->worked > progress->answered)
        add(&parts, "; %zu %s not answered yet", progress->worked - progress->answered,
            progress->worked - progress->answered == 1 ? "has" : "have");
    if (progress->messages > 0)
        add(&parts, "; %zu met", progress->messages);
    return parts.length;
}
