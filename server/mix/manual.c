#include "mix/manual.h"

#include "base/version.h"
#include "mix/config.h"
#include "option/settings_help.h"

/* Of the page; changes when its text does. */
#define MANUAL_DATE "2026-11-28"

static const struct exit_code_text exit_codes[] = {
    {"0", "stopped as asked"},
    {"1", "no memory or no threads; with --probe: the mix is not well"},
    {"2", "bad settings, or the key or the net file cannot be used"},
    {"3", "the state folder cannot be used"},
    {"4", "an address cannot be received at"},
};

enum { EXIT_CODES = sizeof exit_codes / sizeof exit_codes[0] };

void mix_help_print(FILE *to)
{
    fputs("reunion-mix: hides who talks to a rendezvous server\n\n"
          "usage: reunion-mix [FLAG]...\n"
          "       reunion-mix key --name NAME [--host ADDRESS:PORT] [FLAG]...\n",
          to);
    settings_help(&mix_settings, to);
    fputs(
        "\n"
        "TIME is in milliseconds (250ms) or seconds (1s).\n"
        "Each setting can also come from the environment (--tags-max as REUNION_MIX_TAGS_MAX) or\n"
        "from a JSON file (key \"tags-max\"); flags override the environment, and that\n"
        "overrides the file. The manual page reunion-mix(8) says more.\n",
        to);
    exit_codes_help(exit_codes, EXIT_CODES, to);
}

static const char title[] =
    ".TH REUNION\\-MIX 8 " MANUAL_DATE " \"reunion %s\" \"System administration\"\n";

static const char head[] =
    ".nh\n"
    ".ad l\n"
    ".SH NAME\n"
    "reunion\\-mix \\- hides who talks to a rendezvous server\n"
    ".SH SYNOPSIS\n"
    ".B reunion\\-mix\n"
    "[\\fIFLAG\\fR]...\n"
    ".br\n"
    ".B reunion\\-mix key\n"
    "\\fB\\-\\-name\\fR \\fINAME\\fR\n"
    "[\\fB\\-\\-host\\fR \\fIADDRESS\\fR:\\fIPORT\\fR]\n"
    "[\\fIFLAG\\fR]...\n"
    ".SH DESCRIPTION\n"
    "A mix receives packets of one size (UDP), takes one layer of encryption off each, waits\n"
    "until it has several, and sends them on in random order.\n"
    "Clients send through several mixes, and answers come back through several.\n"
    "Then nobody on the way knows both who asks and what server is asked, unless all mixes of a\n"
    "route work together.\n"
    "The last mix of a route sends the request to a reunion\\-server that receives packets\n"
    "(\\-\\-box\\-packets).\n"
    "A mix sends only to the mixes and servers in the net file, and to clients that have just\n"
    "sent to it.\n"
    "It takes no packet twice, and none that is older than 20 minutes or from the future.\n"
    "So its clock must be right to some minutes.\n"
    "It answers nothing that it drops.\n"
    ".PP\n"
    "It runs in the foreground and writes its log to standard error, one line of key=value pairs\n"
    "for each event.\n"
    "It stops on SIGTERM or SIGINT, and reads the net file again on SIGHUP.\n"
    "It does not read settings again while it runs: to change them, start it again.\n"
    ".SH OPTIONS\n"
    "A time is in seconds, or has ms, s, m, h or d behind it.\n"
    "The value of a flag is the next word, or stands behind a \\(lq=\\(rq.\n"
    "If a flag is given twice, the last one counts, unless it may be repeated.\n";

static const char tail[] =
    ".SH ENVIRONMENT\n"
    "Every setting can come from a variable; its name stands with the setting above.\n"
    "Separate the values of one that may be repeated with spaces or commas.\n"
    "A flag overrides a variable.\n"
    "A variable whose name begins with REUNION_MIX_ and that is no setting is an error.\n"
    ".TP\n"
    "STATE_DIRECTORY\n"
    "The folder of the tags and the key, unless \\-\\-state names one; systemd sets it.\n"
    ".SH FILES\n"
    "The net file names the mixes and the servers of a net.\n"
    "Whoever runs the net hands it out to all mixes and clients.\n"
    "Addresses are numeric; a key is that of the mix, or of the server's packets\n"
    "(reunion\\-server key).\n"
    ".PP\n"
    ".nf\n"
    "{\"mixes\":   [{\"name\": \"alder\", \"address\": \"203.0.113.5:5444\", \"key\": \"...\"},\n"
    "             {\"name\": \"birch\", \"address\": \"[2001:db8::7]:5444\", \"key\": \"...\"}],\n"
    " \"servers\": [{\"name\": \"meet\", \"address\": \"203.0.113.9:5443\", \"key\": \"...\"}]}\n"
    ".fi\n"
    ".PP\n"
    "The file that \\-\\-config names holds one JSON object.\n"
    "Its keys are the names of flags without the dashes.\n"
    "Numbers and times are integers, or strings with a unit behind; what may be repeated is an\n"
    "array of strings; everything else is a string.\n"
    "A key that is unknown, or comes twice, is an error.\n"
    "Variables and flags override the file.\n";

static const char see_also[] =
    ".SH EXAMPLES\n"
    "Make a key, and print the line for the net file:\n"
    ".PP\n.nf\n"
    "reunion\\-mix key \\-\\-name alder \\-\\-host 203.0.113.5:5444 \\-\\-state /var/lib/mix\n"
    ".fi\n"
    ".PP\n"
    "Mix:\n"
    ".PP\n.nf\n"
    "reunion\\-mix \\-\\-net net.json \\-\\-state /var/lib/mix\n"
    ".fi\n"
    ".SH SEE ALSO\n"
    ".BR reunion\\-server (8),\n"
    ".BR reunion\\-client (1),\n"
    ".BR systemd.exec (5)\n";

void mix_manual_print(FILE *to)
{
    fprintf(to, title, version_number);
    fputs(head, to);
    settings_manual(&mix_settings, to);
    fputs(tail, to);
    exit_codes_manual(exit_codes, EXIT_CODES, to);
    fputs(see_also, to);
}
