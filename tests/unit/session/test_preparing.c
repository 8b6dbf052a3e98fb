/* What is computed beside Argon2i, or while a person types, is not computed again, and is paid. */
#include <sched.h>
#include <string.h>
#include <time.h>

#include "base/secret.h"
#include "guest.h"
#include "lib/fake_session.h"
#include "lib/test.h"
#include "lib/transport_between.h"
#include "session/preparing.h"

enum { STANDING = 3, PATIENCE_S = 60 };

static struct fake_time fake_time;
static struct memory_server server;
static struct guest guests[STANDING + 1];
static size_t awaited; /* actions of preparations, before a session is open */

/* Argon2i takes as long as what is prepared. */
static void open_late(void)
{
    time_t until_s = time(NULL) + PATIENCE_S;
    while (atomic_load(&fake_session_prepared) < awaited) {
        INVARIANT(time(NULL) < until_s);
        sched_yield();
    }
}

/* Others who stand already, and a newcomer who is about to begin. */
static struct guest *newcomer(void)
{
    fake_session_opening = NULL;
    fake_session_actions = fake_session_prepared = 0;
    awaited = 0;
    fake_time = (struct fake_time){.wall_s = 1800000000, .monotonic_ms = 1000};
    memory_server_open(&server, &fake_time);
    for (size_t i = 0; i < STANDING; i++) {
        guest_come(&guests[i], &server, i == 0 ? "jelly" : "donut", "from one who stands");
        guests_settle(guests, i + 1);
    }
    fake_session_actions = 0;
    guest_prepare(&guests[STANDING], &server, "jelly", "from the newcomer");
    guests[STANDING].settings.threads = 3;
    guests[STANDING].settings.prepare = true;
    fake_session_opening = open_late;
    return &guests[STANDING];
}

static void leave_all(void)
{
    for (size_t i = 0; i < STANDING + 1; i++)
        guest_leave(&guests[i]);
}

static void all_who_stand_are_worked_on_beside_argon2i(void **state)
{
    (void)state;
    struct guest *guest = newcomer();
    awaited = STANDING;
    guest_start(guest);
    guest_steps(guest, 2); /* what holds there, and a session */
    assert_int_equal(fake_session_prepared, STANDING);
    assert_int_equal(server.t1_count, STANDING); /* nothing of ours is there yet */
    fake_session_opening = NULL;
    guests_settle(guests, STANDING + 1);
    assert_int_equal(guest_saw(guest, "from one who stands"), 1);
    assert_int_equal(guest_saw(&guests[0], "from the newcomer"), 1);
    /* Each of the others has worked on the newcomer's T1, and nobody on anything twice. */
    assert_int_equal(fake_session_actions, 2 * STANDING);
    leave_all();
}

/* A budget that is used up beforehand has nothing left for who comes later. */
static void it_counts_in_the_budget(void **state)
{
    (void)state;
    struct guest *guest = newcomer();
    guest->settings.actions_max = STANDING;
    awaited = STANDING;
    guest_start(guest);
    guest_steps(guest, 2);
    fake_session_opening = NULL;
    guests_settle(guests, STANDING + 1);
    struct guest late;
    size_t before = fake_session_actions;
    guest_come(&late, &server, "donut", "late");
    for (size_t i = 0; i < 40; i++)
        guest_steps(&late, 1);
    size_t of_late = fake_session_actions - before;
    guest_steps(guest, 20);
    assert_int_equal(fake_session_actions, before + of_late);
    guest_leave(&late);
    leave_all();
}

static void two_threads_have_none_to_spare(void **state)
{
    (void)state;
    struct guest *guest = newcomer();
    guest->settings.threads = 2;
    guest_start(guest);
    guest_steps(guest, 2);
    assert_int_equal(fake_session_prepared, 0);
    guests_settle(guests, STANDING + 1);
    assert_int_equal(guest_saw(guest, "from one who stands"), 1);
    leave_all();
}

static void without_it_nothing_is_read_before(void **state)
{
    (void)state;
    struct guest *guest = newcomer();
    guest->settings.prepare = false;
    guest_start(guest);
    guest_steps(guest, 2);
    assert_int_equal(fake_session_prepared, 0);
    leave_all();
}

static int never(void *state)
{
    (void)state;
    return 0;
}

/* As while a person types; it goes on beside Argon2i where another T1 has come meanwhile. */
static void what_was_prepared_before_is_taken_over(void **state)
{
    (void)state;
    const struct reunion_work work = {.threads = 1, .canceled = never};
    struct guest *guest = newcomer(), late;
    struct preparing preparing;
    assert_int_equal(preparing_open(&preparing), 0);
    preparing_read(&preparing, guest->transport, NULL, &guest->settings.bounds, fake_time.wall_s);
    preparing_read(&preparing, guest->transport, NULL, &guest->settings.bounds, fake_time.wall_s);
    assert_int_equal(preparing.count, STANDING);
    preparing_compute(&preparing, 2, &random_system, &work);
    assert_int_equal(preparing.done, STANDING);
    assert_int_equal(preparing.actions, STANDING);
    assert_int_equal(fake_session_prepared, STANDING);

    fake_session_opening = NULL;
    guest_come(&late, &server, "donut", "late");
    guest_steps(&late, 3);
    fake_session_opening = open_late;
    awaited = STANDING + 1;
    guest->settings.preparing = &preparing;
    guest_start(guest);
    guest_steps(guest, 2);
    assert_int_equal(fake_session_prepared, STANDING + 1);
    assert_null(preparing.preparation); /* closed */
    fake_session_opening = NULL;
    guests_settle(guests, STANDING + 1);
    assert_int_equal(guest_saw(guest, "from one who stands"), 1);
    guest_leave(&late);
    leave_all();
}

static int fail_verb(void *state, const char *verb, size_t size)
{
    (void)size;
    return strcmp(verb, state) == 0 ? -EHOSTUNREACH : 0;
}

/* What cannot be read beforehand is read when it must be. */
static void a_failing_read_is_no_matter(void **state)
{
    static char verbs[2][16] = {"list", "read_t1s"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct guest *guest = newcomer();
        struct between_hooks hooks = {.before = fail_verb, .state = verbs[i]};
        struct preparing preparing;
        assert_int_equal(preparing_open(&preparing), 0);
        guest->transport = transport_between_open(guest->transport, &hooks);
        preparing_read(&preparing, guest->transport, NULL, &guest->settings.bounds,
                       fake_time.wall_s);
        assert_int_equal(preparing.count, 0);
        preparing_close(&preparing);
        guest_start(guest);
        guest_steps(guest, 2);
        assert_int_equal(guest->reported[SESSION_OPENED], 1);
        assert_int_equal(guest->reported[SESSION_AWAY], 0);
        leave_all();
    }
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_who_stand_are_worked_on_beside_argon2i),
        cmocka_unit_test(it_counts_in_the_budget),
        cmocka_unit_test(two_threads_have_none_to_spare),
        cmocka_unit_test(without_it_nothing_is_read_before),
        cmocka_unit_test(what_was_prepared_before_is_taken_over),
        cmocka_unit_test(a_failing_read_is_no_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
