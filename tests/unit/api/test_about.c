#include "call.h"

#include <stdlib.h>
#include <string.h>

#include "api/metrics.h"
#include "api/openapi.h"
#include "api/route_table.h"
#include "lib/allocation.h"

/* What the server says of itself: its description, its page, its metrics. */

static struct host host;
static struct api api;
static struct call call;
static struct blob document;
static struct metrics *metrics;

static int set_up(void **state)
{
    (void)state;
    host_open(&host);
    call_api(&api, &host);
    assert_int_equal(metrics_new(&metrics, host.service, host.reference, &host.clock, "0"), 0);
    assert_int_equal(openapi_make(&api, &document), 0);
    api.metrics = metrics;
    api.openapi = &document;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    metrics_free(metrics);
    blob_free(&document);
    host_close(&host);
    return 0;
}

static void make_and_count(const char *line, unsigned status, int times)
{
    for (int i = 0; i < times; i++) {
        assert_int_equal(call_make(&call, &api, line, NULL, 0, NULL), status);
        router_count(&call.request);
        request_clear(&call.request);
    }
}

static void assert_reported(const char *line)
{
    struct blob text;
    assert_int_equal(metrics_text(metrics, &text), 0);
    char *copy = strndup((const char *)text.data, text.bytes);
    assert_non_null(copy);
    if (!strstr(copy, line))
        fail_msg("%s is not in\n%s", line, copy);
    free(copy);
    blob_free(&text);
}

static void requests_are_counted_by_route_and_status(void **state)
{
    (void)state;
    make_and_count("GET /v1/server", 200, 33);
    make_and_count("POST /v1/server", 405, 15);
    make_and_count("GET /nothing", 404, 16);
    make_and_count("GET /v1/t1/0", 400, 17);
    assert_reported("\nreunion_requests_total{route=\"about\",status=\"2xx\"} 32\n");
    assert_reported("\nreunion_requests_total{route=\"none\",status=\"4xx\"} 16\n");
    assert_reported("\nreunion_requests_total{route=\"read\",status=\"4xx\"} 16\n");
    assert_reported("\nreunion_requests_total{route=\"about\",status=\"4xx\"} 0\n");
}

static void a_request_without_an_answer_is_not_counted(void **state)
{
    (void)state;
    for (int i = 0; i < METRICS_STEP; i++) {
        call_begin(&call, &api, "GET /v1/server", NULL, 0, NULL);
        router_count(&call.request);
    }
    assert_reported("\nreunion_requests_total{route=\"none\",status=\"2xx\"} 0\n");
}

static void refusals_are_counted_by_problem(void **state)
{
    (void)state;
    for (int i = 0; i < METRICS_STEP; i++) {
        call_begin(&call, &api, "POST /v1/t1", "", 0, NULL);
        call.request.length = RECORD_T1_BYTES + 1;
        assert_int_equal(call_end(&call, NULL, 0), 413);
        router_count(&call.request);
        request_clear(&call.request);
    }
    make_and_count("GET /nothing", 404, METRICS_STEP);
    assert_reported("\nreunion_refused_total{problem=\"too-large\"} 16\n");
    assert_reported("\nreunion_refused_total{problem=\"unavailable\"} 0\n");
}

static void the_text_stands_for_a_minute(void **state)
{
    (void)state;
    assert_reported("\nreunion_requests_total{route=\"about\",status=\"2xx\"} 0\n");
    make_and_count("GET /v1/server", 200, METRICS_STEP);
    host_advance(&host, METRICS_PERIOD_MS / 1000 - 1);
    assert_reported("\nreunion_requests_total{route=\"about\",status=\"2xx\"} 0\n");
    host_advance(&host, 1);
    assert_reported("\nreunion_requests_total{route=\"about\",status=\"2xx\"} 16\n");
}

static void without_metrics_nothing_is_counted(void **state)
{
    (void)state;
    metrics_request(NULL, ROUTE_ABOUT, 200);
    metrics_refusal(NULL, PROBLEM_UNAVAILABLE);
    metrics_free(NULL);
}

/* An answer that there is no memory for is a problem. */
static void assert_unavailable(const char *line)
{
    allocation_fail(0);
    unsigned status = call_make(&call, &api, line, NULL, 0, NULL);
    assert_true(allocation_relent());
    assert_int_equal(status, 503);
    assert_string_equal(call_problem(&call), "unavailable");
    request_clear(&call.request);
}

static void no_memory(void **state)
{
    struct metrics *none = NULL;
    (void)state;
    allocation_fail(0);
    assert_int_equal(metrics_new(&none, host.service, host.reference, &host.clock, "0"), -ENOMEM);
    assert_true(allocation_relent());
    assert_null(none);
    api.routes = route_table_main(true);
    assert_unavailable("GET /metrics");
    assert_unavailable("GET /v1/openapi.json");
}

/* jansson's own allocations. */
static size_t json_left;

static void *json_allocate(size_t bytes)
{
    return json_left == 0 || json_left-- == 1 ? NULL : malloc(bytes);
}

static void no_memory_for_the_document(void **state)
{
    struct blob made = {0};
    size_t failed = 0;
    (void)state;
    /* Their number is in the thousands: all of the first, then ever fewer. */
    json_set_alloc_funcs(json_allocate, free);
    for (size_t allowed = 1;; allowed += 1 + allowed / 64) {
        json_left = allowed;
        int err = openapi_make(&api, &made);
        if (!err)
            break;
        assert_int_equal(err, -ENOMEM);
        failed++;
    }
    json_set_alloc_funcs(malloc, free);
    assert_true(failed > 100);
    assert_int_equal(made.bytes, document.bytes);
    assert_memory_equal(made.data, document.data, made.bytes);
    blob_free(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(requests_are_counted_by_route_and_status, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_request_without_an_answer_is_not_counted, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(refusals_are_counted_by_problem, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_text_stands_for_a_minute, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_metrics_nothing_is_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_memory_for_the_document, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
