#include "links/open.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/secret.h"
#include "cli/bounds.h"
#include "cli/credentials.h"
#include "cli/print.h"
#include "http/server_address.h"
#include "links/link_connection.h"
#include "links/look_first.h"
#include "links/report.h"
#include "links/retry.h"

/* What leads to the link, and the link; in guarded memory. */
struct led {
    struct invitation invitation;
    uint8_t key[LINK_KEY_BYTES];
    uint8_t text[LINK_TEXT_BYTES_MAX];
    size_t bytes;
};

static enum outcome parse(struct invitation *invitation, const struct secret_text *text)
{
    int err = invitation_parse(invitation, text->text, text->bytes);
    if (err == -ENOTSUP)
        print("this invitation needs another version of this program");
    else if (err)
        print("this is not a complete invitation: one begins with reunion-link:v1? and names a "
              "server, a bucket and a salt");
    return err ? OUTCOME_USAGE : OUTCOME_DONE;
}

static bool is_given(const struct options *shared)
{
    return shared->passphrase.text || shared->passphrase_file || shared->passphrase_fd >= 0;
}

/* What opens it: the passphrase in the invitation, or else from elsewhere. */
static enum outcome get_passphrase(const struct invitation *invitation, struct options *shared,
                                   const struct stop_source *stop)
{
    if (!invitation->passphrase[0])
        return credentials_passphrase(shared, false, &random_system, stop);
    if (is_given(shared)) {
        print("the invitation holds the passphrase: give no other");
        return OUTCOME_USAGE;
    }
    int err = secret_text_set(&shared->passphrase, invitation->passphrase,
                              strlen(invitation->passphrase));
    return err ? outcome_failed(err, "take the passphrase of the invitation") : OUTCOME_DONE;
}

/* What `create --separate` printed, in one file: the second of two lines is the passphrase. */
static enum outcome split(struct links_options *options)
{
    struct secret_text *text = &options->invitation;
    char *end = text->bytes > 0 ? memchr(text->text, '\n', text->bytes) : NULL;
    size_t first = end ? (size_t)(end - text->text) : 0, rest = end ? text->bytes - first - 1 : 0;
    if (rest == 0 || memchr(end + 1, '\n', rest))
        return OUTCOME_DONE;
    if (is_given(&options->shared)) {
        print("the passphrase comes from one place: the line below the invitation, or an option");
        return OUTCOME_USAGE;
    }
    int err = secret_text_set(&options->shared.passphrase, end + 1, rest);
    text->bytes = first > 0 && end[-1] == '\r' ? first - 1 : first;
    return err ? outcome_failed(err, "take the passphrase below the invitation") : OUTCOME_DONE;
}

static enum outcome gather(struct led *led, struct links_options *options,
                           const struct stop_source *stop)
{
    const struct credentials_text invitation = {.name = "invitation",
                                                .question = "Invitation: ",
                                                .hidden = true,
                                                .file = options->file,
                                                .text = &options->invitation};
    enum outcome outcome = credentials_text(&invitation, &options->shared, stop);
    if (outcome == OUTCOME_DONE)
        outcome = split(options);
    if (outcome == OUTCOME_DONE)
        outcome = parse(&led->invitation, &options->invitation);
    return outcome;
}

static const char *server_of(const struct led *led, const struct links_options *options)
{
    return options->server ? options->server : led->invitation.server;
}

static enum outcome open_connection(struct link_connection *link, const struct led *led,
                                    const struct links_options *options,
                                    const struct stop_source *stop)
{
    struct server_address address;
    if (!options->server && server_address_parse(&address, led->invitation.server) == -EINVAL) {
        print("the invitation names no server that can be reached from here");
        return OUTCOME_USAGE;
    }
    return link_connection_open(link, server_of(led, options), &options->shared, stop);
}

/* Try all entries. */
static enum outcome open_slots(struct led *led, const struct link_slots *slots,
                               const struct links_options *options)
{
    static const struct refusal several = {
        "entries-open", "more than one entry opens, which never happens with an honest server"};
    const struct secret_text *passphrase = &options->shared.passphrase;
    log_line(LOG_DEBUG, "trying all entries", "entries=%d", LINK_SLOTS);
    int err = link_key(led->key, (const uint8_t *)passphrase->text, passphrase->bytes,
                       led->invitation.salt);
    if (err)
        return report_failed(options, NULL, err, NULL);
    err = link_open_any(led->text, &led->bytes, led->key, slots->blobs, LINK_SLOTS);
    if (err == -ENOENT)
        return report_closed(options);
    if (err)
        return report_refused(options, server_of(led, options), &several);
    return report_link(options, led->text, led->bytes);
}

static enum outcome fetch(struct link_slots *slots, struct link_server *at, const struct led *led,
                          const struct links_options *options, const struct stop_source *stop)
{
    const struct bucket_bounds bounds = bounds_of(&options->shared);
    const char *server = server_of(led, options);
    struct retry retry = retry_begin(options, server, stop);
    log_line(LOG_DEBUG, "fetching the bucket", NULL);
    int err;
    do {
        err = at->verbs->read(at, led->invitation.bucket, slots);
    } while (err && retry_again(&retry, at, &err));
    err = retry_end(&retry, err);
    if (err)
        return report_failed(options, server, err, at->trouble);
    struct refusal refusal =
        slots_check(slots, led->invitation.bucket, &bounds, clock_wall_s(&clock_system));
    return refusal.word ? report_refused_time(options, server, &refusal, look_first_time_s(at))
                        : OUTCOME_DONE;
}

/* The server of --server, before the invitation is asked for. */
static enum outcome look_at_named(const struct links_options *options,
                                  const struct stop_source *stop)
{
    struct link_connection link = {.server = NULL};
    if (!options->server)
        return OUTCOME_DONE;
    enum outcome outcome = link_connection_open(&link, options->server, &options->shared, stop);
    if (outcome == OUTCOME_DONE && !options->invitation.text && !options->file &&
        isatty(STDIN_FILENO))
        outcome = look_first(link.server, options->server, options, stop);
    link_connection_close(&link);
    return outcome;
}

static bool asks_for_passphrase(const struct led *led, const struct links_options *options)
{
    return !led->invitation.passphrase[0] && credentials_passphrase_is_asked(&options->shared) &&
           isatty(STDIN_FILENO);
}

/* Nobody is asked for a passphrase before there is a bucket for it. */
static enum outcome fetch_and_open(struct link_server *at, struct led *led,
                                   struct links_options *options, const struct stop_source *stop)
{
    struct link_slots slots;
    bool asks = asks_for_passphrase(led, options);
    enum outcome outcome = OUTCOME_DONE;
    if (asks) {
        look_first_show(options);
        outcome = fetch(&slots, at, led, options, stop);
        look_first_hide();
    }
    if (outcome == OUTCOME_DONE)
        outcome = get_passphrase(&led->invitation, &options->shared, stop);
    if (outcome == OUTCOME_DONE && !asks)
        outcome = fetch(&slots, at, led, options, stop);
    return outcome == OUTCOME_DONE ? open_slots(led, &slots, options) : outcome;
}

static enum outcome follow(struct led *led, struct links_options *options,
                           const struct stop_source *stop)
{
    struct link_connection link = {.server = NULL};
    enum outcome outcome = look_at_named(options, stop);
    if (outcome == OUTCOME_DONE)
        outcome = gather(led, options, stop);
    if (outcome == OUTCOME_DONE)
        outcome = open_connection(&link, led, options, stop);
    if (outcome == OUTCOME_DONE)
        outcome = fetch_and_open(link.server, led, options, stop);
    link_connection_close(&link);
    return outcome;
}

enum outcome link_follow(struct links_options *options, const struct stop_source *stop)
{
    struct led *led = secret_alloc(sizeof *led);
    if (!led)
        return report_failed(options, NULL, -ENOMEM, NULL);
    enum outcome outcome = follow(led, options, stop);
    secret_free(led);
    return outcome;
}
