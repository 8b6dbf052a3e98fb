#include "bucket/need.h"

int table_need(struct table *table, struct bucket *bucket)
{
    if (bucket->content)
        return 0;
    table->wanted = bucket;
    return -EAGAIN;
}

int table_need_t1(struct table *table, const uint8_t id[static ID_BYTES], int64_t now_s,
                  struct t1_entry **t1)
{
    struct t1_entry *found = table_sender(table, id, now_s);
    if (found) {
        *t1 = found;
        return 0;
    }
    struct bucket *evicted = table_find_evicted(table, id, now_s);
    return evicted ? table_need(table, evicted) : -ENOENT;
}
