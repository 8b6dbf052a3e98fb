#include "rendezvous/run.h"

#include <string.h>

#include "base/secret.h"
#include "cli/bounds.h"
#include "cli/credentials.h"
#include "cli/signals.h"
#include "rendezvous/first_look.h"
#include "rendezvous/transports.h"
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
    const struct rendezvous_options *options;
    ways_opener *open;
    const uint8_t *payload; /* guarded */
    struct signals signals;
    struct stop_source stop;
    struct narrator narrator;
    struct first_process first;
    struct leaving leaving;
    struct ways ways;
    struct keeping keeping;
    bool retelling;     /* all that is told is of an earlier run that left nothing to be done */
    size_t told_before; /* messages of an earlier run that have not come again in this one */
};

/* Whether a company keeps all anew after that event. */
static bool is_kept_next(const struct meet_event *event)
{
    return event->kind == MEET_REVEALED && event->reveal != MEET_REVEAL_TOLD;
}

static void take_event(void *state, const struct meet_event *event)
{
    struct run *run = state;
    if (!leaving_enter(&run->leaving))
        return;
    narrator_event(&run->narrator, event);
    if (is_kept_next(event))
        keeping_await(&run->keeping);
    if (event->kind == MEET_REVEALED && event->reveal == MEET_REVEAL_NEW && !run->retelling)
        keeping_go_on(&run->keeping);
    if (event->kind == MEET_REVEALED && event->reveal == MEET_REVEAL_TOLD && run->told_before > 0)
        run->told_before--;
    if (leaving_exit(&run->leaving, narrator_owed(&run->narrator) + run->told_before))
        keeping_finish(&run->keeping);
}

static struct meet_settings meet_settings(struct run *run, const struct transport_place *named)
{
    const struct rendezvous_options *options = run->options;
    return (struct meet_settings){
        .passphrase = (const uint8_t *)options->shared.passphrase.text,
        .passphrase_bytes = options->shared.passphrase.bytes,
        .payload = run->payload,
        .payload_bytes = MESSAGE_BYTES,
        .named = options->bucket.given ? named : NULL,
        .place_tag = options->place_tag,
        .threads = engine_threads(options->jobs),
        .actions_max = options->max_peers > 0 ? (size_t)options->max_peers : BUDGET_USUAL,
        .others_max = ATTENDANCE_OTHERS_USUAL,
        .effort_max = (uint32_t)options->max_effort,
        .effort_most = (uint32_t)options->effort,
        .bounds = bounds_of(&options->shared),
        .start_patience_ms =
            options->duration_s > 0 ? MEET_PATIENCE_ENDLESS : START_PATIENCE_S * 1000,
        .open_until_ms = run->leaving.open_until_ms,
        .clock = &clock_system,
        .random = &random_system,
        .stop = &run->stop,
        .event = take_event,
        .event_state = run,
    };
}

/* Whether an earlier run left nothing to be done. If not, its messages count, and nobody leaves
 * before those who may not have our answers have been dealt with once more. */
static bool has_finished_before(struct run *run, const struct company *company)
{
    size_t told = company_told(company), wanted = run->leaving.expectation.wanted;
    bool owed = !run->keeping.finished;
    if (!owed && wanted > 0 && told >= wanted) {
        run->leaving.expectation.wanted = 0; /* nobody is waited for */
        run->retelling = true;
        return true;
    }
    run->narrator.shown = told;
    run->told_before = owed ? told : 0;
    return false;
}

/* The time is over, and some servers were never reached, or not any more: one that had not answered
 * yet is told of as well. */
static void tell_unreached(struct run *run, const struct company *company)
{
    const struct ways *ways = &run->ways;
    if (signals_cause(&run->signals) != STOP_TIME_OVER ||
        expectation_is_met(&run->leaving.expectation, run->narrator.shown) ||
        !leaving_enter(&run->leaving))
        return;
    for (size_t i = 0; i < ways->count; i++) {
        const char *trouble = ways->transports[i]->trouble;
        bool is_away = run->narrator.away & (1u << i) || !company_reached(company, i);
        if (company_ended(company, i) != -ECANCELED || !is_away)
            continue;
        narrator_event(&run->narrator,
                       &(struct meet_event){
                           .kind = MEET_ENDED,
                           .server = i,
                           .err = -EHOSTUNREACH,
                           .trouble = trouble ? trouble : "no answer before the time was over"});
    }
    leaving_exit(&run->leaving, narrator_owed(&run->narrator) + run->told_before);
}

static enum outcome stay(struct run *run, struct company *company)
{
    enum outcome outcome = keeping_resume(&run->keeping, company);
    if (outcome != OUTCOME_DONE)
        return outcome;
    leaving_tell(&run->leaving);
    int err = 0;
    if (has_finished_before(run, company))
        company_retell(company);
    else
        err = company_run(company);
    if (err == -ECANCELED)
        tell_unreached(run, company);
    if (run->narrator.broken)
        return outcome_unwritable(run->narrator.broken);
    unsigned all = (1u << run->ways.count) - 1;
    return ending_outcome(&(struct ending){.err = err,
                                           .cause = signals_cause(&run->signals),
                                           .messages = run->narrator.shown,
                                           .expected = (size_t)run->options->expect,
                                           .away = run->narrator.away == all});
}

static struct transport_place named_place(const struct rendezvous_options *options)
{
    struct transport_place named;
    memcpy(named.token, options->bucket.link, ID_BYTES);
    return named;
}

static enum outcome attend(struct run *run)
{
    const struct transport_place named = named_place(run->options);
    const struct company_settings settings = {
        .meet = meet_settings(run, &named),
        .transports = run->ways.transports,
        .names = run->options->servers.text,
        .count = run->ways.count,
        .keeper = keeping_keeper(&run->keeping),
        .muted = &run->leaving.muted,
    };
    struct company *company;
    int err = company_open(&company, &settings);
    if (err)
        return outcome_failed(err, "begin a session");
    enum outcome outcome = stay(run, company);
    company_free(company);
    return outcome;
}

static enum outcome open_state_and_attend(struct run *run)
{
    enum outcome outcome = keeping_open(&run->keeping, run->options);
    if (outcome == OUTCOME_DONE)
        outcome = attend(run);
    keeping_close(&run->keeping);
    return outcome;
}

/* The message as everybody's payload: padded to one length, so that its own does not show. */
static enum outcome pad_and_attend(struct run *run)
{
    uint8_t *payload = message_padded(&run->options->message, MESSAGE_BYTES);
    if (!payload)
        return outcome_failed(-ENOMEM, "begin a session");
    run->payload = payload;
    enum outcome outcome = open_state_and_attend(run);
    secret_free(payload);
    return outcome;
}

/* The time to stay does not run yet. */
static enum outcome look_first(struct run *run, const struct rendezvous_options *options)
{
    const struct transport_place named = named_place(options);
    int64_t patience_s = options->duration_s > 0 ? options->duration_s : START_PATIENCE_S;
    return first_look(&run->ways, options->bucket.given ? &named : NULL, &run->narrator, patience_s,
                      &run->signals);
}

static enum outcome set_time_and_attend(struct run *run, const struct rendezvous_options *options)
{
    int err = leaving_open(&run->leaving, options, (size_t)options->expect, &run->signals,
                           &run->narrator, &run->first);
    enum outcome outcome =
        err ? outcome_failed(err, "set the time of leaving") : pad_and_attend(run);
    leaving_close(&run->leaving);
    return outcome;
}

/* What is wrong with options and servers is told before anybody is asked for anything. */
static enum outcome gather_and_attend(struct run *run, struct rendezvous_options *options)
{
    enum outcome outcome = words_ready(&options->shared);
    if (outcome == OUTCOME_DONE)
        outcome = keeping_look(options);
    if (outcome == OUTCOME_DONE)
        outcome = run->open(&run->ways, options, &run->stop);
    if (outcome == OUTCOME_DONE && message_asks(options))
        outcome = look_first(run, options);
    if (outcome == OUTCOME_DONE)
        outcome = message_gather(options, MESSAGE_BYTES, &run->signals);
    if (outcome == OUTCOME_DONE)
        outcome = set_time_and_attend(run, options);
    ways_close(&run->ways);
    return outcome;
}

static enum outcome work(struct run *run, struct rendezvous_options *options)
{
    int err = signals_open(&run->signals);
    if (err)
        return outcome_failed(err, "take signals");
    run->stop = signals_source(&run->signals);
    enum outcome outcome = OUTCOME_FAILED;
    if (narrator_begin(&run->narrator))
        outcome = gather_and_attend(run, options);
    signals_close(&run->signals);
    return narrator_end(&run->narrator, outcome);
}

enum outcome run(const struct program *program, struct rendezvous_options *options,
                 ways_opener *open)
{
    struct run run = {.options = options,
                      .open = open,
                      .first = {.link = -1},
                      .narrator = {.program = program,
                                   .json = options->shared.json,
                                   .verbose = options->shared.verbose,
                                   .expected = (size_t)options->expect,
                                   .servers = &options->servers,
                                   .clock = &clock_system}};
    enum outcome outcome;
    if (!worker_begin(&run.first, program, options, &outcome))
        return outcome;
    return work(&run, options);
}
