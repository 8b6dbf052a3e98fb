#include "lib/test.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"

/* The list in base/err.h. */
static const int codes[] = {
    0,       -EINVAL,    -EBADMSG, -EMSGSIZE,    -ENOENT, -EEXIST, -EBUSY, -ENOSPC,       -EDQUOT,
    -EMFILE, -EFBIG,     -EACCES,  -EKEYEXPIRED, -ELOOP,  -ENOMEM, -EIO,   -EHOSTUNREACH, -EPROTO,
    -EAGAIN, -ECANCELED, -ENOTSUP, -ENFILE,      -EUSERS, -EXDEV,  -EPERM};

static void every_code_has_its_own_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        assert_string_not_equal(err_text(codes[i]), "unknown error");
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(err_text(codes[i]), err_text(codes[j]));
    }
}

static void other_codes_have_a_text_too(void **state)
{
    (void)state;
    assert_string_equal(err_text(1), "unknown error");
    assert_string_equal(err_text(-99999), "unknown error");
}

static void a_broken_invariant_aborts_and_says_which(void **state)
{
    (void)state;
    int out[2];
    assert_int_equal(pipe(out), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(out[1], STDERR_FILENO);
        INVARIANT(out[0] == -7);
        _exit(0);
    }
    close(out[1]);
    char text[256] = "";
    size_t length = 0;
    for (ssize_t got; (got = read(out[0], text + length, sizeof text - 1 - length)) > 0;)
        length += (size_t)got;
    close(out[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(text, "test_err.c:"));
    assert_non_null(strstr(text, "out[0] == -7"));
}

static void an_invariant_that_holds_says_nothing(void **state)
{
    (void)state;
    int evaluated = 0;
    INVARIANT(++evaluated == 1);
    assert_int_equal(evaluated, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_its_own_text),
        cmocka_unit_test(other_codes_have_a_text_too),
        cmocka_unit_test(a_broken_invariant_aborts_and_says_which),
        cmocka_unit_test(an_invariant_that_holds_says_nothing),
    };
    return cmocka_run_group_tests_name("base/err", tests, NULL, NULL);
}
