#include "cli/defaults.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "option/settings_json.h"

#define FILE_BELOW "reunion/client.json"

enum { PATH_BYTES = 4096, FILE_BYTES_MAX = 65536, WHERE_BYTES = PATH_BYTES + 64 };

/* All that the file may have; a program without that option has no use for it. */
static const char *const names[] = {
    "server",     "proxy",     "cacert",       "pin",   "insecure-http", "jobs",  "effort",
    "max-effort", "tolerance", "max-sequence", "mixes", "route",         "cover",
};

/* What one call is about. */
struct taking {
    const struct program *program;
    const struct settings *settings;
    struct options *options;
    char path[PATH_BYTES];
    bool servers_are_the_files;
    FILE *complaints;
};

static bool is_one_of(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, list[i]) == 0)
            return true;
    return false;
}

static bool is_known(const char *name)
{
    return is_one_of(name, names, sizeof names / sizeof *names);
}

static bool is_about_trust(const char *name)
{
    static const char *const about_trust[] = {"cacert", "pin", "insecure-http"};
    return is_one_of(name, about_trust, sizeof about_trust / sizeof *about_trust);
}

/* The next option, from *number on, that may have a value from elsewhere. */
static bool next_option(const struct taking *taking, size_t *number, struct setting_entry *entry)
{
    for (; setting_at(taking->settings->table, *number, entry); ++*number) {
        const char *name = entry->row->name;
        unsigned commands = strcmp(name, "server") == 0 ? taking->program->default_server : ~0u;
        if (entry->commands)
            commands &= entry->commands;
        if ((commands & taking->options->command) && is_known(name))
            return true;
    }
    return false;
}

static bool is_given(const struct taking *taking, const struct setting_entry *entry)
{
    return taking->settings->origins[entry->number] > ORIGIN_FILE;
}

/* The environment */

static int take_servers(struct taking *taking, const struct setting_entry *entry)
{
    char **servers = &taking->options->defaults.servers;
    const char *given = getenv("REUNION_SERVER");
    if (!given || !given[0])
        return 0;
    taking->servers_are_the_files = false;
    if (is_given(taking, entry))
        return 0;
    *servers = strdup(given);
    if (!*servers)
        return -ENOMEM;
    int err = 0;
    char *rest = *servers;
    size_t count = 0;
    for (char *server; !err && (server = strsep(&rest, " \t\n"));) {
        if (server[0] && count++ > 0 && entry->row->form == FORM_STRING) {
            fputs("REUNION_SERVER has several servers: name one with --server\n",
                  taking->complaints);
            err = -EINVAL;
        } else if (server[0]) {
            err = settings_give(taking->settings, entry, ORIGIN_ENVIRONMENT, server,
                                "REUNION_SERVER", taking->complaints);
        }
    }
    return err;
}

/* The file */

/* Its path. Returns: whether there can be one. */
static bool find_path(char path[static PATH_BYTES])
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    int bytes = -1;
    if (config && config[0] == '/') /* a relative one counts as none there */
        bytes = snprintf(path, PATH_BYTES, "%s/" FILE_BELOW, config);
    else if (home && home[0] == '/')
        bytes = snprintf(path, PATH_BYTES, "%s/.config/" FILE_BELOW, home);
    return bytes > 0 && bytes < PATH_BYTES;
}

static int complain_of_file(struct taking *taking, const char *what)
{
    fprintf(taking->complaints, "%s: %s (or give --no-config)\n", taking->path, what);
    return -EINVAL;
}

/* Whoever can write it says where the program goes. */
static int check_file(struct taking *taking, int file)
{
    struct stat status;
    if (fstat(file, &status))
        return complain_of_file(taking, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return complain_of_file(taking, "this is no regular file");
    if (status.st_uid != 0 && status.st_uid != geteuid())
        return complain_of_file(taking, "the file is somebody else's");
    if (status.st_mode & (S_IWGRP | S_IWOTH))
        return complain_of_file(taking, "others may write this file: chmod go-w");
    if (status.st_size > FILE_BYTES_MAX)
        return complain_of_file(taking, "the file is longer than 64 KiB");
    return 0;
}

static int parse_file(struct taking *taking, int file)
{
    json_error_t error;
    char what[JSON_ERROR_TEXT_LENGTH + 32];
    json_t *root = json_loadfd(file, JSON_REJECT_DUPLICATES, &error);
    taking->options->defaults.file = root;
    if (!root) {
        snprintf(what, sizeof what, "line %d is no JSON: %s", error.line, error.text);
        return complain_of_file(taking, what);
    }
    return json_is_object(root) ? 0 : complain_of_file(taking, "this is no JSON object");
}

static int load(struct taking *taking)
{
    if (taking->options->no_config || !find_path(taking->path))
        return 0;
    /* Opening a FIFO must not wait for somebody. */
    int file = open(taking->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : complain_of_file(taking, strerror(errno));
    int err = check_file(taking, file);
    if (!err)
        err = parse_file(taking, file);
    close(file);
    return err;
}

static int check_names(struct taking *taking)
{
    const char *name;
    json_t *value;
    json_object_foreach(taking->options->defaults.file, name, value)
    {
        char what[128];
        if (is_known(name))
            continue;
        snprintf(what, sizeof what, "nothing called \"%.32s\" may be set there", name);
        return complain_of_file(taking, what);
    }
    return 0;
}

static int give(struct taking *taking, const struct setting_entry *entry, const json_t *value)
{
    char where[WHERE_BYTES];
    snprintf(where, sizeof where, "\"%s\" in %s", entry->row->name, taking->path);
    bool is_one_of_a_list = entry->row->form == FORM_STRING && json_array_size(value) > 0;
    if (is_one_of_a_list && json_array_size(value) > 1) {
        fprintf(taking->complaints, "%s has several: name one with --%s\n", where,
                entry->row->name);
        return -EINVAL;
    }
    return settings_give_json(taking->settings, entry,
                              is_one_of_a_list ? json_array_get(value, 0) : value, where,
                              taking->complaints);
}

static int take_file(struct taking *taking)
{
    struct setting_entry entry;
    int err = check_names(taking);
    for (size_t i = 0; !err && next_option(taking, &i, &entry); i++) {
        const json_t *value = json_object_get(taking->options->defaults.file, entry.row->name);
        if (value && !is_given(taking, &entry) &&
            (taking->servers_are_the_files || !is_about_trust(entry.row->name)))
            err = give(taking, &entry, value);
    }
    return err;
}

/* Both */

/* The option that names servers, if the command has it. */
static bool find_server(const struct taking *taking, struct setting_entry *entry)
{
    for (size_t i = 0; next_option(taking, &i, entry); i++)
        if (strcmp(entry->row->name, "server") == 0)
            return true;
    return false;
}

int defaults_take(const struct program *program, const struct settings *settings,
                  struct options *options, FILE *complaints)
{
    struct taking taking = {
        .program = program, .settings = settings, .options = options, .complaints = complaints};
    struct setting_entry server;
    if (program->default_server == 0)
        return 0;
    bool has_server = find_server(&taking, &server);
    taking.servers_are_the_files = has_server && !is_given(&taking, &server);
    int err = has_server ? take_servers(&taking, &server) : 0;
    if (!err)
        err = load(&taking);
    return err || !options->defaults.file ? err : take_file(&taking);
}

void defaults_clear(struct defaults *defaults)
{
    json_decref(defaults->file);
    free(defaults->servers);
    *defaults = (struct defaults){0};
}
