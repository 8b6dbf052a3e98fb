/* Seals a link as an initiator does, whatever else has been sealed with the same key.
 *
 *   seal_link PASSPHRASE SALT LINK
 *
 * The salt is in hexadecimal digits; standard output gets the blob. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "link/seal.h"

int main(int argc, char **argv)
{
    uint8_t salt[LINK_SALT_BYTES], key[LINK_KEY_BYTES], blob[LINK_BLOB_BYTES];
    if (argc != 4 || secret_init() || hex_decode(salt, sizeof salt, argv[2]))
        return 2;
    if (link_key(key, (const uint8_t *)argv[1], strlen(argv[1]), salt) ||
        link_seal(blob, key, (const uint8_t *)argv[3], strlen(argv[3])))
        return 1;
    return fwrite(blob, sizeof blob, 1, stdout) == 1 && fflush(stdout) == 0 ? 0 : 1;
}
