#include <string.h>

#include "base/err.h"
#include "crypto/x25519.h"
#include "fuzz/target.h"
#include "mix/packet.h"
#include "mix/surb.h"

/* A mix and whatever a client may have put into a packet for it. The input is a command, and then
 * how the payload begins; a second mix gets the input itself as a packet. */

static void fill(void *state, uint8_t *out, size_t bytes)
{
    uint8_t *next = state;
    for (size_t i = 0; i < bytes; i++)
        out[i] = (*next)++;
}

static const uint8_t secret[MIX_KEY_BYTES] = {1, 2, 3};

static void accept(struct mix_unwrapped *unwrapped, const struct random_source *random)
{
    struct mix_replay *replay = mix_replay_open(1, random);
    int64_t now = (int64_t)unwrapped->command.window * MIX_WINDOW_S;
    INVARIANT(replay);
    int err = mix_packet_accept(unwrapped, replay, now);
    INVARIANT(err == 0 || err == -ENOTSUP || err == -EBADMSG);
    INVARIANT(mix_replay_tags(replay) == 1);
    INVARIANT(mix_packet_accept(unwrapped, replay, now) == -EEXIST);
    if (!err && unwrapped->command.kind == MIX_EXIT) {
        struct mix_exit exit;
        uint8_t again[MIX_EXIT_BYTES];
        mix_exit_read(&exit, unwrapped->content);
        mix_exit_write(again, &exit);
        INVARIANT(memcmp(again, unwrapped->content, sizeof again) == 0);
    }
    mix_replay_close(replay);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t next = 0, packet[MIX_PACKET_BYTES] = {0}, command[MIX_COMMAND_BYTES] = {0};
    uint8_t block[MIX_PAYLOAD_BYTES] = {0};
    const struct random_source random = {fill, &next};
    struct mix_hop hop = {.command = {.kind = 0}};
    struct mix_keys keys;
    struct mix_unwrapped unwrapped;

    memcpy(packet, data, size < sizeof packet ? size : sizeof packet);
    INVARIANT(mix_packet_unwrap(&unwrapped, secret, packet) == -EBADMSG);

    size_t bytes = size < sizeof command ? size : sizeof command;
    memcpy(command, data, bytes);
    size_t rest = size - bytes < sizeof block ? size - bytes : sizeof block;
    memcpy(block, data + bytes, rest);
    mix_command_read(&hop.command, command);
    hop.public_key[0] = 9;
    x25519(hop.public_key, secret, hop.public_key);
    INVARIANT(mix_header_make(packet, &keys, &hop, 1, &random) == 0);
    mix_wide(block, sizeof block, keys.payload);
    memcpy(packet + MIX_HEADER_BYTES, block, sizeof block);
    INVARIANT(mix_packet_unwrap(&unwrapped, secret, packet) == 0);
    INVARIANT(unwrapped.command.kind == command[0]);
    accept(&unwrapped, &random);
    return 0;
}
