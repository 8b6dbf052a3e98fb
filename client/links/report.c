#include "links/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/secret.h"
#include "cli/bounds.h"
#include "cli/display.h"
#include "cli/json_line.h"
#include "cli/print.h"
#include "cli/reason.h"
#include "cli/text_member.h"
#include "cli/write_all.h"
#include "links/qr.h"

enum { CLOCKS_AGREE_S = 60 };

static enum outcome written(int err)
{
    return err ? outcome_unwritable(err) : OUTCOME_DONE;
}

/* Invitations */

static int print_invitation(const struct links_options *options, const char *text,
                            const struct secret_text *passphrase)
{
    int err = write_all(STDOUT_FILENO, text, strlen(text));
    if (!err)
        err = write_all(STDOUT_FILENO, "\n", 1);
    if (!err && passphrase)
        err = write_all(STDOUT_FILENO, passphrase->text, passphrase->bytes);
    if (!err && passphrase)
        err = write_all(STDOUT_FILENO, "\n", 1);
    if (!err && options->qr)
        err = qr_show(STDOUT_FILENO, text);
    return err;
}

static int write_invitation(const struct invitation *invitation, const char *text, uint64_t expires,
                            const struct secret_text *passphrase)
{
    struct json_line *line;
    char bucket_hash[2 * ID_BYTES + 1];
    int err = json_line_open(&line, "invitation");
    if (err)
        return err;
    hex_encode(bucket_hash, invitation->bucket, ID_BYTES);
    json_line_word(line, "invitation", text);
    if (passphrase)
        json_line_text(line, "passphrase", (const uint8_t *)passphrase->text, passphrase->bytes);
    json_line_word(line, "bucket", bucket_hash);
    json_line_number(line, "expires", (int64_t)expires);
    return json_line_write(line, STDOUT_FILENO);
}

/* What people should know of what they have just been given. */
static void advise(const struct secret_text *passphrase, uint64_t expires)
{
    char until[64];
    time_t end = (time_t)expires;
    struct tm local;
    if (passphrase)
        print("the first line is the invitation, the second the passphrase: send them in two "
              "different ways");
    if (localtime_r(&end, &local) && strftime(until, sizeof until, "%F %H:%M %Z", &local) > 0)
        print("the invitation can be opened until %s", until);
}

enum outcome report_invitation(const struct links_options *options,
                               const struct invitation *invitation, uint64_t expires,
                               const struct secret_text *passphrase)
{
    char *text = secret_alloc(INVITATION_TEXT_BYTES);
    if (!text)
        return written(-ENOMEM);
    invitation_print(text, invitation);
    int err = options->shared.json ? write_invitation(invitation, text, expires, passphrase)
                                   : print_invitation(options, text, passphrase);
    secret_free(text);
    if (!err && !options->shared.json)
        advise(passphrase, expires);
    return written(err);
}

/* Links */

static int print_link(const uint8_t *text, size_t bytes)
{
    char *line = secret_alloc(DISPLAY_BYTES_MAX(bytes));
    if (!line)
        return -ENOMEM;
    int err = write_all(STDOUT_FILENO, line, display_line(line, text, bytes));
    secret_free(line);
    return err;
}

static int write_link(const uint8_t *text, size_t bytes)
{
    struct json_line *line;
    int err = json_line_open(&line, "link");
    if (err)
        return err;
    err = text_member_put(line, text, bytes);
    int failed = json_line_write(line, STDOUT_FILENO);
    return err ? err : failed;
}

enum outcome report_link(const struct links_options *options, const uint8_t *text, size_t bytes)
{
    return written(options->shared.json ? write_link(text, bytes) : print_link(text, bytes));
}

/* Ends without either */

/* Tell a program. Returns: the outcome, or OUTCOME_FAILED. */
static enum outcome write_end(const char *event, const char *reason, const char *server,
                              const char *why, enum outcome outcome)
{
    struct json_line *line;
    int err = json_line_open(&line, event);
    if (!err) {
        reason_put(line, reason, server, why);
        err = json_line_write(line, STDOUT_FILENO);
    }
    return err ? written(err) : outcome;
}

enum outcome report_refused(const struct links_options *options, const char *server,
                            const struct refusal *refusal)
{
    if (options->shared.json)
        return write_end("refused", refusal->word, server, refusal->text, OUTCOME_REFUSED);
    print_about(server);
    print("the server's bucket is not acceptable: %s", refusal->text);
    print_about(NULL);
    return OUTCOME_REFUSED;
}

enum outcome report_refused_time(const struct links_options *options, const char *server,
                                 const struct refusal *refusal, int64_t server_s)
{
    int64_t ahead_s = server_s - clock_wall_s(&clock_system);
    bool about_time = strcmp(refusal->word, verdict_word(BUCKET_IN_FUTURE)) == 0 ||
                      strcmp(refusal->word, verdict_word(BUCKET_TOO_OLD)) == 0;
    enum outcome outcome = report_refused(options, server, refusal);
    if (about_time && server_s >= 0 && (ahead_s > CLOCKS_AGREE_S || ahead_s < -CLOCKS_AGREE_S))
        print("the server's clock is %" PRId64 " s %s the clock here: set the one that is wrong",
              ahead_s > 0 ? ahead_s : -ahead_s, ahead_s > 0 ? "ahead of" : "behind");
    else if (about_time && server_s >= 0)
        print("the clock here agrees with the server's, so the bucket itself is wrong");
    return outcome;
}

static enum outcome outcome_of(int err)
{
    switch (err) {
    case -ECANCELED:
        return OUTCOME_INTERRUPTED;
    case -ENOMEM:
    case -EIO:
        return OUTCOME_FAILED;
    case -ENOENT:
    case -EKEYEXPIRED:
        return OUTCOME_GONE;
    case -EHOSTUNREACH:
    case -EPROTO:
    case -EAGAIN:
        return OUTCOME_SERVER;
    default:
        return OUTCOME_REFUSED;
    }
}

static void print_failed(int err, const char *why)
{
    if (err == -EHOSTUNREACH)
        print("the server cannot be reached (%s)", why);
    else if (err == -EPROTO)
        print("this is no REUNION server with links (%s)", why);
    else if (err == -EAGAIN)
        print("the server cannot serve requests now (%s); try again later", why);
    else if (err == -ENOENT)
        print(
            "the server has no bucket with that link: was all of the invitation copied, and is it "
            "that server's?");
    else if (err == -EKEYEXPIRED)
        print("the bucket has expired, and what was in it is gone");
    else
        print("the server refused the request: %s", why);
}

enum outcome report_failed(const struct links_options *options, const char *server, int err,
                           const char *trouble)
{
    enum outcome outcome = outcome_of(err);
    const char *why = trouble ? trouble : err_text(err);
    if (outcome == OUTCOME_INTERRUPTED)
        return outcome;
    if (outcome == OUTCOME_FAILED)
        return outcome_failed(err, "go on");
    if (options->shared.json)
        return write_end(outcome == OUTCOME_REFUSED ? "refused" : "failed", reason_word(err),
                         server, why, outcome);
    print_about(server);
    print_failed(err, why);
    print_about(NULL);
    return outcome;
}

int report_waiting(const struct links_options *options, const char *server, int err,
                   const char *trouble, int64_t retry_ms)
{
    const char *why = trouble ? trouble : err_text(err);
    struct json_line *line;
    if (!options->shared.json) {
        print_about(server);
        print("the server %s yet (%s); trying for %" PRId64 " s",
              err == -EHOSTUNREACH ? "cannot be reached" : "cannot serve requests", why,
              retry_ms / 1000);
        print_about(NULL);
        return 0;
    }
    int failed = json_line_open(&line, "away");
    if (failed)
        return failed;
    reason_put(line, reason_word(err), server, why);
    return json_line_write(line, STDOUT_FILENO);
}

int report_back(const struct links_options *options, const char *server)
{
    struct json_line *line;
    if (!options->shared.json) {
        print_about(server);
        print("the server is back");
        print_about(NULL);
        return 0;
    }
    int failed = json_line_open(&line, "back");
    if (failed)
        return failed;
    reason_put_server(line, server);
    return json_line_write(line, STDOUT_FILENO);
}

enum outcome report_closed(const struct links_options *options)
{
    static const char why[] = "no entry opens with this passphrase: the passphrase is wrong, or "
                              "the link is not in this bucket, or not any more";
    if (options->shared.json)
        return write_end("failed", "closed", NULL, why, OUTCOME_CLOSED);
    print("%s", why);
    return OUTCOME_CLOSED;
}
