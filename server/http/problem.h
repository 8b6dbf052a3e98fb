/* All errors a client can be told, RFC 9457. */
#ifndef REUNION_HTTP_PROBLEM_H
#define REUNION_HTTP_PROBLEM_H

enum problem {
    PROBLEM_NOT_FOUND,
    PROBLEM_METHOD,
    PROBLEM_LENGTH_REQUIRED,
    PROBLEM_TOO_LARGE,
    PROBLEM_MEDIA_TYPE,
    PROBLEM_MALFORMED_ID,
    PROBLEM_MALFORMED_QUERY,
    PROBLEM_MALFORMED_BODY,
    PROBLEM_MIXED_SENDERS,
    PROBLEM_BAD_CURSOR,
    PROBLEM_KEY_REQUIRED,
    PROBLEM_WRONG_KEY,
    PROBLEM_UNKNOWN_BUCKET,
    PROBLEM_BUCKET_GONE,
    PROBLEM_BUCKET_FULL,
    PROBLEM_BUCKET_CLOSED,
    PROBLEM_UNKNOWN_T1,
    PROBLEM_UNKNOWN_SENDER,
    PROBLEM_TOO_MANY_WAITING,
    PROBLEM_TOO_MANY_BUCKETS,
    PROBLEM_STORE_FULL,
    PROBLEM_UNAVAILABLE,
    PROBLEMS,
};

struct problem_text {
    const char *slug; /* behind "urn:reunion:problem:"; never changes */
    unsigned status;
    const char *title;
    const char *detail;
};

extern const struct problem_text problem_texts[PROBLEMS];

#endif
