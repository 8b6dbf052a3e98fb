/* Priority queue of T1s: by class, in random order inside a class. */
#ifndef REUNION_SESSION_WORK_QUEUE_H
#define REUNION_SESSION_WORK_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"

/* DESIGN: the class of a T1 says how much its sender paid for it (spec "How a client orders its
 * work"). The highest class goes first, so junk that delays others has to be paid for. Inside a
 * class the order is random, so junk cannot choose to be early or late. Every eighth T1 is drawn
 * from the whole queue, so that senders who paid nothing are reached too. The queue does not own
 * its items. For one thread. */

enum { WORK_CLASSES = 34, WORK_ANY_EVERY = 8 };

struct work_item {
    unsigned class; /* below WORK_CLASSES */
    size_t place;   /* inside its class */
};

struct work_class {
    struct work_item **items;
    size_t count, room;
};

/* Zeros are an empty queue. */
struct work_queue {
    struct work_class classes[WORK_CLASSES];
    size_t count;
    unsigned picks; /* so far */
};

/* Add an item, which must outlive its stay, in that class. Returns: 0, -ENOMEM. Never fails for an
 * item that was just removed from this class. */
MUST_CHECK int work_queue_add(struct work_queue *queue, struct work_item *item, unsigned class);

void work_queue_remove(struct work_queue *queue, struct work_item *item);

/* The next item whose class is `class_min` or higher, which stays in the queue; NULL: there is
 * none. */
struct work_item *work_queue_next(struct work_queue *queue, unsigned class_min,
                                  const struct random_source *random);

/* Release the queue, not the items. */
void work_queue_clear(struct work_queue *queue);

#endif
