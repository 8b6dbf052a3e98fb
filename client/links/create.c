#include "links/create.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/secret.h"
#include "cli/bounds.h"
#include "cli/credentials.h"
#include "cli/generate.h"
#include "cli/phrase.h"
#include "cli/print.h"
#include "http/server_address.h"
#include "links/link_connection.h"
#include "links/look_first.h"
#include "links/pay.h"
#include "links/report.h"
#include "links/retry.h"
#include "qr/qr.h"

enum { PAUSE_MS_MIN = 500, PAUSE_MS_MAX = 5000 };

/* What is made of a link; in guarded memory. */
struct made {
    struct invitation invitation;
    uint8_t key[LINK_KEY_BYTES];
    uint8_t blob[LINK_BLOB_BYTES];
    bool passphrase; /* it was made here, not given */
};

/* A passphrase that was given in some way, or else a new one. */
static enum outcome get_passphrase(struct made *made, struct links_options *options,
                                   const struct stop_source *stop)
{
    struct options *shared = &options->shared;
    if (shared->confirm || !credentials_passphrase_is_asked(shared))
        return credentials_passphrase(shared, true, &random_system, stop);
    int err = generate_passphrase(&shared->passphrase, &random_system);
    made->passphrase = !err;
    return err ? report_failed(options, NULL, err, NULL) : OUTCOME_DONE;
}

static enum outcome check_link(const struct secret_text *link)
{
    if (phrase_is_blank(link->text, link->bytes)) {
        print("the link is empty, or nothing but blanks, and leads nowhere");
        return OUTCOME_USAGE;
    }
    if (link->bytes > LINK_TEXT_BYTES_MAX) {
        print("the link has %zu bytes, %zu more than the %d that fit", link->bytes,
              link->bytes - LINK_TEXT_BYTES_MAX, LINK_TEXT_BYTES_MAX);
        return OUTCOME_USAGE;
    }
    if (link->text[link->bytes - 1] == ' ')
        print("spaces at the end of a link are lost where it is shown");
    return OUTCOME_DONE;
}

/* All of the invitation but the bucket, which is not known yet. */
static enum outcome fill_invitation(struct invitation *invitation,
                                    const struct links_options *options)
{
    const struct secret_text *passphrase = &options->shared.passphrase;
    if (strlen(options->server) >= sizeof invitation->server) {
        print("--server %s: it wants a shorter URL", options->server);
        return OUTCOME_USAGE;
    }
    memcpy(invitation->server, options->server, strlen(options->server) + 1);
    random_fill(&random_system, invitation->salt, LINK_SALT_BYTES);
    if (options->separate)
        return OUTCOME_DONE;
    if (passphrase->bytes >= sizeof invitation->passphrase ||
        memchr(passphrase->text, '\0', passphrase->bytes)) {
        print("the passphrase does not fit an invitation: give a shorter one, or --separate");
        return OUTCOME_USAGE;
    }
    memcpy(invitation->passphrase, passphrase->text, passphrase->bytes);
    return OUTCOME_DONE;
}

/* With any bucket it is as long. */
static enum outcome check_qr(const struct invitation *invitation)
{
    char *text = secret_alloc(INVITATION_TEXT_BYTES);
    if (!text)
        return outcome_failed(-ENOMEM, "make an invitation");
    invitation_print(text, invitation);
    bool fits = strlen(text) <= QR_BYTES_MAX;
    secret_free(text);
    if (!fits)
        print("the invitation is too long for a QR code");
    return fits ? OUTCOME_DONE : OUTCOME_USAGE;
}

static enum outcome gather(struct made *made, struct links_options *options,
                           const struct stop_source *stop)
{
    const struct credentials_text link = {
        .name = "link", .question = "Link: ", .file = options->file, .text = &options->link};
    enum outcome outcome = credentials_text(&link, &options->shared, stop);
    if (outcome == OUTCOME_DONE)
        outcome = check_link(&options->link);
    if (outcome == OUTCOME_DONE)
        outcome = get_passphrase(made, options, stop);
    if (outcome == OUTCOME_DONE)
        outcome = fill_invitation(&made->invitation, options);
    if (outcome == OUTCOME_DONE && options->qr)
        outcome = check_qr(&made->invitation);
    return outcome;
}

static int seal(struct made *made, const struct links_options *options)
{
    const struct secret_text *passphrase = &options->shared.passphrase, *link = &options->link;
    log_line(LOG_DEBUG, "sealing the link", NULL);
    int err = link_key(made->key, (const uint8_t *)passphrase->text, passphrase->bytes,
                       made->invitation.salt);
    if (!err)
        err = link_seal(made->blob, made->key, (const uint8_t *)link->text, link->bytes);
    return err;
}

/* Post the link, and look at the bucket it is said to be in. */
static enum outcome post(struct link_bucket *bucket, struct link_server *server,
                         const struct made *made, const struct links_options *options,
                         struct retry *retry)
{
    const struct bucket_bounds bounds = bounds_of(&options->shared);
    const char *trouble;
    int64_t asked_s = clock_wall_s(&clock_system);
    log_line(LOG_DEBUG, "posting the link", NULL);
    int err = pay_and_post(bucket, server, made->blob, retry, &trouble);
    if (err == -ENOENT) /* nothing was named: there are no links there at all */
        err = -EPROTO;
    if (err)
        return report_failed(options, options->server, err, trouble);
    struct refusal refusal =
        slots_check_posted(bucket, &bounds, asked_s, clock_wall_s(&clock_system));
    return refusal.word
               ? report_refused_time(options, options->server, &refusal, look_first_time_s(server))
               : OUTCOME_DONE;
}

/* Whether somebody else is told of the same bucket. From one address that proves little. */
static enum outcome ask_again(const struct link_bucket *posted, struct link_server *server,
                              const struct links_options *options, struct retry *retry)
{
    const struct bucket_bounds bounds = bounds_of(&options->shared);
    struct link_bucket current;
    int err;
    if (!server->verbs->current)
        return OUTCOME_DONE;
    do {
        err = server->verbs->current(server, &current);
    } while (err && retry_again(retry, server, &err));
    err = retry_end(retry, err);
    if (err && err != -ENOENT)
        return report_failed(options, options->server, err, server->trouble);
    struct refusal refusal = err ? slots_check_none(posted, &bounds, clock_wall_s(&clock_system))
                                 : slots_check_current(posted, &current);
    return refusal.word ? report_refused(options, options->server, &refusal) : OUTCOME_DONE;
}

/* Whether what was posted is there, as a reader sees it. */
static enum outcome read_back(const struct link_bucket *bucket, struct link_server *server,
                              const struct made *made, const struct links_options *options,
                              struct retry *retry)
{
    static const struct refusal missing = {"link-missing",
                                           "others are not shown the link that was just posted"};
    const struct bucket_bounds bounds = bounds_of(&options->shared);
    struct link_slots slots;
    int err;
    do {
        err = server->verbs->read(server, bucket->bucket_hash, &slots);
    } while (err && retry_again(retry, server, &err));
    if (err == -ENOENT || err == -EKEYEXPIRED)
        return report_refused(options, options->server, &missing);
    if (err)
        return report_failed(options, options->server, err, server->trouble);
    struct refusal refusal =
        slots_check(&slots, bucket->bucket_hash, &bounds, clock_wall_s(&clock_system));
    if (!refusal.word && slots_count(&slots, made->blob) != 1)
        refusal = missing;
    return refusal.word ? report_refused(options, options->server, &refusal) : OUTCOME_DONE;
}

/* Come back as somebody else. */
static int disguise(struct link_server *server, const struct links_options *options,
                    const struct stop_source *stop, const char *purpose)
{
    uint32_t pause_ms =
        PAUSE_MS_MIN + random_below(&random_system, PAUSE_MS_MAX - PAUSE_MS_MIN + 1);
    if (!options->shared.proxy)
        pause_ms = 0;
    log_line(LOG_DEBUG, purpose, "in_ms=%" PRIu32, pause_ms);
    int err = stop_wait(stop, pause_ms);
    return err ? err : server->verbs->renew(server);
}

static enum outcome post_and_report(struct link_server *server, struct made *made,
                                    const struct links_options *options,
                                    const struct stop_source *stop)
{
    struct link_bucket bucket;
    struct retry retry = retry_begin(options, options->server, stop);
    enum outcome outcome = post(&bucket, server, made, options, &retry);
    if (outcome != OUTCOME_DONE)
        return outcome;
    int err = disguise(server, options, stop, "asking again which bucket it is");
    if (err)
        return report_failed(options, NULL, err, NULL);
    outcome = ask_again(&bucket, server, options, &retry);
    if (outcome == OUTCOME_DONE &&
        (err = disguise(server, options, stop, "reading the bucket back")))
        return report_failed(options, NULL, err, NULL);
    if (outcome == OUTCOME_DONE)
        outcome = read_back(&bucket, server, made, options, &retry);
    if (outcome != OUTCOME_DONE)
        return outcome;
    memcpy(made->invitation.bucket, bucket.bucket_hash, ID_BYTES);
    bool apart = made->passphrase && options->separate;
    outcome = report_invitation(options, &made->invitation, bucket.expires,
                                apart ? &options->shared.passphrase : NULL);
    if (outcome != OUTCOME_DONE)
        print("the link was posted, and its invitation is lost: what stands at the server opens to "
              "nobody, and goes with its bucket. Create it once more when that is mended");
    return outcome;
}

/* An invitation that names this machine leads others to their own. */
static void warn_of_loopback(const struct links_options *options)
{
    struct server_address address;
    if (!server_address_parse(&address, options->server) && address.loopback)
        print("the invitation will name a server that only this machine reaches by that name");
}

/* Whether somebody will be asked for something. */
static bool asks(const struct links_options *options)
{
    return ((!options->link.text && !options->file) || options->shared.confirm) &&
           isatty(STDIN_FILENO);
}

static enum outcome create(struct made *made, struct links_options *options,
                           const struct stop_source *stop)
{
    struct link_connection link = {.server = NULL};
    enum outcome outcome = credentials_ready(&options->shared);
    if (outcome == OUTCOME_DONE)
        outcome = link_connection_open(&link, options->server, &options->shared, stop);
    if (outcome == OUTCOME_DONE && asks(options))
        outcome = look_first(link.server, options->server, options, stop);
    if (outcome == OUTCOME_DONE)
        outcome = gather(made, options, stop);
    if (outcome == OUTCOME_DONE) {
        warn_of_loopback(options);
        int err = seal(made, options);
        outcome = err ? report_failed(options, NULL, err, NULL)
                      : post_and_report(link.server, made, options, stop);
    }
    link_connection_close(&link);
    return outcome;
}

enum outcome link_create(struct links_options *options, const struct stop_source *stop)
{
    struct made *made = secret_alloc(sizeof *made);
    if (!made)
        return report_failed(options, NULL, -ENOMEM, NULL);
    enum outcome outcome = create(made, options, stop);
    secret_free(made);
    return outcome;
}
