/* Speaking to people: lines on standard error. */
#ifndef REUNION_CLI_SAY_H
#define REUNION_CLI_SAY_H

/* Whose name lines begin with from now on, a constant. */
void say_as(const char *program);

/* What the lines that follow are about ("at SERVER"), until it is NULL again. The caller's. */
void say_about(const char *subject);

/* One line on standard error, above the line of progress. One thread. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
