-- From version 1 to 2: how many records have come in a T1's name, so that the number can be bounded
-- over all buckets. What has expired by now is not counted.

ALTER TABLE t1 ADD COLUMN records INTEGER NOT NULL DEFAULT 0 CHECK (records >= 0);

CREATE TEMP TABLE tally (
    sender  BLOB PRIMARY KEY,
    records INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO tally SELECT sender, count(*) FROM record GROUP BY sender;
UPDATE t1 SET records = (SELECT tally.records FROM tally WHERE tally.sender = t1.id)
    WHERE id IN (SELECT sender FROM tally);
DROP TABLE tally;

PRAGMA user_version = 2;
