#include "cli/bounds.h"

enum { TOLERANCE_S = 300, WINDOW_S_MAX = 24 * 60 * 60, BUCKETS_PER_SECOND_MAX = 16 };

struct bucket_bounds bounds_of(const struct options *options)
{
    int64_t tolerance_s = options->tolerance_s, window_s = options->window_s_max;
    int64_t sequence = options->sequence_max;
    return (struct bucket_bounds){
        .tolerance_s = tolerance_s >= 0 ? (uint64_t)tolerance_s : TOLERANCE_S,
        .open_window_s_max = window_s >= 0 ? (uint64_t)window_s : WINDOW_S_MAX,
        .sequence_max = sequence >= 0 ? (uint32_t)sequence : BUCKETS_PER_SECOND_MAX,
    };
}

const char *verdict_text(enum bucket_verdict verdict)
{
    static const char *const texts[] = {
        [BUCKET_GOOD] = "there is nothing wrong with it",
        [BUCKET_LINK_WRONG] = "its link does not belong to its id",
        [BUCKET_SEQUENCE_HIGH] = "there should not be that many in one second",
        [BUCKET_IN_FUTURE] = "its time lies in the future; is the clock right?",
        [BUCKET_TOO_OLD] = "it is older than one that takes newcomers; is the clock right?",
    };
    return texts[verdict];
}

const char *verdict_word(enum bucket_verdict verdict)
{
    static const char *const words[] = {
        [BUCKET_GOOD] = NULL,
        [BUCKET_LINK_WRONG] = "bucket-link",
        [BUCKET_SEQUENCE_HIGH] = "bucket-sequence",
        [BUCKET_IN_FUTURE] = "bucket-future",
        [BUCKET_TOO_OLD] = "bucket-old",
    };
    return words[verdict];
}
