#include "run/message.h"

#include <string.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/credentials.h"
#include "cli/phrase.h"
#include "cli/print.h"
#include "cli/utf8.h"

static size_t count_characters(const struct secret_text *message)
{
    size_t count = 0;
    for (size_t i = 0; i < message->bytes; i++)
        count += ((unsigned char)message->text[i] & 0xc0) != 0x80;
    return count;
}

/* What everybody's payload has room for, and what can be shown. */
static enum outcome check(const struct secret_text *message, size_t bytes_max)
{
    if (!utf8_is_valid((const uint8_t *)message->text, message->bytes)) {
        print("the message is not UTF-8");
        return OUTCOME_USAGE;
    }
    if (message->bytes > bytes_max) {
        size_t characters = count_characters(message);
        print("the message has %zu bytes, %zu more than the %zu that fit%s", message->bytes,
              message->bytes - bytes_max, bytes_max,
              characters < message->bytes ? " (a character beyond ASCII has two to four bytes)"
                                          : "");
        return OUTCOME_USAGE;
    }
    if (phrase_is_blank(message->text, message->bytes)) {
        print(
            "the message is empty, or nothing but blanks: those you meet would not know whom they "
            "met");
        return OUTCOME_USAGE;
    }
    if (message->bytes > 0 && message->text[message->bytes - 1] == ' ')
        print("spaces at the end of a message are lost");
    return OUTCOME_DONE;
}

static bool message_is_asked(const struct run_options *options)
{
    return !options->message.text && !options->message_file;
}

bool message_asks(const struct run_options *options)
{
    bool words = message_is_asked(options) || credentials_passphrase_is_asked(&options->shared);
    return options->shared.generate || (words && isatty(STDIN_FILENO));
}

/* Time runs while others are waited for, and while a file is that never ends; not while somebody
 * types. Returns: OUTCOME_DONE, OUTCOME_FAILED. */
static enum outcome let_time_run(const struct run_options *options, struct signals *signals)
{
    int err = options->duration_s > 0 ? signals_stop_after(signals, options->duration_s) : 0;
    return err ? outcome_failed(err, "set a timer for the duration") : OUTCOME_DONE;
}

/* A stop while words were read. */
static enum outcome explain_stop(enum outcome outcome, const struct signals *signals)
{
    if (outcome != OUTCOME_INTERRUPTED || signals_cause(signals) != STOP_TIME_OVER)
        return outcome;
    print("the time to stay was over before message and passphrase had been read: their input did "
          "not end");
    return OUTCOME_USAGE;
}

enum outcome message_gather(struct run_options *options, size_t bytes_max, struct signals *signals)
{
    const struct credentials_text message = {.name = "message",
                                             .question = "Message: ",
                                             .file = options->message_file,
                                             .text = &options->message};
    const struct stop_source stop = signals_source(signals);
    bool typed = isatty(STDIN_FILENO);
    bool then_typed = typed && credentials_passphrase_is_asked(&options->shared);
    enum outcome outcome = OUTCOME_DONE;
    if (!then_typed && !(typed && message_is_asked(options)))
        outcome = let_time_run(options, signals);
    if (outcome == OUTCOME_DONE)
        outcome = credentials_text(&message, &options->shared, &stop);
    if (outcome == OUTCOME_DONE)
        outcome = check(&options->message, bytes_max);
    if (outcome == OUTCOME_DONE && !then_typed)
        outcome = let_time_run(options, signals);
    if (outcome == OUTCOME_DONE)
        outcome = credentials_passphrase(&options->shared, true, &random_system, &stop);
    if (outcome == OUTCOME_DONE)
        outcome = let_time_run(options, signals);
    return explain_stop(outcome, signals);
}

uint8_t *message_padded(const struct secret_text *message, size_t bytes)
{
    uint8_t *payload = secret_alloc(bytes);
    if (!payload)
        return NULL;
    memset(payload, ' ', bytes);
    memcpy(payload, message->text, message->bytes);
    return payload;
}
