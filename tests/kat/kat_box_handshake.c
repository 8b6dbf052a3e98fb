/* Streams: every message as it is made and as it is taken, and those that must not be taken. */
#include <stdlib.h>
#include <string.h>

#include "box/nonce.h"
#include "kat_box.h"
#include "kat_datagrams.h"

/* A case, and both sides as they go through it. */
struct handshake {
    const json_t *entry;
    const char *name;
    size_t index;
    struct box_identity server, client, server_session, client_session;
    struct kat_bytes ctag, stag, r, v, hello, cookie, vouch;
    struct box_stream client_stream, server_stream;
};

static void expect(struct kat_score *score, const struct handshake *of, bool right,
                   const char *what)
{
    kat_expect(score, right, of->name, of->index, what);
}

static void expect_refusal(struct kat_score *score, const struct handshake *of, bool right,
                           const char *step, const json_t *refused)
{
    char what[2 * KAT_NAME_BYTES];
    snprintf(what, sizeof what, "%s refused: %s", step, kat_text(refused, "why"));
    expect(score, of, right, what);
}

static void add_array(struct kat_random *values, const uint8_t *bytes, size_t count)
{
    uint8_t copied[BOX_KEY_BYTES];
    memcpy(copied, bytes, count);
    kat_random_add(values, &(struct kat_bytes){copied, count});
}

static void read_case(struct kat_score *score, struct handshake *of)
{
    const json_t *entry = of->entry;
    kat_box_identity(score, &of->server, entry, "server", of->name, of->index);
    kat_box_identity(score, &of->client, entry, "client", of->name, of->index);
    kat_box_identity(score, &of->server_session, entry, "server_session", of->name, of->index);
    kat_box_identity(score, &of->client_session, entry, "client_session", of->name, of->index);
    of->ctag = kat_take_exactly(entry, "ctag", BOX_COOKIE_TAG_BYTES);
    of->stag = kat_take_exactly(entry, "stag", BOX_COOKIE_TAG_BYTES);
    of->r = kat_take_exactly(entry, "r", BOX_NONCE_RANDOM_BYTES);
    of->v = kat_take_exactly(entry, "v", BOX_NONCE_RANDOM_BYTES);
    of->hello = kat_take_exactly(entry, "hello", BOX_HELLO_BYTES);
    of->cookie = kat_take_exactly(entry, "cookie", BOX_COOKIE_BYTES);
    of->vouch = kat_take_exactly(entry, "vouch", BOX_VOUCH_BYTES);
}

static void free_case(struct handshake *of)
{
    struct kat_bytes *all[] = {&of->ctag,  &of->stag,   &of->r,    &of->v,
                               &of->hello, &of->cookie, &of->vouch};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        kat_free(all[i]);
}

/* The client of the case, its Hello made. */
static int start_client(const struct handshake *of, struct box_client *client,
                        uint8_t hello[static BOX_HELLO_BYTES], bool *asked_as_reported)
{
    struct kat_random values = {0};
    add_array(&values, of->client_session.secret, BOX_KEY_BYTES);
    kat_random_add(&values, &of->ctag);
    struct random_source random = kat_random_source(&values);
    int err = box_client_start(client, hello, of->server.public_key, &of->client, &random);
    *asked_as_reported = kat_random_is_used_up(&values);
    return err;
}

/* The server of the case takes a Hello. */
static int start_server(const struct handshake *of, struct box_server *server,
                        uint8_t cookie[static BOX_COOKIE_BYTES], const struct kat_bytes *hello,
                        bool *asked_as_reported)
{
    struct kat_random values = {0};
    add_array(&values, of->server_session.secret, BOX_KEY_BYTES);
    kat_random_add(&values, &of->stag);
    kat_random_add(&values, &of->r);
    struct random_source random = kat_random_source(&values);
    int err = box_server_start(server, cookie, &of->server, hello->data, hello->bytes, &random);
    *asked_as_reported = kat_random_is_used_up(&values);
    return err;
}

static int finish_client(const struct handshake *of, struct box_client *client,
                         struct box_stream *stream, uint8_t vouch[static BOX_VOUCH_BYTES],
                         const struct kat_bytes *cookie)
{
    struct kat_random values = {0};
    kat_random_add(&values, &of->v);
    struct random_source random = kat_random_source(&values);
    return box_client_finish(client, stream, vouch, cookie->data, cookie->bytes, &random);
}

/* V is not seen from outside: take it out of the Vouch by the server's key. */
static void check_inner(struct kat_score *score, const struct handshake *of)
{
    struct kat_bytes inner = kat_take_exactly(of->entry, "vouch_inner", 80);
    uint8_t shared[BOX_SHARED_BYTES], nonce[BOX_NONCE_BYTES];
    uint8_t plaintext[BOX_VOUCH_BYTES - BOX_TAG_BYTES];
    box_nonce_counter(nonce, true, 0);
    bool opened = !box_agree(shared, of->server_session.secret, of->client_session.public_key) &&
                  !box_open(plaintext, shared, nonce, of->vouch.data, of->vouch.bytes);
    expect(score, of, opened && kat_equal(&inner, plaintext + sizeof plaintext - 80, 80),
           "vouch_inner");
    kat_free(&inner);
}

/* Returns: whether both sides have a stream. */
static bool check_messages(struct kat_score *score, struct handshake *of)
{
    struct box_client client;
    struct box_server server;
    uint8_t hello[BOX_HELLO_BYTES], cookie[BOX_COOKIE_BYTES], vouch[BOX_VOUCH_BYTES];
    uint8_t client_public[BOX_KEY_BYTES] = {0};
    bool reported;
    bool made = !start_client(of, &client, hello, &reported);
    expect(score, of, made && reported && kat_equal(&of->hello, hello, sizeof hello), "hello");
    made = !start_server(of, &server, cookie, &of->hello, &reported);
    expect(score, of, made && reported && kat_equal(&of->cookie, cookie, sizeof cookie), "cookie");
    bool client_has = !finish_client(of, &client, &of->client_stream, vouch, &of->cookie);
    expect(score, of, client_has && kat_equal(&of->vouch, vouch, sizeof vouch), "vouch");
    const struct box_clients admitted = {of->client.public_key, 1};
    bool server_has = !box_server_finish(&server, &of->server_stream, client_public, of->vouch.data,
                                         of->vouch.bytes, &admitted);
    expect(score, of,
           server_has && memcmp(client_public, of->client.public_key, BOX_KEY_BYTES) == 0,
           "client's key");
    check_inner(score, of);
    return client_has && server_has;
}

static void check_other_list(struct kat_score *score, const struct handshake *of)
{
    struct box_server server;
    struct box_stream stream;
    uint8_t cookie[BOX_COOKIE_BYTES], client_public[BOX_KEY_BYTES];
    bool reported;
    const struct box_clients admitted = {of->server.public_key, 1};
    int err = start_server(of, &server, cookie, &of->hello, &reported);
    expect(score, of,
           !err && box_server_finish(&server, &stream, client_public, of->vouch.data,
                                     of->vouch.bytes, &admitted) == -EBADMSG,
           "vouch of a client that is not admitted");
}

static bool vouch_is_refused(const struct handshake *of, const json_t *refused,
                             const struct kat_bytes *message)
{
    struct box_server server;
    struct box_stream stream;
    uint8_t cookie[BOX_COOKIE_BYTES], client_public[BOX_KEY_BYTES];
    bool reported;
    struct kat_bytes hello = json_object_get(refused, "hello") ? kat_take(refused, "hello")
                                                               : kat_take(of->entry, "hello");
    int err = start_server(of, &server, cookie, &hello, &reported);
    kat_free(&hello);
    /* Only the Vouch is to be refused. */
    return !err &&
           box_server_finish(&server, &stream, client_public, message->data, message->bytes, NULL);
}

static void check_refused(struct kat_score *score, const struct handshake *of,
                          const json_t *refused)
{
    struct box_client client;
    struct box_server server;
    struct box_stream stream;
    uint8_t hello[BOX_HELLO_BYTES], cookie[BOX_COOKIE_BYTES], vouch[BOX_VOUCH_BYTES];
    bool reported, right;
    const char *step = kat_text(refused, "step");
    struct kat_bytes message = kat_take(refused, "message");
    if (strcmp(step, "hello") == 0)
        right = start_server(of, &server, cookie, &message, &reported) != 0;
    else if (strcmp(step, "cookie") == 0)
        right = !start_client(of, &client, hello, &reported) &&
                finish_client(of, &client, &stream, vouch, &message);
    else if (strcmp(step, "vouch") == 0)
        right = vouch_is_refused(of, refused, &message);
    else
        kat_refuse("step", "step of the handshake");
    expect_refusal(score, of, right, step, refused);
    kat_free(&message);
}

/* Take a frame as from the network: its length first. */
static int take(struct box_stream *stream, const struct kat_bytes *frame, const uint8_t **content,
                size_t *content_bytes, uint8_t *buffer)
{
    size_t frame_bytes;
    if (frame->bytes < BOX_FRAME_LENGTH_BYTES)
        return -EBADMSG;
    int err = box_frame_measure(stream, &frame_bytes, frame->data);
    if (err || frame_bytes != frame->bytes)
        return -EBADMSG;
    memcpy(buffer, frame->data, frame->bytes);
    return box_frame_open(stream, content, content_bytes, buffer, frame->bytes);
}

static bool is_from_client(const json_t *entry)
{
    const char *sender = kat_text(entry, "sender");
    if (strcmp(sender, "client") != 0 && strcmp(sender, "server") != 0)
        kat_refuse("sender", "side");
    return strcmp(sender, "client") == 0;
}

static void check_frame(struct kat_score *score, struct handshake *of, const json_t *entry)
{
    static uint8_t buffer[BOX_FRAME_BYTES_MAX], made[BOX_FRAME_BYTES_MAX];
    struct kat_bytes content = kat_take(entry, "content"), frame = kat_take(entry, "frame");
    bool from_client = is_from_client(entry);
    struct box_stream *sender = from_client ? &of->client_stream : &of->server_stream;
    struct box_stream *receiver = from_client ? &of->server_stream : &of->client_stream;
    const uint8_t *opened;
    size_t opened_bytes;
    int err = box_frame_seal(sender, made, content.data, content.bytes);
    expect(score, of, !err && kat_equal(&frame, made, box_frame_bytes(content.bytes)),
           "frame made");
    expect(score, of, sender->sent == kat_index(entry, "counter"), "counter");
    err = take(receiver, &frame, &opened, &opened_bytes, buffer);
    expect(score, of, !err && kat_equal(&content, opened, opened_bytes), "frame opened");
    expect(score, of, box_stream_has_ended(receiver) == (content.bytes == 0), "end");
    kat_free(&content);
    kat_free(&frame);
}

/* In place of the frame that the receiver waits for, and that it ends the stream. */
static void check_refused_frame(struct kat_score *score, struct handshake of, const json_t *refused,
                                const json_t *true_one)
{
    static uint8_t buffer[BOX_FRAME_BYTES_MAX];
    struct kat_bytes frame = kat_take(refused, "frame");
    struct box_stream *receiver = is_from_client(refused) ? &of.server_stream : &of.client_stream;
    const uint8_t *opened;
    size_t opened_bytes;
    expect_refusal(score, &of, take(receiver, &frame, &opened, &opened_bytes, buffer) != 0, "frame",
                   refused);
    kat_free(&frame);
    if (!true_one || is_from_client(true_one) != is_from_client(refused))
        return;
    frame = kat_take(true_one, "frame");
    expect_refusal(score, &of, take(receiver, &frame, &opened, &opened_bytes, buffer) != 0,
                   "frame after what was", refused);
    kat_free(&frame);
}

/* Frames in their order; where one is due, those that must not be taken in its place come first. */
static void check_frames(struct kat_score *score, struct handshake *of)
{
    const json_t *frames = kat_list(of->entry, "frames");
    const json_t *all_refused = kat_list(of->entry, "refused_frames");
    size_t i, looked_at = 0, count = json_array_size(frames);
    json_t *refused;
    for (size_t at = 0; at <= count; at++) {
        const json_t *next = json_array_get(frames, at);
        json_array_foreach(all_refused, i, refused)
        {
            if (kat_index(refused, "at") != at)
                continue;
            check_refused_frame(score, *of, refused, next);
            looked_at++;
        }
        if (next)
            check_frame(score, of, next);
    }
    if (looked_at != json_array_size(all_refused))
        kat_refuse("at", "place among the frames");
}

void kat_box_handshake(struct kat_score *score, const json_t *entry, const char *name, size_t index)
{
    struct handshake of = {.entry = entry, .name = name, .index = index};
    size_t i;
    json_t *refused;
    read_case(score, &of);
    bool agreed = check_messages(score, &of);
    check_other_list(score, &of);
    json_array_foreach(kat_list(entry, "refused"), i, refused) check_refused(score, &of, refused);
    if (agreed)
        check_frames(score, &of);
    free_case(&of);
}
