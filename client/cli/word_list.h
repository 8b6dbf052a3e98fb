/* The list of words that passphrases are generated from. */
#ifndef REUNION_CLI_WORD_LIST_H
#define REUNION_CLI_WORD_LIST_H

enum {
    WORD_LIST_COUNT = 2048, /* 11 bits each */
    WORD_LIST_BYTES = 9,    /* with the terminating zero */
};

/* Different words of 3 to 8 small letters, sorted. */
extern const char word_list[WORD_LIST_COUNT][WORD_LIST_BYTES];

#endif
