#include "transport/delayed_send.h"

#include <stdlib.h>
#include <string.h>

enum {
    T2_HELD_MS_MAX = 30 * 1000,
    T3_HELD_MS = 1500,
};

struct held_letter {
    enum transport_kind kind;
    bool to_elder;
    bool marked;
    int64_t since_ms;
    uint8_t addressee[ID_BYTES];
    uint8_t body[RECORD_BODY_BYTES];
};

void hold_begin(struct hold *hold, struct pool_answer *elders)
{
    hold_clear(hold);
    hold->elders = *elders;
    *elders = (struct pool_answer){0};
}

int hold_note_t2s(struct hold *hold, const struct pool_answer *t2s)
{
    if (hold->has_t2s_before)
        return 0;
    int err = pool_answer_take(&hold->t2s_before, t2s->records, t2s->count * t2s->record_bytes,
                               RECORD_UNADDRESSED_BYTES);
    hold->has_t2s_before = !err;
    return err;
}

bool hold_is_elder(const struct hold *hold, const uint8_t t1[static RECORD_T1_BYTES])
{
    return pool_answer_has(&hold->elders, t1);
}

int hold_add(struct hold *hold, enum transport_kind kind, const struct transport_letter *letter,
             bool to_elder, int64_t now_ms)
{
    if (hold->count == hold->room) {
        size_t room = hold->room ? 2 * hold->room : 16;
        struct held_letter *wider = reallocarray(hold->letters, room, sizeof *wider);
        if (!wider)
            return -ENOMEM;
        hold->letters = wider;
        hold->room = room;
    }
    struct held_letter *held = &hold->letters[hold->count++];
    *held = (struct held_letter){.kind = kind, .to_elder = to_elder, .since_ms = now_ms};
    memcpy(held->addressee, letter->addressee, ID_BYTES);
    memcpy(held->body, letter->body, RECORD_BODY_BYTES);
    return 0;
}

/* Whether somebody has posted a T2 since our T1 came. */
static bool has_gone_on(const struct hold *hold, const uint8_t id[static ID_BYTES],
                        const struct pool_answer *t2s)
{
    const uint8_t *record;
    size_t at = 0;
    while ((record = pool_answer_next_new(t2s, &hold->t2s_before, &at)))
        if (memcmp(record, id, ID_BYTES) == 0)
            return true;
    return false;
}

static bool t2_is_held(const struct hold *hold, const uint8_t id[static ID_BYTES])
{
    for (size_t i = 0; i < hold->count; i++)
        if (hold->letters[i].kind == TRANSPORT_T2 &&
            memcmp(hold->letters[i].addressee, id, ID_BYTES) == 0)
            return true;
    return false;
}

static bool may_go(const struct hold *hold, const struct held_letter *letter,
                   const struct pool_answer *t2s, int64_t now_ms)
{
    int64_t held_ms = now_ms - letter->since_ms;
    if (letter->kind == TRANSPORT_T3)
        return held_ms >= T3_HELD_MS && !t2_is_held(hold, letter->addressee);
    return !letter->to_elder || held_ms >= T2_HELD_MS_MAX ||
           has_gone_on(hold, letter->addressee, t2s);
}

size_t hold_ready(struct hold *hold, enum transport_kind kind, const struct pool_answer *t2s,
                  int64_t now_ms, uint8_t (*bodies)[RECORD_BODY_BYTES], size_t capacity)
{
    size_t count = 0;
    for (size_t i = 0; i < hold->count && count < capacity; i++) {
        struct held_letter *letter = &hold->letters[i];
        if (letter->kind == kind && may_go(hold, letter, t2s, now_ms)) {
            letter->marked = true;
            memcpy(bodies[count++], letter->body, RECORD_BODY_BYTES);
        }
    }
    return count;
}

void hold_settle(struct hold *hold, bool posted)
{
    size_t kept = 0;
    for (size_t i = 0; i < hold->count; i++) {
        if (hold->letters[i].marked && posted)
            continue;
        hold->letters[kept] = hold->letters[i];
        hold->letters[kept++].marked = false;
    }
    hold->count = kept;
}

void hold_clear(struct hold *hold)
{
    free(hold->letters);
    pool_answer_clear(&hold->elders);
    pool_answer_clear(&hold->t2s_before);
    *hold = (struct hold){0};
}
