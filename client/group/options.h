/* The options of reunion-group. */
#ifndef REUNION_CLIENT_GROUP_OPTIONS_H
#define REUNION_CLIENT_GROUP_OPTIONS_H

#include "cli/complaint.h"
#include "cli/shared_options.h"

enum group_command {
    COMMAND_CREATE = 1 << 0,
    COMMAND_INVITE = 1 << 1,
    COMMAND_JOIN = 1 << 2,
    COMMAND_SEND = 1 << 3,
    COMMAND_LISTEN = 1 << 4,
    COMMAND_MEMBERS = 1 << 5,
    COMMAND_REMOVE = 1 << 6,
    COMMAND_LEAVE = 1 << 7,
    COMMAND_LIST = 1 << 8,
};

struct group_options {
    struct options shared;
    struct secret_text name; /* of the group */
    const char *server;      /* NULL: the group's */
    bool direct;
    const char *own_name; /* NULL: none */
    const char *member;   /* with `remove` */
    struct secret_text message;
    const char *message_file;
    const char *seal_file;
    int64_t duration_s; /* 0: the usual */
    int64_t jobs;       /* 0: one for each processor */
    bool once;
};

#endif
