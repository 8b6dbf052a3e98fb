#include "session/outbox.h"

#include <stdlib.h>
#include <string.h>

static int make_room(struct letters *letters)
{
    if (letters->count < letters->room)
        return 0;
    size_t room = letters->room > 0 ? 2 * letters->room : 16;
    void *wider = reallocarray(letters->letter, room, sizeof *letters->letter);
    if (!wider)
        return -ENOMEM;
    letters->letter = wider;
    letters->room = room;
    return 0;
}

int outbox_add(struct outbox *outbox, enum record_kind kind, const struct transport_place *place,
               const uint8_t addressee[static ID_BYTES],
               const uint8_t body[static RECORD_BODY_BYTES])
{
    struct letters *letters = kind == RECORD_T2 ? &outbox->t2s : &outbox->t3s;
    int err = make_room(letters);
    if (err)
        return err;
    struct transport_letter *letter = &letters->letter[letters->count++];
    letter->place = *place;
    memcpy(letter->addressee, addressee, ID_BYTES);
    memcpy(letter->body, body, RECORD_BODY_BYTES);
    letter->outcome = TRANSPORT_LATER;
    return 0;
}

size_t outbox_count(const struct outbox *outbox)
{
    return outbox->t2s.count + outbox->t3s.count;
}

bool outbox_is_empty(const struct outbox *outbox)
{
    return outbox_count(outbox) == 0;
}

static int post(struct outbox *outbox, struct letters *letters, enum record_kind kind,
                struct transport *transport)
{
    if (letters->count == 0)
        return 0;
    int err = transport->verbs->send(transport, kind, letters->letter, letters->count);
    size_t kept = 0;
    for (size_t i = 0; i < letters->count; i++) {
        if (letters->letter[i].outcome == TRANSPORT_LATER)
            letters->letter[kept++] = letters->letter[i];
        else if (letters->letter[i].outcome == TRANSPORT_REFUSED)
            outbox->refused++;
    }
    letters->count = kept;
    return !err && kept > 0 ? -EAGAIN : err;
}

int outbox_post(struct outbox *outbox, struct transport *transport)
{
    int err = post(outbox, &outbox->t2s, RECORD_T2, transport);
    return err ? err : post(outbox, &outbox->t3s, RECORD_T3, transport);
}

void outbox_clear(struct outbox *outbox)
{
    free(outbox->t2s.letter);
    free(outbox->t3s.letter);
    *outbox = (struct outbox){.refused = outbox->refused};
}
