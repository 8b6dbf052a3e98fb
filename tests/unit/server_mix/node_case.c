#include "node_case.h"

struct world world;
struct world_client client;
struct node_settings settings;
const size_t route[MIX_HOPS_MAX] = {0, 1, 2, 3, 4};

int set_up(void **state)
{
    (void)state;
    settings = world_settings();
    return 0;
}

int tear_down(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

void begin(size_t mixes)
{
    world_open(&world, mixes, &settings);
    world_client_open(&world, &client, 0, WORLD_CLIENT_PORT);
}

uint64_t counted(size_t mix, enum node_count which)
{
    return node_count(world.nodes[mix], which);
}

void send_forwarded(void)
{
    uint8_t packet[MIX_PACKET_BYTES];
    world_packet(&world, packet, route, 2, MIX_DROP);
    world_client_send(&world, &client, packet);
}
