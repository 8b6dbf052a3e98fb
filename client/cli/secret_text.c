#include "cli/secret_text.h"

#include <string.h>

#include "base/secret.h"

int secret_text_set(struct secret_text *secret, const char *text, size_t bytes)
{
    if (bytes > SECRET_TEXT_BYTES_MAX)
        return -EMSGSIZE;
    char *copy = secret_alloc(bytes > 0 ? bytes : 1);
    if (!copy)
        return -ENOMEM;
    if (bytes > 0)
        memcpy(copy, text, bytes);
    secret_text_clear(secret);
    *secret = (struct secret_text){copy, bytes};
    return 0;
}

int secret_text_move_argument(struct secret_text *secret, char *argument)
{
    size_t bytes = strlen(argument);
    int err = secret_text_set(secret, argument, bytes);
    secret_wipe(argument, bytes);
    return err;
}

int secret_text_renew(struct secret_text *secret)
{
    if (!secret->text)
        return 0;
    const struct secret_text old = *secret;
    secret->text = NULL;
    int err = secret_text_set(secret, old.text, old.bytes);
    if (err)
        *secret = old;
    else
        secret_free(old.text);
    return err;
}

void secret_text_clear(struct secret_text *secret)
{
    secret_free(secret->text);
    *secret = (struct secret_text){0};
}
