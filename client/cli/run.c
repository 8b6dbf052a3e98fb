#include "cli/run.h"

#include <sched.h>
#include <string.h>

#include "base/secret.h"
#include "cli/narrator.h"
#include "cli/prompt.h"
#include "cli/signals.h"
#include "cli/utf8.h"
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

/* Ask if it was not given. Gives: OUTCOME_MET to go on. */
static enum outcome ask(struct secret_text *text, const char *name, const char *question,
                        bool hidden, const struct stop_source *stop)
{
    if (text->text)
        return OUTCOME_MET;
    int err = prompt_line(text, question, hidden, stop);
    switch (err) {
    case 0:
        return OUTCOME_MET;
    case -ENOENT:
        narrator_say("there is no %s", name);
        return OUTCOME_USAGE;
    case -EMSGSIZE:
        narrator_say("the %s is over %d bytes long", name, SECRET_TEXT_BYTES_MAX);
        return OUTCOME_USAGE;
    case -ECANCELED:
        return OUTCOME_INTERRUPTED;
    default:
        return failed(err);
    }
}

static enum outcome check_texts(const struct options *options)
{
    const struct secret_text *message = &options->message;
    if (options->passphrase.bytes == 0) {
        narrator_say("an empty passphrase protects nothing");
        return OUTCOME_USAGE;
    }
    if (message->bytes > MESSAGE_BYTES) {
        narrator_say("the message has %zu bytes; more than %d do not fit", message->bytes,
                     MESSAGE_BYTES);
        return OUTCOME_USAGE;
    }
    if (!utf8_is_valid((const uint8_t *)message->text, message->bytes)) {
        narrator_say("the message is not UTF-8");
        return OUTCOME_USAGE;
    }
    if (message->bytes > 0 && message->text[message->bytes - 1] == ' ')
        narrator_say("spaces at the end of a message are lost");
    return OUTCOME_MET;
}

static enum outcome prepare_texts(struct options *options, const struct stop_source *stop)
{
    enum outcome outcome = ask(&options->message, "message", "Message: ", false, stop);
    if (outcome == OUTCOME_MET)
        outcome = ask(&options->passphrase, "passphrase", "Passphrase: ", true, stop);
    return outcome == OUTCOME_MET ? check_texts(options) : outcome;
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
    if (err == -EPROTO)
        narrator_say("there is no REUNION server (%s)", why);
    else if (err == -EHOSTUNREACH)
        narrator_say("the server cannot be reached (%s)", why);
    else if (err != -ECANCELED && err != -EPERM)
        narrator_say("%s", err_text(err));
}

static enum outcome attend(const struct options *options, const uint8_t *payload,
                           struct transport *transport, const struct signals *signals,
                           const struct stop_source *stop)
{
    struct narrator narrator = {.verbose = options->verbose};
    struct transport_place named;
    memcpy(named.token, options->bucket.link, ID_BYTES);
    struct meet_settings settings = {
        .passphrase = (const uint8_t *)options->passphrase.text,
        .passphrase_bytes = options->passphrase.bytes,
        .payload = payload,
        .payload_bytes = MESSAGE_BYTES,
        .named = options->bucket.given ? &named : NULL,
        .threads = options->jobs > 0 ? (unsigned)options->jobs : processors(),
        .peers_max = PEERS_MAX,
        .bounds = bounds,
        .start_patience_ms = START_PATIENCE_MS,
        .clock = &clock_system,
        .random = &random_system,
        .stop = stop,
        .event = narrator_event,
        .event_state = &narrator,
    };
    struct meet *meet;
    int err = meet_open(&meet, transport, &settings);
    if (err)
        return failed(err);
    while (!err && !narrator.broken)
        err = meet_step(meet);
    meet_free(meet);
    if (narrator.broken)
        return failed(-EIO);
    say_end(err, transport);
    return outcome_of(err, signals_cause(signals), narrator.shown > 0, narrator.away);
}

static enum outcome connect_and_attend(const struct options *options, const uint8_t *payload,
                                       const struct signals *signals,
                                       const struct stop_source *stop)
{
    struct http *http = NULL;
    struct transport *transport;
    const struct http_settings way = {
        .server = options->servers.text[0], .random = &random_system, .stop = stop};
    const char *complaint;
    int err = http_open(&http, &way, &complaint);
    if (err == -EINVAL) {
        narrator_say("%s", complaint);
        return OUTCOME_USAGE;
    }
    if (!err)
        err = options->reference
                  ? transport_reference_open(&transport, http, &clock_system, &random_system, stop)
                  : transport_v1_open(&transport, http);
    if (err) {
        http_free(http);
        return failed(err);
    }
    enum outcome outcome = attend(options, payload, transport, signals, stop);
    transport->verbs->free(transport);
    http_free(http);
    return outcome;
}

/* The message as everybody's payload: padded to one length, so that its own does not show. */
static enum outcome pad_and_attend(const struct options *options, const struct signals *signals,
                                   const struct stop_source *stop)
{
    uint8_t *payload = secret_alloc(MESSAGE_BYTES);
    if (!payload)
        return failed(-ENOMEM);
    memset(payload, ' ', MESSAGE_BYTES);
    memcpy(payload, options->message.text, options->message.bytes);
    enum outcome outcome = connect_and_attend(options, payload, signals, stop);
    secret_free(payload);
    return outcome;
}

enum outcome run(struct options *options)
{
    struct signals signals;
    int err = signals_open(&signals);
    if (err)
        return failed(err);
    struct stop_source stop = signals_source(&signals);
    enum outcome outcome = prepare_texts(options, &stop);
    if (outcome == OUTCOME_MET && options->duration_s > 0 &&
        signals_stop_after(&signals, options->duration_s))
        outcome = failed(-EIO);
    if (outcome == OUTCOME_MET)
        outcome = pad_and_attend(options, &signals, &stop);
    signals_close(&signals);
    return outcome;
}
