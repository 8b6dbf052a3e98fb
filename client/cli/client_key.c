#include "cli/client_key.h"

#include "base/secret.h"
#include "box/address.h"
#include "cli/print.h"
#include "cli/secret_file.h"

enum { PATIENCE_S = 5 };

/* Returns: OUTCOME_DONE and a text to be cleared. */
static enum outcome read_text(struct secret_text *text, const char *path,
                              const struct stop_source *stop)
{
    bool exposed;
    int err = secret_file_load_soon(text, path, &exposed, PATIENCE_S * 1000, stop);
    if (err == -ECANCELED)
        return OUTCOME_INTERRUPTED;
    if (err == -ETIMEDOUT) {
        print("nothing came for %d s from what --box-client-key names, %s; does anybody write to "
              "it?",
              PATIENCE_S, path);
        return OUTCOME_USAGE;
    }
    if (err)
        return outcome_unusable(err, "read the file of --box-client-key, %s", path);
    if (!exposed)
        return OUTCOME_DONE;
    secret_text_clear(text);
    print("others on this machine may read the file of --box-client-key, %s: chmod 600 ends that; "
          "if they may have read it, make a new one",
          path);
    return OUTCOME_USAGE;
}

enum outcome client_key_load(struct box_identity **identity, const char *path,
                             const struct stop_source *stop)
{
    struct secret_text text = {.text = NULL};
    struct box_identity *loaded = secret_alloc(sizeof *loaded);
    if (!loaded)
        return outcome_failed(-ENOMEM, "keep the key of --box-client-key");
    enum outcome outcome = read_text(&text, path, stop);
    if (outcome == OUTCOME_DONE && box_secret_parse(loaded->secret, text.text, text.bytes)) {
        print("the file of --box-client-key, %s, does not hold a line with 32 bytes in base64; "
              "(umask 077; openssl rand -base64 32 >FILE) makes one",
              path);
        outcome = OUTCOME_USAGE;
    }
    secret_text_clear(&text);
    if (outcome != OUTCOME_DONE) {
        secret_free(loaded);
        return outcome;
    }
    box_public(loaded->public_key, loaded->secret);
    *identity = loaded;
    return OUTCOME_DONE;
}
