/* Generating a strong passphrase that can be read out on the telephone. */
#ifndef REUNION_CLI_GENERATE_H
#define REUNION_CLI_GENERATE_H

#include "base/err.h"
#include "base/random.h"
#include "cli/secret_text.h"

/* So many of 2048 words: 88 bits. */
enum { GENERATE_WORDS = 8 };

/* Make a passphrase of GENERATE_WORDS words, each drawn uniformly from word_list and independent of
 * the others, with hyphens between them. Returns: 0, -ENOMEM. */
MUST_CHECK int generate_passphrase(struct secret_text *passphrase,
                                   const struct random_source *random);

#endif
