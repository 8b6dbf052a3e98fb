#include "rendezvous/check.h"

#include "cli/bounds.h"
#include "cli/print.h"
#include "cli/signals.h"
#include "rendezvous/check_packets.h"
#include "rendezvous/check_report.h"
#include "rendezvous/check_server.h"
#include "rendezvous/check_speed.h"
#include "rendezvous/findings.h"
#include "rendezvous/program.h"
#include "rendezvous/transports.h"
#include "run/engine.h"
#include "run/events.h"
#include "run/reporter.h"

static void look_at_all(struct findings *findings, const struct run_options *options,
                        const struct transports *transports, const struct stop_source *stop)
{
    const struct bucket_bounds bounds = bounds_of(&options->shared);
    for (size_t i = 0; i < transports->count && !findings->broken && !stop_asked(stop); i++) {
        findings_of(findings, options->servers.text[i]);
        const struct connection *connection = &transports->connections[i];
        if (connection->client_key)
            check_report_client_key(findings, connection->client_key->public_key);
        if (connection->packets)
            check_packets(findings, connection->packets, &bounds, &options->bucket,
                          options->place_tag);
        else
            check_server(findings, connection->http, &bounds, &options->bucket, options->place_tag);
    }
    findings_of(findings, NULL);
    /* With something to mend first it is no use to wait for it. */
    if (!findings->broken && findings->wrong == 0)
        check_speed(findings, engine_threads(options->jobs), stop);
}

static enum outcome sum_up(const struct findings *findings, const struct stop_source *stop)
{
    if (stop_asked(stop))
        return OUTCOME_INTERRUPTED;
    if (findings->broken)
        return outcome_unwritable(findings->broken);
    if (findings->wrong > 0)
        print("something is wrong: each line that begins with WRONG says what to do");
    return findings->outcome;
}

static enum outcome open_and_look(const struct run_options *options, const struct stop_source *stop)
{
    struct transports transports;
    struct findings findings = {.json = options->shared.json, .outcome = OUTCOME_DONE};
    enum outcome outcome = transports_open(&transports, options, stop);
    if (outcome == OUTCOME_DONE) {
        look_at_all(&findings, options, &transports, stop);
        outcome = sum_up(&findings, stop);
    }
    transports_close(&transports);
    return outcome;
}

enum outcome check(const struct program *program, const struct run_options *options)
{
    struct signals signals;
    int err = signals_open(&signals);
    if (err)
        return outcome_failed(err, "take signals");
    struct stop_source stop = signals_source(&signals);
    struct reporter reporter = {.program = program, .json = options->shared.json, .verbose = true};
    enum outcome outcome = OUTCOME_FAILED;
    if (reporter_begin(&reporter))
        outcome = open_and_look(options, &stop);
    signals_close(&signals);
    return reporter_end(&reporter, outcome);
}
