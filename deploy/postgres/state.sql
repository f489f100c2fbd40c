-- The role that several porters keep their state with, in a database of its own: run as a superuser, in that database.
--
--     createdb nightporter
--     psql -d nightporter -f deploy/postgres/state.sql
--
-- It makes the tables itself, so they are its own; it needs nothing else. It is another role than that of grants.sql,
-- which may write nothing. It may be run again.

DO $$
BEGIN
    -- Nobody's functions come before those of the server.
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog', true);
    -- Who else uses this database would be shut out below.
    IF current_database() IN ('postgres', 'template1') OR EXISTS (
        SELECT FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
            AND pg_get_userbyid(relowner) <> 'nightporter_state'
    ) THEN
        RAISE EXCEPTION 'database % is not for the porter alone: make it one of its own, and name that with -d',
            current_database();
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'nightporter_state') THEN
        CREATE ROLE nightporter_state LOGIN CONNECTION LIMIT 30;   -- three for each porter, and as many during a restart
    END IF;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO nightporter_state', current_database());
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    GRANT USAGE, CREATE ON SCHEMA public TO nightporter_state;
END
$$;
-- Then, so that no password stands in a file or a history: \password nightporter_state
