#include "meeting.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/hex.h"
#include "wire/record.h"

static void open_session(struct party *party, uint64_t passphrase, struct seeded *seeded)
{
    uint8_t payload[RECORD_T1_BYTES - REUNION_T1_OVERHEAD_BYTES], key[WRITE_KEY_BYTES];
    struct reunion_seeds seeds;
    const struct random_source random = seeded_source(seeded);
    random_fill(&random, payload, sizeof payload);
    random_fill(&random, key, sizeof key);
    random_fill(&random, (uint8_t *)&seeds, sizeof seeds);
    hex_encode(party->key, key, sizeof key);
    const struct reunion_setup setup = {
        .passphrase = (const uint8_t *)&passphrase,
        .passphrase_bytes = sizeof passphrase,
        .payload = payload,
        .payload_bytes = sizeof payload,
        .seeds = &seeds,
    };
    INVARIANT(reunion_session_open(&party->session, &setup) == 0);
}

static void arrive(struct party *party, int port)
{
    static const char name[] = "\"link\":\"";
    size_t bytes;
    const uint8_t *t1 = reunion_session_t1(party->session, &bytes);
    plain_open(&party->http, port);
    INVARIANT(plain_exchange(&party->http, "POST /v1/t1", party->key, t1, bytes) == 201);
    /* Spaces or none: the member's digits follow its name. */
    const char *bucket_hash = strstr((const char *)party->http.body, "\"link\"");
    INVARIANT(bucket_hash);
    bucket_hash += strlen(name) - 2;
    bucket_hash += strspn(bucket_hash, ": \"");
    memcpy(party->bucket_hash, bucket_hash, 2 * ID_BYTES);
}

static bool is_dummy(const struct meeting *meeting, size_t from, const uint8_t *to)
{
    bool first = from == meeting->first, second = from == meeting->second;
    if (!meeting->two_meet || (!first && !second))
        return true;
    const struct party *other = &meeting->parties[first ? meeting->second : meeting->first];
    return memcmp(reunion_session_t1_id(other->session), to, ID_BYTES) != 0;
}

/* What a party has to say to what it has read. */
struct outbox {
    uint8_t t2s[PARTIES * RECORD_ADDRESSED_BYTES], t3s[PARTIES * RECORD_ADDRESSED_BYTES];
    size_t t2_bytes, t3_bytes;
};

static void put(uint8_t *records, size_t *bytes, const struct party *from, const uint8_t *to,
                const uint8_t *body)
{
    uint8_t *record = records + *bytes;
    INVARIANT(*bytes < (size_t)PARTIES * RECORD_ADDRESSED_BYTES);
    memcpy(record, reunion_session_t1_id(from->session), ID_BYTES);
    memcpy(record + ID_BYTES, to, ID_BYTES);
    memcpy(record + 2 * ID_BYTES, body, RECORD_BODY_BYTES);
    *bytes += RECORD_ADDRESSED_BYTES;
}

static void take_t1(struct party *party, const struct frame *frame, struct outbox *outbox)
{
    static const struct reunion_work alone = {.threads = 1};
    struct reunion_t1 t1 = {.bytes = frame->bytes, .length = frame->length};
    INVARIANT(reunion_session_receive_t1s(party->session, &t1, 1, &alone) == 0);
    if (t1.status == 0)
        put(outbox->t2s, &outbox->t2_bytes, party, t1.id, t1.t2);
    else
        INVARIANT(t1.status == -ELOOP);
}

static void take_t2(const struct meeting *meeting, size_t self, const uint8_t *record,
                    struct outbox *outbox)
{
    const struct party *party = &meeting->parties[self];
    uint8_t t3[REUNION_T3_BYTES];
    INVARIANT(reunion_session_receive_t2(party->session, record, record + 2 * ID_BYTES, t3) == 0);
    bool dummy = is_dummy(meeting, self, record);
    if (dummy && meeting->leak == LEAK_NO_DUMMIES)
        return;
    if (dummy && meeting->leak == LEAK_BIASED_DUMMIES)
        t3[0] &= 0x7f;
    put(outbox->t3s, &outbox->t3_bytes, party, record, t3);
}

static void take_frame(struct meeting *meeting, size_t self, const struct frame *frame,
                       struct outbox *outbox)
{
    struct party *party = &meeting->parties[self];
    if (frame->kind == RECORD_T1) {
        take_t1(party, frame, outbox);
        return;
    }
    if (memcmp(frame->bytes + ID_BYTES, reunion_session_t1_id(party->session), ID_BYTES) != 0)
        return;
    if (frame->kind == RECORD_T2)
        take_t2(meeting, self, frame->bytes, outbox);
    else
        INVARIANT(reunion_session_receive_t3(party->session, frame->bytes,
                                             frame->bytes + 2 * ID_BYTES) == 0);
}

static void post(struct party *party, char kind, const uint8_t *records, size_t bytes)
{
    char line[160];
    if (bytes == 0)
        return;
    snprintf(line, sizeof line, "POST /v1/buckets/%s/t%c", party->bucket_hash, kind);
    INVARIANT(plain_exchange(&party->http, line, party->key, records, bytes) == 200);
}

/* Read what is new, and answer it. */
static void take_turn(struct meeting *meeting, size_t self)
{
    struct party *party = &meeting->parties[self];
    struct outbox outbox = {.t2_bytes = 0};
    struct reunion_reveal reveal;
    struct frame frame;
    char line[400];
    if (party->met && meeting->leak == LEAK_CONTENT)
        return;
    snprintf(line, sizeof line, "GET /v1/buckets/%s/feed%s%s", party->bucket_hash,
             *party->http.cursor ? "?after=" : "", party->http.cursor);
    INVARIANT(plain_exchange(&party->http, line, NULL, NULL, 0) == 200);
    char cursor[PLAIN_VALUE_BYTES];
    memcpy(cursor, party->http.cursor, sizeof cursor);
    /* In a drawn order: an answer may stand before what it answers. */
    for (enum record_kind kind = RECORD_T1; kind <= RECORD_T3; kind++) {
        struct cursor feed = cursor_over(party->http.body, party->http.body_bytes);
        while (frame_take(&feed, &frame) == 0)
            if (frame.kind == kind)
                take_frame(meeting, self, &frame, &outbox);
    }
    while (reunion_session_next_reveal(party->session, &reveal) == 0)
        party->met = true;
    post(party, '2', outbox.t2s, outbox.t2_bytes);
    post(party, '3', outbox.t3s, outbox.t3_bytes);
    memcpy(party->http.cursor, cursor, sizeof cursor);
}

static void open_sessions(struct meeting *meeting, struct seeded *seeded)
{
    uint64_t shared = seeded_next(seeded);
    meeting->first = seeded_below(seeded, PARTIES);
    meeting->second = (meeting->first + 1 + seeded_below(seeded, PARTIES - 1)) % PARTIES;
    for (size_t i = 0; i < PARTIES; i++) {
        bool meets = meeting->two_meet && (i == meeting->first || i == meeting->second);
        uint64_t own = seeded_next(seeded);
        open_session(&meeting->parties[i], meets ? shared : own, seeded);
    }
}

void meeting_hold(struct meeting *meeting, int port, struct seeded *seeded)
{
    enum { TURNS = 6 };
    size_t order[PARTIES];
    open_sessions(meeting, seeded);
    for (size_t i = 0; i < PARTIES; i++)
        arrive(&meeting->parties[i], port);
    for (size_t turn = 0; turn < TURNS; turn++) {
        seeded_order(seeded, order, PARTIES);
        for (size_t i = 0; i < PARTIES; i++)
            take_turn(meeting, order[i]);
    }
    for (size_t i = 0; i < PARTIES; i++) {
        struct party *party = &meeting->parties[i];
        bool meets = meeting->two_meet && (i == meeting->first || i == meeting->second);
        INVARIANT(party->met == meets);
        plain_close(&party->http);
        reunion_session_free(party->session);
    }
}
