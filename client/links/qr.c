#include "links/qr.h"

#include <sys/ioctl.h>

#include "cli/print.h"
#include "cli/write_all.h"
#include "qr/qr.h"

/* A line that is broken in two is no code any more. */
static void warn_if_narrow(int fd, int columns)
{
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_col < columns)
        print("the code needs %d columns, and the terminal has %u", columns, (unsigned)size.ws_col);
}

int qr_show(int fd, const char *text)
{
    struct qr_picture picture;
    int err = qr_draw(&picture, text);
    if (err)
        return err;
    err = write_all(fd, picture.text, picture.bytes);
    if (!err)
        warn_if_narrow(fd, picture.columns);
    qr_free(&picture);
    return err;
}
