/* The pieces of a session, each at its bounds: bucket checks, backing off, tallies, peers and their
 * queues, budgets, letters. */
#include <string.h>

#include "base/backoff.h"
#include "base/secret.h"
#include "lib/fake_time.h"
#include "lib/test.h"
#include "session/bucket_check.h"
#include "session/budget.h"
#include "session/outbox.h"
#include "session/peers.h"
#include "session/seen_messages.h"

enum { NOW = 1800000000, HOUR = 3600 };

_Static_assert(NOW % HOUR == 0, "a window begins");

static const struct bucket_bounds bounds = {.tolerance_s = 300, .sequence_max = 16};

static enum bucket_verdict own_at(uint64_t created, uint32_t sequence, uint64_t window_s,
                                  int64_t asked_s)
{
    struct transport_bucket bucket = {.created = created, .sequence = sequence, .hash_fits = true};
    return bucket_check_own(&bucket, &bounds, window_s, asked_s, asked_s);
}

static enum bucket_verdict own(uint64_t created, uint32_t sequence, uint64_t window_s)
{
    return own_at(created, sequence, window_s, NOW);
}

static void bucket_bounds_are_exact(void **state)
{
    (void)state;
    assert_int_equal(own(NOW, 16, HOUR), BUCKET_GOOD);
    assert_int_equal(own_at(NOW, 0, HOUR, NOW - 300), BUCKET_GOOD);
    assert_int_equal(own_at(NOW, 0, HOUR, NOW - 301), BUCKET_IN_FUTURE);
    assert_int_equal(own_at(NOW, 0, HOUR, NOW + HOUR + 300), BUCKET_GOOD);
    assert_int_equal(own_at(NOW, 0, HOUR, NOW + HOUR + 301), BUCKET_TOO_OLD);
    assert_int_equal(own(UINT64_MAX, 0, HOUR), BUCKET_IN_FUTURE);
    assert_int_equal(own(0, 0, HOUR), BUCKET_TOO_OLD);
}

/* Of T1s no number is too high; one above the bound is crowded. */
static void many_buckets_of_t1s_are_crowded_and_no_more(void **state)
{
    struct transport_bucket bucket = {.created = NOW, .sequence = 16, .hash_fits = true};
    (void)state;
    assert_int_equal(own(NOW, 17, HOUR), BUCKET_GOOD);
    assert_int_equal(own(NOW, UINT32_MAX, HOUR), BUCKET_GOOD);
    assert_false(bucket_is_crowded(&bucket, &bounds));
    bucket.sequence = 17;
    assert_true(bucket_is_crowded(&bucket, &bounds));
}

static void windows_are_on_a_grid(void **state)
{
    static const uint64_t windows_s[] = {600, 1200, 1800, 3600};
    static const uint64_t others_s[] = {0, 1, 60, 599, 601, 900, 2400, 3599, 7200, UINT64_MAX};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(own(NOW, 0, windows_s[i]), BUCKET_GOOD);
        assert_int_equal(own(NOW - 1, 0, windows_s[i]), BUCKET_OFF_GRID);
        assert_int_equal(own(NOW + 1, 0, windows_s[i]), BUCKET_OFF_GRID);
    }
    assert_int_equal(own(NOW - 600, 0, 600), BUCKET_GOOD);
    assert_int_equal(own(NOW - 600, 0, 1200), BUCKET_OFF_GRID);
    for (size_t i = 0; i < sizeof others_s / sizeof *others_s; i++)
        assert_int_equal(own(NOW, 0, others_s[i]), BUCKET_WINDOW_ODD);
    /* One to look for others in may be of a server of before. */
    struct transport_bucket bucket = {.created = NOW - 1, .sequence = 99, .hash_fits = true};
    assert_int_equal(bucket_check_standing(&bucket, &bounds, NOW), BUCKET_GOOD);
}

/* What counts is when the T1 was first offered: a late answer makes no good bucket bad. */
static void age_is_taken_at_the_first_offer(void **state)
{
    (void)state;
    struct transport_bucket bucket = {.created = NOW, .hash_fits = true};
    assert_int_equal(bucket_check_own(&bucket, &bounds, HOUR, NOW + 10, NOW + 100000), BUCKET_GOOD);
    assert_int_equal(bucket_check_own(&bucket, &bounds, HOUR, NOW + 3901, NOW + 3901),
                     BUCKET_TOO_OLD);
    bucket.hash_fits = false;
    assert_int_equal(bucket_check_standing(&bucket, &bounds, NOW), BUCKET_ELSEWHERE);
}

static enum bucket_verdict links_at(uint64_t created, uint32_t sequence, int64_t asked_s)
{
    struct transport_bucket bucket = {.created = created, .sequence = sequence, .hash_fits = true};
    return bucket_check_own_links(&bucket, &bounds, asked_s, asked_s);
}

/* A server has a handful of ids of links to tell people apart by. */
static void buckets_of_links_are_of_the_hour_that_is_now(void **state)
{
    size_t good = 0;
    (void)state;
    assert_int_equal(links_at(NOW, 16, NOW), BUCKET_GOOD);
    assert_int_equal(links_at(NOW, 17, NOW), BUCKET_SEQUENCE_HIGH);
    assert_int_equal(links_at(NOW, 0, NOW - 300), BUCKET_GOOD);
    assert_int_equal(links_at(NOW, 0, NOW - 301), BUCKET_IN_FUTURE);
    assert_int_equal(links_at(NOW, 0, NOW + HOUR + 300), BUCKET_GOOD);
    assert_int_equal(links_at(NOW, 0, NOW + HOUR + 301), BUCKET_TOO_OLD);
    for (uint64_t created = NOW - 2 * HOUR; created <= NOW + 2 * HOUR; created++)
        for (uint32_t sequence = 0; sequence < 20; sequence++)
            good += links_at(created, sequence, NOW + HOUR / 2) == BUCKET_GOOD;
    assert_int_equal(good, 17);
    /* Whoever reads one later takes any hour, but no other number or time. */
    struct transport_bucket bucket = {.created = NOW - 20 * HOUR, .hash_fits = true};
    assert_int_equal(bucket_check_links(&bucket, &bounds, NOW), BUCKET_GOOD);
    bucket.created++;
    assert_int_equal(bucket_check_links(&bucket, &bounds, NOW), BUCKET_OFF_GRID);
}

static enum bucket_verdict current(uint64_t created, uint32_t sequence)
{
    const struct transport_bucket own = {.created = NOW, .sequence = 5, .hash_fits = true};
    struct transport_bucket reported = {
        .created = created, .sequence = sequence, .hash_fits = true};
    return bucket_check_current_links(&own, &reported);
}

static void asked_again_a_server_names_the_same_or_the_next(void **state)
{
    (void)state;
    assert_int_equal(current(NOW, 5), BUCKET_GOOD);
    assert_int_equal(current(NOW, 6), BUCKET_GOOD);
    assert_int_equal(current(NOW, 7), BUCKET_NOT_CURRENT);
    assert_int_equal(current(NOW, 4), BUCKET_NOT_CURRENT);
    assert_int_equal(current(NOW + HOUR, 0), BUCKET_GOOD);
    assert_int_equal(current(NOW + HOUR, 1), BUCKET_GOOD);
    assert_int_equal(current(NOW + HOUR, 2), BUCKET_NOT_CURRENT);
    assert_int_equal(current(NOW + 2 * HOUR, 0), BUCKET_NOT_CURRENT);
    assert_int_equal(current(NOW - HOUR, 5), BUCKET_NOT_CURRENT);
}

static void a_clock_before_1970_is_no_way_in(void **state)
{
    (void)state;
    struct transport_bucket bucket = {.created = NOW, .hash_fits = true};
    assert_int_equal(bucket_check_standing(&bucket, &bounds, -5), BUCKET_IN_FUTURE);
}

static void backing_off_doubles_up_to_a_minute(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    for (int round = 0; round < 200; round++) {
        int64_t span = 500;
        for (unsigned failures = 1; failures < 40; failures++) {
            int64_t wait = backoff_ms(failures, 0, &random);
            assert_in_range(wait, span / 2, span);
            span = span * 2 < BACKOFF_MAX_MS ? span * 2 : BACKOFF_MAX_MS;
        }
        assert_in_range(backoff_ms(UINT32_MAX, 0, &random), BACKOFF_MAX_MS / 2, BACKOFF_MAX_MS);
    }
}

static void what_a_server_asks_for_is_respected(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    for (int round = 0; round < 200; round++) {
        assert_in_range(backoff_ms(1, 400, &random), 400, 500);
        assert_in_range(backoff_ms(1, 120000, &random), 120000, 120250);
        assert_in_range(backoff_ms(3, INT64_MAX, &random), BACKOFF_ASKED_MS_MAX,
                        BACKOFF_ASKED_MS_MAX + BACKOFF_MAX_MS);
    }
}

static enum seen_messages_news news_by(struct seen_messages *seen_messages, size_t source,
                                       const char *message)
{
    enum seen_messages_news news;
    size_t number;
    assert_int_equal(seen_messages_add(seen_messages, source, (const uint8_t *)message,
                                       strlen(message), &news, &number),
                     0);
    assert_in_range(number, 1, seen_messages->count);
    assert_memory_equal(seen_messages->entries[number - 1].message, message, strlen(message));
    return news;
}

static enum seen_messages_news news_of(struct seen_messages *seen_messages, const char *message)
{
    return news_by(seen_messages, 0, message);
}

/* The same message again in one session is told as what it is, once for each time, and does not
 * count as another. */
static void seen_messages_are_counted_anew_in_each_session(void **state)
{
    (void)state;
    struct seen_messages seen_messages = {0};
    assert_int_equal(news_of(&seen_messages, "a"), SEEN_MESSAGES_NEW);
    assert_int_equal(news_of(&seen_messages, ""), SEEN_MESSAGES_NEW);
    seen_messages_renew(&seen_messages, 0);
    assert_int_equal(news_of(&seen_messages, "a"), SEEN_MESSAGES_KNOWN);
    assert_int_equal(news_of(&seen_messages, "a"), SEEN_MESSAGES_AGAIN);
    assert_int_equal(news_of(&seen_messages, ""), SEEN_MESSAGES_KNOWN);
    assert_int_equal(news_of(&seen_messages, "b"), SEEN_MESSAGES_NEW);
    seen_messages_renew(&seen_messages, 0);
    assert_int_equal(news_of(&seen_messages, "a"), SEEN_MESSAGES_KNOWN);
    assert_int_equal(news_of(&seen_messages, "a"), SEEN_MESSAGES_KNOWN);
    assert_int_equal(news_of(&seen_messages, "a"), SEEN_MESSAGES_AGAIN);
    assert_int_equal(seen_messages.shown, 3);
    seen_messages_clear(&seen_messages);
}

static void peers_go_one_way(void **state)
{
    (void)state;
    struct peers peers;
    struct peer *a, *b, *same;
    const uint8_t t1[3] = {1, 2, 3};
    peers_init(&peers);
    assert_int_equal(peers_get(&peers, (uint8_t[ID_BYTES]){1}, 2, &a), 0);
    assert_int_equal(peers_get(&peers, (uint8_t[ID_BYTES]){2}, 2, &b), 0);
    assert_int_equal(peers_get(&peers, (uint8_t[ID_BYTES]){1}, 2, &same), 0);
    assert_ptr_equal(a, same);
    assert_int_equal(peers_get(&peers, (uint8_t[ID_BYTES]){3}, 2, &same), -ENOSPC);
    assert_int_equal(peers_want(&peers, a), 0);
    assert_ptr_equal(peers_next_wanted(&peers, &random_system), a);
    peers_give_up(&peers, a);
    assert_null(peers_next_wanted(&peers, &random_system));
    assert_int_equal(peers_queue(&peers, a, t1, sizeof t1, PEER_QUEUE_REST), 0);
    assert_int_equal(peers_queue(&peers, b, t1, sizeof t1, PEER_QUEUE_REST), 0);
    assert_int_equal(peers_queued(&peers), 2);
    assert_int_equal(peers_rank(&peers, b, 5), 0);
    assert_null(peers_take(&peers, 6, &random_system));
    assert_ptr_equal(peers_take(&peers, 0, &random_system), b);
    peers_put_back(&peers, b);
    assert_ptr_equal(peers_take(&peers, 0, &random_system), b);
    peers_settle(b, PEER_MET);
    assert_int_equal(peers_queued(&peers), 1);
    assert_null(peers_take_free(&peers, &random_system));
    assert_int_equal(peers_move(&peers, a, PEER_QUEUE_FREE), 0);
    assert_ptr_equal(peers_take_free(&peers, &random_system), a);
    peers_put_back(&peers, a);
    peers_clear(&peers);
    assert_int_equal(peers.by_id.count, 0);
    peers_clear(&peers);
}

/* No queue waits for another: a flood of one kind is not in the way of the others. */
static void queues_take_turns(void **state)
{
    (void)state;
    struct peers peers;
    const uint8_t t1[1] = {1};
    peers_init(&peers);
    for (uint8_t i = 0; i < 30; i++) {
        struct peer *peer;
        enum peer_queue queue = i < 24   ? PEER_QUEUE_ASKED
                                : i < 27 ? PEER_QUEUE_REST
                                         : PEER_QUEUE_NAMED;
        assert_int_equal(peers_get(&peers, (uint8_t[ID_BYTES]){i}, 30, &peer), 0);
        assert_int_equal(peers_queue(&peers, peer, t1, sizeof t1, queue), 0);
    }
    size_t taken[PEER_QUEUES] = {0};
    for (size_t i = 0; i < 30; i++) {
        struct peer *peer = peers_take(&peers, 0, &random_system);
        assert_non_null(peer);
        taken[peer->queue]++;
        peers_settle(peer, PEER_INVALID);
        if (i == 8)
            for (enum peer_queue queue = PEER_QUEUE_NAMED; queue < PEER_QUEUES; queue++)
                assert_int_equal(taken[queue], 3);
    }
    assert_null(peers_take(&peers, 0, &random_system));
    peers_clear(&peers);
}

/* What is paid for goes first, and every eighth is any one. */
static void the_highest_class_goes_first(void **state)
{
    (void)state;
    enum { COUNT = 64, UNPAID = 60 };
    struct work_item items[COUNT];
    struct work_queue queue = {.count = 0};
    for (unsigned i = 0; i < COUNT; i++)
        assert_int_equal(work_queue_add(&queue, &items[i], i < UNPAID ? 0 : i - UNPAID + 1), 0);
    size_t unpaid = 0;
    unsigned last = WORK_CLASSES;
    for (size_t pick = 1; pick <= 7; pick++) {
        struct work_item *item = work_queue_next(&queue, 0, &random_system);
        assert_true(item->class <= last && (item->class > 0) == (pick <= 4));
        last = item->class;
        work_queue_remove(&queue, item);
    }
    /* The eighth is drawn among all: of a single paid one and the others, not always the paid one.
     */
    assert_int_equal(work_queue_add(&queue, &items[63], 9), 0);
    for (size_t round = 0; round < 200; round++)
        for (size_t pick = 1; pick <= WORK_ANY_EVERY; pick++) {
            bool paid = work_queue_next(&queue, 0, &random_system)->class > 0;
            assert_true(paid || queue.picks % WORK_ANY_EVERY == 0);
            unpaid += !paid;
        }
    assert_in_range(unpaid, 150, 200);
    assert_null(work_queue_next(&queue, 10, &random_system));
    work_queue_clear(&queue);
}

/* Inside a class each is as likely as any other to be next, wherever it came. */
static void inside_a_class_all_are_alike(void **state)
{
    (void)state;
    enum { COUNT = 16, ROUNDS = 16000 };
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    struct work_item items[COUNT];
    struct work_queue queue = {.count = 0};
    size_t times[COUNT] = {0};
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(work_queue_add(&queue, &items[i], 3), 0);
    for (size_t round = 0; round < ROUNDS; round++)
        times[work_queue_next(&queue, 0, &random) - items]++;
    for (size_t i = 0; i < COUNT; i++)
        assert_in_range(times[i], 800, 1200); /* 1000, and more than six sigma of 31 */
    work_queue_clear(&queue);
}

static void a_budget_grows_by_the_clock_alone(void **state)
{
    (void)state;
    struct fake_time time = {.monotonic_ms = 5000};
    struct clock_source clock = fake_time_clock(&time);
    struct budget budget;
    budget_open(&budget, 4096, &clock);
    assert_int_equal(budget_left(&budget), 4096);
    budget_spend(&budget, 4096);
    budget_begin_session(&budget); /* a server may say so as often as it likes */
    assert_int_equal(budget_left(&budget), 0);
    time.monotonic_ms += 3600 * 1000;
    assert_int_equal(budget_left(&budget), 1024);
    budget_spend(&budget, 2000); /* what runs at once may go beyond */
    assert_int_equal(budget_left(&budget), 0);
    time.monotonic_ms += 3 * 3600 * 1000 - 1;
    budget_begin_session(&budget);
    assert_in_range(budget_left(&budget), 4096 - 2000 - 1, 4096 - 2000);
    time.monotonic_ms += 1;
    budget_begin_session(&budget);
    assert_int_equal(budget_left(&budget), 4096);
}

static void bodies_are_kept_once_and_bounded(void **state)
{
    (void)state;
    struct bodies bodies = {0};
    for (uint8_t i = 0; i < 5; i++)
        assert_int_equal(bodies_add(&bodies, (uint8_t[RECORD_BODY_BYTES]){i}, 3), 0);
    assert_int_equal(bodies_add(&bodies, (uint8_t[RECORD_BODY_BYTES]){4}, 3), -EEXIST);
    assert_int_equal(bodies.count, 3);
    assert_int_equal(bodies.body[0][0], 2);
    bodies.settled = 3;
    assert_int_equal(bodies_add(&bodies, (uint8_t[RECORD_BODY_BYTES]){9}, 3), 0);
    assert_int_equal(bodies.settled, 2);
    bodies_clear(&bodies);
}

/* A transport that notes each letter's outcome as its body's first byte says. */
static int send_as_reported(struct transport *transport, enum record_kind kind,
                            struct transport_letter *letters, size_t count)
{
    (void)transport;
    (void)kind;
    int err = 0;
    for (size_t i = 0; i < count; i++) {
        letters[i].outcome = (enum transport_outcome)letters[i].body[0];
        if (letters[i].outcome == TRANSPORT_LATER)
            err = letters[i].body[1] ? -EHOSTUNREACH : 0;
    }
    return err;
}

static void an_outbox_keeps_what_is_not_settled(void **state)
{
    (void)state;
    static const struct transport_verbs verbs = {.send = send_as_reported};
    struct transport transport = {.verbs = &verbs};
    struct outbox outbox = {0};
    const struct transport_place place = {{0}};
    const uint8_t id[ID_BYTES] = {0};
    for (uint8_t i = 0; i < 60; i++)
        assert_int_equal(outbox_add(&outbox, i % 2 ? RECORD_T2 : RECORD_T3, &place, id,
                                    (uint8_t[RECORD_BODY_BYTES]){i % 3, 1, i}),
                         0);
    assert_int_equal(outbox_post(&outbox, &transport), -EHOSTUNREACH);
    assert_int_equal(outbox.t2s.count, 10);
    assert_int_equal(outbox.t3s.count, 30);
    assert_int_equal(outbox.refused, 10);
    for (size_t i = 0; i < outbox.t2s.count; i++)
        outbox.t2s.letter[i].body[0] = TRANSPORT_STORED;
    for (size_t i = 0; i < outbox.t3s.count; i++)
        outbox.t3s.letter[i].body[1] = 0;
    assert_int_equal(outbox_post(&outbox, &transport), -EAGAIN);
    assert_int_equal(outbox.t2s.count, 0);
    assert_int_equal(outbox.t3s.count, 10);
    assert_int_equal(outbox.refused, 20);
    assert_false(outbox_is_empty(&outbox));
    outbox_clear(&outbox);
    assert_true(outbox_is_empty(&outbox));
    assert_int_equal(outbox_post(&outbox, &transport), 0);
}

/* The same message from two servers is one. */
static void seen_messages_know_several_sources(void **state)
{
    (void)state;
    struct seen_messages seen_messages = {0};
    assert_int_equal(news_by(&seen_messages, 0, "a"), SEEN_MESSAGES_NEW);
    assert_int_equal(news_by(&seen_messages, 1, "a"), SEEN_MESSAGES_KNOWN);
    assert_int_equal(news_by(&seen_messages, 1, "a"), SEEN_MESSAGES_AGAIN);
    assert_int_equal(news_by(&seen_messages, 0, "a"), SEEN_MESSAGES_KNOWN);
    seen_messages_renew(&seen_messages, 0);
    assert_int_equal(news_by(&seen_messages, 0, "a"), SEEN_MESSAGES_KNOWN);
    assert_int_equal(news_by(&seen_messages, 1, "a"), SEEN_MESSAGES_AGAIN);
    assert_int_equal(seen_messages.shown, 1);
    seen_messages_clear(&seen_messages);
}

static void seen_messages_are_written_and_read(void **state)
{
    (void)state;
    uint8_t bytes[100];
    struct seen_messages seen_messages = {0}, again = {0};
    assert_int_equal(news_of(&seen_messages, "a"), SEEN_MESSAGES_NEW);
    assert_int_equal(news_of(&seen_messages, "a"), SEEN_MESSAGES_AGAIN);
    assert_int_equal(news_of(&seen_messages, ""), SEEN_MESSAGES_NEW);
    struct writer to = {bytes, 0}, count = {NULL, 0};
    seen_messages_put(&seen_messages, &to);
    seen_messages_put(&seen_messages, &count);
    assert_int_equal(to.bytes, count.bytes);
    struct cursor from = cursor_over(bytes, to.bytes);
    assert_int_equal(seen_messages_take(&again, &from), 0);
    assert_int_equal(cursor_finish(&from), 0);
    assert_int_equal(again.shown, 2);
    assert_int_equal(news_of(&again, "a"), SEEN_MESSAGES_RESTORED);
    assert_int_equal(news_of(&again, "a"), SEEN_MESSAGES_KNOWN);
    assert_int_equal(news_of(&again, "a"), SEEN_MESSAGES_AGAIN);
    assert_int_equal(news_of(&again, ""), SEEN_MESSAGES_RESTORED);
    for (size_t kept = 0; kept < to.bytes; kept++) {
        struct seen_messages cut = {0};
        from = cursor_over(bytes, kept);
        assert_int_equal(seen_messages_take(&cut, &from), -EBADMSG);
        seen_messages_clear(&cut);
    }
    seen_messages_clear(&seen_messages);
    seen_messages_clear(&again);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bucket_bounds_are_exact),
        cmocka_unit_test(many_buckets_of_t1s_are_crowded_and_no_more),
        cmocka_unit_test(windows_are_on_a_grid),
        cmocka_unit_test(buckets_of_links_are_of_the_hour_that_is_now),
        cmocka_unit_test(asked_again_a_server_names_the_same_or_the_next),
        cmocka_unit_test(age_is_taken_at_the_first_offer),
        cmocka_unit_test(a_clock_before_1970_is_no_way_in),
        cmocka_unit_test(backing_off_doubles_up_to_a_minute),
        cmocka_unit_test(what_a_server_asks_for_is_respected),
        cmocka_unit_test(seen_messages_are_counted_anew_in_each_session),
        cmocka_unit_test(seen_messages_know_several_sources),
        cmocka_unit_test(seen_messages_are_written_and_read),
        cmocka_unit_test(peers_go_one_way),
        cmocka_unit_test(queues_take_turns),
        cmocka_unit_test(the_highest_class_goes_first),
        cmocka_unit_test(inside_a_class_all_are_alike),
        cmocka_unit_test(a_budget_grows_by_the_clock_alone),
        cmocka_unit_test(bodies_are_kept_once_and_bounded),
        cmocka_unit_test(an_outbox_keeps_what_is_not_settled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
