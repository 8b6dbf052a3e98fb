#include "mix/deliveries.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "wire/op_answer.h"

/* A server may ask for so much patience; then it is tried again all the same. */
enum { CHAINS_MIN = 64, NOT_NOW_S_MAX = 600 };

_Static_assert((int)OP_DELIVERY_BYTES == (int)GROUP_DELIVERY_BYTES, "what an op carries");

static struct delivery_chain *chain_of(const struct deliveries *deliveries, const uint8_t *a)
{
    uint64_t hash;
    _Static_assert(sizeof deliveries->hash_key == crypto_shorthash_KEYBYTES, "SipHash's key");
    crypto_shorthash((uint8_t *)&hash, a, BOX_PACKET_A_BYTES, deliveries->hash_key);
    return &deliveries->by_a[hash & (deliveries->chain_count - 1)];
}

static struct box_packet_key *key_of(const struct deliveries *deliveries,
                                     const struct delivery *delivery)
{
    return &deliveries->keys[delivery - deliveries->items];
}

static void put(struct deliveries *deliveries, struct delivery *delivery,
                struct delivery_queue *queue)
{
    TAILQ_INSERT_TAIL(queue, delivery, order);
    delivery->queue = queue;
    deliveries->spare_count += queue == &deliveries->spare;
    deliveries->sent_count += queue == &deliveries->sent;
}

static void take_out(struct deliveries *deliveries, struct delivery *delivery)
{
    TAILQ_REMOVE(delivery->queue, delivery, order);
    deliveries->spare_count -= delivery->queue == &deliveries->spare;
    if (delivery->queue != &deliveries->sent)
        return;
    deliveries->sent_count--;
    LIST_REMOVE(delivery, by_a);
}

void deliveries_forget(struct deliveries *deliveries, struct delivery *delivery)
{
    take_out(deliveries, delivery);
    secret_wipe(key_of(deliveries, delivery), sizeof *deliveries->keys);
    secret_wipe(delivery, sizeof *delivery);
    put(deliveries, delivery, &deliveries->spare);
}

/* The batch in which one leaves is drawn, the current one included. */
static void draw_round(struct deliveries *deliveries, struct delivery *delivery,
                       const struct random_source *random)
{
    size_t round = deliveries->round + random_below(random, DELIVERY_ROUNDS);
    put(deliveries, delivery, &deliveries->waiting[round % DELIVERY_ROUNDS]);
}

/* Opening and closing */

int deliveries_init(struct deliveries *deliveries, size_t count, const struct random_source *random)
{
    INVARIANT(count >= GROUP_RECIPIENTS);
    *deliveries = (struct deliveries){.count = count, .chain_count = CHAINS_MIN};
    while (deliveries->chain_count < count)
        deliveries->chain_count *= 2;
    TAILQ_INIT(&deliveries->spare);
    TAILQ_INIT(&deliveries->sent);
    for (size_t i = 0; i < DELIVERY_ROUNDS; i++)
        TAILQ_INIT(&deliveries->waiting[i]);
    deliveries->items = calloc(count, sizeof *deliveries->items);
    deliveries->by_a = calloc(deliveries->chain_count, sizeof *deliveries->by_a);
    deliveries->keys = secret_alloc(count * sizeof *deliveries->keys);
    if (!deliveries->items || !deliveries->by_a || !deliveries->keys)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        put(deliveries, &deliveries->items[i], &deliveries->spare);
    random_fill(random, deliveries->hash_key, sizeof deliveries->hash_key);
    return 0;
}

void deliveries_free(struct deliveries *deliveries)
{
    secret_free(deliveries->keys);
    if (deliveries->items)
        secret_wipe(deliveries->items, deliveries->count * sizeof *deliveries->items);
    free(deliveries->items);
    free(deliveries->by_a);
    secret_wipe(deliveries, sizeof *deliveries);
}

/* Making */

/* Returns: 0, -EBADMSG. */
static int make_body(struct delivery *delivery, const struct group_division *division,
                     size_t recipient, const struct random_source *random)
{
    uint8_t ephemeral[2][GROUP_KEY_BYTES], copy[GROUP_COPY_BYTES];
    random_fill(random, ephemeral[0], sizeof ephemeral);
    int err = group_copy_make(copy, division, recipient, ephemeral[0]);
    if (!err)
        err = group_delivery_make(delivery->body, division->recipients[recipient].token, copy,
                                  division->server_public, ephemeral[1]);
    secret_wipe(ephemeral, sizeof ephemeral);
    return err ? -EBADMSG : 0;
}

static int make_one(struct deliveries *deliveries, const struct group_division *division,
                    size_t recipient, const struct random_source *random)
{
    struct delivery *delivery = TAILQ_FIRST(&deliveries->spare);
    int err = make_body(delivery, division, recipient, random);
    if (!err)
        err = box_packet_key_make(key_of(deliveries, delivery), division->server_public, random);
    if (err)
        return err;
    take_out(deliveries, delivery);
    memcpy(delivery->server.address, division->address, sizeof delivery->server.address);
    delivery->server.port = division->port;
    delivery->number = ++deliveries->numbers;
    draw_round(deliveries, delivery, random);
    return 0;
}

int deliveries_divide(struct deliveries *deliveries, const struct group_division *division,
                      const struct random_source *random)
{
    if (deliveries->spare_count + deliveries->sent_count < GROUP_RECIPIENTS)
        return -ENOSPC;
    while (deliveries->spare_count < GROUP_RECIPIENTS)
        deliveries_forget(deliveries, TAILQ_FIRST(&deliveries->sent));
    int err = 0;
    for (size_t i = 0; !err && i < GROUP_RECIPIENTS; i++)
        err = make_one(deliveries, division, i, random);
    return err; /* of keys of small order already the first one fails */
}

/* Leaving */

struct delivery *deliveries_due(const struct deliveries *deliveries)
{
    return TAILQ_FIRST(&deliveries->waiting[deliveries->round]);
}

bool deliveries_send(struct deliveries *deliveries, struct delivery *delivery,
                     uint8_t datagram[static BOX_PACKET_BYTES], int64_t now_ms,
                     const struct random_source *random)
{
    uint8_t q[1 + GROUP_DELIVERY_BYTES] = {OP_DELIVER};
    memcpy(q + 1, delivery->body, sizeof delivery->body);
    int err = box_request_seal(key_of(deliveries, delivery), datagram, BOX_PACKET_BYTES,
                               delivery->a, q, sizeof q, random);
    INVARIANT(!err);
    take_out(deliveries, delivery);
    put(deliveries, delivery, &deliveries->sent);
    LIST_INSERT_HEAD(chain_of(deliveries, delivery->a), delivery, by_a);
    delivery->due_ms = now_ms + ((int64_t)DELIVERY_PAUSE_MS << delivery->tries);
    return delivery->tries++ == 0;
}

void deliveries_next_round(struct deliveries *deliveries)
{
    struct delivery *late;
    size_t next = (deliveries->round + 1) % DELIVERY_ROUNDS;
    while ((late = deliveries_due(deliveries))) {
        take_out(deliveries, late);
        put(deliveries, late, &deliveries->waiting[next]);
    }
    deliveries->round = next;
}

void deliveries_keep(struct deliveries *deliveries)
{
    deliveries->kept = deliveries->numbers;
}

void deliveries_take_back(struct deliveries *deliveries)
{
    for (size_t i = 0; i < deliveries->count; i++)
        if (deliveries->items[i].number > deliveries->kept)
            deliveries_forget(deliveries, &deliveries->items[i]);
}

size_t deliveries_repeat(struct deliveries *deliveries, int64_t now_ms,
                         const struct random_source *random)
{
    struct delivery *delivery = TAILQ_FIRST(&deliveries->sent);
    size_t given_up = 0;
    while (delivery) {
        struct delivery *next = TAILQ_NEXT(delivery, order);
        if (delivery->due_ms <= now_ms && delivery->tries == DELIVERY_TRIES) {
            deliveries_forget(deliveries, delivery);
            given_up++;
        } else if (delivery->due_ms <= now_ms) {
            take_out(deliveries, delivery);
            draw_round(deliveries, delivery, random);
        }
        delivery = next;
    }
    return given_up;
}

/* Answers */

static struct delivery *find(const struct deliveries *deliveries, const uint8_t *a)
{
    struct delivery *delivery;
    LIST_FOREACH(delivery, chain_of(deliveries, a), by_a)
    {
        if (memcmp(delivery->a, a, BOX_PACKET_A_BYTES) == 0)
            return delivery;
    }
    return NULL;
}

static bool is_from(const struct delivery *delivery, const struct mix_endpoint *from)
{
    return delivery->server.port == from->port &&
           memcmp(delivery->server.address, from->address, sizeof from->address) == 0;
}

enum deliveries_answer deliveries_take_answer(struct deliveries *deliveries,
                                              const uint8_t datagram[static BOX_PACKET_BYTES],
                                              const struct mix_endpoint *from, int64_t now_ms)
{
    uint8_t p[BOX_PACKET_P_BYTES_MAX];
    size_t bytes = 0;
    struct op_answer answer;
    struct delivery *delivery = find(deliveries, box_answer_a(datagram, BOX_PACKET_BYTES));
    if (!delivery || !is_from(delivery, from) ||
        box_answer_open(key_of(deliveries, delivery), p, &bytes, delivery->a, BOX_PACKET_BYTES,
                        datagram, BOX_PACKET_BYTES))
        return DELIVERIES_NO_ANSWER;
    if (op_answer_decode(&answer, OP_DELIVER, p, bytes) == 0 && answer.status == OP_NOT_NOW) {
        int64_t pause_s =
            answer.retry_after_s < NOT_NOW_S_MAX ? answer.retry_after_s : NOT_NOW_S_MAX;
        int64_t earliest_ms = now_ms + pause_s * 1000;
        if (delivery->due_ms < earliest_ms)
            delivery->due_ms = earliest_ms;
        return DELIVERIES_NOT_NOW;
    }
    deliveries_forget(deliveries, delivery);
    return DELIVERIES_ANSWERED;
}
