/* libreunion: two people who share a passphrase exchange a message, and nobody else learns it. */
#ifndef REUNION_H
#define REUNION_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* DESIGN: a session is bytes in, bytes out; it opens no socket and no file and knows no clock.
 * Its driver carries T1, T2 and T3 to the others in any order, late, twice or not at all:
 *
 *     reunion_session_open          ->  one's own T1, for everybody
 *     a T1 of somebody   ->  reunion_session_receive_t1s  ->  T2, for that somebody
 *     a T2 of somebody   ->  reunion_session_receive_t2   ->  T3, for that somebody
 *     a T3 of somebody   ->  reunion_session_receive_t3
 *     after each receive ->  reunion_session_next_reveal  ->  somebody's message
 *
 * A reunion_preparation does in advance what needs no passphrase.
 *
 * Every T1 gets a T2 and every T2 a T3, whoever sent it: an answer does not show whether the other
 * side knows the passphrase. All lengths are in bytes. Functions give 0 or a negative errno code;
 * the codes are named at each. A session serves one thread at a time; different sessions are
 * independent. Secrets lie in guarded memory and are wiped by reunion_session_free. */

#define REUNION_API        __attribute__((visibility("default")))
#define REUNION_MUST_CHECK __attribute__((warn_unused_result))

enum {
    REUNION_SALT_BYTES = 32,
    REUNION_SEED_BYTES = 32,
    REUNION_T1_ID_BYTES = 32,
    REUNION_T2_BYTES = 32,
    REUNION_T3_BYTES = 32,
    REUNION_T1_OVERHEAD_BYTES = 192, /* a T1 is this much longer than its payload */
    REUNION_PAYLOAD_BYTES_MAX = 65536,
    REUNION_PASSPHRASE_BYTES_MAX = 65536,
};

struct reunion_session;
struct reunion_preparation;

/* Where a session's randomness comes from when an answer must be known in advance (tests). */
struct reunion_seeds {
    uint8_t dh[REUNION_SEED_BYTES];
    uint8_t ctidh[REUNION_SEED_BYTES];
    uint8_t gamma[REUNION_SEED_BYTES];
    uint8_t delta[REUNION_SEED_BYTES];
    uint8_t dummy[REUNION_SEED_BYTES];
};

/* What a session is made of; everything is copied. */
struct reunion_setup {
    const uint8_t *passphrase;
    size_t passphrase_bytes; /* 1 to REUNION_PASSPHRASE_BYTES_MAX */
    const uint8_t *payload;  /* what those with the same passphrase will learn */
    size_t payload_bytes;    /* 0 to REUNION_PAYLOAD_BYTES_MAX; visible to everybody */
    const uint8_t *salt;     /* REUNION_SALT_BYTES, the same for all who meet; NULL: zeros */
    const struct reunion_seeds *seeds;       /* NULL: the system's random generator */
    struct reunion_preparation *preparation; /* NULL: none; not with seeds */
};

/* Begin a session. Takes Argon2i's time, a second thread, if there is one to be had, and 100 MB of
 * memory for its duration.
 * With a preparation it has that one's key and leaves it to the caller, who may go on with
 * reunion_preparation_receive_t1s in another thread meanwhile.
 * Returns: 0 and a session owned by the caller; -EINVAL (a length out of range; seeds and a
 * preparation; a preparation that another session had), -ENOMEM, -EIO (the system gives no
 * randomness). */
REUNION_API REUNION_MUST_CHECK int reunion_session_open(struct reunion_session **session,
                                                        const struct reunion_setup *setup);

/* Write a session down, to be gone on with in another run of the program: all its secrets, what it
 * has computed, and whom it has seen. What is written is as secret as the session and must be
 * sealed before it is stored. Its length depends on the T1s and T3s that came, and not on whether
 * anybody was met. The format is versioned and stands at the head of saved.c.
 * Needs: `saved` with `room` bytes; NULL to learn the length.
 * Returns: the length; `saved` is written if `room` is not less. */
REUNION_API size_t reunion_session_save(const struct reunion_session *session, uint8_t *saved,
                                        size_t room);

/* Go on with a session that was written down. It gives the answers it would have given; messages
 * revealed before are handed out once more, in any order. Any bytes may be given.
 * Returns: 0 and a session owned by the caller; -EBADMSG (no such session, or damaged), -ENOTSUP
 * (of a newer version), -ENOMEM, -EIO. */
REUNION_API REUNION_MUST_CHECK int reunion_session_load(struct reunion_session **session,
                                                        const uint8_t *saved, size_t bytes);

/* Wipe and release; NULL is fine. */
REUNION_API void reunion_session_free(struct reunion_session *session);

/* One's own T1, to be shown to everybody; lives as long as the session. */
REUNION_API const uint8_t *reunion_session_t1(const struct reunion_session *session,
                                              size_t *t1_bytes);

/* H(T1) of it, REUNION_T1_ID_BYTES long; lives as long as the session. */
REUNION_API const uint8_t *reunion_session_t1_id(const struct reunion_session *session);

/* One T1 of somebody, and what came of it. */
struct reunion_t1 {
    const uint8_t *bytes; /* in: borrowed for the call */
    size_t length;        /* in */
    int status;           /* out: 0; -EMSGSIZE (no T1 is that short or long); -EBADMSG (its beta is
                           * no public key); -ELOOP (one's own T1); -ENOMEM; -ECANCELED */
    uint8_t id[REUNION_T1_ID_BYTES]; /* out: H(bytes); zeros with -EMSGSIZE */
    uint8_t t2[REUNION_T2_BYTES];    /* out: the answer, if status is 0; zeros otherwise */
    int computed; /* out: 1 if a group action was done for it in this call; 0 otherwise */
};

/* How receive_t1s works through its T1s; NULL there means all processors and no interruption. */
struct reunion_work {
    unsigned threads; /* at most that many; 0: one for each processor */
    /* Asked now and then from any of the threads; once it gives true, T1s not finished get
     * -ECANCELED. May be NULL. */
    int (*canceled)(void *state);
    void *state;
};

/* Take T1s, in any number and order. Each costs one group action, the same T1 or beta again none.
 * A T1 that came before gives the same T2 again. One bad T1 does not touch the others.
 * Returns: 0 whatever the single statuses; -EINVAL (`count` > 0 without `t1s`). */
REUNION_API REUNION_MUST_CHECK int reunion_session_receive_t1s(struct reunion_session *session,
                                                               struct reunion_t1 *t1s, size_t count,
                                                               const struct reunion_work *work);

/* Begin what a session needs besides its passphrase: a CTIDH key, whose public half is computed by
 * a second thread, if there is one to be had. It is good for one session, and no T1 can be made of
 * it without a passphrase. Returns: 0 and a preparation owned by the caller; -ENOMEM, -EIO (no
 * randomness). */
REUNION_API REUNION_MUST_CHECK int
reunion_preparation_open(struct reunion_preparation **preparation);

/* Compute the group actions of T1s, so that the session need not. For one thread at a time. T2s
 * need the passphrase and are zeros here; all else is as with reunion_session_receive_t1s. */
REUNION_API REUNION_MUST_CHECK int
reunion_preparation_receive_t1s(struct reunion_preparation *preparation, struct reunion_t1 *t1s,
                                size_t count, const struct reunion_work *work);

/* Give a session the group actions of the preparation that it was opened with. Their T1s are taken
 * by reunion_session_receive_t1s as any others, at no cost.
 * Returns: 0, -EINVAL (another session's), -ENOMEM (the session computes what is missing). */
REUNION_API REUNION_MUST_CHECK int
reunion_session_adopt(struct reunion_session *session,
                      const struct reunion_preparation *preparation);

/* Wipe and release, after all calls with it have returned; NULL is fine. May take the time of one
 * group action. */
REUNION_API void reunion_preparation_free(struct reunion_preparation *preparation);

/* Whether taking this T1 would need a computation: the check of its beta, and a group action if
 * that is a public key. Its own length, T1s and betas that came before, and betas that are visibly
 * none need none. Returns: 1 or 0. */
REUNION_API int reunion_session_needs_work(const struct reunion_session *session, const uint8_t *t1,
                                           size_t t1_bytes);

/* How many T1s of others it remembers: those that came with status 0, each once. */
REUNION_API size_t reunion_session_t1s(const struct reunion_session *session);

/* Take a T2 of whoever has the T1 with that id, and give the T3 to send back. It is a dummy where
 * the other side does not know the passphrase or its T1 is unknown here; which of the two does
 * not show, in its bytes, time or return code. The same T2 again gives the same T3 unless another
 * valid T2 came between.
 * Returns: 0, -ENOMEM (`t3` untouched). */
REUNION_API REUNION_MUST_CHECK int
reunion_session_receive_t2(struct reunion_session *session,
                           const uint8_t t1_id[REUNION_T1_ID_BYTES],
                           const uint8_t t2[REUNION_T2_BYTES], uint8_t t3[REUNION_T3_BYTES]);

/* Take a T3 of whoever has the T1 with that id. One that comes before its T2 is kept for it, the
 * newest 64 of each T1.
 * Returns: 0, whether or not it revealed something; -ENOENT (unknown T1); -ENOMEM. */
REUNION_API REUNION_MUST_CHECK int
reunion_session_receive_t3(struct reunion_session *session,
                           const uint8_t t1_id[REUNION_T1_ID_BYTES],
                           const uint8_t t3[REUNION_T3_BYTES]);

/* A message from somebody who knows the passphrase; lives as long as the session. */
struct reunion_reveal {
    const uint8_t *t1_id; /* REUNION_T1_ID_BYTES */
    const uint8_t *payload;
    size_t payload_bytes;
};

/* The next message not yet handed out, each once, in the order they became known.
 * Returns: 0, -ENOENT (nothing new; `reveal` untouched). */
REUNION_API REUNION_MUST_CHECK int reunion_session_next_reveal(struct reunion_session *session,
                                                               struct reunion_reveal *reveal);

/* id = H(T1). Any thread. */
REUNION_API void reunion_t1_id(uint8_t id[REUNION_T1_ID_BYTES], const uint8_t *t1, size_t t1_bytes);

/* A short English text for a code given by this library; never NULL. Any thread. */
REUNION_API const char *reunion_error_text(int code);

/* "MAJOR.MINOR.PATCH" of the library. */
REUNION_API const char *reunion_version(void);

/* What group actions are computed with on this machine: "portable", "scalar", "avx2",
 * "avx512f" or "avx512". The fastest that the processor can run is chosen once; REUNION_CTIDH in
 * the environment may name another. Any thread. */
REUNION_API const char *reunion_engine(void);

/* Whether REUNION_CTIDH was followed; if not, the fastest engine is in use all the same.
 * Returns: 0 (or it is not set), -EINVAL (no engine has that name), -ENOTSUP (this machine cannot
 * run it). Any thread. */
REUNION_API REUNION_MUST_CHECK int reunion_engine_check(void);

/* How many T1s one thread works through in hardly more time than one. */
REUNION_API size_t reunion_t1s_at_once(void);

#ifdef __cplusplus
}
#endif

#endif
