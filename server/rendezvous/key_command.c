#include "rendezvous/key_command.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/secret.h"
#include "box/address.h"
#include "daemon/key_file.h"
#include "daemon/socket.h"
#include "qr/qr.h"

/* Any 32 bytes, to have a whole address. */
#define SOME_KEY "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* HOST or HOST:PORT. Returns: 0, -EBADMSG. */
static int parse_host(struct box_address *address, const char *text)
{
    char whole[SETTING_TEXT_BYTES + 64];
    snprintf(whole, sizeof whole, "box://%s#" SOME_KEY, text);
    return text[0] == '-' || strchr(text, '#') || box_address_parse(address, whole) ? -EBADMSG : 0;
}

/* The port is there, as opposed to the usual one. */
static bool names_port(const char *text)
{
    const char *colon = strrchr(text, ':');
    return colon && !strchr(colon, ']');
}

const char *key_command_host_fault(const char *text)
{
    struct box_address address;
    return parse_host(&address, text) ? "" : NULL;
}

/* Where a --box-listen or --box-packets is; its host is empty if it stands for all addresses of the
 * machine. */
static void read_listening(struct box_address *address, const char *text)
{
    struct socket_address numeric;
    *address = (struct box_address){.port = 0};
    INVARIANT(socket_parse(text, &numeric) == 0);
    const struct sockaddr_in *v4 = (const void *)&numeric.any;
    const struct sockaddr_in6 *v6 = (const void *)&numeric.any;
    bool is_v4 = numeric.any.sa_family == AF_INET;
    bool all = is_v4 ? v4->sin_addr.s_addr == INADDR_ANY : IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
    address->port = ntohs(is_v4 ? v4->sin_port : v6->sin6_port);
    if (!all)
        INVARIANT(inet_ntop(numeric.any.sa_family,
                            is_v4 ? (const void *)&v4->sin_addr : (const void *)&v6->sin6_addr,
                            address->host, sizeof address->host));
}

/* Where to print the addresses of a key, and how that went. */
struct printing {
    const struct box_identity *identity;
    bool as_code; /* too */
    FILE *to;
    int err;
};

static int print_code(const char *text, FILE *to)
{
    struct qr_picture picture;
    int err = qr_draw(&picture, text);
    if (err)
        return err;
    fwrite(picture.text, 1, picture.bytes, to);
    qr_free(&picture);
    return 0;
}

/* One form of the transport, and where the server serves it. */
struct form {
    bool packets;
    const struct setting_texts *listen;
};

static void print(struct printing *printing, struct box_address *address)
{
    char text[BOX_ADDRESS_TEXT_BYTES];
    memcpy(address->key, printing->identity->public_key, sizeof address->key);
    box_address_print(text, address);
    fprintf(printing->to, "%s\n", text);
    if (printing->as_code && !printing->err)
        printing->err = print_code(text, printing->to);
}

static void print_hosts(const struct config *config, const struct form *form,
                        struct printing *printing)
{
    struct box_address address, listening = {.port = 0};
    if (form->listen->count > 0)
        read_listening(&listening, form->listen->items[0].text);
    for (size_t i = 0; i < config->hosts.count; i++) {
        const char *text = config->hosts.items[i].text;
        INVARIANT(parse_host(&address, text) == 0);
        address.packets = form->packets;
        if (!names_port(text) && listening.port > 0)
            address.port = listening.port;
        print(printing, &address);
    }
}

/* Returns: how many. */
static size_t print_listening(const struct form *form, struct printing *printing)
{
    size_t printed = 0;
    for (size_t i = 0; i < form->listen->count; i++) {
        struct box_address address;
        read_listening(&address, form->listen->items[i].text);
        address.packets = form->packets;
        if (address.host[0] == '\0' || address.port == 0)
            continue;
        print(printing, &address);
        printed++;
    }
    return printed;
}

/* Streams where nothing is said. Returns: how many addresses. */
static size_t print_forms(const struct config *config, struct printing *printing)
{
    const struct form forms[] = {{false, &config->box_listen}, {true, &config->box_packets}};
    size_t printed = 0;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        bool by_default = !forms[i].packets && config->box_packets.count == 0;
        if (config->hosts.count == 0) {
            printed += print_listening(&forms[i], printing);
        } else if (forms[i].listen->count > 0 || by_default) {
            print_hosts(config, &forms[i], printing);
            printed += config->hosts.count;
        }
    }
    return printed;
}

/* Returns: 0, -EINVAL (no address is known), -ENOMEM; the last two are said in `complaints`. */
static int print_all(const struct config *config, struct printing *printing, FILE *complaints)
{
    if (print_forms(config, printing) == 0) {
        fputs("reunion-server: no address is known: name with --host HOST or HOST:PORT where "
              "clients reach this server\n",
              complaints);
        return -EINVAL;
    }
    if (printing->err)
        fputs("reunion-server: no memory for a QR code\n", complaints);
    return printing->err;
}

enum app_exit key_command(const struct config *config, FILE *to, FILE *complaints)
{
    struct box_identity *identity = secret_init() ? NULL : secret_alloc(sizeof *identity);
    struct printing printing = {.identity = identity, .as_code = config->qr, .to = to};
    if (!identity) {
        fputs("reunion-server: no memory for the key of the box transport\n", complaints);
        return APP_EXIT_RESOURCES;
    }
    int err = key_file_read(identity, config->box_key.text);
    if (err)
        fprintf(complaints,
                "reunion-server: the key of the box transport, %s, cannot be read: %s%s\n",
                config->box_key.text, key_file_reason(err),
                err == -ENOENT ? "; start the server with --box-listen or --box-packets "
                                 "once, which makes it, or name it with --box-key"
                               : "");
    else
        err = print_all(config, &printing, complaints);
    secret_free(identity);
    return err == -ENOMEM ? APP_EXIT_RESOURCES : err ? APP_EXIT_SETTINGS : APP_EXIT_STOPPED;
}
