#include "daemon/forwarded.h"

#include <string.h>

/* DESIGN: both headers become the same list of entries, in order of the hops, each an address or
 * not one ("unknown", or a name made up by the proxy). Text is read through a reading place that
 * never goes beyond the string's end, and any byte that does not belong there spoils the whole. */

enum { ENTRIES_MAX = 32, QUOTED_MAX = 256 };

struct entries {
    struct {
        bool is_address;
        struct client_address address;
    } each[ENTRIES_MAX];
    size_t count;
};

/* From the right: the first that is no trusted proxy; if all are, the leftmost. */
static int choose(const struct proxies *proxies, const struct entries *entries,
                  struct client_address *client)
{
    size_t at = entries->count;
    if (at == 0)
        return -ENOENT;
    while (--at > 0)
        if (!entries->each[at].is_address || !proxies_have(proxies, &entries->each[at].address))
            break;
    if (!entries->each[at].is_address)
        return -EBADMSG;
    *client = entries->each[at].address;
    return 0;
}

/* Nodes: "192.0.2.1", "192.0.2.1:80", "[2001:db8::1]", "[2001:db8::1]:80", "2001:db8::1",
 * "unknown", "_name". */

static bool is_port(const char *text, size_t length)
{
    size_t digits = 0;
    while (digits < length && text[digits] >= '0' && text[digits] <= '9')
        digits++;
    return length >= 1 && length <= 5 && digits == length;
}

static bool is_made_up(const char *text, size_t length)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    if (length == 7 && memcmp(text, "unknown", 7) == 0)
        return true;
    for (size_t i = 1; i < length; i++)
        if (!memchr(allowed, text[i], sizeof allowed - 1))
            return false;
    return length > 1 && text[0] == '_';
}

static int parse_node(const char *node, size_t length, struct client_address *address)
{
    if (length > 0 && node[0] == '[') {
        const char *end = memchr(node, ']', length);
        size_t inside = end ? (size_t)(end - node) - 1 : 0, rest = length - inside - 2;
        if (!end || !memchr(node, ':', inside + 1) ||
            (rest > 0 && (end[1] != ':' || !is_port(end + 2, rest - 1))))
            return -EBADMSG;
        return client_address_parse(node + 1, inside, address);
    }
    const char *colon = memchr(node, ':', length);
    size_t before = colon ? (size_t)(colon - node) : length;
    if (colon && !memchr(colon + 1, ':', length - before - 1)) /* one alone: a port */
        return is_port(colon + 1, length - before - 1) ? client_address_parse(node, before, address)
                                                       : -EBADMSG;
    return client_address_parse(node, length, address);
}

static int add_entry(struct entries *entries, const char *node, size_t length)
{
    struct client_address address = {{0}};
    bool is_address = parse_node(node, length, &address) == 0;
    if (entries->count == ENTRIES_MAX || (!is_address && !is_made_up(node, length)))
        return -EBADMSG;
    entries->each[entries->count].is_address = is_address;
    entries->each[entries->count++].address = address;
    return 0;
}

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

/* X-Forwarded-For */

static int read_x_line(const char *at, struct entries *entries)
{
    do {
        at = skip_blanks(at);
        size_t length = strcspn(at, ", \t");
        if (add_entry(entries, at, length))
            return -EBADMSG;
        at = skip_blanks(at + length);
    } while (*at++ == ',');
    return at[-1] == '\0' ? 0 : -EBADMSG;
}

/* Forwarded, RFC 7239 section 4: elements with commas between, of pairs with semicolons between. */

/* A token or a quoted string, into `value`, which has room for QUOTED_MAX. Returns: what is behind
 * it, or NULL. */
static const char *read_value(const char *at, char value[static QUOTED_MAX], size_t *length)
{
    size_t filled = 0;
    bool quoted = *at == '"';
    at += quoted;
    while (quoted ? *at != '"' : !strchr(",; \t\"", *at)) {
        at += quoted && *at == '\\';
        if (*at == '\0' || filled == QUOTED_MAX)
            return NULL;
        value[filled++] = *at++;
    }
    *length = filled;
    return quoted ? at + 1 : at;
}

static bool is_for(const char *name, size_t length)
{
    return length == 3 && (name[0] | 32) == 'f' && (name[1] | 32) == 'o' && (name[2] | 32) == 'r';
}

/* One pair. Returns: what is behind it, or NULL. */
static const char *read_pair(const char *at, struct entries *entries, bool *has_for)
{
    char value[QUOTED_MAX];
    size_t length, name = strcspn(at, "=,; \t\"");
    const char *end =
        name > 0 && at[name] == '=' ? read_value(at + name + 1, value, &length) : NULL;
    if (!end || !is_for(at, name))
        return end;
    if (*has_for || add_entry(entries, value, length))
        return NULL;
    *has_for = true;
    return end;
}

/* The pairs of one element. Returns: what is behind it, or NULL. */
static const char *read_element(const char *at, struct entries *entries)
{
    bool has_for = false;
    for (;;) {
        at = read_pair(skip_blanks(at), entries, &has_for);
        if (!at)
            return NULL;
        at = skip_blanks(at);
        if (*at != ';')
            break;
        at++;
    }
    /* A hop that names nobody hides those before it. */
    return has_for || add_entry(entries, "unknown", 7) == 0 ? at : NULL;
}

static int read_line(const char *at, struct entries *entries)
{
    do {
        at = read_element(at, entries);
        if (!at)
            return -EBADMSG;
    } while (*at++ == ',');
    return at[-1] == '\0' ? 0 : -EBADMSG;
}

static int read_lines(const struct proxies *proxies, const struct forwarded_lines *lines,
                      int (*read)(const char *at, struct entries *entries),
                      struct client_address *client)
{
    struct entries entries = {.count = 0};
    if (lines->count > FORWARDED_LINES_MAX)
        return -EBADMSG;
    for (size_t i = 0; i < lines->count; i++)
        if (read(lines->lines[i], &entries))
            return -EBADMSG;
    return choose(proxies, &entries, client);
}

int forwarded_for_x(const struct proxies *proxies, const struct forwarded_lines *lines,
                    struct client_address *client)
{
    return read_lines(proxies, lines, read_x_line, client);
}

int forwarded_for(const struct proxies *proxies, const struct forwarded_lines *lines,
                  struct client_address *client)
{
    return read_lines(proxies, lines, read_line, client);
}

/* Returns: 0, -ENOENT (neither header is there), -EBADMSG. */
static int named_client(const struct proxies *proxies, const struct forwarded_lines *x,
                        const struct forwarded_lines *standard, struct client_address *client)
{
    struct client_address one, other;
    int x_err = forwarded_for_x(proxies, x, &one);
    int standard_err = forwarded_for(proxies, standard, &other);
    if (x_err == -EBADMSG || standard_err == -EBADMSG)
        return -EBADMSG;
    if (x_err == -ENOENT && standard_err == -ENOENT)
        return -ENOENT;
    if (x_err == 0 && standard_err == 0 && memcmp(&one, &other, sizeof one) != 0)
        return -EBADMSG;
    *client = x_err == 0 ? one : other;
    return 0;
}

bool client_of(const struct proxies *proxies, const struct peer_address *peer,
               const struct forwarded_lines *x_forwarded_for,
               const struct forwarded_lines *forwarded, struct client_address *client)
{
    struct client_address named = peer->address;
    if (peer->kind == PEER_LOCAL)
        return false;
    if (peer->kind != PEER_CLIENT &&
        named_client(proxies, x_forwarded_for, forwarded, &named) == -ENOENT &&
        (peer->kind == PEER_SOCKET || client_address_is_loopback(&peer->address)))
        return false; /* what comes from this machine itself */
    *client = client_address_counted(&named);
    return true;
}
