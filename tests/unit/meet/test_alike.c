/* Success does not show: what goes out, and when, is the same whether somebody was met or not. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "guest.h"
#include "lib/fake_session.h"
#include "lib/test.h"

enum { LINES_MAX = 400 };

/* One call to the server, as somebody on the way sees it. */
struct line {
    const char *verb;
    size_t size;
    int64_t at_ms;
};

/* A way to the server that is watched. */
struct watched {
    struct transport base;
    struct transport *real;
    struct fake_time *time;
    struct line lines[LINES_MAX];
    size_t count;
};

static void note(struct transport *transport, const char *verb, size_t size)
{
    struct watched *watched = (struct watched *)transport;
    assert_true(watched->count < LINES_MAX);
    watched->lines[watched->count++] = (struct line){verb, size, watched->time->monotonic_ms};
}

#define WATCHED_VERB(verb, size, arguments, ...)                                                   \
    static int watched_##verb arguments                                                            \
    {                                                                                              \
        note(transport, #verb, size);                                                              \
        struct watched *watched = (struct watched *)transport;                                     \
        return watched->real->verbs->verb(watched->real, __VA_ARGS__);                             \
    }

WATCHED_VERB(describe, 0, (struct transport * transport, struct transport_traits *traits), traits)
WATCHED_VERB(announce, me->t1_bytes,
             (struct transport * transport, const struct transport_identity *me,
              const struct transport_place *wanted, struct transport_bucket *bucket),
             me, wanted, bucket)
WATCHED_VERB(find, 0,
             (struct transport * transport, const struct transport_place *place,
              struct transport_bucket *bucket),
             place, bucket)
WATCHED_VERB(list, 0,
             (struct transport * transport, struct transport_bucket *buckets, size_t capacity,
              size_t *count),
             buckets, capacity, count)
WATCHED_VERB(read_t1s, 0,
             (struct transport * transport, const struct transport_place *place,
              const struct transport_sink *sink),
             place, sink)
WATCHED_VERB(fetch_t1, 0,
             (struct transport * transport, const uint8_t id[static ID_BYTES],
              const struct transport_sink *sink),
             id, sink)
WATCHED_VERB(send, 10 * count + (size_t)kind,
             (struct transport * transport, enum transport_kind kind,
              struct transport_letter *letters, size_t count),
             kind, letters, count)
WATCHED_VERB(receive, (size_t)wait_ms,
             (struct transport * transport, int64_t wait_ms, const struct transport_sink *sink),
             wait_ms, sink)

static void watched_free(struct transport *transport)
{
    struct watched *watched = (struct watched *)transport;
    watched->real->verbs->free(watched->real);
    free(watched);
}

static const struct transport_verbs watched_verbs = {
    .describe = watched_describe,
    .announce = watched_announce,
    .find = watched_find,
    .list = watched_list,
    .read_t1s = watched_read_t1s,
    .fetch_t1 = watched_fetch_t1,
    .send = watched_send,
    .receive = watched_receive,
    .free = watched_free,
};

static struct fake_time fake_time;
static struct memory_server server;
static struct guest guests[4];

/* What a client would do that takes time over a message: the leak that must be found. */
static int64_t leak_ms;

static void take_time(void *state, const struct meet_event *event)
{
    (void)state;
    if (event->kind == MEET_REVEALED)
        fake_time.monotonic_ms += leak_ms;
}

/* Alice among three others, of whom those with a bit in `friends` have her passphrase. Gives: what
 * was seen of her. */
static struct watched *watch(unsigned friends, uint64_t seed)
{
    static const char *const names[] = {"from Alice", "from Bob", "from Carol", "from Dora"};
    struct seeded seeded = {seed};
    struct random_source random = seeded_source(&seeded);
    fake_time = (struct fake_time){.wall_s = 1800000000, .monotonic_ms = 1000};
    memory_server_open(&server, &fake_time);
    struct watched *watched = calloc(1, sizeof *watched);
    assert_non_null(watched);
    for (size_t i = 0; i < 4; i++) {
        guest_prepare(&guests[i], &server, i == 0 || friends & 1u << i ? "jelly" : "donut",
                      names[i]);
        guests[i].settings.random = &random;
        if (i == 0) {
            watched->base.verbs = &watched_verbs;
            watched->real = guests[0].transport;
            watched->time = &fake_time;
            guests[0].transport = &watched->base;
            guests[0].settings.event = take_time;
        }
        guest_start(&guests[i]);
        guests_settle(guests, i + 1);
    }
    return watched;
}

/* Whether the two look the same, line by line. */
static bool alike(const struct watched *a, const struct watched *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->lines[i].verb, b->lines[i].verb) != 0 ||
            a->lines[i].size != b->lines[i].size || a->lines[i].at_ms != b->lines[i].at_ms)
            return false;
    return true;
}

static void leave(void)
{
    for (size_t i = 0; i < 4; i++)
        guest_leave(&guests[i]);
}

/* The same chance, the same others: the same line for line. */
static bool nobody_and_these_look_alike(unsigned friends, uint64_t seed)
{
    struct watched *alone = watch(0, seed);
    struct watched kept = *alone;
    leave();
    const struct watched *met = watch(friends, seed);
    assert_true(met->count > 20);
    bool same = alike(&kept, met);
    leave();
    return same;
}

static void who_is_met_does_not_show(void **seeded)
{
    leak_ms = 0;
    for (unsigned friends = 2; friends < 16; friends += 2)
        for (int round = 0; round < 10; round++)
            assert_true(nobody_and_these_look_alike(friends, seeded_next(*seeded)));
}

/* The control: a millisecond spent on a message is found. */
static void a_leak_is_found(void **seeded)
{
    leak_ms = 1;
    for (unsigned friends = 2; friends < 16; friends += 2)
        assert_false(nobody_and_these_look_alike(friends, seeded_next(*seeded)));
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    static struct seeded seeded;
    seeded = seeded_open();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(who_is_met_does_not_show, &seeded),
        cmocka_unit_test_prestate(a_leak_is_found, &seeded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
