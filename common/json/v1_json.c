#include "json/v1_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"

/* Reading: each takes one member of an object and gives 0 or -EBADMSG. */

static int take_integer(uint64_t *value, const json_t *json, const char *key, uint64_t limit)
{
    const json_t *member = json_object_get(json, key);
    if (!json_is_integer(member) || json_integer_value(member) < 0 ||
        (uint64_t)json_integer_value(member) > limit)
        return -EBADMSG;
    *value = (uint64_t)json_integer_value(member);
    return 0;
}

static int take_u32(uint32_t *value, const json_t *json, const char *key)
{
    uint64_t wide;
    if (take_integer(&wide, json, key, UINT32_MAX))
        return -EBADMSG;
    *value = (uint32_t)wide;
    return 0;
}

static int take_seconds(uint64_t *value, const json_t *json, const char *key)
{
    return take_integer(value, json, key, INT64_MAX);
}

static int take_bool(bool *value, const json_t *json, const char *key)
{
    const json_t *member = json_object_get(json, key);
    if (!json_is_boolean(member))
        return -EBADMSG;
    *value = json_is_true(member);
    return 0;
}

static int take_hex(uint8_t *value, size_t bytes, const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text ? hex_decode(value, bytes, text) : -EBADMSG;
}

static int take_text(char *value, size_t capacity, const json_t *json, const char *key)
{
    const json_t *member = json_object_get(json, key);
    const char *text = json_string_value(member);
    size_t length = json_string_length(member);
    if (!text || length >= capacity || strlen(text) != length)
        return -EBADMSG;
    memcpy(value, text, length + 1);
    return 0;
}

static json_t *hex_string(const uint8_t value[static ID_BYTES])
{
    char text[2 * ID_BYTES + 1];
    hex_encode(text, value, ID_BYTES);
    return json_string(text);
}

/* jansson's "o" takes NULL as an error of the whole, so an encoder checks once, at its end. */

static json_t *encode_stamp(const struct v1_stamp *stamp)
{
    return json_pack("{s:o, s:I, s:I, s:I}", "challenge", hex_string(stamp->challenge), "t1_effort",
                     (json_int_t)stamp->t1_effort, "link_effort", (json_int_t)stamp->link_effort,
                     "until", (json_int_t)stamp->until);
}

/* Put a new member into an object whose reference it takes. NULL, and no memory, give NULL. */
static json_t *with_member(json_t *json, const char *key, json_t *member)
{
    if (json && member && json_object_set_new(json, key, member) == 0)
        return json;
    if (!json)
        json_decref(member);
    json_decref(json);
    return NULL;
}

static json_t *encode_server(const struct v1_server *server)
{
    return json_pack(
        "{s:s, s:s, s:{s:i, s:i, s:i}, s:I, s:I, s:I, s:o, s:{s:I, s:I, s:I, s:I, s:I, s:I}}",
        "name", server->name, "version", server->version, "record_bytes", "t1", RECORD_T1_BYTES,
        "t2", RECORD_ADDRESSED_BYTES, "t3", RECORD_ADDRESSED_BYTES, "bucket_capacity",
        (json_int_t)server->bucket_capacity, "open_window_s", (json_int_t)server->open_window_s,
        "lifetime_s", (json_int_t)server->lifetime_s, "salt", hex_string(server->salt), "limits",
        "wait_s_max", (json_int_t)server->wait_s_max, "records_per_post_max",
        (json_int_t)server->records_per_post_max, "records_per_sender_max",
        (json_int_t)server->records_per_sender_max, "feed_answer_bytes_max",
        (json_int_t)server->feed_answer_bytes_max, "reference_buckets",
        (json_int_t)server->reference_buckets, "reference_body_bytes_max",
        (json_int_t)server->reference_body_bytes_max);
}

json_t *v1_server_encode(const struct v1_server *server)
{
    json_t *json = encode_server(server);
    return server->has_stamp ? with_member(json, "stamp", encode_stamp(&server->stamp)) : json;
}

/* A client of this version can talk only to a server whose records have this version's sizes. */
static int check_record_sizes(const json_t *sizes)
{
    uint32_t t1, t2, t3;
    if (take_u32(&t1, sizes, "t1") || take_u32(&t2, sizes, "t2") || take_u32(&t3, sizes, "t3"))
        return -EBADMSG;
    return t1 == RECORD_T1_BYTES && t2 == RECORD_ADDRESSED_BYTES && t3 == RECORD_ADDRESSED_BYTES
               ? 0
               : -EBADMSG;
}

/* What is not there at all is a server's before stamps. */
static int take_stamp(struct v1_server *server, const json_t *json)
{
    struct v1_stamp *stamp = &server->stamp;
    *stamp = (struct v1_stamp){.until = 0};
    server->has_stamp = json != NULL;
    if (!json)
        return 0;
    return take_hex(stamp->challenge, sizeof stamp->challenge, json, "challenge") ||
                   take_u32(&stamp->t1_effort, json, "t1_effort") ||
                   take_u32(&stamp->link_effort, json, "link_effort") ||
                   take_seconds(&stamp->until, json, "until")
               ? -EBADMSG
               : 0;
}

int v1_server_decode(struct v1_server *server, const json_t *json)
{
    struct v1_server read;
    const json_t *limits = json_object_get(json, "limits");
    if (take_text(read.name, sizeof read.name, json, "name") ||
        take_text(read.version, sizeof read.version, json, "version") ||
        check_record_sizes(json_object_get(json, "record_bytes")) ||
        take_u32(&read.bucket_capacity, json, "bucket_capacity") ||
        take_seconds(&read.open_window_s, json, "open_window_s") ||
        take_seconds(&read.lifetime_s, json, "lifetime_s") ||
        take_hex(read.salt, sizeof read.salt, json, "salt") ||
        take_u32(&read.wait_s_max, limits, "wait_s_max") ||
        take_u32(&read.records_per_post_max, limits, "records_per_post_max") ||
        take_u32(&read.records_per_sender_max, limits, "records_per_sender_max") ||
        take_integer(&read.feed_answer_bytes_max, limits, "feed_answer_bytes_max", INT64_MAX) ||
        take_u32(&read.reference_buckets, limits, "reference_buckets") ||
        take_integer(&read.reference_body_bytes_max, limits, "reference_body_bytes_max",
                     INT64_MAX) ||
        take_stamp(&read, json_object_get(json, "stamp")))
        return -EBADMSG;
    *server = read;
    return 0;
}

json_t *v1_bucket_encode(const struct v1_bucket *bucket)
{
    char id[BUCKET_ID_TEXT_BYTES];
    bucket_id_print(id, &bucket->id);
    json_t *json =
        json_pack("{s:s, s:o, s:I, s:I, s:I, s:b, s:I}", "id", id, "link",
                  hex_string(bucket->bucket_hash), "created", (json_int_t)bucket->id.created, "seq",
                  (json_int_t)bucket->id.sequence, "count", (json_int_t)bucket->count, "open",
                  (int)bucket->open, "expires", (json_int_t)bucket->expires);
    if (json && !place_is_common(bucket->id.place) &&
        json_object_set_new(json, "place", hex_string(bucket->id.place))) {
        json_decref(json);
        return NULL;
    }
    return json;
}

/* The tag of a bucket's place, if one is named. */
static int take_place(uint8_t tag[static ID_BYTES], const json_t *json)
{
    memset(tag, 0, ID_BYTES);
    return json_object_get(json, "place") ? take_hex(tag, ID_BYTES, json, "place") : 0;
}

json_t *v1_posted_link_encode(const struct v1_bucket *bucket)
{
    json_t *json = v1_bucket_encode(bucket);
    if (json)
        (void)json_object_del(json, "count");
    return json;
}

int v1_posted_link_decode(struct v1_bucket *bucket, const json_t *json)
{
    struct v1_bucket read = {0};
    struct bucket_id stated;
    char id[BUCKET_ID_TEXT_BYTES];
    if (take_text(id, sizeof id, json, "id") || bucket_id_parse(&stated, id) ||
        take_hex(read.bucket_hash, sizeof read.bucket_hash, json, "link") ||
        take_seconds(&read.id.created, json, "created") ||
        take_u32(&read.id.sequence, json, "seq") || take_bool(&read.open, json, "open") ||
        take_seconds(&read.expires, json, "expires") || take_place(read.id.place, json) ||
        stated.created != read.id.created || stated.sequence != read.id.sequence)
        return -EBADMSG;
    *bucket = read;
    return 0;
}

int v1_bucket_decode(struct v1_bucket *bucket, const json_t *json)
{
    struct v1_bucket read;
    uint32_t count;
    if (v1_posted_link_decode(&read, json) || take_u32(&count, json, "count"))
        return -EBADMSG;
    read.count = count;
    *bucket = read;
    return 0;
}

size_t v1_posted_t1_print(char text[static V1_POSTED_T1_BYTES], const struct v1_bucket *bucket,
                          const uint8_t t1_id[static ID_BYTES])
{
    char id[BUCKET_ID_TEXT_BYTES], bucket_hash[2 * ID_BYTES + 1], t1[2 * ID_BYTES + 1];
    char place[2 * ID_BYTES + 1];
    bool is_common = place_is_common(bucket->id.place);
    bucket_id_print(id, &bucket->id);
    hex_encode(bucket_hash, bucket->bucket_hash, ID_BYTES);
    hex_encode(t1, t1_id, ID_BYTES);
    hex_encode(place, bucket->id.place, ID_BYTES);
    int length = snprintf(
        text, V1_POSTED_T1_BYTES,
        "{\"id\":\"%s\",\"link\":\"%s\",\"created\":%" PRIu64 ",\"seq\":%" PRIu32
        ",\"count\":%" PRIu32 ",\"open\":%s,\"expires\":%" PRIu64 "%s%s%s,\"t1_id\":\"%s\"}",
        id, bucket_hash, bucket->id.created, bucket->id.sequence, bucket->count,
        bucket->open ? "true" : "false", bucket->expires, is_common ? "" : ",\"place\":\"",
        is_common ? "" : place, is_common ? "" : "\"", t1);
    INVARIANT(length > 0 && length < V1_POSTED_T1_BYTES);
    return (size_t)length;
}

int v1_posted_t1_decode(struct v1_bucket *bucket, uint8_t t1_id[static ID_BYTES],
                        const json_t *json)
{
    uint8_t id[ID_BYTES];
    int err = take_hex(id, sizeof id, json, "t1_id");
    if (!err)
        err = v1_bucket_decode(bucket, json);
    if (!err)
        memcpy(t1_id, id, sizeof id);
    return err;
}

json_t *v1_buckets_encode(const struct v1_bucket *buckets, size_t count, bool more)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        if (json_array_append_new(list, v1_bucket_encode(&buckets[i]))) {
            json_decref(list);
            return NULL;
        }
    return json_pack("{s:o, s:b}", "buckets", list, "more", (int)more);
}

json_t *v1_buckets_add_paid(json_t *json, const struct v1_paid *paid)
{
    json_t *classes = json_array();
    size_t count = V1_CLASSES_MAX;
    while (count > 1 && paid->classes[count - 1] == 0)
        count--;
    for (size_t i = 0; i < count; i++)
        if (json_array_append_new(classes, json_integer(paid->classes[i]))) {
            json_decref(classes);
            classes = NULL;
        }
    json_t *stamp = json_pack("{s:I, s:o}", "effort", (json_int_t)paid->effort, "classes", classes);
    return with_member(json, "stamp", stamp);
}

int v1_paid_decode(struct v1_paid *paid, const json_t *json)
{
    const json_t *stamp = json_object_get(json, "stamp");
    const json_t *classes = json_object_get(stamp, "classes");
    struct v1_paid read = {0};
    if (!stamp)
        return -ENOENT;
    if (take_u32(&read.effort, stamp, "effort") || !json_is_array(classes) ||
        json_array_size(classes) > V1_CLASSES_MAX)
        return -EBADMSG;
    for (size_t i = 0; i < json_array_size(classes); i++) {
        json_int_t count = json_integer_value(json_array_get(classes, i));
        if (!json_is_integer(json_array_get(classes, i)) || count < 0 || count > UINT32_MAX)
            return -EBADMSG;
        read.classes[i] = (uint32_t)count;
    }
    *paid = read;
    return 0;
}

int v1_buckets_decode(struct v1_bucket *buckets, size_t capacity, size_t *count, bool *more,
                      const json_t *json)
{
    const json_t *list = json_object_get(json, "buckets");
    bool has_more;
    if (!json_is_array(list) || json_array_size(list) > capacity ||
        take_bool(&has_more, json, "more"))
        return -EBADMSG;
    for (size_t i = 0; i < json_array_size(list); i++)
        if (v1_bucket_decode(&buckets[i], json_array_get(list, i)))
            return -EBADMSG;
    *count = json_array_size(list);
    *more = has_more;
    return 0;
}

json_t *v1_receipt_encode(const struct v1_receipt *receipt)
{
    json_t *refused = json_array();
    for (size_t i = 0; i < receipt->refused; i++) {
        const struct v1_refusal *refusal = &receipt->refusals[i];
        json_t *entry =
            json_pack("{s:I, s:s}", "index", (json_int_t)refusal->index, "reason", refusal->reason);
        if (json_array_append_new(refused, entry)) {
            json_decref(refused);
            return NULL;
        }
    }
    return json_pack("{s:I, s:I, s:o}", "stored", (json_int_t)receipt->stored, "duplicate",
                     (json_int_t)receipt->duplicate, "refused", refused);
}

int v1_receipt_decode(struct v1_receipt *receipt, size_t capacity, const json_t *json)
{
    uint32_t stored, duplicate;
    const json_t *refused = json_object_get(json, "refused");
    if (take_u32(&stored, json, "stored") || take_u32(&duplicate, json, "duplicate") ||
        !json_is_array(refused) || json_array_size(refused) > capacity)
        return -EBADMSG;
    for (size_t i = 0; i < json_array_size(refused); i++) {
        const json_t *entry = json_array_get(refused, i);
        struct v1_refusal *refusal = &receipt->refusals[i];
        if (take_u32(&refusal->index, entry, "index") ||
            take_text(refusal->reason, sizeof refusal->reason, entry, "reason"))
            return -EBADMSG;
    }
    receipt->stored = stored;
    receipt->duplicate = duplicate;
    receipt->refused = (uint32_t)json_array_size(refused);
    return 0;
}

json_t *v1_problem_encode(const char *slug, unsigned status, const char *title, const char *detail)
{
    json_t *type = json_sprintf("urn:reunion:problem:%s", slug);
    return json_pack("{s:o, s:s, s:I, s:s}", "type", type, "title", title, "status",
                     (json_int_t)status, "detail", detail);
}

json_t *v1_problem_add_stamp(json_t *json, const struct v1_stamp_wanted *wanted)
{
    json = with_member(json, "challenge", hex_string(wanted->challenge));
    json = with_member(json, "effort", json_integer(wanted->effort));
    return with_member(json, "until", json_integer((json_int_t)wanted->until));
}

int v1_stamp_wanted_decode(struct v1_stamp_wanted *wanted, const json_t *json)
{
    struct v1_stamp_wanted read;
    if (take_hex(read.challenge, sizeof read.challenge, json, "challenge") ||
        take_u32(&read.effort, json, "effort") || read.effort == 0 ||
        take_seconds(&read.until, json, "until"))
        return -EBADMSG;
    *wanted = read;
    return 0;
}
