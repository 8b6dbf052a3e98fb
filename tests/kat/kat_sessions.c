/* Known answers of whole sessions: every party's T1, every T2 and T3, and what is revealed. */
#include <stdlib.h>
#include <string.h>

#include "kat.h"
#include "reunion/session.h"

enum { PARTIES_MAX = 64 };

/* The parties of one session of the file. */
struct meeting {
    struct kat_score *score;
    size_t index;
    const json_t *entry;
    size_t count;
    struct reunion_session *parties[PARTIES_MAX];
};

static void expect(const struct meeting *meeting, bool right, const char *what)
{
    kat_expect(meeting->score, right, "sessions", meeting->index, what);
}

static void expect_bytes(const struct meeting *meeting, const json_t *entry, const char *key,
                         const uint8_t *data, size_t bytes)
{
    struct kat_bytes wanted = kat_take(entry, key);
    expect(meeting, kat_equal(&wanted, data, bytes), key);
    kat_free(&wanted);
}

static struct reunion_session *party(const struct meeting *meeting, const json_t *entry,
                                     const char *key)
{
    size_t index = kat_index(entry, key);
    INVARIANT(index < meeting->count);
    return meeting->parties[index];
}

static void take_seed(uint8_t seed[static REUNION_SEED_BYTES], const json_t *entry, const char *key)
{
    struct kat_bytes value = kat_take_exactly(entry, key, REUNION_SEED_BYTES);
    memcpy(seed, value.data, REUNION_SEED_BYTES);
    kat_free(&value);
}

static struct reunion_session *open_party(const struct meeting *meeting, const json_t *entry)
{
    struct kat_bytes passphrase = kat_take(entry, "passphrase");
    struct kat_bytes payload = kat_take(entry, "payload");
    struct kat_bytes salt = kat_take_exactly(meeting->entry, "salt", REUNION_SALT_BYTES);
    struct reunion_seeds seeds;
    take_seed(seeds.dh, entry, "dh_seed");
    take_seed(seeds.ctidh, entry, "ctidh_seed");
    take_seed(seeds.gamma, entry, "gamma_seed");
    take_seed(seeds.delta, entry, "delta_seed");
    take_seed(seeds.dummy, entry, "dummy_seed");

    struct reunion_session *session = NULL;
    int err =
        reunion_session_open(&session, &(struct reunion_setup){.passphrase = passphrase.data,
                                                               .passphrase_bytes = passphrase.bytes,
                                                               .payload = payload.data,
                                                               .payload_bytes = payload.bytes,
                                                               .salt = salt.data,
                                                               .seeds = &seeds});
    INVARIANT(!err);
    kat_free(&passphrase);
    kat_free(&payload);
    kat_free(&salt);
    return session;
}

static void check_party(const struct meeting *meeting, const json_t *entry,
                        const struct reunion_session *session)
{
    const struct session_secrets *secrets = session->secrets;
    expect_bytes(meeting, entry, "dh_secret", secrets->x25519_secret, X25519_BYTES);
    expect_bytes(meeting, entry, "ctidh_secret", secrets->ctidh_secret, CTIDH1024_SECRET_BYTES);
    expect_bytes(meeting, entry, "pdk", secrets->pdk, HASH_BYTES);
    expect_bytes(meeting, entry, "sk_gamma", secrets->sk_gamma, HASH_BYTES);
    expect_bytes(meeting, entry, "sk_delta", secrets->sk_delta, HASH_BYTES);
    expect_bytes(meeting, entry, "alpha_key", secrets->alpha_key, PRP_KEY_BYTES);
    expect_bytes(meeting, entry, "t1", session->t1, session->t1_bytes);
    expect_bytes(meeting, entry, "t1_id", session->t1_id, REUNION_T1_ID_BYTES);

    uint8_t hidden[PRP_BYTES];
    int err = prp_decrypt(hidden, secrets->alpha_key, session->t1);
    INVARIANT(!err);
    expect_bytes(meeting, entry, "hidden_public", hidden, sizeof hidden);
}

/* Hand every T1 to everybody, one's own included, in one call each. */
static void exchange_t1s(const struct meeting *meeting)
{
    for (size_t i = 0; i < meeting->count; i++) {
        struct reunion_t1 t1s[PARTIES_MAX] = {0};
        for (size_t j = 0; j < meeting->count; j++)
            t1s[j].bytes = reunion_session_t1(meeting->parties[j], &t1s[j].length);
        int err = reunion_session_receive_t1s(meeting->parties[i], t1s, meeting->count, NULL);
        INVARIANT(!err);
        for (size_t j = 0; j < meeting->count; j++)
            expect(meeting, t1s[j].status == (i == j ? -ELOOP : 0), "status of a T1");
    }
}

/* The T2 of `sender` for `addressee`: the same T1 again gives it at no cost. */
static void t2_of(uint8_t t2[static REUNION_T2_BYTES], struct reunion_session *sender,
                  const struct reunion_session *addressee)
{
    struct reunion_t1 t1 = {0};
    t1.bytes = reunion_session_t1(addressee, &t1.length);
    int err = reunion_session_receive_t1s(sender, &t1, 1, NULL);
    INVARIANT(!err && t1.status == 0);
    memcpy(t2, t1.t2, REUNION_T2_BYTES);
}

static void check_t2s(const struct meeting *meeting)
{
    const json_t *list = json_object_get(meeting->entry, "t2");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        uint8_t t2[REUNION_T2_BYTES];
        t2_of(t2, party(meeting, entry, "sender"), party(meeting, entry, "addressee"));
        expect_bytes(meeting, entry, "t2", t2, sizeof t2);
    }
}

static void expect_t3(const struct meeting *meeting, const json_t *entry,
                      struct reunion_session *processor, const uint8_t *t1_id, const uint8_t *t2)
{
    uint8_t t3[REUNION_T3_BYTES];
    int err = reunion_session_receive_t2(processor, t1_id, t2, t3);
    INVARIANT(!err);
    expect_bytes(meeting, entry, "t3", t3, sizeof t3);
}

/* T2s that were meant for somebody else, and one of an unknown T1: dummies. */
static void check_strays(const struct meeting *meeting)
{
    const json_t *list = json_object_get(meeting->entry, "stray_t2");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        struct reunion_session *sender = party(meeting, entry, "sender");
        uint8_t t2[REUNION_T2_BYTES];
        t2_of(t2, sender, party(meeting, entry, "addressee"));
        expect_t3(meeting, entry, party(meeting, entry, "processed_by"),
                  reunion_session_t1_id(sender), t2);
    }
    list = json_object_get(meeting->entry, "unknown_t1");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        struct kat_bytes id = kat_take_exactly(entry, "t1_id", REUNION_T1_ID_BYTES);
        struct kat_bytes t2 = kat_take_exactly(entry, "t2", REUNION_T2_BYTES);
        expect_t3(meeting, entry, party(meeting, entry, "processed_by"), id.data, t2.data);
        kat_free(&id);
        kat_free(&t2);
    }
}

/* A T3 answers the T2 of its addressee: check it, and hand it over. */
static void exchange_t3s(const struct meeting *meeting)
{
    const json_t *list = json_object_get(meeting->entry, "t3");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        struct reunion_session *sender = party(meeting, entry, "sender");
        struct reunion_session *addressee = party(meeting, entry, "addressee");
        uint8_t t2[REUNION_T2_BYTES];
        t2_of(t2, addressee, sender);
        expect_t3(meeting, entry, sender, reunion_session_t1_id(addressee), t2);

        struct kat_bytes t3 = kat_take_exactly(entry, "t3", REUNION_T3_BYTES);
        int err = reunion_session_receive_t3(addressee, reunion_session_t1_id(sender), t3.data);
        INVARIANT(!err);
        kat_free(&t3);
    }
}

/* Every other T3 came before its T2 above, so what is revealed shows that order does not matter. */
static void check_reveals(const struct meeting *meeting)
{
    const json_t *list = json_object_get(meeting->entry, "reveal");
    const struct reunion_reveal nothing = {0};
    struct reunion_reveal got[PARTIES_MAX][PARTIES_MAX] = {{nothing}};
    size_t wanted = 0, revealed = 0;

    for (size_t i = 0; i < meeting->count; i++) {
        struct reunion_reveal reveal;
        while (reunion_session_next_reveal(meeting->parties[i], &reveal) == 0)
            for (size_t j = 0; j < meeting->count; j++)
                if (memcmp(reveal.t1_id, meeting->parties[j]->t1_id, REUNION_T1_ID_BYTES) == 0) {
                    got[i][j] = reveal;
                    revealed++;
                }
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        const json_t *payload = json_object_get(entry, "payload");
        size_t sender = kat_index(entry, "sender"), addressee = kat_index(entry, "addressee");
        INVARIANT(sender < meeting->count && addressee < meeting->count);
        const struct reunion_reveal *reveal = &got[addressee][sender];
        if (json_is_null(payload)) {
            expect(meeting, reveal->payload == NULL, "reveals nothing to a stranger");
            continue;
        }
        struct kat_bytes message = kat_decode(payload);
        wanted++;
        expect(meeting,
               reveal->payload && kat_equal(&message, reveal->payload, reveal->payload_bytes),
               "reveal");
        kat_free(&message);
    }
    expect(meeting, wanted == revealed, "number of reveals");
}

void kat_sessions(struct kat_score *score, const json_t *sessions)
{
    for (size_t index = 0; index < json_array_size(sessions); index++) {
        struct meeting meeting = {
            .score = score, .index = index, .entry = json_array_get(sessions, index)};
        const json_t *parties = json_object_get(meeting.entry, "parties");
        INVARIANT(json_array_size(parties) <= PARTIES_MAX);
        meeting.count = json_array_size(parties);
        for (size_t i = 0; i < meeting.count; i++) {
            meeting.parties[i] = open_party(&meeting, json_array_get(parties, i));
            check_party(&meeting, json_array_get(parties, i), meeting.parties[i]);
        }
        exchange_t1s(&meeting);
        check_t2s(&meeting);
        check_strays(&meeting);
        exchange_t3s(&meeting);
        check_reveals(&meeting);
        for (size_t i = 0; i < meeting.count; i++)
            reunion_session_free(meeting.parties[i]);
    }
}
