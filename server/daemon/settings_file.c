#include "daemon/settings_file.h"

#include <string.h>

#include "option/settings_json.h"

static void complain(const struct settings *settings, const char *path, int err, FILE *complaints)
{
    static const char named_by[] = "config";
    char variable[SETTING_VARIABLE_BYTES];
    struct setting_entry by;
    INVARIANT(setting_find(settings->table, named_by, strlen(named_by), &by));
    setting_variable(settings->table, by.row, variable);
    bool is_variable = settings->origins[by.number] == ORIGIN_ENVIRONMENT;
    fprintf(complaints, "the configuration file %s of %s%s cannot be read: %s\n", path,
            is_variable ? "" : "--", is_variable ? variable : named_by, err_reason(err));
}

int settings_file_read(const struct settings *settings, const char *path, FILE *complaints)
{
    char text[SETTINGS_FILE_BYTES_MAX + 1];
    FILE *file = fopen(path, "re");
    size_t bytes = 0;
    if (file)
        bytes = fread(text, 1, sizeof text, file);
    int err = file && !ferror(file) ? 0 : -errno;
    if (file)
        (void)fclose(file);
    if (err) {
        complain(settings, path, err, complaints);
        return -EINVAL;
    }
    if (bytes > SETTINGS_FILE_BYTES_MAX) {
        fprintf(complaints, "the configuration file %s is longer than %d bytes\n", path,
                SETTINGS_FILE_BYTES_MAX);
        return -EINVAL;
    }
    return settings_read_json(settings, text, bytes, path, complaints);
}

int settings_read(const struct settings *settings, const struct settings_sources *sources,
                  const struct setting_text *file, FILE *complaints)
{
    int err = settings_read_flags(settings, sources->argc, sources->argv, NULL, complaints);
    if (settings_read_environment(settings, sources->environment, complaints))
        err = -EINVAL;
    if (file->text[0] && settings_file_read(settings, file->text, complaints))
        err = -EINVAL;
    return err;
}
