/* One run of the client: from options to an exit code. */
#ifndef REUNION_RENDEZVOUS_RUN_H
#define REUNION_RENDEZVOUS_RUN_H

#include "cli/program.h"
#include "rendezvous/transports.h"

/* Ask for what is missing, meet others over the transports that `open` opens until stopped, and
 * tell what happens in the words of `program`. Needs: secret_init; called once, before threads. The
 * caller clears `options`. */
enum outcome run(const struct program *program, struct run_options *options,
                 transports_opener *open);

#endif
