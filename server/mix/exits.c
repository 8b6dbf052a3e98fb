#include "mix/exits.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

enum { CHAINS_MIN = 64 };

int exits_init(struct exits *exits, size_t count, const struct random_source *random)
{
    INVARIANT(count > 0);
    *exits = (struct exits){.count = count, .chain_count = CHAINS_MIN};
    while (exits->chain_count < count)
        exits->chain_count *= 2;
    TAILQ_INIT(&exits->spare);
    TAILQ_INIT(&exits->used);
    exits->by_a = calloc(exits->chain_count, sizeof *exits->by_a);
    exits->items = secret_alloc(count * sizeof *exits->items);
    if (!exits->by_a || !exits->items)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        TAILQ_INSERT_TAIL(&exits->spare, &exits->items[i], age);
    random_fill(random, exits->hash_key, sizeof exits->hash_key);
    return 0;
}

void exits_free(struct exits *exits)
{
    secret_free(exits->items);
    free(exits->by_a);
    secret_wipe(exits, sizeof *exits);
}

static struct awaited_chain *chain_of(const struct exits *exits, const uint8_t *a)
{
    uint64_t hash;
    _Static_assert(sizeof exits->hash_key == crypto_shorthash_KEYBYTES, "SipHash's key");
    crypto_shorthash((uint8_t *)&hash, a, BOX_PACKET_A_BYTES, exits->hash_key);
    return &exits->by_a[hash & (exits->chain_count - 1)];
}

static struct awaited_answer *find(const struct exits *exits, const uint8_t *a)
{
    struct awaited_answer *answer;
    LIST_FOREACH(answer, chain_of(exits, a), by_a)
    {
        if (memcmp(answer->a, a, BOX_PACKET_A_BYTES) == 0)
            return answer;
    }
    return NULL;
}

static void forget(struct exits *exits, struct awaited_answer *answer)
{
    LIST_REMOVE(answer, by_a);
    TAILQ_REMOVE(&exits->used, answer, age);
    secret_wipe(answer, sizeof *answer);
    TAILQ_INSERT_HEAD(&exits->spare, answer, age);
}

int exits_add(struct exits *exits, const struct mix_exit *request, int64_t now_ms)
{
    const uint8_t *a = request->request + BOX_KEY_BYTES;
    if (find(exits, a))
        return -EEXIST;
    if (TAILQ_EMPTY(&exits->spare))
        forget(exits, TAILQ_FIRST(&exits->used));
    struct awaited_answer *answer = TAILQ_FIRST(&exits->spare);
    TAILQ_REMOVE(&exits->spare, answer, age);
    memcpy(answer->a, a, sizeof answer->a);
    memcpy(answer->surb, request->surb, sizeof answer->surb);
    answer->server = request->server;
    answer->until_ms = now_ms + EXIT_MS;
    LIST_INSERT_HEAD(chain_of(exits, a), answer, by_a);
    TAILQ_INSERT_TAIL(&exits->used, answer, age);
    return 0;
}

bool exits_take(struct exits *exits, uint8_t surb[static MIX_SURB_BYTES],
                const uint8_t a[static BOX_PACKET_A_BYTES], const struct mix_endpoint *from)
{
    struct awaited_answer *answer = find(exits, a);
    if (!answer || answer->server.port != from->port ||
        memcmp(answer->server.address, from->address, sizeof from->address) != 0)
        return false;
    memcpy(surb, answer->surb, MIX_SURB_BYTES);
    forget(exits, answer);
    return true;
}

size_t exits_forget(struct exits *exits, int64_t now_ms)
{
    struct awaited_answer *oldest;
    size_t count = 0;
    for (; (oldest = TAILQ_FIRST(&exits->used)) && now_ms >= oldest->until_ms; count++)
        forget(exits, oldest);
    return count;
}
