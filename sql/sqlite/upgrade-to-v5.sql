-- From version 4 to 5: places. Buckets of before are in the common one, whose tag is no bytes. A
-- place is part of the keys, so the tables are made anew: that takes as much room on the disk
-- again, which is given back afterwards.

ALTER TABLE bucket RENAME TO bucket_v4;
ALTER TABLE t1 RENAME TO t1_v4;
ALTER TABLE record RENAME TO record_v4;

CREATE TABLE bucket (
    created  INTEGER NOT NULL CHECK (created >= 0),
    sequence INTEGER NOT NULL CHECK (sequence BETWEEN 0 AND 4294967295),
    place    BLOB NOT NULL CHECK (length(place) IN (0, 32)),
    closed   INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1)), -- takes no more T1s, for ever
    ends     INTEGER CHECK (ends > 0), -- when it dies, if a clock that was wrong has made it
    PRIMARY KEY (created, sequence, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE t1 (
    created  INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    place    BLOB NOT NULL,
    id       BLOB NOT NULL CHECK (length(id) = 32),
    body     BLOB NOT NULL CHECK (length(body) = 288),
    key_hash BLOB CHECK (length(key_hash) = 32),
    records  INTEGER NOT NULL DEFAULT 0 CHECK (records >= 0), -- T2s and T3s in its name so far
    stamp_hour   INTEGER CHECK (stamp_hour >= 0),
    stamp_nonce  BLOB CHECK (length(stamp_nonce) = 16),
    stamp_effort INTEGER
        CHECK (stamp_effort BETWEEN 1 AND 4294967295
        AND (stamp_hour IS NULL) = (stamp_effort IS NULL)
        AND (stamp_nonce IS NULL) = (stamp_effort IS NULL)),
    PRIMARY KEY (created, sequence, place, id)
) STRICT, WITHOUT ROWID;

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

INSERT INTO bucket SELECT created, sequence, x'', closed, NULL FROM bucket_v4;
INSERT INTO t1 SELECT created, sequence, x'', id, body, key_hash, records,
                      stamp_hour, stamp_nonce, stamp_effort FROM t1_v4;
INSERT INTO record SELECT created, sequence, x'', kind, sender, addressee, body FROM record_v4;

DROP TABLE record_v4;
DROP TABLE t1_v4;
DROP TABLE bucket_v4;

ALTER TABLE link_bucket ADD COLUMN ends INTEGER CHECK (ends > 0);

PRAGMA user_version = 5;
