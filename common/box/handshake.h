/* The handshake of a box stream: Hello, Cookie, Vouch; bytes in, bytes out. */
#ifndef REUNION_BOX_HANDSHAKE_H
#define REUNION_BOX_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "box/frame.h"
#include "crypto/box.h"

/* DESIGN: each side calls two functions. The client makes a Hello, then takes a Cookie and makes a
 * Vouch; the server takes a Hello and makes a Cookie, then takes a Vouch. At the second call's
 * success each has a stream, and the handshake has forgotten its secrets. After a failure it has as
 * well, and every further call fails: whoever tries again makes a new one, with a new key.
 *
 * Which check failed is not told, so that no program can pass it on. After a failure the server
 * answers nothing, and reads and discards until its deadline.
 *
 * Both structures hold secrets: they live in guarded memory (secret.h) of the caller. One thread at
 * a time for each.
 *
 * Source: box.md of the specification, "Stream". */

enum {
    BOX_COOKIE_TAG_BYTES = 32, /* Ctag, Stag */
    BOX_HELLO_BYTES = 80,
    BOX_COOKIE_BYTES = 128,
    BOX_VOUCH_BYTES = 144,
};

/* A lasting key pair: the server's (S, Ss), or the client's (C, Cs). */
struct box_identity {
    uint8_t public_key[BOX_KEY_BYTES];
    uint8_t secret[BOX_KEY_BYTES];
};

/* The client keys that a server admits: `count` keys of BOX_KEY_BYTES, one after the other. */
struct box_clients {
    const uint8_t *keys;
    size_t count;
};

/* The client's side between Hello and Vouch. */
struct box_client {
    bool waits_for_cookie;
    struct box_identity own, session;    /* C, EC */
    uint8_t tag[BOX_COOKIE_TAG_BYTES];   /* Ctag */
    uint8_t hello_key[BOX_SHARED_BYTES]; /* of EC and S */
};

/* Begin: make the Hello. `own` is the client's lasting key pair, copied; with NULL a fresh one is
 * made. Asks `random` for ECs, Ctag and then, without `own`, Cs, 32 bytes each.
 * Returns: 0, -EBADMSG (the server's key has small order, so nobody can have it; `client` is wiped,
 * `hello` untouched). */
MUST_CHECK int box_client_start(struct box_client *client, uint8_t hello[static BOX_HELLO_BYTES],
                                const uint8_t server_public[static BOX_KEY_BYTES],
                                const struct box_identity *own, const struct random_source *random);

/* Take the Cookie and make the Vouch, after which frames may be sent. Asks `random` for v, 16
 * bytes. Returns: 0, -EMSGSIZE (`cookie_bytes` is not BOX_COOKIE_BYTES), -EBADMSG (not the Cookie
 * of that server to this Hello, or called out of turn). In any case the handshake's secrets are
 * wiped; `stream` and `vouch` are untouched after a failure. */
MUST_CHECK int box_client_finish(struct box_client *client, struct box_stream *stream,
                                 uint8_t vouch[static BOX_VOUCH_BYTES], const uint8_t *cookie,
                                 size_t cookie_bytes, const struct random_source *random);

/* Wipe a handshake that is given up; one that has ended is wiped already. */
void box_client_forget(struct box_client *client);

/* The server's side between Cookie and Vouch. */
struct box_server {
    uint8_t client_session[BOX_KEY_BYTES]; /* EC; zeros, which agree with no key, when wiped */
    uint8_t session_secret[BOX_KEY_BYTES]; /* ESs */
    uint8_t tag[BOX_COOKIE_TAG_BYTES];     /* Stag */
};

/* Take a Hello and make the Cookie. Asks `random` for ESs (32), Stag (32) and r (16).
 * Returns: 0, -EMSGSIZE (`hello_bytes` is not BOX_HELLO_BYTES), -EBADMSG (not a Hello to this key);
 * then `server` is wiped and `cookie` untouched. */
MUST_CHECK int box_server_start(struct box_server *server, uint8_t cookie[static BOX_COOKIE_BYTES],
                                const struct box_identity *own, const uint8_t *hello,
                                size_t hello_bytes, const struct random_source *random);

/* Take the Vouch; frames may be sent and received then. `client_public` is C, which the client has
 * proved to own. With `admitted` only clients whose key stands there are; NULL admits all. The list
 * is compared as a whole, in constant time.
 * Returns: 0, -EMSGSIZE (`vouch_bytes` is not BOX_VOUCH_BYTES), -EBADMSG (not the Vouch to this
 * Cookie, a client that is not admitted, or called out of turn). In any case the handshake's
 * secrets are wiped; `stream` and `client_public` are untouched after a failure. */
MUST_CHECK int box_server_finish(struct box_server *server, struct box_stream *stream,
                                 uint8_t client_public[static BOX_KEY_BYTES], const uint8_t *vouch,
                                 size_t vouch_bytes, const struct box_clients *admitted);

/* Wipe a handshake that is given up; one that has ended is wiped already. */
void box_server_forget(struct box_server *server);

#endif
