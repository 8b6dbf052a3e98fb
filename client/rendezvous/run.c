#include "rendezvous/run.h"

#include <string.h>

#include "base/secret.h"
#include "cli/bounds.h"
#include "cli/credentials.h"
#include "cli/signals.h"
#include "rendezvous/first_look.h"
#include "rendezvous/transports.h"
#include "rendezvous/while_typing.h"
#include "run/engine.h"
#include "run/exit_policy.h"
#include "run/exit_status.h"
#include "run/message.h"
#include "run/persistence.h"
#include "run/reporter.h"
#include "run/worker.h"
#include "session/multi_session.h"
#include "session/session_progress.h"

enum {
    START_PATIENCE_S = 30, /* without --duration */
};

/* What the parts of one run share. */
struct run {
    const struct run_options *options;
    transports_opener *open;
    const uint8_t *payload; /* guarded */
    struct signals signals;
    struct stop_source stop;
    struct reporter reporter;
    struct first_process first;
    struct exit_policy exit_policy;
    struct transports transports;
    struct while_typing typing;
    struct persistence persistence;
    bool reporting_again;   /* all that is told is of an earlier run that left nothing to be done */
    size_t reported_before; /* messages of an earlier run that have not come again in this one */
};

static void take_reveal(struct run *run, enum session_reveal reveal)
{
    if (reveal == SESSION_REVEAL_REPORTED) {
        if (run->reported_before > 0)
            run->reported_before--;
        return;
    }
    persistence_await(&run->persistence); /* a multi-session keeps all anew after it */
    if (reveal == SESSION_REVEAL_NEW && !run->reporting_again)
        persistence_go_on(&run->persistence);
}

static void take_event(void *state, const struct session_event *event)
{
    struct run *run = state;
    if (!exit_policy_enter(&run->exit_policy))
        return;
    reporter_event(&run->reporter, event);
    if (event->kind == SESSION_REVEALED)
        take_reveal(run, event->reveal);
    if (exit_policy_leave(&run->exit_policy, reporter_owed(&run->reporter) + run->reported_before))
        persistence_finish(&run->persistence);
}

/* Whether requests take no longer than what is computed meanwhile. */
static bool is_near(const struct run *run)
{
    return !run->options->shared.proxy && !run->transports.mixes;
}

static struct session_settings session_settings(struct run *run,
                                                const struct transport_place *named)
{
    const struct run_options *options = run->options;
    return (struct session_settings){
        .passphrase = (const uint8_t *)options->shared.passphrase.text,
        .passphrase_bytes = options->shared.passphrase.bytes,
        .payload = run->payload,
        .payload_bytes = MESSAGE_BYTES,
        .named = options->bucket.given ? named : NULL,
        .place_tag = options->place_tag,
        .threads = engine_threads(options->jobs),
        .prepare = is_near(run),
        .preparing = &run->typing.preparing,
        .actions_max = (size_t)options->max_peers,
        .others_max = SESSION_PROGRESS_OTHERS_USUAL,
        .effort_max = (uint32_t)options->max_effort,
        .effort_most = (uint32_t)options->effort,
        .bounds = bounds_of(&options->shared),
        .start_patience_ms =
            options->duration_s > 0 ? SESSION_PATIENCE_ENDLESS : START_PATIENCE_S * 1000,
        .open_until_ms = run->exit_policy.open_until_ms,
        .clock = &clock_system,
        .random = &random_system,
        .stop = &run->stop,
        .event = take_event,
        .event_state = run,
    };
}

/* Whether an earlier run left nothing to be done. If not, its messages count, and nobody leaves
 * before those who may not have our answers have been dealt with once more. */
static bool has_finished_before(struct run *run, const struct multi_session *multi_session)
{
    size_t reported = multi_session_reported(multi_session),
           wanted = run->exit_policy.expected_count.wanted;
    bool owed = !run->persistence.finished;
    if (!owed && wanted > 0 && reported >= wanted) {
        run->exit_policy.expected_count.wanted = 0; /* nobody is waited for */
        run->reporting_again = true;
        return true;
    }
    run->reporter.shown = reported;
    run->reported_before = owed ? reported : 0;
    return false;
}

/* The time is over, and some servers were never reached, or not any more: one that had not answered
 * yet is reported as well. */
static void report_unreached(struct run *run, const struct multi_session *multi_session)
{
    const struct transports *transports = &run->transports;
    if (signals_cause(&run->signals) != STOP_TIME_OVER ||
        expected_count_is_met(&run->exit_policy.expected_count, reporter_counted(&run->reporter)) ||
        !exit_policy_enter(&run->exit_policy))
        return;
    for (size_t i = 0; i < transports->count; i++) {
        const char *trouble = transports->transports[i]->trouble;
        bool is_away = run->reporter.away & (1u << i) || !multi_session_reached(multi_session, i);
        /* Else the time went into work of our own, which is said elsewhere. */
        bool asked = trouble || transports->transports[i]->unanswered;
        if (multi_session_ended(multi_session, i) != -ECANCELED || !is_away || !asked)
            continue;
        int err = multi_session_trouble(multi_session, i);
        reporter_event(&run->reporter,
                       &(struct session_event){
                           .kind = SESSION_ENDED,
                           .server = i,
                           .err = err ? err : -EHOSTUNREACH,
                           .trouble = trouble ? trouble : "no answer before the time was over"});
    }
    exit_policy_leave(&run->exit_policy, reporter_owed(&run->reporter) + run->reported_before);
}

static enum outcome stay(struct run *run, struct multi_session *multi_session)
{
    enum outcome outcome = persistence_resume(&run->persistence, multi_session);
    if (outcome != OUTCOME_DONE)
        return outcome;
    exit_policy_report(&run->exit_policy);
    int err = 0;
    if (has_finished_before(run, multi_session))
        multi_session_report_again(multi_session);
    else
        err = multi_session_run(multi_session);
    if (err == -ECANCELED)
        report_unreached(run, multi_session);
    if (run->reporter.broken)
        return outcome_unwritable(run->reporter.broken);
    unsigned all = (1u << run->transports.count) - 1;
    return exit_status_outcome(&(struct exit_status){.err = err,
                                                     .cause = signals_cause(&run->signals),
                                                     .messages = reporter_counted(&run->reporter),
                                                     .expected = (size_t)run->options->expect,
                                                     .away = run->reporter.away == all});
}

static struct transport_place named_place(const struct run_options *options)
{
    struct transport_place named;
    memcpy(named.token, options->bucket.bucket_hash, ID_BYTES);
    return named;
}

static enum outcome take_part(struct run *run)
{
    const struct transport_place named = named_place(run->options);
    const struct multi_session_settings settings = {
        .session = session_settings(run, &named),
        .transports = run->transports.transports,
        .names = run->options->servers.text,
        .count = run->transports.count,
        .keeper = persistence_keeper(&run->persistence),
        .muted = &run->exit_policy.muted,
    };
    struct multi_session *multi_session;
    int err = multi_session_open(&multi_session, &settings);
    if (err)
        return outcome_failed(err, "begin a session");
    enum outcome outcome = stay(run, multi_session);
    multi_session_free(multi_session);
    return outcome;
}

static enum outcome open_state_and_take_part(struct run *run)
{
    enum outcome outcome = persistence_open(&run->persistence, run->options);
    if (outcome == OUTCOME_DONE)
        outcome = take_part(run);
    persistence_close(&run->persistence);
    return outcome;
}

/* The message as everybody's payload: padded to one length, so that its own does not show. */
static enum outcome pad_and_take_part(struct run *run)
{
    uint8_t *payload = message_padded(&run->options->message, MESSAGE_BYTES);
    if (!payload)
        return outcome_failed(-ENOMEM, "begin a session");
    run->payload = payload;
    enum outcome outcome = open_state_and_take_part(run);
    secret_free(payload);
    return outcome;
}

/* The time to stay does not run yet. */
static enum outcome look_first(struct run *run, const struct run_options *options)
{
    const struct transport_place named = named_place(options);
    int64_t patience_s = options->duration_s > 0 ? options->duration_s : START_PATIENCE_S;
    return first_look(&run->transports, options->bucket.given ? &named : NULL, &run->reporter,
                      patience_s, &run->signals);
}

static enum outcome set_time_and_take_part(struct run *run, const struct run_options *options)
{
    int err = exit_policy_open(&run->exit_policy, options, (size_t)options->expect, &run->signals,
                               &run->reporter, &run->first);
    enum outcome outcome =
        err ? outcome_failed(err, "set the time of leaving") : pad_and_take_part(run);
    exit_policy_close(&run->exit_policy);
    return outcome;
}

/* Its answers are needed for what is computed while a person types. */
static enum outcome look_and_gather(struct run *run, struct run_options *options)
{
    const struct transport_place named = named_place(options);
    const struct bucket_bounds bounds = bounds_of(&options->shared);
    enum outcome outcome = look_first(run, options);
    if (outcome == OUTCOME_DONE && is_near(run))
        while_typing_begin(&run->typing, run->transports.transports[0],
                           options->bucket.given ? &named : NULL, &bounds,
                           engine_threads(options->jobs));
    if (outcome == OUTCOME_DONE)
        outcome = message_gather(options, MESSAGE_BYTES, &run->signals);
    while_typing_end(&run->typing);
    return outcome;
}

/* Errors in options and servers are reported before anybody is asked for anything. */
static enum outcome gather_and_take_part(struct run *run, struct run_options *options)
{
    enum outcome outcome = credentials_ready(&options->shared);
    if (outcome == OUTCOME_DONE)
        outcome = persistence_look(options);
    if (outcome == OUTCOME_DONE)
        outcome = run->open(&run->transports, options, &run->stop);
    mixes_mute(run->transports.mixes, &run->exit_policy.muted);
    if (outcome == OUTCOME_DONE)
        outcome = message_asks(options) ? look_and_gather(run, options)
                                        : message_gather(options, MESSAGE_BYTES, &run->signals);
    if (outcome == OUTCOME_DONE)
        outcome = set_time_and_take_part(run, options);
    preparing_close(&run->typing.preparing);
    transports_close(&run->transports);
    return outcome;
}

static enum outcome work(struct run *run, struct run_options *options)
{
    int err = signals_open(&run->signals);
    if (err)
        return outcome_failed(err, "take signals");
    run->stop = signals_source(&run->signals);
    enum outcome outcome = OUTCOME_FAILED;
    if (reporter_begin(&run->reporter))
        outcome = gather_and_take_part(run, options);
    signals_close(&run->signals);
    return reporter_end(&run->reporter, outcome);
}

enum outcome run(const struct program *program, struct run_options *options,
                 transports_opener *open)
{
    struct run run = {.options = options,
                      .open = open,
                      .first = {.link = -1},
                      .reporter = {.program = program,
                                   .json = options->shared.json,
                                   .verbose = options->shared.verbose,
                                   .expected = (size_t)options->expect,
                                   .servers = &options->servers,
                                   .clock = &clock_system,
                                   .own = &options->message}};
    enum outcome outcome;
    if (!worker_begin(&run.first, program, options, &outcome))
        return outcome;
    return work(&run, options);
}
