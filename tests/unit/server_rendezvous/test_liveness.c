#include "base/owner_of.h"
#include "lib/test.h"

#include <semaphore.h>

#include "api/route_table.h"
#include "lib/host.h"
#include "rendezvous/liveness.h"

enum { PATIENCE_MS = 240000, MOMENT_MS = 10 };

static struct host host;
static struct budget bodies = {.limit = 1 << 20};
static struct api api;
static struct listener *listener;
static struct liveness liveness;

static int set_up(void **state)
{
    const struct listener_settings settings = {
        .threads = 2,
        .connections_max = 1,
        .connection_bytes = 16384,
        .idle_s_max = 30,
        .request_ms_max = 30000,
        .answer_ms_max = 30000,
        /* Which are not for the server itself. */
        .rates = {.client = {[RATE_OTHER] = {.per_minute = 60, .burst = 1, .clients_max = 8}}},
        .client_connections_max = 1,
        .client_waits_max = 1,
        .waits_max = 1,
    };
    (void)state;
    host_open(&host);
    api = (struct api){.routes = route_table_main(false),
                       .service = host.service,
                       .bodies = &bodies,
                       .server = {.name = "reunion-server", .version = "0"}};
    assert_int_equal(listener_new(&listener, &api, &settings, &clock_system, &random_system), 0);
    assert_int_equal(listener_start(listener), 0);
    liveness_init(&liveness, host.service, listener);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    listener_close(listener);
    host_close(&host);
    liveness_free(&liveness);
    return 0;
}

static void every_thread_answers(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        assert_true(liveness_check(&liveness, PATIENCE_MS));
}

static void a_full_disk_is_no_death(void **state)
{
    (void)state;
    failing_store_fail(host.store, -ENOSPC);
    assert_true(liveness_check(&liveness, PATIENCE_MS));
}

/* A post whose completion does not return keeps the writer's thread. */
struct stopper {
    struct post post;
    sem_t reached, go_on;
};

static void stop_here(struct post *post)
{
    struct stopper *stopper = OWNER_OF(post, struct stopper, post);
    sem_post(&stopper->reached);
    while (sem_wait(&stopper->go_on))
        ;
}

static void a_writer_that_stands_still_is_noticed(void **state)
{
    struct stopper stopper = {.post = {.kind = &post_probe, .done = stop_here}};
    (void)state;
    sem_init(&stopper.reached, 0, 0);
    sem_init(&stopper.go_on, 0, 0);
    assert_int_equal(service_submit(host.service, &stopper.post), 0);
    while (sem_wait(&stopper.reached))
        ;
    assert_false(liveness_check(&liveness, MOMENT_MS));
    assert_false(liveness_check(&liveness, MOMENT_MS));
    sem_post(&stopper.go_on);
    assert_true(liveness_check(&liveness, PATIENCE_MS));
    sem_destroy(&stopper.reached);
    sem_destroy(&stopper.go_on);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_thread_answers),
        TEST(a_full_disk_is_no_death),
        TEST(a_writer_that_stands_still_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
