/* Checks that no two settings name the same file. */
#ifndef REUNION_RENDEZVOUS_OWN_FILES_H
#define REUNION_RENDEZVOUS_OWN_FILES_H

#include "rendezvous/config.h"

/* Compare the files that the server makes (the address file, those of unix sockets) with those of
 * the database, what SQLite puts beside it included, with the configuration file, and with one
 * another: by what they are and, of those that are not there yet, by where they would be. Each two
 * that are one are a line in `complaints`.
 * Returns: 0, -EINVAL. */
MUST_CHECK int own_files_check(const struct config *config, FILE *complaints);

#endif
