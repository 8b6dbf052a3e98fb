#include "kat_mix.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/box.h"
#include "kat_datagram_values.h"
#include "mix/packet.h"
#include "mix/surb.h"

/* Known answers of the mix chain: primitives, and packets over one to five mixes. */

static void check_derive(struct kat_score *score, const json_t *entry, const char *name,
                         size_t index)
{
    uint8_t secret[MIX_KEY_BYTES], alpha[MIX_ALPHA_BYTES], key[64] = {0};
    size_t bytes = kat_index(entry, "length");
    const char *label = kat_text(entry, "label");
    kat_copy(secret, entry, "secret", sizeof secret);
    kat_copy(alpha, entry, "alpha", sizeof alpha);
    if (bytes <= sizeof key)
        mix_derive(key, bytes, secret, alpha, label);
    kat_expect(score, bytes <= sizeof key && kat_is(entry, "result", key, bytes), name, index,
               "result");
}

static void check_stream(struct kat_score *score, const json_t *entry, const char *name,
                         size_t index)
{
    uint8_t key[MIX_KEY_BYTES];
    struct kat_bytes wanted = kat_take_exactly(entry, "result", kat_index(entry, "length"));
    kat_copy(key, entry, "key", sizeof key);
    mix_stream_xor(wanted.data, wanted.bytes, key);
    bool zeros = true;
    for (size_t i = 0; i < wanted.bytes; i++)
        zeros = zeros && wanted.data[i] == 0;
    kat_expect(score, zeros, name, index, "result");
    kat_free(&wanted);
}

static void check_mac(struct kat_score *score, const json_t *entry, const char *name, size_t index)
{
    uint8_t key[MIX_KEY_BYTES], mac[MIX_MAC_BYTES];
    struct kat_bytes data = kat_take(entry, "data");
    kat_copy(key, entry, "key", sizeof key);
    mix_mac(mac, key, data.data, data.bytes);
    kat_expect(score, kat_is(entry, "result", mac, sizeof mac), name, index, "result");
    kat_free(&data);
}

static void check_wide(struct kat_score *score, const json_t *entry, const char *name, size_t index)
{
    uint8_t key[MIX_WIDE_KEY_BYTES];
    struct kat_bytes block = kat_take(entry, "block");
    kat_copy(key, entry, "key", sizeof key);
    mix_wide(block.data, block.bytes, key);
    kat_expect(score, kat_is(entry, "result", block.data, block.bytes), name, index, "result");
    mix_wide_inverse(block.data, block.bytes, key);
    kat_expect(score, kat_is(entry, "block", block.data, block.bytes), name, index, "inverse");
    kat_free(&block);
}

static void check_surb_key(struct kat_score *score, const json_t *entry, const char *name,
                           size_t index)
{
    uint8_t k[MIX_SURB_KEY_BYTES], key[MIX_WIDE_KEY_BYTES];
    kat_copy(k, entry, "k", sizeof k);
    mix_surb_key(key, k);
    kat_expect(score, kat_is(entry, "key", key, sizeof key), name, index, "key");
}

static void check_handle(struct kat_score *score, const json_t *entry, const char *name,
                         size_t index)
{
    uint8_t session[MIX_KEY_BYTES], handle[MIX_HANDLE_BYTES];
    kat_copy(session, entry, "client_session_public", sizeof session);
    mix_handle(handle, session);
    kat_expect(score, kat_is(entry, "handle", handle, sizeof handle), name, index, "handle");
}

static void check_window(struct kat_score *score, const json_t *entry, const char *name,
                         size_t index)
{
    int err =
        mix_window_check((uint32_t)kat_u64(entry, "window"), (int64_t)kat_u64(entry, "unix_time"));
    kat_expect(score, (err == 0) == kat_flag(entry, "taken"), name, index, "taken");
}

size_t kat_route(struct mix_hop hops[static MIX_HOPS_MAX], uint8_t secrets[][MIX_KEY_BYTES],
                 const json_t *entries)
{
    size_t count = json_array_size(entries);
    for (size_t i = 0; i < count && i < MIX_HOPS_MAX; i++) {
        const json_t *entry = json_array_get(entries, i);
        uint8_t command[MIX_COMMAND_BYTES];
        kat_copy(secrets[i], entry, "mix_secret", MIX_KEY_BYTES);
        kat_copy(hops[i].public_key, entry, "mix_public", MIX_KEY_BYTES);
        kat_copy(command, entry, "command", sizeof command);
        mix_command_read(&hops[i].command, command);
    }
    return count;
}

/* What one mix does with a packet at the time of a window, with no tags but `replay`'s. */
static int receive(struct mix_unwrapped *unwrapped, struct mix_replay *replay,
                   const uint8_t secret[static MIX_KEY_BYTES],
                   const uint8_t packet[static MIX_PACKET_BYTES], int64_t unix_s)
{
    int err = mix_packet_unwrap(unwrapped, secret, packet);
    return err ? err : mix_packet_accept(unwrapped, replay, unix_s);
}

int kat_receive(struct mix_unwrapped *unwrapped, const uint8_t secret[static MIX_KEY_BYTES],
                const uint8_t packet[static MIX_PACKET_BYTES], uint32_t window)
{
    struct mix_replay *replay = mix_replay_open(1, &random_system);
    int err = replay ? receive(unwrapped, replay, secret, packet, (int64_t)window * MIX_WINDOW_S)
                     : -ENOMEM;
    mix_replay_close(replay);
    return err;
}

static bool command_is(const json_t *hop, const struct mix_command *command)
{
    const json_t *fields = kat_object(hop, "command_fields");
    return command->kind == kat_u64(fields, "kind") && command->port == kat_u64(fields, "port") &&
           kat_is(fields, "address", command->address, sizeof command->address) &&
           command->window == kat_u64(fields, "window");
}

bool kat_walk(uint8_t payload[static MIX_PAYLOAD_BYTES], uint8_t alpha[static MIX_ALPHA_BYTES],
              const json_t *entries, const uint8_t packet[static MIX_PACKET_BYTES],
              uint8_t secrets[][MIX_KEY_BYTES], uint32_t window)
{
    uint8_t current[MIX_PACKET_BYTES];
    memcpy(current, packet, sizeof current);
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *hop = json_array_get(entries, i);
        struct mix_unwrapped unwrapped;
        bool last = i + 1 == json_array_size(entries);
        if (kat_receive(&unwrapped, secrets[i], current, window) ||
            !command_is(hop, &unwrapped.command) ||
            !kat_is(hop, "tag", unwrapped.tag, sizeof unwrapped.tag) ||
            last != json_is_null(json_object_get(hop, "sent_packet")))
            return false;
        if (!last && !kat_is(hop, "sent_packet", unwrapped.packet, sizeof unwrapped.packet))
            return false;
        memcpy(current, unwrapped.packet, sizeof current);
        memcpy(alpha, unwrapped.alpha, sizeof unwrapped.alpha);
        memcpy(payload, mix_unwrapped_payload(&unwrapped), MIX_PAYLOAD_BYTES);
    }
    return true;
}

static void check_refused(struct kat_score *score, const json_t *entry, const char *name,
                          size_t index, uint8_t secrets[][MIX_KEY_BYTES])
{
    const json_t *refused;
    size_t i;
    json_array_foreach(kat_list(entry, "refused"), i, refused)
    {
        uint8_t packet[MIX_PACKET_BYTES];
        struct mix_unwrapped unwrapped;
        kat_copy(packet, refused, "packet", sizeof packet);
        int err = kat_receive(&unwrapped, secrets[kat_index(refused, "hop")], packet,
                              (uint32_t)kat_u64(refused, "window"));
        kat_expect(score, err != 0, name, index, kat_text(refused, "why"));
    }
}

/* Altered where the last hop does not look: the same content. */
static void check_also_taken(struct kat_score *score, const json_t *entry, const char *name,
                             size_t index, const uint8_t secret[static MIX_KEY_BYTES],
                             uint32_t window)
{
    const json_t *taken;
    size_t i;
    json_array_foreach(kat_list(entry, "also_taken"), i, taken)
    {
        uint8_t packet[MIX_PACKET_BYTES];
        struct mix_unwrapped unwrapped;
        const uint8_t *content = NULL;
        size_t bytes = 0;
        kat_copy(packet, taken, "packet", sizeof packet);
        kat_expect(score,
                   !kat_receive(&unwrapped, secret, packet, window) &&
                       !mix_content_find(&content, &bytes, mix_unwrapped_payload(&unwrapped)) &&
                       kat_is(entry, "content", content, bytes),
                   name, index, kat_text(taken, "why"));
    }
}

/* Only the last hop can tell that a payload was altered. */
static void check_flipped(struct kat_score *score, const json_t *entry, const char *name,
                          size_t index, uint8_t secrets[][MIX_KEY_BYTES], uint32_t window)
{
    const json_t *flipped = json_object_get(entry, "payload_flipped");
    if (json_is_null(flipped))
        return; /* this case has none */
    flipped = kat_object(entry, "payload_flipped");
    const json_t *sent = kat_list(flipped, "sent_packets");
    size_t dropped_by = kat_index(flipped, "dropped_by_hop");
    uint8_t packet[MIX_PACKET_BYTES];
    struct mix_unwrapped unwrapped;
    kat_copy(packet, flipped, "packet", sizeof packet);
    bool right = json_array_size(sent) == dropped_by;
    for (size_t i = 0; right && i < dropped_by; i++) {
        struct kat_bytes wanted = kat_decode(json_array_get(sent, i));
        right = !kat_receive(&unwrapped, secrets[i], packet, window) &&
                kat_equal(&wanted, unwrapped.packet, sizeof unwrapped.packet);
        memcpy(packet, unwrapped.packet, sizeof packet);
        kat_free(&wanted);
    }
    kat_expect(score, right && kat_receive(&unwrapped, secrets[dropped_by], packet, window) != 0,
               name, index, "payload flipped");
}

static void check_packet(struct kat_score *score, const json_t *entry, const char *name,
                         size_t index)
{
    struct mix_hop hops[MIX_HOPS_MAX];
    uint8_t secrets[MIX_HOPS_MAX][MIX_KEY_BYTES], packet[MIX_PACKET_BYTES] = {0};
    uint8_t payload[MIX_PAYLOAD_BYTES] = {0}, alpha[MIX_ALPHA_BYTES], wanted[MIX_PACKET_BYTES];
    const json_t *route = kat_list(entry, "hops");
    size_t count = kat_route(hops, secrets, route), found_bytes = 0;
    uint32_t window = (uint32_t)kat_u64(entry, "window");
    struct kat_bytes content = kat_take(entry, "content");
    struct kat_random values = {.pieces = 0};
    kat_random_take(&values, entry, "x");
    kat_random_take(&values, entry, "random_padding");
    struct random_source random = kat_random_source(&values);
    int err = mix_packet_make(packet, hops, count, content.data, content.bytes, &random);
    kat_expect(score,
               !err && kat_is(entry, "packet", packet, sizeof packet) &&
                   kat_random_is_used_up(&values),
               name, index, "made");
    kat_copy(wanted, entry, "packet", sizeof wanted);
    const uint8_t *found = NULL;
    kat_expect(score,
               kat_walk(payload, alpha, route, wanted, secrets, window) &&
                   !mix_content_find(&found, &found_bytes, payload) &&
                   kat_equal(&content, found, found_bytes),
               name, index, "unwrapped by each mix");
    check_refused(score, entry, name, index, secrets);
    check_also_taken(score, entry, name, index, secrets[count - 1], window);
    check_flipped(score, entry, name, index, secrets, window);
    kat_free(&content);
}

static void check_replay(struct kat_score *score, const json_t *entry, const char *name,
                         size_t index)
{
    uint8_t secret[MIX_KEY_BYTES], public_key[MIX_KEY_BYTES], packet[MIX_PACKET_BYTES];
    struct mix_replay *replay = mix_replay_open(1000, &random_system);
    const json_t *step;
    size_t i;
    kat_copy(secret, entry, "mix_secret", sizeof secret);
    box_public(public_key, secret);
    kat_expect(score, kat_is(entry, "mix_public", public_key, sizeof public_key), name, index,
               "mix_public");
    json_array_foreach(kat_list(entry, "steps"), i, step)
    {
        struct mix_unwrapped unwrapped;
        kat_copy(packet, step, "packet", sizeof packet);
        int err = replay ? receive(&unwrapped, replay, secret, packet,
                                   (int64_t)kat_u64(step, "unix_time"))
                         : -ENOMEM;
        kat_expect(score, (err == 0) == kat_flag(step, "taken"), name, index,
                   kat_text(step, "why"));
    }
    mix_replay_close(replay);
}

static const struct kat_section sections[] = {
    {"derive", check_derive},  {"stream", check_stream},        {"mac", check_mac},
    {"wide", check_wide},      {"surb_key", check_surb_key},    {"handles", check_handle},
    {"windows", check_window}, {"packets", check_packet},       {"surbs", kat_mix_surb},
    {"replays", check_replay}, {"exchanges", kat_mix_exchange},
};

const struct kat_part kat_mix = {"mix", sections, sizeof sections / sizeof *sections};
