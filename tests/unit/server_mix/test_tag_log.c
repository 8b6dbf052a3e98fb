#include "mix/tag_log.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/secret.h"
#include "lib/test.h"

enum { NOW = 2833000 };

static char whole[PATH_MAX];
static struct mix_replay *replay;
static struct tag_log *tags;
static struct tag_log_found found;

static void remove_files(void)
{
    DIR *entries = opendir(whole);
    assert_non_null(entries);
    for (struct dirent *each; (each = readdir(entries));)
        if (each->d_name[0] != '.')
            assert_int_equal(unlinkat(dirfd(entries), each->d_name, 0), 0);
    closedir(entries);
}

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(secret_init(), 0);
    const char *folder = getenv("TMPDIR");
    snprintf(whole, sizeof whole, "%s/reunion-tags-XXXXXX", folder ? folder : "/tmp");
    assert_non_null(mkdtemp(whole));
    assert_int_equal(tag_log_begin(whole, "a"), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tag_log_close(tags);
    tags = NULL;
    mix_replay_close(replay);
    replay = NULL;
    remove_files();
    return rmdir(whole);
}

static int begin(const char *boot_id, uint32_t window)
{
    struct tag_log_start start = {boot_id, window};
    mix_replay_close(replay);
    replay = mix_replay_open(100000, &random_system);
    assert_non_null(replay);
    tags = NULL;
    return tag_log_open(&tags, whole, &start, replay, &found);
}

static int keep(uint32_t window, size_t number)
{
    uint8_t tag[MIX_TAG_BYTES] = {0xff, (uint8_t)(number >> 16), (uint8_t)(number >> 8),
                                  (uint8_t)number};
    int err = mix_replay_keep(replay, window, tag);
    if (!err && tags)
        tag_log_add(tags, window, tag);
    return err;
}

static void tags_outlive_a_stop(void **state)
{
    (void)state;
    assert_int_equal(begin("a", NOW), 0);
    assert_false(found.may_lack_tags);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(keep(NOW - 1 + (uint32_t)i % 3, i), 0);
    assert_int_equal(tag_log_close(tags), 0);
    /* Also one of the system. */
    assert_int_equal(begin("b", NOW), 0);
    assert_false(found.may_lack_tags);
    assert_int_equal(found.tags, 1000);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(keep(NOW - 1 + (uint32_t)i % 3, i), -EEXIST);
    assert_int_equal(keep(NOW, 1000), 0);
}

static void what_was_written_outlives_a_kill(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        if (begin("a", NOW) || keep(NOW, 1) || tag_log_write(tags) || keep(NOW, 2))
            _exit(1);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(begin("a", NOW), 0);
    assert_false(found.may_lack_tags);
    assert_int_equal(found.tags, 1);
    assert_int_equal(keep(NOW, 1), -EEXIST);
    assert_int_equal(keep(NOW, 2), 0);
}

static void after_a_boot_without_a_stop_windows_are_refused(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0)
        _exit(begin("a", NOW) || keep(NOW, 1) || tag_log_write(tags) ? 1 : 0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(begin("b", NOW), 0);
    assert_true(found.may_lack_tags);
    assert_int_equal(found.refused, NOW + 1);
    for (uint32_t window = NOW - 1; window <= NOW + 1; window++)
        assert_int_equal(keep(window, 1), -EKEYEXPIRED);
    /* Neither does a stop in order make it forget that. */
    assert_int_equal(tag_log_close(tags), 0);
    assert_int_equal(begin("b", NOW + 1), 0);
    assert_false(found.may_lack_tags);
    assert_int_equal(keep(NOW + 1, 1), -EKEYEXPIRED);
    assert_int_equal(keep(NOW + 2, 1), 0);
}

static void without_a_state_or_a_boot_id_windows_are_refused(void **state)
{
    (void)state;
    char path[sizeof whole + 8];
    snprintf(path, sizeof path, "%s/state", whole);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(begin("a", NOW), 0);
    assert_true(found.may_lack_tags);
    assert_int_equal(tag_log_close(tags), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(begin("", NOW + 10) ? 1 : 0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(begin("", NOW + 10), 0);
    assert_true(found.may_lack_tags);
}

static bool is_there(uint32_t window)
{
    char path[sizeof whole + 24];
    snprintf(path, sizeof path, "%s/tags-%u", whole, window);
    return access(path, F_OK) == 0;
}

static void files_of_old_windows_go(void **state)
{
    (void)state;
    assert_int_equal(begin("a", NOW), 0);
    for (uint32_t window = NOW - 1; window <= NOW + 1; window++)
        assert_true(is_there(window));
    tag_log_set_window(tags, NOW + 1);
    assert_false(is_there(NOW - 1));
    assert_true(is_there(NOW) && is_there(NOW + 1) && is_there(NOW + 2));
    assert_int_equal(tag_log_close(tags), 0);
    assert_int_equal(begin("a", NOW + 100), 0);
    assert_false(is_there(NOW) || is_there(NOW + 1) || is_there(NOW + 2));
}

/* A clock that was ahead, and is right later: what came then is not taken when its time comes. */
static void tags_of_a_time_to_come_wait(void **state)
{
    (void)state;
    assert_int_equal(begin("a", NOW + 5), 0);
    assert_int_equal(keep(NOW + 5, 1), 0);
    assert_int_equal(tag_log_close(tags), 0);
    assert_int_equal(begin("a", NOW), 0);
    assert_true(is_there(NOW + 5));
    for (uint32_t now = NOW + 1; now <= NOW + 4; now++) {
        mix_replay_forget(replay, now);
        tag_log_set_window(tags, now);
    }
    assert_int_equal(keep(NOW + 5, 1), -EEXIST);
    assert_int_equal(keep(NOW + 5, 2), 0);
}

static void a_folder_is_one_processs(void **state)
{
    (void)state;
    struct tag_log *other = NULL;
    struct tag_log_start start = {"a", NOW};
    assert_int_equal(begin("a", NOW), 0);
    assert_int_equal(tag_log_open(&other, whole, &start, replay, &found), -EBUSY);
    assert_null(other);
    assert_int_equal(tag_log_begin(whole, "a"), -EEXIST);
}

static void more_tags_than_the_table_has_room_for(void **state)
{
    (void)state;
    struct tag_log_start start = {"a", NOW};
    assert_int_equal(begin("a", NOW), 0);
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(keep(NOW, i), 0);
    assert_int_equal(tag_log_close(tags), 0);
    tags = NULL;
    mix_replay_close(replay);
    replay = mix_replay_open(10, &random_system);
    assert_int_equal(tag_log_open(&tags, whole, &start, replay, &found), -ENOSPC);
}

static void folders_that_cannot_be_used(void **state)
{
    (void)state;
    struct tag_log_start start = {"a", NOW};
    replay = mix_replay_open(10, &random_system);
    assert_int_equal(tag_log_open(&tags, "/nowhere/at-all", &start, replay, &found), -ENOENT);
    assert_int_equal(tag_log_open(&tags, "/dev/null", &start, replay, &found), -ENOTDIR);
    assert_int_equal(tag_log_begin("/nowhere/at-all", "a"), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest all[] = {
        TEST(tags_outlive_a_stop),
        TEST(what_was_written_outlives_a_kill),
        TEST(after_a_boot_without_a_stop_windows_are_refused),
        TEST(without_a_state_or_a_boot_id_windows_are_refused),
        TEST(files_of_old_windows_go),
        TEST(tags_of_a_time_to_come_wait),
        TEST(a_folder_is_one_processs),
        TEST(more_tags_than_the_table_has_room_for),
        TEST(folders_that_cannot_be_used),
    };
    return cmocka_run_group_tests(all, NULL, NULL);
}
