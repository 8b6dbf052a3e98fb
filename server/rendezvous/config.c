#include "rendezvous/config.h"

#include <stdlib.h>
#include <string.h>

#include "rendezvous/config_file.h"
#include "rendezvous/own_files.h"
#include "rendezvous/settings.h"
#include "rendezvous/values.h"

/* Variables of the project's other programs, which a server may find in its environment. */
static const char *const others_variables[] = {
    "REUNION_CTIDH", "REUNION_PASSPHRASE", "REUNION_SERVER",    "REUNION_BUILD",
    "REUNION_VENV",  "REUNION_SOURCE",     "REUNION_TEST_SEED",
};

void config_defaults(struct config *config)
{
    memset(config, 0, sizeof *config);
    for (size_t i = 0; i < setting_count; i++)
        if (settings[i].preset)
            INVARIANT(value_assign(&settings[i], config, settings[i].preset) == 0);
}

/* What stands behind a "=" may be a secret in the wrong place. */
static void complain_of_name(const char *given, const char *what, FILE *complaints)
{
    size_t length = strcspn(given, "=");
    fprintf(complaints, "\"%.*s\" %s", (int)(length < 60 ? length : 60), given, what);
}

static void complain_of_flag(const char *given, FILE *complaints)
{
    size_t dashes = strspn(given, "-");
    const char *name = given + dashes;
    const struct setting *near = dashes > 0 ? setting_near(name, strcspn(name, "=")) : NULL;
    complain_of_name(given, "is not a flag", complaints);
    if (near)
        fprintf(complaints, "; did you mean --%s?\n", near->name);
    else
        fputs("; see --help\n", complaints);
}

/* Flags */

/* The setting of a flag "--name" or "--name=value"; `*value` is what is behind the "=", or NULL. */
static const struct setting *find_flag(const char *argument, const char **value)
{
    size_t length = strcspn(argument, "=");
    *value = argument[length] ? argument + length + 1 : NULL;
    return strncmp(argument, "--", 2) == 0 ? setting_find(argument + 2, length - 2) : NULL;
}

static int give_flag(struct config *config, const struct setting *setting, const char *value,
                     FILE *complaints)
{
    char where[VARIABLE_BYTES];
    snprintf(where, sizeof where, "--%s", setting->name);
    bool takes_value = setting->form != FORM_ACTION;
    if (takes_value == (value != NULL))
        return setting_give(setting, config, ORIGIN_FLAG, value, where, complaints);
    fprintf(complaints, "%s needs ", where);
    value_describe(setting, complaints);
    fputs("; see --help\n", complaints);
    return -EINVAL;
}

/* Whether the next word is what belongs to a flag, as far as can be said of one that is unknown. */
static bool is_value_next(const struct setting *setting, int argc, char *const *argv, int i)
{
    if (i + 1 >= argc)
        return false;
    return setting ? setting->form != FORM_ACTION : strncmp(argv[i + 1], "--", 2) != 0;
}

/* The flags that have a short form, as other programs have it. */
static const char *long_form(const char *flag)
{
    return strcmp(flag, "-h") == 0 ? "--help" : strcmp(flag, "-V") == 0 ? "--version" : flag;
}

static int read_flags(struct config *config, int argc, char *const *argv, FILE *complaints)
{
    int err = 0;
    for (int i = 1; i < argc; i++) {
        const char *value, *flag = long_form(argv[i]);
        const struct setting *setting = find_flag(flag, &value);
        if (!value && is_value_next(setting, argc, argv, i))
            value = argv[++i];
        if (!setting) {
            complain_of_flag(flag, complaints);
            err = -EINVAL;
        } else if (give_flag(config, setting, value, complaints)) {
            err = -EINVAL;
        }
    }
    return err;
}

/* The environment */

static const struct setting *find_variable(const char *name, size_t length)
{
    char variable[VARIABLE_BYTES];
    for (size_t i = 0; i < setting_count; i++) {
        setting_variable(&settings[i], variable);
        if (strlen(variable) == length && memcmp(variable, name, length) == 0)
            return &settings[i];
    }
    return NULL;
}

static bool is_others_variable(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof others_variables / sizeof others_variables[0]; i++)
        if (strlen(others_variables[i]) == length && memcmp(others_variables[i], name, length) == 0)
            return true;
    return false;
}

/* One value, or several with spaces or commas between them. */
static int give_variable(struct config *config, const struct setting *setting, const char *value,
                         FILE *complaints)
{
    static const char separators[] = " ,";
    char where[VARIABLE_BYTES], item[CONFIG_TEXT_BYTES + 1];
    int err = 0;
    setting_variable(setting, where);
    if (!setting_is_list(setting))
        return setting_give(setting, config, ORIGIN_ENVIRONMENT, value, where, complaints);
    value += strspn(value, separators);
    do {
        size_t length = strcspn(value, separators);
        snprintf(item, sizeof item, "%.*s", (int)length, value);
        err = setting_give(setting, config, ORIGIN_ENVIRONMENT, item, where, complaints);
        value += length;
        value += strspn(value, separators);
    } while (*value && !err);
    return err;
}

static void complain_of_variable(const char *given, size_t prefix_bytes, FILE *complaints)
{
    char variable[VARIABLE_BYTES];
    const char *name = given + prefix_bytes;
    const struct setting *near = setting_near(name, strcspn(name, "="));
    complain_of_name(given, "in the environment is not a setting", complaints);
    if (near && near->from <= ORIGIN_ENVIRONMENT && given[prefix_bytes + strcspn(name, "=")]) {
        setting_variable(near, variable);
        fprintf(complaints, "; did you mean %s?\n", variable);
    } else {
        fputs("; see --manual\n", complaints);
    }
}

static int read_environment(struct config *config, char *const *environment, FILE *complaints)
{
    static const char prefix[] = "REUNION_";
    int err = 0;
    for (; *environment; environment++) {
        const char *name = *environment;
        size_t length = strcspn(name, "=");
        if (strncmp(name, prefix, sizeof prefix - 1) != 0 || is_others_variable(name, length))
            continue;
        const struct setting *setting = find_variable(name, length);
        if (!setting || name[length] != '=') {
            complain_of_variable(name, sizeof prefix - 1, complaints);
            err = -EINVAL;
        } else if (give_variable(config, setting, name + length + 1, complaints)) {
            err = -EINVAL;
        }
    }
    return err;
}

/* The whole */

/* The database's place when none is named: where the system says that state goes, or here. */
static int default_database(struct config *config, FILE *complaints)
{
    const char *directory = getenv("STATE_DIRECTORY");
    int length = directory ? snprintf(config->database.text, CONFIG_TEXT_BYTES, "%.*s/reunion.db",
                                      (int)strcspn(directory, ":"), directory)
                           : snprintf(config->database.text, CONFIG_TEXT_BYTES, "reunion.db");
    if (length < CONFIG_TEXT_BYTES)
        return 0;
    fputs("STATE_DIRECTORY in the environment is too long\n", complaints);
    return -EINVAL;
}

/* The key's place when none is named: beside the database; of one in memory, where it would be. */
static int default_key(struct config *config, FILE *complaints)
{
    static const char name[] = "reunion-box.key";
    struct config other = {0};
    const char *database = config->database.text;
    if (strcmp(database, ":memory:") == 0) {
        if (default_database(&other, complaints))
            return -EINVAL;
        database = other.database.text;
    }
    const char *slash = strrchr(database, '/');
    int length = snprintf(config->box_key.text, CONFIG_TEXT_BYTES, "%.*s%s",
                          slash ? (int)(slash - database + 1) : 0, database, name);
    if (length < CONFIG_TEXT_BYTES)
        return 0;
    fputs("the name of the database is too long to have --box-key beside it\n", complaints);
    return -EINVAL;
}

/* Port 0 is another port each time. */
static bool is_same_address(const char *one, const char *other)
{
    const char *port = strrchr(one, ':');
    return strcmp(one, other) == 0 && !(port && strcmp(port, ":0") == 0);
}

static int check_listening(const struct config *config, FILE *complaints)
{
    const struct config_texts *listen = &config->listen;
    for (size_t i = 0; i < listen->count; i++) {
        const char *address = listen->items[i].text;
        for (size_t j = i + 1; j < listen->count; j++)
            if (is_same_address(address, listen->items[j].text)) {
                fprintf(complaints, "--listen names %s twice\n", address);
                return -EINVAL;
            }
        if (is_same_address(address, config->metrics_listen.text)) {
            fprintf(complaints,
                    "--listen and --metrics-listen both name %s; --metrics-listen main serves the "
                    "metrics there\n",
                    address);
            return -EINVAL;
        }
    }
    return 0;
}

/* The list would keep nobody out, as a packet comes from a key that was made for it. */
static int check_packets(const struct config *config, FILE *complaints)
{
    if (config->box_packets.count == 0 || config->box_clients.text[0] == '\0')
        return 0;
    fputs("--box-packets does not go together with --box-clients: a packet does not say whose it "
          "is, so the list would keep nobody out\n",
          complaints);
    return -EINVAL;
}

/* What no single setting can say, and what is set by nothing else. */
static int complete(struct config *config, FILE *complaints)
{
    int err = 0;
    if (config->database.text[0] == '\0' && default_database(config, complaints))
        err = -EINVAL;
    if (config->box_key.text[0] == '\0' && default_key(config, complaints))
        err = -EINVAL;
    if (check_listening(config, complaints))
        err = -EINVAL;
    if (check_packets(config, complaints))
        err = -EINVAL;
    return own_files_check(config, complaints) ? -EINVAL : err;
}

int config_read(struct config *config, const struct config_sources *sources, FILE *complaints)
{
    config_defaults(config);
    int err = read_flags(config, sources->argc, sources->argv, complaints);
    if (read_environment(config, sources->environment, complaints))
        err = -EINVAL;
    if (config->file.text[0] && config_file_read(config, config->file.text, complaints))
        err = -EINVAL;
    return err ? err : complete(config, complaints);
}

bool config_is_default(const struct config *config, const char *name)
{
    const struct setting *setting = setting_find(name, strlen(name));
    INVARIANT(setting);
    return config->origins[setting - settings] == ORIGIN_DEFAULT;
}

void config_report(const struct config *config, FILE *to)
{
    static const char *const origins[] = {
        [ORIGIN_DEFAULT] = "default",
        [ORIGIN_FILE] = "file",
        [ORIGIN_ENVIRONMENT] = "environment",
        [ORIGIN_FLAG] = "flag",
    };
    for (size_t i = 0; i < setting_count; i++) {
        if (settings[i].from == ORIGIN_FLAG)
            continue;
        fprintf(to, "%-24s %-12s ", settings[i].name, origins[config->origins[i]]);
        value_print(&settings[i], config, to);
        fputc('\n', to);
    }
}
