#include "admission/stamp.h"

#include <sodium.h>
#include <string.h>

#include "base/cursor.h"
#include "base/writer.h"

static const char stamp_label[16] = "reunion-stamp-v1";
static const char challenge_label[13] = "reunion-stamp";

enum {
    PASSWORD_BYTES =
        sizeof stamp_label + 1 + STAMP_PLACE_BYTES + STAMP_RECORD_BYTES + STAMP_NONCE_BYTES,
};

uint64_t stamp_hour(int64_t unix_s)
{
    return unix_s < 0 ? 0 : (uint64_t)unix_s / STAMP_HOUR_S;
}

void stamp_challenge(uint8_t challenge[static STAMP_CHALLENGE_BYTES],
                     const uint8_t secret[static STAMP_SECRET_BYTES], uint64_t hour)
{
    uint8_t message[sizeof challenge_label + 8];
    memcpy(message, challenge_label, sizeof challenge_label);
    put_be64(message + sizeof challenge_label, hour);
    int err = crypto_generichash(challenge, STAMP_CHALLENGE_BYTES, message, sizeof message, secret,
                                 STAMP_SECRET_BYTES);
    INVARIANT(err == 0); /* sizes in range are all it asks for */
}

uint32_t stamp_effort_of(uint64_t beginning)
{
    if (beginning == UINT64_MAX)
        return 0;
    uint64_t effort = UINT64_MAX / (beginning + 1);
    return effort < UINT32_MAX ? (uint32_t)effort : UINT32_MAX;
}

int stamp_check(struct argon2id_memory *memory, const struct stamp_subject *subject,
                const uint8_t nonce[static STAMP_NONCE_BYTES], uint32_t *effort)
{
    uint8_t password[PASSWORD_BYTES], hash[ARGON2ID_HASH_BYTES];
    struct writer writer = {.at = password};
    writer_put(&writer, stamp_label, sizeof stamp_label);
    writer_u8(&writer, (uint8_t)subject->kind);
    writer_put(&writer, subject->place, sizeof subject->place);
    writer_put(&writer, subject->record, sizeof subject->record);
    writer_put(&writer, nonce, STAMP_NONCE_BYTES);
    INVARIANT(writer.bytes == sizeof password);
    int err = argon2id_run(memory, hash, password, sizeof password, subject->challenge);
    if (err)
        return err;
    struct cursor cursor = cursor_over(hash, sizeof hash);
    *effort = stamp_effort_of(cursor_be64(&cursor));
    return 0;
}

static uint64_t hours_since(uint64_t hour, uint64_t hour_now)
{
    return hour_now > hour ? hour_now - hour : 0;
}

uint32_t stamp_effort_now(uint32_t effort, uint64_t hour, uint64_t hour_now)
{
    uint64_t hours = hours_since(hour, hour_now);
    return hours < 32 ? effort >> hours : 0;
}

unsigned stamp_class(uint32_t effort, uint64_t hour, uint64_t hour_now)
{
    uint32_t counted = stamp_effort_now(effort, hour, hour_now);
    return counted == 0 ? 0 : 32U - (unsigned)__builtin_clz(counted);
}

bool stamp_raises(const struct stamp *offered, const struct stamp *kept, uint64_t hour_now)
{
    uint64_t counted = stamp_effort_now(offered->effort, offered->hour, hour_now);
    return counted > 0 &&
           counted >= 2 * (uint64_t)stamp_effort_now(kept->effort, kept->hour, hour_now);
}

int stamp_search_open(struct stamp_search *search, const struct stamp_subject *subject,
                      const struct random_source *random)
{
    struct argon2id_memory *memory;
    int err = argon2id_open(&memory, STAMP_MEMORY_KIB);
    if (err)
        return err;
    *search = (struct stamp_search){.subject = *subject, .memory = memory};
    random_fill(random, search->next, sizeof search->next);
    return 0;
}

static int try_next(struct stamp_search *search)
{
    uint32_t effort;
    int err = stamp_check(search->memory, &search->subject, search->next, &effort);
    if (err)
        return err;
    search->tries++;
    if (effort > search->best_effort) {
        search->best_effort = effort;
        memcpy(search->best_nonce, search->next, sizeof search->best_nonce);
    }
    sodium_increment(search->next, sizeof search->next);
    return 0;
}

int stamp_search_run(struct stamp_search *search, const struct stamp_goal *goal, uint64_t tries_max,
                     const struct stop_source *stop)
{
    while (search->best_effort < goal->effort || search->tries < goal->tries) {
        if (tries_max-- == 0)
            return -EAGAIN;
        if (stop && stop_asked(stop))
            return -ECANCELED;
        int err = try_next(search);
        if (err)
            return err;
    }
    return 0;
}

void stamp_search_close(struct stamp_search *search)
{
    argon2id_close(search->memory);
    search->memory = NULL;
}
