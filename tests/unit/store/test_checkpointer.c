#include "lib/test.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/checkpointer.h"

/* A database with a log, as the store has one, on which nobody else checkpoints. */

static char path[] = "/tmp/reunion-checkpointer-XXXXXX";
static sqlite3 *database;
static struct checkpointer checkpointer;
static struct file_watch watch;

static void run_sql(const char *sql)
{
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
}

static int set_up(void **state)
{
    (void)state;
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    int fd = mkstemp(path);
    if (fd < 0)
        return -1;
    close(fd);
    if (sqlite3_open(path, &database) != SQLITE_OK)
        return -1;
    run_sql("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;"
            "CREATE TABLE cake (crumbs BLOB)");
    file_watch_init(&watch, -1);
    assert_int_equal(checkpointer_start(&checkpointer, path, &watch), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    checkpointer_stop(&checkpointer);
    sqlite3_close(database);
    file_watch_free(&watch);
    unlink(path);
    return 0;
}

static off_t size_of(const char *suffix)
{
    char name[sizeof path + 4];
    struct stat file;
    snprintf(name, sizeof name, "%s%s", path, suffix);
    return stat(name, &file) ? -1 : file.st_size;
}

static void the_thread_copies_what_it_is_asked_to(void **state)
{
    (void)state;
    run_sql("INSERT INTO cake VALUES (randomblob(100000))");
    assert_true(size_of("") < 100000);
    assert_false(checkpointer_note(&checkpointer, CHECKPOINT_PAGES - 1));
    assert_false(checkpointer_note(&checkpointer, CHECKPOINT_PAGES));
    checkpointer_stop(&checkpointer);
    assert_true(size_of("") > 100000);
}

static void it_is_asked_now_and_then_and_the_writer_seldom(void **state)
{
    int asked = 0, copied = 0, before = 0;
    (void)state;
    /* A log that grows by ten pages with each commit, and begins anew once the writer copies. */
    for (int pages = 10, commit = 0; commit < 10 * LOG_PAGES_MAX / 10; commit++, pages += 10) {
        if (checkpointer_note(&checkpointer, pages)) {
            copied++;
            assert_true(pages >= LOG_PAGES_MAX && pages < LOG_PAGES_MAX + CHECKPOINT_PAGES);
            pages = 0;
        }
        asked += checkpointer.asked_pages != before ? 1 : 0;
        before = checkpointer.asked_pages;
    }
    assert_in_range(copied, 8, 10);
    assert_in_range(asked, 8 * copied, 11 * copied);
    /* Where the log cannot begin anew, for somebody who reads, the writer does not try each time.
     */
    copied = 0;
    for (int pages = LOG_PAGES_MAX; pages < 2 * LOG_PAGES_MAX; pages += 10)
        copied += checkpointer_note(&checkpointer, pages) ? 1 : 0;
    assert_in_range(copied, 1, LOG_PAGES_MAX / CHECKPOINT_PAGES + 1);
}

static void the_writers_copy_lets_the_log_begin_anew(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++)
        run_sql("INSERT INTO cake VALUES (randomblob(10000))");
    off_t before = size_of("-wal");
    assert_int_equal(checkpointer_copy(&checkpointer, database, SQLITE_CHECKPOINT_PASSIVE), 0);
    for (int i = 0; i < 10; i++)
        run_sql("INSERT INTO cake VALUES (randomblob(10000))");
    assert_true(size_of("-wal") == before);
    assert_int_equal(checkpointer_copy(&checkpointer, database, SQLITE_CHECKPOINT_TRUNCATE), 0);
    assert_true(size_of("-wal") == 0);
}

static void one_that_cannot_open_the_file_says_so(void **state)
{
    struct checkpointer other;
    (void)state;
    assert_int_not_equal(checkpointer_start(&other, "/nowhere/at/all", &watch), 0);
    checkpointer_stop(&other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_thread_copies_what_it_is_asked_to),
        TEST(it_is_asked_now_and_then_and_the_writer_seldom),
        TEST(the_writers_copy_lets_the_log_begin_anew),
        TEST(one_that_cannot_open_the_file_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
