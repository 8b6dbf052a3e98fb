#include "transport/packets_links.h"

#include <stdlib.h>
#include <string.h>

struct packets_links {
    struct link_server base;
    struct packets *packets;
    uint8_t blobs[LINK_BUCKET_BYTES];
};

static struct packets_links *of(struct link_server *server)
{
    return (struct packets_links *)server;
}

/* Note how the last request ended. Returns: `err`. */
static int note(struct link_server *server, int err)
{
    const struct packets *packets = of(server)->packets;
    server->trouble = packets_trouble(packets);
    server->certain = packets_is_certain(packets);
    server->retry_after_ms = err == -EAGAIN ? packets_retry_after_ms(packets) : 0;
    return err;
}

static int nonsense(struct link_server *server)
{
    return note(server, packets_nonsense(of(server)->packets, "the answer makes no sense"));
}

static int describe(struct link_server *server, enum packets_purpose purpose,
                    struct op_description *description)
{
    const struct op_request request = {.op = OP_DESCRIBE};
    struct op_answer answer;
    int err = note(server, packets_ask(of(server)->packets, purpose, &request, &answer));
    if (err)
        return err;
    if (answer.description.now_s > INT64_MAX)
        return nonsense(server);
    server->time_s = (int64_t)answer.description.now_s;
    *description = answer.description;
    return 0;
}

static int look(struct link_server *server)
{
    struct op_description about;
    return describe(server, PACKETS_READ, &about);
}

static int challenge(struct link_server *server, bool apart,
                     uint8_t shown[static STAMP_CHALLENGE_BYTES])
{
    struct op_description about;
    int err = describe(server, apart ? PACKETS_APART : PACKETS_READ, &about);
    if (!err)
        memcpy(shown, about.challenge, STAMP_CHALLENGE_BYTES);
    return err;
}

/* A stamp was refused as wrong: what is asked for instead, if that is for another hour. */
static int learn_wanted(struct link_server *server, struct link_wanted *wanted)
{
    struct op_description about;
    int err = describe(server, PACKETS_READ, &about);
    if (err)
        return err;
    if (memcmp(wanted->challenge, about.challenge, sizeof wanted->challenge) == 0)
        return nonsense(server);
    wanted->effort = about.link_effort > 0 ? about.link_effort : 1;
    memcpy(wanted->challenge, about.challenge, sizeof wanted->challenge);
    return -EDQUOT;
}

static int post(struct link_server *server, const uint8_t blob[static LINK_BLOB_BYTES],
                const uint8_t *stamp, struct link_bucket *bucket, struct link_wanted *wanted)
{
    static const uint8_t none[OP_STAMP_BYTES];
    const struct op_request request = {.op = OP_POST_LINK,
                                       .post_link = {.blob = blob, .stamp = stamp ? stamp : none}};
    struct op_answer answer;
    int err = note(server, packets_ask(of(server)->packets, PACKETS_LINK, &request, &answer));
    if (err == -EINVAL && stamp)
        return learn_wanted(server, wanted);
    if (err == -EDQUOT && answer.stamp_wanted.effort == 0)
        return nonsense(server);
    if (err == -EDQUOT) {
        wanted->effort = answer.stamp_wanted.effort;
        memcpy(wanted->challenge, answer.stamp_wanted.challenge, sizeof wanted->challenge);
    }
    if (err == -ENOSPC) /* as many buckets as may be; none was named */
        return -EAGAIN;
    if (err)
        return err;
    *bucket = (struct link_bucket){
        .id = {.created = answer.bucket.created_s, .sequence = answer.bucket.sequence},
        .expires = answer.bucket.expires_s};
    memcpy(bucket->bucket_hash, answer.bucket.bucket_hash, ID_BYTES);
    return 0;
}

/* Read the slots from `first` on, as many as an answer has. Returns: 0 and the number of them. */
static int read_some(struct link_server *server, const uint8_t *bucket_hash, uint8_t first,
                     struct link_slots *slots, size_t *count)
{
    struct packets_links *links = of(server);
    const struct op_request request = {
        .op = OP_READ_LINKS, .read_links = {.bucket_hash = bucket_hash, .first_place = first}};
    struct op_answer answer;
    struct bucket_id id;
    int err = note(server, packets_ask(links->packets, PACKETS_READ, &request, &answer));
    if (err)
        return err;
    size_t blobs = answer.links.blobs.count;
    bucket_id_unpack(&id, answer.links.bucket_id);
    bool is_same = !slots->has_id || bucket_id_equal(&id, &slots->id);
    if (blobs == 0 || blobs > (size_t)LINK_SLOTS - first || answer.links.first_place != first ||
        !is_same)
        return nonsense(server);
    slots->id = id;
    slots->has_id = true;
    memcpy(links->blobs + (size_t)first * LINK_BLOB_BYTES, answer.links.blobs.bytes,
           blobs * LINK_BLOB_BYTES);
    *count = blobs;
    return 0;
}

/* Always all of them, one answer behind the other: what is looked for does not show. */
static int read_slots(struct link_server *server, const uint8_t bucket_hash[static ID_BYTES],
                      struct link_slots *slots)
{
    struct link_slots read = {.blobs = of(server)->blobs, .bytes = LINK_BUCKET_BYTES};
    size_t count = 0;
    for (size_t first = 0; first < LINK_SLOTS; first += count) {
        int err = read_some(server, bucket_hash, (uint8_t)first, &read, &count);
        if (err)
            return err;
    }
    *slots = read;
    return 0;
}

static int renew(struct link_server *server)
{
    packets_renew(of(server)->packets);
    return 0;
}

static void free_links(struct link_server *server)
{
    free(server);
}

static const struct link_server_verbs packets_links_verbs = {
    .look = look,
    .post = post,
    .challenge = challenge,
    .read = read_slots,
    .renew = renew,
    .free = free_links,
};

int packets_links_open(struct link_server **server, struct packets *packets)
{
    struct packets_links *links = calloc(1, sizeof *links);
    if (!links)
        return -ENOMEM;
    links->base.verbs = &packets_links_verbs;
    links->base.time_s = -1;
    links->packets = packets;
    *server = &links->base;
    return 0;
}
