#include "cli/prompt.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/secret.h"

/* Wait until a byte can be read. A stop goes first. */
static int wait_readable(int fd, const struct stop_source *stop)
{
    struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = stop->fd, .events = POLLIN}};
    while (poll(fds, 2, -1) < 0)
        if (errno != EINTR)
            return -EIO;
    return fds[1].revents ? -ECANCELED : 0;
}

/* Byte by byte, because what follows the line belongs to the next reader. */
static int read_line(char *line, size_t *bytes, int fd, const struct stop_source *stop)
{
    for (size_t length = 0;; length++) {
        int err = wait_readable(fd, stop);
        if (err)
            return err;
        char byte;
        ssize_t got = read(fd, &byte, 1);
        if (got < 0)
            return -EIO;
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

static void say(int fd, const char *text)
{
    /* A question nobody can see still has its answer. */
    ssize_t written = write(fd, text, strlen(text));
    (void)written;
}

static int hide(int fd, struct termios *before)
{
    if (tcgetattr(fd, before))
        return -EIO;
    struct termios silent = *before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    return tcsetattr(fd, TCSAFLUSH, &silent) ? -EIO : 0;
}

int prompt_line_on(struct secret_text *line, int fd, const char *question, bool hidden,
                   const struct stop_source *stop)
{
    bool terminal = isatty(fd);
    struct termios before;
    size_t bytes;
    char *read = secret_alloc(SECRET_TEXT_BYTES_MAX);
    if (!read)
        return -ENOMEM;
    bool silent = terminal && hidden;
    int err = silent ? hide(fd, &before) : 0;
    if (!err) {
        if (terminal)
            say(fd, question);
        err = read_line(read, &bytes, fd, stop);
        if (silent) {
            tcsetattr(fd, TCSAFLUSH, &before);
            say(fd, "\n");
        }
    }
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
