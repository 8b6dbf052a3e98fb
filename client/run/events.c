#include "run/events.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "base/hex.h"
#include "cli/bounds.h"
#include "cli/json_line.h"
#include "cli/lifecycle.h"
#include "cli/reason.h"
#include "cli/text_member.h"

const char *events_too_much_work(char text[static EVENTS_WORK_BYTES],
                                 const struct session_event *event)
{
    snprintf(text, EVENTS_WORK_BYTES,
             "it asks for %" PRIu32 " tries of work, more than the %" PRIu32
             " that --max-effort allows",
             event->effort, event->effort_max);
    return text;
}

/* What is wrong with a bucket is what the detail is about, too. */
static void put_reason(struct json_line *line, const struct session_event *event,
                       const char *server)
{
    char work[EVENTS_WORK_BYTES];
    bool good = event->verdict == BUCKET_GOOD;
    const char *text = event->trouble ? event->trouble : err_text(event->err);
    if (event->effort_max > 0 && event->err == -EDQUOT)
        text = events_too_much_work(work, event);
    reason_put(line, good ? reason_word(event->err) : verdict_word(event->verdict), server,
               good ? text : verdict_text(event->verdict));
}

static void put_bucket(struct json_line *line, const struct transport_bucket *bucket)
{
    char bucket_hash[2 * ID_BYTES + 1];
    if (!bucket) {
        json_line_null(line, "bucket");
        return;
    }
    hex_encode(bucket_hash, bucket->place.token, ID_BYTES);
    json_line_word(line, "bucket", bucket_hash);
}

static int put_message(struct json_line *line, const uint8_t *message, size_t bytes)
{
    while (bytes > 0 && message[bytes - 1] == ' ') /* the padding */
        bytes--;
    return text_member_put(line, message, bytes);
}

static void put_progress(struct json_line *line, const struct session_event *event)
{
    json_line_number(line, "others", (int64_t)event->others);
    json_line_number(line, "worked", (int64_t)event->met);
    json_line_number(line, "queued", (int64_t)event->queued);
    json_line_number(line, "answered", (int64_t)event->answered);
    json_line_number(line, "owed", (int64_t)event->owed);
    json_line_number(line, "refused", (int64_t)event->refused);
}

/* Beside the reason: what was asked for, where it was too much. */
static void put_refused_work(struct json_line *line, const struct session_event *event)
{
    if (event->err != -EDQUOT)
        return;
    json_line_number(line, "effort", (int64_t)event->effort);
    json_line_number(line, "effort_max", (int64_t)event->effort_max);
}

static int put_members(struct json_line *line, const struct session_event *event,
                       const char *server)
{
    switch (event->kind) {
    case SESSION_PLACED:
        put_bucket(line, event->bucket);
        return 0;
    case SESSION_AWAY:
    case SESSION_REFUSED:
    case SESSION_ENDED:
        put_reason(line, event, server);
        put_refused_work(line, event);
        return 0;
    case SESSION_UNSAVED:
        put_reason(line, event, NULL);
        return 0;
    case SESSION_PROGRESS:
        put_progress(line, event);
        return 0;
    case SESSION_PAYING:
        json_line_number(line, "effort", (int64_t)event->effort);
        json_line_number(line, "seconds", (event->left_ms + 999) / 1000);
        return 0;
    case SESSION_LONG_WORK:
        put_progress(line, event);
        json_line_number(line, "seconds", (event->left_ms + 999) / 1000);
        return 0;
    case SESSION_PLACE_SPARSE:
        json_line_number(line, "standing", (int64_t)event->others);
        return 0;
    case SESSION_REVEALED:
        json_line_number(line, "number", (int64_t)event->number);
        return put_message(line, event->message, event->message_bytes);
    default:
        return 0;
    }
}

int events_session(const struct session_event *event, const char *server)
{
    static const char *const names[] = {
        [SESSION_PLACED] = "waiting",
        [SESSION_NAMED_CLOSED] = "bucket-closed",
        [SESSION_AWAY] = "away",
        [SESSION_BACK] = "back",
        [SESSION_LOST] = "lost",
        [SESSION_RENEWED] = "renewed",
        [SESSION_CROWDED] = "crowded",
        [SESSION_PROGRESS] = "progress",
        [SESSION_WINDOW_CROWDED] = "crowded-window",
        [SESSION_PLACE_SPARSE] = "sparse-place",
        [SESSION_REVEALED] = "message",
        [SESSION_REFUSED] = "refused",
        [SESSION_OPENED] = "session",
        [SESSION_LONG_WORK] = "long-work",
        [SESSION_ENDED] = "ended",
        [SESSION_UNSAVED] = "unkept",
        [SESSION_PAYING] = "paying",
    };
    struct json_line *line;
    bool again = event->kind == SESSION_REVEALED && event->reveal == SESSION_REVEAL_AGAIN;
    int err = json_line_open(&line, again ? "again" : names[event->kind]);
    if (err)
        return err;
    if (server)
        reason_put_server(line, server);
    else
        json_line_null(line, "server");
    err = put_members(line, event, server);
    int written = json_line_write(line, STDOUT_FILENO);
    return err ? err : written;
}

int events_exceeded(size_t expected, size_t messages)
{
    struct json_line *line;
    int err = json_line_open(&line, "exceeded");
    if (err)
        return err;
    json_line_number(line, "expected", (int64_t)expected);
    json_line_number(line, "messages", (int64_t)messages);
    return json_line_write(line, STDOUT_FILENO);
}

int events_seconds(const char *name, int64_t seconds)
{
    struct json_line *line;
    int err = json_line_open(&line, name);
    if (err)
        return err;
    json_line_number(line, "seconds", seconds);
    return json_line_write(line, STDOUT_FILENO);
}

int events_background(int64_t pid, int64_t seconds)
{
    struct json_line *line;
    int err = json_line_open(&line, "background");
    if (err)
        return err;
    json_line_number(line, "pid", pid);
    json_line_number(line, "seconds", seconds);
    return json_line_write(line, STDOUT_FILENO);
}

int events_end(const struct program *program, enum outcome outcome, size_t messages,
               const struct progress *progress, const char *detail)
{
    struct json_line *line;
    int err = lifecycle_end(&line, program, outcome);
    if (err)
        return err;
    json_line_number(line, "messages", (int64_t)messages);
    json_line_number(line, "others", (int64_t)progress->others);
    json_line_number(line, "answered", (int64_t)progress->answered);
    if (detail)
        json_line_word(line, "detail", detail);
    return json_line_write(line, STDOUT_FILENO);
}
