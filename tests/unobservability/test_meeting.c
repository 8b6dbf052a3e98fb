#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "guess.h"
#include "meeting.h"
#include "server_run.h"
#include "wire/record.h"

/* The game: in each run four people exchange records in one bucket of a server of their own; a
 * coin decides whether two of them share a passphrase. Guessers see everything the server has: what
 * it answers, its files, its log, its memory, and the sizes of what went over the network. They
 * must do no better than chance; and in the control games, where the parties or the server leak on
 * purpose, they must win, or they would prove nothing. */

/* The seed is always the same unless REUNION_TEST_SEED says otherwise, so a verdict repeats; a
 * sound server fails for one seed in a million. */
static const double ALARM = 1e-6;
static const char SEED[] = "0x7265756e696f6e21";

enum {
    RUNS = 2000,
    CONTROL_RUNS = 100,
    SUBTLE_CONTROL_RUNS = 240, /* where little shows of it */
    BYTE_VALUES = 256,
    LINE_BYTES = 200,
    PAIRS = PARTIES * (PARTIES - 1),
    TRAFFIC = 9,
    SIZES = 16,
    RELATIONS = 12,
};

enum source { ANSWERS, BODIES, RELATION, SIZE, DATABASE, LOG, MEMORY, TRAFFIC_SIZES, SOURCES };

static const struct {
    const char *name;
    size_t width;
} sources[SOURCES] = {
    [ANSWERS] = {"answers", BYTE_VALUES},   [BODIES] = {"bodies", 2 * 8 * RECORD_BODY_BYTES},
    [RELATION] = {"relations", RELATIONS},  [SIZE] = {"sizes", SIZES},
    [DATABASE] = {"database", BYTE_VALUES}, [LOG] = {"log", BYTE_VALUES},
    [MEMORY] = {"memory", BYTE_VALUES + 1}, [TRAFFIC_SIZES] = {"traffic", TRAFFIC},
};

/* One run's observations. */
struct seen {
    double *values[SOURCES];
    size_t sizes; /* so many are noted */
};

/* By turns in several tables, as counting the same value twice in a row would have to wait. */
static void count_bytes(double *counts, const uint8_t *bytes, size_t count)
{
    enum { TURNS = 4 };
    uint32_t by_turns[TURNS][BYTE_VALUES] = {{0}};
    for (size_t i = 0; i < count; i++)
        by_turns[i % TURNS][bytes[i]]++;
    for (size_t value = 0; value < BYTE_VALUES; value++)
        for (size_t turn = 0; turn < TURNS; turn++)
            counts[value] += by_turns[turn][value];
}

static void note_size(struct seen *seen, double size)
{
    INVARIANT(seen->sizes < SIZES);
    seen->values[SIZE][seen->sizes++] = size;
}

/* Records */

static unsigned distance(const uint8_t *one, const uint8_t *other)
{
    unsigned bits = 0;
    for (size_t i = 0; i < RECORD_BODY_BYTES; i++)
        bits += (unsigned)__builtin_popcount(one[i] ^ other[i]);
    return bits;
}

struct records {
    uint8_t bytes[2][PAIRS * RECORD_ADDRESSED_BYTES]; /* T2s, T3s */
    size_t count[2];
};

static void look_at_bits(struct seen *seen, const struct records *records)
{
    for (size_t kind = 0; kind < 2; kind++)
        for (size_t i = 0; i < records->count[kind]; i++) {
            const uint8_t *body = records->bytes[kind] + i * RECORD_ADDRESSED_BYTES + 2 * ID_BYTES;
            for (size_t bit = 0; bit < 8 * RECORD_BODY_BYTES; bit++)
                seen->values[BODIES][kind * 8 * RECORD_BODY_BYTES + bit] +=
                    body[bit / 8] >> (bit % 8) & 1;
        }
}

/* Whether two records are of the same pair: the same way (0), the other way (1), or not (2). */
static size_t kinship(const uint8_t *one, const uint8_t *other)
{
    if (memcmp(one, other, 2 * ID_BYTES) == 0)
        return 0;
    return memcmp(one, other + ID_BYTES, ID_BYTES) == 0 &&
                   memcmp(one + ID_BYTES, other, ID_BYTES) == 0
               ? 1
               : 2;
}

/* The least and the greatest distance of bodies of related records: T2 to T2, T3 to T3, T2 to T3,
 * there and back or not related at all. */
static void look_at_relations(struct seen *seen, const struct records *records)
{
    double *least = seen->values[RELATION], *greatest = least + RELATIONS / 2;
    for (size_t i = 0; i < RELATIONS / 2; i++)
        least[i] = 8 * RECORD_BODY_BYTES;
    for (size_t pair = 0; pair < 2 * PAIRS * 2 * PAIRS; pair++) {
        size_t i = pair / (2 * PAIRS), j = pair % (2 * PAIRS);
        size_t i_kind = i / PAIRS, j_kind = j / PAIRS;
        if (i >= j || i % PAIRS >= records->count[i_kind] || j % PAIRS >= records->count[j_kind])
            continue;
        const uint8_t *one = records->bytes[i_kind] + i % PAIRS * RECORD_ADDRESSED_BYTES;
        const uint8_t *other = records->bytes[j_kind] + j % PAIRS * RECORD_ADDRESSED_BYTES;
        size_t place = kinship(one, other) + (i_kind == j_kind ? 0 : 3);
        unsigned bits = distance(one + 2 * ID_BYTES, other + 2 * ID_BYTES);
        least[place] = bits < least[place] ? bits : least[place];
        greatest[place] = bits > greatest[place] ? bits : greatest[place];
    }
}

/* Answers */

static void get(struct seen *seen, struct plain_http *http, const char *path)
{
    char line[LINE_BYTES];
    snprintf(line, sizeof line, "GET %s", path);
    INVARIANT(plain_exchange(http, line, NULL, NULL, 0) == 200);
    count_bytes(seen->values[ANSWERS], http->body, http->body_bytes);
    note_size(seen, (double)http->body_bytes);
}

static void get_of_bucket(struct seen *seen, struct plain_http *http, const char *bucket_hash,
                          const char *what)
{
    char path[LINE_BYTES];
    snprintf(path, sizeof path, "/v1/buckets/%s%s", bucket_hash, what);
    get(seen, http, path);
}

static void keep_records(struct records *records, size_t kind, const struct plain_http *http)
{
    INVARIANT(http->body_bytes <= sizeof records->bytes[kind]);
    memcpy(records->bytes[kind], http->body, http->body_bytes);
    records->count[kind] = http->body_bytes / RECORD_ADDRESSED_BYTES;
}

static void look_at_answers(struct seen *seen, const struct meeting *meeting, int port)
{
    static struct plain_http http;
    const char *bucket_hash = meeting->parties[0].bucket_hash;
    struct records records;
    plain_open(&http, port);
    get(seen, &http, "/v1/buckets");
    get_of_bucket(seen, &http, bucket_hash, "");
    get_of_bucket(seen, &http, bucket_hash, "/t1");
    get_of_bucket(seen, &http, bucket_hash, "/t2");
    keep_records(&records, 0, &http);
    get_of_bucket(seen, &http, bucket_hash, "/t3");
    keep_records(&records, 1, &http);
    get_of_bucket(seen, &http, bucket_hash, "/feed");
    get(seen, &http, "/t1");
    get(seen, &http, "/t2");
    get(seen, &http, "/t3");
    plain_close(&http);
    look_at_bits(seen, &records);
    look_at_relations(seen, &records);
}

/* Files, log, memory, network */

static void look_at_file(struct seen *seen, enum source source, const char *path)
{
    uint8_t bytes[4096];
    size_t count, size = 0;
    FILE *file = fopen(path, "rbe");
    while (file && (count = fread(bytes, 1, sizeof bytes, file)) > 0) {
        count_bytes(seen->values[source], bytes, count);
        size += count;
    }
    if (file)
        fclose(file);
    note_size(seen, (double)size);
}

/* But for the port, which the system has drawn. */
static void look_at_log(struct seen *seen, const char *path)
{
    char line[512];
    size_t lines = 0, bytes = 0;
    FILE *log = fopen(path, "re");
    INVARIANT(log);
    while (fgets(line, sizeof line, log)) {
        lines++;
        if (strstr(line, "address="))
            continue;
        bytes += strlen(line);
        count_bytes(seen->values[LOG], (const uint8_t *)line, strlen(line));
    }
    fclose(log);
    note_size(seen, (double)lines);
    note_size(seen, (double)bytes);
}

static void see_memory(void *context, const uint8_t *bytes, size_t count)
{
    double *values = context;
    count_bytes(values, bytes, count);
    values[BYTE_VALUES] += (double)count;
}

static void look_at_traffic(struct seen *seen, const struct meeting *meeting)
{
    double *values = seen->values[TRAFFIC_SIZES];
    for (size_t i = 0; i < PARTIES; i++) {
        const struct plain_http *http = &meeting->parties[i].http;
        const double counts[] = {(double)http->requests, (double)http->sent,
                                 (double)http->received};
        for (size_t kind = 0; kind < 3; kind++) {
            double *least = &values[3 * kind];
            least[0] = i == 0 || counts[kind] < least[0] ? counts[kind] : least[0];
            least[1] = counts[kind] > least[1] ? counts[kind] : least[1];
            least[2] += counts[kind];
        }
    }
}

static void play(struct server_source *source, struct seeded *seeded, enum leak leak, bool bit,
                 struct seen *seen)
{
    static struct meeting meeting;
    char log_of_database[100];
    memset(&meeting, 0, sizeof meeting);
    meeting.two_meet = bit;
    meeting.leak = leak;
    struct server_run run = server_run_start(source, seeded_next(seeded), bit && leak == LEAK_MARK);
    meeting_hold(&meeting, run.port, seeded);
    look_at_traffic(seen, &meeting);
    server_run_memory(&run, see_memory, seen->values[MEMORY]);
    look_at_answers(seen, &meeting, run.port);
    snprintf(log_of_database, sizeof log_of_database, "%s-wal", source->database);
    look_at_file(seen, DATABASE, source->database);
    look_at_file(seen, DATABASE, log_of_database);
    server_run_stop(source, &run);
    look_at_file(seen, DATABASE, source->database);
    look_at_log(seen, source->log);
}

/* Games */

static struct observations *observe(const char *program, enum leak leak, size_t runs)
{
    static struct observations seen[SOURCES];
    struct server_source source;
    struct seeded seeded = seeded_open();
    bool *bits = calloc(runs, sizeof *bits);
    INVARIANT(bits);
    for (size_t i = 0; i < SOURCES; i++) {
        double *values = calloc(runs * sources[i].width, sizeof *values);
        INVARIANT(values);
        seen[i] = (struct observations){sources[i].name, runs, sources[i].width, values, bits};
    }
    server_source_open(&source, program);
    for (size_t r = 0; r < runs; r++) {
        struct seen run = {.sizes = 0};
        for (size_t i = 0; i < SOURCES; i++)
            run.values[i] = seen[i].values + r * seen[i].width;
        bits[r] = seeded_next(&seeded) & 1;
        play(&source, &seeded, leak, bits[r], &run);
    }
    server_source_close(&source);
    return seen;
}

static void forget(struct observations *seen)
{
    free(seen[0].bits);
    for (size_t i = 0; i < SOURCES; i++)
        free(seen[i].values);
}

static const char *game_server;

static void nobody_learns_whether_two_met(void **state)
{
    bool reported = false;
    (void)state;
    struct observations *seen = observe(game_server, LEAK_NONE, RUNS);
    printf("nothing leaks, %d runs:\n", RUNS);
    for (size_t i = 0; i < SOURCES; i++)
        reported |= guess_all(&seen[i], ALARM / SOURCES);
    forget(seen);
    assert_false(reported);
}

/* Play a game with a leak. Those sources must see it, others may. */
static void control(enum leak leak, const char *name, size_t runs, const enum source *must,
                    size_t count)
{
    struct observations *seen = observe(game_server, leak, runs);
    printf("a leak on purpose, %s, %zu runs:\n", name, runs);
    for (size_t i = 0; i < count; i++)
        assert_true(guess_all(&seen[must[i]], ALARM / SOURCES));
    forget(seen);
}

static void missing_dummies_are_noticed(void **state)
{
    static const enum source must[] = {ANSWERS, SIZE, DATABASE, TRAFFIC_SIZES};
    (void)state;
    control(LEAK_NO_DUMMIES, "no dummies", SUBTLE_CONTROL_RUNS, must, sizeof must / sizeof must[0]);
}

static void one_biased_bit_is_noticed(void **state)
{
    static const enum source must[] = {BODIES};
    (void)state;
    control(LEAK_BIASED_DUMMIES, "one bit of dummies is 0", SUBTLE_CONTROL_RUNS, must, 1);
}

static void contentment_is_noticed(void **state)
{
    static const enum source must[] = {TRAFFIC_SIZES};
    (void)state;
    control(LEAK_CONTENT, "who has met stops asking", CONTROL_RUNS, must, 1);
}

static void a_mark_in_memory_is_noticed(void **state)
{
    static const enum source must[] = {MEMORY};
    (void)state;
    control(LEAK_MARK, "a mark in memory", CONTROL_RUNS, must, 1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_dummies_are_noticed),
        cmocka_unit_test(one_biased_bit_is_noticed),
        cmocka_unit_test(contentment_is_noticed),
        cmocka_unit_test(a_mark_in_memory_is_noticed),
        cmocka_unit_test(nobody_learns_whether_two_met),
    };
    INVARIANT(argc == 2);
    game_server = argv[1];
    setenv("REUNION_TEST_SEED", SEED, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
