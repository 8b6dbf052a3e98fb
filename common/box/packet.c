#include "box/packet.h"

#include <sodium.h>
#include <string.h>

#include "base/cursor.h"
#include "base/declassify.h"
#include "base/secret.h"
#include "base/writer.h"

enum {
    LENGTH_BYTES = 2, /* of q or p, before it */
    REQUEST_BOX_AT = BOX_KEY_BYTES + BOX_PACKET_A_BYTES,
    ANSWER_BOX_AT = 2 * BOX_PACKET_A_BYTES,
    OVERHEAD_BYTES = BOX_TAG_BYTES + LENGTH_BYTES,
    PLAINTEXT_BYTES_MAX = LENGTH_BYTES + BOX_PACKET_P_BYTES_MAX,
};

_Static_assert(REQUEST_BOX_AT + OVERHEAD_BYTES + BOX_PACKET_Q_BYTES_MAX == BOX_PACKET_BYTES, "q");
_Static_assert(ANSWER_BOX_AT + OVERHEAD_BYTES + BOX_PACKET_P_BYTES_MAX == BOX_PACKET_BYTES, "p");
_Static_assert(REQUEST_BOX_AT + OVERHEAD_BYTES + BOX_PACKET_SHORT_Q_BYTES_MAX ==
                   (int)BOX_PACKET_UNFILLED_BYTES,
               "q of a short request");
_Static_assert(ANSWER_BOX_AT + OVERHEAD_BYTES + BOX_PACKET_SHORT_P_BYTES_MAX ==
                   (int)BOX_PACKET_SHORT_BYTES,
               "p of a short answer");

/* BLAKE2b-192 of a label of 8 characters and two byte strings. */
static void hash_nonce(uint8_t nonce[static BOX_NONCE_BYTES], const char *label,
                       const uint8_t *first, size_t first_bytes, const uint8_t *second,
                       size_t second_bytes)
{
    crypto_generichash_state state;
    int err = crypto_generichash_init(&state, NULL, 0, BOX_NONCE_BYTES);
    err |= crypto_generichash_update(&state, (const uint8_t *)label, strlen(label));
    err |= crypto_generichash_update(&state, first, first_bytes);
    err |= crypto_generichash_update(&state, second, second_bytes);
    err |= crypto_generichash_final(&state, nonce, BOX_NONCE_BYTES);
    INVARIANT(!err);
    /* Nothing here is secret: EC, a and b are sent. */
}

static void request_nonce(uint8_t nonce[static BOX_NONCE_BYTES], const uint8_t *session,
                          const uint8_t *a)
{
    hash_nonce(nonce, "RPclient", session, BOX_KEY_BYTES, a, BOX_PACKET_A_BYTES);
}

static void answer_nonce(uint8_t nonce[static BOX_NONCE_BYTES], const uint8_t *a, const uint8_t *b)
{
    hash_nonce(nonce, "RPserver", a, BOX_PACKET_A_BYTES, b, BOX_PACKET_A_BYTES);
}

/* A box of `box_bytes` of a text with its length. */
static void seal_text(uint8_t *box, size_t box_bytes, const uint8_t shared[static BOX_SHARED_BYTES],
                      const uint8_t nonce[static BOX_NONCE_BYTES], const uint8_t *text,
                      size_t text_bytes)
{
    uint8_t plaintext[PLAINTEXT_BYTES_MAX] = {0};
    struct writer writer = {plaintext, 0};
    writer_be16(&writer, (uint16_t)text_bytes);
    writer_put(&writer, text, text_bytes);
    box_seal(box, shared, nonce, plaintext, box_bytes - BOX_TAG_BYTES);
    secret_wipe(plaintext, sizeof plaintext);
}

static int open_text(uint8_t *text, size_t *text_bytes,
                     const uint8_t shared[static BOX_SHARED_BYTES],
                     const uint8_t nonce[static BOX_NONCE_BYTES], const uint8_t *box,
                     size_t box_bytes)
{
    uint8_t plaintext[PLAINTEXT_BYTES_MAX];
    int err = box_open(plaintext, shared, nonce, box, box_bytes);
    if (!err) {
        struct cursor at = cursor_over(plaintext, box_bytes - BOX_TAG_BYTES);
        size_t bytes = cursor_be16(&at);
        /* Public: it decides whether there is an answer. */
        declassify(&bytes, sizeof bytes);
        const uint8_t *stated = cursor_take(&at, bytes);
        if (stated && bytes > 0) {
            memcpy(text, stated, bytes);
            *text_bytes = bytes;
        } else {
            err = -EBADMSG;
        }
    }
    secret_wipe(plaintext, sizeof plaintext);
    return err;
}

int box_packet_key_make(struct box_packet_key *key,
                        const uint8_t server_public[static BOX_KEY_BYTES],
                        const struct random_source *random)
{
    struct box_packet_key made;
    uint8_t secret[BOX_KEY_BYTES];
    box_pair(made.client_session, secret, random);
    int err = box_agree(made.shared, secret, server_public);
    if (!err)
        *key = made;
    secret_wipe(secret, sizeof secret);
    secret_wipe(&made, sizeof made);
    return err;
}

int box_packet_key_of(struct box_packet_key *key, const uint8_t server_secret[static BOX_KEY_BYTES],
                      const uint8_t client_session[static BOX_KEY_BYTES])
{
    struct box_packet_key made;
    memcpy(made.client_session, client_session, BOX_KEY_BYTES);
    int err = box_agree(made.shared, server_secret, client_session);
    if (!err)
        *key = made;
    secret_wipe(&made, sizeof made);
    return err;
}

/* The box of a request of so many bytes; 0 if none has that size. */
static size_t request_box_bytes(size_t datagram_bytes)
{
    if (datagram_bytes == BOX_PACKET_BYTES)
        return BOX_PACKET_BYTES - REQUEST_BOX_AT;
    if (datagram_bytes == BOX_PACKET_SHORT_BYTES || datagram_bytes == BOX_PACKET_UNFILLED_BYTES)
        return BOX_PACKET_UNFILLED_BYTES - REQUEST_BOX_AT;
    return 0;
}

static bool is_packet_size(size_t datagram_bytes)
{
    return datagram_bytes == BOX_PACKET_BYTES || datagram_bytes == BOX_PACKET_SHORT_BYTES;
}

int box_request_seal(const struct box_packet_key *key, uint8_t *datagram, size_t datagram_bytes,
                     uint8_t a[static BOX_PACKET_A_BYTES], const uint8_t *q, size_t q_bytes,
                     const struct random_source *random)
{
    uint8_t nonce[BOX_NONCE_BYTES];
    size_t box_bytes = request_box_bytes(datagram_bytes);
    if (box_bytes == 0)
        return -EINVAL;
    if (q_bytes == 0 || q_bytes > box_bytes - OVERHEAD_BYTES)
        return -EMSGSIZE;
    random_fill(random, a, BOX_PACKET_A_BYTES);
    request_nonce(nonce, key->client_session, a);
    seal_text(datagram + REQUEST_BOX_AT, box_bytes, key->shared, nonce, q, q_bytes);
    memcpy(datagram, key->client_session, BOX_KEY_BYTES);
    memcpy(datagram + BOX_KEY_BYTES, a, BOX_PACKET_A_BYTES);
    if (datagram_bytes == BOX_PACKET_SHORT_BYTES)
        box_request_fill(datagram, random);
    return 0;
}

void box_request_fill(uint8_t datagram[static BOX_PACKET_SHORT_BYTES],
                      const struct random_source *random)
{
    random_fill(random, datagram + BOX_PACKET_UNFILLED_BYTES, BOX_PACKET_FILLING_BYTES);
}

const uint8_t *box_request_session(const uint8_t *datagram, size_t datagram_bytes)
{
    return is_packet_size(datagram_bytes) ? datagram : NULL;
}

int box_request_open(const struct box_packet_key *key, uint8_t q[static BOX_PACKET_Q_BYTES_MAX],
                     size_t *q_bytes, uint8_t a[static BOX_PACKET_A_BYTES], const uint8_t *datagram,
                     size_t datagram_bytes)
{
    uint8_t nonce[BOX_NONCE_BYTES];
    if (!is_packet_size(datagram_bytes))
        return -EMSGSIZE;
    struct cursor at = cursor_over(datagram, datagram_bytes);
    const uint8_t *session = cursor_take(&at, BOX_KEY_BYTES);
    const uint8_t *sent_a = cursor_take(&at, BOX_PACKET_A_BYTES);
    size_t box_bytes = request_box_bytes(datagram_bytes);
    if (memcmp(session, key->client_session, BOX_KEY_BYTES) != 0)
        return -EBADMSG;
    request_nonce(nonce, session, sent_a);
    int err = open_text(q, q_bytes, key->shared, nonce, cursor_take(&at, box_bytes), box_bytes);
    if (!err)
        memcpy(a, sent_a, BOX_PACKET_A_BYTES);
    return err;
}

size_t box_answer_p_bytes_max(size_t datagram_bytes)
{
    return is_packet_size(datagram_bytes) ? datagram_bytes - ANSWER_BOX_AT - OVERHEAD_BYTES : 0;
}

int box_answer_seal(const struct box_packet_key *key, uint8_t *datagram, size_t datagram_bytes,
                    const uint8_t a[static BOX_PACKET_A_BYTES], const uint8_t *p, size_t p_bytes,
                    const struct random_source *random)
{
    uint8_t nonce[BOX_NONCE_BYTES], b[BOX_PACKET_A_BYTES];
    if (!is_packet_size(datagram_bytes))
        return -EINVAL;
    if (p_bytes == 0 || p_bytes > box_answer_p_bytes_max(datagram_bytes))
        return -EMSGSIZE;
    random_fill(random, b, sizeof b);
    answer_nonce(nonce, a, b);
    seal_text(datagram + ANSWER_BOX_AT, datagram_bytes - ANSWER_BOX_AT, key->shared, nonce, p,
              p_bytes);
    memcpy(datagram, a, BOX_PACKET_A_BYTES);
    memcpy(datagram + BOX_PACKET_A_BYTES, b, sizeof b);
    return 0;
}

const uint8_t *box_answer_a(const uint8_t *datagram, size_t datagram_bytes)
{
    return is_packet_size(datagram_bytes) ? datagram : NULL;
}

int box_answer_open(const struct box_packet_key *key, uint8_t p[static BOX_PACKET_P_BYTES_MAX],
                    size_t *p_bytes, const uint8_t a[static BOX_PACKET_A_BYTES],
                    size_t request_bytes, const uint8_t *datagram, size_t datagram_bytes)
{
    uint8_t nonce[BOX_NONCE_BYTES];
    if (!is_packet_size(datagram_bytes) || datagram_bytes != request_bytes)
        return -EMSGSIZE;
    struct cursor at = cursor_over(datagram, datagram_bytes);
    const uint8_t *sent_a = cursor_take(&at, BOX_PACKET_A_BYTES);
    const uint8_t *b = cursor_take(&at, BOX_PACKET_A_BYTES);
    size_t box_bytes = at.left;
    if (!secret_equal(sent_a, a, BOX_PACKET_A_BYTES))
        return -EBADMSG;
    answer_nonce(nonce, sent_a, b);
    return open_text(p, p_bytes, key->shared, nonce, cursor_take(&at, box_bytes), box_bytes);
}
