#include "box/handshake.h"

#include <string.h>

#include "base/cursor.h"
#include "base/declassify.h"
#include "base/secret.h"
#include "base/writer.h"
#include "box/nonce.h"

enum {
    COOKIE_PLAINTEXT_BYTES = BOX_KEY_BYTES + 2 * BOX_COOKIE_TAG_BYTES, /* ES, Ctag, Stag */
    INNER_PLAINTEXT_BYTES = BOX_KEY_BYTES + BOX_COOKIE_TAG_BYTES,      /* EC, Stag */
    INNER_BYTES = INNER_PLAINTEXT_BYTES + BOX_TAG_BYTES,               /* V */
    VOUCH_PLAINTEXT_BYTES = BOX_KEY_BYTES + BOX_NONCE_RANDOM_BYTES + INNER_BYTES, /* C, v, V */
};

_Static_assert(BOX_KEY_BYTES + BOX_COOKIE_TAG_BYTES + BOX_TAG_BYTES == BOX_HELLO_BYTES, "Hello");
_Static_assert(BOX_NONCE_RANDOM_BYTES + COOKIE_PLAINTEXT_BYTES + BOX_TAG_BYTES == BOX_COOKIE_BYTES,
               "Cookie");
_Static_assert(VOUCH_PLAINTEXT_BYTES + BOX_TAG_BYTES == BOX_VOUCH_BYTES, "Vouch");

/* secret_equal, whose outcome decides whether the handshake goes on, so it shows. */
static bool is_repeated(const uint8_t *a, const uint8_t *b, size_t bytes)
{
    bool same = secret_equal(a, b, bytes);
    declassify(&same, sizeof same);
    return same;
}

void box_client_forget(struct box_client *client)
{
    secret_wipe(client, sizeof *client);
}

void box_server_forget(struct box_server *server)
{
    secret_wipe(server, sizeof *server);
}

int box_client_start(struct box_client *client, uint8_t hello[static BOX_HELLO_BYTES],
                     const uint8_t server_public[static BOX_KEY_BYTES],
                     const struct box_identity *own, const struct random_source *random)
{
    uint8_t nonce[BOX_NONCE_BYTES];
    box_pair(client->session.public_key, client->session.secret, random);
    random_fill(random, client->tag, sizeof client->tag);
    if (own)
        client->own = *own;
    else
        box_pair(client->own.public_key, client->own.secret, random);
    if (box_agree(client->hello_key, client->session.secret, server_public)) {
        box_client_forget(client);
        return -EBADMSG;
    }
    memcpy(hello, client->session.public_key, BOX_KEY_BYTES);
    box_nonce_hello(nonce);
    box_seal(hello + BOX_KEY_BYTES, client->hello_key, nonce, client->tag, sizeof client->tag);
    client->waits_for_cookie = true;
    return 0;
}

/* What a Cookie has for its client. */
struct opened_cookie {
    uint8_t server_session[BOX_KEY_BYTES]; /* ES */
    uint8_t server_tag[BOX_COOKIE_TAG_BYTES];
};

static int open_cookie(struct opened_cookie *opened, const struct box_client *client,
                       const uint8_t cookie[static BOX_COOKIE_BYTES])
{
    uint8_t nonce[BOX_NONCE_BYTES], plaintext[COOKIE_PLAINTEXT_BYTES];
    box_nonce_cookie(nonce, cookie);
    int err = box_open(plaintext, client->hello_key, nonce, cookie + BOX_NONCE_RANDOM_BYTES,
                       BOX_COOKIE_BYTES - BOX_NONCE_RANDOM_BYTES);
    if (!err) {
        struct cursor at = cursor_over(plaintext, sizeof plaintext);
        uint8_t tag[BOX_COOKIE_TAG_BYTES];
        cursor_copy(&at, opened->server_session, sizeof opened->server_session);
        cursor_copy(&at, tag, sizeof tag);
        cursor_copy(&at, opened->server_tag, sizeof opened->server_tag);
        err = is_repeated(tag, client->tag, sizeof tag) ? 0 : -EBADMSG;
        secret_wipe(tag, sizeof tag);
    }
    secret_wipe(plaintext, sizeof plaintext);
    return err;
}

/* V: that the owner of Cs has made EC, for this ES. */
static int make_inner(uint8_t inner[static INNER_BYTES], const struct box_client *client,
                      const struct opened_cookie *cookie,
                      const uint8_t v[static BOX_NONCE_RANDOM_BYTES])
{
    uint8_t nonce[BOX_NONCE_BYTES], shared[BOX_SHARED_BYTES], plaintext[INNER_PLAINTEXT_BYTES];
    int err = box_agree(shared, client->own.secret, cookie->server_session);
    if (!err) {
        struct writer writer = {plaintext, 0};
        writer_put(&writer, client->session.public_key, BOX_KEY_BYTES);
        writer_put(&writer, cookie->server_tag, BOX_COOKIE_TAG_BYTES);
        box_nonce_vouch(nonce, v);
        box_seal(inner, shared, nonce, plaintext, sizeof plaintext);
    }
    secret_wipe(shared, sizeof shared);
    secret_wipe(plaintext, sizeof plaintext);
    return err;
}

/* The Vouch, and the key of the stream. */
static int make_vouch(uint8_t vouch[static BOX_VOUCH_BYTES],
                      uint8_t shared[static BOX_SHARED_BYTES], const struct box_client *client,
                      const struct opened_cookie *cookie, const struct random_source *random)
{
    uint8_t nonce[BOX_NONCE_BYTES], v[BOX_NONCE_RANDOM_BYTES], inner[INNER_BYTES];
    uint8_t plaintext[VOUCH_PLAINTEXT_BYTES];
    if (box_agree(shared, client->session.secret, cookie->server_session))
        return -EBADMSG;
    random_fill(random, v, sizeof v);
    int err = make_inner(inner, client, cookie, v);
    if (!err) {
        struct writer writer = {plaintext, 0};
        writer_put(&writer, client->own.public_key, BOX_KEY_BYTES);
        writer_put(&writer, v, sizeof v);
        writer_put(&writer, inner, sizeof inner);
        box_nonce_counter(nonce, true, 0);
        box_seal(vouch, shared, nonce, plaintext, sizeof plaintext);
    }
    /* C names the client, and V would say so to others. */
    secret_wipe(plaintext, sizeof plaintext);
    secret_wipe(inner, sizeof inner);
    return err;
}

int box_client_finish(struct box_client *client, struct box_stream *stream,
                      uint8_t vouch[static BOX_VOUCH_BYTES], const uint8_t *cookie,
                      size_t cookie_bytes, const struct random_source *random)
{
    struct opened_cookie opened;
    uint8_t shared[BOX_SHARED_BYTES];
    int err = cookie_bytes == BOX_COOKIE_BYTES ? 0 : -EMSGSIZE;
    if (!err && !client->waits_for_cookie)
        err = -EBADMSG;
    if (!err)
        err = open_cookie(&opened, client, cookie);
    if (!err)
        err = make_vouch(vouch, shared, client, &opened, random);
    if (!err)
        box_stream_begin(stream, BOX_CLIENT, shared);
    secret_wipe(&opened, sizeof opened);
    secret_wipe(shared, sizeof shared);
    box_client_forget(client);
    return err;
}

/* Whether a Hello opens, with the key for its Cookie. */
static int open_hello(uint8_t shared[static BOX_SHARED_BYTES],
                      uint8_t tag[static BOX_COOKIE_TAG_BYTES], const struct box_identity *own,
                      const uint8_t hello[static BOX_HELLO_BYTES])
{
    uint8_t nonce[BOX_NONCE_BYTES];
    if (box_agree(shared, own->secret, hello))
        return -EBADMSG;
    box_nonce_hello(nonce);
    return box_open(tag, shared, nonce, hello + BOX_KEY_BYTES, BOX_HELLO_BYTES - BOX_KEY_BYTES);
}

/* The Cookie, and what its Vouch will be compared with. */
static void make_cookie(struct box_server *server, uint8_t cookie[static BOX_COOKIE_BYTES],
                        const uint8_t shared[static BOX_SHARED_BYTES],
                        const uint8_t client_tag[static BOX_COOKIE_TAG_BYTES],
                        const struct random_source *random)
{
    uint8_t nonce[BOX_NONCE_BYTES], session_public[BOX_KEY_BYTES];
    uint8_t plaintext[COOKIE_PLAINTEXT_BYTES];
    struct writer writer = {plaintext, 0};
    box_pair(session_public, server->session_secret, random);
    random_fill(random, server->tag, sizeof server->tag);
    random_fill(random, cookie, BOX_NONCE_RANDOM_BYTES);
    writer_put(&writer, session_public, sizeof session_public);
    writer_put(&writer, client_tag, BOX_COOKIE_TAG_BYTES);
    writer_put(&writer, server->tag, sizeof server->tag);
    box_nonce_cookie(nonce, cookie);
    box_seal(cookie + BOX_NONCE_RANDOM_BYTES, shared, nonce, plaintext, sizeof plaintext);
    secret_wipe(plaintext, sizeof plaintext);
}

int box_server_start(struct box_server *server, uint8_t cookie[static BOX_COOKIE_BYTES],
                     const struct box_identity *own, const uint8_t *hello, size_t hello_bytes,
                     const struct random_source *random)
{
    uint8_t shared[BOX_SHARED_BYTES], client_tag[BOX_COOKIE_TAG_BYTES];
    int err = hello_bytes == BOX_HELLO_BYTES ? 0 : -EMSGSIZE;
    box_server_forget(server);
    if (!err)
        err = open_hello(shared, client_tag, own, hello);
    if (!err) {
        memcpy(server->client_session, hello, BOX_KEY_BYTES);
        make_cookie(server, cookie, shared, client_tag, random);
    }
    secret_wipe(shared, sizeof shared);
    secret_wipe(client_tag, sizeof client_tag);
    return err;
}

/* Whether V opens under C, and repeats the EC of the Hello and the Stag of the Cookie. */
static int check_inner(const struct box_server *server,
                       const uint8_t client_public[static BOX_KEY_BYTES],
                       const uint8_t v[static BOX_NONCE_RANDOM_BYTES],
                       const uint8_t inner[static INNER_BYTES])
{
    uint8_t nonce[BOX_NONCE_BYTES], shared[BOX_SHARED_BYTES], plaintext[INNER_PLAINTEXT_BYTES];
    uint8_t wanted[INNER_PLAINTEXT_BYTES];
    struct writer writer = {wanted, 0};
    writer_put(&writer, server->client_session, BOX_KEY_BYTES);
    writer_put(&writer, server->tag, BOX_COOKIE_TAG_BYTES);
    box_nonce_vouch(nonce, v);
    int err = box_agree(shared, server->session_secret, client_public);
    if (!err)
        err = box_open(plaintext, shared, nonce, inner, INNER_BYTES);
    if (!err && !is_repeated(plaintext, wanted, sizeof wanted))
        err = -EBADMSG;
    secret_wipe(shared, sizeof shared);
    secret_wipe(plaintext, sizeof plaintext);
    secret_wipe(wanted, sizeof wanted);
    return err;
}

static bool is_admitted(const struct box_clients *admitted,
                        const uint8_t client_public[static BOX_KEY_BYTES])
{
    bool found = false;
    for (size_t i = 0; i < admitted->count; i++)
        found |= secret_equal(admitted->keys + i * BOX_KEY_BYTES, client_public, BOX_KEY_BYTES);
    declassify(&found, sizeof found);
    return found;
}

/* Open a Vouch with the key of the stream, and check all that it says. */
static int check_vouch(const struct box_server *server, uint8_t client_public[static BOX_KEY_BYTES],
                       const uint8_t shared[static BOX_SHARED_BYTES],
                       const uint8_t vouch[static BOX_VOUCH_BYTES],
                       const struct box_clients *admitted)
{
    uint8_t nonce[BOX_NONCE_BYTES], plaintext[VOUCH_PLAINTEXT_BYTES];
    box_nonce_counter(nonce, true, 0);
    int err = box_open(plaintext, shared, nonce, vouch, BOX_VOUCH_BYTES);
    if (!err) {
        struct cursor at = cursor_over(plaintext, sizeof plaintext);
        const uint8_t *named = cursor_take(&at, BOX_KEY_BYTES);
        const uint8_t *v = cursor_take(&at, BOX_NONCE_RANDOM_BYTES);
        const uint8_t *inner = cursor_take(&at, INNER_BYTES);
        err = check_inner(server, named, v, inner);
        if (admitted && !is_admitted(admitted, named))
            err = -EBADMSG;
        if (!err)
            memcpy(client_public, named, BOX_KEY_BYTES);
    }
    secret_wipe(plaintext, sizeof plaintext);
    return err;
}

int box_server_finish(struct box_server *server, struct box_stream *stream,
                      uint8_t client_public[static BOX_KEY_BYTES], const uint8_t *vouch,
                      size_t vouch_bytes, const struct box_clients *admitted)
{
    uint8_t shared[BOX_SHARED_BYTES];
    int err = vouch_bytes == BOX_VOUCH_BYTES ? 0 : -EMSGSIZE;
    /* Fails out of turn: EC is zeros then. */
    if (!err)
        err = box_agree(shared, server->session_secret, server->client_session);
    if (!err)
        err = check_vouch(server, client_public, shared, vouch, admitted);
    if (!err)
        box_stream_begin(stream, BOX_SERVER, shared);
    secret_wipe(shared, sizeof shared);
    box_server_forget(server);
    return err;
}
