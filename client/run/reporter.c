#include "run/reporter.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/secret.h"
#include "cli/bounds.h"
#include "cli/display.h"
#include "cli/lifecycle.h"
#include "cli/output_lock.h"
#include "cli/output_room.h"
#include "cli/print.h"
#include "cli/status_line.h"
#include "cli/write_all.h"
#include "run/events.h"

enum {
    CLOCKS_AGREE_S = 60,
    SECONDS_REPORTED_MAX = 120,
    SPAN_BYTES = 32,
    ROOM_BYTES = 4096,
    ALONE_BYTES = 256
};

/* What became of writing to standard output. */
static void note_written(struct reporter *reporter, int err)
{
    if (err && !reporter->broken)
        reporter->broken = err;
}

static void show_message(struct reporter *reporter, const uint8_t *message, size_t bytes)
{
    size_t room = DISPLAY_BYTES_MAX(bytes);
    char *line = secret_alloc(room);
    if (!line) {
        note_written(reporter, -ENOMEM);
        return;
    }
    output_lock();
    status_line_hide();
    note_written(reporter, write_all(STDOUT_FILENO, line, display_line(line, message, bytes)));
    status_line_restore();
    output_unlock();
    secret_free(line);
}

static void print_placed(const struct transport_bucket *bucket)
{
    if (!bucket) {
        print("waiting for others");
        return;
    }
    char bucket_hash[2 * ID_BYTES + 1];
    hex_encode(bucket_hash, bucket->place.token, ID_BYTES);
    print("waiting for others in bucket %s", bucket_hash);
}

/* Which clock is wrong nobody can tell from two; by how much they differ does. */
static void print_clocks(const struct session_event *event)
{
    bool about_time = event->verdict == BUCKET_IN_FUTURE || event->verdict == BUCKET_TOO_OLD;
    int64_t ahead_s = event->clock_ahead_s;
    if (!about_time || !event->clock_known)
        return;
    if (ahead_s > CLOCKS_AGREE_S || ahead_s < -CLOCKS_AGREE_S)
        print("the server's clock is %" PRId64 " s %s the clock here: set the one that is wrong",
              ahead_s > 0 ? ahead_s : -ahead_s, ahead_s > 0 ? "ahead of" : "behind");
    else
        print("the clock here agrees with the server's, so the bucket itself is wrong");
}

static void print_refused(const struct session_event *event)
{
    char work[EVENTS_WORK_BYTES];
    if (event->verdict != BUCKET_GOOD) {
        print("the server's bucket is not acceptable: %s", verdict_text(event->verdict));
        print_clocks(event);
    } else if (event->err == -EDQUOT)
        print("the server refused the request: %s", events_too_much_work(work, event));
    else if (event->err == -ENOENT)
        print("the server has no bucket with that link");
    else if (event->err == -EKEYEXPIRED)
        print("the bucket with that link has expired");
    else
        print("the server refused the request: %s",
              event->trouble ? event->trouble : err_text(event->err));
}

/* A server that was never reached yet. */
static void print_not_yet(const struct session_event *event, const char *why)
{
    const char *what = event->err == -EHOSTUNREACH ? "cannot be reached" : "cannot serve requests";
    if (event->patience_ms == SESSION_PATIENCE_ENDLESS)
        print("the server %s yet (%s); trying until the time of --duration is over", what, why);
    else
        print("the server %s yet (%s); trying for %" PRId64 " s", what, why,
              (event->patience_ms + 999) / 1000);
}

static void print_away(const struct session_event *event)
{
    const char *why = event->trouble ? event->trouble : err_text(event->err);
    if (event->patience_ms > 0)
        print_not_yet(event, why);
    else if (event->err == -EHOSTUNREACH)
        print("the server does not answer (%s); trying again", why);
    else if (event->err == -EPROTO)
        print("the server answers nonsense (%s); trying again", why);
    else
        print("the server cannot serve requests now (%s); trying again", why);
}

/* A refusal has been reported. */
static void print_ended(const struct session_event *event)
{
    const char *why = event->trouble ? event->trouble : err_text(event->err);
    if (event->err == -EPROTO)
        print("this is no REUNION server (%s); run reunion-client check for details", why);
    else if (event->err == -EHOSTUNREACH)
        print("the server cannot be reached (%s); run reunion-client check for details", why);
    else if (event->err == -EAGAIN)
        print("the server cannot serve requests (%s); run reunion-client check for details", why);
    else if (event->err != -EPERM)
        print("it ended there: %s", why);
}

static void show_progress(const struct reporter *reporter)
{
    char line[PROGRESS_LINE_BYTES];
    size_t columns = status_line_columns();
    if (columns > 0 && progress_line(&reporter->progress, line, columns) > 0)
        status_line_show(line);
}

/* All servers together. */
static void note_progress(struct reporter *reporter, const struct session_event *event)
{
    struct session_event sum = {0};
    reporter->counts[event->server] = *event;
    for (size_t i = 0; i < reporter->servers->count; i++) {
        sum.others += reporter->counts[i].others;
        sum.answered += reporter->counts[i].answered;
        sum.met += reporter->counts[i].met;
        sum.queued += reporter->counts[i].queued;
    }
    reporter->progress.others = sum.others;
    reporter->progress.answered = sum.answered;
    progress_note(&reporter->progress, sum.met, sum.queued, clock_monotonic_ms(reporter->clock));
}

size_t reporter_owed(const struct reporter *reporter)
{
    size_t owed = 0;
    for (size_t i = 0; i < reporter->servers->count; i++)
        owed += reporter->counts[i].owed;
    return owed;
}

/* More came than should know the passphrase. */
static void warn_exceeded(struct reporter *reporter)
{
    if (reporter->json) {
        note_written(reporter, events_exceeded(reporter->expected, reporter_counted(reporter)));
        return;
    }
    print(
        "WARNING: %zu messages have come, and only %zu should: SOMEBODY ELSE KNOWS THE PASSPHRASE. "
        "Trust none of them until you have asked their senders in another way, and agree on "
        "another passphrase",
        reporter_counted(reporter), reporter->expected);
}

/* Without the spaces that a message is padded with. */
static size_t unpadded(const uint8_t *message, size_t bytes)
{
    while (bytes > 0 && message[bytes - 1] == ' ')
        bytes--;
    return bytes;
}

static bool is_own(const struct reporter *reporter, const struct session_event *event)
{
    if (!reporter->own || !reporter->own->text)
        return false;
    const uint8_t *own = (const uint8_t *)reporter->own->text;
    size_t bytes = unpadded(own, reporter->own->bytes);
    return bytes == unpadded(event->message, event->message_bytes) &&
           memcmp(own, event->message, bytes) == 0;
}

static void print_event(struct reporter *reporter, const struct session_event *event)
{
    switch (event->kind) {
    case SESSION_OPENED:
        break;
    case SESSION_LONG_WORK:
        print("%zu others are here; computing answers for them will take about %" PRId64 " s",
              event->queued, (event->left_ms + 999) / 1000);
        break;
    case SESSION_PAYING:
        print("many people come to the server, so it asks for about %" PRId64 " s of work first",
              (event->left_ms + 999) / 1000);
        break;
    case SESSION_ENDED:
        print_ended(event);
        break;
    case SESSION_UNSAVED:
        print("cannot write the file of --state, so no later run can go on from here: %s",
              err_reason(event->err));
        break;
    case SESSION_REVEALED:
        if (event->reveal == SESSION_REVEAL_AGAIN)
            print("message %zu has come again, probably from the same person, who started the "
                  "program again",
                  event->number);
        else
            show_message(reporter, event->message, event->message_bytes);
        if (event->reveal == SESSION_REVEAL_NEW && is_own(reporter, event))
            print("this is the message that you send yourself: you may have started the program "
                  "twice. It does not count if another comes");
        break;
    case SESSION_PLACED:
        print_placed(event->bucket);
        break;
    case SESSION_NAMED_CLOSED:
        print("that bucket takes no more people: looking for others there, and waiting in another");
        break;
    case SESSION_AWAY:
        print_away(event);
        break;
    case SESSION_BACK:
        print("the server is back");
        break;
    case SESSION_LOST:
        print("the server has lost our record; posting it again");
        break;
    case SESSION_RENEWED:
        print("our bucket has expired; starting again in another");
        break;
    case SESSION_CROWDED:
        print("far more people are here than usual: somebody may be flooding the server. The first "
              "share of computing is spent, so the work goes on slowly, in random order. Those you "
              "wait for may be among them: leave this running, or agree on a --bucket to meet in");
        break;
    case SESSION_WINDOW_CROWDED:
        print("very many people have come lately; meeting may take longer");
        break;
    case SESSION_PLACE_SPARSE:
        print(
            "only %zu people are in this place: somebody who watches the server may see who meets. "
            "Choose a place that more people use",
            event->others);
        break;
    case SESSION_REFUSED:
        print_refused(event);
        break;
    case SESSION_PROGRESS:
        if (reporter->verbose)
            log_line(LOG_DEBUG, "progress",
                     "others=%zu worked=%zu queued=%zu answered=%zu owed=%zu refused=%zu",
                     event->others, event->met, event->queued, event->answered, event->owed,
                     event->refused);
        break;
    }
}

/* Where one server is meant, its address is said with what is wrong with it. */
static bool is_trouble(enum session_event_kind kind)
{
    return kind == SESSION_AWAY || kind == SESSION_REFUSED || kind == SESSION_ENDED ||
           kind == SESSION_LOST;
}

static void note_message(struct reporter *reporter, const struct session_event *event)
{
    reporter->counts[event->server].owed = event->owed;
    if (event->reveal != SESSION_REVEAL_NEW)
        return;
    reporter->progress.messages = ++reporter->shown;
    reporter->own_shown = reporter->own_shown || is_own(reporter, event);
}

size_t reporter_counted(const struct reporter *reporter)
{
    return reporter->shown - (reporter->own_shown && reporter->shown > 1);
}

static void note_away(struct reporter *reporter, const struct session_event *event)
{
    if (event->kind == SESSION_AWAY || event->kind == SESSION_ENDED)
        reporter->away |= 1u << event->server;
    if (event->kind == SESSION_BACK || event->kind == SESSION_PLACED)
        reporter->away &= ~(1u << event->server);
}

static void note_refused(struct reporter *reporter, const struct session_event *event)
{
    struct refusal *refusal = &reporter->refusals[event->server];
    refusal->event = *event;
    snprintf(refusal->text, sizeof refusal->text, "%s",
             event->trouble ? event->trouble : err_text(event->err));
}

/* As a line of JSON. An end after a refusal has the refusal's reason. */
static int write_event(const struct reporter *reporter, const struct session_event *event)
{
    const char *server = reporter->servers->text[event->server];
    const struct refusal *refusal = &reporter->refusals[event->server];
    if (event->kind != SESSION_ENDED || event->err != -EPERM || !refusal->text[0])
        return events_session(event, server);
    struct session_event ended = refusal->event;
    ended.kind = SESSION_ENDED;
    ended.trouble = refusal->text;
    return events_session(&ended, server);
}

void reporter_event(struct reporter *reporter, const struct session_event *event)
{
    bool named = reporter->servers->count > 1 || is_trouble(event->kind);
    print_about(named ? reporter->servers->text[event->server] : NULL);
    note_away(reporter, event);
    reporter->waited |= event->kind == SESSION_PLACED;
    if (event->kind == SESSION_REFUSED)
        note_refused(reporter, event);
    if (event->kind == SESSION_REVEALED)
        note_message(reporter, event);
    if (event->kind == SESSION_PROGRESS)
        note_progress(reporter, event);
    bool is_known = event->kind == SESSION_REVEALED && event->reveal == SESSION_REVEAL_REPORTED;
    if (!reporter->json && !is_known)
        print_event(reporter, event);
    else if (!is_known)
        note_written(reporter, write_event(reporter, event));
    if (event->kind == SESSION_REVEALED && event->reveal == SESSION_REVEAL_NEW &&
        reporter->expected > 0 && reporter_counted(reporter) > reporter->expected)
        warn_exceeded(reporter);
    if (event->kind == SESSION_PLACED || event->kind == SESSION_PROGRESS)
        show_progress(reporter);
    print_about(NULL);
}

/* Minutes, of which few are told as seconds. Returns: `text`. */
static const char *span(char text[static SPAN_BYTES], int64_t seconds)
{
    if (seconds <= SECONDS_REPORTED_MAX)
        snprintf(text, SPAN_BYTES, "%" PRId64 " s", seconds);
    else
        snprintf(text, SPAN_BYTES, "%" PRId64 " min", (seconds + 59) / 60);
    return text;
}

void reporter_stays(struct reporter *reporter, int64_t seconds)
{
    char text[SPAN_BYTES];
    if (!reporter->json)
        print("staying for %s, drawn at random (--duration sets a time)", span(text, seconds));
    else
        note_written(reporter, events_seconds("staying", seconds));
}

void reporter_lingers(struct reporter *reporter, int64_t seconds)
{
    if (!reporter->json)
        print("all expected messages have come; staying %" PRId64
              " seconds more, so that the time of leaving shows nothing (Ctrl-C goes on in the "
              "background; --no-linger leaves at once)",
              seconds);
    else
        note_written(reporter, events_seconds("lingering", seconds));
}

void reporter_will_go_on(struct reporter *reporter, int64_t seconds)
{
    char text[SPAN_BYTES];
    if (!reporter->json)
        print("going on in the background for %s, so that the time of leaving shows nothing; press "
              "Ctrl-C again to end it now, which shows that somebody was met",
              span(text, seconds));
}

void reporter_goes_on(struct reporter *reporter, int64_t pid, int64_t seconds)
{
    char text[SPAN_BYTES];
    if (!reporter->json)
        print("process %" PRId64 " goes on in the background for %s", pid, span(text, seconds));
    else
        note_written(reporter, events_background(pid, seconds));
}

bool reporter_begin(struct reporter *reporter)
{
    /* Whoever meets somebody and cannot tell it has met them in vain. */
    note_written(reporter, output_room(STDOUT_FILENO, ROOM_BYTES));
    if (reporter->json && !reporter->broken)
        note_written(reporter, lifecycle_start(reporter->program));
    if (reporter->broken)
        outcome_unwritable(reporter->broken);
    if (!reporter->json && !reporter->verbose)
        status_line_open();
    return !reporter->broken;
}

/* Why nobody, or nobody else, was met. Who has gone does not answer, and may have known it. */
static void explain_alone(const struct reporter *reporter, char text[static ALONE_BYTES])
{
    const struct progress *seen = &reporter->progress;
    const char *more = reporter->shown > 0 ? " else" : "";
    if (seen->others == 0 && reporter->shown == 0 && !reporter->waited)
        snprintf(text, ALONE_BYTES,
                 "nobody was met: the time was over before the program could wait for others; its "
                 "own work took all of it (a longer --duration leaves more)");
    else if (seen->others == 0)
        snprintf(text, ALONE_BYTES, "nobody%s was met: nobody else was there", more);
    else if (seen->answered == 0)
        snprintf(text, ALONE_BYTES, "nobody%s was met: %zu other%s there and did not answer", more,
                 seen->others, seen->others == 1 ? " was" : "s were");
    else
        snprintf(text, ALONE_BYTES,
                 "nobody%s was met: %zu other%s there, %zu of them answered, and none%s of those "
                 "knew the passphrase",
                 more, seen->others, seen->others == 1 ? " was" : "s were", seen->answered,
                 reporter->shown > 0 ? " but the senders" : "");
}

static void print_alone(const struct reporter *reporter, const char *why)
{
    if (reporter->shown > 0)
        print("%zu of %zu expected messages came", reporter->shown, reporter->expected);
    print("%s", why);
}

enum outcome reporter_end(struct reporter *reporter, enum outcome outcome)
{
    char alone[ALONE_BYTES] = "";
    status_line_close();
    if (outcome == OUTCOME_ALONE)
        explain_alone(reporter, alone);
    if (outcome == OUTCOME_ALONE && !reporter->json)
        print_alone(reporter, alone);
    int err = reporter->json && !reporter->broken
                  ? events_end(reporter->program, outcome, reporter->shown, &reporter->progress,
                               alone[0] ? alone : NULL)
                  : 0;
    return err ? outcome_unwritable(err) : outcome;
}
