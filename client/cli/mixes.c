#include "cli/mixes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/regular_file.h"
#include "cli/json_line.h"
#include "cli/print.h"

struct mixes {
    struct net_file net;
    struct mix_chain *chain;
    const char *path; /* of the net file */
    bool json;
    const atomic_bool *_Atomic muted;
};

enum { NAMES_BYTES = 1024 };

int mixes_check(const struct options *options, char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    if (options->mixes)
        return 0;
    if (options->route)
        return options_complain(complaint, "--route chooses among the mixes of a net file: name it "
                                           "with --mixes");
    if (options->cover_s > 0)
        return options_complain(complaint,
                                "--cover is sent through mixes: name their net file with --mixes");
    return 0;
}

/* The net file */

/* Returns: OUTCOME_DONE and a text to be freed, or after reporting why, another. */
static enum outcome read_file(char **text, size_t *bytes, const char *path)
{
    char *read = malloc(NET_FILE_BYTES_MAX + 1); /* one byte more shows that it is too long */
    ssize_t result = read ? regular_file_read(path, read, NET_FILE_BYTES_MAX + 1) : -ENOMEM;
    if (result < 0)
        free(read);
    if (result == -EINVAL) {
        print("cannot read the net file of --mixes, %s: it is no regular file", path);
        return OUTCOME_USAGE;
    }
    if (result < 0)
        return outcome_unusable((int)result, "read the net file of --mixes, %s", path);
    *bytes = (size_t)result;
    *text = read;
    return OUTCOME_DONE;
}

static enum outcome load(struct mixes *mixes)
{
    char complaint[NET_COMPLAINT_BYTES], *text = NULL;
    size_t bytes = 0;
    enum outcome outcome = read_file(&text, &bytes, mixes->path);
    if (outcome != OUTCOME_DONE)
        return outcome;
    int err = net_file_parse(&mixes->net, text, bytes, complaint);
    free(text);
    if (err == -ENOMEM)
        return outcome_failed(err, "read the net file of --mixes, %s", mixes->path);
    if (err)
        print("the net file of --mixes, %s: %s", mixes->path, complaint);
    return err ? OUTCOME_USAGE : OUTCOME_DONE;
}

/* Names of a list, as people see them. */
static void put_names(char names[static NAMES_BYTES], const struct net_node *nodes, size_t count)
{
    size_t length = 0;
    names[0] = '\0';
    for (size_t i = 0; i < count && length < NAMES_BYTES; i++)
        length += (size_t)snprintf(names + length, NAMES_BYTES - length, "%s%s", i > 0 ? ", " : "",
                                   nodes[i].name);
}

/* --route */

/* Returns: its number, or as many as there are mixes. */
static size_t find_mix(const struct mixes *mixes, const char *name, size_t bytes)
{
    size_t i = 0;
    while (i < mixes->net.mix_count && (strlen(mixes->net.mixes[i].name) != bytes ||
                                        memcmp(mixes->net.mixes[i].name, name, bytes) != 0))
        i++;
    return i;
}

static bool complain_of_route(const struct mixes *mixes, const char *name, size_t bytes)
{
    char names[NAMES_BYTES];
    put_names(names, mixes->net.mixes, mixes->net.mix_count);
    print("--route: the net file %s has no mix \"%.*s\"; it has %s", mixes->path,
          bytes < NET_NAME_BYTES ? (int)bytes : NET_NAME_BYTES, name, names);
    return false;
}

/* Returns: whether the mix may stand there; if not, that is reported. */
static bool add_to_route(struct mix_route *route, const struct mixes *mixes, size_t mix)
{
    for (size_t i = 0; i < route->count; i++)
        if (route->mix[i] == mix) {
            print("--route names the mix %s twice: each mix on a route is another one",
                  mixes->net.mixes[mix].name);
            return false;
        }
    if (route->count == MIX_HOPS_MAX) {
        print("--route names more than %d mixes", MIX_HOPS_MAX);
        return false;
    }
    route->mix[route->count++] = mix;
    return true;
}

static bool parse_route(struct mix_route *route, const struct mixes *mixes, const char *text)
{
    for (const char *name = text; text; name++) {
        size_t bytes = strcspn(name, ","), mix = find_mix(mixes, name, bytes);
        if (mix == mixes->net.mix_count)
            return complain_of_route(mixes, name, bytes);
        if (!add_to_route(route, mixes, mix))
            return false;
        name += bytes;
        if (!*name)
            break;
    }
    return true;
}

/* Reports */

static void print_cost(const struct mix_notice *notice)
{
    int64_t tenths = (notice->each_way_ms + 50) / 100;
    if (tenths == 0)
        print_plainly("requests go through %zu of %zu mixes, in less than 0.1 s each way",
                      notice->route, notice->mixes);
    else
        print_plainly("requests go through %zu of %zu mixes, about %" PRId64 ".%" PRId64
                      " s each way",
                      notice->route, notice->mixes, tenths / 10, tenths % 10);
}

static void print_notice(const struct mix_notice *notice)
{
    switch (notice->kind) {
    case MIX_NOTICE_COST:
        print_cost(notice);
        break;
    case MIX_NOTICE_FAILED:
        print_plainly(
            "the mix %s does not answer%s%s%s; %s", notice->mix, notice->reason ? " (" : "",
            notice->reason ? strerror(notice->reason) : "", notice->reason ? ")" : "",
            notice->others ? "using others" : "there are not enough others to do without");
        break;
    case MIX_NOTICE_BACK:
        print_plainly("the mix %s answers again", notice->mix);
        break;
    }
}

/* Standard output that takes no more is noticed with the next event. */
static void write_notice(const struct mix_notice *notice)
{
    static const char *const names[] = {[MIX_NOTICE_COST] = "mixes",
                                        [MIX_NOTICE_FAILED] = "mix-failed",
                                        [MIX_NOTICE_BACK] = "mix-back"};
    struct json_line *line;
    if (json_line_open(&line, names[notice->kind]))
        return;
    if (notice->kind == MIX_NOTICE_COST) {
        json_line_number(line, "route", (int64_t)notice->route);
        json_line_number(line, "mixes", (int64_t)notice->mixes);
        json_line_number(line, "each_way_ms", notice->each_way_ms);
    } else {
        json_line_word(line, "mix", notice->mix);
    }
    if (notice->kind == MIX_NOTICE_FAILED)
        json_line_flag(line, "others", notice->others);
    int err = json_line_write(line, STDOUT_FILENO);
    (void)err;
}

static void take_notice(void *state, const struct mix_notice *notice)
{
    const struct mixes *mixes = state;
    const atomic_bool *muted = atomic_load(&mixes->muted);
    if (muted && atomic_load(muted))
        return;
    if (mixes->json)
        write_notice(notice);
    else
        print_notice(notice);
}

/* Beginning and end */

static enum outcome begin(struct mixes *mixes, const struct options *options)
{
    struct mix_chain_settings settings = {.net = &mixes->net,
                                          .cover_ms = options->cover_s * 1000,
                                          .patience_ms = MIX_PATIENCE_MS,
                                          .random = &random_system,
                                          .clock = &clock_system,
                                          .notice = take_notice,
                                          .state = mixes};
    enum outcome outcome = load(mixes);
    if (outcome != OUTCOME_DONE)
        return outcome;
    if (!parse_route(&settings.fixed, mixes, options->route))
        return OUTCOME_USAGE;
    int err = mix_chain_open(&mixes->chain, &settings);
    return err ? outcome_failed(err, "make ready for the mixes of %s", mixes->path) : OUTCOME_DONE;
}

enum outcome mixes_open(struct mixes **mixes, const struct options *options)
{
    *mixes = NULL;
    if (!options->mixes)
        return OUTCOME_DONE;
    struct mixes *made = calloc(1, sizeof *made);
    if (!made)
        return outcome_failed(-ENOMEM, "make ready for the mixes of %s", options->mixes);
    made->path = options->mixes;
    made->json = options->json;
    enum outcome outcome = begin(made, options);
    if (outcome == OUTCOME_DONE)
        *mixes = made;
    else
        mixes_close(made);
    return outcome;
}

void mixes_close(struct mixes *mixes)
{
    if (mixes)
        mix_chain_free(mixes->chain);
    free(mixes);
}

void mixes_mute(struct mixes *mixes, const atomic_bool *muted)
{
    if (mixes)
        atomic_store(&mixes->muted, muted);
}

bool mixes_reach(const struct mixes *mixes, const char *server,
                 const struct server_address *address)
{
    char names[NAMES_BYTES];
    if (!mixes)
        return true;
    if (!address->box.packets) {
        print("--mixes: mixes carry packets alone, and %s takes none: give the server's "
              "box+udp://HOST:PORT#KEY, or leave --mixes out",
              server);
        return false;
    }
    for (size_t i = 0; i < mixes->net.server_count; i++)
        if (memcmp(mixes->net.servers[i].key, address->box.key, sizeof address->box.key) == 0)
            return true;
    put_names(names, mixes->net.servers, mixes->net.server_count);
    print("--mixes: the net file %s has no server with the key of %s, and mixes send to none that "
          "they do not know; it has %s",
          mixes->path, server, names[0] ? names : "no servers");
    return false;
}

struct mix_chain *mixes_chain(const struct mixes *mixes)
{
    return mixes ? mixes->chain : NULL;
}
