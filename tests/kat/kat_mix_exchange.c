#include <string.h>

#include "base/secret.h"
#include "box/packet.h"
#include "kat_datagram_values.h"
#include "kat_mix.h"
#include "mix/surb.h"

/* Known answers of the mix chain: a request through three mixes, and its answer through three. */

/* Who takes part, and what passes from one to the next. */
struct exchange {
    const json_t *entry;
    uint32_t window;
    struct mix_surb_secrets surb_secrets;
    uint8_t surb[MIX_SURB_BYTES];
    struct mix_unwrapped arrived; /* at the last mix of a direction */
};

static const json_t *mix_at(const struct exchange *exchange, const char *route, size_t hop)
{
    const json_t *places = kat_list(exchange->entry, route);
    return json_array_get(kat_list(exchange->entry, "mixes"),
                          (size_t)json_integer_value(json_array_get(places, hop)));
}

static void endpoint_of(struct mix_endpoint *endpoint, const json_t *mix)
{
    kat_copy(endpoint->address, mix, "address", sizeof endpoint->address);
    endpoint->port = (uint16_t)kat_u64(mix, "port");
}

/* The hops of a route, each told to forward to the next, and the last one `kind`. */
static size_t route_of(struct mix_hop hops[static MIX_HOPS_MAX], const struct exchange *exchange,
                       const char *route, enum mix_kind kind)
{
    size_t count = json_array_size(kat_list(exchange->entry, route));
    for (size_t i = 0; i < count && i < MIX_HOPS_MAX; i++) {
        struct mix_endpoint next = {.port = 0};
        kat_copy(hops[i].public_key, mix_at(exchange, route, i), "public", MIX_KEY_BYTES);
        if (i + 1 < count)
            endpoint_of(&next, mix_at(exchange, route, i + 1));
        else if (kind == MIX_REPLY)
            kat_copy(next.address, exchange->entry, "client_handle", sizeof next.address);
        hops[i].command = (struct mix_command){
            .kind = (uint8_t)(i + 1 < count ? MIX_FORWARD : kind),
            .port = next.port,
            .window = exchange->window,
        };
        memcpy(hops[i].command.address, next.address, sizeof next.address);
    }
    return count;
}

static bool make_surb(struct exchange *exchange)
{
    struct mix_hop hops[MIX_HOPS_MAX];
    struct mix_endpoint first;
    struct kat_random values = {.pieces = 0};
    struct random_source random = kat_random_source(&values);
    uint8_t session[MIX_KEY_BYTES], handle[MIX_HANDLE_BYTES];
    size_t count = route_of(hops, exchange, "route_back", MIX_REPLY);
    endpoint_of(&first, mix_at(exchange, "route_back", 0));
    kat_random_take(&values, exchange->entry, "surb_x");
    kat_random_take(&values, exchange->entry, "surb_random_padding");
    kat_random_take(&values, exchange->entry, "surb_k");
    kat_copy(session, exchange->entry, "client_session_public", sizeof session);
    mix_handle(handle, session);
    return kat_is(exchange->entry, "client_handle", handle, sizeof handle) &&
           !mix_surb_make(exchange->surb, &exchange->surb_secrets, &first, hops, count, &random) &&
           kat_is(exchange->entry, "surb", exchange->surb, MIX_SURB_BYTES);
}

/* The client's request to the server, and that it finds p in the answer. */
static bool client_asks(const struct exchange *exchange)
{
    struct kat_random values = {.pieces = 0};
    struct random_source random = kat_random_source(&values);
    struct box_packet_key key;
    uint8_t server[MIX_KEY_BYTES], core[BOX_PACKET_UNFILLED_BYTES], a[BOX_PACKET_A_BYTES] = {0};
    uint8_t answer[BOX_PACKET_SHORT_BYTES], p[BOX_PACKET_P_BYTES_MAX];
    size_t bytes = 0;
    struct kat_bytes q = kat_take(exchange->entry, "q");
    kat_random_take(&values, exchange->entry, "end_session_secret");
    kat_random_take(&values, exchange->entry, "end_a");
    kat_copy(server, exchange->entry, "server_public", sizeof server);
    kat_copy(answer, exchange->entry, "server_datagram", sizeof answer);
    bool right = !box_packet_key_make(&key, server, &random) &&
                 !box_request_seal(&key, core, sizeof core, a, q.data, q.bytes, &random) &&
                 kat_is(exchange->entry, "request_core", core, sizeof core) &&
                 !box_answer_open(&key, p, &bytes, a, sizeof answer, answer, sizeof answer) &&
                 kat_is(exchange->entry, "p", p, bytes);
    kat_free(&q);
    return right;
}

/* Whether two fields are a secret key and its public key. */
static bool is_pair(const json_t *entry, const char *secret_key, const char *public_key)
{
    uint8_t key[MIX_KEY_BYTES];
    kat_copy(key, entry, secret_key, sizeof key);
    box_public(key, key);
    return kat_is(entry, public_key, key, sizeof key);
}

/* The client's packet, whose content the exit takes apart again. */
static bool make_packet(uint8_t packet[static MIX_PACKET_BYTES], const struct exchange *exchange)
{
    struct mix_hop hops[MIX_HOPS_MAX];
    struct mix_exit content;
    struct kat_random values = {.pieces = 0};
    struct random_source random = kat_random_source(&values);
    uint8_t written[MIX_EXIT_BYTES];
    size_t count = route_of(hops, exchange, "route_out", MIX_EXIT);
    kat_random_take(&values, exchange->entry, "x");
    kat_random_take(&values, exchange->entry, "random_padding");
    memcpy(content.surb, exchange->surb, sizeof content.surb);
    kat_copy(content.server.address, exchange->entry, "server_address",
             sizeof content.server.address);
    content.server.port = (uint16_t)kat_u64(exchange->entry, "server_port");
    kat_copy(content.request, exchange->entry, "request_core", sizeof content.request);
    mix_exit_write(written, &content);
    return kat_is(exchange->entry, "content", written, sizeof written) &&
           !mix_packet_make(packet, hops, count, written, sizeof written, &random);
}

enum { OP_PACKET = 32 };

/* Whether a packet becomes the datagram of a leg, and the mix's key opens it. */
static bool leg_is(const json_t *leg, const uint8_t packet[static MIX_PACKET_BYTES],
                   const uint8_t mix_secret[static MIX_KEY_BYTES])
{
    struct kat_random values = {.pieces = 0};
    struct random_source random = kat_random_source(&values);
    struct box_packet_key key;
    uint8_t to[MIX_KEY_BYTES], q[1 + MIX_PACKET_BYTES] = {OP_PACKET};
    uint8_t opened[BOX_PACKET_Q_BYTES_MAX], a[BOX_PACKET_A_BYTES], datagram[BOX_PACKET_BYTES];
    size_t bytes = 0;
    kat_random_take(&values, leg, "session_secret");
    kat_random_take(&values, leg, "a");
    kat_copy(to, leg, "to_public", sizeof to);
    memcpy(q + 1, packet, MIX_PACKET_BYTES);
    return !box_packet_key_make(&key, to, &random) &&
           !box_request_seal(&key, datagram, sizeof datagram, a, q, sizeof q, &random) &&
           kat_is(leg, "datagram", datagram, sizeof datagram) &&
           !box_packet_key_of(&key, mix_secret, datagram) &&
           !box_request_open(&key, opened, &bytes, a, datagram, sizeof datagram) &&
           bytes == sizeof q && memcmp(opened, q, sizeof q) == 0;
}

/* A packet's way through all mixes of a route, from datagram to datagram. */
static bool travel(struct exchange *exchange, const char *route, const char *legs,
                   const uint8_t packet[static MIX_PACKET_BYTES])
{
    const json_t *leg;
    size_t i;
    uint8_t current[MIX_PACKET_BYTES];
    memcpy(current, packet, sizeof current);
    json_array_foreach(kat_list(exchange->entry, legs), i, leg)
    {
        uint8_t secret[MIX_KEY_BYTES];
        kat_copy(secret, mix_at(exchange, route, i), "secret", sizeof secret);
        if (!kat_is(leg, "packet", current, sizeof current) || !leg_is(leg, current, secret) ||
            kat_receive(&exchange->arrived, secret, current, exchange->window))
            return false;
        memcpy(current, exchange->arrived.packet, sizeof current);
    }
    return i > 0;
}

/* The exit sends what it found, with filling. */
static bool leaves(const struct exchange *exchange)
{
    struct mix_exit content;
    struct kat_bytes datagram = kat_take(exchange->entry, "exit_datagram");
    struct kat_bytes filling = kat_take(exchange->entry, "filling");
    bool right = exchange->arrived.content != NULL &&
                 datagram.bytes == sizeof content.request + filling.bytes;
    if (right) {
        mix_exit_read(&content, exchange->arrived.content);
        right = memcmp(datagram.data, content.request, sizeof content.request) == 0 &&
                memcmp(datagram.data + sizeof content.request, filling.data, filling.bytes) == 0 &&
                memcmp(content.surb, exchange->surb, sizeof content.surb) == 0 &&
                kat_is(exchange->entry, "server_address", content.server.address,
                       sizeof content.server.address) &&
                content.server.port == kat_u64(exchange->entry, "server_port");
    }
    kat_free(&datagram);
    kat_free(&filling);
    return right;
}

/* The server opens the request, and its answer is what it should be. */
static bool server_answers(const struct exchange *exchange)
{
    struct kat_random values = {.pieces = 0};
    struct random_source random = kat_random_source(&values);
    struct box_packet_key key;
    uint8_t secret[MIX_KEY_BYTES], request[BOX_PACKET_SHORT_BYTES], a[BOX_PACKET_A_BYTES];
    uint8_t q[BOX_PACKET_Q_BYTES_MAX], answer[BOX_PACKET_SHORT_BYTES];
    size_t bytes = 0;
    struct kat_bytes p = kat_take(exchange->entry, "p");
    kat_random_take(&values, exchange->entry, "b");
    kat_copy(secret, exchange->entry, "server_secret", sizeof secret);
    kat_copy(request, exchange->entry, "exit_datagram", sizeof request);
    bool right = !box_packet_key_of(&key, secret, request) &&
                 !box_request_open(&key, q, &bytes, a, request, sizeof request) &&
                 kat_is(exchange->entry, "q", q, bytes) &&
                 !box_answer_seal(&key, answer, sizeof answer, a, p.data, p.bytes, &random) &&
                 kat_is(exchange->entry, "server_datagram", answer, sizeof answer);
    kat_free(&p);
    return right;
}

/* The last mix's answer to the newest packet of the client. */
static bool reply_is(const struct exchange *exchange)
{
    struct kat_random values = {.pieces = 0};
    struct random_source random = kat_random_source(&values);
    struct box_packet_key key;
    uint8_t p[1 + MIX_ALPHA_BYTES + MIX_PAYLOAD_BYTES] = {0}, datagram[BOX_PACKET_BYTES];
    uint8_t secret[MIX_KEY_BYTES], session[MIX_KEY_BYTES], a[BOX_PACKET_A_BYTES];
    size_t last = json_array_size(kat_list(exchange->entry, "route_back")) - 1;
    kat_random_take(&values, exchange->entry, "reply_b");
    kat_copy(secret, mix_at(exchange, "route_back", last), "secret", sizeof secret);
    kat_copy(session, exchange->entry, "client_session_public", sizeof session);
    kat_copy(a, json_array_get(kat_list(exchange->entry, "legs_out"), 0), "a", sizeof a);
    memcpy(p + 1, exchange->arrived.alpha, MIX_ALPHA_BYTES);
    memcpy(p + 1 + MIX_ALPHA_BYTES, mix_unwrapped_payload(&exchange->arrived), MIX_PAYLOAD_BYTES);
    return !box_packet_key_of(&key, secret, session) &&
           !box_answer_seal(&key, datagram, sizeof datagram, a, p, sizeof p, &random) &&
           kat_is(exchange->entry, "reply_datagram", datagram, sizeof datagram);
}

/* The server's answer goes back, and is what the client finds. */
static bool comes_back(struct exchange *exchange)
{
    uint8_t packet[MIX_PACKET_BYTES], opened[MIX_CONTENT_BYTES_MAX];
    struct mix_endpoint first;
    size_t bytes = 0;
    struct kat_bytes answer = kat_take(exchange->entry, "server_datagram");
    const uint8_t *payload = mix_unwrapped_payload(&exchange->arrived);
    bool right = !mix_surb_use(packet, &first, exchange->surb, answer.data, answer.bytes) &&
                 travel(exchange, "route_back", "legs_back", packet) &&
                 exchange->arrived.command.kind == MIX_REPLY &&
                 kat_is(exchange->entry, "reply_alpha", exchange->arrived.alpha, MIX_ALPHA_BYTES) &&
                 kat_is(exchange->entry, "reply_payload", payload, MIX_PAYLOAD_BYTES) &&
                 !mix_surb_open(opened, &bytes, &exchange->surb_secrets, payload) &&
                 kat_equal(&answer, opened, bytes);
    kat_free(&answer);
    return right;
}

void kat_mix_exchange(struct kat_score *score, const json_t *entry, const char *name, size_t index)
{
    struct exchange exchange = {.entry = entry, .window = (uint32_t)kat_u64(entry, "window")};
    uint8_t packet[MIX_PACKET_BYTES] = {0};
    kat_expect(score,
               is_pair(entry, "client_session_secret", "client_session_public") &&
                   is_pair(entry, "server_secret", "server_public"),
               name, index, "keys");
    kat_expect(score, client_asks(&exchange), name, index, "client");
    kat_expect(score, make_surb(&exchange), name, index, "SURB");
    kat_expect(score, make_packet(packet, &exchange), name, index, "packet");
    kat_expect(score, travel(&exchange, "route_out", "legs_out", packet), name, index, "way out");
    kat_expect(score, leaves(&exchange), name, index, "exit");
    kat_expect(score, server_answers(&exchange), name, index, "server");
    kat_expect(score, comes_back(&exchange), name, index, "way back");
    kat_expect(score, reply_is(&exchange), name, index, "reply");
}
