/* Group actions behind a pipe, for drivers that compare them with another implementation's.
 *
 * A line "derive THREADS secret public..." is answered with "wall cpu result...", nanoseconds and
 * then, for each key, the shared secret or `invalid`; "session" with "wall cpu", for a session's
 * keys; "keys" with a fresh "secret public", in hex; "engine" with its name and whether that is the
 * one in REUNION_CTIDH, 0 or an error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hex.h"
#include "base/secret.h"
#include "reunion/group_actions.h"
#include "reunion/reunion.h"

enum { KEYS_MAX = 1024 };

static struct ctidh1024_exchange exchanges[KEYS_MAX];
static uint8_t public_key[KEYS_MAX][CTIDH1024_PUBLIC_BYTES];
static uint8_t shared[KEYS_MAX][CTIDH1024_SHARED_BYTES];

struct stopwatch {
    double wall, cpu;
};

static double now_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static struct stopwatch stopwatch_start(void)
{
    return (struct stopwatch){now_ns(CLOCK_MONOTONIC), now_ns(CLOCK_PROCESS_CPUTIME_ID)};
}

static void stopwatch_print(struct stopwatch start)
{
    printf("%.0f %.0f", now_ns(CLOCK_MONOTONIC) - start.wall,
           now_ns(CLOCK_PROCESS_CPUTIME_ID) - start.cpu);
}

static void decode(uint8_t *out, size_t bytes, const char *word)
{
    if (!word || hex_decode(out, bytes, word))
        exit(1);
}

static void print_hex(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("%02x", bytes[i]);
}

static void derive(void)
{
    uint8_t secret[CTIDH1024_SECRET_BYTES];
    const char *threads = strtok(NULL, " \n");
    if (!threads)
        exit(1);
    struct reunion_work work = {.threads = (unsigned)strtoul(threads, NULL, 10)};
    decode(secret, sizeof secret, strtok(NULL, " \n"));
    size_t count = 0;
    for (const char *word; count < KEYS_MAX && (word = strtok(NULL, " \n")) != NULL; count++) {
        decode(public_key[count], sizeof public_key[count], word);
        exchanges[count] = (struct ctidh1024_exchange){public_key[count], shared[count], 1};
    }
    struct stopwatch start = stopwatch_start();
    group_actions(secret, exchanges, count, &work);
    stopwatch_print(start);
    for (size_t i = 0; i < count; i++) {
        if (exchanges[i].status != 0 && exchanges[i].status != -EBADMSG)
            exit(1);
        printf(" ");
        if (exchanges[i].status == 0)
            print_hex(shared[i], sizeof shared[i]);
        else
            printf("invalid");
    }
    printf("\n");
}

static void keys(void)
{
    uint8_t secret[CTIDH1024_SECRET_BYTES], public_half[CTIDH1024_PUBLIC_BYTES];
    ctidh1024_secret_sample(secret, &random_system);
    if (ctidh1024_public_derive(public_half, secret, &random_system))
        exit(1);
    print_hex(secret, sizeof secret);
    printf(" ");
    print_hex(public_half, sizeof public_half);
    printf("\n");
}

/* A session as a client opens it: passphrase, key pairs, T1. */
static void session(void)
{
    const char passphrase[] = "I am a jelly donut";
    const uint8_t salt[REUNION_SALT_BYTES] = {0}, payload[96] = {0};
    const struct reunion_setup setup = {.passphrase = (const uint8_t *)passphrase,
                                        .passphrase_bytes = sizeof passphrase - 1,
                                        .salt = salt,
                                        .payload = payload,
                                        .payload_bytes = sizeof payload};
    struct reunion_session *opened;
    struct stopwatch start = stopwatch_start();
    if (reunion_session_open(&opened, &setup))
        exit(1);
    stopwatch_print(start);
    printf("\n");
    reunion_session_free(opened);
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    if (secret_init())
        return 1;
    while (getline(&line, &room, stdin) > 0) {
        const char *verb = strtok(line, " \n");
        if (verb && strcmp(verb, "derive") == 0)
            derive();
        else if (verb && strcmp(verb, "keys") == 0)
            keys();
        else if (verb && strcmp(verb, "session") == 0)
            session();
        else if (verb && strcmp(verb, "engine") == 0)
            printf("%s %d\n", reunion_engine(), reunion_engine_check());
        else
            return 1;
        fflush(stdout);
    }
    free(line);
    return 0;
}
