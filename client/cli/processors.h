/* How many processors this process may use. */
#ifndef REUNION_CLI_PROCESSORS_H
#define REUNION_CLI_PROCESSORS_H

/* Returns: at least 1. */
unsigned processors_usable(void);

#endif
