/* Success does not show: what goes out, and when, is the same whether somebody was met or not. */
#include <string.h>

#include "base/secret.h"
#include "guest.h"
#include "lib/fake_session.h"
#include "lib/test.h"
#include "lib/transport_between.h"

enum { LINES_MAX = 400 };

/* One call to the server, as somebody on the way sees it. */
struct line {
    const char *verb;
    size_t size;
    int64_t at_ms;
};

/* What was seen of somebody. */
struct watched {
    struct line lines[LINES_MAX];
    size_t count;
};

static struct fake_time fake_time;
static struct memory_server server;
static struct guest guests[4];

static int note(void *state, const char *verb, size_t size)
{
    struct watched *watched = state;
    assert_true(watched->count < LINES_MAX);
    watched->lines[watched->count++] = (struct line){verb, size, fake_time.monotonic_ms};
    return 0;
}

/* What a client would do that takes time over a message: the leak that must be found. */
static int64_t leak_ms;

static void take_time(void *state, const struct session_event *event)
{
    (void)state;
    if (event->kind == SESSION_REVEALED)
        fake_time.monotonic_ms += leak_ms;
}

/* Alice among three others, of whom those with a bit in `friends` have her passphrase. */
static void watch(struct watched *watched, unsigned friends, uint64_t seed)
{
    static const char *const names[] = {"from Alice", "from Bob", "from Carol", "from Dora"};
    struct seeded seeded = {seed};
    struct random_source random = seeded_source(&seeded);
    fake_time = (struct fake_time){.wall_s = 1800000000, .monotonic_ms = 1000};
    memory_server_open(&server, &fake_time);
    watched->count = 0;
    for (size_t i = 0; i < 4; i++) {
        guest_prepare(&guests[i], &server, i == 0 || friends & 1u << i ? "jelly" : "donut",
                      names[i]);
        guests[i].settings.random = &random;
        if (i == 0) {
            guests[0].transport = transport_between_open(
                guests[0].transport, &(struct between_hooks){.before = note, .state = watched});
            guests[0].settings.event = take_time;
        }
        guest_start(&guests[i]);
        guests_settle(guests, i + 1);
    }
    for (size_t i = 0; i < 4; i++)
        guest_leave(&guests[i]);
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

/* The same chance, the same others: the same line for line. */
static bool nobody_and_these_look_alike(unsigned friends, uint64_t seed)
{
    static struct watched alone, met;
    watch(&alone, 0, seed);
    watch(&met, friends, seed);
    assert_true(met.count > 20);
    return alike(&alone, &met);
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
