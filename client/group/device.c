#include "group/device.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/x25519.h"
#include "group/inside.h"

int list_grow(void *all, size_t *room, size_t count, size_t each)
{
    void **list = all;
    if (count < *room)
        return 0;
    size_t wanted = *room ? 2 * *room : 4;
    void *grown = calloc(wanted, each);
    if (!grown)
        return -ENOMEM;
    if (count > 0) {
        memcpy(grown, *list, count * each);
        secret_wipe(*list, count * each);
    }
    free(*list);
    *list = grown;
    *room = wanted;
    return 0;
}

void list_drop(void *all, size_t *count, size_t at, size_t each)
{
    uint8_t *list = all;
    memmove(list + at * each, list + (at + 1) * each, (*count - at - 1) * each);
    (*count)--;
    secret_wipe(list + *count * each, each);
}

static void list_free(void *all, size_t count, size_t each)
{
    if (all)
        secret_wipe(all, count * each);
    free(all);
}

int device_empty(struct device **out, const struct random_source *random)
{
    struct device *device = calloc(1, sizeof *device);
    if (!device)
        return -ENOMEM;
    device->random = random;
    device->seed = secret_alloc(GROUP_SEED_BYTES);
    device->seen = group_seen_open();
    if (!device->seed || !device->seen) {
        device_close(device);
        return -ENOMEM;
    }
    *out = device;
    return 0;
}

void keys_free(struct epoch_keys *keys)
{
    if (keys)
        secret_free(keys->pairs);
    secret_free(keys);
}

void device_close(struct device *device)
{
    if (!device)
        return;
    for (size_t i = 0; i < device->keys_count; i++)
        keys_free(device->keys[i]);
    for (size_t i = 0; i < device->partials.count; i++) {
        struct partial *partial = &device->partials.all[i];
        secret_wipe(partial->text, (size_t)partial->parts * GROUP_TEXT_BYTES_MAX);
        free(partial->text);
    }
    list_free(device->declared.all, device->declared.count, sizeof *device->declared.all);
    list_free(device->counters.all, device->counters.count, sizeof *device->counters.all);
    list_free(device->meetings.all, device->meetings.count, sizeof *device->meetings.all);
    list_free(device->partials.all, device->partials.count, sizeof *device->partials.all);
    list_free(device->unopened.all, device->unopened.count, sizeof *device->unopened.all);
    list_free(device->gaps.all, device->gaps.count, sizeof *device->gaps.all);
    outgoing_free(&device->outbox);
    group_events_free(&device->events);
    group_seen_close(device->seen);
    group_epochs_close(device->epochs);
    secret_free(device->seed);
    secret_wipe(device, sizeof *device);
    free(device);
}

void device_add_mailbox(struct device *device, int64_t now_s)
{
    if (device->mailboxes_count == DEVICE_MAILBOXES_MAX)
        return;
    struct device_mailbox *made = &device->mailboxes[device->mailboxes_count++];
    *made = (struct device_mailbox){.renew_s = now_s};
    random_fill(device->random, made->read_key, sizeof made->read_key);
    group_mailbox_id(made->id, made->read_key);
    device->mailboxes_made_s = now_s;
}

int device_newcomer(struct device **out, const struct group_name *own_name,
                    const struct random_source *random, int64_t now_s)
{
    struct device *device;
    if (own_name->bytes > GROUP_NAME_BYTES_MAX)
        return -EINVAL;
    int err = device_empty(&device, random);
    if (err)
        return err;
    random_fill(random, device->seed, GROUP_SEED_BYTES);
    group_member_make(device->own, device->seed);
    device->own_name = *own_name;
    device_add_mailbox(device, now_s);
    *out = device;
    return 0;
}

void device_introduce(const struct device *device, struct group_introduction *introduction,
                      uint8_t x_secret[static GROUP_KEY_BYTES])
{
    static const uint8_t base_point[X25519_BYTES] = {9};
    const struct device_mailbox *newest = &device->mailboxes[device->mailboxes_count - 1];
    random_fill(device->random, x_secret, GROUP_KEY_BYTES);
    memcpy(introduction->member, device->own, sizeof introduction->member);
    memcpy(introduction->mailbox_id, newest->id, sizeof introduction->mailbox_id);
    x25519(introduction->x_public, x_secret, base_point);
}

const struct group_state *device_state(const struct device *device)
{
    return device->epochs ? group_epochs_current(device->epochs) : NULL;
}

bool state_has(const struct group_state *state, const uint8_t member[static GROUP_MEMBER_BYTES])
{
    for (size_t i = 0; i < state->count; i++)
        if (memcmp(state->members[i].member, member, GROUP_MEMBER_BYTES) == 0)
            return true;
    return false;
}

bool device_is_member(const struct device *device)
{
    const struct group_state *state = device_state(device);
    return state && !device->is_out && state_has(state, device->own);
}

const struct declared *device_declared(const struct device *device,
                                       const uint8_t group_public[static GROUP_KEY_BYTES],
                                       const uint8_t member[static GROUP_MEMBER_BYTES],
                                       uint8_t type)
{
    for (size_t i = 0; i < device->declared.count; i++) {
        const struct declared *declared = &device->declared.all[i];
        if (declared->type == type &&
            memcmp(declared->group_public, group_public, GROUP_KEY_BYTES) == 0 &&
            memcmp(declared->member, member, GROUP_MEMBER_BYTES) == 0)
            return declared;
    }
    return NULL;
}

static const struct group_state_member *
member_of_state(const struct group_state *state, const uint8_t member[static GROUP_MEMBER_BYTES])
{
    for (size_t i = 0; state && i < state->count; i++)
        if (memcmp(state->members[i].member, member, GROUP_MEMBER_BYTES) == 0)
            return &state->members[i];
    return NULL;
}

/* What was told under the current epoch; what its state says; what was told before. */
void device_name_of(const struct device *device, const uint8_t member[static GROUP_MEMBER_BYTES],
                    struct group_name *name)
{
    const struct group_state *state = device_state(device);
    const struct group_state_member *there = member_of_state(state, member);
    const struct declared *declared =
        state ? device_declared(device, state->public_key, member, GROUP_RENAMED) : NULL;
    *name = (struct group_name){.bytes = 0};
    if (memcmp(member, device->own, GROUP_MEMBER_BYTES) == 0) {
        *name = device->own_name;
        return;
    }
    if (declared)
        *name = declared->value;
    else if (there)
        *name = there->name;
    for (size_t i = 0; name->bytes == 0 && i < device->declared.count; i++)
        if (device->declared.all[i].type == GROUP_RENAMED &&
            memcmp(device->declared.all[i].member, member, GROUP_MEMBER_BYTES) == 0)
            *name = device->declared.all[i].value;
}

int device_address_of(const struct device *device, const uint8_t member[static GROUP_MEMBER_BYTES],
                      uint8_t id[static GROUP_MAILBOX_ID_BYTES])
{
    const struct group_state *state = device_state(device);
    const struct group_state_member *there = member_of_state(state, member);
    if (!there)
        return -ENOENT;
    const struct declared *declared =
        device_declared(device, state->public_key, member, GROUP_MOVED);
    memcpy(id, declared ? declared->value.text : there->mailbox_id, GROUP_MAILBOX_ID_BYTES);
    return 0;
}

int device_number(struct device *device, const uint8_t group_public[static GROUP_KEY_BYTES],
                  const uint8_t key_public[static GROUP_KEY_BYTES], uint64_t *number)
{
    for (size_t i = 0; i < device->counters.count; i++) {
        struct counter *counter = &device->counters.all[i];
        if (memcmp(counter->key_public, key_public, GROUP_KEY_BYTES) == 0) {
            *number = counter->next++;
            return 0;
        }
    }
    int err = LIST_ADD(&device->counters);
    if (err)
        return err;
    struct counter *counter = &device->counters.all[device->counters.count++];
    *counter = (struct counter){.next = 1};
    memcpy(counter->group_public, group_public, GROUP_KEY_BYTES);
    memcpy(counter->key_public, key_public, GROUP_KEY_BYTES);
    *number = 0;
    return 0;
}

int device_report(struct device *device, enum group_event_kind kind,
                  const uint8_t author[static GROUP_MEMBER_BYTES], const uint8_t *subject)
{
    struct group_event event = {.kind = kind};
    memcpy(event.author, author, sizeof event.author);
    device_name_of(device, author, &event.author_name);
    if (subject) {
        memcpy(event.subject, subject, sizeof event.subject);
        device_name_of(device, subject, &event.subject_name);
    }
    return group_events_add(&device->events, &event);
}

const struct group_event *device_event(const struct device *device)
{
    return device->events.count > 0 ? &device->events.events[0] : NULL;
}

void device_event_shown(struct device *device)
{
    group_events_drop(&device->events);
}

const struct group_state *device_members(struct device *device)
{
    const struct group_state *state = device_state(device);
    if (!state)
        return NULL;
    device->members = *state;
    for (size_t i = 0; i < state->count; i++) {
        struct group_state_member *member = &device->members.members[i];
        device_name_of(device, member->member, &member->name);
        int err = device_address_of(device, member->member, member->mailbox_id);
        INVARIANT(!err); /* it stands in the state */
    }
    return &device->members;
}

const uint8_t *device_own(const struct device *device)
{
    return device->own;
}

uint64_t device_refused(const struct device *device)
{
    return device->refused;
}

uint64_t device_missing(const struct device *device,
                        const uint8_t member[static GROUP_MEMBER_BYTES])
{
    const struct group_state *state = device_state(device);
    return state ? group_seen_missing(device->seen, state->public_key, member, NULL, 0) : 0;
}
