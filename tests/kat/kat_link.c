#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "kat.h"
#include "link/invitation.h"
#include "link/seal.h"

/* Private links against the answers of link_kat.py. */

static void check_blob(struct kat_score *score, const json_t *entry, size_t index)
{
    struct kat_bytes text = kat_take(entry, "text");
    struct kat_bytes passphrase = kat_take(entry, "passphrase");
    struct kat_bytes salt = kat_take_exactly(entry, "salt", LINK_SALT_BYTES);
    struct kat_bytes wanted_key = kat_take_exactly(entry, "key", LINK_KEY_BYTES);
    struct kat_bytes wanted_blob = kat_take_exactly(entry, "blob", LINK_BLOB_BYTES);
    uint8_t key[LINK_KEY_BYTES], blob[LINK_BLOB_BYTES], opened[LINK_TEXT_BYTES_MAX];
    size_t bytes = 0;
    kat_expect(score,
               !link_key(key, passphrase.data, passphrase.bytes, salt.data) &&
                   kat_equal(&wanted_key, key, sizeof key),
               "link", index, "key");
    kat_expect(score,
               !link_seal(blob, wanted_key.data, text.data, text.bytes) &&
                   kat_equal(&wanted_blob, blob, sizeof blob),
               "link", index, "blob");
    kat_expect(score,
               !link_open(opened, &bytes, wanted_key.data, wanted_blob.data) &&
                   kat_equal(&text, opened, bytes),
               "link", index, "opened");
    kat_free(&text);
    kat_free(&passphrase);
    kat_free(&salt);
    kat_free(&wanted_key);
    kat_free(&wanted_blob);
}

/* `passphrase` is what the invitation carries, perhaps nothing. */
static void check_invitation(struct kat_score *score, const json_t *entry, size_t index,
                             const char *name, const struct kat_bytes *passphrase)
{
    const char *text = json_string_value(json_object_get(entry, name));
    struct kat_bytes server = kat_take(entry, "server");
    struct kat_bytes bucket = kat_take_exactly(entry, "bucket", ID_BYTES);
    struct kat_bytes salt = kat_take_exactly(entry, "salt", LINK_SALT_BYTES);
    static struct invitation read;
    static char printed[INVITATION_TEXT_BYTES];
    bool parsed = text && !invitation_parse(&read, text, strlen(text));
    kat_expect(score,
               parsed && kat_equal(&server, (const uint8_t *)read.server, strlen(read.server)) &&
                   kat_equal(&bucket, read.bucket, ID_BYTES) &&
                   kat_equal(&salt, read.salt, LINK_SALT_BYTES) &&
                   kat_equal(passphrase, (const uint8_t *)read.passphrase, strlen(read.passphrase)),
               name, index, "read");
    if (parsed)
        invitation_print(printed, &read);
    kat_expect(score, parsed && strcmp(printed, text) == 0, name, index, "printed");
    kat_free(&server);
    kat_free(&bucket);
    kat_free(&salt);
}

int main(int argc, char **argv)
{
    struct kat_score score = {0};
    json_error_t error;
    json_t *entries = json_load_file(argc == 2 ? argv[1] : "", 0, &error);
    if (!json_is_array(entries) || secret_init()) {
        fprintf(stderr, "usage: kat_link FILE (%s)\n", error.text);
        return 2;
    }
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *entry = json_array_get(entries, i);
        struct kat_bytes passphrase = kat_take(entry, "passphrase");
        const struct kat_bytes none = {.data = (uint8_t[1]){0}, .bytes = 0};
        check_blob(&score, entry, i);
        check_invitation(&score, entry, i, "invitation", &passphrase);
        check_invitation(&score, entry, i, "invitation_apart", &none);
        kat_free(&passphrase);
    }
    json_decref(entries);
    printf("%u right, %u wrong\n", score.passed, score.failed);
    return score.failed > 0 || score.passed == 0;
}
