#include "ethernet/run.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "cli/credentials.h"
#include "cli/print.h"
#include "cli/signals.h"
#include "cli/utf8.h"
#include "lan/local.h"
#include "run/engine.h"
#include "run/events.h"
#include "run/exit_policy.h"
#include "run/exit_status.h"
#include "run/message.h"
#include "run/persistence.h"
#include "run/reporter.h"
#include "run/worker.h"

/* T1s worked through in one session, each a computation. */
enum { T1S_MAX = 4096 };

/* Ours alone, as the reference knows no IPv6: "reunion" in a group of the link. */
static const char group_ipv6[] = "ff02::7265:756e:696f:6e";

/* What the parts of one run share. */
struct run {
    const struct ethernet_options *options;
    const uint8_t *payload; /* guarded */
    size_t payload_bytes;
    struct signals signals;
    struct stop_source stop;
    struct reporter reporter;
    struct first_process first;
    struct exit_policy exit_policy;
    struct persistence persistence;
    struct multi_session_keeper keeper;
    struct local_settings settings; /* all that does not depend on message and passphrase */
    size_t reported_before;         /* messages of an earlier run that have not come again */
    struct local *local;
    bool away, unkept, reporting_again;
};

static size_t owed(const struct run *run)
{
    struct lan_counts counts;
    lan_node_counts(local_node(run->local), &counts);
    return counts.owed + run->reported_before;
}

/* After it was told: killed in between, a message is told once more. */
static void keep(struct run *run)
{
    uint8_t *kept;
    size_t bytes;
    if (!run->keeper.keep)
        return;
    int err = lan_node_keep(local_node(run->local), &kept, &bytes);
    if (!err) {
        err = run->keeper.keep(run->keeper.state, kept, bytes);
        secret_free(kept);
    }
    if (err && !run->unkept)
        reporter_event(&run->reporter,
                       &(struct session_event){.kind = SESSION_UNSAVED, .err = err});
    run->unkept = err != 0;
}

/* What a session at a server tells too, in the words for that. */
static void report(struct run *run, const struct local_event *event)
{
    static const enum session_event_kind kinds[] = {[LOCAL_SESSION] = SESSION_OPENED,
                                                    [LOCAL_WAITING] = SESSION_PLACED,
                                                    [LOCAL_CROWDED] = SESSION_CROWDED,
                                                    [LOCAL_PROGRESS] = SESSION_PROGRESS,
                                                    [LOCAL_MESSAGE] = SESSION_REVEALED};
    struct session_event reported = {.kind = kinds[event->kind],
                                     .others = event->counts.others,
                                     .met = event->counts.met,
                                     .queued = event->counts.queued,
                                     .answered = event->counts.answered,
                                     .owed = event->counts.owed};
    if (event->message) {
        reported.message = event->message->payload;
        reported.message_bytes = event->message->payload_bytes;
        reported.number = event->message->number;
        reported.reveal = event->message->reported ? SESSION_REVEAL_REPORTED : SESSION_REVEAL_NEW;
        run->reported_before -= event->message->reported && run->reported_before > 0;
    }
    reporter_event(&run->reporter, &reported);
    if (!event->message)
        return;
    if (!event->message->reported && !run->reporting_again)
        persistence_go_on(&run->persistence);
    keep(run);
}

static void print_lost(const struct local_event *event)
{
    const char *family = event->interface->is_ipv6 ? "IPv6" : "IPv4";
    if (event->trouble)
        print("interface %s cannot be used with %s (%s); going on without it",
              event->interface->name, family, strerror(event->trouble));
    else
        print("interface %s is gone for %s; going on without it", event->interface->name, family);
}

/* What was looked for, and is not there. */
static void print_no_interface(const struct interfaces_wish *wish, const char *address,
                               const char *so)
{
    char names[SETTING_TEXTS_MAX * (IF_NAMESIZE + 1) + 1] = "";
    for (size_t i = 0; i < wish->name_count; i++) {
        size_t length = strlen(names);
        snprintf(names + length, sizeof names - length, " %s", wish->names[i]);
    }
    if (wish->one_address)
        print("no network interface%s%s here has the address %s of --bind-addr; %s",
              names[0] ? " of" : "", names, address, so);
    else if (wish->name_count > 0)
        print("there is no network interface%s to meet on, as --interface names; %s", names, so);
    else
        print("there is no network interface to meet on; %s", so);
}

static void report_away(struct run *run, bool away)
{
    const struct session_event event = {.kind = away ? SESSION_AWAY : SESSION_BACK,
                                        .err = -EHOSTUNREACH};
    run->away = away;
    if (away)
        print_no_interface(&run->settings.wish, run->options->address, "waiting for one");
    else
        print("there is a network interface again");
    int err = run->reporter.json ? events_session(&event, NULL) : 0;
    if (err)
        run->reporter.broken = err;
}

static void report_event(struct run *run, const struct local_event *event)
{
    switch (event->kind) {
    case LOCAL_USABLE:
        if (run->reporter.verbose)
            log_line(LOG_DEBUG, "interface used", "name=%s family=%d", event->interface->name,
                     event->interface->is_ipv6 ? 6 : 4);
        break;
    case LOCAL_LOST:
        print_lost(event);
        break;
    case LOCAL_AWAY:
    case LOCAL_BACK:
        report_away(run, event->kind == LOCAL_AWAY);
        break;
    default:
        report(run, event);
    }
}

static void take_event(void *state, const struct local_event *event)
{
    struct run *run = state;
    if (!exit_policy_enter(&run->exit_policy))
        return;
    report_event(run, event);
    if (exit_policy_leave(&run->exit_policy, owed(run)))
        persistence_finish(&run->persistence);
}

/* Returns: 0, or -EINVAL after reporting what is wrong. */
static int set_network(struct local_settings *settings, const struct ethernet_options *options)
{
    struct lan_groups *groups = &settings->groups;
    groups->port = (uint16_t)options->port;
    INVARIANT(inet_pton(AF_INET6, group_ipv6, &groups->ipv6) == 1);
    if (inet_pton(AF_INET, options->group, &groups->ipv4) != 1 ||
        !IN_MULTICAST(ntohl(groups->ipv4.s_addr))) {
        print("--multicast-group %s: it wants an address of IPv4 from 224.0.0.0 to 239.255.255.255",
              options->group);
        return -EINVAL;
    }
    if (interfaces_wish_address(&settings->wish, options->address)) {
        print("--bind-addr %s: it wants an address of IPv4 or IPv6", options->address);
        return -EINVAL;
    }
    settings->wish.names = options->interfaces.text;
    settings->wish.name_count = options->interfaces.count;
    return 0;
}

/* As in a session at a server: what an earlier run had counts, and if nothing was left, that is
 * all.
 */
static bool has_finished_before(struct run *run)
{
    size_t reported = lan_node_reported(local_node(run->local)),
           wanted = run->exit_policy.expected_count.wanted;
    bool owed = !run->persistence.finished;
    if (!owed && wanted > 0 && reported >= wanted) {
        run->exit_policy.expected_count.wanted = 0;
        run->reporting_again = true;
        return true;
    }
    run->reporter.shown = reported;
    run->reported_before = owed ? reported : 0;
    return false;
}

static enum outcome stay(struct run *run)
{
    if (run->persistence.kept) {
        enum outcome outcome = persistence_resumed(
            &run->persistence, lan_node_resume(local_node(run->local), run->persistence.kept,
                                               run->persistence.kept_bytes));
        if (outcome != OUTCOME_DONE)
            return outcome;
    } else {
        keep(run); /* a file that cannot be written is better known now */
    }
    int err = -ECANCELED;
    if (has_finished_before(run))
        lan_node_report_again(local_node(run->local));
    else
        err = local_run(run->local);
    if (run->reporter.broken)
        return outcome_unwritable(run->reporter.broken);
    if (err != -ECANCELED)
        return outcome_failed(err, "take part on the local network");
    enum outcome outcome =
        exit_status_outcome(&(struct exit_status){.err = err,
                                                  .cause = signals_cause(&run->signals),
                                                  .messages = reporter_counted(&run->reporter),
                                                  .expected = (size_t)run->options->common.expect,
                                                  .away = run->away});
    if (outcome == OUTCOME_SERVER)
        print_no_interface(&run->settings.wish, run->options->address,
                           "the time was over before one came");
    return outcome;
}

static enum outcome take_part(struct run *run)
{
    const struct ethernet_options *options = run->options;
    const struct options *shared = &options->common.shared;
    struct local_settings *settings = &run->settings;
    settings->node = (struct lan_settings){.passphrase = (const uint8_t *)shared->passphrase.text,
                                           .passphrase_bytes = shared->passphrase.bytes,
                                           .payload = run->payload,
                                           .payload_bytes = run->payload_bytes,
                                           .interval_ms = options->interval_s * 1000,
                                           .t1s_max = T1S_MAX,
                                           .threads = engine_threads(options->common.jobs),
                                           .open_until_ms = run->exit_policy.open_until_ms,
                                           .muted = &run->exit_policy.muted,
                                           .random = &random_system,
                                           .stop = &run->stop};
    settings->clock = &clock_system;
    settings->event = take_event;
    settings->state = run;
    int err = local_open(&run->local, settings);
    if (err)
        return outcome_failed(err, "begin a session");
    enum outcome outcome = stay(run);
    local_free(run->local);
    return outcome;
}

static enum outcome open_state_and_take_part(struct run *run)
{
    enum outcome outcome = persistence_open(&run->persistence, &run->options->common);
    run->keeper = persistence_keeper(&run->persistence);
    if (outcome == OUTCOME_DONE)
        outcome = take_part(run);
    persistence_close(&run->persistence);
    return outcome;
}

/* How long what is sent will be. */
static size_t padded_bytes(const struct ethernet_options *options)
{
    size_t bytes = options->common.message.bytes;
    if (options->exact_size)
        return bytes;
    return bytes <= MESSAGE_BYTES ? MESSAGE_BYTES : LAN_PAYLOAD_BYTES_MAX;
}

static enum outcome pad_and_take_part(struct run *run)
{
    run->payload_bytes = padded_bytes(run->options);
    uint8_t *payload = message_padded(&run->options->common.message, run->payload_bytes);
    if (!payload)
        return outcome_failed(-ENOMEM, "begin a session");
    run->payload = payload;
    enum outcome outcome = open_state_and_take_part(run);
    secret_free(payload);
    return outcome;
}

/* Before anybody is asked for anything. */
static enum outcome look_at_network(struct run *run, const struct run_options *common)
{
    struct interface found[INTERFACES_MAX];
    size_t count;
    if (set_network(&run->settings, run->options))
        return OUTCOME_USAGE;
    int err = interfaces_list(&run->settings.wish, found, &count);
    if (err)
        return outcome_failed(err, "list the network interfaces");
    if (count == 0 && message_asks(common))
        print_no_interface(&run->settings.wish, run->options->address, "waiting for one");
    return OUTCOME_DONE;
}

static enum outcome gather(struct run *run, struct run_options *options)
{
    enum outcome outcome = credentials_ready(&options->shared);
    if (outcome == OUTCOME_DONE)
        outcome = persistence_look(options);
    if (outcome == OUTCOME_DONE)
        outcome = look_at_network(run, options);
    return outcome == OUTCOME_DONE ? message_gather(options, LAN_PAYLOAD_BYTES_MAX, &run->signals)
                                   : outcome;
}

static enum outcome gather_and_take_part(struct run *run, struct ethernet_options *options)
{
    struct run_options *common = &options->common;
    bool once = common->expect == 0 && !options->reveal_all;
    enum outcome outcome = gather(run, common);
    if (outcome != OUTCOME_DONE)
        return outcome;
    int err = exit_policy_open(&run->exit_policy, common, once ? 1 : (size_t)common->expect,
                               &run->signals, &run->reporter, &run->first);
    outcome = err ? outcome_failed(err, "set the time of leaving") : pad_and_take_part(run);
    exit_policy_close(&run->exit_policy);
    return outcome;
}

static enum outcome work(struct run *run, struct ethernet_options *options)
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

enum outcome ethernet_run(const struct program *program, struct ethernet_options *options)
{
    struct run_options *common = &options->common;
    struct run run = {.options = options,
                      .first = {.link = -1},
                      .reporter = {.program = program,
                                   .json = common->shared.json,
                                   .verbose = common->shared.verbose,
                                   .expected = (size_t)common->expect,
                                   .servers = &common->servers,
                                   .clock = &clock_system,
                                   .own = &common->message}};
    enum outcome outcome;
    if (!worker_begin(&run.first, program, common, &outcome))
        return outcome;
    return work(&run, options);
}
