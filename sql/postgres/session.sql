-- Set on every connection, before anything else.

-- Nothing of another schema is taken for ours.
SET search_path = reunion;

-- Whoever locks a table delays posts, and holds up nobody for ever.
SET lock_timeout = '2s';

-- The server has deadlines of its own, and keeps its connections.
SET statement_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET idle_session_timeout = 0;

-- A commit is seen by the next one, and readers have a snapshot where they need one.
SET default_transaction_isolation = 'read committed';
SET default_transaction_read_only = off;

-- The lock of a server whose machine has vanished is free again after half a minute.
SET tcp_keepalives_idle = 10;
SET tcp_keepalives_interval = 5;
SET tcp_keepalives_count = 4;

-- Errors and nothing else come back, and none has a record in it.
SET client_min_messages = error;
SET log_parameter_max_length_on_error = 0;
