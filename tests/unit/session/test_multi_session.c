/* Companies: several servers at once, in threads, with one who listens and keeps. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/secret.h"
#include "lib/fake_session.h"
#include "lib/fake_time.h"
#include "lib/test.h"
#include "lib/transport_between.h"
#include "lib/transport_memory.h"
#include "session/multi_session.h"
#include "session/session_progress.h"

enum { SERVERS = 2, MESSAGES = 16 };

/* The servers in memory serve one thread at a time. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static int take_turn(void *state, const char *verb, size_t size)
{
    (void)state;
    (void)verb;
    (void)size;
    pthread_mutex_lock(&turn);
    return 0;
}

static int end_turn(void *state, int err)
{
    (void)state;
    pthread_mutex_unlock(&turn);
    return err;
}

static struct transport *polite_open(struct memory_server *server)
{
    return transport_between_open(transport_memory_open(server),
                                  &(struct between_hooks){.before = take_turn, .after = end_turn});
}

/* A stop that one thread asks for and others wait for. */
struct bell {
    pthread_mutex_t lock;
    pthread_cond_t rung;
    bool is_rung;
};

static int wait_for_bell(void *state, int64_t ms)
{
    struct bell *bell = state;
    struct timespec until = clock_deadline(ms);
    pthread_mutex_lock(&bell->lock);
    while (!bell->is_rung && ms > 0 &&
           pthread_cond_timedwait(&bell->rung, &bell->lock, &until) == 0)
        continue;
    bool is_rung = bell->is_rung;
    pthread_mutex_unlock(&bell->lock);
    return is_rung ? -ECANCELED : 0;
}

static void ring(struct bell *bell)
{
    pthread_mutex_lock(&bell->lock);
    bell->is_rung = true;
    pthread_cond_broadcast(&bell->rung);
    pthread_mutex_unlock(&bell->lock);
}

static void bell_open(struct bell *bell)
{
    pthread_mutex_init(&bell->lock, NULL);
    clock_condition_init(&bell->rung);
    bell->is_rung = false;
}

/* Somebody with a program that speaks to several servers. */
struct person {
    struct multi_session_settings settings;
    struct multi_session *multi_session;
    struct transport *transports[SERVERS];
    struct bell bell;      /* leave */
    struct bell satisfied; /* all that was wanted is there */
    struct stop_source stop;
    uint8_t payload[MESSAGE_BYTES];
    pthread_t thread;
    int end;

    char messages[MESSAGES][MESSAGE_BYTES];
    size_t numbers[MESSAGES];
    size_t count;
    size_t reported[SESSION_UNSAVED + 1];
    size_t wanted;         /* satisfied with so many messages */
    struct bell *wait_for; /* with the first message, until it rings */
    uint8_t *kept;         /* a copy of the last */
    size_t kept_bytes, keeps;
    int keep_error;
};

static const char *const names[] = {"one", "two"};
static struct fake_time fake_time;
static struct memory_server servers[SERVERS];
static struct clock_source clocks;
static struct person alice, bob, carol;

/* Those who run together; they leave together, once all are satisfied. */
static struct person *const *present;
static size_t present_count;
static atomic_size_t satisfied;

static void take_event(void *state, const struct session_event *event)
{
    struct person *person = state;
    person->reported[event->kind]++;
    assert_in_range(event->server, 0, person->settings.count - 1);
    if (event->kind != SESSION_REVEALED || event->reveal == SESSION_REVEAL_REPORTED)
        return;
    assert_true(person->count < MESSAGES);
    memcpy(person->messages[person->count], event->message, MESSAGE_BYTES);
    person->numbers[person->count++] = event->number;
    if (person->wait_for)
        while (wait_for_bell(person->wait_for, 60 * 1000) == 0)
            continue;
    if (person->count == person->wanted) {
        ring(&person->satisfied);
        if (++satisfied == present_count)
            for (size_t i = 0; i < present_count; i++)
                ring(&present[i]->bell);
    }
}

static int keep(void *state, const uint8_t *kept, size_t bytes)
{
    struct person *person = state;
    person->keeps++;
    if (person->keep_error)
        return person->keep_error;
    free(person->kept);
    person->kept = malloc(bytes);
    assert_non_null(person->kept);
    memcpy(person->kept, kept, bytes);
    person->kept_bytes = bytes;
    return 0;
}

static void prepare(struct person *person, const char *passphrase, const char *message,
                    size_t first_server, size_t count)
{
    memset(person, 0, sizeof *person);
    memset(person->payload, ' ', MESSAGE_BYTES);
    memcpy(person->payload, message, strlen(message));
    bell_open(&person->bell);
    bell_open(&person->satisfied);
    person->stop = (struct stop_source){wait_for_bell, &person->bell, -1};
    for (size_t i = 0; i < count; i++)
        person->transports[i] = polite_open(&servers[first_server + i]);
    person->settings = (struct multi_session_settings){
        .session = {.passphrase = (const uint8_t *)passphrase,
                    .passphrase_bytes = strlen(passphrase),
                    .payload = person->payload,
                    .payload_bytes = MESSAGE_BYTES,
                    .threads = 1,
                    .actions_max = 256,
                    .others_max = SESSION_PROGRESS_OTHERS_USUAL,
                    .open_until_ms = INT64_MAX,
                    .bounds = {.tolerance_s = 300, .sequence_max = 16},
                    .clock = &clocks,
                    .random = &random_system,
                    .stop = &person->stop,
                    .event = take_event,
                    .event_state = person},
        .transports = person->transports,
        .names = names + first_server,
        .count = count,
    };
}

static void start(struct person *person)
{
    assert_int_equal(multi_session_open(&person->multi_session, &person->settings), 0);
}

static void *run(void *state)
{
    struct person *person = state;
    person->end = multi_session_run(person->multi_session);
    return NULL;
}

static void run_together(struct person *const *people, size_t count)
{
    present = people;
    present_count = count;
    satisfied = 0;
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pthread_create(&people[i]->thread, NULL, run, people[i]), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pthread_join(people[i]->thread, NULL), 0);
}

static void leave(struct person *person)
{
    multi_session_free(person->multi_session);
    person->multi_session = NULL;
    for (size_t i = 0; i < person->settings.count; i++)
        person->transports[i]->verbs->free(person->transports[i]);
    free(person->kept);
    person->kept = NULL;
}

static bool saw(const struct person *person, const char *message)
{
    for (size_t i = 0; i < person->count; i++)
        if (memcmp(person->messages[i], message, strlen(message)) == 0)
            return true;
    return false;
}

static int begin(void **state)
{
    (void)state;
    fake_time = (struct fake_time){.wall_s = 1800000000, .monotonic_ms = 1000};
    /* Its clock reads only what nobody changes: the memory's waits move the other one. */
    clocks = (struct clock_source){clock_system.wall_s, clock_system.monotonic_ms, NULL};
    fake_time.wall_s = clock_wall_s(&clocks);
    for (size_t i = 0; i < SERVERS; i++)
        memory_server_open(&servers[i], &fake_time);
    fake_session_opened = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    return fake_session_open == 0 ? 0 : -1;
}

/* Alice is at both servers, Bob at one, Carol at the other. */
static void one_meets_others_at_several_servers(void **state)
{
    (void)state;
    prepare(&alice, "jelly", "from Alice", 0, 2);
    prepare(&bob, "jelly", "from Bob", 0, 1);
    prepare(&carol, "jelly", "from Carol", 1, 1);
    alice.wanted = 2;
    bob.wanted = carol.wanted = 1;
    struct person *people[] = {&alice, &bob, &carol};
    for (size_t i = 0; i < 3; i++)
        start(people[i]);
    run_together(people, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(people[i]->end, -ECANCELED);
    assert_true(saw(&alice, "from Bob") && saw(&alice, "from Carol"));
    assert_true(saw(&bob, "from Alice") && saw(&carol, "from Alice"));
    assert_int_equal(alice.numbers[0], 1);
    assert_int_equal(alice.numbers[1], 2);
    assert_int_equal(alice.reported[SESSION_PLACED], 2);
    for (size_t i = 0; i < 3; i++)
        leave(people[i]);
}

/* Both are at both servers: nothing is common to the sessions, and nobody is told twice. */
static void sessions_at_two_servers_have_nothing_in_common(void **state)
{
    (void)state;
    prepare(&alice, "jelly", "from Alice", 0, 2);
    prepare(&bob, "jelly", "from Bob", 0, 2);
    prepare(&carol, "jelly", "from Carol", 0, 2);
    alice.wanted = bob.wanted = carol.wanted = 2;
    struct person *people[] = {&alice, &bob, &carol};
    for (size_t i = 0; i < 3; i++)
        start(people[i]);
    run_together(people, 3);
    assert_true(saw(&alice, "from Bob") && saw(&alice, "from Carol"));
    for (size_t i = 0; i < servers[0].t1_count; i++)
        for (size_t j = 0; j < servers[1].t1_count; j++) {
            const struct memory_t1 *one = &servers[0].t1s[i], *other = &servers[1].t1s[j];
            assert_memory_not_equal(one->id, other->id, ID_BYTES);
            assert_memory_not_equal(one->key, other->key, WRITE_KEY_BYTES);
        }
    for (size_t i = 0; i < 3; i++)
        leave(people[i]);
}

/* Alice's terminal stands still with Bob's message until Carol has hers: what is sent goes on. */
static void who_does_not_listen_holds_up_nobody(void **state)
{
    (void)state;
    prepare(&alice, "jelly", "from Alice", 0, 1);
    prepare(&bob, "jelly", "from Bob", 0, 1);
    prepare(&carol, "jelly", "from Carol", 0, 1);
    alice.wait_for = &carol.satisfied;
    alice.wanted = carol.wanted = 2;
    bob.wanted = 2;
    alice.settings.keeper = (struct multi_session_keeper){keep, &alice};
    struct person *people[] = {&alice, &bob, &carol};
    for (size_t i = 0; i < 3; i++)
        start(people[i]);
    run_together(people, 3);
    assert_int_equal(alice.count, 2);
    for (size_t i = 0; i < 3; i++)
        leave(people[i]);
}

/* A server that is no more ends its session, and no other. */
static void one_server_that_is_none_is_done_without(void **state)
{
    (void)state;
    servers[1].fail = -EPROTO;
    prepare(&alice, "jelly", "from Alice", 0, 2);
    prepare(&bob, "jelly", "from Bob", 0, 1);
    alice.wanted = bob.wanted = 1;
    struct person *people[] = {&alice, &bob};
    for (size_t i = 0; i < 2; i++)
        start(people[i]);
    run_together(people, 2);
    assert_int_equal(alice.end, -ECANCELED);
    assert_int_equal(alice.reported[SESSION_ENDED], 1);
    for (size_t i = 0; i < 2; i++)
        leave(people[i]);
}

static void all_servers_that_are_none_end_it(void **state)
{
    (void)state;
    servers[0].fail = servers[1].fail = -EPROTO;
    prepare(&alice, "jelly", "from Alice", 0, 2);
    start(&alice);
    run(&alice);
    assert_int_equal(alice.end, -EPROTO);
    assert_int_equal(alice.reported[SESSION_ENDED], 2);
    leave(&alice);
}

/* What was kept of one run, in the hands of the next. */
static void hand_on(struct person *person, uint8_t **kept, size_t *bytes)
{
    *kept = person->kept;
    *bytes = person->kept_bytes;
    person->kept = NULL;
}

static void whoever_returns_is_reported_nothing_twice(void **state)
{
    (void)state;
    uint8_t *kept;
    size_t bytes;
    prepare(&alice, "jelly", "from Alice", 0, 2);
    prepare(&bob, "jelly", "from Bob", 0, 2);
    alice.settings.keeper = (struct multi_session_keeper){keep, &alice};
    alice.wanted = bob.wanted = 1;
    struct person *people[] = {&alice, &bob};
    for (size_t i = 0; i < 2; i++)
        start(people[i]);
    run_together(people, 2);
    hand_on(&alice, &kept, &bytes);
    for (size_t i = 0; i < 2; i++)
        leave(people[i]);
    assert_int_equal(servers[0].t1_count + servers[1].t1_count, 4);

    prepare(&alice, "jelly", "from Alice", 0, 2);
    prepare(&carol, "jelly", "from Carol", 0, 2);
    alice.wanted = carol.wanted = 1; /* Bob is gone */
    people[1] = &carol;
    for (size_t i = 0; i < 2; i++)
        start(people[i]);
    assert_int_equal(multi_session_resume(alice.multi_session, kept, bytes), 0);
    run_together(people, 2);
    assert_true(saw(&alice, "from Carol"));
    assert_false(saw(&alice, "from Bob"));
    assert_int_equal(alice.numbers[0], 2);
    assert_int_equal(servers[0].t1_count + servers[1].t1_count, 6);
    free(kept);
    for (size_t i = 0; i < 2; i++)
        leave(people[i]);
}

static int try_resume(const char *message, size_t first_server, size_t count, const uint8_t *kept,
                      size_t bytes)
{
    prepare(&bob, "jelly", message, first_server, count);
    start(&bob);
    int err = multi_session_resume(bob.multi_session, kept, bytes);
    leave(&bob);
    return err;
}

static void only_what_fits_is_gone_on_with(void **state)
{
    (void)state;
    uint8_t *kept;
    size_t bytes;
    prepare(&alice, "jelly", "from Alice", 0, 1);
    prepare(&carol, "jelly", "from Carol", 0, 1);
    alice.settings.keeper = (struct multi_session_keeper){keep, &alice};
    alice.wanted = carol.wanted = 1;
    struct person *people[] = {&alice, &carol};
    for (size_t i = 0; i < 2; i++)
        start(people[i]);
    run_together(people, 2);
    hand_on(&alice, &kept, &bytes);
    for (size_t i = 0; i < 2; i++)
        leave(people[i]);

    assert_int_equal(try_resume("from Alice", 0, 1, kept, bytes), 0);
    assert_int_equal(try_resume("from Alice", 0, 2, kept, bytes), 0); /* one more server */
    assert_int_equal(try_resume("from Alice", 1, 1, kept, bytes), -EBUSY);
    assert_int_equal(try_resume("from Alicia", 0, 1, kept, bytes), -EPERM);
    for (size_t cut = 0; cut < bytes; cut += cut < 300 ? 1 : 997)
        assert_int_equal(try_resume("from Alice", 0, 1, kept, cut), -EBADMSG);
    kept[7]++;
    assert_int_equal(try_resume("from Alice", 0, 1, kept, bytes), -ENOTSUP);
    free(kept);
}

static void what_cannot_be_kept_is_said(void **state)
{
    (void)state;
    prepare(&alice, "jelly", "from Alice", 0, 1);
    alice.settings.keeper = (struct multi_session_keeper){keep, &alice};
    alice.keep_error = -ENOSPC;
    start(&alice);
    run(&alice);
    assert_int_equal(alice.end, -EIO);
    assert_int_equal(alice.reported[SESSION_UNSAVED], 1);
    assert_int_equal(servers[0].t1_count, 0);
    leave(&alice);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
#define TOGETHER(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TOGETHER(one_meets_others_at_several_servers),
        TOGETHER(sessions_at_two_servers_have_nothing_in_common),
        TOGETHER(who_does_not_listen_holds_up_nobody),
        TOGETHER(one_server_that_is_none_is_done_without),
        TOGETHER(all_servers_that_are_none_end_it),
        TOGETHER(whoever_returns_is_reported_nothing_twice),
        TOGETHER(only_what_fits_is_gone_on_with),
        TOGETHER(what_cannot_be_kept_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
