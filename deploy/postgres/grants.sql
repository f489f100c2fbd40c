-- The role that Night Porter reads the PMS's database with: run as the owner of the tables, or a superuser.
-- It may read the columns that checks need, and nothing else; the limits keep an honest query from holding the PMS
-- up, the grants are what keeps the rest from being read. It may be run again, after an upgrade or for a table that came
-- later; where a table is missing, psql says so and goes on with the next.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'nightporter') THEN
        CREATE ROLE nightporter LOGIN CONNECTION LIMIT 4;
    END IF;
END
$$;
-- Then, so that no password stands in a file or a history: \password nightporter
ALTER ROLE nightporter SET default_transaction_read_only = on;
ALTER ROLE nightporter SET statement_timeout = '3s';
ALTER ROLE nightporter SET lock_timeout = '500ms';
ALTER ROLE nightporter SET idle_in_transaction_session_timeout = '10s';

GRANT USAGE ON SCHEMA public TO nightporter;
GRANT SELECT (room_type_id, date, available_rooms, physical_rooms, updated_at)
    ON availability TO nightporter;
GRANT SELECT (pms_room_type_id, booking_engine_room_type_id, is_active)
    ON room_type_mappings TO nightporter;
GRANT SELECT (ota_reservation_id, room_type_id, check_in, check_out, created_at)
    ON reservations TO nightporter;
GRANT SELECT (reservation_id, error, check_in, resolved_at, created_at)
    ON reservation_import_errors TO nightporter;
GRANT SELECT (room_type, rate_plan, date, rate_amount, updated_at)
    ON rates TO nightporter;
GRANT SELECT (pms_rate_plan_code, ota_rate_plan_code, ota_platform)
    ON rate_plan_mappings TO nightporter;
GRANT SELECT (ota_reservation_id, status, error, new_check_in, created_at, processed_at)
    ON ota_modification_queue TO nightporter;
GRANT SELECT (status, amount, created_at)
    ON payments TO nightporter;
GRANT SELECT (error_code, amount, created_at)
    ON payment_failures TO nightporter;
GRANT SELECT (status, bounce_type, response, recipient, recipients, suppressed_at, created_at)
    ON email_logs TO nightporter;
GRANT SELECT (status, created_at, started_at, processed_at)
    ON channel_manager_queue TO nightporter;
