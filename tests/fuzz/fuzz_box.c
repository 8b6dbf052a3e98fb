#include <sodium.h>
#include <string.h>

#include "base/cursor.h"
#include "base/err.h"
#include "box/address.h"
#include "box/handshake.h"
#include "box/nonce.h"
#include "box/packet.h"
#include "fuzz/target.h"

/* The box transport. The first byte says what the rest is: an address, or a message; a small letter
 * as it comes from the network, a capital what somebody has put into a box who has the right key,
 * as nobody finds a tag by trying. What must come out is told here by the specification's words. */

struct numbers {
    uint64_t next;
};

static void count_up(void *state, uint8_t *out, size_t bytes)
{
    struct numbers *numbers = state;
    for (size_t i = 0; i < bytes; i++)
        out[i] = (uint8_t)(numbers->next++ * 0x9e3779b97f4a7c15 >> 56);
}

/* Both sides, in the middle of a handshake whose keys are always the same. */
struct scene {
    struct numbers numbers;
    struct random_source random;
    struct box_identity server, client;
    struct box_client client_state;
    struct box_server server_state;
    uint8_t hello[BOX_HELLO_BYTES], cookie[BOX_COOKIE_BYTES];
};

static void set_scene(struct scene *scene)
{
    scene->numbers = (struct numbers){1};
    scene->random = (struct random_source){count_up, &scene->numbers};
    box_pair(scene->server.public_key, scene->server.secret, &scene->random);
    box_pair(scene->client.public_key, scene->client.secret, &scene->random);
    int err = box_client_start(&scene->client_state, scene->hello, scene->server.public_key,
                               &scene->client, &scene->random);
    INVARIANT(!err);
    err = box_server_start(&scene->server_state, scene->cookie, &scene->server, scene->hello,
                           sizeof scene->hello, &scene->random);
    INVARIANT(!err);
}

static bool are_zeros(const uint8_t *bytes, size_t count)
{
    return sodium_is_zero(bytes, count);
}

/* No Hello, Cookie or Vouch is made by chance: the true ones are not in the corpus. */
static void as_messages(struct scene *scene, const uint8_t *data, size_t size)
{
    uint8_t cookie[BOX_COOKIE_BYTES], vouch[BOX_VOUCH_BYTES], client_public[BOX_KEY_BYTES];
    struct box_server server;
    struct box_stream stream;
    int err = box_server_start(&server, cookie, &scene->server, data, size, &scene->random);
    INVARIANT(err == (size == BOX_HELLO_BYTES ? -EBADMSG : -EMSGSIZE));
    err = box_client_finish(&scene->client_state, &stream, vouch, data, size, &scene->random);
    INVARIANT(err == (size == BOX_COOKIE_BYTES ? -EBADMSG : -EMSGSIZE));
    err = box_server_finish(&scene->server_state, &stream, client_public, data, size, NULL);
    INVARIANT(err == (size == BOX_VOUCH_BYTES ? -EBADMSG : -EMSGSIZE));
}

/* A Cookie whose content differs from the true one by the input. */
static void as_cookie(struct scene *scene, const uint8_t *data, size_t size)
{
    uint8_t shared[BOX_SHARED_BYTES], nonce[BOX_NONCE_BYTES], vouch[BOX_VOUCH_BYTES];
    uint8_t inside[BOX_COOKIE_BYTES - BOX_NONCE_RANDOM_BYTES - BOX_TAG_BYTES];
    struct box_stream stream;
    if (size != sizeof inside)
        return;
    int err = box_agree(shared, scene->server.secret, scene->hello);
    box_nonce_cookie(nonce, scene->cookie);
    err |= box_open(inside, shared, nonce, scene->cookie + BOX_NONCE_RANDOM_BYTES,
                    sizeof scene->cookie - BOX_NONCE_RANDOM_BYTES);
    INVARIANT(!err);
    for (size_t i = 0; i < size; i++)
        inside[i] ^= data[i];
    box_seal(scene->cookie + BOX_NONCE_RANDOM_BYTES, shared, nonce, inside, sizeof inside);
    bool repeats = are_zeros(data + BOX_KEY_BYTES, BOX_COOKIE_TAG_BYTES);
    bool agrees = !box_agree(shared, scene->client.secret, inside);
    err = box_client_finish(&scene->client_state, &stream, vouch, scene->cookie,
                            sizeof scene->cookie, &scene->random);
    INVARIANT(err == (repeats && agrees ? 0 : -EBADMSG));
}

/* A Vouch whose V differs in what it repeats by the input. */
static void as_vouch(struct scene *scene, const uint8_t *data, size_t size)
{
    uint8_t shared[BOX_SHARED_BYTES], nonce[BOX_NONCE_BYTES], vouch[BOX_VOUCH_BYTES];
    uint8_t inside[BOX_VOUCH_BYTES - BOX_TAG_BYTES] = {0};
    uint8_t repeated[BOX_KEY_BYTES + BOX_COOKIE_TAG_BYTES], client_public[BOX_KEY_BYTES];
    struct box_stream stream;
    if (size != sizeof repeated)
        return;
    memcpy(repeated, scene->hello, BOX_KEY_BYTES);
    memcpy(repeated + BOX_KEY_BYTES, scene->server_state.tag, BOX_COOKIE_TAG_BYTES);
    for (size_t i = 0; i < size; i++)
        repeated[i] ^= data[i];
    memcpy(inside, scene->client.public_key, BOX_KEY_BYTES);
    int err = box_agree(shared, scene->server_state.session_secret, scene->client.public_key);
    box_nonce_vouch(nonce, inside + BOX_KEY_BYTES);
    box_seal(inside + BOX_KEY_BYTES + BOX_NONCE_RANDOM_BYTES, shared, nonce, repeated,
             sizeof repeated);
    err |= box_agree(shared, scene->server_state.session_secret, scene->hello);
    INVARIANT(!err);
    box_nonce_counter(nonce, true, 0);
    box_seal(vouch, shared, nonce, inside, sizeof inside);
    err =
        box_server_finish(&scene->server_state, &stream, client_public, vouch, sizeof vouch, NULL);
    INVARIANT(err == (are_zeros(data, size) ? 0 : -EBADMSG));
}

static struct box_stream open_stream(enum box_side side)
{
    static const uint8_t shared[BOX_SHARED_BYTES] = {1};
    struct box_stream stream;
    box_stream_begin(&stream, side, shared);
    return stream;
}

/* Frames as they come: none of them opens, and the first ends the stream. */
static void as_frames(const uint8_t *data, size_t size)
{
    static uint8_t frame[BOX_FRAME_BYTES_MAX];
    struct box_stream stream = open_stream(BOX_SERVER);
    const uint8_t *content;
    size_t frame_bytes, content_bytes;
    if (size < BOX_FRAME_LENGTH_BYTES)
        return;
    if (!box_frame_measure(&stream, &frame_bytes, data)) {
        INVARIANT(frame_bytes <= sizeof frame && (frame_bytes - 18) % 256 == 0);
        size_t there = size < frame_bytes ? size : frame_bytes;
        memcpy(frame, data, there);
        int err = box_frame_open(&stream, &content, &content_bytes, frame, there);
        INVARIANT(err == -EBADMSG);
    }
    INVARIANT(stream.broken && box_frame_measure(&stream, &frame_bytes, data) == -EBADMSG);
}

/* One frame after the other, each with a plaintext from the input: a number of units (1), of which
 * as much is the input's as there is, zeros behind it. */
static void as_plaintexts(const uint8_t *data, size_t size)
{
    static uint8_t frame[BOX_FRAME_BYTES_MAX], plaintext[BOX_FRAME_BYTES_MAX];
    struct box_stream stream = open_stream(BOX_CLIENT);
    struct cursor at = cursor_over(data, size);
    bool ended = false;
    for (uint64_t counter = 1; at.left > 0; counter++) {
        uint8_t nonce[BOX_NONCE_BYTES];
        const uint8_t *content;
        size_t bytes = (size_t)(1 + cursor_u8(&at) % 64) * 256, content_bytes;
        size_t there = at.left < bytes ? at.left : bytes;
        memset(plaintext, 0, bytes);
        cursor_copy(&at, plaintext, there);
        box_nonce_counter(nonce, false, counter);
        put_be16(frame, (uint16_t)(BOX_TAG_BYTES + bytes));
        box_seal(frame + 2, stream.shared, nonce, plaintext, bytes);
        size_t stated = (size_t)plaintext[0] << 8 | plaintext[1];
        bool fits = stated + 2 <= bytes && stated + 2 + 256 > bytes &&
                    are_zeros(plaintext + 2 + stated, bytes - 2 - stated);
        int err = box_frame_open(&stream, &content, &content_bytes, frame, 18 + bytes);
        INVARIANT(err == (fits && !ended ? 0 : -EBADMSG));
        if (err)
            return;
        INVARIANT(content_bytes == stated && memcmp(content, plaintext + 2, stated) == 0);
        ended = stated == 0;
        INVARIANT(box_stream_has_ended(&stream) == ended);
    }
}

static struct box_packet_key packet_key(struct scene *scene)
{
    struct box_packet_key key;
    int err = box_packet_key_make(&key, scene->server.public_key, &scene->random);
    INVARIANT(!err);
    return key;
}

/* Datagrams as they come. */
static void as_datagram(struct scene *scene, const uint8_t *data, size_t size)
{
    struct box_packet_key key = packet_key(scene), theirs;
    uint8_t text[BOX_PACKET_P_BYTES_MAX], a[BOX_PACKET_A_BYTES] = {0};
    size_t bytes;
    const uint8_t *session = box_request_session(data, size);
    INVARIANT((session != NULL) == (size == 1232 || size == 894));
    if (session && !box_packet_key_of(&theirs, scene->server.secret, session))
        INVARIANT(box_request_open(&theirs, text, &bytes, a, data, size) == -EBADMSG);
    const uint8_t *answered = box_answer_a(data, size);
    if (answered)
        memcpy(a, answered, sizeof a);
    int err = box_answer_open(&key, text, &bytes, a, size, data, size);
    INVARIANT(err == (session ? -EBADMSG : -EMSGSIZE));
}

/* A request and an answer in each size, with the input as the length and what is behind it. */
static void as_texts(struct scene *scene, const uint8_t *data, size_t size)
{
    static const struct {
        size_t datagram_bytes, q_bytes_max, p_bytes_max;
    } forms[] = {{1232, 1166, 1182}, {894, 512, 844}};
    struct box_packet_key key = packet_key(scene);
    uint8_t a[BOX_PACKET_A_BYTES] = {0}, text[BOX_PACKET_P_BYTES_MAX];
    for (size_t i = 0; i < 2; i++) {
        uint8_t datagram[1232] = {0}, plaintext[1232] = {0}, nonce[BOX_NONCE_BYTES], hashed[56];
        size_t stated, bytes, there = size < sizeof plaintext ? size : sizeof plaintext;
        memcpy(plaintext, data, there);
        stated = (size_t)plaintext[0] << 8 | plaintext[1];
        memcpy(hashed, "RPclient", 8);
        memcpy(hashed + 8, key.client_session, 32);
        memset(hashed + 40, 0, 16);
        memcpy(datagram, hashed + 8, 48);
        crypto_generichash(nonce, sizeof nonce, hashed, 56, NULL, 0);
        box_seal(datagram + 48, key.shared, nonce, plaintext, 2 + forms[i].q_bytes_max);
        int err = box_request_open(&key, text, &bytes, a, datagram, forms[i].datagram_bytes);
        INVARIANT(err == (stated > 0 && stated <= forms[i].q_bytes_max ? 0 : -EBADMSG));
        INVARIANT(err || (bytes == stated && memcmp(text, plaintext + 2, stated) == 0));
        memcpy(hashed, "RPserver", 8);
        memset(hashed + 8, 0, 32);
        memset(datagram, 0, 32);
        crypto_generichash(nonce, sizeof nonce, hashed, 40, NULL, 0);
        box_seal(datagram + 32, key.shared, nonce, plaintext, 2 + forms[i].p_bytes_max);
        err = box_answer_open(&key, text, &bytes, a, forms[i].datagram_bytes, datagram,
                              forms[i].datagram_bytes);
        INVARIANT(err == (stated > 0 && stated <= forms[i].p_bytes_max ? 0 : -EBADMSG));
        INVARIANT(err || (bytes == stated && memcmp(text, plaintext + 2, stated) == 0));
    }
}

/* An address, which reads back as the same from the one spelling it is written with. */
static void as_address(const uint8_t *data, size_t size)
{
    char text[1024], again[BOX_ADDRESS_TEXT_BYTES];
    struct box_address address, read;
    if (size >= sizeof text)
        return;
    memcpy(text, data, size);
    text[size] = '\0';
    int err = box_address_parse(&address, text);
    INVARIANT(err == 0 || err == -ENOTSUP || err == -ENOENT || err == -EDESTADDRREQ ||
              err == -EBADMSG);
    if (err)
        return;
    INVARIANT(address.host[0] != '\0' && address.port != 0);
    box_address_print(again, &address);
    INVARIANT(box_address_parse(&read, again) == 0);
    INVARIANT(read.packets == address.packets && read.port == address.port);
    INVARIANT(strcmp(read.host, address.host) == 0);
    INVARIANT(memcmp(read.key, address.key, sizeof read.key) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scene scene;
    if (size == 0)
        return 0;
    set_scene(&scene);
    switch (data[0]) {
    case 'a':
        as_address(data + 1, size - 1);
        break;
    case 'm':
        as_messages(&scene, data + 1, size - 1);
        break;
    case 'C':
        as_cookie(&scene, data + 1, size - 1);
        break;
    case 'V':
        as_vouch(&scene, data + 1, size - 1);
        break;
    case 'f':
        as_frames(data + 1, size - 1);
        break;
    case 'F':
        as_plaintexts(data + 1, size - 1);
        break;
    case 'd':
        as_datagram(&scene, data + 1, size - 1);
        break;
    case 'D':
        as_texts(&scene, data + 1, size - 1);
        break;
    }
    return 0;
}
