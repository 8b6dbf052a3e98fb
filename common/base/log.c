#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static enum log_level shown = LOG_INFO;

void log_set_level(enum log_level level)
{
    shown = level;
}

void log_line(enum log_level level, const char *event, const char *fields, ...)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    if (level > shown)
        return;
    char text[512] = "";
    if (fields) {
        va_list arguments;
        va_start(arguments, fields);
        vsnprintf(text, sizeof text, fields, arguments);
        va_end(arguments);
    }
    /* One write per line, so that lines of several threads do not mix. */
    dprintf(STDERR_FILENO, "level=%s event=\"%s\"%s%s\n", names[level], event, fields ? " " : "",
            text);
}
