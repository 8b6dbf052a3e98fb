/* Writes what is installed beside a program, made from its table; used when building.
 *
 *   documents PROGRAM manual TEMPLATE
 *   documents PROGRAM bash | zsh | fish */
#include <stdio.h>
#include <string.h>

#include "base/standard_streams.h"
#include "cli/completions.h"
#include "cli/manual.h"
#include "ethernet/program.h"
#include "group/program.h"
#include "links/program.h"
#include "rendezvous/program.h"

static const struct program *const programs[] = {&reunion_client, &reunion_group, &reunion_link,
                                                 &reunion_on_an_ethernet};

static const struct program *find_program(const char *name)
{
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        if (strcmp(programs[i]->name, name) == 0)
            return programs[i];
    return NULL;
}

static int write_manual(const struct program *program, const char *path)
{
    FILE *template = fopen(path, "re");
    if (!template)
        return -ENOENT;
    int err = manual_write(stdout, program, template);
    fclose(template);
    return err;
}

static int write_completions(const struct program *program, const char *shell)
{
    static const struct {
        const char *name;
        void (*write)(FILE *to, const struct program *program);
    } shells[] = {{"bash", completions_bash}, {"zsh", completions_zsh}, {"fish", completions_fish}};
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(shell, shells[i].name) == 0) {
            shells[i].write(stdout, program);
            return 0;
        }
    return -EINVAL;
}

int main(int argc, char **argv)
{
    if (standard_streams_open())
        return 1;
    const struct program *program = argc > 1 ? find_program(argv[1]) : NULL;
    int err = -EINVAL;
    if (program && argc == 4 && strcmp(argv[2], "manual") == 0)
        err = write_manual(program, argv[3]);
    else if (program && argc == 3)
        err = write_completions(program, argv[2]);
    return err || standard_streams_finish("documents") ? 1 : 0;
}
