#include "cli/print.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

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

void print(const char *format, ...)
{
    char text[PRINT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    make_plain(text);
    status_line_hide();
    if (about)
        dprintf(STDERR_FILENO, "%s: at %s: %s\n", speaker, about, text);
    else
        dprintf(STDERR_FILENO, "%s: %s\n", speaker, text);
    status_line_restore();
}
