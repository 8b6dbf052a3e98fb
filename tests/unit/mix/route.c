#include "route.h"

#include "crypto/x25519.h"

struct route route_make(size_t count, enum mix_kind kind, const struct random_source *random)
{
    static const uint8_t base_point[X25519_BYTES] = {9};
    struct route route = {.count = count};
    for (size_t i = 0; i < count; i++) {
        struct mix_command *command = &route.hops[i].command;
        random_fill(random, route.secrets[i], MIX_KEY_BYTES);
        x25519(route.hops[i].public_key, route.secrets[i], base_point);
        random_fill(random, command->address, sizeof command->address);
        command->kind = (uint8_t)(i + 1 < count ? MIX_FORWARD : kind);
        command->port = (uint16_t)(5444 + i);
        command->window = ROUTE_WINDOW;
    }
    return route;
}

int route_receive(struct mix_unwrapped *unwrapped, const struct route *route, size_t hop,
                  const uint8_t packet[static MIX_PACKET_BYTES])
{
    struct mix_replay *replay = mix_replay_open(1, &random_system);
    INVARIANT(replay);
    int err = mix_packet_unwrap(unwrapped, route->secrets[hop], packet);
    if (!err)
        err = mix_packet_accept(unwrapped, replay, ROUTE_TIME);
    mix_replay_close(replay);
    return err;
}
