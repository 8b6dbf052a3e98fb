/* What a session needs to go on after the program's end, as bytes.
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

static const uint8_t magic[SAVED_MAGIC_BYTES] = {'R', 'M', 'E', 'E'};

static const uint8_t nothing[ID_BYTES];

/* The tag of the place to meet in. */
static const uint8_t *place_of(const struct session *session)
{
    return session->settings.place_tag ? session->settings.place_tag : nothing;
}

static void put_session(struct writer *to, const struct session *session)
{
    const struct transport_place *named = session->settings.named;
    size_t bytes = reunion_session_save(session->progress.session, NULL, 0);
    saved_form_put(to, magic, FORMAT);
    writer_put(to, session->traits.salt, SALT_BYTES);
    writer_be64(to, (uint64_t)session->asked_s);
    writer_put(to, place_of(session), ID_BYTES);
    writer_u8(to, named != NULL);
    writer_put(to, named ? named->token : nothing, ID_BYTES);
    writer_u8(to, session->ever_placed);
    writer_u8(to, session->named_gone);
    writer_put(to, session->own.place.token, ID_BYTES);
    writer_be64(to, session->own.created);
    writer_be32(to, session->own.sequence);
    writer_put(to, session->progress.write_key, WRITE_KEY_BYTES);
    writer_be32(to, (uint32_t)bytes);
    if (to->at)
        reunion_session_save(session->progress.session, to->at + to->bytes, bytes);
    to->bytes += bytes;
}

int session_keep(struct session *session, bool at_once)
{
    const struct session_progress *progress = &session->progress;
    const struct session_keeper *keeper = &session->settings.keeper;
    bool changed = session->unkept || progress->news != session->kept_news ||
                   progress->met != session->kept_met;
    if (!keeper->keep || !session->in_session || !changed)
        return 0;
    struct writer to = {NULL, 0};
    put_session(&to, session);
    uint8_t *kept = secret_alloc(to.bytes);
    if (!kept)
        return -ENOMEM;
    to = (struct writer){kept, 0};
    put_session(&to, session);
    session->unkept = false;
    session->kept_news = progress->news;
    session->kept_met = progress->met;
    return keeper->keep(keeper->state, kept, to.bytes, at_once);
}

/* Whether what was kept was for the place and the bucket that are named now. `link` is the bucket's
 * that was named then, or NULL. Returns: 0, -EXDEV, -EINVAL. */
static int check_wanted(const struct session *session, const uint8_t tag[static ID_BYTES],
                        const uint8_t *bucket_hash, const struct transport_bucket *own)
{
    const struct transport_place *named = session->settings.named;
    if (memcmp(tag, place_of(session), ID_BYTES) != 0)
        return -EXDEV;
    bool same = !named || (bucket_hash && memcmp(bucket_hash, named->token, ID_BYTES) == 0);
    return same || memcmp(own->place.token, named->token, ID_BYTES) == 0 ? 0 : -EINVAL;
}

int session_resume(struct session *session, const uint8_t *kept, size_t bytes)
{
    struct cursor from = cursor_over(kept, bytes);
    uint8_t salt[SALT_BYTES];
    int err = saved_form_take(&from, magic, FORMAT);
    if (err)
        return err;
    cursor_copy(&from, salt, sizeof salt);
    uint64_t asked_s = cursor_be64(&from);
    const uint8_t *tag = cursor_take(&from, ID_BYTES);
    uint8_t named = cursor_u8(&from);
    const uint8_t *bucket_hash = cursor_take(&from, ID_BYTES);
    uint8_t placed = cursor_u8(&from), named_gone = cursor_u8(&from);
    struct transport_bucket own = {.hash_fits = true};
    cursor_copy(&from, own.place.token, ID_BYTES);
    own.created = cursor_be64(&from);
    own.sequence = cursor_be32(&from);
    const uint8_t *write_key = cursor_take(&from, WRITE_KEY_BYTES);
    uint32_t reunion_bytes = cursor_be32(&from);
    const uint8_t *saved = cursor_take(&from, reunion_bytes);
    if (cursor_finish(&from) || named > 1 || placed > 1 || named_gone > 1 || asked_s > INT64_MAX)
        return -EBADMSG;
    err = check_wanted(session, tag, named ? bucket_hash : NULL, &own);
    if (err)
        return err;
    struct reunion_session *reunion;
    err = reunion_session_load(&reunion, saved, reunion_bytes);
    if (err)
        return err;
    const struct session_progress_terms shared = terms(session);
    err = session_progress_resume(&session->progress, reunion, write_key, &shared);
    if (err) {
        reunion_session_free(reunion);
        return err;
    }
    memcpy(session->traits.salt, salt, SALT_BYTES);
    session->asked_s = (int64_t)asked_s;
    session->ever_described = session->ever_placed = session->returning = placed;
    session->named_gone = named_gone;
    session->own = own;
    session->in_session = true;
    return 0;
}
