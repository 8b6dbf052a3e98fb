#include "lib/test.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/checkpointer.h"
#include "store/database_files.h"

/* A database as the store has one: a writer, a checkpointer, and another program's connection. */

static char path[] = "/tmp/reunion-watch-XXXXXX";
static sqlite3 *database, *other;
static struct database_files files;
static struct checkpointer checkpointer;

static void run_sql(sqlite3 *on, const char *sql)
{
    int code = sqlite3_exec(on, sql, NULL, NULL, NULL);
    if (code != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(on));
}

/* As the writer commits. */
static void write_row(int bytes)
{
    char sql[80];
    snprintf(sql, sizeof sql, "INSERT INTO cake VALUES (randomblob(%d))", bytes);
    assert_int_equal(database_files_check(&files), 0);
    run_sql(database, sql);
    file_watch_note_commit(&files.watch);
}

static int set_up(void **state)
{
    (void)state;
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    int fd = mkstemp(path);
    if (fd < 0)
        return -1;
    close(fd);
    assert_int_equal(database_files_open(&files, path), 0);
    if (sqlite3_open(path, &database) != SQLITE_OK || sqlite3_open(path, &other) != SQLITE_OK)
        return -1;
    sqlite3_busy_timeout(database, 10000);
    sqlite3_busy_timeout(other, 10000);
    run_sql(database, "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;"
                      "PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0;"
                      "CREATE TABLE cake (crumbs BLOB)");
    assert_int_equal(checkpointer_start(&checkpointer, path, &files.watch), 0);
    database_files_note(&files);
    return 0;
}

static int tear_down(void **state)
{
    char name[sizeof path + 4];
    (void)state;
    checkpointer_stop(&checkpointer);
    sqlite3_close(other);
    sqlite3_close(database);
    database_files_close(&files);
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", path, (const char *[]){"", "-wal", "-shm"}[i]);
        (void)unlink(name);
    }
    return 0;
}

static void copy(int mode)
{
    int err = checkpointer_copy(&checkpointer, database, mode);
    assert_true(err == 0 || err == -EAGAIN);
}

/* Our own thread copies meanwhile, and the log begins anew again and again. */
static void our_own_work_is_no_alarm(void **state)
{
    (void)state;
    for (int i = 1; i <= 600; i++) {
        write_row(i % 50 == 0 ? 400000 : 9000);
        if (checkpointer_note(&checkpointer, i % 8 == 0 ? 0 : 2 * CHECKPOINT_PAGES))
            copy(SQLITE_CHECKPOINT_PASSIVE);
        if (i % 37 == 0)
            copy(SQLITE_CHECKPOINT_RESTART);
        if (i % 101 == 0) {
            run_sql(database, "DELETE FROM cake WHERE rowid % 2; PRAGMA incremental_vacuum(100)");
            copy(SQLITE_CHECKPOINT_TRUNCATE);
        }
    }
    assert_int_equal(database_files_check(&files), 0);
}

static void another_programs_work_is_no_alarm(void **state)
{
    static const char *const work[] = {
        "INSERT INTO cake VALUES (randomblob(50000))",
        "PRAGMA wal_checkpoint(PASSIVE)",
        "DELETE FROM cake WHERE rowid % 3 = 0",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "VACUUM",
        "PRAGMA wal_checkpoint(RESTART)",
        "BEGIN; INSERT INTO cake VALUES (randomblob(90000)); ROLLBACK"};
    (void)state;
    run_sql(other, "PRAGMA cache_size = 2"); /* what is rolled back was in the log */
    for (size_t i = 0; i < 140; i++) {
        run_sql(other, work[i * 5 % (sizeof work / sizeof work[0])]);
        if (i % 3 == 0)
            copy(SQLITE_CHECKPOINT_PASSIVE);
        write_row(5000);
    }
}

static void flip_byte(const char *ending, off_t at)
{
    char name[sizeof path + 4];
    unsigned char byte;
    snprintf(name, sizeof name, "%s%s", path, ending);
    FILE *file = fopen(name, "r+e");
    assert_non_null(file);
    assert_int_equal(fseeko(file, at, SEEK_SET), 0);
    assert_int_equal(fread(&byte, 1, 1, file), 1);
    byte ^= 0x40;
    assert_int_equal(fseeko(file, at, SEEK_SET), 0);
    assert_int_equal(fwrite(&byte, 1, 1, file), 1);
    assert_int_equal(fclose(file), 0);
}

static void assert_noticed(enum watched which)
{
    assert_int_equal(database_files_check(&files), -EREMCHG);
    assert_int_equal(atomic_load(&files.watch.overwritten), which);
    assert_int_equal(checkpointer_copy(&checkpointer, database, SQLITE_CHECKPOINT_PASSIVE),
                     -EREMCHG);
    assert_false(database_files_are_ours(&files));
}

static void a_byte_of_the_file_is_noticed(void **state)
{
    (void)state;
    write_row(9000);
    copy(SQLITE_CHECKPOINT_PASSIVE);
    write_row(9000); /* begins the log anew */
    flip_byte("", 4096);
    assert_noticed(WATCHED_FILE);
    flip_byte("", 4096); /* what was seen once stays: nobody knows what else there was */
    assert_noticed(WATCHED_FILE);
}

static void a_byte_of_the_logs_header_is_noticed(void **state)
{
    (void)state;
    write_row(9000);
    flip_byte("-wal", 17);
    assert_noticed(WATCHED_LOG);
}

static void a_log_without_its_end_is_noticed(void **state)
{
    char name[sizeof path + 4];
    struct stat log;
    (void)state;
    write_row(9000);
    snprintf(name, sizeof name, "%s-wal", path);
    assert_int_equal(stat(name, &log), 0);
    assert_int_equal(truncate(name, log.st_size - 4096 - 24), 0);
    assert_noticed(WATCHED_LOG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(our_own_work_is_no_alarm),         TEST(another_programs_work_is_no_alarm),
        TEST(a_byte_of_the_file_is_noticed),    TEST(a_byte_of_the_logs_header_is_noticed),
        TEST(a_log_without_its_end_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
