#include "api/route_table.h"

#include "api/routes.h"

/* clang-format off */
static const struct route routes[] = {
    {.method = METHOD_GET, .path = "/", .handle = page_get, .class = ROUTE_ABOUT},
    {.method = METHOD_GET, .path = "/page/page.css", .handle = client_part_get,
     .class = ROUTE_ABOUT, .of_page = true},
    {.method = METHOD_GET, .path = "/page/page.js", .handle = client_part_get,
     .class = ROUTE_ABOUT, .of_page = true},
    {.method = METHOD_GET, .path = "/page/worker.js", .handle = client_part_get,
     .class = ROUTE_ABOUT, .of_page = true},
    {.method = METHOD_GET, .path = "/page/reunion.wasm", .handle = client_part_get,
     .class = ROUTE_ABOUT, .of_page = true},
    {.method = METHOD_GET, .path = "/page/reunion-simd.wasm", .handle = client_part_get,
     .class = ROUTE_ABOUT, .of_page = true},
    {.method = METHOD_GET, .path = "/healthz", .handle = health_get, .begin = post_begin,
     .finish = health_finish, .class = ROUTE_ABOUT},
    {.method = METHOD_GET, .path = "/v1/server", .handle = server_get, .class = ROUTE_ABOUT},
    {.method = METHOD_GET, .path = "/v1/openapi.json", .handle = openapi_get, .class = ROUTE_ABOUT},

    {.method = METHOD_POST, .path = "/v1/t1", .handle = t1_post, .begin = post_begin,
     .finish = t1_post_finish, .class = ROUTE_POST, .body = BODY_T1,
     .parameters = {"bucket", "place"}},
    {.method = METHOD_GET, .path = "/v1/t1/{}", .handle = t1_get, .class = ROUTE_READ},

    {.method = METHOD_GET, .path = "/v1/buckets", .handle = buckets_get, .class = ROUTE_READ,
     .parameters = {"after", "place"}},
    {.method = METHOD_GET, .path = "/v1/buckets/{}", .handle = bucket_get, .class = ROUTE_READ},
    {.method = METHOD_GET, .path = "/v1/buckets/{}/t1", .handle = bucket_t1s_get,
     .class = ROUTE_READ},
    {.method = METHOD_GET, .path = "/v1/buckets/{}/stamps", .handle = bucket_stamps_get,
     .class = ROUTE_READ},
    {.method = METHOD_GET, .path = "/v1/buckets/{}/t2", .handle = records_get, .class = ROUTE_READ,
     .kind = RECORD_T2, .parameters = {"to", "after"}},
    {.method = METHOD_POST, .path = "/v1/buckets/{}/t2", .handle = records_post,
     .begin = post_begin, .finish = records_post_finish, .class = ROUTE_POST,
     .body = BODY_RECORDS, .kind = RECORD_T2},
    {.method = METHOD_GET, .path = "/v1/buckets/{}/t3", .handle = records_get, .class = ROUTE_READ,
     .kind = RECORD_T3, .parameters = {"to", "after"}},
    {.method = METHOD_POST, .path = "/v1/buckets/{}/t3", .handle = records_post,
     .begin = post_begin, .finish = records_post_finish, .class = ROUTE_POST,
     .body = BODY_RECORDS, .kind = RECORD_T3},
    {.method = METHOD_GET, .path = "/v1/buckets/{}/feed", .handle = feed_get, .begin = feed_begin,
     .finish = feed_finish, .abandon = feed_abandon, .class = ROUTE_FEED,
     .parameters = {"after", "wait"}},

    {.method = METHOD_POST, .path = "/v1/links", .handle = link_post, .begin = post_begin,
     .finish = link_post_finish, .class = ROUTE_POST, .body = BODY_LINK},
    {.method = METHOD_GET, .path = "/v1/links", .handle = links_current, .class = ROUTE_READ},
    {.method = METHOD_GET, .path = "/v1/links/{}", .handle = links_get, .class = ROUTE_READ},

    {.method = METHOD_POST, .path = "/v1/mailboxes", .handle = mailbox_post, .begin = post_begin,
     .finish = mailbox_post_finish, .class = ROUTE_POST, .of_mailboxes = true},
    {.method = METHOD_GET, .path = "/v1/mailboxes/{}", .id_bytes = MAILBOX_ID_BYTES,
     .handle = mailbox_get, .begin = mailbox_begin, .finish = mailbox_get_finish,
     .abandon = feed_abandon, .class = ROUTE_FEED, .parameters = {"after", "wait"},
     .of_mailboxes = true},
    {.method = METHOD_DELETE, .path = "/v1/mailboxes/{}", .id_bytes = MAILBOX_ID_BYTES,
     .handle = mailbox_delete, .begin = post_begin, .finish = mailbox_change_finish,
     .class = ROUTE_POST, .of_mailboxes = true},
    {.method = METHOD_DELETE, .path = "/v1/mailboxes/{}/copies", .id_bytes = MAILBOX_ID_BYTES,
     .handle = copies_delete, .begin = post_begin, .finish = mailbox_change_finish,
     .class = ROUTE_POST, .parameters = {"to"}, .of_mailboxes = true},
    {.method = METHOD_POST, .path = "/v1/deliveries", .handle = delivery_post,
     .begin = post_begin, .finish = mailbox_change_finish, .class = ROUTE_POST,
     .body = BODY_DELIVERY, .of_mailboxes = true},

    {.method = METHOD_GET, .path = "/t1", .handle = reference_get, .class = ROUTE_REFERENCE,
     .kind = RECORD_T1},
    {.method = METHOD_POST, .path = "/t1", .handle = reference_post, .begin = post_begin,
     .finish = reference_post_finish, .class = ROUTE_REFERENCE, .body = BODY_REFERENCE,
     .kind = RECORD_T1},
    {.method = METHOD_GET, .path = "/t2", .handle = reference_get, .class = ROUTE_REFERENCE,
     .kind = RECORD_T2},
    {.method = METHOD_POST, .path = "/t2", .handle = reference_post, .begin = post_begin,
     .finish = reference_post_finish, .class = ROUTE_REFERENCE, .body = BODY_REFERENCE,
     .kind = RECORD_T2},
    {.method = METHOD_GET, .path = "/t3", .handle = reference_get, .class = ROUTE_REFERENCE,
     .kind = RECORD_T3},
    {.method = METHOD_POST, .path = "/t3", .handle = reference_post, .begin = post_begin,
     .finish = reference_post_finish, .class = ROUTE_REFERENCE, .body = BODY_REFERENCE,
     .kind = RECORD_T3},

    /* The last, so that the others are a table, too. */
    {.method = METHOD_GET, .path = "/metrics", .handle = metrics_get, .class = ROUTE_ABOUT},
};
/* clang-format on */

enum { ROUTES = sizeof routes / sizeof routes[0] };

struct route_table route_table_main(bool with_metrics)
{
    return (struct route_table){routes, with_metrics ? ROUTES : ROUTES - 1};
}

struct route_table route_table_metrics(void)
{
    return (struct route_table){&routes[ROUTES - 1], 1};
}
