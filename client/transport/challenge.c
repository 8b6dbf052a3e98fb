#include "transport/challenge.h"

#include <string.h>

void challenge_note(struct transport *transport, uint32_t effort,
                    const uint8_t challenge[static STAMP_CHALLENGE_BYTES])
{
    transport->asked.known = true;
    transport->asked.effort = effort;
    memcpy(transport->asked.challenge, challenge, sizeof transport->asked.challenge);
}

static bool is_same(const struct transport_asked *one, const struct transport_asked *other)
{
    return memcmp(one->challenge, other->challenge, sizeof one->challenge) == 0;
}

int challenge_learn(struct transport *transport, challenge_asker *ask)
{
    struct transport_asked shown;
    int err = ask(transport, false, &shown);
    if (err)
        return err;
    /* The same challenge once more: what we found is no good here, and never will be. */
    if (!shown.known || is_same(&shown, &transport->asked))
        return -EPROTO;
    challenge_note(transport, shown.effort > 0 ? shown.effort : 1, shown.challenge);
    return -EDQUOT;
}

int challenge_compare(struct transport *transport, bool *replaced, challenge_asker *ask)
{
    struct transport_asked apart, again;
    int err = ask(transport, true, &apart);
    bool was_replaced = *replaced;
    *replaced = false;
    if (!err && apart.known && is_same(&apart, &transport->asked))
        return 0;
    /* Another hour may have begun: then both agree. A server that lies is found out next time. */
    if (!err)
        err = ask(transport, false, &again);
    if (err)
        return err;
    if (was_replaced || !apart.known || !again.known || !is_same(&apart, &again))
        return -EPERM;
    *replaced = true;
    challenge_note(transport, transport->asked.effort, again.challenge);
    return 0;
}
