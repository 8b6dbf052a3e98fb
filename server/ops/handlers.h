/* The handlers of all ops. */
#ifndef REUNION_OPS_HANDLERS_H
#define REUNION_OPS_HANDLERS_H

#include "ops/answers.h"

/* Each completes the answer and returns OPS_ANSWER, or returns OPS_WAIT. */

enum ops_next op_describe(struct ops_call *call, struct ops_answer *answer);
enum ops_next op_fetch_t1(struct ops_call *call, struct ops_answer *answer);
enum ops_next op_list_buckets(struct ops_call *call, struct ops_answer *answer);
enum ops_next op_find_bucket(struct ops_call *call, struct ops_answer *answer);
enum ops_next op_read_t1s(struct ops_call *call, struct ops_answer *answer);
enum ops_next op_read_links(struct ops_call *call, struct ops_answer *answer);
enum ops_next op_read_stamps(struct ops_call *call, struct ops_answer *answer);

enum ops_next op_post_t1(struct ops_call *call, struct ops_answer *answer);
enum ops_next op_post_link(struct ops_call *call, struct ops_answer *answer);
enum ops_next op_post_records(struct ops_call *call, struct ops_answer *answer);
void op_post_begin(struct ops_call *call);
enum ops_next op_post_finish(struct ops_call *call, struct ops_answer *answer);

enum ops_next op_change_mailbox(struct ops_call *call, struct ops_answer *answer);
enum ops_next op_deliver(struct ops_call *call, struct ops_answer *answer);
enum ops_next op_read_mailbox(struct ops_call *call, struct ops_answer *answer);
void op_mailbox_begin(struct ops_call *call);
enum ops_next op_mailbox_finish(struct ops_call *call, struct ops_answer *answer);

enum ops_next op_feed(struct ops_call *call, struct ops_answer *answer);
void op_feed_begin(struct ops_call *call);
enum ops_next op_feed_finish(struct ops_call *call, struct ops_answer *answer);

/* What the long waits share: begin one that lasts at most so many seconds; whether it is over; wake
 * its call. */
void op_start_wait(struct ops_call *call, uint8_t wait_s);
bool op_wait_is_over(const struct ops_call *call);
void op_wake(struct waiter *waiter);

#endif
