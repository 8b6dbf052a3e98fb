-- From version 2 to 3: private links.

-- A bucket of private links, whose ids are counted apart from those of the buckets above. What is
-- shown in places that no link has is made from the seed.
CREATE TABLE link_bucket (
    created  INTEGER NOT NULL CHECK (created >= 0),
    sequence INTEGER NOT NULL CHECK (sequence BETWEEN 0 AND 4294967295),
    closed   INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1)), -- takes no more links, for ever
    seed     BLOB NOT NULL CHECK (length(seed) = 32),
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

PRAGMA user_version = 3;
