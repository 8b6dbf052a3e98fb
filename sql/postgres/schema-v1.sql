-- The server's records in PostgreSQL, version 1.
--
-- The key of each table begins with the bucket, or with the mailbox, of its rows, so that a
-- database that distributes rows can do it by that column: `bucket` is the second in which its
-- window began (8 bytes, big-endian), its number (4) and the tag of its place (32; the common one's
-- is no bytes), and sorts by them. No column tells when or in which order records arrived.
--
-- `created` is that second once more: it says which partition a row is in. A window has partitions
-- of its own, which are dropped when all its buckets have expired, so that nothing has to be
-- deleted row by row.

CREATE SCHEMA IF NOT EXISTS reunion;
SET search_path = reunion;

-- A bucket of T1s. `ends`: when it dies, if a clock that was wrong has made it.
CREATE TABLE bucket (
    bucket  bytea NOT NULL CHECK (octet_length(bucket) IN (12, 44)),
    created bigint NOT NULL CHECK (created >= 0),
    closed  boolean NOT NULL DEFAULT false, -- takes no more T1s, for ever
    ends    bigint CHECK (ends > 0),
    PRIMARY KEY (bucket, created)
) PARTITION BY RANGE (created);

-- A T1 with the hash of its poster's write key (none: reference endpoints), the number of T2s and
-- T3s in its name, and what it paid: all three columns of the stamp, or none.
CREATE TABLE t1 (
    bucket   bytea NOT NULL,
    created  bigint NOT NULL,
    id       bytea NOT NULL CHECK (octet_length(id) = 32),
    body     bytea NOT NULL CHECK (octet_length(body) = 288),
    key_hash bytea CHECK (octet_length(key_hash) = 32),
    records  bigint NOT NULL DEFAULT 0 CHECK (records BETWEEN 0 AND 4294967295),
    stamp_hour   bigint CHECK (stamp_hour >= 0),
    stamp_nonce  bytea CHECK (octet_length(stamp_nonce) = 16),
    stamp_effort bigint CHECK (stamp_effort BETWEEN 1 AND 4294967295
        AND (stamp_hour IS NULL) = (stamp_effort IS NULL)
        AND (stamp_nonce IS NULL) = (stamp_effort IS NULL)),
    PRIMARY KEY (bucket, created, id)
) PARTITION BY RANGE (created);

-- A T2 or T3, in the bucket of its addressee, as in SQLite.
CREATE TABLE record (
    bucket    bytea NOT NULL,
    created   bigint NOT NULL,
    kind      smallint NOT NULL CHECK (kind IN (2, 3)),
    sender    bytea NOT NULL CHECK (octet_length(sender) = 32),
    addressee bytea NOT NULL CHECK (octet_length(addressee) = 32),
    body      bytea NOT NULL CHECK (octet_length(body) = 32),
    PRIMARY KEY (bucket, created, kind, sender, addressee, body)
) PARTITION BY RANGE (created);

-- A bucket of private links. What is shown in places that no link has is made from the seed.
CREATE TABLE link_bucket (
    bucket  bytea NOT NULL CHECK (octet_length(bucket) = 12),
    created bigint NOT NULL CHECK (created >= 0),
    closed  boolean NOT NULL DEFAULT false,
    ends    bigint CHECK (ends > 0),
    seed    bytea NOT NULL CHECK (octet_length(seed) = 32),
    PRIMARY KEY (bucket, created)
) PARTITION BY RANGE (created);

-- A private link. Its slot was drawn, and tells nothing of when it came.
CREATE TABLE link (
    bucket  bytea NOT NULL,
    created bigint NOT NULL,
    slot    smallint NOT NULL CHECK (slot BETWEEN 0 AND 63),
    body    bytea NOT NULL CHECK (octet_length(body) = 256),
    PRIMARY KEY (bucket, created, slot)
) PARTITION BY RANGE (created);

-- Mailboxes and their copies, as in SQLite.
CREATE TABLE mailbox (
    id   bytea NOT NULL PRIMARY KEY CHECK (octet_length(id) = 16),
    ends bigint CHECK (ends > 0),
    next bigint NOT NULL CHECK (next >= 0)
);
CREATE TABLE mailbox_copy (
    mailbox bytea NOT NULL CHECK (octet_length(mailbox) = 16),
    r       bytea NOT NULL CHECK (octet_length(r) = 16),
    ends    bigint NOT NULL CHECK (ends > 0),
    number  bigint CHECK (number > 0),
    rest    bytea CHECK (octet_length(rest) = 528 AND (number IS NULL) = (rest IS NULL)),
    PRIMARY KEY (mailbox, r)
);

-- What challenges are made from.
CREATE TABLE challenge (
    one integer PRIMARY KEY CHECK (one = 1),
    secret bytea NOT NULL CHECK (octet_length(secret) = 32)
);

-- Who wrote last: random bytes that each commit changes. A server that finds others than its own
-- knows that somebody else has written meanwhile, or that a commit was lost.
CREATE TABLE writer (
    one integer PRIMARY KEY CHECK (one = 1),
    token bytea NOT NULL CHECK (octet_length(token) = 16)
);
INSERT INTO writer (one, token) VALUES (1, '\x00000000000000000000000000000000');

CREATE TABLE about (
    one integer PRIMARY KEY CHECK (one = 1),
    version integer NOT NULL
);
INSERT INTO about (one, version) VALUES (1, 1);
