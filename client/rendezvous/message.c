#include "rendezvous/message.h"

#include <string.h>

#include "base/secret.h"
#include "cli/say.h"
#include "cli/utf8.h"
#include "cli/words.h"

/* What everybody's payload has room for, and what can be shown. */
static enum outcome check(const struct secret_text *message, size_t bytes_max)
{
    if (message->bytes > bytes_max) {
        say("the message has %zu bytes; more than %zu do not fit", message->bytes, bytes_max);
        return OUTCOME_USAGE;
    }
    if (!utf8_is_valid((const uint8_t *)message->text, message->bytes)) {
        say("the message is not UTF-8");
        return OUTCOME_USAGE;
    }
    if (message->bytes > 0 && message->text[message->bytes - 1] == ' ')
        say("spaces at the end of a message are lost");
    return OUTCOME_DONE;
}

enum outcome message_gather(struct rendezvous_options *options, size_t bytes_max,
                            const struct stop_source *stop)
{
    const struct words_text message = {.name = "message",
                                       .question = "Message: ",
                                       .file = options->message_file,
                                       .text = &options->message};
    enum outcome outcome = words_text(&message, &options->shared, stop);
    if (outcome == OUTCOME_DONE)
        outcome = words_passphrase(&options->shared, &random_system, stop);
    return outcome == OUTCOME_DONE ? check(&options->message, bytes_max) : outcome;
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
