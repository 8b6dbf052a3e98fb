#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "group/delivery.h"
#include "lib/allocation.h"
#include "lib/database.h"
#include "store/sqlite.h"
#include "unit/api/call.h"

/* A server's whole life but for its sockets: start, posts, reads, feeds, cold buckets, expiry,
 * stop. It is lived again and again, each time with another allocation that fails, those of SQLite
 * and of the JSON library among them. What was acknowledged is there, whatever fails; what cannot
 * be done is answered by 503; and nothing is lost to the leak checkers. */

enum {
    LIFETIME_S = 86400,
    WINDOW_S = 3600,
    CACHE_BYTES = 20000,
    ACKNOWLEDGED_MAX = 16,
    SQLITE_STEP = 40
};

static char path[64];
static struct host host;
static struct api api;

/* Acknowledged T1s. */
static struct host_t1 stands[ACKNOWLEDGED_MAX];
static size_t stand_count;

/* Libraries that have an allocator of their own use the one that fails */

/* The real ones, where the linker's --wrap puts another in their place. */
void *__real_malloc(size_t bytes);
void *__real_realloc(void *old, size_t bytes);

/* Whether SQLite's allocations are among those that may fail. */
static bool with_sqlite;

static int whole_size(void *memory)
{
    return (int)((size_t *)memory)[-2];
}

static void *sized_malloc(int bytes)
{
    size_t all = (size_t)bytes + 2 * sizeof(size_t);
    size_t *memory = with_sqlite ? malloc(all) : __real_malloc(all);
    if (!memory)
        return NULL;
    memory[0] = (size_t)bytes;
    return memory + 2;
}

static void sized_free(void *memory)
{
    free((size_t *)memory - 2);
}

static void *sized_realloc(void *old, int bytes)
{
    size_t all = (size_t)bytes + 2 * sizeof(size_t), *from = (size_t *)old - 2;
    size_t *memory = with_sqlite ? realloc(from, all) : __real_realloc(from, all);
    if (!memory)
        return NULL;
    memory[0] = (size_t)bytes;
    return memory + 2;
}

static int rounded(int bytes)
{
    return (bytes + 7) & ~7;
}

static int begin(void *context)
{
    (void)context;
    return SQLITE_OK;
}

static void finish(void *context)
{
    (void)context;
}

static void *json_alloc(size_t bytes)
{
    return malloc(bytes);
}

static void hook_libraries(void)
{
    static const sqlite3_mem_methods methods = {sized_malloc, sized_free, sized_realloc, whole_size,
                                                rounded,      begin,      finish,        NULL};
    INVARIANT(sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK);
    json_set_alloc_funcs(json_alloc, free);
}

/* Requests */

static unsigned ask(const char *line, const void *body, size_t bytes, const char *key)
{
    struct call call;
    unsigned status = call_make(&call, &api, line, body, bytes, key);
    request_clear(&call.request);
    return status;
}

/* One that is refused for want of memory is asked again: only one allocation fails. */
static void must_give(unsigned wanted, const char *line, const void *body, size_t bytes,
                      const char *key)
{
    unsigned status = ask(line, body, bytes, key);
    if (status == 503)
        status = ask(line, body, bytes, key);
    if (status != wanted)
        print_error("%s: %u\n", line, status);
    assert_int_equal(status, wanted);
}

static const char key[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

static void join(uint8_t fill)
{
    struct host_t1 *t1 = &stands[stand_count];
    memset(t1->bytes, fill, sizeof t1->bytes);
    post_t1_id(t1->id, t1->bytes);
    /* The answer to a repeated post may be that it stands: the first one's answer was lost. */
    unsigned status = ask("POST /v1/t1", t1->bytes, sizeof t1->bytes, key);
    if (status == 503)
        status = ask("POST /v1/t1", t1->bytes, sizeof t1->bytes, key);
    assert_true(status == 201 || status == 200);
    stand_count++;
}

static void check_stands(void)
{
    for (size_t i = 0; i < stand_count; i++) {
        char line[100] = "GET /v1/t1/", digits[2 * ID_BYTES + 1];
        struct call call;
        hex_encode(digits, stands[i].id, ID_BYTES);
        strcat(line, digits);
        unsigned status = call_make(&call, &api, line, NULL, 0, NULL);
        if (status == 503) {
            request_clear(&call.request);
            status = call_make(&call, &api, line, NULL, 0, NULL);
        }
        assert_int_equal(status, 200);
        assert_int_equal(call.request.reply.body.bytes, RECORD_T1_BYTES);
        assert_memory_equal(call.request.reply.body.data, stands[i].bytes, RECORD_T1_BYTES);
        request_clear(&call.request);
    }
}

/* Of the bucket in which a T1 stands. */
static void link_of(const struct host_t1 *t1, char *bucket_hash)
{
    uint8_t bytes[RECORD_T1_BYTES], binary[ID_BYTES];
    int err = service_t1(host.service, t1->id, bytes, binary, NULL);
    if (err == -ENOMEM || err == -EIO)
        err = service_t1(host.service, t1->id, bytes, binary, NULL);
    assert_int_equal(err, 0);
    hex_encode(bucket_hash, binary, ID_BYTES);
}

static void exchange_records(const char *bucket_hash)
{
    uint8_t record[RECORD_ADDRESSED_BYTES] = {0};
    char line[120];
    memcpy(record, stands[0].id, ID_BYTES);
    memcpy(record + ID_BYTES, stands[1].id, ID_BYTES);
    for (int kind = 2; kind <= 3; kind++) {
        snprintf(line, sizeof line, "POST /v1/buckets/%s/t%d", bucket_hash, kind);
        must_give(200, line, record, sizeof record, key);
        snprintf(line, sizeof line, "GET /v1/buckets/%s/t%d", bucket_hash, kind);
        must_give(200, line, NULL, 0, NULL);
    }
}

static void read_bucket(const char *bucket_hash)
{
    static const char *const parts[] = {"", "/t1", "/feed", "/feed?wait=1"};
    char line[120];
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        snprintf(line, sizeof line, "GET /v1/buckets/%s%s", bucket_hash, parts[i]);
        must_give(200, line, NULL, 0, NULL);
    }
}

static void use_reference_endpoints(void)
{
    uint8_t t1[RECORD_T1_BYTES] = {7}, t2[RECORD_UNADDRESSED_BYTES] = {0};
    post_t1_id(t2, t1);
    must_give(200, "POST /t1", t1, sizeof t1, NULL);
    must_give(200, "POST /t2", t2, sizeof t2, NULL);
    must_give(200, "GET /t1", NULL, 0, NULL);
    must_give(200, "GET /t2", NULL, 0, NULL);
}

/* Private links. A bucket of them is named by the answer to a post alone. */

static char links_path[80];

static void leave_link(uint8_t fill)
{
    static const char begin[] = "\"link\":\"";
    uint8_t blob[LINK_BLOB_BYTES];
    struct call call;
    memset(blob, fill, sizeof blob);
    for (unsigned status = 503; status == 503;) {
        status = call_make(&call, &api, "POST /v1/links", blob, sizeof blob, NULL);
        assert_true(status == 201 || status == 200 || status == 503);
        const struct blob *body = &call.request.reply.body;
        const char *found =
            status == 503 ? NULL : memmem(body->data, body->bytes, begin, sizeof begin - 1);
        if (found)
            snprintf(links_path, sizeof links_path, "/v1/links/%.*s", 2 * ID_BYTES,
                     found + sizeof begin - 1);
        assert_true(found || status == 503);
        request_clear(&call.request);
    }
}

static void check_link(uint8_t fill)
{
    uint8_t blob[LINK_BLOB_BYTES];
    char line[100];
    struct call call;
    memset(blob, fill, sizeof blob);
    snprintf(line, sizeof line, "GET %s", links_path);
    for (unsigned status = 503; status == 503; request_clear(&call.request)) {
        status = call_make(&call, &api, line, NULL, 0, NULL);
        const struct blob *body = &call.request.reply.body;
        assert_true(status == 503 || (body->bytes == LINK_BUCKET_BYTES &&
                                      memmem(body->data, body->bytes, blob, sizeof blob)));
    }
}

/* A mailbox, and a copy in it */

static uint8_t copy[COPY_BYTES];

static void mailbox_line(char *line, const char *method, const char *rest)
{
    uint8_t read_key[READ_KEY_BYTES], id[MAILBOX_ID_BYTES];
    char digits[2 * MAILBOX_ID_BYTES + 1];
    INVARIANT(hex_decode(read_key, sizeof read_key, key) == 0);
    service_mailbox_id(id, read_key);
    hex_encode(digits, id, sizeof id);
    sprintf(line, "%s /v1/mailboxes/%s%s", method, digits, rest);
}

static void fill_mailbox(void)
{
    const struct service_settings settings = host_settings_with_mailboxes();
    const uint8_t ephemeral[GROUP_KEY_BYTES] = {7};
    uint8_t read_key[READ_KEY_BYTES], id[MAILBOX_ID_BYTES];
    uint8_t token[GROUP_TOKEN_BYTES], delivery[GROUP_DELIVERY_BYTES];
    /* The answer to a repeated opening may be that it stands: the first one's answer was lost. */
    unsigned status = ask("POST /v1/mailboxes", NULL, 0, key);
    if (status == 503)
        status = ask("POST /v1/mailboxes", NULL, 0, key);
    assert_true(status == 201 || status == 200);
    INVARIANT(hex_decode(read_key, sizeof read_key, key) == 0);
    service_mailbox_id(id, read_key);
    INVARIANT(group_token_make(token, id, settings.box_public, ephemeral) == 0);
    memset(copy, 'c', sizeof copy);
    memcpy(copy, token, COPY_R_BYTES);
    INVARIANT(group_delivery_make(delivery, token, copy, settings.box_public, ephemeral) == 0);
    must_give(204, "POST /v1/deliveries", delivery, sizeof delivery, NULL);
}

static void check_mailbox(void)
{
    char line[120];
    struct call call;
    mailbox_line(line, "GET", "");
    for (unsigned status = 503; status == 503; request_clear(&call.request)) {
        status = call_make(&call, &api, line, NULL, 0, key);
        const struct blob *body = &call.request.reply.body;
        assert_true(status == 503 || (status == 200 && body->bytes == COPY_BYTES &&
                                      memcmp(body->data, copy, COPY_BYTES) == 0));
    }
}

static void empty_mailbox(void)
{
    char line[120];
    mailbox_line(line, "DELETE", "/copies?to=00ffffffffffffff");
    must_give(204, line, NULL, 0, key);
    mailbox_line(line, "DELETE", "");
    must_give(204, line, NULL, 0, key);
    mailbox_line(line, "GET", "");
    must_give(410, line, NULL, 0, key);
}

/* A life */

static void live(void)
{
    char bucket_hash[2 * ID_BYTES + 1];
    stand_count = 0;
    join(1);
    join(2);
    link_of(&stands[0], bucket_hash);
    exchange_records(bucket_hash);
    read_bucket(bucket_hash);
    use_reference_endpoints();
    leave_link(1);
    check_link(1);
    fill_mailbox();
    check_mailbox();
    /* A new bucket, in which memory has no room for the old one. */
    host_advance(&host, WINDOW_S);
    for (uint8_t fill = 10; fill < 14; fill++)
        join(fill);
    read_bucket(bucket_hash);
    check_link(1);
    leave_link(2);
    must_give(200, "GET /v1/buckets", NULL, 0, NULL);
    must_give(200, "GET /healthz", NULL, 0, NULL);
    must_give(200, "GET /v1/server", NULL, 0, NULL);
    check_stands();
}

static void die(void)
{
    host_advance(&host, 2 * LIFETIME_S);
    host_close(&host);
}

/* Start on the file as it is. Returns: 0, -ENOMEM. */
static int be_born(void)
{
    struct service_settings settings = host_settings_with_mailboxes();
    struct store *store;
    settings.rules.cache_bytes_max = CACHE_BYTES;
    settings.feed_bytes_max = 1 << 16;
    int err = store_sqlite_open(&store, path);
    if (!err)
        err = host_open_on(&host, &settings, store);
    if (err)
        return err;
    call_api(&api, &host);
    return 0;
}

/* What failed for want of memory can be tried again, on what it has left behind. */
static void be_born_at_last(void)
{
    int err = be_born();
    if (err) {
        /* SQLite tells some of it as an input or output error. */
        assert_true(err == -ENOMEM || err == -EIO);
        err = be_born();
    }
    assert_int_equal(err, 0);
}

static void restart(void)
{
    host_close(&host);
    be_born_at_last();
}

/* Live with the allocation of that number failing. Returns: whether there was one. */
static bool live_without(size_t which)
{
    database_remove(path);
    allocation_fail(which);
    be_born_at_last();
    live();
    restart();
    check_stands();
    check_link(2);
    check_mailbox();
    empty_mailbox();
    bool happened = allocation_relent();
    check_stands();
    die();
    return happened;
}

static void any_allocation_of_the_server_may_fail(void **state)
{
    size_t which = 0;
    (void)state;
    with_sqlite = false;
    while (live_without(which))
        which++;
    print_message("%zu allocations\n", which);
    assert_true(which > 100);
}

/* There are thousands of them, so some are drawn. */
static void any_allocation_of_sqlite_may_fail(void **state)
{
    struct seeded seeded = seeded_open();
    size_t which = 0, lives = 0;
    (void)state;
    with_sqlite = true;
    for (; live_without(which); lives++)
        which += 1 + seeded_below(&seeded, (size_t)2 * SQLITE_STEP);
    print_message("%zu of %zu allocations\n", lives, which);
    assert_true(lives > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_allocation_of_the_server_may_fail),
        cmocka_unit_test(any_allocation_of_sqlite_may_fail),
    };
    const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(path, sizeof path, "%s/reunion-life-%d.db", place, (int)getpid());
    hook_libraries();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    database_remove(path);
    return failed;
}
