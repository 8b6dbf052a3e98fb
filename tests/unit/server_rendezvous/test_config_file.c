#include "lib/test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/settings_file.h"
#include "option/settings_json.h"
#include "rendezvous/config.h"

static struct config config;
static char *complaints;

static int with_complaints(int (*read)(const char *given, FILE *to), const char *given)
{
    size_t bytes;
    free(complaints);
    FILE *to = open_memstream(&complaints, &bytes);
    assert_non_null(to);
    config_defaults(&config);
    int err = read(given, to);
    assert_int_equal(fclose(to), 0);
    assert_int_equal(err != 0, bytes != 0);
    return err;
}

static int json(const char *text, FILE *to)
{
    const struct settings settings = config_settings(&config);
    return settings_read_json(&settings, text, strlen(text), "a.json", to);
}

static int file(const char *path, FILE *to)
{
    const struct settings settings = config_settings(&config);
    return settings_file_read(&settings, path, to);
}

static void values_of_each_type(void **state)
{
    (void)state;
    assert_int_equal(with_complaints(json, "{\"threads\": 3, \"lifetime\": \"7d\", \"db\": \"x\","
                                           " \"open-window\": 1800, \"waiters-max\": \"5\","
                                           " \"feed-answer-max\": \"1M\", \"log-level\": \"error\","
                                           " \"listen\": [\"unix:a\", \"[::]:2\"]}"),
                     0);
    assert_true(config.threads == 3 && config.lifetime_s == 7 * 86400 &&
                config.open_window_s == 1800);
    assert_true(config.waiters_max == 5 && config.feed_bytes_max == 1 << 20);
    assert_string_equal(config.database.text, "x");
    assert_int_equal(config.listen.count, 2);
    assert_string_equal(config.listen.items[0].text, "unix:a");
    assert_int_equal(with_complaints(json, "{}"), 0);
}

static void what_is_wrong_is_said(void **state)
{
    static const char *const wrong[][2] = {
        {"", "a.json is not well-formed JSON"},
        {"{", "a.json is not well-formed JSON"},
        {"{\n \"threads\": }", "line 2, column 13"},
        {"{} {}", "a.json is not well-formed JSON"},
        {"\n\n{\"threads\": 01}", "line 3"},
        {"{\"threads\": 1, \"threads\": 1}", "duplicate"},
        {"{\"threads\": 99999999999999999999}", "not well-formed"},
        {"[]", "a.json needs a JSON object"},
        {"{\"nonsense\": 1}", "a key in a.json is not a setting: nonsense"},
        {"{\"\": 1}", "is not a setting"},
        {"{\"Threads\": 1}", "did you mean threads?"},
        {"{\"passphrase\": 1}", "see --help"},
        {"{\"help\": true}", "\"help\" in a.json cannot be set there"},
        {"{\"config\": \"b.json\"}", "\"config\" in a.json cannot be set there"},
        {"{\"threads\": 0}", "\"threads\" in a.json needs N from 1 to 64, not \"0\""},
        {"{\"threads\": -1}", "\"threads\" in a.json needs N"},
        {"{\"threads\": 1.0}", "as an integer or a string"},
        {"{\"threads\": true}", "as an integer or a string"},
        {"{\"threads\": [1]}", "as an integer or a string"},
        {"{\"threads\": null}", "as an integer or a string"},
        {"{\"lifetime\": \"1w\"}", "\"lifetime\" in a.json needs TIME"},
        {"{\"db\": 1}", "\"db\" in a.json needs FILE of 1 to 1023 bytes, as a string"},
        {"{\"db\": \"\"}", "\"db\" in a.json needs FILE"},
        {"{\"db\": \"a\\u0000b\"}", "not well-formed"},
        {"{\"log-level\": 3}", "as a string"},
        {"{\"salt\": 0}", "as a string"},
        {"{\"listen\": \"a:1\"}", "as an array of strings"},
        {"{\"listen\": []}", "as an array of strings"},
        {"{\"listen\": [\"a:1\", 2]}", "as an array of strings"},
        {"{\"listen\": [\"\"]}", "\"listen\" in a.json needs ADDRESS:PORT"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(with_complaints(json, wrong[i][0]), -EINVAL);
        if (!strstr(complaints, wrong[i][1]))
            fail_msg("%s: %s", wrong[i][0], complaints);
    }
    assert_int_equal(with_complaints(json, "{\"x\": 1, \"threads\": 0}"), -EINVAL);
    assert_true(strstr(complaints, "setting: x") && strstr(complaints, "needs N"));
}

static void files_that_cannot_be_read(void **state)
{
    char folder[] = "/tmp/reunion-config-XXXXXX", path[sizeof folder + 8];
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/c.json", folder);
    assert_int_equal(with_complaints(file, path), -EINVAL);
    assert_non_null(strstr(complaints, "No such file"));
    assert_int_equal(with_complaints(file, folder), -EINVAL);
    assert_non_null(strstr(complaints, "Is a directory"));
    FILE *to = fopen(path, "we");
    assert_non_null(to);
    fprintf(to, "{\"threads\": 7}%*s", SETTINGS_FILE_BYTES_MAX - 14, "");
    assert_int_equal(fflush(to), 0);
    assert_int_equal(with_complaints(file, path), 0);
    assert_int_equal(config.threads, 7);
    fputc(' ', to);
    assert_int_equal(fclose(to), 0);
    assert_int_equal(with_complaints(file, path), -EINVAL);
    assert_non_null(strstr(complaints, "longer than 65536 bytes"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static int forget(void **state)
{
    (void)state;
    free(complaints);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_each_type),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(files_that_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, forget);
}
