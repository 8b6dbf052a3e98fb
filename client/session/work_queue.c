#include "session/work_queue.h"

#include <stdbool.h>
#include <stdlib.h>

int work_queue_add(struct work_queue *queue, struct work_item *item, unsigned class)
{
    INVARIANT(class < WORK_CLASSES);
    struct work_class *into = &queue->classes[class];
    if (into->count == into->room) {
        size_t room = into->room > 0 ? 2 * into->room : 16;
        void *wider = reallocarray(into->items, room, sizeof(struct work_item *));
        if (!wider)
            return -ENOMEM;
        into->items = wider;
        into->room = room;
    }
    item->class = class;
    item->place = into->count;
    into->items[into->count++] = item;
    queue->count++;
    return 0;
}

void work_queue_remove(struct work_queue *queue, struct work_item *item)
{
    struct work_class *from = &queue->classes[item->class];
    INVARIANT(item->place < from->count && from->items[item->place] == item);
    struct work_item *last = from->items[--from->count];
    from->items[item->place] = last;
    last->place = item->place;
    queue->count--;
}

/* The item with that number among all of these classes. */
static struct work_item *item_at(const struct work_queue *queue, unsigned class_min, size_t number)
{
    for (unsigned class = class_min; class < WORK_CLASSES; class ++) {
        const struct work_class *in = &queue->classes[class];
        if (number < in->count)
            return in->items[number];
        number -= in->count;
    }
    return NULL;
}

struct work_item *work_queue_next(struct work_queue *queue, unsigned class_min,
                                  const struct random_source *random)
{
    size_t count = 0;
    unsigned highest = class_min;
    for (unsigned class = class_min; class < WORK_CLASSES; class ++) {
        count += queue->classes[class].count;
        if (queue->classes[class].count > 0)
            highest = class;
    }
    if (count == 0)
        return NULL;
    bool any = ++queue->picks % WORK_ANY_EVERY == 0;
    if (!any)
        count = queue->classes[highest].count;
    return item_at(queue, any ? class_min : highest, random_below(random, (uint32_t)count));
}

void work_queue_clear(struct work_queue *queue)
{
    for (unsigned class = 0; class < WORK_CLASSES; class ++)
        free(queue->classes[class].items);
    *queue = (struct work_queue){.count = 0};
}
