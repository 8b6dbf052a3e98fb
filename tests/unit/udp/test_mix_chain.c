/* A client's side of the mix chain, with mixes in memory and clocks that the test moves. */
#include "udp/mix_chain.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/secret.h"
#include "lib/test.h"
#include "mix_world.h"
#include "udp/packets.h"
#include "wire/op.h"

static struct world world;
static struct mix_line *line;
static struct seeded seeded;
static struct random_source source;
static struct stop_source stop;

static int open_world(int64_t cover_ms)
{
    seeded = seeded_open();
    source = seeded_source(&seeded);
    world_open(&world, cover_ms, &source);
    stop = fake_time_stop(&world.time);
    return mix_line_open(&line, &world.chain, world.net.servers[0].key);
}

static int open_plain(void **state)
{
    (void)state;
    return open_world(0);
}

static int close_all(void **state)
{
    (void)state;
    mix_line_free(line);
    world_close(&world);
    return 0;
}

static void send_again(void)
{
    assert_int_equal(mix_line_send(line, (const uint8_t[]){OP_DESCRIBE}, 1, true), 0);
}

static void begin_and_send(void)
{
    mix_line_begin(line);
    send_again();
}

/* What there is now. */
static int look(void)
{
    uint8_t p[MIX_LINE_P_BYTES_MAX];
    size_t bytes = 0;
    int err = mix_line_await(line, 0, INT64_MAX, &stop, p, &bytes);
    if (!err) {
        assert_int_equal(bytes, 1);
        assert_int_equal(p[0], OP_NOT_FOUND);
    }
    return err;
}

static const struct world_arrived *last_arrived(void)
{
    assert_true(world.arrived_count > 0);
    return &world.arrived[world.arrived_count - 1];
}

static size_t count_kind(enum mix_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < world.arrived_count; i++)
        count += world.arrived[i].kind == kind;
    return count;
}

/* Requests */

static void answers_come_back(void **state)
{
    (void)state;
    for (size_t i = 1; i <= 20; i++) {
        begin_and_send();
        world_turn(&world);
        assert_int_equal(look(), 0);
        assert_int_equal(world.asked, i);
    }
    assert_int_equal(world.chain.notice_count, 1);
    assert_int_equal(world.chain.notices[0].kind, MIX_NOTICE_COST);
    assert_int_equal(count_kind(MIX_EXIT), 20);
}

static void a_late_answer_to_the_same_request_counts(void **state)
{
    (void)state;
    world.holds = true;
    begin_and_send();
    world_turn(&world);
    world_pass(&world, MIX_PATIENCE_MS);
    assert_int_equal(look(), -ETIMEDOUT);
    world.silent[0] = world.silent[1] = world.silent[2] = true;
    send_again();
    world_turn(&world);
    world_release(&world);
    world_turn(&world);
    assert_int_equal(look(), 0);
}

static void an_answer_to_another_request_does_not_count(void **state)
{
    (void)state;
    world.holds = true;
    begin_and_send();
    world_turn(&world);
    world_pass(&world, MIX_PATIENCE_MS);
    assert_int_equal(look(), -ETIMEDOUT);
    world.silent[0] = world.silent[1] = world.silent[2] = true;
    begin_and_send();
    world_turn(&world);
    world_release(&world);
    world_turn(&world);
    world_pass(&world, 10 * MIX_PATIENCE_MS);
    assert_int_equal(look(), -ETIMEDOUT);
}

static void a_line_that_is_gone_gets_nothing(void **state)
{
    (void)state;
    world.holds = true;
    begin_and_send();
    world_turn(&world);
    mix_line_free(line);
    line = NULL;
    world_release(&world);
    world_turn(&world); /* under valgrind and sanitizers that shows */
}

static void a_stop_ends_the_wait(void **state)
{
    (void)state;
    world.silent[0] = world.silent[1] = world.silent[2] = true;
    begin_and_send();
    world_turn(&world);
    world.time.stop = true;
    assert_int_equal(eventfd_write(line->news, 1), 0); /* so that it looks at once */
    assert_int_equal(look(), -ECANCELED);
}

/* Sessions with mixes */

static void sessions_are_renewed_with_the_window(void **state)
{
    (void)state;
    uint8_t seen[2][WORLD_MIXES][BOX_KEY_BYTES] = {0};
    for (int window = 0; window < 2; window++) {
        world.arrived_count = 0;
        for (int i = 0; i < 40; i++) {
            begin_and_send();
            world_turn(&world);
            assert_int_equal(look(), 0);
            uint8_t *own = seen[window][last_arrived()->mix];
            static const uint8_t none[BOX_KEY_BYTES];
            if (memcmp(own, none, sizeof none) != 0)
                assert_memory_equal(own, last_arrived()->session, BOX_KEY_BYTES);
            memcpy(own, last_arrived()->session, BOX_KEY_BYTES);
        }
        world_pass(&world, MIX_WINDOW_S * 1000);
    }
    for (size_t i = 0; i < WORLD_MIXES; i++)
        assert_memory_not_equal(seen[0][i], seen[1][i], BOX_KEY_BYTES);
}

static void an_answer_comes_to_the_session_before(void **state)
{
    (void)state;
    world.holds = true;
    world_pass(&world, (MIX_WINDOW_S - 1) * 1000); /* the window is over in a second */
    begin_and_send();
    world_turn(&world);
    world_pass(&world, 1500);
    world.holds = false;
    for (int i = 0; i < 40; i++) /* all sessions are new */
        send_again();
    world.silent[0] = world.silent[1] = world.silent[2] = true;
    world_turn(&world);
    world_release(&world);
    world_turn(&world);
    assert_int_equal(look(), 0);
}

/* Keeping routers on the way awake */

static void a_mix_hears_from_who_waits_for_its_delivery(void **state)
{
    (void)state;
    world.holds = true;
    begin_and_send();
    world_turn(&world);
    size_t mix = last_arrived()->mix;
    for (int i = 1; i <= 3; i++) {
        world_pass(&world, MIX_KEEPALIVE_MS - 1);
        world_turn(&world);
        assert_int_equal(count_kind(MIX_DROP), i - 1);
        world_pass(&world, 1);
        world_turn(&world);
        world_turn(&world);
        assert_int_equal(count_kind(MIX_DROP), i);
        assert_int_equal(last_arrived()->mix, mix);
    }
    world_release(&world);
    world_turn(&world);
    assert_int_equal(look(), 0);
    world_pass(&world, 3 * MIX_KEEPALIVE_MS);
    world_turn(&world);
    assert_int_equal(count_kind(MIX_DROP), 3);
}

/* Mixes that fail */

static void give_up_a_request(void)
{
    mix_line_begin(line);
    for (int i = 0; i < MIX_SENDS; i++) {
        send_again();
        world_turn(&world);
        world_pass(&world, 3 * MIX_PATIENCE_MS);
        assert_int_equal(look(), -ETIMEDOUT);
    }
}

static size_t count_failed(void)
{
    size_t count = 0;
    for (size_t i = 0; i < world.chain.notice_count; i++)
        count += world.chain.notices[i].kind == MIX_NOTICE_FAILED;
    return count;
}

static void a_silent_mix_is_named_and_the_others_are_not(void **state)
{
    (void)state;
    char failed[64];
    world.silent[1] = true;
    give_up_a_request();
    for (int i = 0; i < 20; i++) {
        world_turn(&world);
        world_turn(&world);
        world_pass(&world, MIX_PATIENCE_MS);
    }
    mix_chain_failed(&world.chain, failed, sizeof failed);
    assert_string_equal(failed, "m1");
    assert_int_equal(count_failed(), 1);
    assert_int_equal(world.chain.routes.mixes[0].health, MIX_HEALTH_GOOD);
    assert_int_equal(world.chain.routes.mixes[2].health, MIX_HEALTH_GOOD);
}

static void it_is_found_again_once_it_answers(void **state)
{
    (void)state;
    char failed[64];
    a_silent_mix_is_named_and_the_others_are_not(state);
    world.silent[1] = false;
    world.chain.notice_count = 0;
    /* One that was under way while it was silent is over first. */
    for (int i = 0; i < 30 && world.chain.notice_count == 0; i++) {
        world_pass(&world, MIX_PATIENCE_MS);
        world_turn(&world);
        world_turn(&world);
    }
    mix_chain_failed(&world.chain, failed, sizeof failed);
    assert_string_equal(failed, "");
    assert_int_equal(world.chain.notice_count, 1);
    assert_int_equal(world.chain.notices[0].kind, MIX_NOTICE_BACK);
    assert_string_equal(world.chain.notices[0].mix, "m1");
}

static void a_port_where_nobody_listens_is_known_at_once(void **state)
{
    (void)state;
    close(world.sockets[2]);
    world.sockets[2] = -1;
    for (int i = 0; i < 40 && count_failed() == 0; i++) {
        begin_and_send();
        world_turn(&world);
    }
    assert_int_equal(count_failed(), 1);
    assert_int_equal(world.chain.routes.mixes[2].health, MIX_HEALTH_FAILED);
}

/* Cover */

enum { GAPS = 1500, MEAN_MS = 2000 };

static int open_cover(void **state)
{
    (void)state;
    return open_world(MEAN_MS);
}

/* Go from one thing that is due to the next until so many packets have come; `meanwhile` is called
 * at each. Fills in the gaps between them. */
static void watch(double gaps[static GAPS], void (*meanwhile)(void))
{
    size_t first = world.arrived_count;
    while (world.arrived_count < first + GAPS + 1) {
        int64_t next_ms = world_turn(&world);
        assert_true(next_ms >= 0);
        if (meanwhile)
            meanwhile();
        world_pass(&world, next_ms);
    }
    for (size_t i = 0; i < GAPS; i++)
        gaps[i] = (double)(world.arrived[first + i + 1].at_ms - world.arrived[first + i].at_ms);
}

static int compare(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

/* The two-sample test of Kolmogorov and Smirnov. Returns: whether they differ, with a false alarm
 * in a million. */
static bool differ(double one[static GAPS], double other[static GAPS])
{
    double most = 0;
    qsort(one, GAPS, sizeof *one, compare);
    qsort(other, GAPS, sizeof *other, compare);
    for (size_t i = 0, j = 0; i < GAPS && j < GAPS;) {
        double at = one[i] < other[j] ? one[i] : other[j];
        while (i < GAPS && one[i] <= at)
            i++;
        while (j < GAPS && other[j] <= at)
            j++;
        double off = fabs((double)i - (double)j) / GAPS;
        most = off > most ? off : most;
    }
    return most > sqrt(-log(0.5e-6) / 2) * sqrt(2.0 / GAPS);
}

/* Somebody who always has something to ask. */
static void ask_all_the_time(void)
{
    if (line->queued)
        return;
    begin_and_send();
}

/* The leak: requests do not wait for their times. */
static void ask_at_once(void)
{
    if (world.arrived_count % 3 != 0)
        return;
    world.chain.settings.cover_ms = 0;
    begin_and_send();
    world.chain.settings.cover_ms = MEAN_MS;
}

static double idle[GAPS], busy[GAPS];

static void a_busy_client_looks_like_an_idle_one(void **state)
{
    (void)state;
    double sum = 0;
    watch(idle, NULL);
    size_t idly = world.asked;
    watch(busy, ask_all_the_time);
    for (size_t i = 0; i < GAPS; i++)
        sum += idle[i];
    assert_in_range((uintmax_t)(sum / GAPS), MEAN_MS * 4 / 5, MEAN_MS * 6 / 5);
    assert_false(differ(idle, busy));
    /* Each packet is a request, and is answered like one. */
    assert_int_equal(count_kind(MIX_EXIT), world.arrived_count);
    assert_int_equal(world.asked, world.arrived_count);
    assert_true(idly > 0 && line->number > GAPS / 2);
}

static void requests_that_do_not_wait_are_found(void **state)
{
    (void)state;
    watch(idle, NULL);
    watch(busy, ask_at_once);
    assert_true(differ(idle, busy));
}

static void after_a_sleep_nothing_is_caught_up_with(void **state)
{
    (void)state;
    world_turn(&world);
    size_t before = world.arrived_count;
    world_pass(&world, 1000 * MEAN_MS);
    world_turn(&world);
    assert_in_range(world.arrived_count, before, before + 20);
}

/* Feeds that are asked ahead */

static struct packets *packets;

static int open_packets(void **state)
{
    int err = open_plain(state);
    struct packets_settings settings = {.random = &source, .stop = &stop, .mixes = &world.chain};
    memcpy(settings.address.key, world.net.servers[0].key, BOX_KEY_BYTES);
    return err ? err : packets_open(&packets, &settings);
}

static int close_packets(void **state)
{
    packets_free(packets);
    return close_all(state);
}

static void ask_ahead(void)
{
    static const uint8_t some[ID_BYTES] = {1};
    const struct op_request request = {
        .op = OP_FEED, .feed = {.bucket_hash = some, .cursor = some, .wait_s = 10, .t1_id = some}};
    assert_int_equal(packets_feed_ahead(packets, &request), 0);
}

static int feed(void)
{
    struct op_answer answer;
    return packets_feed(packets, 0, &answer);
}

static void a_feed_is_asked_once_and_waited_for_without_another_request(void **state)
{
    (void)state;
    assert_true(packets_feeds_ahead(packets));
    assert_int_equal(feed(), -ENODATA);
    ask_ahead();
    for (int i = 0; i < 3; i++)
        assert_int_equal(feed(), -ETIMEDOUT);
    (void)world_turn(&world);
    assert_int_equal(world.asked, 1);
    assert_int_equal(feed(), -ENOENT); /* what this server says to everything */
    assert_int_equal(feed(), -ENODATA);
    assert_int_equal(world.asked, 1);
}

static void other_requests_go_while_a_feed_is_on_its_way(void **state)
{
    (void)state;
    world.holds = true;
    ask_ahead();
    (void)world_turn(&world);
    world.holds = false;
    begin_and_send();
    (void)world_turn(&world);
    assert_int_equal(look(), 0);
    assert_int_equal(feed(), -ETIMEDOUT);
    world_release(&world);
    (void)world_turn(&world);
    assert_int_equal(feed(), -ENOENT);
}

static void a_feed_that_is_not_answered_is_asked_again_without_a_wait(void **state)
{
    (void)state;
    for (size_t i = 0; i < WORLD_MIXES; i++)
        world.silent[i] = true;
    ask_ahead();
    for (int sends = 1; sends < MIX_SENDS; sends++) {
        assert_int_equal(feed(), -ETIMEDOUT);
        world_pass(&world, 60 * 1000);
        (void)world_turn(&world);
        assert_int_equal(feed(), -ETIMEDOUT);
    }
    world_pass(&world, 60 * 1000);
    (void)world_turn(&world);
    assert_int_equal(feed(), -EHOSTUNREACH);
    assert_non_null(packets_trouble(packets));
    assert_int_equal(feed(), -ENODATA);
}

/* Messages of groups */

static void a_division_comes_to_a_mix_that_does_not_see_its_source(void **state)
{
    (void)state;
    uint8_t content[MIX_DIVIDE_BYTES];
    for (size_t i = 1; i <= 20; i++) {
        random_fill(&source, content, sizeof content);
        assert_int_equal(mix_line_divide(line, content, &stop), 0);
        (void)world_turn(&world);
        assert_int_equal(world.divided, i);
        assert_memory_equal(world.division, content, sizeof content);
        assert_int_not_equal(world.divided_at, last_arrived()->mix);
    }
    assert_ptr_equal(mix_line_server(line), &world.net.servers[0]);
}

static void a_division_needs_two_mixes(void **state)
{
    (void)state;
    const uint8_t content[MIX_DIVIDE_BYTES] = {0};
    world.chain.routes.fixed = (struct mix_route){{1}, 1};
    assert_int_equal(mix_line_divide(line, content, &stop), -ENOTSUP);
    world.chain.routes.fixed = (struct mix_route){{1, 2}, 2};
    assert_int_equal(mix_line_divide(line, content, &stop), 0);
    (void)world_turn(&world);
    assert_int_equal(world.divided_at, 2);
    world.chain.routes.fixed.count = 0;
    world.chain.routes.count = 1;
    assert_int_equal(mix_line_divide(line, content, &stop), -ENOTSUP);
    world.chain.routes.count = WORLD_MIXES;
}

static int wait_on(void *state, int64_t ms)
{
    (void)state;
    (void)ms;
    return 0;
}

/* The world's time is the other thread's. */
static void *divide(void *result)
{
    static const uint8_t content[MIX_DIVIDE_BYTES] = {7};
    const struct stop_source never = {wait_on, NULL, -1};
    *(int *)result = mix_line_divide(line, content, &never);
    return NULL;
}

static bool is_queued(void)
{
    pthread_mutex_lock(&world.chain.lock);
    bool queued = line->queued;
    pthread_mutex_unlock(&world.chain.lock);
    return queued;
}

static void with_cover_a_division_waits_for_its_time(void **state)
{
    (void)state;
    pthread_t thread;
    int result = 1;
    (void)world_turn(&world); /* what is due at the beginning */
    size_t before = world.arrived_count;
    assert_int_equal(pthread_create(&thread, NULL, divide, &result), 0);
    while (!is_queued())
        sched_yield();
    int64_t next_ms = world_turn(&world);
    assert_int_equal(world.arrived_count, before);
    world_pass(&world, next_ms);
    (void)world_turn(&world);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(result, 0);
    assert_int_equal(world.arrived_count, before + 1);
    assert_int_equal(world.divided, 1);
    assert_int_equal(world.division[0], 7);
}

#define FEED_TEST(name)  cmocka_unit_test_setup_teardown(name, open_packets, close_packets)
#define TEST(name, open) cmocka_unit_test_setup_teardown(name, open, close_all)

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        TEST(answers_come_back, open_plain),
        TEST(a_late_answer_to_the_same_request_counts, open_plain),
        TEST(an_answer_to_another_request_does_not_count, open_plain),
        TEST(a_line_that_is_gone_gets_nothing, open_plain),
        TEST(a_stop_ends_the_wait, open_plain),
        TEST(sessions_are_renewed_with_the_window, open_plain),
        TEST(an_answer_comes_to_the_session_before, open_plain),
        TEST(a_mix_hears_from_who_waits_for_its_delivery, open_plain),
        TEST(a_silent_mix_is_named_and_the_others_are_not, open_plain),
        TEST(it_is_found_again_once_it_answers, open_plain),
        TEST(a_port_where_nobody_listens_is_known_at_once, open_plain),
        TEST(a_busy_client_looks_like_an_idle_one, open_cover),
        TEST(requests_that_do_not_wait_are_found, open_cover),
        TEST(after_a_sleep_nothing_is_caught_up_with, open_cover),
        FEED_TEST(a_feed_is_asked_once_and_waited_for_without_another_request),
        FEED_TEST(other_requests_go_while_a_feed_is_on_its_way),
        FEED_TEST(a_feed_that_is_not_answered_is_asked_again_without_a_wait),
        TEST(a_division_comes_to_a_mix_that_does_not_see_its_source, open_plain),
        TEST(a_division_needs_two_mixes, open_plain),
        TEST(with_cover_a_division_waits_for_its_time, open_cover),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
