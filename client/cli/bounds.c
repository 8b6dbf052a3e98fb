#include "cli/bounds.h"

struct bucket_bounds bounds_of(const struct options *options)
{
    return (struct bucket_bounds){.tolerance_s = (uint64_t)options->tolerance_s,
                                  .sequence_max = (uint32_t)options->sequence_max};
}

const char *verdict_text(enum bucket_verdict verdict)
{
    static const char *const texts[] = {
        [BUCKET_GOOD] = "there is nothing wrong with it",
        [BUCKET_HASH_WRONG] = "its link does not belong to its id",
        [BUCKET_ELSEWHERE] = "its link does not belong to its id in this place; if somebody named "
                             "it, does --place name the place that it is in?",
        [BUCKET_WINDOW_ODD] = "the server keeps buckets open for a time that is not allowed; it "
                              "may be older than this program",
        [BUCKET_OFF_GRID] = "its time is not the beginning of a window; the server may be older "
                            "than this program",
        [BUCKET_SEQUENCE_HIGH] = "its number is too high for one hour; --max-sequence takes more",
        [BUCKET_IN_FUTURE] = "its time lies in the future; is the clock right?",
        [BUCKET_TOO_OLD] = "it is too old to take newcomers; is the clock right?",
        [BUCKET_NOT_CURRENT] = "asked again, the server names another bucket",
    };
    return texts[verdict];
}

const char *verdict_word(enum bucket_verdict verdict)
{
    static const char *const words[] = {
        [BUCKET_GOOD] = NULL,
        [BUCKET_HASH_WRONG] = "bucket-link",
        [BUCKET_ELSEWHERE] = "bucket-link",
        [BUCKET_WINDOW_ODD] = "bucket-window",
        [BUCKET_OFF_GRID] = "bucket-grid",
        [BUCKET_SEQUENCE_HIGH] = "bucket-sequence",
        [BUCKET_IN_FUTURE] = "bucket-future",
        [BUCKET_TOO_OLD] = "bucket-old",
        [BUCKET_NOT_CURRENT] = "bucket-not-current",
    };
    return words[verdict];
}
