/* Log lines of the programs, in logfmt on standard error. Libraries never log. */
#ifndef REUNION_BASE_LOG_H
#define REUNION_BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Show lines up to `level`; LOG_INFO unless told. Call before threads start. */
void log_set_level(enum log_level level);

/* Write `level=… event="…" FIELDS`. `event` is a constant; `fields` is a printf format of
 * `key=value` pairs, or NULL. Nothing that names a client, a bucket, a record or a secret may be
 * among them. Any thread; a line is written whole. */
void log_line(enum log_level level, const char *event, const char *fields, ...)
    __attribute__((format(printf, 3, 4)));

#endif
