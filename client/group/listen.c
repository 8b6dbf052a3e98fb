#include "group/listen.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret.h"
#include "cli/print.h"
#include "group/commands.h"
#include "group/show.h"
#include "group/talk.h"

/* DESIGN: the file of a group is open for a round at a time, so that `send` and the others can use
 * it in between; a sealed one stays open, as its key costs a second. A line on the terminal is read
 * when it is whole. */

enum {
    ROUND_MS = 1000,       /* between two rounds */
    OLD_ROUND_MS = 15000,  /* between two in which old mailboxes are read */
    AWAY_ROUND_MS = 5000,  /* while the server does not answer */
    LINE_BYTES_MAX = 4096, /* of a terminal */
};

/* One round with the file open. Returns: as `talk`; OUTCOME in `*outcome` where that is not it. */
static int round_open(struct context *context, struct secret_text *line, bool old_too,
                      enum outcome *outcome)
{
    if (line->text && line->bytes > 0)
        *outcome = command_write(context, line->text, line->bytes);
    secret_text_clear(line);
    if (*outcome == OUTCOME_USAGE)
        *outcome = OUTCOME_DONE; /* it was said, and the next line may be better */
    int err = *outcome == OUTCOME_DONE ? talk(context, old_too) : 0;
    if (*outcome == OUTCOME_DONE)
        *outcome = show_events(context);
    return err;
}

static int hold_round(struct context *context, struct secret_text *line, bool old_too,
                      enum outcome *outcome)
{
    if (!context->stored.device) {
        *outcome = context_load(context);
        if (*outcome != OUTCOME_DONE)
            return 0;
    }
    int err = round_open(context, line, old_too, outcome);
    bool is_over = device_is_over(context->stored.device);
    if (is_over && *outcome == OUTCOME_DONE && !err)
        err = -ESHUTDOWN;
    if (!context->store.passphrase)
        context_unload(context);
    return err;
}

/* Wait for a line or the next round. Returns: whether there is something to read. */
static bool wait_for_line(const struct context *context, bool reads, int ms)
{
    struct pollfd waits[] = {{.fd = context->stop.fd, .events = POLLIN},
                             {.fd = STDIN_FILENO, .events = POLLIN}};
    return poll(waits, reads ? 2 : 1, ms) > 0 && waits[1].revents != 0;
}

/* Take the line that a terminal has ready; longer ones than it takes come in pieces.
 * Returns: false if no more will come. */
static bool read_line(struct secret_text *line)
{
    char typed[LINE_BYTES_MAX] = "";
    ssize_t bytes = read(STDIN_FILENO, typed, sizeof typed);
    if (bytes < 0)
        return errno == EINTR || errno == EAGAIN;
    while (bytes > 0 && (typed[bytes - 1] == '\n' || typed[bytes - 1] == '\r'))
        bytes--;
    int err = bytes > 0 ? secret_text_set(line, typed, (size_t)bytes) : 0;
    bool more = bytes > 0 || typed[0] == '\n';
    secret_wipe(typed, sizeof typed);
    if (err)
        print("cannot take the line that was typed: %s", err_reason(err));
    return more;
}

static enum outcome end_of(struct context *context)
{
    return signals_cause(&context->signals) == STOP_TIME_OVER ? OUTCOME_DONE : OUTCOME_INTERRUPTED;
}

static enum outcome listen(struct context *context)
{
    struct secret_text line = {.text = NULL};
    bool reads = isatty(STDIN_FILENO);
    int64_t old_ms = 0;
    enum outcome outcome = OUTCOME_DONE;
    while (outcome == OUTCOME_DONE) {
        int64_t now_ms = clock_monotonic_ms(&clock_system);
        bool old_too = now_ms >= old_ms;
        if (old_too)
            old_ms = now_ms + OLD_ROUND_MS;
        int err = hold_round(context, &line, old_too, &outcome);
        if (outcome != OUTCOME_DONE)
            break;
        if (err == -ESHUTDOWN)
            return OUTCOME_DONE; /* it was shown why */
        if (err == -EIO || err == -ENOMEM)
            return OUTCOME_FAILED;
        if (stop_asked(&context->stop))
            return end_of(context);
        if (wait_for_line(context, reads, err ? AWAY_ROUND_MS : ROUND_MS)) {
            reads = read_line(&line);
        }
        if (stop_asked(&context->stop))
            return end_of(context);
    }
    return outcome;
}

static enum outcome listen_once(struct context *context)
{
    enum outcome outcome = talk_until(context, NULL, 0);
    enum outcome shown = show_events(context);
    return outcome == OUTCOME_DONE ? shown : outcome;
}

enum outcome command_listen(struct context *context)
{
    enum outcome outcome = command_go_out(context);
    if (outcome != OUTCOME_DONE)
        return outcome;
    if (context->options->once)
        return listen_once(context);
    int64_t seconds = context->options->duration_s;
    int err = seconds > 0 ? signals_stop_after(&context->signals, seconds) : 0;
    return err ? outcome_failed(err, "set a timer") : listen(context);
}
