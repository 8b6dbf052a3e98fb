/* One lock for what is written to the terminal and to standard output. */
#ifndef REUNION_CLI_OUTPUT_LOCK_H
#define REUNION_CLI_OUTPUT_LOCK_H

/* A line is written under it, so that lines of two threads do not mix. A thread may take it
 * repeatedly. Any thread. */
void output_lock(void);
void output_unlock(void);

#endif
