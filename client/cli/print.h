/* Messages for people: lines on standard error. */
#ifndef REUNION_CLI_PRINT_H
#define REUNION_CLI_PRINT_H

enum { PRINT_BYTES = 5120 }; /* the longest path fits, with what is said of it */

/* Whose name lines begin with from now on, a constant. */
void print_as(const char *program);

/* What the lines that follow are about ("at SERVER"), until it is NULL again. The caller's. */
void print_about(const char *subject);

/* One line on standard error, above the line of progress. Control characters, which can be in what
 * somebody else wrote, are shown as '?'. The thread that print_about is called in. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same without what print_about says, for other threads. Any thread. */
void print_plainly(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
