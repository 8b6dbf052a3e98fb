#include "cli/check.h"

#include "cli/check_server.h"
#include "cli/check_speed.h"
#include "cli/defaults.h"
#include "cli/events.h"
#include "cli/findings.h"
#include "cli/narrator.h"
#include "cli/signals.h"
#include "cli/ways.h"

static void look_at_all(struct findings *findings, const struct options *options,
                        const struct ways *ways, const struct stop_source *stop)
{
    unsigned jobs = options->jobs > 0 ? (unsigned)options->jobs : default_jobs();
    for (size_t i = 0; i < ways->count && !stop_asked(stop); i++) {
        findings_of(findings, i, ways->count, options->servers.text[i]);
        check_server(findings, ways->http[i], &options->bucket);
    }
    findings->server = -1;
    check_speed(findings, jobs, stop);
}

static enum outcome sum_up(const struct findings *findings, const struct stop_source *stop)
{
    if (stop_asked(stop))
        return OUTCOME_INTERRUPTED;
    if (findings->broken)
        return OUTCOME_FAILED;
    if (findings->wrong > 0)
        narrator_say("something is wrong: each line that begins with WRONG says what can be done");
    return findings->outcome;
}

static enum outcome open_and_look(const struct options *options, const struct stop_source *stop)
{
    struct ways ways;
    struct findings findings = {.json = options->json, .outcome = OUTCOME_MET};
    enum outcome outcome = ways_open(&ways, options, stop);
    if (outcome == OUTCOME_MET) {
        look_at_all(&findings, options, &ways, stop);
        outcome = sum_up(&findings, stop);
    }
    ways_close(&ways);
    return outcome;
}

enum outcome check(const struct options *options)
{
    struct signals signals;
    if (signals_open(&signals)) {
        narrator_say("%s", err_text(-EIO));
        return OUTCOME_FAILED;
    }
    struct stop_source stop = signals_source(&signals);
    struct narrator narrator = {.json = options->json, .verbose = true};
    enum outcome outcome = OUTCOME_FAILED;
    if (narrator_begin(&narrator))
        outcome = open_and_look(options, &stop);
    signals_close(&signals);
    return narrator_end(&narrator, outcome);
}
