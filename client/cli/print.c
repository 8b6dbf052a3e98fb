#include "cli/print.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/output_lock.h"
#include "cli/status_line.h"

static const char *speaker = "reunion";
static const char *about;

void print_as(const char *program)
{
    speaker = program;
}

void print_about(const char *subject)
{
    about = subject;
}

static void make_plain(char *text)
{
    for (char *at = text; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '?';
}

__attribute__((format(printf, 2, 0))) static void write_line(const char *subject,
                                                             const char *format, va_list arguments)
{
    char text[PRINT_BYTES];
    vsnprintf(text, sizeof text, format, arguments);
    make_plain(text);
    output_lock();
    status_line_hide();
    if (subject)
        dprintf(STDERR_FILENO, "%s: at %s: %s\n", speaker, subject, text);
    else
        dprintf(STDERR_FILENO, "%s: %s\n", speaker, text);
    status_line_restore();
    output_unlock();
}

void print(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_line(about, format, arguments);
    va_end(arguments);
}

void print_plainly(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_line(NULL, format, arguments);
    va_end(arguments);
}
