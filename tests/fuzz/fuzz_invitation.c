#include <string.h>

#include "base/err.h"
#include "fuzz/target.h"
#include "link/invitation.h"

/* Invitations, as somebody pastes them. What is accepted is complete, and reads back as the same
 * from the one spelling it is written with. */

static int parse(struct invitation *invitation, const char *text, size_t bytes)
{
    struct invitation before = *invitation;
    int err = invitation_parse(invitation, text, bytes);
    INVARIANT(err == 0 || err == -EBADMSG || err == -ENOTSUP);
    INVARIANT(!err || memcmp(invitation, &before, sizeof before) == 0);
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct invitation invitation = {.server = "untouched"}, again = {.server = ""};
    char text[INVITATION_TEXT_BYTES];
    if (parse(&invitation, (const char *)data, size))
        return 0;
    INVARIANT(invitation.server[0] != '\0');
    invitation_print(text, &invitation);
    INVARIANT(strlen(text) < sizeof text && !strpbrk(text, " \t\r\n\"'\\<>|;$`"));
    INVARIANT(parse(&again, text, strlen(text)) == 0);
    INVARIANT(memcmp(&again, &invitation, sizeof again) == 0);
    return 0;
}
