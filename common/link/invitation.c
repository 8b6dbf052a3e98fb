#include "link/invitation.h"

#include <stdbool.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"

/* DESIGN: the text is read once, from left to right, through a window that knows its end; it may
 * hold zeros or anything else. Nothing is written to the caller's struct before all is well. */

static const char scheme[] = "reunion-link:";
static const char version[] = "v1?";

_Static_assert(sizeof scheme + sizeof version + sizeof "server=&bucket=&salt=#" +
                       3 * (INVITATION_SERVER_BYTES + INVITATION_PASSPHRASE_BYTES) + 2 * ID_BYTES +
                       2 * LINK_SALT_BYTES <=
                   INVITATION_TEXT_BYTES,
               "the longest invitation fits");

struct window {
    const char *at;
    size_t left;
};

/* Characters */

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What may stand for itself in a query's value and in a fragment: RFC 3986, sections 3.4 and 3.5,
 * without the "&" that ends a value. */
static bool is_allowed(char c)
{
    return is_alphanumeric(c) || (c != '\0' && strchr("-._~!$'()*+,;=:@/?", c));
}

/* What is written as itself: of that, what no shell and no program that looks for links in text
 * makes something else of. */
static bool is_plain(char c)
{
    return is_alphanumeric(c) || (c != '\0' && strchr("-._~:@/", c));
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Reading */

static struct window trimmed(const char *text, size_t bytes)
{
    static const char space[] = " \t\r\n";
    while (bytes > 0 && memchr(space, text[0], sizeof space - 1)) {
        text++;
        bytes--;
    }
    while (bytes > 0 && memchr(space, text[bytes - 1], sizeof space - 1))
        bytes--;
    return (struct window){text, bytes};
}

static bool take_prefix(struct window *window, const char *prefix)
{
    size_t length = strlen(prefix);
    if (window->left < length || memcmp(window->at, prefix, length) != 0)
        return false;
    window->at += length;
    window->left -= length;
    return true;
}

/* Cut off what stands before the first `end`, and that character, or all if there is none. */
static struct window take_until(struct window *window, char end)
{
    const char *found = memchr(window->at, end, window->left);
    size_t length = found ? (size_t)(found - window->at) : window->left;
    struct window taken = {window->at, length};
    window->at += length + (found ? 1 : 0);
    window->left -= length + (found ? 1 : 0);
    return taken;
}

/* One character, escaped or plain. Returns: whether it was one; none of them is a zero. */
static bool take_character(struct window *window, char *character)
{
    char c = *window->at;
    if (c != '%') {
        *character = c;
        window->at++;
        window->left--;
        return is_allowed(c);
    }
    int high = window->left >= 3 ? digit_value(window->at[1]) : -1;
    int low = high >= 0 ? digit_value(window->at[2]) : -1;
    if (low < 0 || (high == 0 && low == 0))
        return false;
    *character = (char)(high << 4 | low);
    window->at += 3;
    window->left -= 3;
    return true;
}

/* Into `text`, which is empty, has room for `capacity` bytes and is terminated. An empty value is
 * refused, as is a second one. */
static int unescape(char *text, size_t capacity, struct window value)
{
    if (text[0] != '\0' || value.left == 0)
        return -EBADMSG;
    for (size_t length = 0; value.left > 0; length++) {
        if (length + 1 >= capacity || !take_character(&value, &text[length]))
            return -EBADMSG;
        text[length + 1] = '\0';
    }
    return 0;
}

static int read_hex(uint8_t *out, size_t bytes, bool *given, struct window value)
{
    char digits[2 * ID_BYTES + 1] = "";
    if (*given || value.left != 2 * bytes)
        return -EBADMSG;
    *given = true;
    memcpy(digits, value.at, value.left);
    return hex_decode(out, bytes, digits);
}

static int read_parameters(struct invitation *invitation, struct window query)
{
    bool has_bucket = false, has_salt = false;
    int err = query.left > 0 && query.at[query.left - 1] == '&' ? -EBADMSG : 0;
    while (!err && query.left > 0) {
        struct window parameter = take_until(&query, '&');
        if (take_prefix(&parameter, "server="))
            err = unescape(invitation->server, INVITATION_SERVER_BYTES, parameter);
        else if (take_prefix(&parameter, "bucket="))
            err = read_hex(invitation->bucket, ID_BYTES, &has_bucket, parameter);
        else if (take_prefix(&parameter, "salt="))
            err = read_hex(invitation->salt, LINK_SALT_BYTES, &has_salt, parameter);
        else
            err = -EBADMSG;
    }
    return err || !has_bucket || !has_salt || invitation->server[0] == '\0' ? -EBADMSG : 0;
}

int invitation_parse(struct invitation *invitation, const char *text, size_t bytes)
{
    struct invitation read = {0};
    struct window window = trimmed(text, bytes);
    if (!take_prefix(&window, scheme))
        return -EBADMSG;
    if (!take_prefix(&window, version))
        return -ENOTSUP;
    bool has_fragment = memchr(window.at, '#', window.left) != NULL;
    int err = read_parameters(&read, take_until(&window, '#'));
    if (!err && has_fragment)
        err = unescape(read.passphrase, INVITATION_PASSPHRASE_BYTES, window);
    if (!err)
        *invitation = read;
    invitation_wipe(&read);
    return err;
}

/* Writing */

static char *print_text(char *to, const char *text)
{
    size_t length = strlen(text);
    memcpy(to, text, length);
    return to + length;
}

static char *print_escaped(char *to, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (; *text; text++) {
        if (is_plain(*text)) {
            *to++ = *text;
        } else {
            *to++ = '%';
            *to++ = digits[(uint8_t)*text >> 4];
            *to++ = digits[(uint8_t)*text & 15];
        }
    }
    return to;
}

static char *print_hex(char *to, const uint8_t *data, size_t bytes)
{
    hex_encode(to, data, bytes);
    return to + 2 * bytes;
}

void invitation_print(char text[static INVITATION_TEXT_BYTES], const struct invitation *invitation)
{
    char *to = print_text(text, scheme);
    to = print_text(to, version);
    to = print_escaped(print_text(to, "server="), invitation->server);
    to = print_hex(print_text(to, "&bucket="), invitation->bucket, ID_BYTES);
    to = print_hex(print_text(to, "&salt="), invitation->salt, LINK_SALT_BYTES);
    if (invitation->passphrase[0])
        to = print_escaped(print_text(to, "#"), invitation->passphrase);
    *to = '\0';
}

void invitation_wipe(struct invitation *invitation)
{
    secret_wipe(invitation, sizeof *invitation);
}
