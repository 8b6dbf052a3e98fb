/* Every allocation of a session fails once: it ends with -ENOMEM, or goes on, and leaks nothing. */
#include <string.h>

#include "base/secret.h"
#include "crypto/hash.h"
#include "guest.h"
#include "lib/allocation.h"
#include "lib/fake_session.h"
#include "lib/test.h"

static struct fake_time fake_time;
static struct memory_server server;
static struct guest guests[2];

/* Alice waits; somebody's T3, T2 and T1 will come in this order: all that makes a session allocate.
 */
static void set_the_scene(void)
{
    uint8_t early[RECORD_T1_BYTES] = {1}, early_id[ID_BYTES];
    const uint8_t everybody[ID_BYTES] = {0}, body[RECORD_BODY_BYTES] = {2};
    fake_time = (struct fake_time){.wall_s = 1800000000, .monotonic_ms = 1000};
    memory_server_open(&server, &fake_time);
    server.backwards = true;
    hash_bytes(early_id, early, sizeof early);
    guest_come(&guests[0], &server, "jelly", "from Alice");
    guest_steps(&guests[0], 6);
    memory_server_put(&server, 0, RECORD_T3, early_id, everybody, body);
    memory_server_put(&server, 0, RECORD_T2, early_id, everybody, body);
    memory_server_put_t1(&server, 0, early);
    guest_prepare(&guests[1], &server, "jelly", "from Bob");
}

/* Bob comes and meets Alice, with one allocation failing. Returns: how his part ended. */
static int bob_meets(size_t which)
{
    int err = 0;
    allocation_fail(which);
    int opened = session_open(&guests[1].session, guests[1].transport, &guests[1].settings);
    for (size_t i = 0; i < 30 && !opened && !err; i++) {
        err = session_step(guests[1].session);
        if (!err && i % 3 == 0)
            err = session_step(guests[0].session);
    }
    if (guests[0].event_lost || guests[1].event_lost)
        return -ENOMEM;
    return opened ? opened : err;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    bool happened = true;
    size_t failed = 0;
    for (size_t which = 0; happened; which++) {
        set_the_scene();
        int err = bob_meets(which);
        happened = allocation_relent();
        if (happened)
            assert_int_equal(err, -ENOMEM);
        else
            assert_int_equal(guest_saw(&guests[1], "from Alice"), 1);
        failed += happened;
        guest_leave(&guests[0]);
        guest_leave(&guests[1]);
        guests[1].session = NULL;
        assert_int_equal(fake_session_open, 0);
    }
    assert_in_range(failed, 10, 200);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
