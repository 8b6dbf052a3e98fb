/* When letters may go to reference clients. */
#include "lib/test.h"

#include <string.h>

#include "lib/allocation.h"
#include "transport/delayed_send.h"

enum { ROOM = 8 };

static struct delayed_send delayed;
static struct transport_letter letter;
static uint8_t bodies[ROOM][RECORD_BODY_BYTES];

/* T2s that stand at the server, each of a sender of one repeated byte. */
static struct pool_answer t2s_of(const char *senders)
{
    uint8_t records[ROOM * RECORD_UNADDRESSED_BYTES];
    struct pool_answer t2s;
    size_t count = strlen(senders);
    assert_true(count <= ROOM);
    for (size_t i = 0; i < count; i++) {
        memset(records + i * RECORD_UNADDRESSED_BYTES, senders[i], ID_BYTES);
        memset(records + i * RECORD_UNADDRESSED_BYTES + ID_BYTES, (int)i, RECORD_BODY_BYTES);
    }
    assert_int_equal(
        pool_answer_take(&t2s, records, count * RECORD_UNADDRESSED_BYTES, RECORD_UNADDRESSED_BYTES),
        0);
    return t2s;
}

static size_t ready(enum record_kind kind, const char *senders, int64_t now_ms)
{
    struct pool_answer t2s = t2s_of(senders);
    size_t count = delayed_send_ready(&delayed, kind, &t2s, now_ms, bodies, ROOM);
    pool_answer_clear(&t2s);
    delayed_send_settle(&delayed, false);
    return count;
}

/* We came when the T2s of these stood. */
static void begin_with(const char *senders)
{
    struct pool_answer elders = {0}, t2s = t2s_of(senders), later = t2s_of("EEEE");
    delayed_send_begin(&delayed, &elders);
    assert_int_equal(delayed_send_note_t2s(&delayed, &t2s), 0);
    assert_int_equal(delayed_send_note_t2s(&delayed, &later), 0); /* counts no more */
    pool_answer_clear(&t2s);
    pool_answer_clear(&later);
    memset(letter.addressee, 'E', ID_BYTES);
    memset(letter.body, 'b', RECORD_BODY_BYTES);
}

static int end(void **state)
{
    (void)state;
    delayed_send_clear(&delayed);
    return 0;
}

static void add(enum record_kind kind, bool to_elder, int64_t now_ms)
{
    assert_int_equal(delayed_send_add(&delayed, kind, &letter, to_elder, now_ms), 0);
}

static void a_t2_to_an_elder_waits_for_one_of_the_elder(void **state)
{
    (void)state;
    begin_with("E");
    add(RECORD_T2, true, 1000);
    assert_int_equal(ready(RECORD_T2, "", 1000), 0);
    assert_int_equal(ready(RECORD_T2, "E", 2000), 0);  /* of before */
    assert_int_equal(ready(RECORD_T2, "Ex", 2000), 0); /* somebody else's */
    assert_int_equal(ready(RECORD_T2, "EE", 2000), 1); /* a second one */
    assert_memory_equal(bodies[0], letter.body, RECORD_BODY_BYTES);
}

static void a_gone_elder_is_not_waited_for(void **state)
{
    (void)state;
    begin_with("");
    add(RECORD_T2, true, 1000);
    assert_int_equal(ready(RECORD_T2, "", 30999), 0);
    assert_int_equal(ready(RECORD_T2, "", 31000), 1);
}

static void a_t2_to_the_younger_goes_at_once(void **state)
{
    (void)state;
    begin_with("");
    add(RECORD_T2, false, 1000);
    assert_int_equal(ready(RECORD_T2, "", 1000), 1);
    assert_int_equal(ready(RECORD_T3, "", 9000), 0);
}

static void a_t3_waits_a_while_and_for_its_t2(void **state)
{
    (void)state;
    begin_with("");
    add(RECORD_T3, true, 1000);
    assert_int_equal(ready(RECORD_T3, "", 2499), 0);
    assert_int_equal(ready(RECORD_T3, "", 2500), 1);
    add(RECORD_T2, true, 1000);
    assert_int_equal(ready(RECORD_T3, "", 2500), 0);
    letter.addressee[0] = 'o'; /* another's T2 is no reason */
    add(RECORD_T3, true, 1000);
    assert_int_equal(ready(RECORD_T3, "", 2500), 1);
}

static void what_is_posted_is_gone_and_the_rest_stays(void **state)
{
    (void)state;
    begin_with("");
    for (uint8_t i = 0; i < 50; i++) {
        letter.body[0] = i;
        add(i % 2 ? RECORD_T2 : RECORD_T3, false, 0);
    }
    uint8_t next = 1;
    struct pool_answer none = {0};
    size_t count;
    while ((count = delayed_send_ready(&delayed, RECORD_T2, &none, 0, bodies, ROOM))) {
        for (size_t i = 0; i < count; i++, next = (uint8_t)(next + 2))
            assert_int_equal(bodies[i][0], next);
        delayed_send_settle(&delayed, true);
    }
    assert_int_equal(next, 51);
    assert_int_equal(delayed.count, 25);
    assert_int_equal(ready(RECORD_T3, "", 1500), ROOM);
}

static void elders_are_those_of_the_answer(void **state)
{
    (void)state;
    uint8_t t1s[2][RECORD_T1_BYTES] = {{2}, {1}}, other[RECORD_T1_BYTES] = {3};
    struct pool_answer elders;
    assert_int_equal(pool_answer_take(&elders, t1s[0], sizeof t1s, RECORD_T1_BYTES), 0);
    delayed_send_begin(&delayed, &elders);
    assert_int_equal(elders.count, 0); /* taken over */
    assert_true(delayed_send_is_elder(&delayed, t1s[0]));
    assert_true(delayed_send_is_elder(&delayed, t1s[1]));
    assert_false(delayed_send_is_elder(&delayed, other));
}

static void without_memory_nothing_is_lost(void **state)
{
    (void)state;
    begin_with("");
    allocation_fail(0);
    assert_int_equal(delayed_send_add(&delayed, RECORD_T2, &letter, false, 0), -ENOMEM);
    assert_true(allocation_relent());
    add(RECORD_T2, false, 0);
    assert_int_equal(ready(RECORD_T2, "", 0), 1);

    struct pool_answer elders = {0}, t2s = t2s_of("E");
    delayed_send_begin(&delayed, &elders);
    allocation_fail(0);
    assert_int_equal(delayed_send_note_t2s(&delayed, &t2s), -ENOMEM);
    assert_true(allocation_relent());
    assert_int_equal(delayed_send_note_t2s(&delayed, &t2s), 0); /* this one counts */
    pool_answer_clear(&t2s);
    add(RECORD_T2, true, 0);
    assert_int_equal(ready(RECORD_T2, "E", 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_t2_to_an_elder_waits_for_one_of_the_elder, end),
        cmocka_unit_test_teardown(a_gone_elder_is_not_waited_for, end),
        cmocka_unit_test_teardown(a_t2_to_the_younger_goes_at_once, end),
        cmocka_unit_test_teardown(a_t3_waits_a_while_and_for_its_t2, end),
        cmocka_unit_test_teardown(what_is_posted_is_gone_and_the_rest_stays, end),
        cmocka_unit_test_teardown(elders_are_those_of_the_answer, end),
        cmocka_unit_test_teardown(without_memory_nothing_is_lost, end),
    };
    return cmocka_run_group_tests_name("net/hold", tests, NULL, NULL);
}
