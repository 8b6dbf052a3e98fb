#include "group/post_packets.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

struct post_packets {
    struct post post;
    struct packets *packets;
    const struct random_source *random;
};

static void note_trouble(struct post_packets *own)
{
    own->post.trouble = packets_trouble(own->packets);
    own->post.advice = packets_advice(own->packets);
    own->post.is_silent = packets_is_silent(own->packets);
}

static int ask(struct post *post, const struct op_request *request, struct op_answer *answer)
{
    struct post_packets *own = (struct post_packets *)post;
    int err = packets_ask(own->packets, PACKETS_APART, request, answer);
    note_trouble(own);
    return err;
}

static int open_mailbox(struct post *post, const uint8_t read_key[static GROUP_READ_KEY_BYTES],
                        int64_t *expires_s)
{
    const struct op_request request = {.op = OP_OPEN_MAILBOX, .mailbox.read_key = read_key};
    struct op_answer answer;
    int err = ask(post, &request, &answer);
    if (err == -EKEYEXPIRED)
        return -EACCES; /* a key that was closed */
    if (!err)
        *expires_s = answer.expires_s < INT64_MAX ? (int64_t)answer.expires_s : (int64_t)INT64_MAX;
    return err;
}

static int read_mailbox(struct post *post, const uint8_t read_key[static GROUP_READ_KEY_BYTES],
                        uint64_t cursor, struct post_copies *copies)
{
    const struct op_request request = {.op = OP_READ_MAILBOX,
                                       .mailbox = {.read_key = read_key, .cursor = cursor}};
    struct op_answer answer;
    int err = ask(post, &request, &answer);
    if (err)
        return err == -EKEYEXPIRED ? -ENOENT : err;
    size_t count = answer.copies.copies.count;
    if (count > POST_COPIES_MAX)
        return -EPROTO;
    if (count > 0)
        memcpy(copies->copies, answer.copies.copies.bytes, count * GROUP_COPY_BYTES);
    copies->count = count;
    copies->cursor = answer.copies.cursor;
    copies->more = answer.copies.more;
    return 0;
}

static int remove_copies(struct post *post, const uint8_t read_key[static GROUP_READ_KEY_BYTES],
                         uint64_t cursor)
{
    const struct op_request request = {.op = OP_REMOVE_COPIES,
                                       .mailbox = {.read_key = read_key, .cursor = cursor}};
    struct op_answer answer;
    int err = ask(post, &request, &answer);
    return err == -EKEYEXPIRED ? -ENOENT : err;
}

static int close_mailbox(struct post *post, const uint8_t read_key[static GROUP_READ_KEY_BYTES])
{
    const struct op_request request = {.op = OP_CLOSE_MAILBOX, .mailbox.read_key = read_key};
    struct op_answer answer;
    int err = ask(post, &request, &answer);
    return err == -EKEYEXPIRED ? -ENOENT : err;
}

/* Make one copy, and deliver it. */
static int deliver(struct post *post, const struct group_division *division, size_t recipient)
{
    struct post_packets *own = (struct post_packets *)post;
    uint8_t copy[GROUP_COPY_BYTES], delivery[GROUP_DELIVERY_BYTES], ephemeral[GROUP_KEY_BYTES];
    struct op_request request = {.op = OP_DELIVER};
    struct op_answer answer;
    random_fill(own->random, ephemeral, sizeof ephemeral);
    int err = group_copy_make(copy, division, recipient, ephemeral);
    random_fill(own->random, ephemeral, sizeof ephemeral);
    if (!err)
        err = group_delivery_make(delivery, division->recipients[recipient].token, copy,
                                  division->server_public, ephemeral);
    secret_wipe(ephemeral, sizeof ephemeral);
    if (err)
        return err;
    request.delivery = (struct op_items){.bytes = delivery, .count = sizeof delivery};
    return ask(post, &request, &answer);
}

/* The last mix of a route makes the copies, and goes on until the server has each. */
static int send_through_mixes(struct post_packets *own, const struct group_division *division,
                              const struct net_node *server)
{
    uint8_t content[GROUP_DIVIDE_BYTES];
    struct group_division addressed = *division;
    _Static_assert((int)GROUP_DIVIDE_BYTES == (int)MIX_DIVIDE_BYTES, "one is the other");
    _Static_assert(sizeof addressed.address == sizeof server->at.address, "likewise");
    memcpy(addressed.address, server->at.address, sizeof addressed.address);
    addressed.port = server->at.port;
    group_division_write(content, &addressed);
    int err = packets_divide(own->packets, content);
    secret_wipe(&addressed, sizeof addressed);
    note_trouble(own);
    return err == -ENOTSUP ? -EPROTO : err;
}

static int send(struct post *post, const struct group_division *division, size_t count,
                unsigned *delivered)
{
    struct post_packets *own = (struct post_packets *)post;
    const struct net_node *server = packets_mixed_server(own->packets);
    int err = 0;
    *delivered = 0;
    if (server) {
        err = send_through_mixes(own, division, server);
        *delivered = err ? 0 : (1u << count) - 1;
        return err;
    }
    for (size_t i = 0; !err && i < count; i++) {
        err = deliver(post, division, i);
        if (!err)
            *delivered |= 1u << i;
    }
    return err;
}

static void release(struct post *post)
{
    free(post);
}

int post_packets_open(struct post **post, struct packets *packets,
                      const uint8_t server_public[static GROUP_KEY_BYTES],
                      const struct random_source *random)
{
    static const struct post_verbs verbs = {
        .open = open_mailbox,
        .read = read_mailbox,
        .remove = remove_copies,
        .close = close_mailbox,
        .send = send,
        .free = release,
    };
    struct post_packets *opened = calloc(1, sizeof *opened);
    if (!opened)
        return -ENOMEM;
    opened->post.verbs = &verbs;
    memcpy(opened->post.server_public, server_public, GROUP_KEY_BYTES);
    opened->packets = packets;
    opened->random = random;
    *post = &opened->post;
    return 0;
}
