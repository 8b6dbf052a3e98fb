#include "rendezvous/manual.h"

#include "base/version.h"
#include "option/settings_help.h"
#include "rendezvous/settings.h"

/* Of the page; changes when its text does. */
#define MANUAL_DATE "2026-11-28"

static const struct exit_code_text exit_codes[] = {
    {"0", "stopped as asked"},
    {"1", "no memory or no threads; with --probe: the server is not well"},
    {"2", "bad settings, or a file of the box transport cannot be used"},
    {"3", "the database cannot be used"},
    {"4", "an address cannot be listened on"},
};

enum { EXIT_CODES = sizeof exit_codes / sizeof exit_codes[0] };

void help_print(FILE *to)
{
    fputs("reunion-server: a rendezvous for people who share a passphrase\n\n"
          "usage: reunion-server [FLAG]...\n"
          "       reunion-server key [--host HOST[:PORT]]... [--qr] [FLAG]...\n",
          to);
    settings_help(&server_settings, to);
    fputs("\n"
          "TIME is in seconds, or with s, m, h or d behind it; SIZE in bytes, or with K, M or G.\n"
          "Each setting can also come from the environment (--open-window as REUNION_OPEN_WINDOW) "
          "or\n"
          "from a JSON file (key \"open-window\"); flags override the environment, and that\n"
          "overrides the file. The manual page reunion-server(8) says more.\n",
          to);
    exit_codes_help(exit_codes, EXIT_CODES, to);
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
    settings_manual(&server_settings, to);
    fputs(tail, to);
    exit_codes_manual(exit_codes, EXIT_CODES, to);
    fputs(see_also, to);
}
