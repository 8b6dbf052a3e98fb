#include "lan/exchanges.h"

#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"

enum { WAITS = 4 }; /* that grow; what is lost on a local network is not lost for long */

int64_t exchange_wait_ms(unsigned times, const struct random_source *random)
{
    return backoff_ms(times < WAITS ? times : WAITS, 0, random);
}

void exchanges_open(struct exchanges *exchanges)
{
    *exchanges = (struct exchanges){.due_ms = INT64_MAX};
    TAILQ_INIT(&exchanges->all);
}

static void drop(struct exchanges *exchanges, struct exchange *exchange)
{
    TAILQ_REMOVE(&exchanges->all, exchange, newer);
    exchanges->count--;
    free(exchange);
}

void exchanges_close(struct exchanges *exchanges)
{
    while (!TAILQ_EMPTY(&exchanges->all))
        drop(exchanges, TAILQ_FIRST(&exchanges->all));
}

struct exchange *exchanges_of(const struct exchanges *exchanges, const struct lan_source *source,
                              const struct exchange *after)
{
    struct exchange *each = after ? TAILQ_NEXT(after, newer) : TAILQ_FIRST(&exchanges->all);
    while (each && !lan_source_same(&each->source, source))
        each = TAILQ_NEXT(each, newer);
    return each;
}

struct exchange *exchanges_find(const struct exchanges *exchanges, const struct lan_source *source,
                                const uint8_t t1_id[static REUNION_T1_ID_BYTES])
{
    struct exchange *each = exchanges_of(exchanges, source, NULL);
    while (each && memcmp(each->t1_id, t1_id, sizeof each->t1_id) != 0)
        each = exchanges_of(exchanges, source, each);
    return each;
}

/* The oldest T1s of a source that has too many are those of sessions it has given up. */
static void make_room(struct exchanges *exchanges, const struct lan_source *source)
{
    size_t count = 0;
    struct exchange *each = exchanges_of(exchanges, source, NULL), *oldest = each;
    for (; each; each = exchanges_of(exchanges, source, each))
        count++;
    if (count >= EXCHANGES_OF_SOURCE)
        drop(exchanges, oldest);
}

int exchanges_add(struct exchanges *exchanges, const struct lan_source *source,
                  const uint8_t t1_id[static REUNION_T1_ID_BYTES],
                  const uint8_t t2[static REUNION_T2_BYTES], struct exchange **added)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        return -ENOMEM;
    make_room(exchanges, source);
    exchange->source = *source;
    exchange->due_ms = INT64_MAX;
    memcpy(exchange->t1_id, t1_id, sizeof exchange->t1_id);
    memcpy(exchange->t2, t2, sizeof exchange->t2);
    TAILQ_INSERT_TAIL(&exchanges->all, exchange, newer);
    exchanges->count++;
    *added = exchange;
    return 0;
}

void exchanges_heard_t2(struct exchanges *exchanges, const struct lan_source *source)
{
    struct exchange *each = exchanges_of(exchanges, source, NULL);
    while (each && each->heard_t2)
        each = exchanges_of(exchanges, source, each);
    if (!each)
        return;
    each->heard_t2 = each->has_ours = true;
    if (each->heard_t3)
        each->due_ms = INT64_MAX;
}

void exchanges_heard_t3(struct exchanges *exchanges, const struct lan_source *source)
{
    struct exchange *each = exchanges_of(exchanges, source, NULL);
    while (each && each->heard_t3)
        each = exchanges_of(exchanges, source, each);
    if (!each)
        return;
    each->heard_t3 = true;
    if (each->heard_t2)
        each->due_ms = INT64_MAX;
}

static void note_due(struct exchanges *exchanges, int64_t due_ms)
{
    if (due_ms < exchanges->due_ms)
        exchanges->due_ms = due_ms;
}

void exchange_sent_t2(struct exchanges *exchanges, struct exchange *exchange, int64_t now_ms,
                      const struct random_source *random)
{
    exchange->sent_ms = now_ms;
    exchange->tries++;
    bool heard = exchange->heard_t2 && exchange->heard_t3;
    bool again = exchange->tries < EXCHANGE_T2_TRIES && !heard;
    exchange->due_ms = again ? now_ms + exchange_wait_ms(exchange->tries, random) : INT64_MAX;
    note_due(exchanges, exchange->due_ms);
}

struct exchange_answer *exchange_answer_to(struct exchange *exchange,
                                           const uint8_t t2[static REUNION_T2_BYTES])
{
    for (size_t i = 0; i < exchange->answer_count; i++)
        if (memcmp(exchange->answers[i].t2, t2, REUNION_T2_BYTES) == 0)
            return &exchange->answers[i];
    return NULL;
}

struct exchange_answer *exchange_add_answer(struct exchange *exchange,
                                            const uint8_t t2[static REUNION_T2_BYTES],
                                            const uint8_t t3[static REUNION_T3_BYTES])
{
    if (exchange->answer_count < EXCHANGE_ANSWERS)
        exchange->answer_count++;
    memmove(exchange->answers + 1, exchange->answers,
            (exchange->answer_count - 1) * sizeof *exchange->answers);
    struct exchange_answer *answer = exchange->answers;
    *answer = (struct exchange_answer){.due_ms = INT64_MAX};
    memcpy(answer->t2, t2, sizeof answer->t2);
    memcpy(answer->t3, t3, sizeof answer->t3);
    return answer;
}

void exchange_sent_t3(struct exchanges *exchanges, struct exchange_answer *answer, int64_t now_ms,
                      const struct random_source *random)
{
    answer->tries++;
    bool again = answer->tries < EXCHANGE_T3_TRIES;
    answer->due_ms = again ? now_ms + exchange_wait_ms(answer->tries, random) : INT64_MAX;
    note_due(exchanges, answer->due_ms);
}

void exchanges_met(struct exchanges *exchanges, const uint8_t t1_id[static REUNION_T1_ID_BYTES])
{
    struct exchange *each;
    TAILQ_FOREACH(each, &exchanges->all, newer)
    if (memcmp(each->t1_id, t1_id, sizeof each->t1_id) == 0)
        each->met = true;
}

/* Whether all was done to get our message across to them: their T2 was answered often enough, or
 * there is no T2 of theirs although they were asked for it as often as that is done. */
static bool is_settled(const struct exchange *exchange)
{
    for (size_t i = 0; i < exchange->answer_count; i++)
        if (exchange->answers[i].due_ms < INT64_MAX)
            return false;
    return exchange->answer_count > 0 || exchange->due_ms == INT64_MAX;
}

/* One way to them is enough. */
static bool is_settled_elsewhere(const struct exchanges *exchanges, const struct exchange *exchange)
{
    const struct exchange *each;
    TAILQ_FOREACH(each, &exchanges->all, newer)
    if (memcmp(each->t1_id, exchange->t1_id, sizeof each->t1_id) == 0 && each->answer_count > 0 &&
        is_settled(each))
        return true;
    return false;
}

size_t exchanges_owed(const struct exchanges *exchanges)
{
    size_t owed = 0;
    const struct exchange *each;
    TAILQ_FOREACH(each, &exchanges->all, newer)
    owed += each->met && !is_settled(each) && !is_settled_elsewhere(exchanges, each);
    return owed;
}
