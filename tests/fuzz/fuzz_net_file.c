#include <string.h>

#include "base/err.h"
#include "fuzz/target.h"
#include "json/net_file.h"

/* Net files, as somebody writes them. What is accepted is within its limits and has no two nodes
 * that are alike; what is not is complained of in printable ASCII. */

static void check_node(const struct net_node *node)
{
    char text[NET_ADDRESS_TEXT_BYTES];
    struct mix_endpoint again;
    INVARIANT(node->name[0] != '\0' && memchr(node->name, '\0', sizeof node->name));
    net_address_print(text, &node->at);
    INVARIANT(net_address_parse(&again, text) == 0);
    INVARIANT(memcmp(&again, &node->at, sizeof again) == 0);
}

static void check(const struct net_file *net)
{
    INVARIANT(net->mix_count >= 1 && net->mix_count <= NET_MIXES_MAX);
    INVARIANT(net->server_count <= NET_SERVERS_MAX);
    for (size_t i = 0; i < net->mix_count; i++) {
        check_node(&net->mixes[i]);
        for (size_t j = 0; j < i; j++) {
            const struct net_node *one = &net->mixes[i], *other = &net->mixes[j];
            INVARIANT(strcmp(one->name, other->name) != 0);
            INVARIANT(memcmp(one->key, other->key, sizeof one->key) != 0);
            INVARIANT(memcmp(&one->at, &other->at, sizeof one->at) != 0);
        }
    }
    for (size_t i = 0; i < net->server_count; i++)
        check_node(&net->servers[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct net_file net;
    char complaint[NET_COMPLAINT_BYTES] = "";
    net.mix_count = SIZE_MAX;
    int err = net_file_parse(&net, (const char *)data, size, complaint);
    INVARIANT(err == 0 || err == -EBADMSG);
    INVARIANT((err != 0) == (complaint[0] != '\0'));
    INVARIANT((err != 0) == (net.mix_count == SIZE_MAX));
    for (const char *at = complaint; *at; at++)
        INVARIANT(*at >= ' ' && *at <= '~');
    if (!err)
        check(&net);
    return 0;
}
