#include "rendezvous/config.h"

#include <stdlib.h>
#include <string.h>

#include "rendezvous/own_files.h"
#include "rendezvous/settings.h"
#include "store/postgres.h"

struct settings config_settings(struct config *config)
{
    return (struct settings){&server_settings, config, config->origins, 0, NULL};
}

void config_defaults(struct config *config)
{
    memset(config, 0, sizeof *config);
    const struct settings settings = config_settings(config);
    settings_defaults(&settings);
}

/* The database's place when none is named: where the system says that state goes, or here. */
static int default_database(struct config *config, FILE *complaints)
{
    const char *directory = getenv("STATE_DIRECTORY");
    int length = directory ? snprintf(config->database.text, SETTING_TEXT_BYTES, "%.*s/reunion.db",
                                      (int)strcspn(directory, ":"), directory)
                           : snprintf(config->database.text, SETTING_TEXT_BYTES, "reunion.db");
    if (length < SETTING_TEXT_BYTES)
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
    if (strcmp(database, ":memory:") == 0 || store_postgres_is_named(database)) {
        if (default_database(&other, complaints))
            return -EINVAL;
        database = other.database.text;
    }
    const char *slash = strrchr(database, '/');
    int length = snprintf(config->box_key.text, SETTING_TEXT_BYTES, "%.*s%s",
                          slash ? (int)(slash - database + 1) : 0, database, name);
    if (length < SETTING_TEXT_BYTES)
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
    const struct setting_texts *listen = &config->listen;
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

/* What is wrong with a connection string is told without it, as there may be a secret in it. */
static int check_database(const struct config *config, FILE *complaints)
{
    const char *name = config->database.text;
    const char *fault = store_postgres_is_named(name) ? store_postgres_fault(name) : NULL;
    if (!fault)
        return 0;
    fprintf(complaints, "--db names a PostgreSQL database that cannot be used: %s\n", fault);
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
    if (check_database(config, complaints))
        err = -EINVAL;
    if (check_listening(config, complaints))
        err = -EINVAL;
    if (check_packets(config, complaints))
        err = -EINVAL;
    return own_files_check(config, complaints) ? -EINVAL : err;
}

int config_read(struct config *config, const struct settings_sources *sources, FILE *complaints)
{
    config_defaults(config);
    const struct settings settings = config_settings(config);
    int err = settings_read(&settings, sources, &config->file, complaints);
    return err ? err : complete(config, complaints);
}

bool config_is_default(const struct config *config, const char *name)
{
    return settings_is_default(&server_settings, config->origins, name);
}
