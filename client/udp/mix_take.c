/* Answers that come through the chain, and what is done when none does. */
#include <math.h>
#include <string.h>

#include "base/secret.h"
#include "udp/mix_inside.h"
#include "wire/op_request.h"

enum { LATE_MAX = 3 };

/* What was sent is not answered. */
static void time_out(struct mix_chain *chain, struct mix_pending *pending)
{
    size_t mix = pending->probed;
    if (pending->purpose != MIX_PURPOSE_PROBE) {
        mix_count_unanswered(chain, pending);
        return;
    }
    if (pending->counted)
        return;
    pending->counted = true;
    if (mix_routes_probe_unanswered(&chain->routes, mix))
        mix_note_failed(chain, mix, 0);
    chain->probe_ms[mix] = mix_now_ms(chain);
    if (chain->routes.mixes[mix].health == MIX_HEALTH_FAILED)
        chain->probe_ms[mix] += MIX_PROBE_AGAIN_MS;
}

static void back_again(struct mix_chain *chain, size_t mix)
{
    bool had_failed = chain->routes.mixes[mix].health == MIX_HEALTH_FAILED;
    mix_routes_probe_answered(&chain->routes, mix);
    if (had_failed)
        mix_note(chain, &(struct mix_notice){.kind = MIX_NOTICE_BACK,
                                             .mix = chain->settings.net->mixes[mix].name});
}

static void note_cost(struct mix_chain *chain, const struct mix_pending *pending)
{
    if (!pending->at_once)
        return;
    mix_note_time(chain, mix_now_ms(chain) - pending->sent_ms);
    if (!chain->cost_known)
        mix_note(chain, &(struct mix_notice){.kind = MIX_NOTICE_COST,
                                             .each_way_ms = chain->way_ms / 2,
                                             .route = pending->tried.there.count,
                                             .mixes = chain->routes.count});
    chain->cost_known = true;
}

/* Answers */

/* Returns: 0, -EBADMSG. */
static int open_answer(const struct mix_pending *pending, uint8_t p[static BOX_PACKET_P_BYTES_MAX],
                       size_t *p_bytes, const uint8_t payload[static MIX_PAYLOAD_BYTES])
{
    uint8_t content[MIX_CONTENT_BYTES_MAX];
    size_t bytes = 0;
    int err = mix_surb_open(content, &bytes, &pending->secrets, payload);
    if (!err && pending->purpose != MIX_PURPOSE_PROBE)
        err = box_answer_open(&pending->key, p, p_bytes, pending->a, BOX_PACKET_SHORT_BYTES,
                              content, bytes);
    return err ? -EBADMSG : 0;
}

static void hand_over(struct mix_line *line, const uint8_t *p, size_t p_bytes)
{
    memcpy(line->p, p, p_bytes);
    line->p_bytes = p_bytes;
    line->answered = true;
    mix_wake(line->news);
}

/* An answer that comes late shows that its mixes take packets, but not that they are of use. Where
 * several do and none comes in time, it is the time that is wrong. */
static bool is_in_time(struct mix_chain *chain, const struct mix_pending *pending)
{
    chain->late = pending->counted && chain->cost_known ? chain->late + 1 : 0;
    bool counts = chain->late == 0 || chain->late >= LATE_MAX;
    if (counts)
        chain->late = 0;
    return counts;
}

static void take(struct mix_chain *chain, struct mix_pending *pending,
                 const uint8_t payload[static MIX_PAYLOAD_BYTES])
{
    uint8_t p[BOX_PACKET_P_BYTES_MAX];
    size_t p_bytes = 0;
    struct mix_line *line = mix_owner_of(pending);
    if (open_answer(pending, p, &p_bytes, payload)) {
        time_out(chain, pending); /* it may as well not have come */
        mix_spoil(pending);
        return;
    }
    if (pending->purpose == MIX_PURPOSE_PROBE) {
        if (!pending->counted)
            back_again(chain, pending->probed);
        return;
    }
    if (is_in_time(chain, pending)) {
        mix_routes_answered(&chain->routes, &pending->tried);
        note_cost(chain, pending);
    }
    if (line)
        hand_over(line, p, p_bytes);
}

void mix_take_deliveries(struct mix_chain *chain, size_t mix)
{
    struct mix_delivery delivery;
    int err;
    while ((err = mix_entry_receive(&chain->entries[mix], &delivery)) == 0) {
        struct mix_pending *pending = mix_surbs_find(&chain->surbs, delivery.alpha);
        if (!pending)
            continue;
        take(chain, pending, delivery.payload);
        mix_surbs_release(pending);
    }
    if (err == -EHOSTUNREACH && errno == ECONNREFUSED)
        mix_take_refusal(chain, mix, ECONNREFUSED);
}

/* What is due */

static void sooner(int64_t *next_ms, int64_t due_ms)
{
    if (*next_ms < 0 || due_ms < *next_ms)
        *next_ms = due_ms;
}

/* Requests are given up by those who ask. */
static void count_unanswered(struct mix_chain *chain, int64_t now_ms, int64_t *next_ms)
{
    for (size_t i = 0; i < MIX_SURBS_MAX; i++) {
        struct mix_pending *pending = &chain->surbs.entries[i];
        if (!pending->used || pending->counted || pending->purpose == MIX_PURPOSE_REQUEST)
            continue;
        if (pending->due_ms <= now_ms)
            time_out(chain, pending);
        else
            sooner(next_ms, pending->due_ms);
    }
}

static bool is_probed(const struct mix_chain *chain, size_t mix)
{
    for (size_t i = 0; i < MIX_SURBS_MAX; i++) {
        const struct mix_pending *pending = &chain->surbs.entries[i];
        if (pending->used && !pending->counted && pending->purpose == MIX_PURPOSE_PROBE &&
            pending->probed == mix)
            return true;
    }
    return false;
}

/* A mix that is to be probed now, or as many as there are mixes. */
static size_t find_probe(const struct mix_chain *chain, int64_t now_ms, int64_t *next_ms)
{
    for (size_t i = 0; i < chain->routes.count; i++) {
        if (chain->routes.mixes[i].health == MIX_HEALTH_GOOD || is_probed(chain, i))
            continue;
        if (chain->probe_ms[i] <= now_ms)
            return i;
        sooner(next_ms, chain->probe_ms[i]);
    }
    return chain->routes.count;
}

/* Where answers come from, a router on the way must not forget us. */
static void keep_alive(struct mix_chain *chain, int64_t now_ms, int64_t *next_ms)
{
    for (size_t i = 0; i < MIX_SURBS_MAX; i++) {
        const struct mix_pending *pending = &chain->surbs.entries[i];
        if (!pending->used || !mix_owner_of(pending))
            continue;
        size_t first = pending->tried.there.mix[0];
        struct mix_entry *entry = &chain->entries[first];
        if (entry->sent_ms + MIX_KEEPALIVE_MS <= now_ms) {
            mix_send_drop(chain, first);
            entry->sent_ms = now_ms; /* whatever became of it */
        }
        sooner(next_ms, entry->sent_ms + MIX_KEEPALIVE_MS);
    }
}

/* Cover */

/* An exponential gap: minus the mean times the logarithm of a number in (0, 1]. */
static int64_t draw_gap_ms(const struct mix_chain *chain)
{
    uint32_t drawn;
    random_fill(chain->settings.random, (uint8_t *)&drawn, sizeof drawn);
    return (int64_t)(-(double)chain->settings.cover_ms * log((drawn + 1.0) / 4294967296.0));
}

static struct mix_line *first_queued(const struct mix_chain *chain)
{
    struct mix_line *first = NULL;
    for (struct mix_line *line = chain->lines; line; line = line->next)
        if (line->queued && (!first || line->ticket < first->ticket))
            first = line;
    return first;
}

/* A request like any other, to one of the servers of the run. */
static void send_cover(struct mix_chain *chain)
{
    static const struct op_request describe = {.op = OP_DESCRIBE};
    const struct mix_line *drawn = NULL;
    uint8_t q[1];
    size_t bytes;
    uint32_t count = 0;
    for (const struct mix_line *line = chain->lines; line; line = line->next)
        if (random_below(chain->settings.random, ++count) == 0)
            drawn = line;
    int err = op_request_encode(q, sizeof q, &bytes, &describe);
    INVARIANT(!err);
    if (drawn)
        err = mix_send_request(chain, NULL, drawn->server, q, bytes);
    (void)err; /* as if it were lost */
}

static void fill_slot(struct mix_chain *chain, int64_t now_ms, int64_t *next_ms)
{
    struct mix_line *line = first_queued(chain);
    size_t probe = find_probe(chain, now_ms, next_ms);
    if (line) {
        line->queued = false;
        if (line->divides)
            line->sent_err = mix_send_division(chain, line->q);
        else
            line->spoilt = mix_send_request(chain, line, line->server, line->q, line->q_bytes) != 0;
        line->sent_reason = errno;
        secret_wipe(line->q, sizeof line->q);
        mix_wake(line->news);
    } else if (probe < chain->routes.count) {
        mix_send_probe(chain, probe);
    } else {
        send_cover(chain);
    }
}

static void do_cover(struct mix_chain *chain, int64_t now_ms, int64_t *next_ms)
{
    while (chain->slot_ms <= now_ms) {
        fill_slot(chain, now_ms, next_ms);
        chain->slot_ms =
            now_ms + draw_gap_ms(chain); /* after a sleep there is nothing to catch up */
    }
    sooner(next_ms, chain->slot_ms);
}

static void do_probes(struct mix_chain *chain, int64_t now_ms, int64_t *next_ms)
{
    size_t mix;
    while ((mix = find_probe(chain, now_ms, next_ms)) < chain->routes.count) {
        mix_send_probe(chain, mix);
        if (!is_probed(chain, mix)) /* refused at once */
            chain->probe_ms[mix] = now_ms + MIX_PROBE_AGAIN_MS;
    }
}

int64_t mix_do_due(struct mix_chain *chain)
{
    int64_t now_ms = mix_now_ms(chain), next_ms = -1;
    mix_surbs_expire(&chain->surbs, now_ms);
    count_unanswered(chain, now_ms, &next_ms);
    keep_alive(chain, now_ms, &next_ms);
    if (chain->settings.cover_ms > 0)
        do_cover(chain, now_ms, &next_ms);
    else
        do_probes(chain, now_ms, &next_ms);
    /* What was just sent is due after that. */
    for (size_t i = 0; i < MIX_SURBS_MAX; i++) {
        const struct mix_pending *pending = &chain->surbs.entries[i];
        if (pending->used && !pending->counted && pending->purpose != MIX_PURPOSE_REQUEST)
            sooner(&next_ms, pending->due_ms);
    }
    return next_ms < 0 ? -1 : next_ms > now_ms ? next_ms - now_ms : 0;
}
