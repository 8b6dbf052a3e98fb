/* What every fuzz target is: one function, called by libFuzzer or by replay.c. */
#ifndef REUNION_TESTS_FUZZ_TARGET_H
#define REUNION_TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* Feed one input to the code under test. Returns: 0; a finding ends the program. libFuzzer chose
 * the name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
