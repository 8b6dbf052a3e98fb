#include "json/net_file.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box/address.h"

/* One of the two lists, and how an entry of it is called. */
struct list {
    const char *name, *entry;
    struct net_node *nodes;
    size_t count_max, count;
};

/* What one call is about. */
struct reading {
    struct net_file *net;
    struct list lists[2];
    char *complaint;
};

/* What it quotes of the file is shown on terminals: nothing but printable ASCII. */
__attribute__((format(printf, 2, 3))) static int complain(struct reading *reading,
                                                          const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(reading->complaint, NET_COMPLAINT_BYTES, format, values);
    va_end(values);
    for (char *at = reading->complaint; *at; at++)
        if (*at < ' ' || *at > '~')
            *at = '?';
    return -EBADMSG;
}

/* Addresses */

static const uint8_t v4_prefix[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool is_v4(const uint8_t address[static MIX_ADDRESS_BYTES])
{
    return memcmp(address, v4_prefix, sizeof v4_prefix) == 0;
}

/* Whether one machine can have it. */
static bool is_one_machines(const uint8_t address[static MIX_ADDRESS_BYTES])
{
    static const uint8_t zeros[MIX_ADDRESS_BYTES];
    const uint8_t *v4 = address + sizeof v4_prefix;
    if (is_v4(address))
        return v4[0] > 0 && v4[0] < 224;
    return memcmp(address, zeros, sizeof zeros) != 0 && address[0] != 0xff;
}

/* Split at the colon before the port. Returns: the port, 0 for none that there is. */
static uint16_t split(char host[static NET_ADDRESS_TEXT_BYTES], const char *text)
{
    const char *colon = strrchr(text, ':');
    size_t bytes = colon ? (size_t)(colon - text) : 0, digits = colon ? strlen(colon + 1) : 0;
    if (bytes == 0 || bytes >= NET_ADDRESS_TEXT_BYTES || digits == 0 || digits > 5 ||
        strspn(colon + 1, "0123456789") != digits || colon[1] == '0')
        return 0;
    memcpy(host, text, bytes);
    host[bytes] = '\0';
    unsigned long port = strtoul(colon + 1, NULL, 10);
    return port <= UINT16_MAX ? (uint16_t)port : 0;
}

int net_address_parse(struct mix_endpoint *at, const char *text)
{
    char host[NET_ADDRESS_TEXT_BYTES];
    struct mix_endpoint read = {.port = split(host, text)};
    size_t bytes = read.port > 0 ? strlen(host) : 0;
    if (bytes == 0)
        return -EBADMSG;
    bool literal;
    if (host[0] == '[' && host[bytes - 1] == ']') {
        host[bytes - 1] = '\0';
        literal = inet_pton(AF_INET6, host + 1, read.address) == 1;
    } else {
        memcpy(read.address, v4_prefix, sizeof v4_prefix);
        literal = inet_pton(AF_INET, host, read.address + sizeof v4_prefix) == 1;
    }
    if (!literal || !is_one_machines(read.address))
        return -EBADMSG;
    *at = read;
    return 0;
}

void net_address_print(char text[static NET_ADDRESS_TEXT_BYTES], const struct mix_endpoint *at)
{
    char host[INET6_ADDRSTRLEN] = "";
    bool v4 = is_v4(at->address);
    inet_ntop(v4 ? AF_INET : AF_INET6, at->address + (v4 ? sizeof v4_prefix : 0), host,
              sizeof host);
    snprintf(text, NET_ADDRESS_TEXT_BYTES, v4 ? "%s:%u" : "[%s]:%u", host, (unsigned)at->port);
}

/* Entries */

/* How the entry that is being read is called, once its name is known. */
static void call(char text[static NET_COMPLAINT_BYTES], const struct list *list)
{
    const char *name = list->nodes[list->count].name;
    snprintf(text, NET_COMPLAINT_BYTES, "number %zu of \"%s\"%s%s%s", list->count + 1, list->name,
             name[0] ? " (" : "", name, name[0] ? ")" : "");
}

static int complain_of(struct reading *reading, const struct list *list, const char *what)
{
    char where[NET_COMPLAINT_BYTES];
    call(where, list);
    return complain(reading, "%s: %s", where, what);
}

/* Returns: 0 and a text that stays the object's, -EBADMSG. */
static int take_text(struct reading *reading, const struct list *list, const json_t *entry,
                     const char *member, const char **text)
{
    char what[64];
    const json_t *value = json_object_get(entry, member);
    if (!json_is_string(value)) {
        snprintf(what, sizeof what, "\"%s\" %s", member, value ? "is no text" : "is missing");
        return complain_of(reading, list, what);
    }
    *text = json_string_value(value);
    return 0;
}

static int take_name(struct reading *reading, const struct list *list, const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  ".-_";
    struct net_node *node = &list->nodes[list->count];
    size_t bytes = strlen(name);
    if (bytes == 0 || bytes >= NET_NAME_BYTES || strspn(name, allowed) != bytes)
        return complain_of(reading, list,
                           "\"name\" must be 1 to 63 letters, digits, '.', '-' and '_'");
    memcpy(node->name, name, bytes + 1);
    return 0;
}

static int take_address(struct reading *reading, const struct list *list, const char *address)
{
    if (net_address_parse(&list->nodes[list->count].at, address))
        return complain_of(reading, list,
                           "\"address\" must be numeric with a port, such as 203.0.113.5:5444 or "
                           "[2001:db8::5]:5444; names are not looked up");
    return 0;
}

/* With a key of small order the result of each agreement is known to everybody. */
static int take_key(struct reading *reading, const struct list *list, const char *text)
{
    static const uint8_t secret[BOX_KEY_BYTES] = {1};
    uint8_t shared[BOX_SHARED_BYTES];
    struct net_node *node = &list->nodes[list->count];
    if (box_key_parse(node->key, text))
        return complain_of(reading, list,
                           "\"key\" must be a public key, 43 characters of base64url");
    if (box_agree(shared, secret, node->key))
        return complain_of(reading, list, "nobody can have this \"key\"");
    return 0;
}

static int check_members(struct reading *reading, const struct list *list, json_t *entry)
{
    const char *name;
    json_t *value;
    char what[96];
    json_object_foreach(entry, name, value)
    {
        if (strcmp(name, "name") == 0 || strcmp(name, "address") == 0 || strcmp(name, "key") == 0)
            continue;
        snprintf(what, sizeof what, "nothing called \"%.32s\" may stand there", name);
        return complain_of(reading, list, what);
    }
    return 0;
}

static int compare(struct reading *reading, const struct list *list, const struct list *others)
{
    const struct net_node *node = &list->nodes[list->count];
    char what[NET_NAME_BYTES + 64];
    for (size_t i = 0; i < others->count; i++) {
        const struct net_node *other = &others->nodes[i];
        const char *alike = NULL;
        if (list == others && strcmp(node->name, other->name) == 0)
            alike = "name";
        else if (memcmp(node->at.address, other->at.address, sizeof node->at.address) == 0 &&
                 node->at.port == other->at.port)
            alike = "address";
        else if (memcmp(node->key, other->key, sizeof node->key) == 0)
            alike = "key";
        if (!alike)
            continue;
        snprintf(what, sizeof what, "the %s %s has the same %s", others->entry, other->name, alike);
        return complain_of(reading, list, what);
    }
    return 0;
}

static int take_entry(struct reading *reading, struct list *list, json_t *entry)
{
    const char *name = NULL, *address = NULL, *key = NULL;
    if (!json_is_object(entry))
        return complain_of(reading, list, "this is no object");
    int err = take_text(reading, list, entry, "name", &name);
    if (!err)
        err = take_name(reading, list, name);
    if (!err)
        err = check_members(reading, list, entry);
    if (!err)
        err = take_text(reading, list, entry, "address", &address);
    if (!err)
        err = take_address(reading, list, address);
    if (!err)
        err = take_text(reading, list, entry, "key", &key);
    if (!err)
        err = take_key(reading, list, key);
    for (size_t i = 0; i < 2 && !err; i++)
        err = compare(reading, list, &reading->lists[i]);
    if (!err)
        list->count++;
    return err;
}

/* The whole */

static int take_list(struct reading *reading, struct list *list, const json_t *root)
{
    json_t *entries = json_object_get(root, list->name);
    if (!json_is_array(entries))
        return complain(reading, "\"%s\" %s", list->name, entries ? "is no list" : "is missing");
    if (json_array_size(entries) > list->count_max)
        return complain(reading, "\"%s\" has more than %zu entries", list->name, list->count_max);
    int err = 0;
    for (size_t i = 0; i < json_array_size(entries) && !err; i++)
        err = take_entry(reading, list, json_array_get(entries, i));
    return err;
}

static int take_root(struct reading *reading, json_t *root)
{
    struct list *mixes = &reading->lists[0], *servers = &reading->lists[1];
    const char *name;
    json_t *value;
    if (!json_is_object(root))
        return complain(reading, "this is no JSON object");
    json_object_foreach(root, name, value)
    {
        if (strcmp(name, mixes->name) != 0 && strcmp(name, servers->name) != 0)
            return complain(reading, "nothing called \"%.32s\" may stand there", name);
    }
    int err = take_list(reading, mixes, root);
    if (!err && mixes->count == 0)
        err = complain(reading, "\"mixes\" is empty");
    if (!err)
        err = take_list(reading, servers, root);
    reading->net->mix_count = mixes->count;
    reading->net->server_count = servers->count;
    return err;
}

static int parse(struct reading *reading, const char *text, size_t bytes)
{
    json_error_t error;
    if (bytes > NET_FILE_BYTES_MAX)
        return complain(reading, "it is longer than 64 KiB");
    if (bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        return complain(reading, "it begins with a byte order mark: save it as UTF-8 without one");
    json_t *root = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &error);
    if (!root && json_error_code(&error) == json_error_out_of_memory)
        return -ENOMEM;
    if (!root)
        return complain(reading, "line %d is no JSON: %s", error.line, error.text);
    int err = take_root(reading, root);
    json_decref(root);
    return err;
}

int net_file_parse(struct net_file *net, const char *text, size_t bytes,
                   char complaint[static NET_COMPLAINT_BYTES])
{
    struct net_file *read = calloc(1, sizeof *read);
    if (!read)
        return -ENOMEM;
    struct reading reading = {
        .net = read,
        .lists = {{"mixes", "mix", read->mixes, NET_MIXES_MAX, 0},
                  {"servers", "server", read->servers, NET_SERVERS_MAX, 0}},
        .complaint = complaint,
    };
    int err = parse(&reading, text, bytes);
    if (!err)
        *net = *read;
    free(read);
    return err;
}
