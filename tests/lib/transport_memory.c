#include "lib/transport_memory.h"

#include <stdlib.h>
#include <string.h>

#include "reunion/reunion.h"

struct transport_memory {
    struct transport base;
    struct memory_server *server;
    const struct transport_identity *me;
    struct transport_place place;
    size_t bucket;
    size_t t1s_seen, records_seen;
};

static struct transport_memory *of(struct transport *transport)
{
    return (struct transport_memory *)transport;
}

void memory_server_open(struct memory_server *server, struct fake_time *time)
{
    memset(server, 0, sizeof *server);
    server->time = time;
    server->capacity = BUCKET_CAPACITY;
    server->traits = (struct transport_traits){
        .has_buckets = true, .open_window_s = 3600, .wait_ms_max = 30 * 1000};
    memory_server_add_bucket(server);
}

struct transport_bucket *memory_server_add_bucket(struct memory_server *server)
{
    INVARIANT(server->bucket_count < MEMORY_BUCKETS);
    struct transport_bucket *bucket = &server->buckets[server->bucket_count++];
    *bucket = (struct transport_bucket){.created = (uint64_t)(server->time->wall_s / 3600 * 3600),
                                        .sequence = (uint32_t)server->bucket_count - 1,
                                        .hash_fits = true};
    memset(bucket->place.token, (int)server->bucket_count, ID_BYTES);
    return bucket;
}

void memory_server_wipe(struct memory_server *server)
{
    for (size_t i = 0; i < server->bucket_count; i++)
        memset(server->buckets[i].place.token, 0xff, ID_BYTES);
    server->t1_count = server->record_count = 0;
    memory_server_add_bucket(server);
}

void memory_server_expire(struct memory_server *server, size_t bucket)
{
    server->expired[bucket] = true;
    size_t kept = 0;
    for (size_t i = 0; i < server->t1_count; i++)
        if (server->t1s[i].bucket != bucket)
            server->t1s[kept++] = server->t1s[i];
    server->t1_count = kept;
    if (bucket == server->bucket_count - 1)
        memory_server_add_bucket(server);
}

static struct memory_t1 *find_t1(struct memory_server *server, const uint8_t *id)
{
    for (size_t i = 0; i < server->t1_count; i++)
        if (memcmp(server->t1s[i].id, id, ID_BYTES) == 0)
            return &server->t1s[i];
    return NULL;
}

static int find_bucket(const struct memory_server *server, const struct transport_place *place,
                       size_t *bucket)
{
    for (size_t i = 0; i < server->bucket_count; i++)
        if (memcmp(place, &server->buckets[i].place, sizeof *place) == 0) {
            *bucket = i;
            return server->expired[i] ? -EKEYEXPIRED : 0;
        }
    return -ENOENT;
}

static struct memory_t1 *add_t1(struct memory_server *server, size_t bucket, const uint8_t *id,
                                const uint8_t *bytes)
{
    INVARIANT(server->t1_count < MEMORY_T1S);
    struct memory_t1 *t1 = &server->t1s[server->t1_count++];
    memset(t1, 0, sizeof *t1);
    memcpy(t1->id, id, ID_BYTES);
    memcpy(t1->bytes, bytes, RECORD_T1_BYTES);
    t1->bucket = bucket;
    return t1;
}

void memory_server_put_t1(struct memory_server *server, size_t bucket,
                          const uint8_t t1[static RECORD_T1_BYTES])
{
    uint8_t id[ID_BYTES];
    reunion_t1_id(id, t1, RECORD_T1_BYTES);
    add_t1(server, bucket, id, t1);
}

void memory_server_put(struct memory_server *server, size_t bucket, enum record_kind kind,
                       const uint8_t sender[static ID_BYTES],
                       const uint8_t addressee[static ID_BYTES],
                       const uint8_t body[static RECORD_BODY_BYTES])
{
    INVARIANT(server->record_count < MEMORY_RECORDS);
    struct memory_record *record = &server->records[server->record_count++];
    record->kind = kind;
    record->bucket = bucket;
    memcpy(record->sender, sender, ID_BYTES);
    memcpy(record->addressee, addressee, ID_BYTES);
    memcpy(record->body, body, RECORD_BODY_BYTES);
}

size_t memory_server_count(const struct memory_server *server, enum record_kind kind,
                           const uint8_t *sender, const uint8_t *addressee)
{
    size_t count = 0;
    for (size_t i = 0; i < server->record_count; i++) {
        const struct memory_record *record = &server->records[i];
        if (record->kind == kind && (!sender || memcmp(record->sender, sender, ID_BYTES) == 0) &&
            (!addressee || memcmp(record->addressee, addressee, ID_BYTES) == 0))
            count++;
    }
    return count;
}

static int begin(struct transport *transport)
{
    struct memory_server *server = of(transport)->server;
    server->calls++;
    transport->trouble = server->fail ? "a fault on purpose" : NULL;
    return server->fail;
}

static int describe(struct transport *transport, struct transport_traits *traits)
{
    int err = begin(transport);
    if (!err)
        *traits = of(transport)->server->traits;
    if (!err)
        transport->asked = of(transport)->server->asked;
    return err;
}

static size_t count_t1s(const struct memory_server *server, size_t bucket)
{
    size_t count = 0;
    for (size_t i = 0; i < server->t1_count; i++)
        count += server->t1s[i].bucket == bucket;
    return count;
}

static int announce(struct transport *transport, const struct transport_identity *me,
                    const struct transport_place *wanted, struct transport_bucket *bucket)
{
    struct transport_memory *memory = of(transport);
    struct memory_server *server = memory->server;
    size_t into = server->bucket_count - 1;
    int err = begin(transport);
    if (!err && wanted)
        err = find_bucket(server, wanted, &into);
    if (err)
        return err;
    struct memory_t1 *t1 = find_t1(server, me->t1_id);
    if (t1 && memcmp(t1->key, me->write_key, WRITE_KEY_BYTES) != 0)
        return -EACCES;
    if (!t1) {
        if (wanted && count_t1s(server, into) >= server->capacity)
            return -ENOSPC;
        t1 = add_t1(server, into, me->t1_id, me->t1);
        memcpy(t1->key, me->write_key, WRITE_KEY_BYTES);
    }
    memory->me = me;
    memory->bucket = t1->bucket;
    memory->place = server->buckets[t1->bucket].place;
    memory->t1s_seen = memory->records_seen = 0;
    if (server->traits.has_buckets)
        *bucket = server->buckets[t1->bucket];
    return 0;
}

static int find(struct transport *transport, const struct transport_place *place,
                struct transport_bucket *bucket)
{
    const struct memory_server *server = of(transport)->server;
    size_t at;
    int err = begin(transport);
    if (!err)
        err = find_bucket(server, place, &at);
    if (!err)
        *bucket = server->buckets[at];
    return err;
}

static int list(struct transport *transport, struct transport_bucket *buckets, size_t capacity,
                size_t *count)
{
    const struct memory_server *server = of(transport)->server;
    int err = begin(transport);
    if (err)
        return err;
    *count = 0;
    for (size_t i = server->bucket_count; i-- > 0 && *count < capacity;)
        if (!server->expired[i])
            buckets[(*count)++] = server->buckets[i];
    return 0;
}

static int read_t1s(struct transport *transport, const struct transport_place *place,
                    const struct transport_sink *sink)
{
    const struct memory_server *server = of(transport)->server;
    size_t bucket;
    int err = begin(transport);
    if (!err)
        err = find_bucket(server, place, &bucket);
    for (size_t i = 0; i < server->t1_count && !err; i++)
        if (server->t1s[i].bucket == bucket)
            err = sink->t1(sink->state, server->t1s[i].bytes, RECORD_T1_BYTES, place);
    return err;
}

static int read_stamps(struct transport *transport, const struct transport_place *place,
                       int (*stamp)(void *state, const uint8_t id[static ID_BYTES],
                                    const struct transport_stamp *stamp),
                       void *state)
{
    const struct memory_server *server = of(transport)->server;
    size_t bucket;
    int err = begin(transport);
    if (!err)
        err = find_bucket(server, place, &bucket);
    for (size_t i = 0; i < server->t1_count && !err; i++)
        if (server->t1s[i].bucket == bucket && server->t1s[i].stamp.stamp.effort > 0)
            err = stamp(state, server->t1s[i].id, &server->t1s[i].stamp);
    return err;
}

static int read_classes(struct transport *transport, uint32_t classes[static STAMP_CLASSES])
{
    int err = begin(transport);
    if (!err)
        memcpy(classes, of(transport)->server->classes, STAMP_CLASSES * sizeof *classes);
    return err;
}

/* Nothing is checked but that the T1 stands; the test does the rest. */
static int raise_t1(struct transport *transport, const struct transport_identity *me)
{
    struct memory_server *server = of(transport)->server;
    int err = begin(transport);
    struct memory_t1 *t1 = find_t1(server, me->t1_id);
    server->raises++;
    if (!err)
        err = t1 ? server->fail_raise : -ENOENT;
    if (!err)
        memcpy(t1->stamp.stamp.nonce, me->stamp, STAMP_NONCE_BYTES);
    return err;
}

static int compare_challenge(struct transport *transport)
{
    int err = begin(transport);
    return err ? err : of(transport)->server->fail_compare;
}

static int fetch_t1(struct transport *transport, const uint8_t id[static ID_BYTES],
                    const struct transport_sink *sink)
{
    struct memory_server *server = of(transport)->server;
    int err = begin(transport);
    if (err)
        return err;
    const struct memory_t1 *t1 = find_t1(server, id);
    return t1 ? sink->t1(sink->state, t1->bytes, RECORD_T1_BYTES,
                         &server->buckets[t1->bucket].place)
              : -ENOENT;
}

static int send(struct transport *transport, enum record_kind kind,
                struct transport_letter *letters, size_t count)
{
    struct transport_memory *memory = of(transport);
    struct memory_server *server = memory->server;
    int err = begin(transport);
    server->sends++;
    if (!err && !find_t1(server, memory->me->t1_id))
        err = -ENOENT;
    for (size_t i = 0; i < count && !err; i++) {
        size_t bucket;
        if (server->fail_send && i == server->send_first)
            return server->fail_send;
        if (server->refuse || find_bucket(server, &letters[i].place, &bucket)) {
            letters[i].outcome = TRANSPORT_REFUSED;
            continue;
        }
        memory_server_put(server, bucket, kind, memory->me->t1_id, letters[i].addressee,
                          letters[i].body);
        letters[i].outcome = TRANSPORT_STORED;
    }
    return err;
}

static int hand_over_t1s(struct transport_memory *memory, const struct transport_sink *sink)
{
    const struct memory_server *server = memory->server;
    int err = 0;
    for (size_t i = memory->t1s_seen; i < server->t1_count && !err; i++)
        if (server->t1s[i].bucket == memory->bucket)
            err = sink->t1(sink->state, server->t1s[i].bytes, RECORD_T1_BYTES,
                           &server->buckets[memory->bucket].place);
    memory->t1s_seen = server->t1_count;
    return err;
}

static int hand_over(const struct transport_memory *memory, const struct memory_record *record,
                     const struct transport_sink *sink)
{
    static const uint8_t everybody[ID_BYTES];
    if (record->bucket != memory->bucket ||
        memcmp(record->sender, memory->me->t1_id, ID_BYTES) == 0 ||
        (memcmp(record->addressee, memory->me->t1_id, ID_BYTES) != 0 &&
         memcmp(record->addressee, everybody, ID_BYTES) != 0))
        return 0;
    return (record->kind == RECORD_T2 ? sink->t2 : sink->t3)(sink->state, record->sender,
                                                             record->body);
}

static int hand_over_records(struct transport_memory *memory, const struct transport_sink *sink)
{
    const struct memory_server *server = memory->server;
    size_t fresh = server->record_count - memory->records_seen;
    int err = 0;
    for (size_t i = 0; i < fresh && !err; i++)
        err = hand_over(memory,
                        &server->records[server->backwards ? server->record_count - 1 - i
                                                           : memory->records_seen + i],
                        sink);
    memory->records_seen = server->record_count;
    return err;
}

static int receive(struct transport *transport, int64_t wait_ms, const struct transport_sink *sink)
{
    struct transport_memory *memory = of(transport);
    struct memory_server *server = memory->server;
    int err = begin(transport);
    if (err)
        return err;
    server->wait_ms = wait_ms;
    if (server->lose_every > 0 && ++server->feeds % server->lose_every == 0)
        return -ENOENT;
    err = find_bucket(server, &memory->place, &memory->bucket);
    if (err)
        return err;
    if (memory->t1s_seen == server->t1_count && memory->records_seen == server->record_count)
        server->time->monotonic_ms += wait_ms;
    if (!server->backwards)
        err = hand_over_t1s(memory, sink);
    if (!err)
        err = hand_over_records(memory, sink);
    if (!err && server->backwards)
        err = hand_over_t1s(memory, sink);
    return err;
}

static void free_memory(struct transport *transport)
{
    free(transport);
}

static const struct transport_verbs memory_verbs = {
    .describe = describe,
    .announce = announce,
    .find = find,
    .list = list,
    .read_t1s = read_t1s,
    .read_stamps = read_stamps,
    .fetch_t1 = fetch_t1,
    .send = send,
    .receive = receive,
    .read_classes = read_classes,
    .raise = raise_t1,
    .compare_challenge = compare_challenge,
    .free = free_memory,
};

struct transport *transport_memory_open(struct memory_server *server)
{
    struct transport_memory *memory = calloc(1, sizeof *memory);
    INVARIANT(memory);
    memory->base.verbs = &memory_verbs;
    memory->server = server;
    return &memory->base;
}
