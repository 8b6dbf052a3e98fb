#include "group/introduction.h"

#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "cli/bounds.h"
#include "cli/credentials.h"
#include "cli/print.h"
#include "cli/status_line.h"
#include "run/engine.h"
#include "run/reporter.h"
#include "session/budget.h"
#include "session/session.h"
#include "session/session_progress.h"
#include "transport/packets.h"

_Static_assert((int)GROUP_PAYLOAD_BYTES == (int)MESSAGE_BYTES, "everybody's payload");

enum {
    PATIENCE_S = 10 * 60,  /* for the other person, unless told */
    START_PATIENCE_S = 30, /* for the server */
    SECOND_PATIENCE_S = 3, /* for a second one, once our answers are stored */
};

struct meeting_run {
    struct context *context;
    struct reporter reporter;
    const uint8_t *payload;
    uint8_t other[GROUP_PAYLOAD_BYTES];
    size_t count; /* of others with the passphrase */
    bool is_ending;
};

static void take_revealed(struct meeting_run *run, const struct session_event *event)
{
    bool is_same = run->count > 0 && memcmp(run->other, event->message, sizeof run->other) == 0;
    if (event->message_bytes != sizeof run->other || is_same)
        return;
    memcpy(run->other, event->message, sizeof run->other);
    run->count++;
}

static void take_event(void *state, const struct session_event *event)
{
    struct meeting_run *run = state;
    if (event->kind == SESSION_REVEALED)
        take_revealed(run, event);
    else
        reporter_event(&run->reporter, event);
    bool counts = event->kind == SESSION_REVEALED || event->kind == SESSION_PROGRESS;
    if (!counts || run->count == 0 || event->owed > 0 || run->is_ending)
        return;
    /* The other one can get our answer. Whoever else knows the passphrase shows soon. */
    run->is_ending = signals_stop_after(&run->context->signals, SECOND_PATIENCE_S) == 0;
}

static int hold_session(struct meeting_run *run, struct transport *transport)
{
    struct context *context = run->context;
    const struct options *shared = &context->options->shared;
    const struct session_settings settings = {
        .passphrase = (const uint8_t *)shared->passphrase.text,
        .passphrase_bytes = shared->passphrase.bytes,
        .payload = run->payload,
        .payload_bytes = GROUP_PAYLOAD_BYTES,
        .threads = engine_threads(context->options->jobs),
        .actions_max = BUDGET_USUAL,
        .others_max = SESSION_PROGRESS_OTHERS_USUAL,
        .bounds = bounds_of(shared),
        .start_patience_ms = START_PATIENCE_S * 1000,
        .open_until_ms = INT64_MAX,
        .clock = &clock_system,
        .random = &random_system,
        .stop = &context->stop,
        .event = take_event,
        .event_state = run,
    };
    struct session *session;
    int err = session_open(&session, transport, &settings);
    if (err)
        return err;
    while (!err)
        err = session_step(session);
    if (err != -ECANCELED)
        reporter_event(&run->reporter, &(struct session_event){.kind = SESSION_ENDED,
                                                               .err = err,
                                                               .trouble = transport->trouble});
    session_free(session);
    return err;
}

static enum outcome judge(const struct meeting_run *run, int err)
{
    if (signals_cause(&run->context->signals) == STOP_INTERRUPTED)
        return OUTCOME_INTERRUPTED;
    if (err == -EPERM)
        return OUTCOME_REFUSED;
    if (err == -ENOMEM || err == -EIO)
        return outcome_failed(err, "meet somebody");
    if (err != -ECANCELED)
        return OUTCOME_SERVER;
    if (run->count == 0) {
        print("nobody with this passphrase came");
        return OUTCOME_ALONE;
    }
    if (run->count > 1) {
        print("%zu others have this passphrase, and only one should: SOMEBODY ELSE KNOWS IT, or "
              "the other person started twice. Nobody was added; agree on another passphrase",
              run->count);
        return OUTCOME_EXCEEDED;
    }
    return OUTCOME_DONE;
}

static enum outcome introduce_at(struct meeting_run *run, struct transport *transport,
                                 struct group_introduction *other)
{
    struct context *context = run->context;
    int64_t wished_s = context->options->duration_s;
    int err = signals_stop_after(&context->signals, wished_s > 0 ? wished_s : PATIENCE_S);
    if (err)
        return outcome_failed(err, "set a timer");
    if (!context->options->shared.json && !context->options->shared.verbose)
        status_line_open();
    err = hold_session(run, transport);
    status_line_close();
    enum outcome outcome = judge(run, err);
    signals_stop_not(&context->signals);
    if (outcome != OUTCOME_DONE)
        return outcome;
    if (group_introduction_read(other, run->other)) {
        print("the other person with this passphrase sent no invitation to a group, or answer to "
              "one: is that another program?");
        return OUTCOME_REFUSED;
    }
    return OUTCOME_DONE;
}

enum outcome introduce(struct context *context, const struct group_introduction *own,
                       struct group_introduction *other)
{
    struct options *shared = &context->options->shared;
    const struct setting_strings servers = {.text = {context->stored.server}, .count = 1};
    struct meeting_run run = {.context = context,
                              .reporter = {.program = context->program,
                                           .json = shared->json,
                                           .verbose = shared->verbose,
                                           .servers = &servers,
                                           .clock = &clock_system}};
    struct transport *transport;
    uint8_t *payload;
    enum outcome outcome = credentials_passphrase(shared, shared->command == COMMAND_INVITE,
                                                  &random_system, &context->stop);
    if (outcome != OUTCOME_DONE)
        return outcome;
    payload = secret_alloc(GROUP_PAYLOAD_BYTES);
    int err =
        payload ? transport_packets_open(&transport, context->connection.packets, NULL) : -ENOMEM;
    if (err) {
        secret_free(payload);
        return outcome_failed(err, "meet somebody");
    }
    group_introduction_write(payload, own);
    run.payload = payload;
    outcome = introduce_at(&run, transport, other);
    transport->verbs->free(transport);
    secret_free(payload);
    return outcome;
}
