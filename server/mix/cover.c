#include "mix/cover.h"

#include <stdlib.h>
#include <string.h>

enum { COVER_HOPS_MAX = 3 };

_Static_assert((int)COVER_HOPS_MAX <= (int)MIX_HOPS_MAX, "a route");

int cover_init(struct cover *cover, size_t max)
{
    *cover = (struct cover){.max = max};
    cover->packets = max > 0 ? calloc(max, sizeof *cover->packets) : NULL;
    return max > 0 && !cover->packets ? -ENOMEM : 0;
}

void cover_free(struct cover *cover)
{
    free(cover->packets);
    *cover = (struct cover){.count = 0};
}

void cover_clear(struct cover *cover)
{
    cover->count = 0;
}

/* Draw different mixes but this one. Returns: how many. */
static size_t draw_route(size_t route[static COVER_HOPS_MAX], const struct neighbours *neighbours,
                         const struct random_source *random)
{
    size_t others[NET_MIXES_MAX], left = 0;
    for (size_t i = 0; i < neighbours->mix_count; i++)
        if (!neighbours->mixes[i].is_self)
            others[left++] = i;
    size_t count = 1 + random_below(random, COVER_HOPS_MAX);
    if (count > left)
        count = left;
    for (size_t i = 0; i < count; i++, left--) {
        size_t drawn = random_below(random, (uint32_t)left);
        route[i] = others[drawn];
        others[drawn] = others[left - 1];
    }
    return count;
}

static int make(struct cover_packet *made, const struct neighbours *neighbours, uint32_t window,
                const struct random_source *random)
{
    struct mix_hop hops[COVER_HOPS_MAX];
    size_t route[COVER_HOPS_MAX], count = draw_route(route, neighbours, random);
    for (size_t i = 0; i < count; i++) {
        memcpy(hops[i].public_key, neighbours->mixes[route[i]].public_key, MIX_KEY_BYTES);
        hops[i].command = (struct mix_command){.kind = MIX_DROP, .window = window};
        if (i + 1 == count)
            break;
        const struct mix_endpoint *next = &neighbours->mixes[route[i + 1]].at;
        hops[i].command.kind = MIX_FORWARD;
        hops[i].command.port = next->port;
        memcpy(hops[i].command.address, next->address, sizeof next->address);
    }
    made->first = route[0];
    return mix_packet_make(made->packet, hops, count, NULL, 0, random);
}

void cover_fill(struct cover *cover, const struct neighbours *neighbours, uint32_t window,
                const struct random_source *random)
{
    if (cover->window != window)
        cover_clear(cover);
    cover->window = window;
    if (neighbours->others == 0)
        return;
    while (cover->count < cover->max &&
           make(&cover->packets[cover->count], neighbours, window, random) == 0)
        cover->count++;
}

const struct cover_packet *cover_take(struct cover *cover)
{
    return cover->count > 0 ? &cover->packets[--cover->count] : NULL;
}
