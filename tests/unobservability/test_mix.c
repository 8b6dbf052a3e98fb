#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server_mix/world.h"

/* The game: clients send one packet each to a mix, in a known order; the mix sends a batch. From
 * all bytes on both sides, in the order in which they came and left, a guesser says which datagram
 * of the batch belongs to each that came. Who knows nothing is right once in BATCH times. In the
 * control games the mix does not shuffle, or lets bytes of what came show in what leaves, and the
 * guesser must win. */

enum { BATCH = 4, RUNS = 10000, CONTROL_RUNS = 200, COMMON_BYTES = 8 };

static const double ALARM = 1e-6;

enum leak { NO_LEAK, LEAK_ORDER, LEAK_BYTES };

static enum leak leak;
static const uint8_t *arriving; /* the datagram that the mix is taking */

/* Leaks */

void __real_batch_leave(void *batch, const struct random_source *random,
                        void (*send)(void *context, struct datagrams *datagrams), void *context);
void __wrap_batch_leave(void *batch, const struct random_source *random,
                        void (*send)(void *context, struct datagrams *datagrams), void *context);
int __real_box_request_seal(const struct box_packet_key *key, uint8_t *datagram, size_t bytes,
                            uint8_t *a, const uint8_t *q, size_t q_bytes,
                            const struct random_source *random);
int __wrap_box_request_seal(const struct box_packet_key *key, uint8_t *datagram, size_t bytes,
                            uint8_t *a, const uint8_t *q, size_t q_bytes,
                            const struct random_source *random);

/* What is drawn last of what is left, each time, keeps an order. */
static void fill_last(void *state, uint8_t *out, size_t bytes)
{
    uint32_t *left = state;
    uint32_t drawn = --*left;
    memcpy(out, &drawn, bytes);
}

void __wrap_batch_leave(void *batch, const struct random_source *random,
                        void (*send)(void *context, struct datagrams *datagrams), void *context)
{
    uint32_t left = BATCH;
    struct random_source last = {fill_last, &left};
    __real_batch_leave(batch, leak == LEAK_ORDER ? &last : random, send, context);
}

static void fill_from_arriving(void *state, uint8_t *out, size_t bytes)
{
    (void)state;
    memcpy(out, arriving + 100, bytes);
}

int __wrap_box_request_seal(const struct box_packet_key *key, uint8_t *datagram, size_t bytes,
                            uint8_t *a, const uint8_t *q, size_t q_bytes,
                            const struct random_source *random)
{
    struct random_source shown = {fill_from_arriving, NULL};
    bool leaks = leak == LEAK_BYTES && arriving;
    return __real_box_request_seal(key, datagram, bytes, a, q, q_bytes, leaks ? &shown : random);
}

/* One batch */

struct batch_seen {
    struct datagram came[BATCH];
    uint8_t forwarded[BATCH][MIX_PACKET_BYTES]; /* what each becomes: the truth */
    size_t left_at[BATCH];                      /* its place in the batch */
};

static struct world world;

/* The packet in a datagram for mix 1, by its key. */
static void open_as_mix(uint8_t packet[static MIX_PACKET_BYTES], const struct datagram *datagram)
{
    struct box_packet_key key;
    uint8_t q[BOX_PACKET_Q_BYTES_MAX], a[BOX_PACKET_A_BYTES];
    size_t bytes;
    assert_int_equal(box_packet_key_of(&key, world.identities[1].secret, datagram->data), 0);
    assert_int_equal(box_request_open(&key, q, &bytes, a, datagram->data, datagram->bytes), 0);
    memcpy(packet, q + 1, MIX_PACKET_BYTES);
}

static void find_truth(struct batch_seen *seen)
{
    for (size_t j = 0; j < BATCH; j++) {
        uint8_t packet[MIX_PACKET_BYTES];
        open_as_mix(packet, &world.sent[j]);
        size_t i = 0;
        while (i < BATCH && memcmp(seen->forwarded[i], packet, sizeof packet) != 0)
            i++;
        assert_true(i < BATCH);
        seen->left_at[i] = j;
    }
}

static void play(struct batch_seen *seen)
{
    static const size_t route[] = {0, 1};
    world.sent_count = 0;
    for (size_t i = 0; i < BATCH; i++) {
        struct world_client client;
        struct mix_unwrapped unwrapped;
        uint8_t packet[MIX_PACKET_BYTES];
        world_client_open(&world, &client, 0, (uint16_t)(WORLD_CLIENT_PORT + i));
        world_packet(&world, packet, route, 2, MIX_DROP);
        assert_int_equal(mix_packet_unwrap(&unwrapped, world.identities[0].secret, packet), 0);
        memcpy(seen->forwarded[i], unwrapped.packet, MIX_PACKET_BYTES);
        world_client_seal(&world, &client, &seen->came[i], packet);
        arriving = seen->came[i].data;
        node_take(world.nodes[0], &seen->came[i]);
        arriving = NULL;
    }
    assert_int_equal(world.sent_count, BATCH);
    find_truth(seen);
}

/* Guessers */

static size_t equal_bytes(const struct datagram *one, const struct datagram *other)
{
    size_t count = 0;
    for (size_t i = 0; i < BOX_PACKET_BYTES; i++)
        count += one->data[i] == other->data[i];
    return count;
}

static int compare(const void *one, const void *other)
{
    return memcmp(one, other, COMMON_BYTES);
}

/* Whether any COMMON_BYTES in a row, at whatever places, are in both. */
static bool have_bytes_in_common(const struct datagram *one, const struct datagram *other)
{
    enum { PLACES = BOX_PACKET_BYTES - COMMON_BYTES + 1 };
    static uint8_t sorted[PLACES][COMMON_BYTES];
    for (size_t i = 0; i < PLACES; i++)
        memcpy(sorted[i], one->data + i, COMMON_BYTES);
    qsort(sorted, PLACES, COMMON_BYTES, compare);
    for (size_t i = 0; i < PLACES; i++)
        if (bsearch(other->data + i, sorted, PLACES, COMMON_BYTES, compare))
            return true;
    return false;
}

static size_t most_alike(const struct batch_seen *seen, size_t i)
{
    size_t best = 0, most = 0;
    for (size_t j = 0; j < BATCH; j++) {
        size_t count = equal_bytes(&seen->came[i], &world.sent[j]);
        if (count > most) {
            most = count;
            best = j;
        }
    }
    return best;
}

/* The chance of at least `right` among `count` guesses that are right once in BATCH times. */
static double chance(size_t right, size_t count)
{
    const double p = 1.0 / BATCH;
    double sum = 0;
    for (size_t k = right; k <= count; k++)
        sum += exp(lgamma((double)count + 1) - lgamma((double)k + 1) -
                   lgamma((double)(count - k) + 1) + (double)k * log(p) +
                   (double)(count - k) * log1p(-p));
    return sum;
}

static bool report(const char *name, size_t right, size_t count)
{
    double by_chance = chance(right, count);
    printf("%-12s %zu of %zu right, advantage %+.4f over 1/%d, chance %.2g\n", name, right, count,
           (double)right / (double)count - 1.0 / BATCH, BATCH, by_chance);
    return by_chance <= ALARM;
}

/* Where each most often left in one half of the runs is the guess in the other. */
struct order_guesser {
    size_t seen[BATCH][BATCH];
    size_t right, count;
};

static void learn_order(struct order_guesser *guesser, const struct batch_seen *seen)
{
    for (size_t i = 0; i < BATCH; i++)
        guesser->seen[i][seen->left_at[i]]++;
}

/* One guess a batch, as those of one batch depend on each other. */
static void guess_order(struct order_guesser *guesser, const struct batch_seen *seen, size_t run)
{
    size_t i = run % BATCH, best = 0;
    for (size_t j = 1; j < BATCH; j++)
        if (guesser->seen[i][j] > guesser->seen[i][best])
            best = j;
    guesser->right += seen->left_at[i] == best;
    guesser->count++;
}

/* Returns: whether a guesser is better than chance. */
static bool game(size_t runs)
{
    struct node_settings settings = world_settings();
    struct order_guesser order = {.right = 0};
    size_t alike = 0, common = 0;
    settings.batch = BATCH;
    settings.tags_max = runs * BATCH;
    world_open(&world, 2, &settings);
    for (size_t run = 0; run < runs; run++) {
        struct batch_seen seen;
        play(&seen);
        if (run < runs / 2)
            learn_order(&order, &seen);
        else
            guess_order(&order, &seen, run);
        alike += most_alike(&seen, run % BATCH) == seen.left_at[run % BATCH];
        if (run % 16 == 0)
            for (size_t j = 0; j < BATCH; j++)
                common += have_bytes_in_common(&seen.came[run % BATCH], &world.sent[j]);
    }
    world_close(&world);
    bool wins = report("order", order.right, order.count);
    wins |= report("equal bytes", alike, runs);
    printf("%d bytes in common: %zu pairs\n", COMMON_BYTES, common);
    return wins || common > 0;
}

/* Tests */

static void a_batch_does_not_show_what_belongs_to_what(void **state)
{
    (void)state;
    leak = NO_LEAK;
    assert_false(game(RUNS));
}

static void an_order_that_is_kept_is_found(void **state)
{
    (void)state;
    leak = LEAK_ORDER;
    assert_true(game(CONTROL_RUNS));
}

static void bytes_that_are_passed_on_are_found(void **state)
{
    (void)state;
    leak = LEAK_BYTES;
    assert_true(game(CONTROL_RUNS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_does_not_show_what_belongs_to_what),
        cmocka_unit_test(an_order_that_is_kept_is_found),
        cmocka_unit_test(bytes_that_are_passed_on_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
