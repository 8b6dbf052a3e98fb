-- From version 3 to 4: what T1s paid, and the secret of the server's challenges.

-- What a T1 paid: the hour of the challenge that the stamp was made for, its nonce, and what it
-- was worth then; all three, or none.
ALTER TABLE t1 ADD COLUMN stamp_hour INTEGER CHECK (stamp_hour >= 0);
ALTER TABLE t1 ADD COLUMN stamp_nonce BLOB CHECK (length(stamp_nonce) = 16);
ALTER TABLE t1 ADD COLUMN stamp_effort INTEGER
    CHECK (stamp_effort BETWEEN 1 AND 4294967295
           AND (stamp_hour IS NULL) = (stamp_effort IS NULL)
           AND (stamp_nonce IS NULL) = (stamp_effort IS NULL));

-- What challenges are made from. It outlives a restart, and so do the stamps of the last two hours.
CREATE TABLE challenge (
    only   INTEGER PRIMARY KEY CHECK (only = 1),
    secret BLOB NOT NULL CHECK (length(secret) = 32)
) STRICT;
INSERT INTO challenge (only, secret) VALUES (1, randomblob(32));

PRAGMA user_version = 4;
