#include "udp/mix_routes.h"

#include "base/err.h"

void mix_routes_init(struct mix_routes *routes, size_t count, const struct mix_route *fixed)
{
    INVARIANT(count >= 1 && count <= NET_MIXES_MAX && fixed->count <= MIX_HOPS_MAX);
    *routes = (struct mix_routes){.count = count, .fixed = *fixed};
}

static bool has(const struct mix_route *route, size_t mix)
{
    for (size_t i = 0; i < route->count; i++)
        if (route->mix[i] == mix)
            return true;
    return false;
}

/* Drawing */

/* What speaks against a mix: lower ones are drawn first. */
static unsigned rank(const struct mix_routes *routes, size_t mix, bool again)
{
    unsigned worst = MIX_ROUTE_UNANSWERED, unanswered = routes->mixes[mix].unanswered;
    if (routes->mixes[mix].health != MIX_HEALTH_GOOD)
        return routes->mixes[mix].health == MIX_HEALTH_FAILED ? worst + 2 : worst + 1;
    return again ? unanswered : 0;
}

/* One of the mixes that least speaks against, each with the same chance, and none of `without`.
 * Returns: its number, or `count` if none is left. */
static size_t draw_one(const struct mix_routes *routes, const struct mix_route *without, bool again,
                       const struct random_source *random)
{
    size_t drawn = routes->count;
    uint32_t alike = 0;
    unsigned lowest = UINT32_MAX;
    for (size_t i = 0; i < routes->count; i++) {
        unsigned own = rank(routes, i, again);
        if (has(without, i) || own > lowest)
            continue;
        if (own < lowest)
            alike = 0;
        lowest = own;
        if (random_below(random, ++alike) == 0)
            drawn = i;
    }
    return drawn;
}

static void add(struct mix_route *route, size_t mix)
{
    route->mix[route->count++] = mix;
}

/* Fisher and Yates, from `first` on. */
static void shuffle(struct mix_route *route, size_t first, const struct random_source *random)
{
    for (size_t i = route->count; i > first + 1; i--) {
        size_t other = first + random_below(random, (uint32_t)(i - first));
        size_t moved = route->mix[i - 1];
        route->mix[i - 1] = route->mix[other];
        route->mix[other] = moved;
    }
}

/* Lengthen a route to as many mixes as one has. */
static void fill_up(struct mix_route *route, const struct mix_routes *routes, bool again,
                    const struct random_source *random)
{
    while (route->count < MIX_ROUTE_DRAWN && route->count < routes->count)
        add(route, draw_one(routes, route, again, random));
}

/* The answer comes over the same mixes, but for the exit, which is where it begins. */
static void turn_round(struct mix_route *back, const struct mix_route *there)
{
    size_t last = there->count > 1 ? there->count - 1 : 1;
    *back = (struct mix_route){.count = 0};
    while (last-- > 0)
        add(back, there->mix[last]);
}

/* The answer's way is drawn by itself. It does not begin at the exit, which would only send to
 * itself, and ends where the request began. */
static void draw_back(struct mix_route *back, const struct mix_routes *routes,
                      const struct mix_route *there, bool again, const struct random_source *random)
{
    struct mix_route without = {.count = 0};
    *back = (struct mix_route){.count = 0};
    add(&without, there->mix[0]);
    add(&without, there->mix[there->count - 1]);
    size_t first = draw_one(routes, &without, again, random);
    if (first < routes->count) {
        add(back, first);
        without = (struct mix_route){{there->mix[0], first}, 2};
        add(back, draw_one(routes, &without, again, random));
    }
    add(back, there->mix[0]);
}

void mix_routes_draw(struct mix_try *drawn, const struct mix_routes *routes, bool again,
                     const struct random_source *random)
{
    struct mix_try made = {.there = routes->fixed};
    if (routes->fixed.count > 0) {
        turn_round(&made.back, &made.there);
    } else {
        fill_up(&made.there, routes, again, random);
        shuffle(&made.there, 0, random);
        if (again && made.there.count == MIX_ROUTE_DRAWN)
            made.back = (struct mix_route){
                {made.there.mix[1], made.there.mix[2], made.there.mix[0]}, MIX_ROUTE_DRAWN};
        else
            draw_back(&made.back, routes, &made.there, again, random);
    }
    *drawn = made;
}

void mix_routes_draw_from(struct mix_route *drawn, const struct mix_routes *routes, size_t first,
                          const struct random_source *random)
{
    *drawn = routes->fixed;
    if (routes->fixed.count > 0)
        return;
    add(drawn, first);
    fill_up(drawn, routes, false, random);
    shuffle(drawn, 1, random);
}

void mix_routes_draw_probe(struct mix_route *drawn, const struct mix_routes *routes, size_t mix,
                           const struct random_source *random)
{
    size_t by = routes->count;
    uint32_t alike = 0;
    for (size_t i = 0; i < routes->count && routes->fixed.count == 0; i++)
        if (i != mix && routes->mixes[i].answered && random_below(random, ++alike) == 0)
            by = i;
    if (routes->fixed.count > 0)
        by = routes->fixed.mix[0];
    *drawn = (struct mix_route){{mix}, 1};
    if (by < routes->count && by != mix)
        *drawn = (struct mix_route){{by, mix, by}, 3};
}

/* What becomes of them */

static void clear(struct mix_routes *routes, size_t mix)
{
    routes->mixes[mix].health = MIX_HEALTH_GOOD;
    routes->mixes[mix].unanswered = 0;
    routes->mixes[mix].answered = true;
}

void mix_routes_answered(struct mix_routes *routes, const struct mix_try *tried)
{
    for (size_t i = 0; i < tried->there.count; i++)
        clear(routes, tried->there.mix[i]);
    for (size_t i = 0; i < tried->back.count; i++)
        clear(routes, tried->back.mix[i]);
}

static void suspect(struct mix_routes *routes, size_t mix)
{
    if (routes->mixes[mix].health == MIX_HEALTH_GOOD) {
        routes->mixes[mix].health = MIX_HEALTH_SUSPECTED;
        routes->mixes[mix].probes = 0;
    }
}

static void note_unanswered(struct mix_routes *routes, size_t mix)
{
    routes->mixes[mix].answered = false;
    if (++routes->mixes[mix].unanswered >= MIX_ROUTE_UNANSWERED)
        suspect(routes, mix);
}

void mix_routes_unanswered(struct mix_routes *routes, const struct mix_try *tried)
{
    for (size_t i = 0; i < tried->there.count; i++)
        note_unanswered(routes, tried->there.mix[i]);
    for (size_t i = 0; i < tried->back.count; i++)
        if (!has(&tried->there, tried->back.mix[i]))
            note_unanswered(routes, tried->back.mix[i]);
}

void mix_routes_probe_answered(struct mix_routes *routes, size_t mix)
{
    clear(routes, mix);
}

bool mix_routes_probe_unanswered(struct mix_routes *routes, size_t mix)
{
    if (routes->mixes[mix].health != MIX_HEALTH_SUSPECTED ||
        ++routes->mixes[mix].probes < MIX_ROUTE_PROBES)
        return false;
    routes->mixes[mix].health = MIX_HEALTH_FAILED;
    return true;
}

bool mix_routes_refused(struct mix_routes *routes, size_t mix)
{
    bool is_new = routes->mixes[mix].health != MIX_HEALTH_FAILED;
    routes->mixes[mix].health = MIX_HEALTH_FAILED;
    routes->mixes[mix].answered = false;
    return is_new;
}
