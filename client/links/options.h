/* The options of reunion-link. */
#ifndef REUNION_LINKS_OPTIONS_H
#define REUNION_LINKS_OPTIONS_H

#include "cli/complaint.h"
#include "cli/shared_options.h"

enum links_command { COMMAND_CREATE = 1, COMMAND_OPEN = 2 };

struct links_options {
    struct options shared;
    const char *server;            /* NULL, with `open` alone: the invitation's */
    struct secret_text link;       /* with `create` */
    struct secret_text invitation; /* with `open` */
    const char *file;              /* of either */
    int64_t max_effort;
    bool separate;
    bool qr;
};

#endif
