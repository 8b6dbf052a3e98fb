#include "mix/neighbours.h"

#include <string.h>

#include "base/secret.h"
#include "wire/op.h"

static bool is_at(const struct mix_endpoint *one, const struct mix_endpoint *other)
{
    return one->port == other->port &&
           memcmp(one->address, other->address, sizeof one->address) == 0;
}

int neighbours_set(struct neighbours *neighbours, const struct net_file *net,
                   const uint8_t own[static MIX_KEY_BYTES])
{
    struct box_packet_key *keys = secret_alloc(NET_MIXES_MAX * sizeof *keys);
    if (!keys)
        return -ENOMEM;
    neighbours_free(neighbours);
    neighbours->keys = keys;
    neighbours->mix_count = net->mix_count;
    neighbours->server_count = net->server_count;
    for (size_t i = 0; i < net->mix_count; i++) {
        struct neighbour *mix = &neighbours->mixes[i];
        mix->at = net->mixes[i].at;
        memcpy(mix->public_key, net->mixes[i].key, sizeof mix->public_key);
        mix->is_self = memcmp(mix->public_key, own, MIX_KEY_BYTES) == 0;
        neighbours->others += !mix->is_self;
    }
    for (size_t i = 0; i < net->server_count; i++) {
        neighbours->servers[i] = net->servers[i].at;
        memcpy(neighbours->server_keys[i], net->servers[i].key, BOX_KEY_BYTES);
    }
    return 0;
}

void neighbours_free(struct neighbours *neighbours)
{
    secret_free(neighbours->keys);
    *neighbours = (struct neighbours){.mix_count = 0};
}

struct neighbour *neighbours_mix_at(struct neighbours *neighbours, const struct mix_endpoint *at)
{
    for (size_t i = 0; i < neighbours->mix_count; i++)
        if (is_at(&neighbours->mixes[i].at, at))
            return &neighbours->mixes[i];
    return NULL;
}

bool neighbours_have_self(const struct neighbours *neighbours)
{
    return neighbours->others < neighbours->mix_count;
}

bool neighbours_have_address(const struct neighbours *neighbours,
                             const uint8_t address[static MIX_ADDRESS_BYTES])
{
    for (size_t i = 0; i < neighbours->mix_count; i++)
        if (memcmp(neighbours->mixes[i].at.address, address, MIX_ADDRESS_BYTES) == 0)
            return true;
    return false;
}

/* Returns: its number, or that of all servers: there is none. */
static size_t server_at(const struct neighbours *neighbours, const struct mix_endpoint *at)
{
    size_t i = 0;
    while (i < neighbours->server_count && !is_at(&neighbours->servers[i], at))
        i++;
    return i;
}

bool neighbours_have_server(const struct neighbours *neighbours, const struct mix_endpoint *at)
{
    return server_at(neighbours, at) < neighbours->server_count;
}

bool neighbours_have_server_key(const struct neighbours *neighbours, const struct mix_endpoint *at,
                                const uint8_t key[static BOX_KEY_BYTES])
{
    size_t i = server_at(neighbours, at);
    return i < neighbours->server_count &&
           memcmp(neighbours->server_keys[i], key, BOX_KEY_BYTES) == 0;
}

static struct box_packet_key *key_of(struct neighbours *neighbours, const struct neighbour *mix)
{
    return &neighbours->keys[mix - neighbours->mixes];
}

void neighbours_renew(struct neighbours *neighbours, uint32_t window,
                      const struct random_source *random)
{
    for (size_t i = 0; i < neighbours->mix_count; i++) {
        struct neighbour *mix = &neighbours->mixes[i];
        if (mix->is_self || (mix->has_key && mix->window == window))
            continue;
        mix->has_key = box_packet_key_make(key_of(neighbours, mix), mix->public_key, random) == 0;
        mix->window = window;
    }
}

int neighbours_seal(struct neighbours *neighbours, struct neighbour *mix, uint32_t window,
                    uint8_t datagram[static BOX_PACKET_BYTES],
                    const uint8_t packet[static MIX_PACKET_BYTES],
                    const struct random_source *random)
{
    uint8_t q[1 + MIX_PACKET_BYTES] = {OP_MIX}, a[BOX_PACKET_A_BYTES];
    if (!mix->has_key || mix->window != window)
        return -EBADMSG;
    memcpy(q + 1, packet, MIX_PACKET_BYTES);
    int err = box_request_seal(key_of(neighbours, mix), datagram, BOX_PACKET_BYTES, a, q, sizeof q,
                               random);
    INVARIANT(!err);
    return 0;
}
