#include "cli/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"

const char options_help[] =
    "Usage: reunion-client [OPTION]...\n"
    "Meet whoever knows the same passphrase, through a server that does not learn who met whom.\n"
    "Each message of somebody met is one line on standard output, as soon as it is known.\n"
    "\n"
    "  --msg TEXT, --message TEXT  what those you meet will read, up to 96 bytes of UTF-8;\n"
    "                              asked for when missing\n"
    "  --passphrase TEXT           what you share with them; asked for when missing, unseen.\n"
    "                              An argument can be seen by others before the program starts,\n"
    "                              and stays in the shell's history: rather be asked\n"
    "  --server URL                http://127.0.0.1:5000 unless told\n"
    "  --bucket LINK               look for others in this bucket alone; its link is shown to\n"
    "                              whoever waits in it, to be passed on\n"
    "  --duration SECONDS          how long to stay; until stopped unless told\n"
    "  --reference                 the server speaks the Python reference's protocol\n"
    "  --jobs N                    work on so many others at once; one for each processor\n"
    "                              unless told\n"
    "  -v, --verbose               tell on standard error what happens\n"
    "  -h, --help                  show this\n"
    "  -V, --version               show the version\n"
    "\n"
    "A message or passphrase that is asked for is read from the terminal, or as a line each, the\n"
    "message first, from standard input where that is no terminal.\n"
    "\n"
    "A message is shown as it is, unless it holds control characters: then it begins with\n"
    "\"escaped:\" and has \\xNN or \\u{NNNN} for those and \\\\ for a backslash. One that is not\n"
    "UTF-8 is \"hex:\" and its bytes. One that itself begins so is shown escaped, so that these\n"
    "marks cannot be forged.\n"
    "\n"
    "Exit status: 0 somebody was met; 1 nobody came in time; 2 wrong usage; 3 the server is out\n"
    "of reach or no REUNION server; 4 the server refused, or offered a bucket that is refused;\n"
    "5 this machine failed; 130 interrupted before anybody was met.\n";

enum { OPTION_MESSAGE = 256, OPTION_PASSPHRASE, OPTION_SERVER, OPTION_BUCKET, OPTION_DURATION };
enum { OPTION_REFERENCE = 512, OPTION_JOBS };

static const struct option known[] = {
    {"msg", required_argument, NULL, OPTION_MESSAGE},
    {"message", required_argument, NULL, OPTION_MESSAGE},
    {"passphrase", required_argument, NULL, OPTION_PASSPHRASE},
    {"server", required_argument, NULL, OPTION_SERVER},
    {"bucket", required_argument, NULL, OPTION_BUCKET},
    {"duration", required_argument, NULL, OPTION_DURATION},
    {"reference", no_argument, NULL, OPTION_REFERENCE},
    {"jobs", required_argument, NULL, OPTION_JOBS},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

/* A decimal number from 1 to `limit`. */
static int parse_count(int64_t *value, const char *text, int64_t limit)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 18 || text[digits] != '\0')
        return -EINVAL;
    int64_t number = strtoll(text, NULL, 10);
    if (number < 1 || number > limit)
        return -EINVAL;
    *value = number;
    return 0;
}

/* Why a value will not do; the value itself is not repeated. */
static int complain(char complaint[static OPTIONS_COMPLAINT_BYTES], const char *what)
{
    snprintf(complaint, OPTIONS_COMPLAINT_BYTES, "%s", what);
    return -EINVAL;
}

static int take_secret(struct secret_text *secret, char *argument, const char *too_long,
                       char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    int err = secret_text_move_argument(secret, argument);
    return err == -EMSGSIZE ? complain(complaint, too_long) : err;
}

/* An option that getopt does not know, or whose argument is missing. What stands behind a '=' may
 * be a passphrase with a misspelt option. */
static int complain_option(const char *argument, const char *problem,
                           char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    snprintf(complaint, OPTIONS_COMPLAINT_BYTES, "%.*s: %s", (int)strcspn(argument, "="), argument,
             problem);
    return -EINVAL;
}

static int take(struct options *options, int option, char *argument,
                char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    int64_t count;
    switch (option) {
    case OPTION_MESSAGE:
        return take_secret(&options->message, argument, "the message is over 65536 bytes long",
                           complaint);
    case OPTION_PASSPHRASE:
        return take_secret(&options->passphrase, argument,
                           "the passphrase is over 65536 bytes long", complaint);
    case OPTION_SERVER:
        options->server = argument;
        return 0;
    case OPTION_BUCKET:
        options->has_bucket = true;
        return hex_decode(options->bucket, ID_BYTES, argument)
                   ? complain(complaint, "--bucket wants a link: 64 digits of 0-9 and a-f")
                   : 0;
    case OPTION_DURATION:
        if (parse_count(&options->duration_s, argument, OPTIONS_DURATION_S_MAX))
            return complain(complaint, "--duration wants whole seconds, 1 to 1000000000");
        return 0;
    case OPTION_JOBS:
        if (parse_count(&count, argument, OPTIONS_JOBS_MAX))
            return complain(complaint, "--jobs wants a number from 1 to 256");
        options->jobs = (unsigned)count;
        return 0;
    case OPTION_REFERENCE:
        options->reference = true;
        return 0;
    case 'v':
        options->verbose = true;
        return 0;
    default:
        INVARIANT(option == 'h' || option == 'V');
        options->wish = option == 'h' ? WISH_HELP : WISH_VERSION;
        return 0;
    }
}

static int parse(struct options *options, int argc, char **argv,
                 char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    int option;
    opterr = 0;
    optind = 0; /* glibc: begin afresh, also with another argv */
    while ((option = getopt_long(argc, argv, ":hvV", known, NULL)) != -1) {
        int err;
        if (option == ':')
            err = complain_option(argv[optind - 1], "wants a value", complaint);
        else if (option == '?')
            err = complain_option(argv[optind - 1], "no such option", complaint);
        else
            err = take(options, option, optarg, complaint);
        if (err)
            return err;
    }
    if (optind < argc)
        return complain(complaint, "there is an argument too many (a text with spaces needs "
                                   "quotes)");
    if (options->reference && options->has_bucket)
        return complain(complaint, "the reference's server has no buckets: --reference and "
                                   "--bucket do not go together");
    return 0;
}

int options_parse(struct options *options, int argc, char **argv,
                  char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    struct options read = {.server = "http://127.0.0.1:5000"};
    int err = parse(&read, argc, argv, complaint);
    if (err)
        options_clear(&read);
    else
        *options = read;
    return err;
}

void options_clear(struct options *options)
{
    secret_text_clear(&options->message);
    secret_text_clear(&options->passphrase);
}
