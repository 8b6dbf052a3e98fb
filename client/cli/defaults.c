#include "cli/defaults.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BELOW "reunion/client.json"

enum { PATH_BYTES = 4096, FILE_BYTES_MAX = 65536, WHERE_BYTES = PATH_BYTES + OPTION_NAME_BYTES };

/* All that the file may have; a program without that option has no use for it. */
static const char *const names[] = {
    "server", "proxy",  "cacert",     "pin",       "insecure-http",
    "jobs",   "effort", "max-effort", "tolerance", "max-sequence",
};

/* What one call is about. */
struct taking {
    const struct program *program;
    struct options *options;
    struct defaults *defaults;
    char path[PATH_BYTES];
    bool servers_are_the_files;
    char *complaint;
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
static bool next_option(const struct taking *taking, size_t *number, struct program_option *option)
{
    const struct program *program = taking->program;
    for (; program_option_at(program, *number, option); ++*number) {
        const char *name = option->row->name;
        unsigned commands = strcmp(name, "server") == 0 ? program->default_server : ~0u;
        if ((option->commands & commands & taking->options->command) && is_known(name))
            return true;
    }
    return false;
}

static bool is_given(const struct taking *taking, size_t number)
{
    return taking->options->given & UINT64_C(1) << number;
}

/* The environment */

static int take_servers(struct taking *taking, const struct option_row *row, size_t number)
{
    const char *given = getenv("REUNION_SERVER");
    if (!given || !given[0])
        return 0;
    taking->servers_are_the_files = false;
    if (is_given(taking, number))
        return 0;
    taking->defaults->servers = strdup(given);
    if (!taking->defaults->servers)
        return -ENOMEM;
    int err = 0;
    char *rest = taking->defaults->servers;
    size_t count = 0;
    for (char *server; !err && (server = strsep(&rest, " \t\n"));)
        if (server[0] && count++ > 0 && row->form == OPTION_TEXT)
            err = options_complain(taking->complaint, "REUNION_SERVER has several servers: name "
                                                      "one with --server");
        else if (server[0])
            err = option_give(taking->options, row, server, "REUNION_SERVER", taking->complaint);
    taking->options->given |= UINT64_C(1) << number;
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
    return options_complain(taking->complaint, "%s: %s (or give --no-config)", taking->path, what);
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
    taking->defaults->file = root;
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
    json_object_foreach(taking->defaults->file, name, value)
    {
        char what[OPTION_NAME_BYTES + 64];
        if (is_known(name))
            continue;
        snprintf(what, sizeof what, "nothing called \"%.32s\" may be set there", name);
        return complain_of_file(taking, what);
    }
    return 0;
}

/* Texts stay in the object. */
static int give_text(struct taking *taking, const struct option_row *row, json_t *value,
                     const char *where)
{
    char digits[24] = "";
    if (json_is_integer(value) && (row->form == OPTION_NUMBER || row->form == OPTION_SECONDS))
        snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (!json_is_string(value) || row->form == OPTION_NUMBER)
        return options_complain(taking->complaint, "%s wants %s", where,
                                row->wants ? row->wants : "a text");
    /* Not written to: none of these options is a secret. */
    char *text = digits[0] ? digits : (char *)(uintptr_t)json_string_value(value);
    return option_give(taking->options, row, text, where, taking->complaint);
}

static int give_list(struct taking *taking, const struct option_row *row, json_t *list,
                     const char *where)
{
    if (row->form == OPTION_TEXT && json_array_size(list) > 1)
        return options_complain(taking->complaint, "%s has several: name one with --%s", where,
                                row->name);
    int err = 0;
    for (size_t i = 0; i < json_array_size(list) && !err; i++)
        err = give_text(taking, row, json_array_get(list, i), where);
    return err;
}

static int give(struct taking *taking, const struct option_row *row, json_t *value)
{
    char where[WHERE_BYTES];
    snprintf(where, sizeof where, "\"%s\" in %s", row->name, taking->path);
    if (row->form == OPTION_SWITCH) {
        if (!json_is_boolean(value))
            return options_complain(taking->complaint, "%s wants true or false", where);
        *(bool *)((char *)taking->options + row->offset) |= json_is_true(value);
        return 0;
    }
    if (json_is_array(value) && (row->form == OPTION_TEXTS || row->form == OPTION_TEXT))
        return give_list(taking, row, value, where);
    return give_text(taking, row, value, where);
}

static int take_file(struct taking *taking)
{
    struct program_option option;
    int err = check_names(taking);
    for (size_t i = 0; !err && next_option(taking, &i, &option); i++) {
        json_t *value = json_object_get(taking->defaults->file, option.row->name);
        if (value && !is_given(taking, i) &&
            (taking->servers_are_the_files || !is_about_trust(option.row->name)))
            err = give(taking, option.row, value);
    }
    return err;
}

/* Both */

/* The option that names servers, if the command has it. Returns: its number, or -1. */
static int find_server(const struct taking *taking, struct program_option *option)
{
    for (size_t i = 0; next_option(taking, &i, option); i++)
        if (strcmp(option->row->name, "server") == 0)
            return (int)i;
    return -1;
}

int defaults_take(struct defaults *defaults, const struct program *program, struct options *options,
                  char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    struct taking taking = {
        .program = program, .options = options, .defaults = defaults, .complaint = complaint};
    struct program_option option;
    if (program->default_server == 0)
        return 0;
    int err = 0, server = find_server(&taking, &option);
    taking.servers_are_the_files = server >= 0 && !is_given(&taking, (size_t)server);
    if (server >= 0)
        err = take_servers(&taking, option.row, (size_t)server);
    if (!err)
        err = load(&taking);
    return err || !defaults->file ? err : take_file(&taking);
}

void defaults_clear(struct defaults *defaults)
{
    json_decref(defaults->file);
    free(defaults->servers);
    *defaults = (struct defaults){0};
}
