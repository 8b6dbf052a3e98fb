#include "app/config.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/log.h"

/* DESIGN: one row for each setting. Reading, checking, defaults and the help text know no setting
 * by name; where a value comes from does not matter to setting_assign. */

enum form {
    FORM_TEXT,    /* struct config_text */
    FORM_TEXTS,   /* an array of it, with a count: may be repeated */
    FORM_NUMBER,  /* uint64_t */
    FORM_SECONDS, /* uint64_t; "90", "90s", "15m", "24h", "7d" */
    FORM_BYTES,   /* uint64_t; "4096", "64K", "4M", "1G" */
    FORM_SALT,    /* SALT_BYTES in hexadecimal digits */
    FORM_LEVEL,   /* enum log_level in a uint64_t */
    FORM_SWITCH,  /* bool, without a value */
};

struct setting {
    const char *name; /* of the flag, without the dashes */
    enum form form;
    size_t offset;      /* in struct config */
    uint64_t min, max;  /* of numbers */
    const char *preset; /* the default, as it would be given; NULL: none */
    const char *value;  /* how help names the value */
    const char *help;
};

#define AT(member) offsetof(struct config, member)

static const struct setting settings[] = {
    {"listen", FORM_TEXTS, AT(listen), 0, 0, NULL, "ADDRESS:PORT",
     "where to listen; may be repeated; port 0 is any that is free (default 127.0.0.1:5000)"},
    {"address-file", FORM_TEXT, AT(address_file), 0, 0, NULL, "FILE",
     "write the addresses that are listened on to FILE, one a line"},
    {"db", FORM_TEXT, AT(database), 0, 0, NULL, "FILE",
     "database (default reunion.db in $STATE_DIRECTORY or here); :memory: forgets on exit"},
    {"open-window", FORM_SECONDS, AT(open_window_s), 1, 31536000, "1h", "TIME",
     "how long a bucket takes T1s"},
    {"lifetime", FORM_SECONDS, AT(lifetime_s), 1, 31536000, "24h", "TIME",
     "how long a bucket lives; not shorter than the open window"},
    {"salt", FORM_SALT, AT(salt), 0, 0, NULL, "HEX",
     "32 bytes that clients mix into their keys (default zeros, as the reference has)"},
    {"wait-max", FORM_SECONDS, AT(wait_s_max), 0, 3600, "60", "TIME",
     "the longest a feed request may wait"},
    {"waiters-max", FORM_NUMBER, AT(waiters_max), 0, 1000000, "10000", "N",
     "feed requests that may wait at once"},
    {"connections-max", FORM_NUMBER, AT(connections_max), 1, 1000000, "12000", "N",
     "connections at once"},
    {"idle-max", FORM_SECONDS, AT(idle_s_max), 1, 3600, "30", "TIME",
     "how long a connection may stand still"},
    {"stop-wait-max", FORM_SECONDS, AT(stop_wait_s_max), 0, 3600, "5", "TIME",
     "how long a stop waits for requests under way"},
    {"threads", FORM_NUMBER, AT(threads), 1, 64, "2", "N", "threads that serve connections"},
    {"records-per-post-max", FORM_NUMBER, AT(records_per_post_max), 1, 65536, "256", "N",
     "T2s or T3s in one request"},
    {"feed-answer-max", FORM_BYTES, AT(feed_bytes_max), 1024, 1 << 30, "256K", "SIZE",
     "bytes of one answer of a feed"},
    {"reference-buckets", FORM_NUMBER, AT(reference_buckets), 1, 1024, "8", "N",
     "newest live buckets that /t1, /t2 and /t3 show"},
    {"reference-records-max", FORM_NUMBER, AT(reference_records_max), 1, 1000000, "4096", "N",
     "T2s, and T3s, of one sender that are kept from there"},
    {"reference-body-max", FORM_BYTES, AT(reference_body_max), 1024, 1 << 30, "4M", "SIZE",
     "bytes of a request there"},
    {"log-level", FORM_LEVEL, AT(log_level), 0, 0, "info", "LEVEL",
     "error, warning, info or debug"},
    {"help", FORM_SWITCH, AT(help), 0, 0, NULL, NULL, "show this text"},
    {"version", FORM_SWITCH, AT(version), 0, 0, NULL, NULL, "show the version"},
};

enum { SETTINGS = sizeof settings / sizeof settings[0] };

struct unit {
    char letter;
    uint64_t factor;
};

/* Decimal digits and perhaps a unit. Gives: 0, -EINVAL. */
static int parse_number(const char *text, const struct unit *units, uint64_t *number)
{
    char *end;
    if (*text < '0' || *text > '9')
        return -EINVAL;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    if (errno)
        return -EINVAL;
    if (*end != '\0') {
        while (units->letter && units->letter != *end)
            units++;
        if (!units->letter || end[1] != '\0' || value > UINT64_MAX / units->factor)
            return -EINVAL;
        value *= units->factor;
    }
    *number = value;
    return 0;
}

static int assign_number(const struct setting *setting, uint64_t *to, const char *text)
{
    static const struct unit times[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {0, 0}};
    static const struct unit sizes[] = {{'K', 1 << 10}, {'M', 1 << 20}, {'G', 1 << 30}, {0, 0}};
    static const struct unit none[] = {{0, 0}};
    const struct unit *units = setting->form == FORM_SECONDS ? times
                               : setting->form == FORM_BYTES ? sizes
                                                             : none;
    uint64_t value;
    if (parse_number(text, units, &value) || value < setting->min || value > setting->max)
        return -EINVAL;
    *to = value;
    return 0;
}

static int assign_level(uint64_t *to, const char *text)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    for (uint64_t level = LOG_ERROR; level <= LOG_DEBUG; level++)
        if (strcmp(text, names[level]) == 0) {
            *to = level;
            return 0;
        }
    return -EINVAL;
}

static int assign_text(struct config_text *to, const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length >= sizeof to->text)
        return -EINVAL;
    memcpy(to->text, text, length + 1);
    return 0;
}

static int assign_listen(struct config *config, const char *text)
{
    if (config->listen_count == CONFIG_LISTENERS_MAX ||
        assign_text(&config->listen[config->listen_count], text))
        return -EINVAL;
    config->listen_count++;
    return 0;
}

/* Give a setting the value that `text` spells. Gives: 0, -EINVAL (the setting is untouched). */
static int setting_assign(const struct setting *setting, struct config *config, const char *text)
{
    void *place = (char *)config + setting->offset;
    switch (setting->form) {
    case FORM_TEXT:
        return assign_text(place, text);
    case FORM_TEXTS:
        return assign_listen(config, text);
    case FORM_NUMBER:
    case FORM_SECONDS:
    case FORM_BYTES:
        return assign_number(setting, place, text);
    case FORM_SALT:
        return hex_decode(place, SALT_BYTES, text) ? -EINVAL : 0;
    case FORM_LEVEL:
        return assign_level(place, text);
    case FORM_SWITCH:
        *(bool *)place = true;
        return 0;
    }
    return -EINVAL;
}

void config_defaults(struct config *config)
{
    memset(config, 0, sizeof *config);
    for (size_t i = 0; i < SETTINGS; i++)
        if (settings[i].preset)
            INVARIANT(setting_assign(&settings[i], config, settings[i].preset) == 0);
}

/* The database's place when none is named: where the system says that state goes, or here. */
static int default_database(struct config *config)
{
    const char *directory = getenv("STATE_DIRECTORY");
    int length = directory ? snprintf(config->database.text, CONFIG_TEXT_BYTES, "%.*s/reunion.db",
                                      (int)strcspn(directory, ":"), directory)
                           : snprintf(config->database.text, CONFIG_TEXT_BYTES, "reunion.db");
    return length >= CONFIG_TEXT_BYTES ? -EINVAL : 0;
}

/* What no single setting can say, and what is set by nothing else. */
static int complete(struct config *config, char complaint[static CONFIG_COMPLAINT_BYTES])
{
    if (config->lifetime_s < config->open_window_s) {
        snprintf(complaint, CONFIG_COMPLAINT_BYTES,
                 "--lifetime is shorter than --open-window: buckets would die before they close");
        return -EINVAL;
    }
    if (config->listen_count == 0)
        INVARIANT(assign_listen(config, "127.0.0.1:5000") == 0);
    if (config->database.text[0] == '\0' && default_database(config)) {
        snprintf(complaint, CONFIG_COMPLAINT_BYTES, "STATE_DIRECTORY is too long");
        return -EINVAL;
    }
    return 0;
}

/* The setting of a flag "--name" or "--name=value"; `*value` is what is behind the "=", or NULL. */
static const struct setting *find_flag(const char *argument, const char **value)
{
    size_t length = strcspn(argument, "=");
    *value = argument[length] ? argument + length + 1 : NULL;
    for (size_t i = 0; i < SETTINGS; i++)
        if (length == strlen(settings[i].name) + 2 && strncmp(argument, "--", 2) == 0 &&
            strncmp(argument + 2, settings[i].name, length - 2) == 0)
            return &settings[i];
    return NULL;
}

int config_read(struct config *config, int argc, char *const *argv,
                char complaint[static CONFIG_COMPLAINT_BYTES])
{
    for (int i = 1; i < argc; i++) {
        const char *value;
        const struct setting *setting = find_flag(argv[i], &value);
        if (!setting) {
            snprintf(complaint, CONFIG_COMPLAINT_BYTES, "%.100s is not a flag; see --help",
                     argv[i]);
            return -EINVAL;
        }
        bool takes_value = setting->form != FORM_SWITCH;
        if (takes_value && !value && i + 1 < argc)
            value = argv[++i];
        if (takes_value != (value != NULL) || setting_assign(setting, config, value)) {
            snprintf(complaint, CONFIG_COMPLAINT_BYTES, "--%s needs %s; see --help", setting->name,
                     takes_value ? setting->value : "no value");
            return -EINVAL;
        }
    }
    return complete(config, complaint);
}

void config_help(FILE *to)
{
    fputs("reunion-server: a rendezvous for people who share a passphrase\n\n"
          "usage: reunion-server [FLAG]...\n\n",
          to);
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *setting = &settings[i];
        fprintf(to, "  --%s%s%s\n      %s", setting->name, setting->value ? " " : "",
                setting->value ? setting->value : "", setting->help);
        if (setting->preset)
            fprintf(to, " (default %s)", setting->preset);
        fputc('\n', to);
    }
    fputs(
        "\nTIME is in seconds, or with s, m, h or d behind it; SIZE in bytes, or with K, M or G.\n"
        "\nExit codes: 0 stopped as asked, 1 no memory or threads, 2 bad settings, 3 the database\n"
        "cannot be used, 4 an address cannot be listened on.\n",
        to);
}
