/* Packets that a client makes for the chain. */
#include <string.h>

#include "base/secret.h"
#include "udp/mix_inside.h"

static void put_hops(struct mix_hop *hops, const struct mix_chain *chain,
                     const struct mix_route *route, enum mix_kind kind, uint32_t window)
{
    const struct net_node *mixes = chain->settings.net->mixes;
    for (size_t i = 0; i < route->count; i++) {
        hops[i] = (struct mix_hop){.command = {.kind = (uint8_t)kind, .window = window}};
        memcpy(hops[i].public_key, mixes[route->mix[i]].key, sizeof hops[i].public_key);
        if (i + 1 == route->count)
            continue;
        const struct mix_endpoint *next = &mixes[route->mix[i + 1]].at;
        hops[i].command.kind = MIX_FORWARD;
        hops[i].command.port = next->port;
        memcpy(hops[i].command.address, next->address, sizeof next->address);
    }
}

static uint32_t window_now(const struct mix_chain *chain)
{
    return mix_window_of(clock_wall_s(chain->settings.clock));
}

/* A SURB over `back`, which ends at an entry that is ready. */
static void make_surb(uint8_t surb[static MIX_SURB_BYTES], struct mix_surb_secrets *secrets,
                      const struct mix_chain *chain, const struct mix_route *back, uint32_t window)
{
    struct mix_hop hops[MIX_HOPS_MAX];
    size_t last = back->count - 1;
    put_hops(hops, chain, back, MIX_REPLY, window);
    mix_entry_handle(hops[last].command.address, &chain->entries[back->mix[last]]);
    int err = mix_surb_make(surb, secrets, &chain->settings.net->mixes[back->mix[0]].at, hops,
                            back->count, chain->settings.random);
    INVARIANT(!err); /* the net file's keys were looked at */
}

/* To an entry that is ready. Returns: 0, -EHOSTUNREACH and errno. */
static int send_content(struct mix_chain *chain, const struct mix_route *there, enum mix_kind kind,
                        uint32_t window, const uint8_t *content, size_t bytes)
{
    struct mix_hop hops[MIX_HOPS_MAX];
    uint8_t packet[MIX_PACKET_BYTES];
    struct mix_entry *entry = &chain->entries[there->mix[0]];
    put_hops(hops, chain, there, kind, window);
    int err = mix_packet_make(packet, hops, there->count, content, bytes, chain->settings.random);
    INVARIANT(!err);
    return mix_entry_send(entry, packet, mix_now_ms(chain), chain->settings.random);
}

/* Requests */

/* Make the content for an exit and send it. */
static int send_try(struct mix_chain *chain, struct mix_pending *pending,
                    const struct net_node *server, const uint8_t *q, size_t q_bytes)
{
    struct mix_exit asked = {.server = server->at};
    uint8_t content[MIX_EXIT_BYTES];
    uint32_t window = window_now(chain);
    int err = mix_entry_ready(&chain->entries[pending->tried.there.mix[0]], window,
                              chain->settings.random);
    if (err)
        return err;
    make_surb(asked.surb, &pending->secrets, chain, &pending->tried.back, window);
    err = box_packet_key_make(&pending->key, server->key, chain->settings.random);
    INVARIANT(!err);
    err = box_request_seal(&pending->key, asked.request, sizeof asked.request, pending->a, q,
                           q_bytes, chain->settings.random);
    INVARIANT(!err); /* callers know what fits */
    mix_exit_write(content, &asked);
    err = send_content(chain, &pending->tried.there, MIX_EXIT, window, content, sizeof content);
    secret_wipe(content, sizeof content); /* the SURB's key is in it */
    secret_wipe(&asked, sizeof asked);
    return err;
}

static struct mix_pending *begin_try(struct mix_chain *chain, struct mix_line *line, int64_t now_ms)
{
    struct mix_pending *pending = mix_surbs_add(&chain->surbs, now_ms);
    bool again = line && line->sends > 0;
    pending->purpose = line ? MIX_PURPOSE_REQUEST : MIX_PURPOSE_COVER;
    pending->owner = line;
    pending->number = line ? line->number : 0;
    pending->at_once = !line || line->at_once;
    pending->due_ms = now_ms + mix_patience_ms(chain);
    mix_routes_draw(&pending->tried, &chain->routes, again, chain->settings.random);
    return pending;
}

int mix_send_request(struct mix_chain *chain, struct mix_line *line, const struct net_node *server,
                     const uint8_t *q, size_t q_bytes)
{
    int64_t now_ms = mix_now_ms(chain);
    int err = -EHOSTUNREACH;
    for (size_t i = 0; i < chain->routes.count && err == -EHOSTUNREACH; i++) {
        struct mix_pending *pending = begin_try(chain, line, now_ms);
        size_t first = pending->tried.there.mix[0];
        err = send_try(chain, pending, server, q, q_bytes);
        int reason = errno;
        if (!err)
            break;
        mix_surbs_release(pending);
        if (err == -EHOSTUNREACH && reason == ECONNREFUSED)
            mix_take_refusal(chain, first, reason);
        errno = reason;
        if (reason != ECONNREFUSED || chain->routes.fixed.count > 0)
            return err;
    }
    if (!err && line) {
        line->sends++;
        line->sent_ms = now_ms;
        line->spoilt = false;
    }
    mix_wake(chain->wake); /* there may be another socket, and something is due */
    return err;
}

/* Messages of groups */

/* Over a drawn route. Returns: 0; -EHOSTUNREACH and errno, with the route's first mix in `first`;
 * -ENOMEM. */
static int send_once(struct mix_chain *chain, const uint8_t content[static MIX_DIVIDE_BYTES],
                     size_t *first)
{
    struct mix_try drawn;
    uint32_t window = window_now(chain);
    mix_routes_draw(&drawn, &chain->routes, false, chain->settings.random);
    *first = drawn.there.mix[0];
    int err = mix_entry_ready(&chain->entries[*first], window, chain->settings.random);
    return err ? err
               : send_content(chain, &drawn.there, MIX_DIVIDE, window, content, MIX_DIVIDE_BYTES);
}

int mix_send_division(struct mix_chain *chain, const uint8_t content[static MIX_DIVIDE_BYTES])
{
    const struct mix_routes *routes = &chain->routes;
    int err = -EHOSTUNREACH;
    if (routes->count < 2 || routes->fixed.count == 1)
        return -ENOTSUP; /* the source would be seen by who divides */
    for (size_t i = 0; i < routes->count && err == -EHOSTUNREACH; i++) {
        size_t first;
        err = send_once(chain, content, &first);
        int reason = errno;
        if (err == -EHOSTUNREACH && reason == ECONNREFUSED)
            mix_take_refusal(chain, first, reason);
        errno = reason;
        if (err && (reason != ECONNREFUSED || routes->fixed.count > 0))
            break;
    }
    mix_wake(chain->wake); /* there may be another socket */
    return err;
}

/* Probes and cover */

/* Its own answer: what a SURB makes goes where its first mix is. */
void mix_send_probe(struct mix_chain *chain, size_t mix)
{
    int64_t now_ms = mix_now_ms(chain);
    struct mix_pending *pending = mix_surbs_add(&chain->surbs, now_ms);
    struct mix_route *round = &pending->tried.back;
    uint8_t surb[MIX_SURB_BYTES], packet[MIX_PACKET_BYTES], content[MIX_CONTENT_BYTES_MAX] = {0};
    struct mix_endpoint first;
    pending->purpose = MIX_PURPOSE_PROBE;
    pending->probed = mix;
    pending->due_ms = now_ms + mix_patience_ms(chain) * (chain->cost_known ? 2 : 5);
    mix_routes_draw_probe(round, &chain->routes, mix, chain->settings.random);
    struct mix_entry *entry = &chain->entries[round->mix[0]];
    uint32_t window = window_now(chain);
    int err = mix_entry_ready(entry, window, chain->settings.random);
    if (err)
        return; /* it is due like one that was lost */
    make_surb(surb, &pending->secrets, chain, round, window);
    err = mix_surb_use(packet, &first, surb, content, sizeof content);
    INVARIANT(!err);
    if (mix_entry_send(entry, packet, now_ms, chain->settings.random) && errno == ECONNREFUSED)
        mix_take_refusal(chain, round->mix[0], ECONNREFUSED);
    secret_wipe(surb, sizeof surb);
}

void mix_send_drop(struct mix_chain *chain, size_t first)
{
    struct mix_route route;
    uint32_t window = window_now(chain);
    mix_routes_draw_from(&route, &chain->routes, first, chain->settings.random);
    int err = mix_entry_ready(&chain->entries[route.mix[0]], window, chain->settings.random);
    if (!err)
        err = send_content(chain, &route, MIX_DROP, window, NULL, 0);
    (void)err;
}
