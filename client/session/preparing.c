#include "session/preparing.h"

#include <stdlib.h>
#include <string.h>

#include "wire/sizes.h"

int preparing_open(struct preparing *preparing)
{
    *preparing = (struct preparing){.t1s = calloc(PREPARING_T1S_MAX, RECORD_T1_BYTES)};
    int err = preparing->t1s ? reunion_preparation_open(&preparing->preparation) : -ENOMEM;
    if (err)
        preparing_close(preparing);
    return err;
}

void preparing_close(struct preparing *preparing)
{
    reunion_preparation_free(preparing->preparation);
    free(preparing->t1s);
    *preparing = (struct preparing){0};
}

static uint8_t *t1_at(const struct preparing *preparing, size_t which)
{
    return preparing->t1s + which * RECORD_T1_BYTES;
}

static int note_t1(void *state, const uint8_t *t1, size_t t1_bytes,
                   const struct transport_place *place)
{
    struct preparing *preparing = state;
    (void)place;
    if (t1_bytes != RECORD_T1_BYTES || preparing->count == PREPARING_T1S_MAX)
        return 0;
    for (size_t i = 0; i < preparing->count; i++)
        if (memcmp(t1_at(preparing, i), t1, RECORD_T1_BYTES) == 0)
            return 0;
    memcpy(t1_at(preparing, preparing->count++), t1, RECORD_T1_BYTES);
    return 0;
}

static int pass_over(void *state, const uint8_t sender[static ID_BYTES],
                     const uint8_t body[static RECORD_BODY_BYTES])
{
    (void)state;
    (void)sender;
    (void)body;
    return 0;
}

void preparing_read(struct preparing *preparing, struct transport *transport,
                    const struct transport_place *named, const struct bucket_bounds *bounds,
                    int64_t wall_s)
{
    const struct transport_sink sink = {note_t1, pass_over, pass_over, preparing};
    struct transport_bucket newest = {0};
    size_t count = 1;
    int err = 0;
    if (named)
        newest.place = *named;
    else
        err = transport->verbs->list(transport, &newest, 1, &count);
    if (err || count == 0 ||
        (!named && bucket_check_standing(&newest, bounds, wall_s) != BUCKET_GOOD))
        return;
    (void)transport->verbs->read_t1s(transport, &newest.place, &sink);
}

/* Move a random one of those that are left to where the next one is taken. */
static void draw(struct preparing *preparing, size_t next, const struct random_source *random)
{
    uint8_t t1[RECORD_T1_BYTES];
    size_t other = next + random_below(random, (uint32_t)(preparing->count - next));
    memcpy(t1, t1_at(preparing, next), sizeof t1);
    memmove(t1_at(preparing, next), t1_at(preparing, other), sizeof t1);
    memcpy(t1_at(preparing, other), t1, sizeof t1);
}

void preparing_compute(struct preparing *preparing, size_t chunk,
                       const struct random_source *random, const struct reunion_work *work)
{
    INVARIANT(chunk > 0);
    bool canceled = false;
    while (preparing->done < preparing->count && !canceled && !work->canceled(work->state)) {
        struct reunion_t1 t1s[PREPARING_T1S_MAX];
        size_t count = preparing->count - preparing->done;
        count = count < chunk ? count : chunk;
        for (size_t i = 0; i < count; i++) {
            draw(preparing, preparing->done + i, random);
            t1s[i] = (struct reunion_t1){.bytes = t1_at(preparing, preparing->done + i),
                                         .length = RECORD_T1_BYTES};
        }
        int err = reunion_preparation_receive_t1s(preparing->preparation, t1s, count, work);
        INVARIANT(!err);
        for (size_t i = 0; i < count; i++) {
            preparing->actions += (size_t)t1s[i].computed;
            canceled = canceled || t1s[i].status == -ECANCELED || t1s[i].status == -ENOMEM;
        }
        if (!canceled)
            preparing->done += count;
    }
}
