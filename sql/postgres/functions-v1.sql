-- What is done by name of a partition, for schema version 1.

-- Begin a commit: it fails unless the last one was this server's.
CREATE FUNCTION begin_commit(known bytea, new bytea) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE writer SET token = new WHERE one = 1 AND token = known;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'somebody else has written to this database' USING ERRCODE = 'RU001';
    END IF;
END $$;

-- Make the partitions of a window, if they are not there. They are made apart and attached: that
-- waits for nobody who reads.
CREATE FUNCTION open_window(tables text[], began bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    part text;
BEGIN
    FOREACH parent IN ARRAY tables LOOP
        part := parent || '_' || began;
        IF to_regclass('reunion.' || part) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, parent);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
                           parent, part, began, began + 1);
        END IF;
    END LOOP;
END $$;

-- Drop the partitions of one window of which no bucket is left; the first of the tables has the
-- buckets. Returns: whether there was one.
CREATE FUNCTION drop_window(tables text[]) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    part text;
    parent text;
    is_used boolean;
BEGIN
    FOR part IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = tables[1]::regclass ORDER BY c.relname LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', part) INTO is_used;
        IF NOT is_used THEN
            FOREACH parent IN ARRAY tables LOOP
                EXECUTE format('DROP TABLE %I', parent || substr(part, length(tables[1]) + 1));
            END LOOP;
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END $$;

-- What the tables take on the disk.
CREATE FUNCTION stored_bytes() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint
    FROM pg_class c WHERE c.relnamespace = 'reunion'::regnamespace AND c.relkind = 'r'
$$;
