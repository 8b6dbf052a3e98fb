#include "lib/transport_between.h"

#include <stdlib.h>

#include "base/err.h"

struct between {
    struct transport base;
    struct transport *real;
    struct between_hooks hooks;
};

static struct between *of(struct transport *transport)
{
    return (struct between *)transport;
}

static int before(struct between *between, const char *verb, size_t size)
{
    const struct between_hooks *hooks = &between->hooks;
    return hooks->before ? hooks->before(hooks->state, verb, size) : 0;
}

static int after(struct between *between, int err)
{
    const struct between_hooks *hooks = &between->hooks;
    between->base.retry_after_ms = between->real->retry_after_ms;
    between->base.trouble = between->real->trouble;
    between->base.certain = between->real->certain;
    between->base.unanswered = between->real->unanswered;
    return hooks->after ? hooks->after(hooks->state, err) : err;
}

#define VERB(verb, size, arguments, ...)                                                           \
    static int between_##verb arguments                                                            \
    {                                                                                              \
        struct between *between = of(transport);                                                   \
        int err = before(between, #verb, size);                                                    \
        if (err)                                                                                   \
            return err;                                                                            \
        return after(between, between->real->verbs->verb(between->real, __VA_ARGS__));             \
    }

VERB(describe, 0, (struct transport * transport, struct transport_traits *traits), traits)
VERB(announce, me->t1_bytes,
     (struct transport * transport, const struct transport_identity *me,
      const struct transport_place *wanted, struct transport_bucket *bucket),
     me, wanted, bucket)
VERB(find, 0,
     (struct transport * transport, const struct transport_place *place,
      struct transport_bucket *bucket),
     place, bucket)
VERB(list, 0,
     (struct transport * transport, struct transport_bucket *buckets, size_t capacity,
      size_t *count),
     buckets, capacity, count)
VERB(read_t1s, 0,
     (struct transport * transport, const struct transport_place *place,
      const struct transport_sink *sink),
     place, sink)
VERB(fetch_t1, 0,
     (struct transport * transport, const uint8_t id[static ID_BYTES],
      const struct transport_sink *sink),
     id, sink)
VERB(send, 10 * count + (size_t)kind,
     (struct transport * transport, enum record_kind kind, struct transport_letter *letters,
      size_t count),
     kind, letters, count)
VERB(receive, (size_t)wait_ms,
     (struct transport * transport, int64_t wait_ms, const struct transport_sink *sink), wait_ms,
     sink)

static void between_free(struct transport *transport)
{
    of(transport)->real->verbs->free(of(transport)->real);
    free(transport);
}

static const struct transport_verbs between_verbs = {
    .describe = between_describe,
    .announce = between_announce,
    .find = between_find,
    .list = between_list,
    .read_t1s = between_read_t1s,
    .fetch_t1 = between_fetch_t1,
    .send = between_send,
    .receive = between_receive,
    .free = between_free,
};

struct transport *transport_between_open(struct transport *real, const struct between_hooks *hooks)
{
    struct between *between = calloc(1, sizeof *between);
    INVARIANT(between);
    between->base.verbs = &between_verbs;
    between->real = real;
    between->hooks = *hooks;
    return &between->base;
}
