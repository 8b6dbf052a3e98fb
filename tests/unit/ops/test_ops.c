#include "asking.h"

#include <string.h>

#include "lib/allocation.h"

static struct host host;
static struct ops ops;
static struct ops_call call, other;
static struct ops_answer answer, others_answer;
static struct host_t1 ada, bob;

static int set_up(void **state)
{
    (void)state;
    host_open(&host);
    asking_ops(&ops, &host);
    host_t1(&ada);
    host_t1(&bob);
    assert_int_equal(host_join(&host, &ada, NULL), POST_STORED);
    assert_int_equal(host_join(&host, &bob, NULL), POST_STORED);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    host_close(&host);
    return 0;
}

static struct op_request feed_of(const struct host_t1 *t1, const uint8_t *cursor, uint8_t wait_s)
{
    static const uint8_t none[OP_CURSOR_BYTES];
    return (struct op_request){
        .op = OP_FEED, .feed = {t1->bucket.bucket_hash, cursor ? cursor : none, wait_s, t1->id}};
}

/* Bounds */

/* A field of a request: an id of something that stands, or of nothing. */
static void fill_field(struct seeded *seeded, uint8_t *field, size_t bytes)
{
    const uint8_t *ids[] = {ada.id, bob.id, ada.bucket.bucket_hash};
    size_t which = seeded_below(seeded, 5);
    if (bytes >= ID_BYTES && which < 3) {
        memcpy(field, ids[which], ID_BYTES);
        return;
    }
    for (size_t i = 0; i < bytes; i++)
        field[i] = which == 3 ? 0 : (uint8_t)seeded_next(seeded);
}

static void every_answer_has_its_bound_whatever_is_asked(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    for (int i = 0; i < 4000; i++) {
        uint8_t q[OPS_Q_BYTES_MAX] = {(uint8_t)seeded_below(&seeded, 22)};
        static const size_t lengths[] = {0,   32,  33,  64,  81,  160, 224,
                                         272, 288, 400, 401, 512, 656, 1165};
        size_t bytes = lengths[seeded_below(&seeded, sizeof lengths / sizeof lengths[0])];
        for (size_t at = 0; at < bytes; at += ID_BYTES)
            fill_field(&seeded, q + 1 + at, bytes - at < ID_BYTES ? bytes - at : (size_t)ID_BYTES);
        if (q[0] == OP_FEED)
            q[1 + ID_BYTES + OP_CURSOR_BYTES] = 0; /* the wait */
        (void)asking(&call, &ops, q, 1 + bytes, i % 2 ? P_LONG : P_SHORT, &answer);
    }
}

static void what_is_for_a_mix_has_no_answer(void **state)
{
    (void)state;
    const uint8_t q[1 + OP_MIX_PACKET_BYTES] = {OP_MIX};
    for (size_t bytes = 1; bytes <= sizeof q; bytes += sizeof q - 1)
        assert_int_equal(asking_begin(&call, &ops, q, bytes, P_LONG, &answer), OPS_DROP);
}

/* Records */

static void outcomes_stand_at_their_records(void **state)
{
    (void)state;
    static const uint8_t key[WRITE_KEY_BYTES] = "ada's";
    struct host_t1 eve;
    host_t1(&eve);
    post_key_hash(eve.key_hash, key);
    assert_int_equal(host_join(&host, &eve, NULL), POST_STORED);
    uint8_t records[4 * OP_ADDRESSED_BYTES] = {0};
    memcpy(records, ada.id, ID_BYTES);
    memcpy(records + OP_ADDRESSED_BYTES, eve.id, ID_BYTES);
    memcpy(records + 2 * OP_ADDRESSED_BYTES, ada.id, ID_BYTES);
    struct op_request request = {
        .op = OP_POST_T2S, .post_records = {key, eve.id, eve.bucket.bucket_hash, {records, 3}}};
    struct op_answer apart = asking_request(&call, &ops, &request, &answer);
    assert_int_equal(apart.status, OP_SUCCESS);
    assert_int_equal(apart.outcomes.count, 3);
    assert_memory_equal(apart.outcomes.bytes, ((uint8_t[]){0, 2, 1}), 3);
    request.post_records.records.count = 4; /* than which three are allowed */
    assert_int_equal(asking_request(&call, &ops, &request, &answer).status, OP_MALFORMED);
}

static void what_cannot_be_stored_is_not_answered_with_success(void **state)
{
    (void)state;
    struct host_t1 eve;
    static const uint8_t key[WRITE_KEY_BYTES] = "k", none[ID_BYTES];
    host_t1(&eve);
    const struct op_request request = {.op = OP_POST_T1,
                                       .post_t1 = {key, none, eve.bytes, none, none}};
    failing_store_fail(host.store, -EIO);
    struct op_answer apart = asking_request(&call, &ops, &request, &answer);
    assert_int_equal(apart.status, OP_NOT_NOW);
    assert_int_equal(apart.retry_after_s, 1);
    failing_store_fail(host.store, 0);
    assert_int_equal(asking_request(&call, &ops, &request, &answer).status, OP_SUCCESS);
}

/* Feeds */

/* Read to the end. Returns: how many frames; the cursor stays in `cursor`. */
static size_t read_all(const struct host_t1 *t1, uint8_t cursor[static OP_CURSOR_BYTES],
                       const uint8_t *after)
{
    size_t count = 0, frames;
    memset(cursor, 0, OP_CURSOR_BYTES);
    if (after)
        memcpy(cursor, after, OP_CURSOR_BYTES);
    do {
        const struct op_request request = feed_of(t1, cursor, 0);
        struct op_answer apart = asking_request(&call, &ops, &request, &answer);
        assert_int_equal(apart.status, OP_SUCCESS);
        struct cursor at = cursor_over(apart.feed.frames.bytes, apart.feed.frames.count);
        struct frame frame;
        for (frames = 0; op_frame_take(&at, &frame) == 0;)
            frames++;
        memcpy(cursor, apart.feed.cursor, OP_CURSOR_BYTES);
        count += frames;
    } while (frames > 0);
    return count;
}

static void a_cursor_is_one_feeds_alone(void **state)
{
    (void)state;
    uint8_t of_ada[OP_CURSOR_BYTES], of_bob[OP_CURSOR_BYTES], cursor[OP_CURSOR_BYTES];
    assert_int_equal(read_all(&ada, of_ada, NULL), 2);
    assert_int_equal(read_all(&bob, of_bob, NULL), 2);
    assert_memory_not_equal(of_ada, of_bob, OP_CURSOR_BYTES);
    assert_int_equal(read_all(&ada, cursor, of_ada), 0);
    assert_memory_equal(cursor, of_ada, OP_CURSOR_BYTES);
    assert_int_equal(read_all(&ada, cursor, of_bob), 2);
    struct seeded seeded = seeded_open();
    for (int i = 0; i < 200; i++) {
        for (size_t at = 0; at < OP_CURSOR_BYTES; at++)
            of_bob[at] = (uint8_t)seeded_next(&seeded);
        assert_int_equal(read_all(&ada, cursor, of_bob), 2);
    }
    for (unsigned bit = 0; bit < 8 * OP_CURSOR_BYTES; bit++) {
        memcpy(of_bob, of_ada, OP_CURSOR_BYTES);
        of_bob[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(read_all(&ada, cursor, of_bob), 2);
    }
}

/* Begin to wait for what is new, with nothing there yet. */
static void begin_waiting(struct ops_call *waiting, struct ops_answer *its, uint8_t wait_s)
{
    uint8_t cursor[OP_CURSOR_BYTES], q[OPS_Q_BYTES_MAX];
    size_t bytes;
    read_all(&ada, cursor, NULL);
    const struct op_request request = feed_of(&ada, cursor, wait_s);
    assert_int_equal(op_request_encode(q, sizeof q, &bytes, &request), 0);
    assert_int_equal(asking_begin(waiting, &ops, q, bytes, P_LONG, its), OPS_WAIT);
    ops_begin(waiting);
}

static size_t waiting_now(void)
{
    return service_counts(host.service).waiting;
}

static void a_wait_goes_on_after_what_is_for_somebody_else(void **state)
{
    (void)state;
    struct post post;
    begin_waiting(&other, &others_answer, 60);
    assert_int_equal(waiting_now(), 1);
    assert_int_equal(host_send(&host, &ada, &bob, RECORD_T2, 1, ada.bucket.bucket_hash, &post),
                     POST_STORED);
    assert_int_equal(asking_wait(&other, &others_answer), OPS_WAIT);
    ops_begin(&other);
    assert_int_equal(host_send(&host, &bob, &ada, RECORD_T3, 2, ada.bucket.bucket_hash, &post),
                     POST_STORED);
    assert_int_equal(asking_wait(&other, &others_answer), OPS_ANSWER);
    assert_int_equal(others_answer.bytes, 1 + OP_CURSOR_BYTES + 1 + RECORD_UNADDRESSED_BYTES);
    assert_int_equal(others_answer.p[1 + OP_CURSOR_BYTES], RECORD_T3);
    assert_memory_equal(others_answer.p + 2 + OP_CURSOR_BYTES, bob.id, ID_BYTES);
}

static void a_wait_ends_at_its_time_when_asked_to_and_with_the_server(void **state)
{
    (void)state;
    begin_waiting(&other, &others_answer, 200); /* of which 60 are allowed */
    host_advance(&host, 59);
    assert_int_equal(waiting_now(), 1);
    host_advance(&host, 1);
    assert_int_equal(asking_wait(&other, &others_answer), OPS_ANSWER);
    assert_int_equal(others_answer.bytes, 1 + OP_CURSOR_BYTES);
    begin_waiting(&other, &others_answer, 60);
    ops_end_wait(&other);
    assert_int_equal(asking_wait(&other, &others_answer), OPS_ANSWER);
    assert_int_equal(others_answer.bytes, 1 + OP_CURSOR_BYTES);
    begin_waiting(&other, &others_answer, 60);
    atomic_store(&ops.stops, true);
    service_end_waits(host.service);
    assert_int_equal(asking_wait(&other, &others_answer), OPS_ANSWER);
    uint8_t cursor[OP_CURSOR_BYTES];
    read_all(&ada, cursor, NULL);
    const struct op_request request = feed_of(&ada, cursor, 60);
    assert_int_equal(asking_request(&call, &ops, &request, &answer).status, OP_SUCCESS);
}

static void one_more_than_may_wait_is_told_to_come_again(void **state)
{
    (void)state;
    static struct ops_call waiting[4];
    for (size_t i = 0; i < 4; i++)
        begin_waiting(&waiting[i], &others_answer, 60);
    assert_int_equal(asking_wait(&waiting[3], &others_answer), OPS_ANSWER);
    assert_int_equal(others_answer.status, OP_NOT_NOW);
    service_end_waits(host.service);
    atomic_store(&ops.stops, true);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(asking_wait(&waiting[i], &others_answer), OPS_ANSWER);
}

/* Memory */

/* Ask again and again, with one allocation after the other failing. Returns: how many did. */
static size_t fail_each(const struct op_request *request)
{
    for (size_t which = 0;; which++) {
        allocation_fail(which);
        enum op_status status = asking_request(&call, &ops, request, &answer).status;
        bool failed = allocation_relent();
        assert_true(status == OP_SUCCESS || status == OP_NOT_NOW);
        if (!failed) {
            assert_int_equal(status, OP_SUCCESS);
            return which;
        }
    }
}

static void without_memory_it_is_not_now(void **state)
{
    (void)state;
    static const uint8_t none[ID_BYTES], key[WRITE_KEY_BYTES] = "k";
    static uint8_t blob[LINK_BLOB_BYTES];
    struct host_t1 eve;
    host_t1(&eve);
    memset(blob, 'l', sizeof blob);
    const struct op_request requests[] = {
        feed_of(&ada, NULL, 0),
        {.op = OP_READ_STAMPS, .read_t1s = {ada.bucket.bucket_hash, none}},
        {.op = OP_POST_T1, .post_t1 = {key, none, eve.bytes, none, none}},
        {.op = OP_POST_LINK, .post_link = {blob, none}},
    };
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
        assert_true(fail_each(&requests[i]) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_answer_has_its_bound_whatever_is_asked, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_for_a_mix_has_no_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(outcomes_stand_at_their_records, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_stored_is_not_answered_with_success, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_cursor_is_one_feeds_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_wait_goes_on_after_what_is_for_somebody_else, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_wait_ends_at_its_time_when_asked_to_and_with_the_server,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_more_than_may_wait_is_told_to_come_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(without_memory_it_is_not_now, set_up, tear_down),
    };
    allocation_hook_libcrypto();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
