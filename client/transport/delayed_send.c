#include "transport/delayed_send.h"

#include <stdlib.h>
#include <string.h>

enum {
    T2_HELD_MS_MAX = 30 * 1000,
    T3_HELD_MS = 1500,
};

struct delayed_letter {
    enum record_kind kind;
    bool to_elder;
    bool marked;
    int64_t since_ms;
    uint8_t addressee[ID_BYTES];
    uint8_t body[RECORD_BODY_BYTES];
};

void delayed_send_begin(struct delayed_send *delayed, struct pool_answer *elders)
{
    delayed_send_clear(delayed);
    delayed->elders = *elders;
    *elders = (struct pool_answer){0};
}

int delayed_send_note_t2s(struct delayed_send *delayed, const struct pool_answer *t2s)
{
    if (delayed->has_t2s_before)
        return 0;
    int err = pool_answer_take(&delayed->t2s_before, t2s->records, t2s->count * t2s->record_bytes,
                               RECORD_UNADDRESSED_BYTES);
    delayed->has_t2s_before = !err;
    return err;
}

bool delayed_send_is_elder(const struct delayed_send *delayed,
                           const uint8_t t1[static RECORD_T1_BYTES])
{
    return pool_answer_has(&delayed->elders, t1);
}

int delayed_send_add(struct delayed_send *delayed, enum record_kind kind,
                     const struct transport_letter *letter, bool to_elder, int64_t now_ms)
{
    if (delayed->count == delayed->room) {
        size_t room = delayed->room ? 2 * delayed->room : 16;
        struct delayed_letter *wider = reallocarray(delayed->letters, room, sizeof *wider);
        if (!wider)
            return -ENOMEM;
        delayed->letters = wider;
        delayed->room = room;
    }
    struct delayed_letter *delayed_letter = &delayed->letters[delayed->count++];
    *delayed_letter =
        (struct delayed_letter){.kind = kind, .to_elder = to_elder, .since_ms = now_ms};
    memcpy(delayed_letter->addressee, letter->addressee, ID_BYTES);
    memcpy(delayed_letter->body, letter->body, RECORD_BODY_BYTES);
    return 0;
}

/* Whether somebody has posted a T2 since our T1 came. */
static bool has_gone_on(const struct delayed_send *delayed, const uint8_t id[static ID_BYTES],
                        const struct pool_answer *t2s)
{
    const uint8_t *record;
    size_t at = 0;
    while ((record = pool_answer_next_new(t2s, &delayed->t2s_before, &at)))
        if (memcmp(record, id, ID_BYTES) == 0)
            return true;
    return false;
}

static bool t2_is_held(const struct delayed_send *delayed, const uint8_t id[static ID_BYTES])
{
    for (size_t i = 0; i < delayed->count; i++)
        if (delayed->letters[i].kind == RECORD_T2 &&
            memcmp(delayed->letters[i].addressee, id, ID_BYTES) == 0)
            return true;
    return false;
}

static bool may_go(const struct delayed_send *delayed, const struct delayed_letter *letter,
                   const struct pool_answer *t2s, int64_t now_ms)
{
    int64_t held_ms = now_ms - letter->since_ms;
    if (letter->kind == RECORD_T3)
        return held_ms >= T3_HELD_MS && !t2_is_held(delayed, letter->addressee);
    return !letter->to_elder || held_ms >= T2_HELD_MS_MAX ||
           has_gone_on(delayed, letter->addressee, t2s);
}

size_t delayed_send_ready(struct delayed_send *delayed, enum record_kind kind,
                          const struct pool_answer *t2s, int64_t now_ms,
                          uint8_t (*bodies)[RECORD_BODY_BYTES], size_t capacity)
{
    size_t count = 0;
    for (size_t i = 0; i < delayed->count && count < capacity; i++) {
        struct delayed_letter *letter = &delayed->letters[i];
        if (letter->kind == kind && may_go(delayed, letter, t2s, now_ms)) {
            letter->marked = true;
            memcpy(bodies[count++], letter->body, RECORD_BODY_BYTES);
        }
    }
    return count;
}

void delayed_send_settle(struct delayed_send *delayed, bool posted)
{
    size_t kept = 0;
    for (size_t i = 0; i < delayed->count; i++) {
        if (delayed->letters[i].marked && posted)
            continue;
        delayed->letters[kept] = delayed->letters[i];
        delayed->letters[kept++].marked = false;
    }
    delayed->count = kept;
}

void delayed_send_clear(struct delayed_send *delayed)
{
    free(delayed->letters);
    pool_answer_clear(&delayed->elders);
    pool_answer_clear(&delayed->t2s_before);
    *delayed = (struct delayed_send){0};
}
