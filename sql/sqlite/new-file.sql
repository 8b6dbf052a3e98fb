-- Set on an empty file, before anything is written to it; afterwards it could not be.

-- Freed pages can be given back to the system.
PRAGMA auto_vacuum = INCREMENTAL;
