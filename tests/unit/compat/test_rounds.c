#include "compat/rounds.h"

#include <string.h>

#include "lib/allocation.h"
#include "lib/test.h"

/* Notes of the rounds of the reference's clients: one for each, as long as its T1 can stand. */

enum { KEPT_MS = 1000, CLIENTS = 50 };

static struct rounds rounds;

static int set_up(void **state)
{
    (void)state;
    rounds_init(&rounds, KEPT_MS, &random_system);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rounds_free(&rounds);
    return 0;
}

static const uint8_t *id_of(uint8_t client)
{
    static uint8_t id[ID_BYTES];
    memset(id, 0, sizeof id);
    id[ID_BYTES - 1] = client;
    return id;
}

static void begin(uint8_t client, int64_t began_ms, bool works)
{
    const struct round_note note = {began_ms, (uint64_t)began_ms + client, works};
    rounds_begin(&rounds, id_of(client), &note);
}

static void each_client_has_its_last_round(void **state)
{
    struct round_note note = {.began_ms = -1};
    (void)state;
    assert_int_equal(rounds_find(&rounds, id_of(1), &note), -ENOENT);
    assert_int_equal(note.began_ms, -1);
    for (uint8_t i = 0; i < CLIENTS; i++)
        begin(i, 10 + i, true);
    for (uint8_t i = 0; i < CLIENTS; i += 2)
        begin(i, 100 + i, false);
    for (uint8_t i = 0; i < CLIENTS; i++) {
        assert_int_equal(rounds_find(&rounds, id_of(i), &note), 0);
        assert_int_equal(note.began_ms, (i % 2 == 0 ? 100 : 10) + i);
        assert_int_equal(note.published, note.began_ms + i);
        assert_true(note.works == (i % 2 == 1));
    }
    assert_int_equal(rounds.by_t1.count, CLIENTS);
}

static void old_ones_are_forgotten(void **state)
{
    struct round_note note;
    (void)state;
    begin(1, 0, true);
    begin(2, 5, true);
    begin(1, KEPT_MS, true);
    assert_int_equal(rounds_find(&rounds, id_of(2), &note), 0);
    begin(3, KEPT_MS + 5, true);
    assert_int_equal(rounds_find(&rounds, id_of(2), &note), 0);
    begin(3, KEPT_MS + 6, true);
    assert_int_equal(rounds_find(&rounds, id_of(2), &note), -ENOENT);
    assert_int_equal(rounds_find(&rounds, id_of(1), &note), 0);
    assert_int_equal(rounds.by_t1.count, 2);
}

static void without_memory_nothing_is_noted(void **state)
{
    struct round_note note;
    size_t failures = 0;
    bool happened;
    (void)state;
    do {
        allocation_fail(failures);
        begin(9, 1, true);
        happened = allocation_relent();
        assert_true(rounds_find(&rounds, id_of(9), &note) == (happened ? -ENOENT : 0));
        failures++;
    } while (happened);
    assert_int_equal(failures, 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_client_has_its_last_round),
        TEST(old_ones_are_forgotten),
        TEST(without_memory_nothing_is_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
