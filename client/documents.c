/* Writes what is installed beside the program, made from its tables; used when building.
 *
 *   documents manual TEMPLATE | bash | zsh | fish */
#include <stdio.h>
#include <string.h>

#include "cli/completions.h"
#include "cli/manual.h"

static int write_manual(const char *path)
{
    FILE *template = fopen(path, "re");
    if (!template)
        return -ENOENT;
    int err = manual_write(stdout, template);
    fclose(template);
    return err;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*write)(FILE *to);
    } shells[] = {{"bash", completions_bash}, {"zsh", completions_zsh}, {"fish", completions_fish}};
    int err = -EINVAL;
    if (argc == 3 && strcmp(argv[1], "manual") == 0)
        err = write_manual(argv[2]);
    for (size_t i = 0; argc == 2 && i < sizeof shells / sizeof *shells; i++)
        if (strcmp(argv[1], shells[i].name) == 0) {
            shells[i].write(stdout);
            err = 0;
        }
    return err || fflush(stdout) ? 1 : 0;
}
