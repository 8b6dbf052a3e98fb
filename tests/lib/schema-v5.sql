-- The server's records, version 5.
--
-- Nothing here tells when or in which order records arrived: every table is keyed by what its rows
-- are, and none has a rowid, a counter or a time, but for the second in which a bucket's
-- window began, which is public.

-- A bucket: the unix second in which its window began, its number among that window's buckets of
-- its place, and the tag of the place; the common one's is no bytes.
CREATE TABLE bucket (
    created  INTEGER NOT NULL CHECK (created >= 0),
    sequence INTEGER NOT NULL CHECK (sequence BETWEEN 0 AND 4294967295),
    place    BLOB NOT NULL CHECK (length(place) IN (0, 32)),
    closed   INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1)), -- takes no more T1s, for ever
    ends     INTEGER CHECK (ends > 0), -- when it dies, if a clock that was wrong has made it
    PRIMARY KEY (created, sequence, place)
) STRICT, WITHOUT ROWID;

-- A T1 in its bucket, with the hash of its poster's write key (none: reference endpoints).
CREATE TABLE t1 (
    created  INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    place    BLOB NOT NULL,
    id       BLOB NOT NULL CHECK (length(id) = 32),
    body     BLOB NOT NULL CHECK (length(body) = 288),
    key_hash BLOB CHECK (length(key_hash) = 32),
    records  INTEGER NOT NULL DEFAULT 0 CHECK (records >= 0), -- T2s and T3s in its name so far
    -- What it paid: the hour of the challenge that the stamp was made for, its nonce, and what it
    -- was worth then; all three, or none.
    stamp_hour   INTEGER CHECK (stamp_hour >= 0),
    stamp_nonce  BLOB CHECK (length(stamp_nonce) = 16),
    stamp_effort INTEGER
        CHECK (stamp_effort BETWEEN 1 AND 4294967295
        AND (stamp_hour IS NULL) = (stamp_effort IS NULL)
        AND (stamp_nonce IS NULL) = (stamp_effort IS NULL)),
    PRIMARY KEY (created, sequence, place, id)
) STRICT, WITHOUT ROWID;

-- A T2 or T3, in the bucket of its addressee. An addressee of zeros is everybody in the sender's
-- bucket. The whole record is the key; how many may share a place is the server's rule.
CREATE TABLE record (
    created   INTEGER NOT NULL,
    sequence  INTEGER NOT NULL,
    place     BLOB NOT NULL,
    kind      INTEGER NOT NULL CHECK (kind IN (2, 3)),
    sender    BLOB NOT NULL CHECK (length(sender) = 32),
    addressee BLOB NOT NULL CHECK (length(addressee) = 32),
    body      BLOB NOT NULL CHECK (length(body) = 32),
    PRIMARY KEY (created, sequence, place, kind, sender, addressee, body)
) STRICT, WITHOUT ROWID;

-- A bucket of private links, whose ids are counted apart from those of the buckets above. What is
-- shown in places that no link has is made from the seed.
CREATE TABLE link_bucket (
    created  INTEGER NOT NULL CHECK (created >= 0),
    sequence INTEGER NOT NULL CHECK (sequence BETWEEN 0 AND 4294967295),
    closed   INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1)), -- takes no more links, for ever
    seed     BLOB NOT NULL CHECK (length(seed) = 32),
    ends     INTEGER CHECK (ends > 0), -- as above
    PRIMARY KEY (created, sequence)
) STRICT, WITHOUT ROWID;

-- A private link in its bucket. Its place was drawn, and tells nothing of when it came.
CREATE TABLE link (
    created  INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    place    INTEGER NOT NULL CHECK (place BETWEEN 0 AND 63),
    body     BLOB NOT NULL CHECK (length(body) = 256),
    PRIMARY KEY (created, sequence, place)
) STRICT, WITHOUT ROWID;

-- What challenges are made from. It outlives a restart, and so do the stamps of the last two hours.
CREATE TABLE challenge (
    only   INTEGER PRIMARY KEY CHECK (only = 1),
    secret BLOB NOT NULL CHECK (length(secret) = 32)
) STRICT;
INSERT INTO challenge (only, secret) VALUES (1, randomblob(32));

-- One row that /healthz overwrites, to see that writing works.
CREATE TABLE probe (
    only  INTEGER PRIMARY KEY CHECK (only = 1),
    value BLOB NOT NULL
) STRICT;
INSERT INTO probe (only, value) VALUES (1, x'00');

-- "REUN": says whose file this is, before anything is written to it.
PRAGMA application_id = 1380275534;
PRAGMA user_version = 5;
