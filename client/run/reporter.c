#include "run/reporter.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/secret.h"
#include "cli/bounds.h"
#include "cli/display.h"
#include "cli/lifecycle.h"
#include "cli/output_room.h"
#include "cli/print.h"
#include "cli/status_line.h"
#include "cli/write_all.h"
#include "run/events.h"

enum { CLOCKS_AGREE_S = 60, SECONDS_TOLD_MAX = 120, SPAN_BYTES = 32, ROOM_BYTES = 4096 };

/* What became of writing to standard output. */
static void note_written(struct narrator *narrator, int err)
{
    if (err && !narrator->broken)
        narrator->broken = err;
}

static void show_message(struct narrator *narrator, const uint8_t *message, size_t bytes)
{
    size_t room = DISPLAY_BYTES_MAX(bytes);
    char *line = secret_alloc(room);
    if (!line) {
        note_written(narrator, -ENOMEM);
        return;
    }
    status_line_hide();
    note_written(narrator, write_all(STDOUT_FILENO, line, display_line(line, message, bytes)));
    status_line_restore();
    secret_free(line);
}

static void say_placed(const struct transport_bucket *bucket)
{
    if (!bucket) {
        say("waiting for others");
        return;
    }
    char link[2 * ID_BYTES + 1];
    hex_encode(link, bucket->place.token, ID_BYTES);
    say("waiting for others in bucket %s", link);
}

/* Which clock is wrong nobody can tell from two; by how much they differ does. */
static void say_clocks(const struct meet_event *event)
{
    bool about_time = event->verdict == BUCKET_IN_FUTURE || event->verdict == BUCKET_TOO_OLD;
    int64_t ahead_s = event->clock_ahead_s;
    if (!about_time || !event->clock_known)
        return;
    if (ahead_s > CLOCKS_AGREE_S || ahead_s < -CLOCKS_AGREE_S)
        say("the server's clock is %" PRId64 " s %s the clock here: set the one that is wrong",
            ahead_s > 0 ? ahead_s : -ahead_s, ahead_s > 0 ? "ahead of" : "behind");
    else
        say("the clock here agrees with the server's, so the bucket itself is wrong");
}

static void say_refused(const struct meet_event *event)
{
    if (event->verdict != BUCKET_GOOD) {
        say("the server's bucket is not acceptable: %s", verdict_text(event->verdict));
        say_clocks(event);
    } else if (event->err == -EDQUOT)
        say("the server asks for %" PRIu32 " tries of work, more than --max-effort allows",
            event->effort);
    else if (event->err == -ENOENT)
        say("the server has no bucket with that link");
    else if (event->err == -EKEYEXPIRED)
        say("the bucket with that link has expired");
    else
        say("the server refused the request: %s",
            event->trouble ? event->trouble : err_text(event->err));
}

/* A server that was never reached yet. */
static void say_not_yet(const struct meet_event *event, const char *why)
{
    const char *what = event->err == -EHOSTUNREACH ? "cannot be reached" : "cannot serve requests";
    if (event->patience_ms == MEET_PATIENCE_ENDLESS)
        say("the server %s yet (%s); trying until the time of --duration is over", what, why);
    else
        say("the server %s yet (%s); trying for %" PRId64 " s", what, why,
            (event->patience_ms + 999) / 1000);
}

static void say_away(const struct meet_event *event)
{
    const char *why = event->trouble ? event->trouble : err_text(event->err);
    if (event->patience_ms > 0)
        say_not_yet(event, why);
    else if (event->err == -EHOSTUNREACH)
        say("the server does not answer (%s); trying again", why);
    else if (event->err == -EPROTO)
        say("the server answers nonsense (%s); trying again", why);
    else
        say("the server cannot serve requests now (%s); trying again", why);
}

/* A refusal has been told. */
static void say_ended(const struct meet_event *event)
{
    const char *why = event->trouble ? event->trouble : err_text(event->err);
    if (event->err == -EPROTO)
        say("this is no REUNION server (%s); run reunion-client check for details", why);
    else if (event->err == -EHOSTUNREACH)
        say("the server cannot be reached (%s); run reunion-client check for details", why);
    else if (event->err == -EAGAIN)
        say("the server cannot serve requests (%s); run reunion-client check for details", why);
    else if (event->err != -EPERM)
        say("it ended there: %s", why);
}

static void show_progress(const struct narrator *narrator)
{
    char line[PROGRESS_LINE_BYTES];
    size_t columns = status_line_columns();
    if (columns > 0 && progress_line(&narrator->progress, line, columns) > 0)
        status_line_show(line);
}

/* All servers together. */
static void note_progress(struct narrator *narrator, const struct meet_event *event)
{
    struct meet_event sum = {0};
    narrator->counts[event->server] = *event;
    for (size_t i = 0; i < narrator->servers->count; i++) {
        sum.others += narrator->counts[i].others;
        sum.answered += narrator->counts[i].answered;
        sum.met += narrator->counts[i].met;
        sum.queued += narrator->counts[i].queued;
    }
    narrator->progress.others = sum.others;
    narrator->progress.answered = sum.answered;
    progress_note(&narrator->progress, sum.met, sum.queued, clock_monotonic_ms(narrator->clock));
}

size_t narrator_owed(const struct narrator *narrator)
{
    size_t owed = 0;
    for (size_t i = 0; i < narrator->servers->count; i++)
        owed += narrator->counts[i].owed;
    return owed;
}

/* More came than should know the passphrase. */
static void warn_exceeded(struct narrator *narrator)
{
    if (narrator->json) {
        note_written(narrator, events_exceeded(narrator->expected, narrator->shown));
        return;
    }
    say("WARNING: %zu messages have come, and only %zu should: SOMEBODY ELSE KNOWS THE PASSPHRASE. "
        "Trust none of them until you have asked their senders in another way, and agree on "
        "another passphrase",
        narrator->shown, narrator->expected);
}

static void say_event(struct narrator *narrator, const struct meet_event *event)
{
    switch (event->kind) {
    case MEET_OPENED:
        break;
    case MEET_LONG_WORK:
        say("%zu others are here; computing answers for them will take about %" PRId64 " s",
            event->queued, (event->left_ms + 999) / 1000);
        break;
    case MEET_PAYING:
        say("many people come to the server, so it asks for about %" PRId64 " s of work first",
            (event->left_ms + 999) / 1000);
        break;
    case MEET_ENDED:
        say_ended(event);
        break;
    case MEET_UNKEPT:
        say("cannot write the file of --state, so no later run can go on from here: %s",
            err_reason(event->err));
        break;
    case MEET_REVEALED:
        if (event->reveal == MEET_REVEAL_AGAIN)
            say("message %zu has come again, probably from the same person, who started the "
                "program again",
                event->number);
        else
            show_message(narrator, event->message, event->message_bytes);
        break;
    case MEET_PLACED:
        say_placed(event->bucket);
        break;
    case MEET_NAMED_CLOSED:
        say("that bucket takes no more people: looking for others there, and waiting in another");
        break;
    case MEET_AWAY:
        say_away(event);
        break;
    case MEET_BACK:
        say("the server is back");
        break;
    case MEET_LOST:
        say("the server has lost our record; posting it again");
        break;
    case MEET_RENEWED:
        say("our bucket has expired; starting again in another");
        break;
    case MEET_CROWDED:
        say("far more people are here than usual: somebody may be flooding the server. The first "
            "share of computing is spent, so the work goes on slowly, in random order. Those you "
            "wait for may be among them: leave this running, or agree on a --bucket to meet in");
        break;
    case MEET_WINDOW_CROWDED:
        say("very many people have come lately; meeting may take longer");
        break;
    case MEET_PLACE_SPARSE:
        say("only %zu people are in this place: somebody who watches the server may see who meets. "
            "Choose a place that more people use",
            event->others);
        break;
    case MEET_REFUSED:
        say_refused(event);
        break;
    case MEET_PROGRESS:
        if (narrator->verbose)
            log_line(LOG_DEBUG, "progress",
                     "others=%zu worked=%zu queued=%zu answered=%zu owed=%zu refused=%zu",
                     event->others, event->met, event->queued, event->answered, event->owed,
                     event->refused);
        break;
    }
}

/* Where one server is meant, its address is said with what is wrong with it. */
static bool is_trouble(enum meet_event_kind kind)
{
    return kind == MEET_AWAY || kind == MEET_REFUSED || kind == MEET_ENDED || kind == MEET_LOST;
}

static void note_message(struct narrator *narrator, const struct meet_event *event)
{
    narrator->counts[event->server].owed = event->owed;
    if (event->reveal == MEET_REVEAL_NEW)
        narrator->progress.messages = ++narrator->shown;
}

static void note_away(struct narrator *narrator, const struct meet_event *event)
{
    if (event->kind == MEET_AWAY || event->kind == MEET_ENDED)
        narrator->away |= 1u << event->server;
    if (event->kind == MEET_BACK || event->kind == MEET_PLACED)
        narrator->away &= ~(1u << event->server);
}

void narrator_event(struct narrator *narrator, const struct meet_event *event)
{
    bool named = narrator->servers->count > 1 || is_trouble(event->kind);
    say_about(named ? narrator->servers->text[event->server] : NULL);
    note_away(narrator, event);
    if (event->kind == MEET_REVEALED)
        note_message(narrator, event);
    if (event->kind == MEET_PROGRESS)
        note_progress(narrator, event);
    bool is_known = event->kind == MEET_REVEALED && event->reveal == MEET_REVEAL_TOLD;
    if (!narrator->json && !is_known)
        say_event(narrator, event);
    else if (!is_known)
        note_written(narrator, events_meet(event, narrator->servers->text[event->server]));
    if (event->kind == MEET_REVEALED && event->reveal == MEET_REVEAL_NEW &&
        narrator->expected > 0 && narrator->shown > narrator->expected)
        warn_exceeded(narrator);
    if (event->kind == MEET_PLACED || event->kind == MEET_PROGRESS)
        show_progress(narrator);
    say_about(NULL);
}

/* Minutes, of which few are told as seconds. Returns: `text`. */
static const char *span(char text[static SPAN_BYTES], int64_t seconds)
{
    if (seconds <= SECONDS_TOLD_MAX)
        snprintf(text, SPAN_BYTES, "%" PRId64 " s", seconds);
    else
        snprintf(text, SPAN_BYTES, "%" PRId64 " min", (seconds + 59) / 60);
    return text;
}

void narrator_stays(struct narrator *narrator, int64_t seconds)
{
    char text[SPAN_BYTES];
    if (!narrator->json)
        say("staying for %s, drawn at random (--duration sets a time)", span(text, seconds));
    else
        note_written(narrator, events_seconds("staying", seconds));
}

void narrator_lingers(struct narrator *narrator, int64_t seconds)
{
    if (!narrator->json)
        say("all expected messages have come; staying %" PRId64
            " seconds more, so that the time of leaving shows nothing (Ctrl-C goes on in the "
            "background; --no-linger leaves at once)",
            seconds);
    else
        note_written(narrator, events_seconds("lingering", seconds));
}

void narrator_will_go_on(struct narrator *narrator, int64_t seconds)
{
    char text[SPAN_BYTES];
    if (!narrator->json)
        say("going on in the background for %s, so that the time of leaving shows nothing; press "
            "Ctrl-C again to end it now, which shows that somebody was met",
            span(text, seconds));
}

void narrator_goes_on(struct narrator *narrator, int64_t pid, int64_t seconds)
{
    char text[SPAN_BYTES];
    if (!narrator->json)
        say("process %" PRId64 " goes on in the background for %s", pid, span(text, seconds));
    else
        note_written(narrator, events_background(pid, seconds));
}

bool narrator_begin(struct narrator *narrator)
{
    /* Whoever meets somebody and cannot tell it has met them in vain. */
    note_written(narrator, output_room(STDOUT_FILENO, ROOM_BYTES));
    if (narrator->json && !narrator->broken)
        note_written(narrator, ends_start(narrator->program));
    if (narrator->broken)
        outcome_unwritable(narrator->broken);
    if (!narrator->json && !narrator->verbose)
        status_line_open();
    return !narrator->broken;
}

/* Why nobody, or too few, were met. Who has gone does not answer, and may have known it. */
static void say_alone(const struct narrator *narrator)
{
    const struct progress *seen = &narrator->progress;
    const char *more = narrator->shown > 0 ? " else" : "";
    if (narrator->shown > 0)
        say("%zu of %zu expected messages came", narrator->shown, narrator->expected);
    if (seen->others == 0)
        say("nobody%s was met: nobody else was there", more);
    else if (seen->answered == 0)
        say("nobody%s was met: %zu other%s there and did not answer", more, seen->others,
            seen->others == 1 ? " was" : "s were");
    else
        say("nobody%s was met: %zu other%s there, %zu of them answered, and none%s of those knew "
            "the passphrase",
            more, seen->others, seen->others == 1 ? " was" : "s were", seen->answered,
            narrator->shown > 0 ? " but the senders" : "");
}

enum outcome narrator_end(struct narrator *narrator, enum outcome outcome)
{
    status_line_close();
    if (outcome == OUTCOME_ALONE && !narrator->json)
        say_alone(narrator);
    int err = narrator->json && !narrator->broken
                  ? events_end(narrator->program, outcome, narrator->shown, &narrator->progress)
                  : 0;
    return err ? outcome_unwritable(err) : outcome;
}
