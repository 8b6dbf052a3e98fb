#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hex.h"
#include "fuzz/target.h"
#include "http/retry_after.h"
#include "transport/v1_answers.h"
#include "wire/bucket_id.h"

/* Small texts from outside: hexadecimal digits, bucket ids, cursors, Retry-After. What is accepted
 * has one spelling, the one it would be written with. */

static void as_hex(const char *text)
{
    static const size_t lengths[] = {1, 24, 32};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        uint8_t data[32];
        char again[65];
        if (hex_decode(data, lengths[i], text))
            continue;
        hex_encode(again, data, lengths[i]);
        INVARIANT(strcmp(again, text) == 0);
    }
}

static void as_bucket_id(const char *text)
{
    struct bucket_id id;
    char again[BUCKET_ID_TEXT_BYTES];
    if (bucket_id_parse(&id, text))
        return;
    bucket_id_print(again, &id);
    INVARIANT(strcmp(again, text) == 0);
}

static void as_cursor(const char *text)
{
    if (v1_cursor_is_sound(text))
        INVARIANT(strlen(text) < V1_CURSOR_BYTES && !strpbrk(text, "/?#&% \r\n"));
}

static void as_retry_after(const char *text)
{
    int64_t wait_ms = retry_after_ms(text, "Wed, 21 Oct 2026 07:28:00 GMT");
    INVARIANT(wait_ms >= 0 && wait_ms <= 86400 * INT64_C(1000));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    INVARIANT(text);
    memcpy(text, data, size);
    text[size] = '\0';
    as_hex(text);
    as_bucket_id(text);
    as_cursor(text);
    as_retry_after(text);
    free(text);
    return 0;
}
