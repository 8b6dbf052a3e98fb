#include <string.h>

#include "base/err.h"
#include "fuzz/target.h"
#include "transport/pool_answer.h"
#include "wire/record.h"

/* Records as a client reads them: a feed's frames, and the reference's answers compared with each
 * other. */

/* Every frame lies within the feed, and all frames are all of it, or it is refused. */
static void as_feed(const uint8_t *data, size_t size)
{
    struct cursor feed = cursor_over(data, size);
    struct frame frame;
    size_t taken = 0;
    int err;
    while (!(err = frame_take(&feed, &frame))) {
        INVARIANT(frame.bytes == data + taken + 1);
        taken += 1 + frame.length;
        INVARIANT(taken <= size);
        if (frame.kind == RECORD_T1)
            continue;
        struct cursor at = cursor_over(frame.bytes, frame.length);
        struct record record;
        uint8_t again[RECORD_ADDRESSED_BYTES];
        record_take(&at, &record);
        INVARIANT(cursor_finish(&at) == 0);
        record_pack(again, &record);
        INVARIANT(memcmp(again, frame.bytes, sizeof again) == 0);
    }
    INVARIANT(err == -EBADMSG || (err == -ENOENT && taken == size));
}

/* Of two answers with records of a few bytes, the second's new ones are those not in the first. */
static void as_pool(const uint8_t *data, size_t size)
{
    size_t record_bytes = 1 + data[0] % 4;
    size_t cut = data[1] < size - 2 ? data[1] : size - 2;
    struct pool_answer first = {0}, second = {0};
    size_t at = 0;
    const uint8_t *record;
    if (pool_answer_take(&first, data + 2, cut, record_bytes) == 0 &&
        pool_answer_take(&second, data + 2 + cut, size - 2 - cut, record_bytes) == 0)
        while ((record = pool_answer_next_new(&second, &first, &at)))
            INVARIANT(pool_answer_has(&second, record) && !pool_answer_has(&first, record));
    pool_answer_clear(&first);
    pool_answer_clear(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    as_feed(data, size);
    if (size >= 2)
        as_pool(data, size);
    return 0;
}
