#include "daemon/program.h"

#include <stdlib.h>
#include <string.h>

enum { ANSWER_BYTES_MAX = 1 << 18 };

static void complain_of_each(const char *program, char *text)
{
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) && *line;)
        fprintf(stderr, "%s: %s\n", program, line);
}

int program_read_settings(const char *program, int argc, char *const *argv, program_reader *read,
                          void *config)
{
    bool is_key = argc > 1 && strcmp(argv[1], "key") == 0;
    const struct settings_sources sources = {argc - is_key, argv + is_key, environ};
    char *text = NULL;
    size_t bytes;
    FILE *complaints = open_memstream(&text, &bytes);
    if (!complaints)
        return -ENOMEM;
    int err = read(config, &sources, is_key, complaints);
    if (fclose(complaints) || !text)
        return -ENOMEM;
    if (err)
        complain_of_each(program, text);
    free(text);
    return err;
}

void program_answer_whole(void)
{
    static char whole[ANSWER_BYTES_MAX];
    (void)setvbuf(stdout, whole, _IOFBF, sizeof whole);
}

void program_wait(sigset_t awaited, void (*reread)(void *context), void *context)
{
    int signal_number = 0;
    while (sigwait(&awaited, &signal_number) || (signal_number == SIGHUP && reread))
        if (signal_number == SIGHUP)
            reread(context);
}
