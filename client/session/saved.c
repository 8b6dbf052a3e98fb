/* What a meet needs to go on after the program's end, as bytes.
 *
 * DESIGN: format 2, integers big-endian:
 *
 *     "RMEE"  format (4)
 *     salt (32)           what the session was opened with
 *     asked (8)           when its T1 was first offered, unix seconds, 0: never
 *     tag (32)            of the place that was named, zeros without one
 *     named (1)  link (32)                        the bucket that was named, zeros without one
 *     had a place (1)     the named bucket is gone (1)
 *     place (32)  created (8)  sequence (4)      of the own bucket, zeros without one
 *     write key (32)
 *     length (4)  session                         as reunion_session_save writes it
 *
 * Whom we saw and what we owe is not in it. The server has all of that: whoever comes back reads
 * its feed from the beginning, and gives the same answers again, which costs no work that the
 * session has done already. So what was kept may be older than what happened, and nothing is lost
 * as long as the session is the one whose T1 stands.
 *
 * In another place the same T1 would tie the two together. With another bucket it would stand where
 * those who come there later do not look, so that is refused too, unless it stands in that bucket;
 * without one its bucket is among all that others look through. */
#include <string.h>

#include "base/secret.h"
#include "session/inside.h"
#include "session/saved_form.h"

enum { FORMAT = 2 };

static const uint8_t magic[KEPT_MAGIC_BYTES] = {'R', 'M', 'E', 'E'};

static const uint8_t nothing[ID_BYTES];

/* The tag of the place to meet in. */
static const uint8_t *place_of(const struct meet *meet)
{
    return meet->settings.place_tag ? meet->settings.place_tag : nothing;
}

static void put_meet(struct writer *to, const struct meet *meet)
{
    const struct transport_place *named = meet->settings.named;
    size_t bytes = reunion_session_save(meet->attendance.session, NULL, 0);
    kept_form_put(to, magic, FORMAT);
    writer_put(to, meet->traits.salt, SALT_BYTES);
    writer_be64(to, (uint64_t)meet->asked_s);
    writer_put(to, place_of(meet), ID_BYTES);
    writer_u8(to, named != NULL);
    writer_put(to, named ? named->token : nothing, ID_BYTES);
    writer_u8(to, meet->ever_placed);
    writer_u8(to, meet->named_gone);
    writer_put(to, meet->own.place.token, ID_BYTES);
    writer_be64(to, meet->own.created);
    writer_be32(to, meet->own.sequence);
    writer_put(to, meet->attendance.write_key, WRITE_KEY_BYTES);
    writer_be32(to, (uint32_t)bytes);
    if (to->at)
        reunion_session_save(meet->attendance.session, to->at + to->bytes, bytes);
    to->bytes += bytes;
}

int meet_keep(struct meet *meet, bool at_once)
{
    const struct attendance *attendance = &meet->attendance;
    const struct meet_keeper *keeper = &meet->settings.keeper;
    bool changed =
        meet->unkept || attendance->news != meet->kept_news || attendance->met != meet->kept_met;
    if (!keeper->keep || !meet->attending || !changed)
        return 0;
    struct writer to = {NULL, 0};
    put_meet(&to, meet);
    uint8_t *kept = secret_alloc(to.bytes);
    if (!kept)
        return -ENOMEM;
    to = (struct writer){kept, 0};
    put_meet(&to, meet);
    meet->unkept = false;
    meet->kept_news = attendance->news;
    meet->kept_met = attendance->met;
    return keeper->keep(keeper->state, kept, to.bytes, at_once);
}

/* Whether what was kept was for the place and the bucket that are named now. `link` is the bucket's
 * that was named then, or NULL. Returns: 0, -EXDEV, -EINVAL. */
static int check_wanted(const struct meet *meet, const uint8_t tag[static ID_BYTES],
                        const uint8_t *link, const struct transport_bucket *own)
{
    const struct transport_place *named = meet->settings.named;
    if (memcmp(tag, place_of(meet), ID_BYTES) != 0)
        return -EXDEV;
    bool same = !named || (link && memcmp(link, named->token, ID_BYTES) == 0);
    return same || memcmp(own->place.token, named->token, ID_BYTES) == 0 ? 0 : -EINVAL;
}

int meet_resume(struct meet *meet, const uint8_t *kept, size_t bytes)
{
    struct cursor from = cursor_over(kept, bytes);
    uint8_t salt[SALT_BYTES];
    int err = kept_form_take(&from, magic, FORMAT);
    if (err)
        return err;
    cursor_copy(&from, salt, sizeof salt);
    uint64_t asked_s = cursor_be64(&from);
    const uint8_t *tag = cursor_take(&from, ID_BYTES);
    uint8_t named = cursor_u8(&from);
    const uint8_t *link = cursor_take(&from, ID_BYTES);
    uint8_t placed = cursor_u8(&from), named_gone = cursor_u8(&from);
    struct transport_bucket own = {.link_fits = true};
    cursor_copy(&from, own.place.token, ID_BYTES);
    own.created = cursor_be64(&from);
    own.sequence = cursor_be32(&from);
    const uint8_t *write_key = cursor_take(&from, WRITE_KEY_BYTES);
    uint32_t session_bytes = cursor_be32(&from);
    const uint8_t *saved = cursor_take(&from, session_bytes);
    if (cursor_finish(&from) || named > 1 || placed > 1 || named_gone > 1 || asked_s > INT64_MAX)
        return -EBADMSG;
    err = check_wanted(meet, tag, named ? link : NULL, &own);
    if (err)
        return err;
    struct reunion_session *session;
    err = reunion_session_load(&session, saved, session_bytes);
    if (err)
        return err;
    const struct attendance_terms shared = terms(meet);
    err = attendance_resume(&meet->attendance, session, write_key, &shared);
    if (err) {
        reunion_session_free(session);
        return err;
    }
    memcpy(meet->traits.salt, salt, SALT_BYTES);
    meet->asked_s = (int64_t)asked_s;
    meet->ever_described = meet->ever_placed = meet->returning = placed;
    meet->named_gone = named_gone;
    meet->own = own;
    meet->attending = true;
    return 0;
}
