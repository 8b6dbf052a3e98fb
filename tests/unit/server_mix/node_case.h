/* What tests of one mix in memory have in common: a world, a client of mix 0, and settings that a
 * test changes before it begins. */
#ifndef REUNION_TESTS_UNIT_SERVER_MIX_NODE_CASE_H
#define REUNION_TESTS_UNIT_SERVER_MIX_NODE_CASE_H

#include "world.h"

extern struct world world;
extern struct world_client client;
extern struct node_settings settings;
extern const size_t route[MIX_HOPS_MAX]; /* mixes 0 to 4 */

int set_up(void **state);
int tear_down(void **state);

/* Begin so many mixes. */
void begin(size_t mixes);

uint64_t counted(size_t mix, enum node_count which);

/* A packet over mixes 0 and 1, so that mix 0 forwards it. */
void send_forwarded(void);

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
