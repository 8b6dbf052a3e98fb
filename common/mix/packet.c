#include "mix/packet.h"

#include <sodium.h>
#include <string.h>

#include "base/declassify.h"
#include "base/secret.h"

enum {
    LENGTH_AT = MIX_ZEROS_BYTES,
    CONTENT_AT = LENGTH_AT + 2,
};

_Static_assert(CONTENT_AT + MIX_CONTENT_BYTES_MAX == (int)MIX_PAYLOAD_BYTES, "a full payload");
_Static_assert(MIX_PACKET_BYTES == 1160, "mix.md");

int mix_content_put(uint8_t payload[static MIX_PAYLOAD_BYTES], const uint8_t *content, size_t bytes)
{
    if (bytes > MIX_CONTENT_BYTES_MAX)
        return -EMSGSIZE;
    memset(payload, 0, MIX_PAYLOAD_BYTES);
    payload[LENGTH_AT] = (uint8_t)(bytes >> 8);
    payload[LENGTH_AT + 1] = (uint8_t)bytes;
    if (bytes > 0)
        memcpy(payload + CONTENT_AT, content, bytes);
    return 0;
}

int mix_content_find(const uint8_t **content, size_t *bytes,
                     const uint8_t payload[static MIX_PAYLOAD_BYTES])
{
    size_t length = (size_t)payload[LENGTH_AT] << 8 | payload[LENGTH_AT + 1];
    int zeros = sodium_is_zero(payload, MIX_ZEROS_BYTES);
    /* Whether it came unaltered, and how long it is, shows in what is done with it. */
    declassify(&zeros, sizeof zeros);
    declassify(&length, sizeof length);
    if (!zeros || length > MIX_CONTENT_BYTES_MAX)
        return -EBADMSG;
    *content = payload + CONTENT_AT;
    *bytes = length;
    return 0;
}

int mix_packet_make(uint8_t packet[static MIX_PACKET_BYTES], const struct mix_hop *hops,
                    size_t count, const uint8_t *content, size_t bytes,
                    const struct random_source *random)
{
    uint8_t made[MIX_PACKET_BYTES];
    uint8_t *payload = made + MIX_HEADER_BYTES;
    struct mix_keys keys[MIX_HOPS_MAX];
    int err = mix_content_put(payload, content, bytes);
    if (!err)
        err = mix_header_make(made, keys, hops, count, random);
    if (!err) {
        for (size_t i = count; i-- > 0;)
            mix_wide(payload, MIX_PAYLOAD_BYTES, keys[i].payload);
        memcpy(packet, made, sizeof made);
    }
    secret_wipe(keys, sizeof keys);
    secret_wipe(made, sizeof made);
    return err;
}

int mix_packet_unwrap(struct mix_unwrapped *out, const uint8_t secret[static MIX_KEY_BYTES],
                      const uint8_t packet[static MIX_PACKET_BYTES])
{
    struct mix_keys keys;
    struct mix_command command;
    uint8_t header[MIX_HEADER_BYTES];
    int err = mix_header_open(header, &command, &keys, secret, packet);
    if (err)
        return err;
    out->command = command;
    memcpy(out->alpha, packet, sizeof out->alpha);
    memcpy(out->tag, keys.tag, sizeof out->tag);
    memcpy(out->packet, header, sizeof header);
    memcpy(out->packet + MIX_HEADER_BYTES, packet + MIX_HEADER_BYTES, MIX_PAYLOAD_BYTES);
    mix_wide_inverse(out->packet + MIX_HEADER_BYTES, MIX_PAYLOAD_BYTES, keys.payload);
    out->content = NULL;
    out->content_bytes = 0;
    secret_wipe(&keys, sizeof keys);
    secret_wipe(header, sizeof header);
    return 0;
}

/* The content of a last hop, whose length its kind says. */
static int find_content(struct mix_unwrapped *unwrapped, size_t wanted)
{
    const uint8_t *content;
    size_t bytes;
    int err = mix_content_find(&content, &bytes, mix_unwrapped_payload(unwrapped));
    if (err || bytes != wanted)
        return -EBADMSG;
    unwrapped->content = content;
    unwrapped->content_bytes = bytes;
    return 0;
}

int mix_packet_accept(struct mix_unwrapped *unwrapped, struct mix_replay *replay, int64_t unix_s)
{
    const struct mix_command *command = &unwrapped->command;
    declassify(command, sizeof *command); /* what the mix does shows it */
    /* The packet's maker knows it, and where it stands in the table depends on a key. */
    declassify(unwrapped->tag, sizeof unwrapped->tag);
    int err = mix_window_check(command->window, unix_s);
    if (!err) {
        mix_replay_forget(replay, mix_window_of(unix_s));
        err = mix_replay_keep(replay, command->window, unwrapped->tag);
    }
    if (err)
        return err;
    switch (command->kind) {
    case MIX_FORWARD:
    case MIX_REPLY:
    case MIX_DROP:
        return 0;
    case MIX_EXIT:
        return find_content(unwrapped, MIX_EXIT_BYTES);
    case MIX_DIVIDE:
        return find_content(unwrapped, MIX_DIVIDE_BYTES);
    default:
        return -ENOTSUP;
    }
}

const uint8_t *mix_unwrapped_payload(const struct mix_unwrapped *unwrapped)
{
    return unwrapped->packet + MIX_HEADER_BYTES;
}
