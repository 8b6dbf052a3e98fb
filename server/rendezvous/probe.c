#include "rendezvous/probe.h"

#include <string.h>

#include "daemon/health_probe.h"

/* The address that a running server has written down, as its port may have been left to the system;
 * else the configured one. A file that should have it and has not is no reason to ask elsewhere. */
static int choose_address(const struct config *config, char address[static SETTING_TEXT_BYTES],
                          FILE *complaints)
{
    const char *path = config->address_file.text;
    if (!*path) {
        snprintf(address, SETTING_TEXT_BYTES, "%s", config->listen.items[0].text);
        return 0;
    }
    FILE *file = fopen(path, "re");
    errno = file ? 0 : errno;
    bool found = file && fgets(address, SETTING_TEXT_BYTES, file);
    int err = -errno;
    if (file)
        (void)fclose(file);
    if (found)
        address[strcspn(address, "\n")] = '\0';
    if (found && *address)
        return 0;
    fprintf(complaints, "reunion-server: the address file %s says no address: %s\n", path,
            err ? err_reason(err) : "it is empty");
    return -EHOSTUNREACH;
}

int probe(const struct config *config, FILE *complaints)
{
    char address[SETTING_TEXT_BYTES];
    int err = choose_address(config, address, complaints);
    return err ? err
               : health_probe(address, "reunion-server",
                              "it cannot write to its database, or is full; see its log",
                              complaints);
}
