#include "lib/posted_t1.h"
#include "lib/test.h"

#include <stdlib.h>
#include <string.h>

#include "json/v1_json.h"

static const struct v1_server server = {
    .name = "reunion-server",
    .version = "0.1.0",
    .bucket_capacity = 64,
    .open_window_s = 3600,
    .lifetime_s = 86400,
    .salt = {0xab, [31] = 0xcd},
    .wait_s_max = 60,
    .records_per_post_max = 4096,
    .records_per_sender_max = 16384,
    .feed_answer_bytes_max = 262144,
    .reference_buckets = 8,
    .reference_body_bytes_max = 4194304,
};
static const char server_text[] =
    "{\"name\":\"reunion-server\",\"version\":\"0.1.0\","
    "\"record_bytes\":{\"t1\":288,\"t2\":96,\"t3\":96},"
    "\"bucket_capacity\":64,\"open_window_s\":3600,\"lifetime_s\":86400,"
    "\"salt\":\"ab000000000000000000000000000000000000000000000000000000000000cd\","
    "\"limits\":{\"wait_s_max\":60,\"records_per_post_max\":4096,"
    "\"records_per_sender_max\":16384,\"feed_answer_bytes_max\":262144,"
    "\"reference_buckets\":8,\"reference_body_bytes_max\":4194304}}";

static const struct v1_bucket bucket = {
    .id = {.created = 1732250000, .sequence = 3},
    .bucket_hash = {0x11, [31] = 0x22},
    .count = 7,
    .open = true,
    .expires = 1732336400,
};
#define MEMBERS(count)                                                                             \
    "\"id\":\"1732250000-3\","                                                                     \
    "\"link\":\"1100000000000000000000000000000000000000000000000000000000000022\","               \
    "\"created\":1732250000,\"seq\":3," count "\"open\":true,\"expires\":1732336400"
#define BUCKET_MEMBERS MEMBERS("\"count\":7,")
static const char bucket_text[] = "{" BUCKET_MEMBERS "}";
static const char posted_text[] =
    "{" BUCKET_MEMBERS
    ",\"t1_id\":\"3300000000000000000000000000000000000000000000000000000000000000\"}";
static const char posted_link_text[] = "{" MEMBERS("") "}";
static const uint8_t t1_id[ID_BYTES] = {0x33};
static const char page_text[] = "{\"buckets\":["
                                "{" BUCKET_MEMBERS "},{" BUCKET_MEMBERS "}],"
                                "\"more\":true}";
static const char receipt_text[] =
    "{\"stored\":2,\"duplicate\":1,\"refused\":[{\"index\":0,\"reason\":\"own\"},"
    "{\"index\":4,\"reason\":\"taken\"}]}";

/* Compare with the text as one is read by people: same members, same order. Consumes `json`. */
static void assert_json(json_t *json, const char *expected)
{
    assert_non_null(json);
    char *text = json_dumps(json, JSON_COMPACT);
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
    json_decref(json);
}

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *json = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (!json)
        fail_msg("%s: %s", error.text, text);
    return json;
}

/* One object of the API behind one face, so that each is tested in the same ways. `decode` gives
 * the code and encodes what it has read into `*again`, so that reading is seen to be complete. */
struct object {
    const char *name;
    const char *text;
    json_t *(*encode)(void);
    int (*decode)(const json_t *json, json_t **again);
};

static json_t *encode_server(void)
{
    return v1_server_encode(&server);
}

static int decode_server(const json_t *json, json_t **again)
{
    struct v1_server read;
    int err = v1_server_decode(&read, json);
    if (!err)
        *again = v1_server_encode(&read);
    return err;
}

static json_t *encode_bucket(void)
{
    return v1_bucket_encode(&bucket);
}

static int decode_bucket(const json_t *json, json_t **again)
{
    struct v1_bucket read;
    int err = v1_bucket_decode(&read, json);
    if (!err)
        *again = v1_bucket_encode(&read);
    return err;
}

static json_t *encode_posted(void)
{
    return posted_t1_encode(&bucket, t1_id);
}

static int decode_posted(const json_t *json, json_t **again)
{
    struct v1_bucket read;
    uint8_t id[ID_BYTES];
    int err = v1_posted_t1_decode(&read, id, json);
    if (!err)
        *again = posted_t1_encode(&read, id);
    return err;
}

/* Printed without a tree it is the same text, up to the largest numbers. */
static void a_printed_answer_is_the_encoded_one(void **state)
{
    const struct v1_bucket largest = {.id = {.created = INT64_MAX, .sequence = UINT32_MAX},
                                      .count = UINT32_MAX,
                                      .expires = INT64_MAX};
    const struct v1_bucket *const both[] = {&bucket, &largest};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char text[V1_POSTED_T1_BYTES];
        json_t *json = posted_t1_encode(both[i], t1_id);
        char *encoded = json_dumps(json, JSON_COMPACT);
        assert_non_null(encoded);
        assert_int_equal(v1_posted_t1_print(text, both[i], t1_id), strlen(encoded));
        assert_string_equal(text, encoded);
        free(encoded);
        json_decref(json);
    }
}

static json_t *encode_posted_link(void)
{
    return v1_posted_link_encode(&bucket);
}

static int decode_posted_link(const json_t *json, json_t **again)
{
    struct v1_bucket read;
    int err = v1_posted_link_decode(&read, json);
    if (!err)
        *again = v1_posted_link_encode(&read);
    return err;
}

static json_t *encode_page(void)
{
    const struct v1_bucket both[] = {bucket, bucket};
    return v1_buckets_encode(both, 2, true);
}

static int decode_page(const json_t *json, json_t **again)
{
    struct v1_bucket read[2];
    size_t count;
    bool more;
    int err = v1_buckets_decode(read, 2, &count, &more, json);
    if (!err)
        *again = v1_buckets_encode(read, count, more);
    return err;
}

static json_t *encode_receipt(void)
{
    struct v1_refusal refusals[] = {{0, "own"}, {4, "taken"}};
    return v1_receipt_encode(&(struct v1_receipt){2, 1, 2, refusals});
}

static int decode_receipt(const json_t *json, json_t **again)
{
    struct v1_refusal refusals[2];
    struct v1_receipt read = {.refusals = refusals};
    int err = v1_receipt_decode(&read, 2, json);
    if (!err)
        *again = v1_receipt_encode(&read);
    return err;
}

static const struct object objects[] = {
    {"server", server_text, encode_server, decode_server},
    {"bucket", bucket_text, encode_bucket, decode_bucket},
    {"posted T1", posted_text, encode_posted, decode_posted},
    {"buckets", page_text, encode_page, decode_page},
    {"receipt", receipt_text, encode_receipt, decode_receipt},
    {"posted link", posted_link_text, encode_posted_link, decode_posted_link},
};
enum { OBJECTS = sizeof objects / sizeof objects[0] };

static void objects_are_written_as_documented(void **state)
{
    (void)state;
    for (size_t i = 0; i < OBJECTS; i++)
        assert_json(objects[i].encode(), objects[i].text);
}

static void objects_are_read_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < OBJECTS; i++) {
        json_t *json = parse(objects[i].text), *again = NULL;
        assert_int_equal(objects[i].decode(json, &again), 0);
        assert_json(again, objects[i].text);
        json_decref(json);
    }
}

static void unknown_members_are_passed_over(void **state)
{
    (void)state;
    for (size_t i = 0; i < OBJECTS; i++) {
        json_t *json = parse(objects[i].text), *again = NULL;
        assert_int_equal(json_object_set_new(json, "of a later version", json_true()), 0);
        assert_int_equal(objects[i].decode(json, &again), 0);
        assert_json(again, objects[i].text);
        json_decref(json);
    }
}

/* Values of every JSON type; each is wrong for any member it does not equal. */
static const char *const strangers[] = {
    "null", "true",  "-1", "1.5", "4294967296", "9223372036854775807",
    "\"\"", "\"x\"", "[]", "{}",  "[null]",
};

static bool same_type(const json_t *a, const json_t *b)
{
    return json_typeof(a) == json_typeof(b) || (json_is_boolean(a) && json_is_boolean(b));
}

/* Leave a member out once, then put every stranger in its place. A stranger of another type must
 * be refused; one of its own type may be a valid value. */
static void spoil_member(const struct object *object, json_t *root, json_t *inside, const char *key,
                         json_t *member)
{
    json_t *again;
    assert_int_equal(json_object_del(inside, key), 0);
    if (object->decode(root, &again) != -EBADMSG)
        fail_msg("%s without %s was accepted", object->name, key);
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
        json_t *stranger = parse(strangers[i]);
        assert_int_equal(json_object_set_new(inside, key, stranger), 0);
        int err = object->decode(root, &again);
        if (err != -EBADMSG && (err || !same_type(stranger, member)))
            fail_msg("%s with %s = %s: %d", object->name, key, strangers[i], err);
        if (!err)
            json_decref(again);
    }
    assert_int_equal(json_object_set(inside, key, member), 0);
}

/* At every depth. */
static void spoil_members(const struct object *object, json_t *root, json_t *inside)
{
    /* Members come back at the end of the object, so the walk is over a copy. */
    json_t *members = json_copy(inside), *member;
    const char *key;
    json_object_foreach(members, key, member)
    {
        spoil_member(object, root, inside, key, member);
        if (json_is_object(member))
            spoil_members(object, root, member);
        size_t index;
        json_t *element;
        json_array_foreach(member, index, element) spoil_members(object, root, element);
    }
    json_decref(members);
}

static void missing_and_foreign_members_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < OBJECTS; i++) {
        json_t *json = parse(objects[i].text), *again = NULL;
        spoil_members(&objects[i], json, json);
        /* Spoiling has put everything back. */
        assert_int_equal(objects[i].decode(json, &again), 0);
        json_decref(again);
        json_decref(json);
    }
}

static void what_is_no_object_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < OBJECTS; i++) {
        json_t *again;
        assert_int_equal(objects[i].decode(NULL, &again), -EBADMSG);
        for (size_t j = 0; j < sizeof strangers / sizeof strangers[0]; j++) {
            json_t *json = parse(strangers[j]);
            assert_int_equal(objects[i].decode(json, &again), -EBADMSG);
            json_decref(json);
        }
    }
}

/* Particular members, where a value of the right type is out of range. */
static void values_out_of_range_are_refused(void **state)
{
    (void)state;
    static const struct {
        int object;
        const char *from, *to;
    } edits[] = {
        {0, "288", "289"},                             /* another T1 size */
        {0, "\"t2\":96", "\"t2\":64"},                 /* the reference's records */
        {0, "\"ab", "\"AB"},                           /* upper-case hex */
        {0, "00cd\"", "00cd00\""},                     /* a longer salt */
        {0, "reunion-server", "reunion\\u0000server"}, /* a name with an end inside */
        {1, "\"1732250000-3\"", "\"1732250000-4\""},   /* id and seq disagree */
        {1, "\"1732250000-3\"", "\"1732250001-3\""},   /* id and created disagree */
        {1, "\"1732250000-3\"", "\"01732250000-3\""},  /* another spelling */
        {1, "\"1732250000-3\"", "\"1732250000-3\\u0000\""},
        {1, "1732336400", "-1732336400"},
        {1, "\"seq\":3", "\"seq\":4294967299"}, /* 3 modulo 2^32 */
        {2, "\"3300", "\"33zz"},
        {4, "\"index\":4", "\"index\":4.0"},
        {5, "\"1732250000-3\"", "\"1732250000-4\""},
        {5, "\"1100", "\"11zz"},
        {4, "\"taken\"", "\"12345678901234567890123456789012345678901234567890\""},
    };
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        const char *text = objects[edits[i].object].text;
        const char *place = strstr(text, edits[i].from);
        assert_non_null(place);
        char edited[1024];
        int length = snprintf(edited, sizeof edited, "%.*s%s%s", (int)(place - text), text,
                              edits[i].to, place + strlen(edits[i].from));
        assert_in_range(length, 1, sizeof edited - 1);
        json_t *json = parse(edited), *again;
        if (objects[edits[i].object].decode(json, &again) != -EBADMSG)
            fail_msg("accepted: %s", edited);
        json_decref(json);
    }
}

static void a_refused_object_leaves_the_target_alone(void **state)
{
    (void)state;
    struct v1_server kept_server;
    struct v1_bucket kept_bucket;
    uint8_t kept_id[ID_BYTES] = {9};
    json_t *nothing = parse("{}");
    /* Not by assignment, which need not copy the padding that is compared too. */
    memcpy(&kept_server, &server, sizeof server);
    memcpy(&kept_bucket, &bucket, sizeof bucket);
    /* Valid in all but its last member. */
    json_t *almost = parse(posted_text);
    assert_int_equal(json_object_set_new(almost, "expires", json_string("soon")), 0);

    assert_int_equal(v1_server_decode(&kept_server, nothing), -EBADMSG);
    assert_memory_equal(&kept_server, &server, sizeof server);
    assert_int_equal(v1_posted_t1_decode(&kept_bucket, kept_id, almost), -EBADMSG);
    assert_memory_equal(&kept_bucket, &bucket, sizeof bucket);
    assert_int_equal(kept_id[0], 9);
    json_decref(nothing);
    json_decref(almost);
}

static void longer_lists_than_there_is_room_for_are_refused(void **state)
{
    (void)state;
    json_t *page = parse(page_text), *receipt_json = parse(receipt_text);
    struct v1_bucket buckets[2];
    struct v1_refusal refusals[2];
    struct v1_receipt receipt = {.refusals = refusals};
    size_t count = 77;
    bool more;
    assert_int_equal(v1_buckets_decode(buckets, 1, &count, &more, page), -EBADMSG);
    assert_int_equal(count, 77);
    assert_int_equal(v1_receipt_decode(&receipt, 1, receipt_json), -EBADMSG);
    assert_int_equal(v1_buckets_decode(buckets, 2, &count, &more, page), 0);
    assert_int_equal(v1_receipt_decode(&receipt, 2, receipt_json), 0);
    json_decref(page);
    json_decref(receipt_json);
}

static void empty_lists_are_fine(void **state)
{
    (void)state;
    assert_json(v1_buckets_encode(NULL, 0, false), "{\"buckets\":[],\"more\":false}");
    assert_json(v1_receipt_encode(&(struct v1_receipt){.stored = 5}),
                "{\"stored\":5,\"duplicate\":0,\"refused\":[]}");
}

static void problems_have_a_stable_type(void **state)
{
    (void)state;
    assert_json(v1_problem_encode("bucket-full", 409, "Bucket full", "It holds 64 T1s."),
                "{\"type\":\"urn:reunion:problem:bucket-full\",\"title\":\"Bucket full\","
                "\"status\":409,\"detail\":\"It holds 64 T1s.\"}");
}

/* Memory for jansson that runs out after a given number of allocations. */
static size_t allocations_left = SIZE_MAX;
static size_t allocations_live;

static void *scarce_malloc(size_t bytes)
{
    if (allocations_left == 0)
        return NULL;
    allocations_left--;
    void *memory = malloc(bytes);
    allocations_live += memory != NULL;
    return memory;
}

static void scarce_free(void *memory)
{
    allocations_live -= memory != NULL;
    free(memory);
}

static json_t *encode_problem(void)
{
    return v1_problem_encode("gone", 410, "Gone", "The bucket is past its lifetime.");
}

static void an_encoder_without_memory_gives_null_and_keeps_nothing(void **state)
{
    (void)state;
    json_t *(*encoders[OBJECTS + 1])(void);
    for (size_t i = 0; i < OBJECTS; i++)
        encoders[i] = objects[i].encode;
    encoders[OBJECTS] = encode_problem;

    json_set_alloc_funcs(scarce_malloc, scarce_free);
    size_t failures[OBJECTS + 1] = {0}, kept[OBJECTS + 1] = {0};
    for (size_t i = 0; i < OBJECTS + 1; i++) {
        json_t *json = NULL;
        for (size_t allowed = 0; !json; allowed++) {
            allocations_live = 0;
            allocations_left = allowed;
            json = encoders[i]();
            allocations_left = SIZE_MAX;
            if (!json) {
                failures[i]++;
                kept[i] += allocations_live;
            }
        }
        json_decref(json);
        kept[i] += allocations_live;
    }
    json_set_alloc_funcs(malloc, free);
    for (size_t i = 0; i < OBJECTS + 1; i++) {
        assert_true(failures[i] > 5); /* there was an allocation to fail at each of its steps */
        assert_int_equal(kept[i], 0);
    }
}

/* Documents with random bytes changed: read or refused, never anything else. */
static void random_changes_are_read_or_refused(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    for (int round = 0; round < 20000; round++) {
        const struct object *object = &objects[seeded_below(&seeded, OBJECTS)];
        char text[1024];
        size_t length = strlen(object->text);
        memcpy(text, object->text, length);
        for (size_t changes = 1 + seeded_below(&seeded, 3); changes > 0; changes--)
            text[seeded_below(&seeded, length)] =
                "0123456789-\"{}[]:,.etrufalsn\\"[seeded_below(&seeded, 30)];
        json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
        if (!json)
            continue;
        json_t *again;
        int err = object->decode(json, &again);
        assert_true(err == 0 || err == -EBADMSG);
        if (!err)
            json_decref(again);
        json_decref(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_printed_answer_is_the_encoded_one),
        cmocka_unit_test(objects_are_written_as_documented),
        cmocka_unit_test(objects_are_read_whole),
        cmocka_unit_test(unknown_members_are_passed_over),
        cmocka_unit_test(missing_and_foreign_members_are_refused),
        cmocka_unit_test(what_is_no_object_is_refused),
        cmocka_unit_test(values_out_of_range_are_refused),
        cmocka_unit_test(a_refused_object_leaves_the_target_alone),
        cmocka_unit_test(longer_lists_than_there_is_room_for_are_refused),
        cmocka_unit_test(empty_lists_are_fine),
        cmocka_unit_test(problems_have_a_stable_type),
        cmocka_unit_test(an_encoder_without_memory_gives_null_and_keeps_nothing),
        cmocka_unit_test(random_changes_are_read_or_refused),
    };
    return cmocka_run_group_tests_name("wire/v1_json", tests, NULL, NULL);
}
