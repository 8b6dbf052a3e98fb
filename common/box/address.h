/* Addresses of servers on the box transport: box://HOST:PORT#KEY. */
#ifndef REUNION_BOX_ADDRESS_H
#define REUNION_BOX_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/box.h"

/* Source: box.md of the specification, "Keys and addresses". */

enum {
    BOX_ADDRESS_PORT = 5443,         /* where none is told */
    BOX_ADDRESS_HOST_BYTES = 256,    /* with the terminating zero */
    BOX_ADDRESS_KEY_TEXT_BYTES = 44, /* base64url without padding, with the terminating zero */
    BOX_SECRET_TEXT_BYTES = 44,      /* base64 with padding */
    BOX_ADDRESS_TEXT_BYTES = 352,    /* of the whole, with the terminating zero */
};

struct box_address {
    bool packets;                      /* box+udp:// */
    char host[BOX_ADDRESS_HOST_BYTES]; /* a name or a literal address, IPv6 without brackets */
    uint16_t port;                     /* not 0 */
    uint8_t key[BOX_KEY_BYTES];        /* the server's, S */
};

/* Read an address, which is terminated. Whether the key can be anybody's, box_client_start tells.
 * Any thread.
 * Returns: 0; -ENOTSUP (it begins neither with box:// nor with box+udp://); -ENOENT (there is no
 * key behind "#"); -EDESTADDRREQ (host or port are malformed); -EBADMSG (the key is). `address` is
 * untouched then. */
MUST_CHECK int box_address_parse(struct box_address *address, const char *text);

/* Write an address, with its port; what is written reads back as the same. Any thread. */
void box_address_print(char text[static BOX_ADDRESS_TEXT_BYTES], const struct box_address *address);

/* A public key as it stands in addresses, and back, strictly: 43 characters and no others. Any
 * thread. box_key_parse returns: 0, -EBADMSG (`key` is untouched). */
void box_key_print(char text[static BOX_ADDRESS_KEY_TEXT_BYTES],
                   const uint8_t key[static BOX_KEY_BYTES]);
MUST_CHECK int box_key_parse(uint8_t key[static BOX_KEY_BYTES], const char *text);

/* A secret key as it stands in files: BOX_SECRET_TEXT_BYTES of base64, without a line end. Any
 * thread. Returns: 0, -EBADMSG (another text; or the key is zeros, which anybody would try);
 * `secret` may have been written in any case, and is the caller's to wipe. */
MUST_CHECK int box_secret_parse(uint8_t secret[static BOX_KEY_BYTES], const char *text,
                                size_t bytes);

#endif
