#include "http/routes.h"

static void post_done(struct post *post)
{
    struct request *request = INDEX_OWNER(post, struct request, post);
    request->resume(request);
}

void post_begin(struct request *request)
{
    request->post.done = post_done;
    if (service_submit(request->api->service, &request->post)) {
        request->post.outcome = POST_UNAVAILABLE;
        request->resume(request);
    }
}

void reply_outcome(struct reply *reply, enum post_outcome outcome)
{
    static const enum problem problems[] = {
        [POST_NO_BUCKET] = PROBLEM_UNKNOWN_BUCKET,
        [POST_GONE] = PROBLEM_BUCKET_GONE,
        [POST_FULL] = PROBLEM_BUCKET_FULL,
        [POST_CLOSED] = PROBLEM_BUCKET_CLOSED,
        [POST_WRONG_KEY] = PROBLEM_WRONG_KEY,
        [POST_NO_SENDER] = PROBLEM_UNKNOWN_SENDER,
        [POST_MIXED] = PROBLEM_MIXED_SENDERS,
        [POST_TOO_MANY_BUCKETS] = PROBLEM_TOO_MANY_BUCKETS,
        [POST_STORE_FULL] = PROBLEM_STORE_FULL,
        [POST_UNAVAILABLE] = PROBLEM_UNAVAILABLE,
    };
    INVARIANT(outcome != POST_STORED && outcome != POST_STOOD);
    reply_problem(reply, problems[outcome]);
}
