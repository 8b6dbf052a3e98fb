/* What the commands of reunion-group share: files, the open group, and the way to the server. */
#ifndef REUNION_CLIENT_GROUP_CONTEXT_H
#define REUNION_CLIENT_GROUP_CONTEXT_H

#include "cli/connection.h"
#include "cli/mixes.h"
#include "cli/signals.h"
#include "group/options.h"
#include "group/post.h"
#include "group/store.h"

struct context {
    const struct program *program;
    struct group_options *options;
    struct signals signals;
    struct stop_source stop;
    struct store store;
    struct secret_text seal;             /* the passphrase of files, or none */
    char name[GROUP_NAME_BYTES_MAX + 1]; /* of the group, as its file is called */
    struct stored stored;
    struct mixes *mixes; /* or NULL */
    struct connection connection;
    struct post *post;
    bool away; /* that the server does not answer was reported */
};

/* Find the folder, and the passphrase of files if an option names it. Errors of all functions here
 * are reported. Returns: OUTCOME_DONE, or the end of the run; to be closed in any case. */
enum outcome context_open(struct context *context);
void context_close(struct context *context);

/* Open the file of the group that is named, waiting a while for another program that has it; ask
 * for its passphrase if it needs one. Returns: as context_open. */
enum outcome context_load(struct context *context);
/* Let others have it. */
void context_unload(struct context *context);

/* Begin the file of a new group, whose device is taken over. Returns: as context_open. */
enum outcome context_begin(struct context *context, struct device *device);

/* Make ready to go to the group's server; nothing is sent. Returns: as context_open. */
enum outcome context_connect(struct context *context, const char *server);

enum outcome context_save(struct context *context);

/* Report why a verb of the post failed, once until one succeeds. Returns: the end of a run for
 * which that is one. */
enum outcome context_report_away(struct context *context, int err, const char *what);

#endif
