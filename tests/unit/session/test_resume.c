/* Programs that are killed and come back: at every call, at random ones, and with old news. */
#include <string.h>

#include "base/secret.h"
#include "guest.h"
#include "lib/fake_session.h"
#include "lib/test.h"
#include "lib/transport_between.h"

/* A way to the server that is cut: from one call on it gives -ECANCELED, as if a stop were asked,
 * and the program is as good as dead. The last call may have reached the server. */
struct life {
    size_t calls_left; /* before the end */
    bool arrives;      /* the first call after those still reaches the server */
    bool over;
};

static int live_on(void *state, const char *verb, size_t size)
{
    (void)verb;
    (void)size;
    struct life *life = state;
    if (life->calls_left > 0) {
        life->calls_left--;
        return 0;
    }
    life->over = true;
    bool arrives = life->arrives;
    life->arrives = false;
    return arrives ? 0 : -ECANCELED;
}

static int survive(void *state, int err)
{
    const struct life *life = state;
    return life->over ? -ECANCELED : err;
}

/* A guest with a program that can be killed, and what it has kept. */
struct returner {
    struct guest *guest;
    struct memory_server *server;
    struct life life;
    uint8_t *kept;
    size_t kept_bytes;
    size_t keeps, keeps_max; /* later ones do not reach the disk */
    bool first_was_at_once;
};

enum { FOR_EVER = 1000000 };

static struct fake_time fake_time;
static struct memory_server server;
static struct guest guests[3];
static struct returner returners[2];

static int keep(void *state, uint8_t *kept, size_t bytes, bool at_once)
{
    struct returner *returner = state;
    if (returner->keeps == 0)
        returner->first_was_at_once = at_once;
    bool dead = returner->life.calls_left == 0;
    if (dead || returner->keeps >= returner->keeps_max) {
        secret_free(kept);
        return 0;
    }
    returner->keeps++;
    secret_free(returner->kept);
    returner->kept = kept;
    returner->kept_bytes = bytes;
    return 0;
}

/* Start the program, with what was kept if there is something. */
static void start(struct returner *returner, size_t calls, bool arrives)
{
    returner->life = (struct life){.calls_left = calls, .arrives = arrives};
    returner->guest->transport =
        transport_between_open(transport_memory_open(returner->server),
                               &(struct between_hooks){live_on, survive, &returner->life});
    returner->guest->settings.keeper = (struct session_keeper){keep, returner};
    guest_start(returner->guest);
    seen_messages_renew(&returner->guest->seen_messages,
                        0); /* as one that is read from what was kept */
    if (returner->kept)
        assert_int_equal(
            session_resume(returner->guest->session, returner->kept, returner->kept_bytes), 0);
}

static void come(struct returner *returner, struct guest *guest, const char *message, size_t calls,
                 bool arrives)
{
    *returner = (struct returner){.guest = guest, .server = &server, .keeps_max = FOR_EVER};
    guest_prepare(guest, &server, "jelly", message);
    guest->transport->verbs->free(guest->transport);
    start(returner, calls, arrives);
}

/* As kill -9 does: nothing is said, nothing is kept. */
static void kill_it(struct returner *returner)
{
    session_free(returner->guest->session);
    returner->guest->transport->verbs->free(returner->guest->transport);
}

static void leave(struct returner *returner)
{
    guest_leave(returner->guest);
    secret_free(returner->kept);
}

/* Go on until dead. */
static void live(struct returner *returner)
{
    if (returner->life.calls_left > 0) {
        int err = session_step(returner->guest->session);
        assert_true(err == 0 || returner->life.calls_left == 0);
    }
}

static int begin(void **state)
{
    (void)state;
    fake_time = (struct fake_time){.wall_s = 1800000000, .monotonic_ms = 1000};
    memory_server_open(&server, &fake_time);
    fake_session_actions = 0;
    fake_session_opened = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    return fake_session_open == 0 ? 0 : -1;
}

static void assert_each_saw_the_other_once(void)
{
    assert_int_equal(guests[0].message_count, 1);
    assert_int_equal(guest_saw(&guests[0], "from Bob"), 1);
    assert_int_equal(guests[1].message_count, 1);
    assert_int_equal(guest_saw(&guests[1], "from Alice"), 1);
}

/* Alice dies at her call number `calls`, which arrives or not, and comes back. */
static void die_once(size_t calls, bool arrives, bool bob_first, size_t keeps_max)
{
    come(&returners[0], &guests[0], "from Alice", calls, arrives);
    returners[0].keeps_max = keeps_max;
    if (!bob_first)
        for (int i = 0; i < 4; i++)
            live(&returners[0]);
    guest_come(&guests[1], &server, "jelly", "from Bob");
    for (int i = 0; i < 30; i++) {
        guest_steps(&guests[1], 1);
        live(&returners[0]);
    }
    kill_it(&returners[0]);
    start(&returners[0], FOR_EVER, false);
    guests_settle(guests, 2);
    assert_each_saw_the_other_once();
    assert_true(returners[0].first_was_at_once);
}

/* The same session, the same T1, the same bucket, and no work twice. */
static void a_kill_at_any_call_loses_nothing(void **state)
{
    for (size_t calls = 0; calls < 24; calls++)
        for (int variant = 0; variant < 4; variant++) {
            begin(state);
            die_once(calls, variant & 1, variant & 2, FOR_EVER);

            assert_int_equal(server.t1_count, 2);
            assert_int_equal(fake_session_opened, 2);
            assert_in_range(fake_session_actions, 2, 3);
            leave(&returners[0]);
            guest_leave(&guests[1]);
        }
}

/* What reached the disk may be older than what happened: nothing is lost but work. */
static void old_news_will_do(void **state)
{
    for (size_t keeps = 1; keeps < 6; keeps++)
        for (size_t calls = 3; calls < 24; calls++) {
            begin(state);
            die_once(calls, true, calls & 1, keeps);
            assert_int_equal(server.t1_count, 2);
            leave(&returners[0]);
            guest_leave(&guests[1]);
        }
}

/* Both die again and again, at random calls. */
static void many_kills(void **seeded)
{
    for (int round = 0; round < 300; round++) {
        begin(NULL);
        for (size_t i = 0; i < 2; i++)
            come(&returners[i], &guests[i], i ? "from Bob" : "from Alice",
                 seeded_below(*seeded, 16), seeded_below(*seeded, 2));
        for (int turn = 0; turn < 120; turn++) {
            struct returner *returner = &returners[seeded_below(*seeded, 2)];
            live(returner);
            if (returner->life.calls_left == 0) {
                kill_it(returner);
                start(returner, 1 + seeded_below(*seeded, 16), seeded_below(*seeded, 2));
            }
        }
        for (size_t i = 0; i < 2; i++) {
            kill_it(&returners[i]);
            start(&returners[i], FOR_EVER, false);
        }
        guests_settle(guests, 2);
        assert_each_saw_the_other_once();
        assert_int_equal(server.t1_count, 2);
        for (size_t i = 0; i < 2; i++)
            leave(&returners[i]);
    }
}

/* Whoever comes back after the bucket's end begins anew: the old T1 is not shown again. */
static void a_bucket_that_ended_meanwhile(void **state)
{
    (void)state;
    come(&returners[0], &guests[0], "from Alice", FOR_EVER, false);
    guests_settle(guests, 1);
    uint8_t old[ID_BYTES];
    memcpy(old, server.t1s[0].id, sizeof old);
    kill_it(&returners[0]);
    memory_server_expire(&server, 0);
    start(&returners[0], FOR_EVER, false);
    guest_come(&guests[1], &server, "jelly", "from Bob");
    guests_settle(guests, 2);
    assert_each_saw_the_other_once();
    assert_int_equal(guests[0].reported[SESSION_RENEWED], 1);
    for (size_t i = 0; i < server.t1_count; i++)
        assert_memory_not_equal(server.t1s[i].id, old, sizeof old);
    leave(&returners[0]);
    guest_leave(&guests[1]);
}

/* The server is away when the program comes back: it waits, as one that has met the server before.
 */
static void a_server_that_is_away_is_waited_for(void **state)
{
    (void)state;
    come(&returners[0], &guests[0], "from Alice", FOR_EVER, false);
    guests_settle(guests, 1);
    kill_it(&returners[0]);
    server.fail = -EHOSTUNREACH;
    start(&returners[0], FOR_EVER, false);
    guest_steps(&guests[0], 20);
    assert_int_equal(guests[0].reported[SESSION_AWAY], 1);
    server.fail = 0;
    guest_come(&guests[1], &server, "jelly", "from Bob");
    guests_settle(guests, 2);
    assert_each_saw_the_other_once();
    assert_int_equal(server.t1_count, 2);
    leave(&returners[0]);
    guest_leave(&guests[1]);
}

/* Nothing new, nothing to keep; and what came is kept alike, whether or not it revealed anything.
 */
static void success_does_not_show_in_what_is_kept(void **state)
{
    size_t keeps[2], bytes[2];
    for (int met = 0; met < 2; met++) {
        begin(state);
        come(&returners[0], &guests[0], "from Alice", FOR_EVER, false);
        guest_come(&guests[1], &server, met ? "jelly" : "donut", "from Bob");
        guests_settle(guests, 2);
        assert_int_equal(guests[0].message_count, met);
        keeps[met] = returners[0].keeps;
        bytes[met] = returners[0].kept_bytes;
        guest_steps(&guests[0], 10);
        assert_int_equal(returners[0].keeps, keeps[met]);
        leave(&returners[0]);
        guest_leave(&guests[1]);
    }
    assert_int_equal(keeps[0], keeps[1]);
    assert_int_equal(bytes[0], bytes[1]);
}

/* A T1 is shown in no other place, and stands where those look who name the bucket. */
static void another_place_or_bucket_is_refused(void **state)
{
    (void)state;
    static const uint8_t tag[ID_BYTES] = {1};
    const struct transport_place other = {{0xee}};
    come(&returners[0], &guests[0], "from Alice", FOR_EVER, false);
    guests_settle(guests, 1);
    const struct returner *returner = &returners[0];
    const struct transport_place own = guests[0].bucket.place;
    const struct {
        const uint8_t *tag;
        const struct transport_place *named;
        int expected;
    } cases[] = {
        {tag, NULL, -EXDEV}, {tag, &own, -EXDEV}, {NULL, &other, -EINVAL},
        {NULL, &own, 0},     {NULL, NULL, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        guest_prepare(&guests[2], &server, "jelly", "from Alice");
        guests[2].settings.place_tag = cases[i].tag;
        guests[2].settings.named = cases[i].named;
        guest_start(&guests[2]);
        assert_int_equal(session_resume(guests[2].session, returner->kept, returner->kept_bytes),
                         cases[i].expected);
        guest_leave(&guests[2]);
    }
    leave(&returners[0]);
}

/* One that is full, so that the T1 stands elsewhere. */
static void the_same_named_bucket_is_gone_on_with(void **state)
{
    (void)state;
    const struct transport_place named = server.buckets[0].place;
    server.capacity = 0;
    memory_server_add_bucket(&server);
    come(&returners[0], &guests[0], "from Alice", 0, false);
    kill_it(&returners[0]);
    guests[0].settings.named = &named;
    start(&returners[0], FOR_EVER, false);
    guests_settle(guests, 1);
    assert_memory_not_equal(&guests[0].bucket.place, &named, sizeof named);
    kill_it(&returners[0]);
    start(&returners[0], FOR_EVER, false); /* expects 0 of session_resume */
    leave(&returners[0]);
}

static void what_is_damaged_is_refused(void **state)
{
    (void)state;
    come(&returners[0], &guests[0], "from Alice", FOR_EVER, false);
    guests_settle(guests, 1);
    guest_prepare(&guests[2], &server, "jelly", "from Alice");
    guest_start(&guests[2]);
    struct returner *returner = &returners[0];
    for (size_t kept = 0; kept < 200; kept++)
        assert_int_equal(session_resume(guests[2].session, returner->kept, kept), -EBADMSG);
    assert_int_equal(session_resume(guests[2].session, returner->kept, returner->kept_bytes - 1),
                     -EBADMSG);
    for (int step = -1; step <= 2; step += 3) { /* of an older version, and of a newer one */
        returner->kept[7] = (uint8_t)(returner->kept[7] + step);
        assert_int_equal(session_resume(guests[2].session, returner->kept, returner->kept_bytes),
                         -ENOTSUP);
    }
    guest_leave(&guests[2]);
    leave(returner);
}

static int cannot_keep(void *state, uint8_t *kept, size_t bytes, bool at_once)
{
    (void)state;
    (void)bytes;
    (void)at_once;
    secret_free(kept);
    return -ENOSPC;
}

/* A T1 whose keys cannot be kept is not shown to anybody. */
static void what_cannot_be_kept_is_not_begun(void **state)
{
    (void)state;
    guest_prepare(&guests[0], &server, "jelly", "from Alice");
    guests[0].settings.keeper.keep = cannot_keep;
    guest_start(&guests[0]);
    assert_int_equal(guest_end(&guests[0]), -EIO);
    assert_int_equal(server.t1_count, 0);
    guest_leave(&guests[0]);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    static struct seeded seeded;
    seeded = seeded_open();
#define RETURN(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        RETURN(a_kill_at_any_call_loses_nothing),
        RETURN(old_news_will_do),
        cmocka_unit_test_prestate(many_kills, &seeded),
        RETURN(a_bucket_that_ended_meanwhile),
        RETURN(a_server_that_is_away_is_waited_for),
        RETURN(success_does_not_show_in_what_is_kept),
        RETURN(another_place_or_bucket_is_refused),
        RETURN(the_same_named_bucket_is_gone_on_with),
        RETURN(what_is_damaged_is_refused),
        RETURN(what_cannot_be_kept_is_not_begun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
