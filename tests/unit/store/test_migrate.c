#include "lib/test.h"

#include "store/migrate.h"

/* A made-up application with three schemas. */

static const char schema_v1[] = "CREATE TABLE cake (name TEXT) STRICT;"
                                "PRAGMA application_id = 42; PRAGMA user_version = 1;";
static const char schema_v3[] =
    "CREATE TABLE cake (name TEXT, crumbs INTEGER, eaten INTEGER) STRICT;"
    "PRAGMA application_id = 42; PRAGMA user_version = 3;";
static const char *const upgrades[] = {
    "ALTER TABLE cake ADD COLUMN crumbs INTEGER; PRAGMA user_version = 2;",
    "ALTER TABLE cake ADD COLUMN eaten INTEGER; PRAGMA user_version = 3;",
};
static const struct migrate_plan first = {42, 1, 1, schema_v1, NULL};
static const struct migrate_plan third = {42, 1, 3, schema_v3, upgrades};

static sqlite3 *database;

static int set_up(void **state)
{
    (void)state;
    return sqlite3_open(":memory:", &database);
}

static int tear_down(void **state)
{
    (void)state;
    return sqlite3_close(database);
}

static void run_sql(const char *sql)
{
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
}

static int inspected(const struct migrate_plan *plan)
{
    int version = -1;
    int err = migrate_inspect(database, plan, &version);
    return err ? err : version;
}

static void an_empty_file_gets_the_newest(void **state)
{
    (void)state;
    assert_int_equal(inspected(&third), 0);
    assert_int_equal(migrate_run(database, &third, 0), 0);
    assert_int_equal(inspected(&third), 3);
    run_sql("INSERT INTO cake (name, crumbs, eaten) VALUES ('carrot', 1, 0)");
}

static void an_older_one_is_upgraded_and_keeps_its_rows(void **state)
{
    (void)state;
    assert_int_equal(migrate_run(database, &first, 0), 0);
    run_sql("INSERT INTO cake (name) VALUES ('carrot')");
    assert_int_equal(inspected(&third), 1);
    assert_int_equal(migrate_run(database, &third, 1), 0);
    assert_int_equal(inspected(&third), 3);
    run_sql("UPDATE cake SET crumbs = 7, eaten = 1 WHERE name = 'carrot'");
    assert_int_equal(sqlite3_changes(database), 1);
}

static void the_newest_needs_nothing(void **state)
{
    (void)state;
    assert_int_equal(migrate_run(database, &third, 0), 0);
    assert_int_equal(migrate_run(database, &third, 3), 0);
}

static void a_newer_one_is_refused(void **state)
{
    (void)state;
    assert_int_equal(migrate_run(database, &third, 0), 0);
    assert_int_equal(inspected(&first), -ENOTSUP);
}

static void one_older_than_the_oldest_is_refused(void **state)
{
    const struct migrate_plan from_second = {42, 2, 3, schema_v3, &upgrades[1]};
    (void)state;
    assert_int_equal(migrate_run(database, &first, 0), 0);
    assert_int_equal(inspected(&from_second), -EPROTONOSUPPORT);
    run_sql(upgrades[0]);
    assert_int_equal(inspected(&from_second), 2);
    assert_int_equal(migrate_run(database, &from_second, 2), 0);
    assert_int_equal(inspected(&from_second), 3);
}

static void another_applications_is_refused(void **state)
{
    (void)state;
    run_sql("CREATE TABLE bread (name TEXT)");
    assert_int_equal(inspected(&third), -EBADMSG);
    run_sql("PRAGMA application_id = 41; PRAGMA user_version = 1");
    assert_int_equal(inspected(&third), -EBADMSG);
    run_sql("PRAGMA application_id = 42; PRAGMA user_version = 0");
    assert_int_equal(inspected(&third), -EBADMSG);
}

static void a_step_that_fails_is_undone(void **state)
{
    static const char *const broken[] = {
        "ALTER TABLE cake ADD COLUMN crumbs INTEGER; PRAGMA user_version = 2;",
        "ALTER TABLE cake ADD COLUMN eaten INTEGER; SELECT * FROM nowhere; PRAGMA user_version = "
        "3;",
    };
    static const char *const forgetful[] = {"ALTER TABLE cake ADD COLUMN crumbs INTEGER;"};
    (void)state;
    assert_int_equal(migrate_run(database, &first, 0), 0);
    assert_int_equal(migrate_run(database, &(struct migrate_plan){42, 1, 2, "", forgetful}, 1),
                     -EINVAL);
    assert_int_equal(inspected(&third), 1);
    assert_int_equal(migrate_run(database, &(struct migrate_plan){42, 1, 3, "", broken}, 1), -EIO);
    assert_int_equal(inspected(&third), 2);
    /* From where it stopped, the right script goes on. */
    assert_int_equal(migrate_run(database, &third, 2), 0);
    assert_int_equal(inspected(&third), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_file_gets_the_newest),
        TEST(an_older_one_is_upgraded_and_keeps_its_rows),
        TEST(the_newest_needs_nothing),
        TEST(a_newer_one_is_refused),
        TEST(one_older_than_the_oldest_is_refused),
        TEST(another_applications_is_refused),
        TEST(a_step_that_fails_is_undone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
