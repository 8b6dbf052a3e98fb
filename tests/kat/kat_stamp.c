#include <stdio.h>
#include <string.h>

#include "admission/price.h"
#include "admission/stamp.h"
#include "base/cursor.h"
#include "base/secret.h"
#include "kat.h"

/* Stamps and prices against the answers of stamp_kat.py. */

static void check_challenge(struct kat_score *score, const json_t *entry, size_t index)
{
    struct kat_bytes secret = kat_take_exactly(entry, "secret", STAMP_SECRET_BYTES);
    struct kat_bytes wanted = kat_take_exactly(entry, "challenge", STAMP_CHALLENGE_BYTES);
    uint8_t challenge[STAMP_CHALLENGE_BYTES];
    stamp_challenge(challenge, secret.data, kat_index(entry, "hour"));
    kat_expect(score, kat_equal(&wanted, challenge, sizeof challenge), "challenges", index,
               "challenge");
    kat_free(&secret);
    kat_free(&wanted);
}

static void check_effort(struct kat_score *score, const json_t *entry, size_t index)
{
    struct kat_bytes beginning = kat_take_exactly(entry, "beginning", 8);
    struct cursor cursor = cursor_over(beginning.data, beginning.bytes);
    kat_expect(score, stamp_effort_of(cursor_be64(&cursor)) == kat_index(entry, "effort"),
               "efforts", index, "effort");
    kat_free(&beginning);
}

static void copy(uint8_t *out, const json_t *entry, const char *key, size_t bytes)
{
    struct kat_bytes value = kat_take_exactly(entry, key, bytes);
    memcpy(out, value.data, bytes);
    kat_free(&value);
}

static void check_stamp(struct kat_score *score, const json_t *entry, size_t index,
                        struct argon2id_memory *memory)
{
    struct stamp_subject subject = {.kind = json_string_value(json_object_get(entry, "kind"))[0]};
    uint8_t nonce[STAMP_NONCE_BYTES];
    uint32_t effort = 0;
    copy(subject.place, entry, "place", sizeof subject.place);
    copy(subject.record, entry, "record", sizeof subject.record);
    copy(subject.challenge, entry, "challenge", sizeof subject.challenge);
    copy(nonce, entry, "nonce", sizeof nonce);
    int err = stamp_check(memory, &subject, nonce, &effort);
    kat_expect(score, !err && effort == kat_index(entry, "effort"), "stamps", index, "effort");
}

static void check_price(struct kat_score *score, const json_t *entry, size_t index)
{
    const char *of = json_string_value(json_object_get(entry, "of"));
    uint32_t count = (uint32_t)kat_index(entry, "count");
    uint32_t price = strcmp(of, "t1") == 0     ? price_t1(count, (uint32_t)kat_index(entry, "free"))
                     : strcmp(of, "link") == 0 ? price_link(count)
                                               : price_place(count);
    kat_expect(score, price == kat_index(entry, "price"), "prices", index, of);
}

int main(int argc, char **argv)
{
    struct kat_score score = {0};
    struct argon2id_memory *memory;
    json_error_t error;
    json_t *entry, *answers = json_load_file(argc == 2 ? argv[1] : "", 0, &error);
    size_t i;
    if (!json_is_object(answers) || secret_init() || argon2id_open(&memory, STAMP_MEMORY_KIB)) {
        fprintf(stderr, "usage: kat_stamp FILE (%s)\n", error.text);
        return 2;
    }
    json_array_foreach(json_object_get(answers, "challenges"), i, entry)
        check_challenge(&score, entry, i);
    json_array_foreach(json_object_get(answers, "efforts"), i, entry)
        check_effort(&score, entry, i);
    json_array_foreach(json_object_get(answers, "stamps"), i, entry)
        check_stamp(&score, entry, i, memory);
    json_array_foreach(json_object_get(answers, "prices"), i, entry) check_price(&score, entry, i);
    argon2id_close(memory);
    json_decref(answers);
    printf("%u right, %u wrong\n", score.passed, score.failed);
    return score.failed > 0 || score.passed == 0;
}
