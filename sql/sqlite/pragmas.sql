-- Set on every connection, once the file is known to be ours.

-- One writer; readers and a killed server's successor need no wait.
PRAGMA journal_mode = WAL;

-- An answered post survives a power cut: the log is synchronised by every commit.
PRAGMA synchronous = FULL;

-- What is deleted is overwritten, so that expired records leave the file.
PRAGMA secure_delete = ON;

-- Temporary data stays off the disk, and a doctored schema runs no functions.
PRAGMA temp_store = MEMORY;
PRAGMA trusted_schema = OFF;
