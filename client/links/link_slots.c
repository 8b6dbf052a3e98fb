#include "links/link_slots.h"

#include <string.h>

#include "cli/bounds.h"

static struct refusal of_verdict(enum bucket_verdict verdict)
{
    if (verdict == BUCKET_GOOD)
        return (struct refusal){0};
    return (struct refusal){verdict_word(verdict), verdict_text(verdict)};
}

/* Whoever opens an invitation has it from somebody, who can make another. */
static struct refusal of_invitation(enum bucket_verdict verdict)
{
    struct refusal refusal = of_verdict(verdict);
    if (verdict == BUCKET_OFF_GRID)
        refusal.text = "its time is not the beginning of an hour. Either the invitation was made "
                       "before servers kept to hours, or the server gave it a bucket of its own, "
                       "to see when it is opened. Ask whoever made it for a new one";
    if (verdict == BUCKET_SEQUENCE_HIGH)
        refusal.text = "its number is higher than buckets of one hour usually have. The server may "
                       "have given the invitation a bucket of its own, to see when it is opened. "
                       "Ask whoever made it for a new one, or take more with --max-sequence";
    return refusal;
}

static struct transport_bucket claimed(const struct bucket_id *id,
                                       const uint8_t bucket_hash[static ID_BYTES])
{
    uint8_t fitting[ID_BYTES];
    struct bucket_id common = {.created = id->created, .sequence = id->sequence};
    bucket_id_hash(fitting, &common, BUCKET_KIND_LINKS);
    return (struct transport_bucket){.created = id->created,
                                     .sequence = id->sequence,
                                     .hash_fits = memcmp(fitting, bucket_hash, ID_BYTES) == 0};
}

struct refusal slots_check_posted(const struct link_bucket *bucket,
                                  const struct bucket_bounds *bounds, int64_t asked_s,
                                  int64_t now_s)
{
    struct transport_bucket own = claimed(&bucket->id, bucket->bucket_hash);
    return of_verdict(bucket_check_own_links(&own, bounds, asked_s, now_s));
}

struct refusal slots_check_current(const struct link_bucket *posted,
                                   const struct link_bucket *current)
{
    struct transport_bucket own = claimed(&posted->id, posted->bucket_hash);
    struct transport_bucket reported = claimed(&current->id, current->bucket_hash);
    return of_verdict(bucket_check_current_links(&own, &reported));
}

struct refusal slots_check_none(const struct link_bucket *posted,
                                const struct bucket_bounds *bounds, int64_t now_s)
{
    uint64_t later_s = (now_s > 0 ? (uint64_t)now_s : 0) + bounds->tolerance_s;
    bool ended = later_s >= posted->id.created && later_s - posted->id.created >= LINK_WINDOW_S;
    return of_verdict(ended ? BUCKET_GOOD : BUCKET_NOT_CURRENT);
}

/* All pairs: 2016 comparisons that nearly all end at the first byte. */
static bool any_twice(const struct link_slots *slots)
{
    for (size_t i = 0; i < LINK_SLOTS; i++)
        for (size_t j = 0; j < i; j++)
            if (memcmp(slots->blobs + i * LINK_BLOB_BYTES, slots->blobs + j * LINK_BLOB_BYTES,
                       LINK_BLOB_BYTES) == 0)
                return true;
    return false;
}

struct refusal slots_check(const struct link_slots *slots,
                           const uint8_t bucket_hash[static ID_BYTES],
                           const struct bucket_bounds *bounds, int64_t now_s)
{
    if (!slots->has_id)
        return (struct refusal){"bucket-id", "the server does not say which one it is"};
    struct transport_bucket shown = claimed(&slots->id, bucket_hash);
    enum bucket_verdict verdict = bucket_check_links(&shown, bounds, now_s);
    if (verdict != BUCKET_GOOD)
        return of_invitation(verdict);
    if (slots->bytes != LINK_BUCKET_BYTES)
        return (struct refusal){"bucket-size", "it is not as long as every bucket of links is"};
    if (any_twice(slots))
        return (struct refusal){"entry-repeated",
                                "it has an entry twice, which never happens with an honest server"};
    return (struct refusal){0};
}

size_t slots_count(const struct link_slots *slots, const uint8_t blob[static LINK_BLOB_BYTES])
{
    size_t count = 0;
    for (size_t i = 0; i < LINK_SLOTS; i++)
        count += memcmp(slots->blobs + i * LINK_BLOB_BYTES, blob, LINK_BLOB_BYTES) == 0;
    return count;
}
