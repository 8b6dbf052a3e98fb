#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admission/stamp.h"
#include "base/hex.h"
#include "base/secret.h"

/* usage: find_stamp KIND RECORD-ID CHALLENGE EFFORT [TAG]: search until a stamp of the place with
 * this tag, or of the common one, is worth EFFORT, and print its nonce and what it is worth. */
int main(int argc, char **argv)
{
    struct stamp_subject subject = {0};
    struct stamp_search search;
    char nonce[2 * STAMP_NONCE_BYTES + 1];
    if (argc < 5 || argc > 6 || secret_init() || strlen(argv[1]) != 1 ||
        hex_decode(subject.record, sizeof subject.record, argv[2]) ||
        hex_decode(subject.challenge, sizeof subject.challenge, argv[3]) ||
        (argc == 6 && hex_decode(subject.place, sizeof subject.place, argv[5])))
        return 2;
    subject.kind = argv[1][0];
    const struct stamp_goal goal = {.effort = (uint32_t)strtoul(argv[4], NULL, 10)};
    if (stamp_search_open(&search, &subject, &random_system) ||
        stamp_search_run(&search, &goal, UINT64_MAX, NULL))
        return 1;
    hex_encode(nonce, search.best_nonce, sizeof search.best_nonce);
    printf("%s %lu\n", nonce, (unsigned long)search.best_effort);
    stamp_search_close(&search);
    return 0;
}
