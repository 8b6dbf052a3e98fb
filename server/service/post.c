#include "service/post.h"

#include "crypto/hash.h"

void post_t1_id(uint8_t id[static ID_BYTES], const uint8_t t1[static RECORD_T1_BYTES])
{
    hash_bytes(id, t1, RECORD_T1_BYTES);
}

void post_key_hash(uint8_t hash[static ID_BYTES], const uint8_t key[static WRITE_KEY_BYTES])
{
    hash_bytes(hash, key, WRITE_KEY_BYTES);
}

enum post_outcome post_outcome_of(int err)
{
    switch (err) {
    case 0:
        return POST_STORED;
    case -EEXIST:
        return POST_STOOD;
    case -EACCES:
        return POST_WRONG_KEY;
    case -ENOENT:
        return POST_NO_BUCKET;
    case -EKEYEXPIRED:
        return POST_GONE;
    case -ENOSPC:
        return POST_FULL;
    case -EBUSY:
        return POST_CLOSED;
    case -EMFILE:
        return POST_TOO_MANY_BUCKETS;
    case -EUSERS:
        return POST_TOO_MANY_PLACES;
    case -ENFILE:
        return POST_WINDOW_FULL;
    case -EFBIG:
        return POST_STORE_FULL;
    case -EPERM:
        return POST_UNPAID;
    case -EAGAIN:
        return POST_EVICTED;
    default:
        return POST_UNAVAILABLE;
    }
}

uint32_t post_wait_s(int64_t then_s, int64_t now_s)
{
    if (then_s <= now_s || then_s == INT64_MAX)
        return 0;
    return then_s - now_s < UINT32_MAX ? (uint32_t)(then_s - now_s) : UINT32_MAX;
}

static void note_result(struct post *post, size_t index, int err)
{
    if (post->results)
        post->results[index] = (uint8_t)(err == 0         ? RECORD_STORED
                                         : err == -EEXIST ? RECORD_STOOD
                                                          : RECORD_REFUSED);
}

bool post_count_record(struct post *post, size_t index, int err)
{
    note_result(post, index, err);
    switch (err) {
    case 0:
        post->stored++;
        return true;
    case -EEXIST:
        post->duplicate++;
        return true;
    case -ENOMEM:
    case -EAGAIN:
    case -EFBIG:
        return false;
    default:
        post->over_limit += err == -EDQUOT ? 1 : 0;
        if (post->refusals)
            post->refusals[post->refused] = (struct post_refusal){index, err};
        post->refused++;
        return true;
    }
}
