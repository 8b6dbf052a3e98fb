#include "rendezvous/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/json_line.h"
#include "cli/reason.h"
#include "cli/write_all.h"

enum { TEXT_BYTES = 512 };

static void note_written(struct findings *findings, int err)
{
    if (!findings->broken)
        findings->broken = err;
}

void findings_of(struct findings *findings, const char *name)
{
    findings->server = name;
    if (findings->json || !name)
        return;
    int err = write_all(STDOUT_FILENO, name, strlen(name));
    note_written(findings, err ? err : write_all(STDOUT_FILENO, "\n", 1));
}

static int report_program(const char *server, bool good, const char *about, const char *text)
{
    struct json_line *line;
    int err = json_line_open(&line, "check");
    if (err)
        return err;
    if (server)
        reason_put_server(line, server);
    json_line_word(line, "about", about);
    json_line_flag(line, "good", good);
    json_line_word(line, "text", text);
    return json_line_write(line, STDOUT_FILENO);
}

static int report_people(bool good, const char *about, const char *text)
{
    char line[TEXT_BYTES + 64];
    int bytes =
        snprintf(line, sizeof line, "%-5s  %-11s %s\n", good ? "good" : "WRONG", about, text);
    return write_all(STDOUT_FILENO, line, (size_t)bytes);
}

__attribute__((format(printf, 4, 0))) static void report(struct findings *findings, bool good,
                                                         const char *about, const char *format,
                                                         va_list arguments)
{
    char text[TEXT_BYTES];
    vsnprintf(text, sizeof text, format, arguments);
    int err = findings->json ? report_program(findings->server, good, about, text)
                             : report_people(good, about, text);
    note_written(findings, err);
}

void findings_good(struct findings *findings, const char *about, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report(findings, true, about, format, arguments);
    va_end(arguments);
}

void findings_wrong(struct findings *findings, enum outcome meaning, const char *about,
                    const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report(findings, false, about, format, arguments);
    va_end(arguments);
    if (findings->wrong++ == 0)
        findings->outcome = meaning;
}
