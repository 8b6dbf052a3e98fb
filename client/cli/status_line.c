#include "cli/status_line.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/output_lock.h"
#include "cli/write_all.h"

static const char erase[] = "\r\033[K";

static struct {
    bool open;
    bool drawn;
    char text[STATUS_LINE_BYTES]; /* empty: none */
} status;

static void put(const char *bytes, size_t count)
{
    if (write_all(STDERR_FILENO, bytes, count))
        status.open = false; /* nobody sees it */
}

/* In the background a program keeps its hands off the terminal. */
static bool is_ours(void)
{
    return tcgetpgrp(STDERR_FILENO) == getpgrp();
}

void status_line_open(void)
{
    const char *kind = getenv("TERM");
    status.open = isatty(STDERR_FILENO) && kind && *kind && strcmp(kind, "dumb") != 0;
}

size_t status_line_columns(void)
{
    struct winsize window;
    if (!status.open || !is_ours())
        return 0;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) || window.ws_col == 0)
        window.ws_col = 80;
    /* The last column would make some terminals begin another line. */
    size_t columns = (size_t)window.ws_col - 1;
    return columns < STATUS_LINE_BYTES - 1 ? columns : STATUS_LINE_BYTES - 1;
}

static void draw(void)
{
    char line[sizeof erase + STATUS_LINE_BYTES];
    int bytes =
        snprintf(line, sizeof line, "%s%.*s", erase, (int)status_line_columns(), status.text);
    put(line, (size_t)bytes);
    status.drawn = true;
}

void status_line_show(const char *text)
{
    output_lock();
    if (status_line_columns() > 0 && (!status.drawn || strcmp(status.text, text) != 0)) {
        snprintf(status.text, sizeof status.text, "%s", text);
        draw();
    }
    output_unlock();
}

void status_line_hide(void)
{
    if (status.drawn && status.open && is_ours())
        put(erase, sizeof erase - 1);
    status.drawn = false;
}

void status_line_restore(void)
{
    if (!status.drawn && status.text[0] && status_line_columns() > 0)
        draw();
}

void status_line_clear(void)
{
    output_lock();
    status_line_hide();
    status.text[0] = '\0';
    output_unlock();
}

void status_line_close(void)
{
    output_lock();
    status_line_clear();
    status.open = false;
    output_unlock();
}
