/* The handlers of all routes. */
#ifndef REUNION_API_ROUTES_H
#define REUNION_API_ROUTES_H

#include "api/router.h"

/* Each `handle` and `finish` completes the reply, but for NEXT_WAIT. */

enum next page_get(struct request *request);
enum next client_part_get(struct request *request);
enum next openapi_get(struct request *request);
enum next metrics_get(struct request *request);
enum next server_get(struct request *request);

enum next health_get(struct request *request);
void health_finish(struct request *request);

enum next t1_post(struct request *request);
void t1_post_finish(struct request *request);
enum next t1_get(struct request *request);

enum next buckets_get(struct request *request);
enum next bucket_get(struct request *request);
enum next bucket_t1s_get(struct request *request);
enum next bucket_stamps_get(struct request *request);

enum next records_post(struct request *request);
void records_post_finish(struct request *request);
enum next records_get(struct request *request);

enum next feed_get(struct request *request);
void feed_begin(struct request *request);
void feed_finish(struct request *request);
void feed_abandon(struct request *request);

enum next link_post(struct request *request);
void link_post_finish(struct request *request);
enum next links_current(struct request *request);
enum next links_get(struct request *request);

enum next mailbox_post(struct request *request);
void mailbox_post_finish(struct request *request);
enum next mailbox_get(struct request *request);
void mailbox_begin(struct request *request);
void mailbox_get_finish(struct request *request);
enum next mailbox_delete(struct request *request);
enum next copies_delete(struct request *request);
enum next delivery_post(struct request *request);
void mailbox_change_finish(struct request *request);

enum next reference_get(struct request *request);
enum next reference_post(struct request *request);
void reference_post_finish(struct request *request);

/* What several of them share. */

/* Hand `request->post` to the writer; the `begin` of all that post. */
void post_begin(struct request *request);

/* The answer to a post that was not taken. */
void reply_outcome(struct reply *reply, const struct post *post);

/* The tag of a place in the query, zeros without one. Returns: 0, -EBADMSG (the reply is complete).
 */
MUST_CHECK int request_place(struct request *request);

/* The same for `request->post`, which may have lacked a stamp. */
void reply_posted(struct request *request);

/* Take in the stamp of a request that posts; one of another form is answered.
 * Returns: 0, -EBADMSG (the reply is complete). */
MUST_CHECK int post_take_stamp(struct request *request);

/* The answer to what a service's reading function gave other than 0, for a bucket. */
void reply_bucket_error(struct reply *reply, int err);

/* The answer that has what a bucket holds, the blob: once the bucket is closed nothing of it
 * changes until it expires, and `tag` names it. */
void reply_content(struct request *request, struct blob blob, const struct bucket_facts *facts,
                   const uint8_t tag[static ID_BYTES]);

/* The seconds of `wait` in the query, 0 without it. Returns: 0, -EBADMSG (the reply is complete).
 */
MUST_CHECK int request_wait_s(struct request *request, uint32_t *wait_s);

/* Wakes the request that waits. */
void request_wake(struct waiter *waiter);

/* Tell where to go on. */
void reply_cursor(struct reply *reply, const struct feed_cursor *next);

/* A bucket as JSON has it. */
struct v1_bucket bucket_as_json(const struct bucket_facts *facts);

#endif
