#include "cli/option_table.h"

#include "cli/options.h"

#define AT(member) offsetof(struct options, member)

enum { BOTH = COMMAND_MEET | COMMAND_CHECK };

const struct option_row option_rows[] = {
    {"msg", "message", 0, OPTION_SECRET, AT(message), 0, 0, GROUP_WORDS, COMMAND_MEET, HINT_NONE,
     "TEXT", NULL, "what those you meet will read",
     "What those you meet will read, up to 96 bytes of UTF-8. Asked for when missing."},
    {"msg-file", NULL, 0, OPTION_TEXT, AT(message_file), 0, 0, GROUP_WORDS, COMMAND_MEET, HINT_FILE,
     "FILE", NULL, "read the message from a file",
     "Read the message from FILE, without the line end at its end; - is standard input."},
    {"passphrase-file", NULL, 0, OPTION_TEXT, AT(passphrase_file), 0, 0, GROUP_WORDS, COMMAND_MEET,
     HINT_FILE, "FILE", NULL, "read the passphrase from a file",
     "Read what you share with them from FILE, which holds one line; - is standard input."},
    {"passphrase-fd", NULL, 0, OPTION_NUMBER, AT(passphrase_fd), 0, OPTIONS_FD_MAX, GROUP_WORDS,
     COMMAND_MEET, HINT_NONE, "N", "the number of an open descriptor",
     "read the passphrase from an open descriptor",
     "Read it from the open descriptor N, to its end."},
    {"passphrase", NULL, 0, OPTION_SECRET, AT(passphrase), 0, 0, GROUP_WORDS, COMMAND_MEET,
     HINT_NONE, "TEXT", NULL, "the passphrase; others can see it",
     "The passphrase itself. An argument can be seen by others before the program starts, and "
     "stays "
     "in the shell's history: rather be asked, or use one of the other ways."},
    {"generate", NULL, 0, OPTION_SWITCH, AT(generate), 0, 0, GROUP_WORDS, COMMAND_MEET, HINT_NONE,
     NULL, NULL, "make a new passphrase and show it once",
     "Make a passphrase of eight words, 88 bits, and show it once on the terminal, to be passed "
     "on."},
    {"confirm", NULL, 0, OPTION_SWITCH, AT(confirm), 0, 0, GROUP_WORDS, COMMAND_MEET, HINT_NONE,
     NULL, NULL, "ask for the passphrase twice",
     "Ask for the passphrase twice, so that a slip of the finger shows."},

    {"server", NULL, 0, OPTION_TEXTS, AT(servers), 0, OPTIONS_TEXTS_MAX, GROUP_PLACE, BOTH,
     HINT_URL, "URL", NULL, "where to meet",
     "Where to meet; http://127.0.0.1:5000 unless told. https://HOST, http:// for this machine and "
     "onion services, or unix:PATH. May be given up to 16 times, to meet at all of them; what is "
     "at "
     "one has nothing in common with what is at another, and a message from both is shown once."},
    {"bucket", NULL, 0, OPTION_LINK, AT(bucket), 0, 0, GROUP_PLACE, BOTH, HINT_NONE, "LINK",
     "a link: 64 digits of 0-9 and a-f", "look for others in this bucket alone",
     "Look for others in this bucket alone. Its link is shown to whoever waits in it, to be passed "
     "on."},
    {"reference", NULL, 0, OPTION_SWITCH, AT(reference), 0, 0, GROUP_PLACE, COMMAND_MEET, HINT_NONE,
     NULL, NULL, "the server is the Python reference",
     "The server speaks the Python reference's protocol."},

    {"cacert", NULL, 0, OPTION_TEXT, AT(ca_file), 0, 0, GROUP_WAY, BOTH, HINT_FILE, "FILE", NULL,
     "the certificate authorities to trust",
     "For https, trust the certificate authorities in this PEM file instead of the system's."},
    {"pin", NULL, 0, OPTION_TEXT, AT(pin), 0, 0, GROUP_WAY, BOTH, HINT_NONE, "HASH", NULL,
     "the hash of the public key to expect",
     "For https, take only a server whose public key has this hash, sha256//BASE64, besides its "
     "certificate being good; several with ';' between."},
    {"insecure-http", NULL, 0, OPTION_SWITCH, AT(insecure_http), 0, 0, GROUP_WAY, BOTH, HINT_NONE,
     NULL, NULL, "http over any network",
     "Use http over a network where others can read along and answer in the server's place."},
    {"proxy", NULL, 0, OPTION_TEXT, AT(proxy), 0, 0, GROUP_WAY, BOTH, HINT_URL, "URL", NULL,
     "a proxy to go through, such as Tor",
     "Go through a proxy, socks5h://HOST:PORT or http://HOST:PORT, which also looks names up. At a "
     "SOCKS proxy each kind of request has a name of its own, which is a circuit of its own in "
     "Tor: "
     "socks5h://127.0.0.1:9050."},

    {"duration", NULL, 0, OPTION_NUMBER, AT(duration_s), 1, OPTIONS_DURATION_S_MAX, GROUP_STAY,
     COMMAND_MEET, HINT_NONE, "SECONDS", "whole seconds, 1 to 1000000000", "how long to stay",
     "How long to stay; until stopped unless told."},
    {"expect", NULL, 0, OPTION_NUMBER, AT(expect), 1, OPTIONS_EXPECT_MAX, GROUP_STAY, COMMAND_MEET,
     HINT_NONE, "N", "a number from 1 to 4096", "end after so many messages",
     "End after N messages, having made sure that the others can get ours; more than N mean that "
     "somebody else knows the passphrase, and have an exit status of their own."},
    {"no-linger", NULL, 0, OPTION_SWITCH, AT(no_linger), 0, 0, GROUP_STAY, COMMAND_MEET, HINT_NONE,
     NULL, NULL, "end without staying a while",
     "With --expect: end at once, not after a random while that hides which exchange was the one."},
    {"jobs", NULL, 0, OPTION_NUMBER, AT(jobs), 1, OPTIONS_JOBS_MAX, GROUP_STAY, BOTH, HINT_NONE,
     "N", "a number from 1 to 256", "threads that compute",
     "Compute on so many threads; one for each processor unless told."},
    {"max-peers", NULL, 0, OPTION_NUMBER, AT(max_peers), 1, OPTIONS_PEERS_MAX, GROUP_STAY,
     COMMAND_MEET, HINT_NONE, "N", "a number from 1 to 65536", "others to deal with at most",
     "Deal with so many others at each server, the newest buckets first, and pass over the rest; "
     "4096 unless told. Each costs a computation, also those that somebody posts to fill buckets."},
    {"state", NULL, 0, OPTION_TEXT, AT(state_file), 0, 0, GROUP_STAY, COMMAND_MEET, HINT_FILE,
     "FILE", NULL, "a file to go on from after an end",
     "Keep the session in this file, sealed with the passphrase, and go on from it when started "
     "again with the same message and servers: in the same bucket, telling no message twice. "
     "Whoever has the file can try passphrases on it, each at the cost of Argon2id."},

    {"json", NULL, 0, OPTION_SWITCH, AT(json), 0, 0, GROUP_OUTPUT, BOTH, HINT_NONE, NULL, NULL,
     "tell events as lines of JSON",
     "Write what happens as events to standard output, one line of JSON each, and nothing else; "
     "EVENTS in the manual page lists them."},
    {"verbose", NULL, 'v', OPTION_SWITCH, AT(verbose), 0, 0, GROUP_OUTPUT, BOTH, HINT_NONE, NULL,
     NULL, "tell what happens", "Tell on standard error what happens, as a log."},
    {"help", NULL, 'h', OPTION_SWITCH, AT(help), 0, 0, GROUP_OUTPUT, BOTH, HINT_NONE, NULL, NULL,
     "show a help text", "Show this."},
    {"version", NULL, 'V', OPTION_SWITCH, AT(version), 0, 0, GROUP_OUTPUT, BOTH, HINT_NONE, NULL,
     NULL, "show the version", "Show the version, and the engine that computes here."},
};

const size_t option_count = sizeof option_rows / sizeof *option_rows;

const char *option_group_title(enum option_group group)
{
    static const char *const titles[GROUP_COUNT] = {
        [GROUP_WORDS] = "Passphrase and message",
        [GROUP_PLACE] = "Where to meet",
        [GROUP_WAY] = "The way there",
        [GROUP_STAY] = "How long and how hard",
        [GROUP_OUTPUT] = "What is told",
    };
    return titles[group];
}
