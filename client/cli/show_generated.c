#include "cli/show_generated.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "cli/json_line.h"
#include "cli/write_all.h"

static int show_event(const struct secret_text *passphrase)
{
    struct json_line *line;
    int err = json_line_open(&line, "passphrase");
    if (err)
        return err;
    json_line_text(line, "passphrase", (const uint8_t *)passphrase->text, passphrase->bytes);
    return json_line_write(line, STDOUT_FILENO);
}

int show_generated(const struct secret_text *passphrase, bool json)
{
    static const char before[] = "Passphrase, shown this once: ";
    if (json)
        return show_event(passphrase);
    int terminal = open("/dev/tty", O_WRONLY | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0)
        return -ENOENT;
    int err = write_all(terminal, before, sizeof before - 1);
    if (!err)
        err = write_all(terminal, passphrase->text, passphrase->bytes);
    if (!err)
        err = write_all(terminal, "\n", 1);
    close(terminal);
    return err;
}
