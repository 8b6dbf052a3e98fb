#include "links/qr.h"

#include <qrencode.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/secret.h"
#include "cli/print.h"
#include "cli/write_all.h"

enum {
    QUIET_MODULES = 4,                     /* ISO/IEC 18004, 5.3.8 */
    MODULES_MAX = 177 + 2 * QUIET_MODULES, /* a side of version 40 */
    BLOCK_BYTES = 3,                       /* of UTF-8 */
    LINE_BYTES = MODULES_MAX * BLOCK_BYTES + 32,
};

/* Modules outside the code are the quiet zone's. */
static bool is_light(const QRcode *code, int x, int y)
{
    bool inside = x >= 0 && y >= 0 && x < code->width && y < code->width;
    return !inside || !(code->data[y * code->width + x] & 1);
}

static int show_two_rows(int fd, const QRcode *code, int y)
{
    static const char *const blocks[2][2] = {{" ", "\u2584"}, {"\u2580", "\u2588"}};
    char line[LINE_BYTES] = "\033[40;97m";
    size_t length = strlen(line);
    for (int x = -QUIET_MODULES; x < code->width + QUIET_MODULES; x++) {
        const char *block = blocks[is_light(code, x, y)][is_light(code, x, y + 1)];
        memcpy(line + length, block, strlen(block) + 1);
        length += strlen(block);
    }
    memcpy(line + length, "\033[0m\n", 6);
    int err = write_all(fd, line, strlen(line));
    secret_wipe(line, sizeof line);
    return err;
}

/* A line that is broken in two is no code any more. */
static void warn_if_narrow(int fd, int columns)
{
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_col < columns)
        print("the code needs %d columns, and the terminal has %u", columns, (unsigned)size.ws_col);
}

int qr_show(int fd, const char *text)
{
    QRcode *code =
        QRcode_encodeData((int)strlen(text), (const unsigned char *)text, 0, QR_ECLEVEL_L);
    if (!code)
        return errno == ENOMEM ? -ENOMEM : -EIO;
    int err = 0;
    for (int y = -QUIET_MODULES; y < code->width + QUIET_MODULES && !err; y += 2)
        err = show_two_rows(fd, code, y);
    if (!err)
        warn_if_narrow(fd, code->width + 2 * QUIET_MODULES);
    secret_wipe(code->data, (size_t)code->width * (size_t)code->width);
    QRcode_free(code);
    return err;
}
