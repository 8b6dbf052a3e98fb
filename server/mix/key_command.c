#include "mix/key_command.h"

#include <netinet/in.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "box/address.h"
#include "daemon/key_file.h"
#include "mix/identity.h"
#include "json/net_file.h"

/* Where others reach this mix. Returns: whether it is known. */
static bool find_address(const struct mix_config *config, struct mix_endpoint *at)
{
    if (config->host.text[0])
        return net_address_parse(at, config->host.text) == 0;
    for (size_t i = 0; i < config->listen.count; i++)
        if (net_address_parse(at, config->listen.items[i].text) == 0)
            return true;
    return false;
}

/* Returns: whether the key can be read or made by this user. */
static bool may_take_key(const struct mix_config *config, FILE *complaints)
{
    struct stat folder;
    if (access(config->key_file.text, F_OK) == 0 || stat(config->state.text, &folder) ||
        folder.st_uid == geteuid())
        return true;
    const struct passwd *owner = getpwuid(folder.st_uid);
    fprintf(complaints,
            "reunion-mix: there is no key %s yet, and the folder %s belongs to another user%s%s: "
            "start the mix once, which makes the key, or run this as that user\n",
            config->key_file.text, config->state.text, owner ? ", " : "",
            owner ? owner->pw_name : "");
    return false;
}

static enum mix_exit_code print(const struct mix_config *config,
                                const struct box_identity *identity, const struct mix_endpoint *at,
                                FILE *to)
{
    char key[BOX_ADDRESS_KEY_TEXT_BYTES], address[NET_ADDRESS_TEXT_BYTES];
    box_key_print(key, identity->public_key);
    net_address_print(address, at);
    fprintf(to, "{\"name\": \"%s\", \"address\": \"%s\", \"key\": \"%s\"}\n", config->name.text,
            address, key);
    return MIX_EXIT_STOPPED;
}

static enum mix_exit_code take_and_print(const struct mix_config *config,
                                         struct box_identity *identity,
                                         const struct random_source *random, FILE *to,
                                         FILE *complaints)
{
    struct mix_endpoint at;
    bool made;
    if (!config->name.text[0]) {
        fputs("reunion-mix: the mix has no name: give it one with --name NAME\n", complaints);
        return MIX_EXIT_SETTINGS;
    }
    if (!find_address(config, &at)) {
        fputs("reunion-mix: no address is known: name with --host ADDRESS:PORT where others reach "
              "this mix\n",
              complaints);
        return MIX_EXIT_SETTINGS;
    }
    if (!may_take_key(config, complaints))
        return MIX_EXIT_SETTINGS;
    int err = identity_take(identity, config, random, &made);
    if (!err)
        return print(config, identity, &at, to);
    fprintf(complaints, "reunion-mix: the key %s cannot be used: %s; %s\n", config->key_file.text,
            key_file_reason(err), identity_advice(err));
    return MIX_EXIT_SETTINGS;
}

enum mix_exit_code key_command(const struct mix_config *config, const struct random_source *random,
                               FILE *to, FILE *complaints)
{
    struct box_identity *identity = secret_init() ? NULL : secret_alloc(sizeof *identity);
    if (!identity) {
        fputs("reunion-mix: no memory for the key\n", complaints);
        return MIX_EXIT_RESOURCES;
    }
    enum mix_exit_code result = take_and_print(config, identity, random, to, complaints);
    secret_free(identity);
    return result;
}
