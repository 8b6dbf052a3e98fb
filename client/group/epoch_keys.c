#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/hash.h"
#include "group/inside.h"

struct epoch_keys *keys_find(const struct device *device,
                             const uint8_t group_public[static GROUP_KEY_BYTES])
{
    for (size_t i = 0; i < device->keys_count; i++)
        if (memcmp(device->keys[i]->key.public_key, group_public, GROUP_KEY_BYTES) == 0)
            return device->keys[i];
    return NULL;
}

struct epoch_keys *keys_current(const struct device *device)
{
    const struct group_state *state = device_state(device);
    return state ? keys_find(device, state->public_key) : NULL;
}

struct epoch_keys *keys_before(const struct device *device, const struct epoch_keys *keys)
{
    for (size_t i = 0; i < device->keys_count; i++)
        if (memcmp(device->keys[i]->hash, keys->hash_before, sizeof keys->hash_before) == 0)
            return device->keys[i];
    return NULL;
}

size_t key_place(const struct group_key *key, const uint8_t member[static GROUP_MEMBER_BYTES])
{
    size_t at = 0;
    while (at < key->count && memcmp(key->members[at], member, GROUP_MEMBER_BYTES) != 0)
        at++;
    return at;
}

bool keys_heard(const struct device *device, const uint8_t member[static GROUP_MEMBER_BYTES],
                uint32_t epoch)
{
    const struct epoch_keys *keys = keys_current(device);
    for (; keys && keys->key.epoch >= epoch; keys = keys_before(device, keys)) {
        size_t place = key_place(&keys->key, member);
        if (place < keys->key.count && (keys->heard >> place & 1) != 0)
            return true;
    }
    return false;
}

const struct group_key *keys_pair(const struct device *device, struct epoch_keys *keys,
                                  size_t place)
{
    const struct group_key *key = &keys->key;
    if (!keys->pairs)
        keys->pairs = secret_alloc(key->count * sizeof *keys->pairs);
    if (!keys->pairs)
        return NULL;
    struct group_key *pair = &keys->pairs[place];
    if (pair->count > 0 || memcmp(key->members[place], device->own, sizeof device->own) == 0)
        return pair;
    int err = group_pair_key(pair, device->seed, key->members[place], key->public_key, key->epoch);
    INVARIANT(!err); /* members' keys were checked when the state came */
    return pair;
}

static bool is_known(const struct device *device, const uint8_t public_key[static GROUP_KEY_BYTES])
{
    const uint8_t *author;
    const struct group_state *state;
    for (size_t i = 0; (state = group_epochs_each(device->epochs, i, &author)) != NULL; i++)
        if (memcmp(state->public_key, public_key, GROUP_KEY_BYTES) == 0)
            return true;
    return false;
}

/* Forget all that is about an epoch which is known no more. */
static void forget(struct device *device, size_t at)
{
    struct epoch_keys *keys = device->keys[at];
    group_seen_forget(device->seen, keys->key.public_key);
    for (size_t i = device->declared.count; i-- > 0;)
        if (memcmp(device->declared.all[i].group_public, keys->key.public_key, GROUP_KEY_BYTES) ==
            0)
            LIST_DROP(&device->declared, i);
    for (size_t i = device->gaps.count; i-- > 0;)
        if (memcmp(device->gaps.all[i].group_public, keys->key.public_key, GROUP_KEY_BYTES) == 0)
            LIST_DROP(&device->gaps, i);
    for (size_t i = device->counters.count; i-- > 0;)
        if (memcmp(device->counters.all[i].group_public, keys->key.public_key, GROUP_KEY_BYTES) ==
            0)
            LIST_DROP(&device->counters, i);
    keys_free(keys);
    device->keys[at] = device->keys[--device->keys_count];
}

/* What the author of a state knew of the messages of the epoch before. */
static int expect(struct device *device, const struct epoch_keys *keys,
                  const struct group_state *state)
{
    const struct epoch_keys *before = keys_before(device, keys);
    int err = 0;
    for (size_t i = 0; before && !err && i < state->count; i++) {
        const struct group_state_member *member = &state->members[i];
        if (group_key_has(&before->key, member->member) && member->next_number > 0 &&
            memcmp(member->member, device->own, sizeof device->own) != 0)
            err = group_seen_expect(device->seen, before->key.public_key, member->member,
                                    member->next_number);
    }
    return err == -ENOSPC ? 0 : err;
}

static int add(struct device *device, const struct group_state *state,
               const uint8_t author[static GROUP_MEMBER_BYTES], int64_t now_s)
{
    struct epoch_keys *keys = secret_alloc(sizeof *keys);
    if (!keys)
        return -ENOMEM;
    group_state_key(&keys->key, state);
    hash_bytes(keys->hash, state->public_key, sizeof state->public_key);
    memcpy(keys->hash_before, state->hash_before, sizeof keys->hash_before);
    memcpy(keys->author, author, sizeof keys->author);
    keys->since_s = keys->over_s = now_s;
    keys->is_fresh = true;
    int err = expect(device, keys, state);
    if (err)
        keys_free(keys);
    else
        device->keys[device->keys_count++] = keys;
    return err;
}

int keys_follow(struct device *device, int64_t now_s)
{
    const uint8_t *author;
    const struct group_state *state;
    int err = 0;
    if (!device->epochs)
        return 0;
    for (size_t i = device->keys_count; i-- > 0;)
        if (!is_known(device, device->keys[i]->key.public_key))
            forget(device, i);
    for (size_t i = 0; !err && (state = group_epochs_each(device->epochs, i, &author)); i++)
        if (!keys_find(device, state->public_key))
            err = add(device, state, author, now_s);
    const struct epoch_keys *current = keys_current(device);
    for (size_t i = 0; !err && i < device->keys_count; i++) {
        struct epoch_keys *keys = device->keys[i];
        if (keys == current)
            keys->over_s = 0;
        else if (keys->over_s == 0)
            keys->over_s = now_s;
    }
    return err;
}

int device_fingerprint(const struct device *device, uint8_t fingerprint[static GROUP_KEY_BYTES])
{
    const struct epoch_keys *keys = keys_current(device);
    if (!keys)
        return -ENOENT;
    group_key_fingerprint(fingerprint, &keys->key);
    return 0;
}

bool device_is_heard(const struct device *device, const uint8_t member[static GROUP_MEMBER_BYTES])
{
    const struct epoch_keys *keys = keys_current(device);
    return keys && keys_heard(device, member, keys->key.epoch);
}
