#include "cli/run.h"

#include <sched.h>
#include <string.h>

#include "base/secret.h"
#include "cli/expectation.h"
#include "cli/narrator.h"
#include "cli/signals.h"
#include "cli/words.h"
#include "meet/meet.h"
#include "net/http.h"
#include "net/transport_reference.h"
#include "net/transport_v1.h"

enum {
    PEERS_MAX = 4096, /* all others in 64 full buckets */
    START_PATIENCE_MS = 2000,
    JOBS_DEFAULT_MAX = 64,
};

static const struct bucket_bounds bounds = {
    .tolerance_s = 300,
    .open_window_s_max = 24 * 60 * 60,
    .sequence_max = 16,
};

static enum outcome failed(int err)
{
    narrator_say("%s", err_text(err));
    return OUTCOME_FAILED;
}

static unsigned processors(void)
{
    cpu_set_t ours;
    int count = sched_getaffinity(0, sizeof ours, &ours) == 0 ? CPU_COUNT(&ours) : 1;
    if (count < 1)
        count = 1;
    return count < JOBS_DEFAULT_MAX ? (unsigned)count : JOBS_DEFAULT_MAX;
}

/* What is to be said about a meet's end; a refusal has been told, and a stop is no news. */
static void say_end(int err, const struct transport *transport)
{
    const char *why = transport->trouble ? transport->trouble : err_text(err);
    if (err == 0)
        return;
    if (err == -EPROTO)
        narrator_say("there is no REUNION server (%s)", why);
    else if (err == -EHOSTUNREACH)
        narrator_say("the server cannot be reached (%s)", why);
    else if (err != -ECANCELED && err != -EPERM)
        narrator_say("%s", err_text(err));
}

/* What the parts of one run share. */
struct run {
    const struct options *options;
    const uint8_t *payload; /* guarded */
    struct signals signals;
    struct stop_source stop;
    struct narrator narrator;
    struct expectation expectation;
};

/* Whether all that was expected is done; begins to linger when it is time for that. */
static int is_enough(struct run *run, const struct meet *meet, bool *enough)
{
    int64_t now_ms = clock_monotonic_ms(&clock_system);
    enum expectation_next next = expectation_look(&run->expectation, run->narrator.shown,
                                                  meet_owed(meet), now_ms, &random_system);
    *enough = next == EXPECTATION_LEAVE;
    if (next != EXPECTATION_LINGER)
        return 0;
    int64_t seconds = (run->expectation.leave_ms - now_ms + 999) / 1000;
    narrator_lingers(&run->narrator, seconds);
    return signals_stop_after(&run->signals, seconds);
}

/* Take part until told to stop, or until all expected have come.
 * Gives: 0 (they have), or what ended the meet. */
static int stay(struct run *run, struct meet *meet)
{
    bool enough = false;
    int err = 0;
    while (!err && !enough && !run->narrator.broken) {
        err = meet_step(meet);
        if (!err)
            err = is_enough(run, meet, &enough);
    }
    return err;
}

static enum outcome attend(struct run *run, struct transport *transport)
{
    const struct options *options = run->options;
    struct transport_place named;
    memcpy(named.token, options->bucket.link, ID_BYTES);
    struct meet_settings settings = {
        .passphrase = (const uint8_t *)options->passphrase.text,
        .passphrase_bytes = options->passphrase.bytes,
        .payload = run->payload,
        .payload_bytes = MESSAGE_BYTES,
        .named = options->bucket.given ? &named : NULL,
        .threads = options->jobs > 0 ? (unsigned)options->jobs : processors(),
        .peers_max = PEERS_MAX,
        .bounds = bounds,
        .start_patience_ms = START_PATIENCE_MS,
        .clock = &clock_system,
        .random = &random_system,
        .stop = &run->stop,
        .event = narrator_event,
        .event_state = &run->narrator,
    };
    struct meet *meet;
    int err = meet_open(&meet, transport, &settings);
    if (err)
        return failed(err);
    err = stay(run, meet);
    meet_free(meet);
    if (run->narrator.broken)
        return failed(-EIO);
    say_end(err, transport);
    return outcome_of(&(struct outcome_facts){.err = err,
                                              .cause = signals_cause(&run->signals),
                                              .messages = run->narrator.shown,
                                              .expected = (size_t)options->expect,
                                              .away = run->narrator.away});
}

static enum outcome connect_and_attend(struct run *run)
{
    const struct options *options = run->options;
    struct http *http = NULL;
    struct transport *transport;
    const struct http_settings way = {
        .server = options->servers.text[0], .random = &random_system, .stop = &run->stop};
    const char *complaint;
    int err = http_open(&http, &way, &complaint);
    if (err == -EINVAL) {
        narrator_say("%s", complaint);
        return OUTCOME_USAGE;
    }
    if (!err)
        err = options->reference ? transport_reference_open(&transport, http, &clock_system,
                                                            &random_system, &run->stop)
                                 : transport_v1_open(&transport, http);
    if (err) {
        http_free(http);
        return failed(err);
    }
    enum outcome outcome = attend(run, transport);
    transport->verbs->free(transport);
    http_free(http);
    return outcome;
}

/* The message as everybody's payload: padded to one length, so that its own does not show. */
static enum outcome pad_and_attend(struct run *run)
{
    const struct secret_text *message = &run->options->message;
    uint8_t *payload = secret_alloc(MESSAGE_BYTES);
    if (!payload)
        return failed(-ENOMEM);
    memset(payload, ' ', MESSAGE_BYTES);
    memcpy(payload, message->text, message->bytes);
    run->payload = payload;
    enum outcome outcome = connect_and_attend(run);
    secret_free(payload);
    return outcome;
}

static enum outcome gather_and_attend(struct run *run, struct options *options)
{
    enum outcome outcome = words_gather(options, &random_system, &run->stop);
    if (outcome != OUTCOME_MET)
        return outcome;
    if (options->duration_s > 0 && signals_stop_after(&run->signals, options->duration_s))
        return failed(-EIO);
    return pad_and_attend(run);
}

enum outcome run(struct options *options)
{
    struct run run = {
        .options = options,
        .narrator = {.json = options->json,
                     .verbose = options->verbose,
                     .expected = (size_t)options->expect,
                     .clock = &clock_system},
        .expectation = {.wanted = (size_t)options->expect, .no_linger = options->no_linger}};
    int err = signals_open(&run.signals);
    if (err)
        return failed(err);
    run.stop = signals_source(&run.signals);
    enum outcome outcome = OUTCOME_FAILED;
    if (narrator_begin(&run.narrator))
        outcome = gather_and_attend(&run, options);
    signals_close(&run.signals);
    return narrator_end(&run.narrator, outcome);
}
