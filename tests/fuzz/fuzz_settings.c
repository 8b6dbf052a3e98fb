#include <stdlib.h>
#include <string.h>

#include "fuzz/target.h"
#include "option/settings_json.h"
#include "rendezvous/config.h"

/* Settings: an input that begins with a brace is a configuration file, any other has a flag or a
 * variable REUNION_… on each line. They are refused with complaints, or understood within their
 * limits. */

enum { ENTRIES_MAX = 32 };

struct lines {
    char *entries[ENTRIES_MAX + 1];
    size_t count;
};

static void add(struct lines *lines, char *line)
{
    if (lines->count < ENTRIES_MAX)
        lines->entries[lines->count++] = line;
}

static int read_lines(struct config *config, char *text, FILE *complaints)
{
    static char name[] = "reunion-server";
    struct lines flags = {{name}, 1}, variables = {{NULL}, 0};
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
        add(strncmp(line, "REUNION_", 8) == 0 ? &variables : &flags, line);
    const struct settings_sources sources = {(int)flags.count, flags.entries, variables.entries};
    return config_read(config, &sources, complaints);
}

static void check(const struct config *config)
{
    INVARIANT(config->listen.count <= SETTING_TEXTS_MAX);
    INVARIANT(config->open_window_s >= 1 && config->open_window_s <= config->lifetime_s);
    INVARIANT(config->threads >= 1 && config->connections_max >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct config config;
    char *text = malloc(size + 1), *reported;
    size_t reported_bytes;
    FILE *complaints = open_memstream(&reported, &reported_bytes);
    INVARIANT(text && complaints);
    memcpy(text, data, size);
    text[size] = '\0';
    config_defaults(&config);
    const struct settings settings = config_settings(&config);
    bool is_file = size > 0 && data[0] == '{';
    int err = is_file ? settings_read_json(&settings, text, size, "the file", complaints)
                      : read_lines(&config, text, complaints);
    fclose(complaints);
    INVARIANT((err != 0) == (reported_bytes > 0));
    if (!err && !is_file)
        check(&config);
    free(reported);
    free(text);
    return 0;
}
