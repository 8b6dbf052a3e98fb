/* What becomes of tries, and what is said of it. */
#include <sys/eventfd.h>

#include "udp/mix_inside.h"

enum {
    WAY_MS_MAX = 60 * 1000,
    PATIENCE_MS_MIN = 1000,
    PATIENCE_MS_MAX = 60 * 1000,
};

/* Times */

/* Averages as RFC 6298 has them for the round trips of TCP: each batch on the way varies. */
void mix_note_time(struct mix_chain *chain, int64_t took_ms)
{
    if (took_ms > WAY_MS_MAX)
        return;
    if (!chain->cost_known) {
        chain->way_ms = took_ms;
        chain->way_varies_ms = took_ms / 2;
        return;
    }
    int64_t off_ms = took_ms > chain->way_ms ? took_ms - chain->way_ms : chain->way_ms - took_ms;
    chain->way_varies_ms = (3 * chain->way_varies_ms + off_ms) / 4;
    chain->way_ms = (7 * chain->way_ms + took_ms) / 8;
}

int64_t mix_patience_ms(const struct mix_chain *chain)
{
    int64_t ms = chain->way_ms + 4 * chain->way_varies_ms;
    if (!chain->cost_known)
        return chain->settings.patience_ms;
    ms = ms > PATIENCE_MS_MIN ? ms : PATIENCE_MS_MIN;
    return ms < PATIENCE_MS_MAX ? ms : PATIENCE_MS_MAX;
}

int64_t mix_now_ms(const struct mix_chain *chain)
{
    return clock_monotonic_ms(chain->settings.clock);
}

void mix_wake(int event)
{
    INVARIANT(eventfd_write(event, 1) == 0);
}

/* Notices */

void mix_note(struct mix_chain *chain, const struct mix_notice *notice)
{
    if (chain->notice_count < MIX_NOTICES_MAX)
        chain->notices[chain->notice_count++] = *notice;
    mix_wake(chain->wake);
}

void mix_note_failed(struct mix_chain *chain, size_t mix, int reason)
{
    size_t good = 0;
    for (size_t i = 0; i < chain->routes.count; i++)
        good += i != mix && chain->routes.mixes[i].health == MIX_HEALTH_GOOD;
    mix_note(chain, &(struct mix_notice){.kind = MIX_NOTICE_FAILED,
                                         .mix = chain->settings.net->mixes[mix].name,
                                         .reason = reason,
                                         .others = chain->routes.fixed.count == 0 &&
                                                   good >= MIX_ROUTE_DRAWN});
}

/* What becomes of tries */

struct mix_line *mix_owner_of(const struct mix_pending *pending)
{
    struct mix_line *line = pending->owner;
    return line && pending->number == line->number && !line->answered ? line : NULL;
}

void mix_spoil(const struct mix_pending *pending)
{
    struct mix_line *line = mix_owner_of(pending);
    if (!line || pending->sent_ms < line->sent_ms)
        return;
    line->spoilt = true;
    mix_wake(line->news);
}

void mix_count_unanswered(struct mix_chain *chain, struct mix_pending *pending)
{
    if (pending->counted)
        return;
    pending->counted = true;
    mix_routes_unanswered(&chain->routes, &pending->tried);
    mix_wake(chain->wake);
}

void mix_take_refusal(struct mix_chain *chain, size_t mix, int reason)
{
    if (mix_routes_refused(&chain->routes, mix))
        mix_note_failed(chain, mix, reason);
    chain->probe_ms[mix] = mix_now_ms(chain) + MIX_PROBE_AGAIN_MS;
    for (size_t i = 0; i < MIX_SURBS_MAX; i++) {
        struct mix_pending *pending = &chain->surbs.entries[i];
        const struct mix_route *begin =
            pending->purpose == MIX_PURPOSE_PROBE ? &pending->tried.back : &pending->tried.there;
        if (!pending->used || pending->counted || begin->mix[0] != mix)
            continue;
        pending->counted = true;
        mix_spoil(pending);
    }
}
