#include "group/seen.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "group/message.h"

/* A message of which something has come. */
struct seen_message {
    uint64_t number;
    uint64_t mask; /* bit i: part i */
    uint8_t parts;
};

struct seen_list {
    uint8_t group_public[GROUP_KEY_BYTES];
    uint8_t author[GROUP_MEMBER_BYTES];
    uint64_t base;                 /* below it everything has come, or was given up */
    uint64_t next;                 /* below it everything is known to exist */
    struct seen_message *messages; /* sorted, none below `base` */
    size_t count, room;
};

struct group_seen {
    struct seen_list *lists;
    size_t count, room;
};

struct group_seen *group_seen_open(void)
{
    return calloc(1, sizeof(struct group_seen));
}

static void forget_all(struct group_seen *seen)
{
    for (size_t i = 0; i < seen->count; i++)
        free(seen->lists[i].messages);
    free(seen->lists);
    *seen = (struct group_seen){0};
}

void group_seen_close(struct group_seen *seen)
{
    if (seen)
        forget_all(seen);
    free(seen);
}

static struct seen_list *find(const struct group_seen *seen,
                              const uint8_t group_public[static GROUP_KEY_BYTES],
                              const uint8_t author[static GROUP_MEMBER_BYTES])
{
    for (size_t i = 0; i < seen->count; i++) {
        struct seen_list *list = &seen->lists[i];
        if (memcmp(list->group_public, group_public, GROUP_KEY_BYTES) == 0 &&
            memcmp(list->author, author, GROUP_MEMBER_BYTES) == 0)
            return list;
    }
    return NULL;
}

/* The list of an author under a G, begun if there is none. Returns: 0, -ENOSPC, -ENOMEM. */
static int open_list(struct group_seen *seen, const uint8_t group_public[static GROUP_KEY_BYTES],
                     const uint8_t author[static GROUP_MEMBER_BYTES], struct seen_list **out)
{
    *out = find(seen, group_public, author);
    if (*out)
        return 0;
    if (seen->count == GROUP_SEEN_LISTS_MAX)
        return -ENOSPC;
    if (seen->count == seen->room) {
        size_t room = seen->room ? 2 * seen->room : 8;
        struct seen_list *lists = reallocarray(seen->lists, room, sizeof *lists);
        if (!lists)
            return -ENOMEM;
        seen->lists = lists;
        seen->room = room;
    }
    *out = &seen->lists[seen->count++];
    **out = (struct seen_list){.base = 0};
    memcpy((*out)->group_public, group_public, GROUP_KEY_BYTES);
    memcpy((*out)->author, author, GROUP_MEMBER_BYTES);
    return 0;
}

static bool is_whole(const struct seen_message *message)
{
    return message->mask == UINT64_MAX >> (GROUP_PARTS_MAX - message->parts);
}

static void drop_first(struct seen_list *list)
{
    list->base = list->messages[0].number + 1;
    memmove(list->messages, list->messages + 1, --list->count * sizeof *list->messages);
}

/* Whole messages at the beginning become part of `base`. */
static void collapse(struct seen_list *list)
{
    while (list->count > 0 && list->messages[0].number == list->base &&
           is_whole(&list->messages[0]))
        drop_first(list);
}

/* Where a message stands, or would. */
static size_t place_of(const struct seen_list *list, uint64_t number)
{
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (list->messages[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int make_room(struct seen_list *list)
{
    if (list->count < list->room)
        return 0;
    size_t room = list->room ? 2 * list->room : 4;
    struct seen_message *messages = reallocarray(list->messages, room, sizeof *messages);
    if (!messages)
        return -ENOMEM;
    list->messages = messages;
    list->room = room;
    return 0;
}

/* A message with nothing of it yet. Returns: 0, -ENOMEM. */
static int add(struct seen_list *list, uint64_t number, uint8_t parts)
{
    int err = make_room(list);
    if (err)
        return err;
    size_t at = place_of(list, number);
    memmove(list->messages + at + 1, list->messages + at,
            (list->count - at) * sizeof *list->messages);
    list->messages[at] = (struct seen_message){.number = number, .parts = parts};
    list->count++;
    return 0;
}

static struct seen_message *find_message(const struct seen_list *list, uint64_t number)
{
    size_t at = place_of(list, number);
    bool stands = at < list->count && list->messages[at].number == number;
    return stands ? &list->messages[at] : NULL;
}

int group_seen_take(struct group_seen *seen, const uint8_t group_public[static GROUP_KEY_BYTES],
                    const uint8_t author[static GROUP_MEMBER_BYTES], uint64_t number, uint8_t part,
                    uint8_t parts)
{
    struct seen_list *list;
    if (parts == 0 || parts > GROUP_PARTS_MAX || part >= parts || number == UINT64_MAX)
        return -EBADMSG;
    int err = open_list(seen, group_public, author, &list);
    if (err)
        return err;
    if (number < list->base)
        return -EEXIST;
    struct seen_message *message = find_message(list, number);
    if (message && message->parts != parts)
        return -EBADMSG;
    if (message && message->mask >> part & 1)
        return -EEXIST;
    if (!message)
        err = add(list, number, parts);
    if (err)
        return err;
    find_message(list, number)->mask |= UINT64_C(1) << part;
    if (number >= list->next)
        list->next = number + 1;
    collapse(list);
    if (list->count > GROUP_SEEN_OPEN_MAX) {
        drop_first(list);
        collapse(list);
    }
    return 0;
}

int group_seen_expect(struct group_seen *seen, const uint8_t group_public[static GROUP_KEY_BYTES],
                      const uint8_t author[static GROUP_MEMBER_BYTES], uint64_t next)
{
    struct seen_list *list;
    int err = open_list(seen, group_public, author, &list);
    if (!err && next > list->next)
        list->next = next;
    return err;
}

uint64_t group_seen_missing(const struct group_seen *seen,
                            const uint8_t group_public[static GROUP_KEY_BYTES],
                            const uint8_t author[static GROUP_MEMBER_BYTES], uint64_t *numbers,
                            size_t max)
{
    const struct seen_list *list = find(seen, group_public, author);
    if (!list || list->next <= list->base)
        return 0;
    uint64_t missing = list->next - list->base;
    for (size_t i = 0; i < list->count; i++)
        missing -= is_whole(&list->messages[i]);
    size_t reported = 0;
    for (uint64_t number = list->base; reported < max && number < list->next; number++) {
        const struct seen_message *message = find_message(list, number);
        if (!message || !is_whole(message))
            numbers[reported++] = number;
    }
    return missing;
}

uint64_t group_seen_next(const struct group_seen *seen,
                         const uint8_t group_public[static GROUP_KEY_BYTES],
                         const uint8_t author[static GROUP_MEMBER_BYTES])
{
    const struct seen_list *list = find(seen, group_public, author);
    return list ? list->next : 0;
}

void group_seen_forget(struct group_seen *seen, const uint8_t group_public[static GROUP_KEY_BYTES])
{
    size_t kept = 0;
    for (size_t i = 0; i < seen->count; i++) {
        if (memcmp(seen->lists[i].group_public, group_public, GROUP_KEY_BYTES) == 0)
            free(seen->lists[i].messages);
        else
            seen->lists[kept++] = seen->lists[i];
    }
    seen->count = kept;
}

void group_seen_save(const struct group_seen *seen, struct writer *writer)
{
    writer_be32(writer, (uint32_t)seen->count);
    for (size_t i = 0; i < seen->count; i++) {
        const struct seen_list *list = &seen->lists[i];
        writer_put(writer, list->group_public, sizeof list->group_public);
        writer_put(writer, list->author, sizeof list->author);
        writer_be64(writer, list->base);
        writer_be64(writer, list->next);
        writer_be32(writer, (uint32_t)list->count);
        for (size_t k = 0; k < list->count; k++) {
            writer_be64(writer, list->messages[k].number);
            writer_be64(writer, list->messages[k].mask);
            writer_u8(writer, list->messages[k].parts);
        }
    }
}

static int load_message(struct seen_list *list, struct cursor *cursor)
{
    uint64_t number = cursor_be64(cursor), mask = cursor_be64(cursor);
    uint8_t parts = cursor_u8(cursor);
    bool sound = !cursor->failed && parts > 0 && parts <= GROUP_PARTS_MAX && mask != 0 &&
                 (mask & ~(UINT64_MAX >> (GROUP_PARTS_MAX - parts))) == 0 && number >= list->base &&
                 number < list->next && !find_message(list, number);
    if (!sound)
        return -EBADMSG;
    int err = add(list, number, parts);
    if (!err)
        find_message(list, number)->mask = mask;
    return err;
}

static int load_list(struct group_seen *seen, struct cursor *cursor)
{
    uint8_t group_public[GROUP_KEY_BYTES], author[GROUP_MEMBER_BYTES];
    struct seen_list *list;
    cursor_copy(cursor, group_public, sizeof group_public);
    cursor_copy(cursor, author, sizeof author);
    uint64_t base = cursor_be64(cursor), next = cursor_be64(cursor);
    uint32_t count = cursor_be32(cursor);
    if (cursor->failed || count > GROUP_SEEN_OPEN_MAX || find(seen, group_public, author))
        return -EBADMSG;
    int err = open_list(seen, group_public, author, &list);
    if (err)
        return err;
    list->base = base;
    list->next = next;
    for (uint32_t i = 0; !err && i < count; i++)
        err = load_message(list, cursor);
    return err;
}

int group_seen_load(struct group_seen *seen, struct cursor *cursor)
{
    forget_all(seen);
    uint32_t count = cursor_be32(cursor);
    int err = cursor->failed || count > GROUP_SEEN_LISTS_MAX ? -EBADMSG : 0;
    for (uint32_t i = 0; !err && i < count; i++)
        err = load_list(seen, cursor);
    if (err)
        forget_all(seen);
    return err;
}
