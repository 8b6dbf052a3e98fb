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
    struct narrator narrator;
    struct first_process first;
    struct leaving leaving;
    struct keeping keeping;
    struct company_keeper keeper;
    struct local_settings settings; /* all that does not depend on message and passphrase */
    size_t told_before;             /* messages of an earlier run that have not come again */
    struct local *local;
    bool away, unkept, retelling;
};

static size_t owed(const struct run *run)
{
    struct lan_counts counts;
    lan_node_counts(local_node(run->local), &counts);
    return counts.owed + run->told_before;
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
        narrator_event(&run->narrator, &(struct meet_event){.kind = MEET_UNKEPT, .err = err});
    run->unkept = err != 0;
}

/* What a meet at a server tells too, in the words for that. */
static void tell(struct run *run, const struct local_event *event)
{
    static const enum meet_event_kind kinds[] = {[LOCAL_SESSION] = MEET_OPENED,
                                                 [LOCAL_WAITING] = MEET_PLACED,
                                                 [LOCAL_CROWDED] = MEET_CROWDED,
                                                 [LOCAL_PROGRESS] = MEET_PROGRESS,
                                                 [LOCAL_MESSAGE] = MEET_REVEALED};
    struct meet_event told = {.kind = kinds[event->kind],
                              .others = event->counts.others,
                              .met = event->counts.met,
                              .queued = event->counts.queued,
                              .answered = event->counts.answered,
                              .owed = event->counts.owed};
    if (event->message) {
        told.message = event->message->payload;
        told.message_bytes = event->message->payload_bytes;
        told.number = event->message->number;
        told.reveal = event->message->told ? MEET_REVEAL_TOLD : MEET_REVEAL_NEW;
        run->told_before -= event->message->told && run->told_before > 0;
    }
    narrator_event(&run->narrator, &told);
    if (!event->message)
        return;
    if (!event->message->told && !run->retelling)
        keeping_go_on(&run->keeping);
    keep(run);
}

static void say_lost(const struct local_event *event)
{
    const char *family = event->interface->is_ipv6 ? "IPv6" : "IPv4";
    if (event->trouble)
        say("interface %s cannot be used with %s (%s); going on without it", event->interface->name,
            family, strerror(event->trouble));
    else
        say("interface %s is gone for %s; going on without it", event->interface->name, family);
}

/* What was looked for, and is not there. */
static void say_no_interface(const struct interfaces_wish *wish, const char *address,
                             const char *so)
{
    char names[OPTIONS_TEXTS_MAX * (IF_NAMESIZE + 1) + 1] = "";
    for (size_t i = 0; i < wish->name_count; i++) {
        size_t length = strlen(names);
        snprintf(names + length, sizeof names - length, " %s", wish->names[i]);
    }
    if (wish->one_address)
        say("no network interface%s%s here has the address %s of --bind-addr; %s",
            names[0] ? " of" : "", names, address, so);
    else if (wish->name_count > 0)
        say("there is no network interface%s to meet on, as --interface names; %s", names, so);
    else
        say("there is no network interface to meet on; %s", so);
}

static void tell_away(struct run *run, bool away)
{
    const struct meet_event event = {.kind = away ? MEET_AWAY : MEET_BACK, .err = -EHOSTUNREACH};
    run->away = away;
    if (away)
        say_no_interface(&run->settings.wish, run->options->address, "waiting for one");
    else
        say("there is a network interface again");
    int err = run->narrator.json ? events_meet(&event, NULL) : 0;
    if (err)
        run->narrator.broken = err;
}

static void tell_event(struct run *run, const struct local_event *event)
{
    switch (event->kind) {
    case LOCAL_WAY:
        if (run->narrator.verbose)
            log_line(LOG_DEBUG, "interface used", "name=%s family=%d", event->interface->name,
                     event->interface->is_ipv6 ? 6 : 4);
        break;
    case LOCAL_LOST:
        say_lost(event);
        break;
    case LOCAL_AWAY:
    case LOCAL_BACK:
        tell_away(run, event->kind == LOCAL_AWAY);
        break;
    default:
        tell(run, event);
    }
}

static void take_event(void *state, const struct local_event *event)
{
    struct run *run = state;
    if (!leaving_enter(&run->leaving))
        return;
    tell_event(run, event);
    if (leaving_exit(&run->leaving, owed(run)))
        keeping_finish(&run->keeping);
}

/* Returns: 0, or -EINVAL having said what is wrong. */
static int set_network(struct local_settings *settings, const struct ethernet_options *options)
{
    struct lan_way_groups *groups = &settings->groups;
    groups->port = (uint16_t)options->port;
    INVARIANT(inet_pton(AF_INET6, group_ipv6, &groups->ipv6) == 1);
    if (inet_pton(AF_INET, options->group, &groups->ipv4) != 1 ||
        !IN_MULTICAST(ntohl(groups->ipv4.s_addr))) {
        say("--multicast-group %s: it wants an address of IPv4 from 224.0.0.0 to 239.255.255.255",
            options->group);
        return -EINVAL;
    }
    if (interfaces_wish_address(&settings->wish, options->address)) {
        say("--bind-addr %s: it wants an address of IPv4 or IPv6", options->address);
        return -EINVAL;
    }
    settings->wish.names = options->interfaces.text;
    settings->wish.name_count = options->interfaces.count;
    return 0;
}

/* As in a meet at a server: what an earlier run had counts, and if nothing was left, that is all.
 */
static bool has_finished_before(struct run *run)
{
    size_t told = lan_node_told(local_node(run->local)), wanted = run->leaving.expectation.wanted;
    bool owed = !run->keeping.finished;
    if (!owed && wanted > 0 && told >= wanted) {
        run->leaving.expectation.wanted = 0;
        run->retelling = true;
        return true;
    }
    run->narrator.shown = told;
    run->told_before = owed ? told : 0;
    return false;
}

static enum outcome stay(struct run *run)
{
    if (run->keeping.kept) {
        enum outcome outcome = keeping_resumed(
            &run->keeping,
            lan_node_resume(local_node(run->local), run->keeping.kept, run->keeping.kept_bytes));
        if (outcome != OUTCOME_DONE)
            return outcome;
    } else {
        keep(run); /* a file that cannot be written is better known now */
    }
    int err = -ECANCELED;
    if (has_finished_before(run))
        lan_node_retell(local_node(run->local));
    else
        err = local_run(run->local);
    if (run->narrator.broken)
        return outcome_unwritable(run->narrator.broken);
    if (err != -ECANCELED)
        return outcome_failed(err, "take part on the local network");
    enum outcome outcome =
        ending_outcome(&(struct ending){.err = err,
                                        .cause = signals_cause(&run->signals),
                                        .messages = run->narrator.shown,
                                        .expected = (size_t)run->options->meet.expect,
                                        .away = run->away});
    if (outcome == OUTCOME_SERVER)
        say_no_interface(&run->settings.wish, run->options->address,
                         "the time was over before one came");
    return outcome;
}

static enum outcome attend(struct run *run)
{
    const struct ethernet_options *options = run->options;
    const struct options *shared = &options->meet.shared;
    struct local_settings *settings = &run->settings;
    settings->node = (struct lan_settings){.passphrase = (const uint8_t *)shared->passphrase.text,
                                           .passphrase_bytes = shared->passphrase.bytes,
                                           .payload = run->payload,
                                           .payload_bytes = run->payload_bytes,
                                           .interval_ms = options->interval_s * 1000,
                                           .t1s_max = T1S_MAX,
                                           .threads = engine_threads(options->meet.jobs),
                                           .open_until_ms = run->leaving.open_until_ms,
                                           .muted = &run->leaving.muted,
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

static enum outcome open_state_and_attend(struct run *run)
{
    enum outcome outcome = keeping_open(&run->keeping, &run->options->meet);
    run->keeper = keeping_keeper(&run->keeping);
    if (outcome == OUTCOME_DONE)
        outcome = attend(run);
    keeping_close(&run->keeping);
    return outcome;
}

/* How long what is sent will be. */
static size_t padded_bytes(const struct ethernet_options *options)
{
    size_t bytes = options->meet.message.bytes;
    if (options->exact_size)
        return bytes;
    return bytes <= MESSAGE_BYTES ? MESSAGE_BYTES : LAN_PAYLOAD_BYTES_MAX;
}

static enum outcome pad_and_attend(struct run *run)
{
    run->payload_bytes = padded_bytes(run->options);
    uint8_t *payload = message_padded(&run->options->meet.message, run->payload_bytes);
    if (!payload)
        return outcome_failed(-ENOMEM, "begin a session");
    run->payload = payload;
    enum outcome outcome = open_state_and_attend(run);
    secret_free(payload);
    return outcome;
}

/* Before anybody is asked for anything. */
static enum outcome look_at_network(struct run *run, const struct rendezvous_options *meet)
{
    struct interface found[INTERFACES_MAX];
    size_t count;
    if (set_network(&run->settings, run->options))
        return OUTCOME_USAGE;
    int err = interfaces_list(&run->settings.wish, found, &count);
    if (err)
        return outcome_failed(err, "list the network interfaces");
    if (count == 0 && message_asks(meet))
        say_no_interface(&run->settings.wish, run->options->address, "waiting for one");
    return OUTCOME_DONE;
}

static enum outcome gather(struct run *run, struct rendezvous_options *options)
{
    enum outcome outcome = words_ready(&options->shared);
    if (outcome == OUTCOME_DONE)
        outcome = keeping_look(options);
    if (outcome == OUTCOME_DONE)
        outcome = look_at_network(run, options);
    return outcome == OUTCOME_DONE ? message_gather(options, LAN_PAYLOAD_BYTES_MAX, &run->signals)
                                   : outcome;
}

static enum outcome gather_and_attend(struct run *run, struct ethernet_options *options)
{
    struct rendezvous_options *meet = &options->meet;
    bool once = meet->expect == 0 && !options->reveal_all;
    enum outcome outcome = gather(run, meet);
    if (outcome != OUTCOME_DONE)
        return outcome;
    int err = leaving_open(&run->leaving, meet, once ? 1 : (size_t)meet->expect, &run->signals,
                           &run->narrator, &run->first);
    outcome = err ? outcome_failed(err, "set the time of leaving") : pad_and_attend(run);
    leaving_close(&run->leaving);
    return outcome;
}

static enum outcome work(struct run *run, struct ethernet_options *options)
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

enum outcome ethernet_run(const struct program *program, struct ethernet_options *options)
{
    struct rendezvous_options *meet = &options->meet;
    struct run run = {.options = options,
                      .first = {.link = -1},
                      .narrator = {.program = program,
                                   .json = meet->shared.json,
                                   .verbose = meet->shared.verbose,
                                   .expected = (size_t)meet->expect,
                                   .servers = &meet->servers,
                                   .clock = &clock_system}};
    enum outcome outcome;
    if (!worker_begin(&run.first, program, meet, &outcome))
        return outcome;
    return work(&run, options);
}
