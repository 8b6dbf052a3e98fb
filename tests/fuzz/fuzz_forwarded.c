#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "daemon/forwarded.h"
#include "fuzz/target.h"

/* Headers in which proxies name their clients: lines, "x" and a value of X-Forwarded-For, or
 * anything else and one of Forwarded. Whatever they say, somebody is the client, and a stranger's
 * word does not make it a proxy that is trusted. */

static void add_line(struct forwarded_lines *lines, const char *line)
{
    if (lines->count < FORWARDED_LINES_MAX)
        lines->lines[lines->count] = line;
    lines->count++;
}

static void check(int err)
{
    INVARIANT(err == 0 || err == -ENOENT || err == -EBADMSG);
}

static void read_lines(const struct forwarded_lines *x, const struct forwarded_lines *forwarded)
{
    struct proxies proxies = {0};
    struct client_address client;
    struct peer_address peer = {.kind = PEER_PROXY};
    INVARIANT(proxies_add(&proxies, "192.0.2.0/24") == 0);
    INVARIANT(proxies_add(&proxies, "2001:db8::/32") == 0);
    check(forwarded_for_x(&proxies, x, &client));
    check(forwarded_for(&proxies, forwarded, &client));
    INVARIANT(client_of(&proxies, &peer, x, forwarded, &client));
    peer.kind = PEER_SOCKET;
    (void)client_of(&proxies, &peer, x, forwarded, &client);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct forwarded_lines x = {0}, forwarded = {0};
    char *text = malloc(size + 1);
    INVARIANT(text);
    memcpy(text, data, size);
    text[size] = '\0';
    char *rest = text;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
        add_line(*line == 'x' ? &x : &forwarded, *line ? line + 1 : line);
    read_lines(&x, &forwarded);
    free(text);
    return 0;
}
