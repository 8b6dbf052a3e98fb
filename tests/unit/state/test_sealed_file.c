/* Files that only a passphrase opens: what is refused, and that refusing changes nothing. */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "lib/test.h"
#include "state/sealed_file.h"

/* As cheap as Argon2id gets. */
static const struct sealed_file_cost cheap = {.passes = 1, .memory_kib = 8};

static char folder[] = "/var/tmp/reunion-sealed-XXXXXX";
static char path[128], lock_path[128], fresh_path[128];

static int begin(void **state)
{
    (void)state;
    unlink(path);
    unlink(fresh_path);
    return 0;
}

static struct sealed_file_key key_of(const char *passphrase)
{
    return (struct sealed_file_key){(const uint8_t *)passphrase, strlen(passphrase), cheap};
}

static int open_file(struct sealed_file **file, const char *passphrase, uint8_t **content,
                     size_t *bytes)
{
    struct sealed_file_key key = key_of(passphrase);
    return sealed_file_open(file, path, &key, content, bytes);
}

/* Open, which gives an error. */
static int refusal(const char *passphrase)
{
    struct sealed_file *file;
    uint8_t *content;
    size_t bytes;
    int err = open_file(&file, passphrase, &content, &bytes);
    assert_int_not_equal(err, 0);
    return err;
}

static void write_once(const char *passphrase, const char *text)
{
    struct sealed_file *file;
    uint8_t *content;
    size_t bytes;
    assert_int_equal(open_file(&file, passphrase, &content, &bytes), 0);
    secret_free(content);
    assert_int_equal(sealed_file_write(file, (const uint8_t *)text, strlen(text)), 0);
    sealed_file_close(file);
}

static void assert_reads(const char *passphrase, const char *text)
{
    struct sealed_file *file;
    uint8_t *content;
    size_t bytes;
    assert_int_equal(open_file(&file, passphrase, &content, &bytes), 0);
    assert_non_null(content);
    assert_int_equal(bytes, strlen(text));
    assert_memory_equal(content, text, bytes);
    secret_free(content);
    sealed_file_close(file);
}

/* The file as it stands on disk; to be freed. */
static uint8_t *on_disk(size_t *bytes)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    uint8_t *all = malloc(1 << 20);
    *bytes = fread(all, 1, 1 << 20, file);
    fclose(file);
    return all;
}

static void put_on_disk(const uint8_t *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct sealed_file *file;
    uint8_t *content = (uint8_t *)1;
    size_t bytes;
    assert_int_equal(open_file(&file, "jelly", &content, &bytes), 0);
    assert_null(content);
    assert_int_not_equal(access(path, F_OK), 0); /* nothing stands before the first writing */
    assert_int_equal(sealed_file_write(file, (const uint8_t *)"first", 5), 0);
    assert_int_equal(sealed_file_write(file, NULL, 0), 0);
    assert_int_equal(sealed_file_write(file, (const uint8_t *)"third", 5), 0);
    sealed_file_close(file);
    assert_reads("jelly", "third");
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_not_equal(access(fresh_path, F_OK), 0);
}

static void its_size_tells_little(void **state)
{
    (void)state;
    size_t one, other;
    write_once("jelly", "a");
    free(on_disk(&one));
    write_once("jelly", "a message that is longer");
    uint8_t *bytes = on_disk(&other);
    assert_int_equal(one, other);
    assert_null(memmem(bytes, other, "message", 7));
    free(bytes);
}

static void another_passphrase_changes_nothing(void **state)
{
    (void)state;
    size_t before_bytes, after_bytes;
    write_once("jelly", "content");
    uint8_t *before = on_disk(&before_bytes);
    assert_int_equal(refusal("donut"), -EKEYREJECTED);
    assert_int_equal(refusal(""), -EKEYREJECTED);
    uint8_t *after = on_disk(&after_bytes);
    assert_int_equal(after_bytes, before_bytes);
    assert_memory_equal(after, before, before_bytes);
    assert_reads("jelly", "content");
    free(before);
    free(after);
}

/* Each byte altered, each length: refused as damaged, never as a wrong passphrase, and left. */
static void damage_is_reported(void **state)
{
    (void)state;
    size_t bytes, after_bytes;
    write_once("jelly", "content");
    uint8_t *good = on_disk(&bytes);
    uint8_t *bad = malloc(bytes);
    for (size_t at = 0; at < bytes; at += at < 200 ? 1 : 97) {
        memcpy(bad, good, bytes);
        bad[at] ^= 0x20;
        put_on_disk(bad, bytes);
        int err = refusal("jelly");
        assert_true(err == -EBADMSG || (err == -ENOTSUP && at >= 16 && at < 20));
        uint8_t *after = on_disk(&after_bytes);
        assert_int_equal(after_bytes, bytes);
        assert_memory_equal(after, bad, bytes);
        free(after);
    }
    for (size_t kept = 0; kept < bytes; kept += kept < 200 ? 1 : 97) {
        put_on_disk(good, kept);
        assert_int_equal(refusal("jelly"), -EBADMSG);
    }
    put_on_disk(good, bytes);
    assert_reads("jelly", "content");
    free(bad);
    free(good);
}

/* Refused, and seen to be without the passphrase; no lock is left beside it. */
static void assert_no_state_file(int err)
{
    unlink(lock_path);
    assert_int_equal(sealed_file_look(path), err);
    assert_int_equal(refusal("jelly"), err);
    assert_int_equal(access(lock_path, F_OK), -1);
}

static void what_is_no_state_file_is_left_alone(void **state)
{
    (void)state;
    put_on_disk((const uint8_t *)"my notes\n", 9);
    assert_no_state_file(-EBADMSG);
    size_t bytes;
    uint8_t *after = on_disk(&bytes);
    assert_int_equal(bytes, 9);
    assert_memory_equal(after, "my notes\n", 9);
    free(after);
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_no_state_file(-EISDIR);
    rmdir(path);
    assert_int_equal(mkfifo(path, 0600), 0); /* nobody waits for a writer */
    assert_no_state_file(-EMEDIUMTYPE);
    unlink(path);
    assert_int_equal(symlink("/dev/null", path), 0);
    assert_no_state_file(-EMEDIUMTYPE);
    unlink(path);
    assert_int_equal(symlink("nowhere", path), 0);
    assert_no_state_file(-ELOOP);
}

/* The lock and what is written are beside the file that a link leads to. */
static void a_link_is_followed(void **state)
{
    (void)state;
    char link[PATH_MAX];
    struct sealed_file *file;
    uint8_t *content;
    size_t bytes;
    const struct sealed_file_key key = key_of("jelly");
    write_once("jelly", "content");
    snprintf(link, sizeof link, "%s/link", folder);
    assert_int_equal(symlink("state", link), 0);
    assert_int_equal(sealed_file_open(&file, link, &key, &content, &bytes), 0);
    assert_int_equal(sealed_file_look(path), -EBUSY);
    assert_int_equal(sealed_file_write(file, (const uint8_t *)"anew", 4), 0);
    secret_free(content);
    sealed_file_close(file);
    assert_reads("jelly", "anew");
    struct stat about;
    assert_int_equal(lstat(link, &about), 0);
    assert_true(S_ISLNK(about.st_mode));
    unlink(link);
}

static void what_stands_in_the_lock_s_place_is_left_alone(void **state)
{
    (void)state;
    unlink(lock_path);
    assert_int_equal(mkdir(lock_path, 0700), 0);
    assert_int_equal(sealed_file_look(path), -ENOLCK);
    assert_int_equal(refusal("jelly"), -ENOLCK);
    rmdir(lock_path);
    assert_int_equal(symlink(path, lock_path), 0);
    assert_int_equal(sealed_file_look(path), -ENOLCK);
    unlink(lock_path);
}

static void a_look_makes_nothing(void **state)
{
    (void)state;
    unlink(lock_path);
    assert_int_equal(sealed_file_look(path), 0);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(access(lock_path, F_OK), -1);
    assert_int_equal(sealed_file_look("/nowhere/at/all"), -ENOENT);
    assert_int_equal(sealed_file_look(""), -EINVAL);
    write_once("jelly", "content");
    assert_int_equal(sealed_file_look(path), 0);
    assert_reads("jelly", "content");
}

static void two_programs_do_not_share_it(void **state)
{
    (void)state;
    struct sealed_file *file;
    uint8_t *content;
    size_t bytes;
    assert_int_equal(open_file(&file, "jelly", &content, &bytes), 0);
    assert_int_equal(sealed_file_look(path), -EBUSY);
    assert_int_equal(refusal("jelly"), -EBUSY);
    assert_int_equal(sealed_file_write(file, (const uint8_t *)"mine", 4), 0);
    assert_int_equal(refusal("jelly"), -EBUSY); /* also after the file itself is another one */
    sealed_file_close(file);
    assert_reads("jelly", "mine");
}

static void a_folder_that_is_not_there(void **state)
{
    (void)state;
    struct sealed_file *file;
    uint8_t *content;
    size_t bytes;
    struct sealed_file_key key = key_of("jelly");
    assert_int_equal(sealed_file_open(&file, "/nowhere/at/all", &key, &content, &bytes), -ENOENT);
    char longest[5000];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(sealed_file_open(&file, longest, &key, &content, &bytes), -ENAMETOOLONG);
}

/* A disk that is full: the old content stands, and a later writing succeeds. */
static void a_full_disk_loses_nothing(void **state)
{
    (void)state;
    write_once("jelly", "old");
    struct sealed_file *file;
    uint8_t *content;
    size_t bytes;
    assert_int_equal(open_file(&file, "jelly", &content, &bytes), 0);
    secret_free(content);
    struct rlimit usual, tiny;
    getrlimit(RLIMIT_FSIZE, &usual);
    tiny = usual;
    tiny.rlim_cur = 1000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tiny), 0);
    assert_int_equal(sealed_file_write(file, (const uint8_t *)"new", 3), -EFBIG);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &usual), 0);
    assert_int_not_equal(access(fresh_path, F_OK), 0);
    assert_int_equal(sealed_file_write(file, (const uint8_t *)"newer", 5), 0);
    sealed_file_close(file);
    assert_reads("jelly", "newer");
}

static void what_a_killed_program_left_is_no_trouble(void **state)
{
    (void)state;
    write_once("jelly", "old");
    FILE *half = fopen(fresh_path, "wb");
    fputs("half a fil", half);
    fclose(half);
    assert_reads("jelly", "old");
    write_once("jelly", "new");
    assert_reads("jelly", "new");
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    signal(SIGXFSZ, SIG_IGN);
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/state", folder);
    snprintf(lock_path, sizeof lock_path, "%s/state.lock", folder);
    snprintf(fresh_path, sizeof fresh_path, "%s/state.new", folder);
#define FILED(name) cmocka_unit_test_setup(name, begin)
    const struct CMUnitTest tests[] = {
        FILED(what_is_written_is_read),
        FILED(its_size_tells_little),
        FILED(another_passphrase_changes_nothing),
        FILED(damage_is_reported),
        FILED(what_is_no_state_file_is_left_alone),
        FILED(a_link_is_followed),
        FILED(what_stands_in_the_lock_s_place_is_left_alone),
        FILED(a_look_makes_nothing),
        FILED(two_programs_do_not_share_it),
        FILED(a_folder_that_is_not_there),
        FILED(a_full_disk_loses_nothing),
        FILED(what_a_killed_program_left_is_no_trouble),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    unlink(lock_path);
    rmdir(folder);
    return failed;
}
