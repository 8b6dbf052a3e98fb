/* People in one bucket, two of whom meet or none: real sessions at a real server. */
#ifndef REUNION_TESTS_UNOBSERVABILITY_MEETING_H
#define REUNION_TESTS_UNOBSERVABILITY_MEETING_H

#include <stdbool.h>

#include "lib/test.h"
#include "plain_http.h"
#include "reunion/reunion.h"
#include "wire/sizes.h"

enum { PARTIES = 4 };

/* What the parties do wrong, so that it can be seen whether the games would notice. */
enum leak {
    LEAK_NONE,
    LEAK_NO_DUMMIES,     /* T3s are posted to whom one meets alone */
    LEAK_BIASED_DUMMIES, /* a bit of a dummy T3 is always 0 */
    LEAK_CONTENT,        /* who has met stops asking */
    LEAK_MARK,           /* the server's memory has a mark */
};

struct party {
    struct reunion_session *session;
    struct plain_http http;
    char key[2 * WRITE_KEY_BYTES + 1];
    char bucket_hash[2 * ID_BYTES + 1]; /* of the bucket */
    bool met;                           /* a message was revealed */
};

struct meeting {
    struct party parties[PARTIES]; /* in order of arrival */
    bool two_meet;
    size_t first, second; /* who, if so */
    enum leak leak;
};

/* Let the parties arrive at a server and exchange all there is to exchange. Ends with every
 * connection closed and the sessions forgotten; the counts of their connections stay. */
void meeting_hold(struct meeting *meeting, int port, struct seeded *seeded);

#endif
