/* Known answers: kat_reunion [FILE] runs a file of the form of reunion-kat.json. */
#include <stdio.h>

#include "base/secret.h"
#include "kat.h"

int main(int argc, char **argv)
{
    const char *file = argc == 2 ? argv[1] : KAT_DEFAULT_FILE;
    if (argc > 2) {
        fprintf(stderr, "usage: kat_reunion [FILE]\n");
        return 2;
    }
    if (secret_init())
        return 2;
    json_error_t error;
    json_t *root = json_load_file(file, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        fprintf(stderr, "kat_reunion: %s: %s\n", file, error.text);
        return 2;
    }
    struct kat_score score = {0, 0};
    kat_primitives(&score, json_object_get(root, "primitives"));
    kat_sessions(&score, json_object_get(root, "sessions"));
    json_decref(root);
    printf("%u passed, %u failed\n", score.passed, score.failed);
    return score.failed == 0 && score.passed > 0 ? 0 : 1;
}
