#include "cli/prompt.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/fatal_signals.h"
#include "cli/readable.h"

/* DESIGN: while a question stands on a terminal, SIGTSTP and all signals that would end the program
 * at once (SIGQUIT, SIGUSR1 ...) come through a descriptor, so that the terminal can be given back
 * as it was before the program stops or ends, and hidden and asked again when it goes on. Every way
 * out of prompt_line_on passes through leave(). */

struct question {
    int fd;
    const char *text;
    bool terminal;
    bool silent;           /* echo is off */
    bool changed;          /* `before` is how the terminal was */
    struct termios before; /* if changed */
    int caught;            /* readable when such a signal came; -1 without a terminal */
    sigset_t mask_before;  /* with a terminal */
};

static void print_question(int fd, const char *text)
{
    /* A question nobody can see still has its answer. */
    ssize_t written = write(fd, text, strlen(text));
    (void)written;
}

static int set_terminal(int fd, const struct termios *settings)
{
    int failed;
    while ((failed = tcsetattr(fd, TCSAFLUSH, settings)) && errno == EINTR)
        ;
    return failed ? -errno : 0;
}

/* With IUTF8 a backspace takes a whole character away, also an unseen one of several bytes. */
static int set_for_typing(struct question *question, bool hidden)
{
    if (tcgetattr(question->fd, &question->before))
        return -errno;
    struct termios wanted = question->before;
    wanted.c_iflag |= IUTF8;
    if (hidden)
        wanted.c_lflag &= ~(tcflag_t)ECHO;
    int err = set_terminal(question->fd, &wanted);
    question->changed = !err;
    question->silent = hidden && !err;
    return err;
}

static int catch_signals(struct question *question)
{
    sigset_t caught;
    fatal_signals(&caught);
    sigaddset(&caught, SIGTSTP);
    if (sigprocmask(SIG_BLOCK, &caught, &question->mask_before))
        return -EIO;
    question->caught = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
    return question->caught < 0 ? -EIO : 0;
}

static int enter(struct question *question, bool hidden)
{
    question->terminal = isatty(question->fd);
    question->caught = -1;
    int err = question->terminal ? catch_signals(question) : 0;
    if (!err && question->terminal)
        err = set_for_typing(question, hidden);
    if (!err && question->terminal)
        print_question(question->fd, question->text);
    return err;
}

static void leave(struct question *question)
{
    if (question->changed) {
        int failed = set_terminal(question->fd, &question->before);
        (void)failed; /* the terminal is gone */
    }
    if (question->silent)
        print_question(question->fd, "\n");
    if (question->caught >= 0)
        close(question->caught);
    if (question->terminal)
        sigprocmask(SIG_SETMASK, &question->mask_before, NULL);
}

/* Stop or end as the signal that came would have it, with the terminal as it was, and ask again if
 * the program goes on. */
static int give_way(struct question *question)
{
    struct signalfd_siginfo taken;
    if (read(question->caught, &taken, sizeof taken) != sizeof taken)
        return 0;
    bool hidden = question->silent;
    leave(question);
    raise((int)taken.ssi_signo);
    *question = (struct question){.fd = question->fd, .text = question->text};
    return enter(question, hidden);
}

static int wait_readable(struct question *question, const struct stop_source *stop)
{
    for (;;) {
        int which;
        int err = readable_wait_either(question->fd, question->caught, &which, stop);
        if (err || which == question->fd)
            return err;
        err = give_way(question);
        if (err)
            return err;
    }
}

/* Byte by byte, because what follows the line belongs to the next reader. */
static int read_line(char *line, size_t *bytes, struct question *question,
                     const struct stop_source *stop)
{
    for (size_t length = 0;; length++) {
        int err = wait_readable(question, stop);
        if (err)
            return err;
        char byte;
        ssize_t got = read(question->fd, &byte, 1);
        if (got < 0)
            return -errno;
        if (got == 0 && length == 0)
            return -ENOENT;
        if (got == 0 || byte == '\n') {
            *bytes = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
            return 0;
        }
        if (length == SECRET_TEXT_BYTES_MAX)
            return -EMSGSIZE;
        line[length] = byte;
    }
}

int prompt_line_on(struct secret_text *line, int fd, const char *question_text, bool hidden,
                   const struct stop_source *stop)
{
    struct question question = {.fd = fd, .text = question_text};
    size_t bytes = 0;
    char *read = secret_alloc(SECRET_TEXT_BYTES_MAX);
    if (!read)
        return -ENOMEM;
    int err = enter(&question, hidden);
    if (!err)
        err = read_line(read, &bytes, &question, stop);
    leave(&question);
    if (!err)
        err = secret_text_set(line, read, bytes);
    secret_free(read);
    return err;
}

int prompt_line(struct secret_text *line, const char *question, bool hidden,
                const struct stop_source *stop)
{
    if (!isatty(STDIN_FILENO))
        return prompt_line_on(line, STDIN_FILENO, question, hidden, stop);
    int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    int err = prompt_line_on(line, terminal >= 0 ? terminal : STDIN_FILENO, question, hidden, stop);
    if (terminal >= 0)
        close(terminal);
    return err;
}
