#include <string.h>

#include "api/routes.h"
#include "base/hex.h"
#include "base/owner_of.h"

static void post_done(struct post *post)
{
    struct request *request = OWNER_OF(post, struct request, post);
    request->resume(request);
}

static int submit(struct request *request)
{
    struct service *service = request->api->service;
    if (!request->has_stamp)
        return service_submit(service, &request->post);
    return service_submit_stamped(service, &request->post, request->nonce, request->client);
}

void post_begin(struct request *request)
{
    request->post.done = post_done;
    int err = submit(request);
    if (err) {
        request->post.outcome = err == -ENOSPC ? POST_TOO_MANY_STAMPS : POST_UNAVAILABLE;
        request->resume(request);
    }
}

int request_place(struct request *request)
{
    const char *place = request_parameter(request, "place");
    memset(request->place, 0, ID_BYTES);
    if (!place || hex_decode(request->place, ID_BYTES, place) == 0)
        return 0;
    reply_problem(&request->reply, PROBLEM_MALFORMED_ID);
    return -EBADMSG;
}

void reply_outcome(struct reply *reply, const struct post *post)
{
    enum post_outcome outcome = post->outcome;
    static const enum problem problems[] = {
        [POST_NO_BUCKET] = PROBLEM_UNKNOWN_BUCKET,
        [POST_GONE] = PROBLEM_BUCKET_GONE,
        [POST_FULL] = PROBLEM_BUCKET_FULL,
        [POST_CLOSED] = PROBLEM_BUCKET_CLOSED,
        [POST_WRONG_KEY] = PROBLEM_WRONG_KEY,
        [POST_WRONG_STAMP] = PROBLEM_WRONG_STAMP,
        [POST_TOO_MANY_STAMPS] = PROBLEM_TOO_MANY_STAMPS,
        [POST_NO_SENDER] = PROBLEM_UNKNOWN_SENDER,
        [POST_MIXED] = PROBLEM_MIXED_SENDERS,
        [POST_TOO_MANY_BUCKETS] = PROBLEM_TOO_MANY_BUCKETS,
        [POST_TOO_MANY_PLACES] = PROBLEM_TOO_MANY_PLACES,
        [POST_WINDOW_FULL] = PROBLEM_TOO_MANY_LINKS,
        [POST_NO_MAILBOX] = PROBLEM_UNKNOWN_MAILBOX,
        [POST_MAILBOX_CLOSED] = PROBLEM_MAILBOX_CLOSED,
        [POST_TOO_MANY_MAILBOXES] = PROBLEM_TOO_MANY_MAILBOXES,
        [POST_STORE_FULL] = PROBLEM_STORE_FULL,
        [POST_UNAVAILABLE] = PROBLEM_UNAVAILABLE,
    };
    INVARIANT(outcome != POST_STORED && outcome != POST_STOOD && outcome != POST_RAISED &&
              outcome != POST_UNPAID);
    if (post->retry_s > 0)
        reply_problem_until(reply, problems[outcome], post->retry_s);
    else
        reply_problem(reply, problems[outcome]);
}

/* What is asked may have become less since; a client is told no less than it lacked. */
static void reply_unpaid(struct request *request)
{
    const struct post *post = &request->post;
    struct stamp_terms terms;
    service_stamp_terms(request->api->service, post->t1.place, &terms);
    struct v1_stamp_wanted wanted = {.effort = post->asked, .until = (uint64_t)terms.until_s};
    memcpy(wanted.challenge, terms.challenge, sizeof wanted.challenge);
    int64_t free_s = post->kind == &post_link ? terms.link_free_s : terms.t1_free_s;
    reply_problem_stamp(&request->reply, &wanted, free_s > 1 ? (uint32_t)free_s : 1);
}

void reply_posted(struct request *request)
{
    enum post_outcome outcome = request->post.outcome;
    if (outcome == POST_UNPAID)
        reply_unpaid(request);
    else
        reply_outcome(&request->reply, &request->post);
    if (outcome == POST_WRONG_STAMP)
        request->reply.close = true;
}

int post_take_stamp(struct request *request)
{
    int err = request_stamp(request, request->nonce);
    request->has_stamp = err == 0;
    if (err != -EBADMSG)
        return 0;
    reply_problem(&request->reply, PROBLEM_WRONG_STAMP);
    request->reply.close = true;
    return err;
}
