#include "qr/qr.h"

#include <qrencode.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

enum {
    QUIET_MODULES = 4, /* ISO/IEC 18004, 5.3.8 */
    BLOCK_BYTES = 3,   /* of UTF-8, at most */
};

#define COLOURS    "\033[40;97m"
#define NO_COLOURS "\033[0m\n"

/* Modules outside the code are the quiet zone's. */
static bool is_light(const QRcode *code, int x, int y)
{
    bool inside = x >= 0 && y >= 0 && x < code->width && y < code->width;
    return !inside || !(code->data[y * code->width + x] & 1);
}

static void add(struct qr_picture *picture, const char *text)
{
    size_t bytes = strlen(text);
    memcpy(picture->text + picture->bytes, text, bytes + 1);
    picture->bytes += bytes;
}

static void add_two_rows(struct qr_picture *picture, const QRcode *code, int y)
{
    static const char *const blocks[2][2] = {{" ", "\u2584"}, {"\u2580", "\u2588"}};
    add(picture, COLOURS);
    for (int x = -QUIET_MODULES; x < code->width + QUIET_MODULES; x++)
        add(picture, blocks[is_light(code, x, y)][is_light(code, x, y + 1)]);
    add(picture, NO_COLOURS);
}

static int draw(struct qr_picture *picture, const QRcode *code)
{
    size_t side = (size_t)code->width + 2 * QUIET_MODULES;
    size_t line_bytes = sizeof COLOURS + side * BLOCK_BYTES + sizeof NO_COLOURS;
    *picture = (struct qr_picture){.columns = (int)side};
    picture->text = malloc((side + 1) / 2 * line_bytes + 1);
    if (!picture->text)
        return -ENOMEM;
    for (int y = -QUIET_MODULES; y < code->width + QUIET_MODULES; y += 2)
        add_two_rows(picture, code, y);
    return 0;
}

int qr_draw(struct qr_picture *picture, const char *content)
{
    size_t bytes = strlen(content);
    if (bytes == 0 || bytes > QR_BYTES_MAX)
        return -EMSGSIZE;
    QRcode *code = QRcode_encodeData((int)bytes, (const unsigned char *)content, 0, QR_ECLEVEL_L);
    if (!code)
        return -ENOMEM;
    int err = draw(picture, code);
    secret_wipe(code->data, (size_t)code->width * (size_t)code->width);
    QRcode_free(code);
    return err;
}

void qr_free(struct qr_picture *picture)
{
    if (picture->text)
        secret_wipe(picture->text, picture->bytes);
    free(picture->text);
    *picture = (struct qr_picture){0};
}
