-- From version 5 to 6: mailboxes of groups.

-- A mailbox, by its id, which is a hash of its owner's key; the hour at which it ends (none: it was
-- closed, and no mailbox is opened under this id again), and a number below which its copies had
-- theirs.
CREATE TABLE mailbox (
    id   BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    ends INTEGER CHECK (ends > 0),
    next INTEGER NOT NULL CHECK (next >= 0)
) STRICT, WITHOUT ROWID;

-- A token that a mailbox has taken, by the beginning of it and of its copy; the hour at which both
-- are forgotten; and, until it is removed, the copy, with its number in the mailbox. Numbers tell
-- the order of commits, as readers need it, and none within a commit.
CREATE TABLE mailbox_copy (
    mailbox BLOB NOT NULL CHECK (length(mailbox) = 16),
    r       BLOB NOT NULL CHECK (length(r) = 16),
    ends    INTEGER NOT NULL CHECK (ends > 0),
    number  INTEGER CHECK (number > 0),
    rest    BLOB CHECK (length(rest) = 528 AND (number IS NULL) = (rest IS NULL)),
    PRIMARY KEY (mailbox, r)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 6;
