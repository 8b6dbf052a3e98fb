#include "cli/generate.h"

#include <string.h>

#include "base/secret.h"
#include "cli/word_list.h"

int generate_passphrase(struct secret_text *passphrase, const struct random_source *random)
{
    char *made = secret_alloc(GENERATE_WORDS * WORD_LIST_BYTES);
    if (!made)
        return -ENOMEM;
    size_t bytes = 0;
    for (int i = 0; i < GENERATE_WORDS; i++) {
        uint32_t drawn = random_below(random, WORD_LIST_COUNT);
        if (i > 0)
            made[bytes++] = '-';
        /* Which word is read shows in the cache of this machine alone, once. */
        size_t length = strlen(word_list[drawn]);
        memcpy(made + bytes, word_list[drawn], length);
        bytes += length;
        secret_wipe(&drawn, sizeof drawn);
    }
    int err = secret_text_set(passphrase, made, bytes);
    secret_free(made);
    return err;
}
