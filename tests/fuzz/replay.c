#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "fuzz/target.h"

/* Feeds the files of a folder to a fuzz target, each in memory of just its size, so that a step
 * beyond its end is seen. */

enum { INPUT_BYTES_MAX = 1 << 20 };

static uint8_t *read_file(const char *path, size_t *bytes)
{
    static uint8_t content[INPUT_BYTES_MAX];
    FILE *file = fopen(path, "rbe");
    INVARIANT(file);
    *bytes = fread(content, 1, sizeof content, file);
    INVARIANT(!ferror(file) && feof(file));
    fclose(file);
    uint8_t *exact = malloc(*bytes ? *bytes : 1);
    INVARIANT(exact);
    memcpy(exact, content, *bytes);
    return exact;
}

static void replay(const char *folder, const char *name)
{
    char path[4096];
    size_t bytes;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    /* Named beforehand: the last name is the input that ends the program. */
    printf("%s\n", name);
    fflush(stdout);
    uint8_t *input = read_file(path, &bytes);
    INVARIANT(LLVMFuzzerTestOneInput(input, bytes) == 0);
    free(input);
}

int main(int argc, char **argv)
{
    size_t count = 0;
    INVARIANT(argc == 2);
    DIR *folder = opendir(argv[1]);
    INVARIANT(folder);
    for (struct dirent *file = readdir(folder); file; file = readdir(folder))
        if (file->d_name[0] != '.') {
            replay(argv[1], file->d_name);
            count++;
        }
    closedir(folder);
    printf("%zu inputs\n", count);
    return count > 0 ? 0 : 1;
}
