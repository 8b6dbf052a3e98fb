-- Set on every connection that only reads.

-- What is read is kept by the server's own cache; pages need not be kept twice.
PRAGMA cache_size = -512;

-- A doctored schema runs no functions, and nothing is written by accident.
PRAGMA trusted_schema = OFF;
PRAGMA query_only = ON;
