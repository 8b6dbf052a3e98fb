#include "rendezvous/manual.h"

#include <string.h>

#include "base/version.h"
#include "rendezvous/settings.h"

/* Of the page; changes when its text does. */
#define MANUAL_DATE "2026-11-28"

static const char *const exit_codes[][2] = {
    {"0", "stopped as asked"},
    {"1", "no memory or no threads; with --probe: the server is not well"},
    {"2", "bad settings, or a file of the box transport cannot be used"},
    {"3", "the database cannot be used"},
    {"4", "an address cannot be listened on"},
};

enum { EXIT_CODES = sizeof exit_codes / sizeof exit_codes[0] };

static bool begins_group(size_t i)
{
    return i == 0 || settings[i].group != settings[i - 1].group;
}

/* Help */

void help_print(FILE *to)
{
    fputs("reunion-server: a rendezvous for people who share a passphrase\n\n"
          "usage: reunion-server [FLAG]...\n"
          "       reunion-server key [--host HOST[:PORT]]... [--qr] [FLAG]...\n",
          to);
    for (size_t i = 0; i < setting_count; i++) {
        const struct setting *setting = &settings[i];
        if (begins_group(i))
            fprintf(to, "\n%s\n", setting->group);
        fprintf(to, "  --%s%s%s\n      %s", setting->name, setting->value ? " " : "",
                setting->value ? setting->value : "", setting->help);
        if (setting->preset)
            fprintf(to, " (default %s)", setting->preset);
        fputc('\n', to);
    }
    fputs("\n"
          "TIME is in seconds, or with s, m, h or d behind it; SIZE in bytes, or with K, M or G.\n"
          "Each setting can also come from the environment (--open-window as REUNION_OPEN_WINDOW) "
          "or\n"
          "from a JSON file (key \"open-window\"); flags override the environment, and that\n"
          "overrides the file. The manual page reunion-server(8) says more.\n"
          "\n"
          "Exit codes\n",
          to);
    for (size_t i = 0; i < EXIT_CODES; i++)
        fprintf(to, "  %s  %s\n", exit_codes[i][0], exit_codes[i][1]);
}

/* The manual page. Text is written through `plain`, so that nothing in it means anything to roff.
 */

static void plain(const char *text, FILE *to)
{
    for (; *text; text++) {
        if (*text == '-' || *text == '\\')
            fputs(*text == '-' ? "\\-" : "\\e", to);
        else
            fputc(*text, to);
    }
}

/* A sentence from words that begin like the table's: small, without a full stop. */
static void sentence(const char *text, FILE *to)
{
    bool starts_with_name = text[0] == ':' || strncmp(text, "T2", 2) == 0;
    char first[2] = {text[0], '\0'};
    if (!starts_with_name && *first >= 'a' && *first <= 'z')
        *first = (char)(*first - 'a' + 'A');
    plain(first, to);
    plain(text + 1, to);
    fputs(".\n", to);
}

static void option(const struct setting *setting, FILE *to)
{
    char variable[VARIABLE_BYTES];
    fputs(".TP\n\\fB\\-\\-", to);
    plain(setting->name, to);
    fputs("\\fR", to);
    if (setting->value)
        fprintf(to, " \\fI%s\\fR", setting->value);
    fputc('\n', to);
    sentence(setting->help, to);
    if (setting->more) {
        plain(setting->more, to);
        fputc('\n', to);
    }
    if (setting->preset) {
        fputs("Default: ", to);
        plain(setting->preset, to);
        fputs(".\n", to);
    }
    if (setting->from == ORIGIN_FLAG)
        return;
    setting_variable(setting, variable);
    fputs("Variable: ", to);
    plain(variable, to);
    fputs(".\n", to);
}

static const char title[] =
    ".TH REUNION\\-SERVER 8 " MANUAL_DATE " \"reunion %s\" \"System administration\"\n";

static const char head[] =
    ".nh\n"
    ".ad l\n"
    ".SH NAME\n"
    "reunion\\-server \\- rendezvous for people who share a passphrase\n"
    ".SH SYNOPSIS\n"
    ".B reunion\\-server\n"
    "[\\fIFLAG\\fR]...\n"
    ".br\n"
    ".B reunion\\-server key\n"
    "[\\fB\\-\\-host\\fR \\fIHOST\\fR[:\\fIPORT\\fR]]...\n"
    "[\\fB\\-\\-qr\\fR]\n"
    "[\\fIFLAG\\fR]...\n"
    ".SH DESCRIPTION\n"
    "People who share a passphrase leave records at this server and take those of all others.\n"
    "So they find each other, and the server does not learn who met whom.\n"
    "The first record of a person is a T1; T2s and T3s are answers to it.\n"
    "The server keeps records in buckets of up to 64 T1s, on disk, and forgets each bucket after\n"
    "its lifetime.\n"
    "It runs in the foreground and writes its log to standard error, one line of key=value pairs\n"
    "for each event.\n"
    "It stops on SIGTERM, SIGINT or SIGHUP after it has answered everything under way.\n"
    "With \\-\\-box\\-clients it reads that file again on SIGHUP and does not stop.\n"
    "A SIGHUP that is ignored when it starts, as under nohup(1), stays so.\n"
    "It does not read settings again while it runs: to change them, start it again.\n"
    ".SH OPTIONS\n"
    "A time is in seconds, or has s, m, h or d behind it; a size is in bytes, or has K, M or G.\n"
    "The value of a flag is the next word, or stands behind a \\(lq=\\(rq.\n"
    "If a flag is given twice, the last one counts, unless it may be repeated.\n";

static const char tail[] =
    ".SH ENVIRONMENT\n"
    "Every setting can come from a variable; its name stands with the setting above.\n"
    "Separate the values of one that may be repeated with spaces or commas.\n"
    "A flag overrides a variable.\n"
    "A variable whose name begins with REUNION_ and that is no setting is an error, except those\n"
    "of the project's other programs, REUNION_CTIDH and REUNION_PASSPHRASE, and of its build and\n"
    "tests.\n"
    ".TP\n"
    "STATE_DIRECTORY\n"
    "The folder of the database, unless \\-\\-db names one; systemd sets it.\n"
    ".SH FILES\n"
    "The file that \\-\\-config names holds one JSON object.\n"
    "Its keys are the names of flags without the dashes.\n"
    "Numbers, times and sizes are integers, or strings with a unit behind; what may be repeated "
    "is\n"
    "an array of strings; everything else is a string.\n"
    "A key that is unknown, or comes twice, is an error.\n"
    "Variables and flags override the file.\n"
    ".PP\n"
    ".nf\n"
    "{\n"
    "  \"listen\": [\"127.0.0.1:5000\", \"[::1]:5000\"],\n"
    "  \"db\": \"/var/lib/reunion/reunion.db\",\n"
    "  \"lifetime\": \"12h\",\n"
    "  \"waiters\\-max\": 2000\n"
    "}\n"
    ".fi\n";

static const char see_also[] =
    ".SH EXAMPLES\n"
    "See whether a file is good, and what it comes to:\n"
    ".PP\n.nf\n"
    "reunion\\-server \\-\\-config /etc/reunion.json \\-\\-check\\-config\n"
    ".fi\n"
    ".SH SEE ALSO\n"
    ".BR reunion\\-client (1),\n"
    ".BR systemd.exec (5)\n";

void manual_print(FILE *to)
{
    fprintf(to, title, version_number);
    fputs(head, to);
    for (size_t i = 0; i < setting_count; i++) {
        if (begins_group(i)) {
            fputs(".SS ", to);
            plain(settings[i].group, to);
            fputc('\n', to);
        }
        option(&settings[i], to);
    }
    fputs(tail, to);
    fputs(".SH EXIT STATUS\n", to);
    for (size_t i = 0; i < EXIT_CODES; i++) {
        fprintf(to, ".TP\n%s\n", exit_codes[i][0]);
        sentence(exit_codes[i][1], to);
    }
    fputs(see_also, to);
}
