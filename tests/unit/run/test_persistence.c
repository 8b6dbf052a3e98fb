/* The file of --state as a run writes it, and that nothing is owed any more. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"
#include "lib/test.h"
#include "run/persistence.h"

static char folder[] = "/var/tmp/reunion-keeping-XXXXXX";
static char path[128], lock_path[128];

static struct persistence persistence;
static struct multi_session_keeper keeper;

/* Begin a run, and see what the one before has left. */
static void begin_run(const char *content, bool finished)
{
    static char phrase[] = "jelly";
    const struct run_options options = {
        .state_file = path, .shared = {.passphrase = {.text = phrase, .bytes = sizeof phrase - 1}}};
    assert_int_equal(persistence_open(&persistence, &options), OUTCOME_DONE);
    keeper = persistence_keeper(&persistence);
    assert_int_equal(persistence.finished, finished);
    assert_int_equal(persistence.kept_bytes, content ? strlen(content) : 0);
    if (content)
        assert_memory_equal(persistence.kept, content, persistence.kept_bytes);
}

/* Killed, and started again. */
static void see(const char *content, bool finished)
{
    persistence_close(&persistence);
    begin_run(content, finished);
}

static void keep(const char *content)
{
    assert_int_equal(keeper.keep(keeper.state, (const uint8_t *)content, strlen(content)), 0);
}

static void the_mark_comes_with_what_it_is_about(void **state)
{
    (void)state;
    begin_run(NULL, false);
    keep("a session");
    /* A message is told, and its sender has our answer already. */
    persistence_go_on(&persistence);
    persistence_await(&persistence);
    persistence_finish(&persistence);
    see("a session", false);

    keep("a session");
    persistence_go_on(&persistence);
    persistence_await(&persistence);
    persistence_finish(&persistence);
    keep("a session and a message");
    see("a session and a message", true);

    /* The mark stays until another message comes, and comes later where something is owed. */
    keep("a session and a message");
    persistence_go_on(&persistence);
    persistence_await(&persistence);
    keep("a session and two messages");
    see("a session and two messages", false);
    keep("a session and two messages");
    persistence_finish(&persistence);
    see("a session and two messages", true);
    persistence_close(&persistence);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/state", folder);
    snprintf(lock_path, sizeof lock_path, "%s/state.lock", folder);
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_mark_comes_with_what_it_is_about)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    unlink(lock_path);
    rmdir(folder);
    return failed;
}
