-- What has happened in the hotel so far: a month with its days and nights, and a year of rooms and rates ahead.

-- Bookings an hour: few at night, most by day, more at the weekend.
CREATE VIEW demo.hours AS
SELECT now() - make_interval(hours => hour) AS began,
       CASE WHEN extract(hour FROM now() - make_interval(hours => hour)) < 6 THEN 2
            WHEN extract(hour FROM now() - make_interval(hours => hour)) < 9 THEN 3
            ELSE 6 END
       + CASE WHEN extract(isodow FROM now() - make_interval(hours => hour)) > 5 THEN 1 ELSE 0 END AS bookings
FROM generate_series(1, 30 * 24) AS hour;

CREATE VIEW demo.moments AS
SELECT row_number() OVER (ORDER BY began, number) AS number,
       began + interval '1 hour' * (number - 0.5) / bookings AS at
FROM demo.hours, generate_series(1, bookings) AS number;

CREATE TABLE demo.room_types AS
SELECT * FROM (VALUES ('STD', 40, 119.00), ('SUP', 30, 149.00), ('DLX', 20, 189.00), ('STE', 6, 320.00))
    AS room_types (id, rooms, rate);

-- Weekends are nearly sold out in the better room types.
INSERT INTO availability (room_type_id, date, available_rooms, physical_rooms)
SELECT id, day::date,
       CASE WHEN id IN ('DLX', 'STE') AND extract(isodow FROM day) = 6 THEN 1
            WHEN id = 'STE' AND extract(isodow FROM day) = 5 THEN 2
            ELSE greatest(3, rooms / 2 - (extract(doy FROM day)::int % (rooms / 2))) END,
       rooms
FROM demo.room_types, generate_series(current_date - 1, current_date + 400, interval '1 day') AS day;

INSERT INTO room_type_mappings (pms_room_type_id, booking_engine_room_type_id)
SELECT id, 'be-' || lower(id) FROM demo.room_types;

INSERT INTO rates (room_type, rate_plan, date, rate_amount)
SELECT id, plan, day::date, rate * share + CASE WHEN extract(isodow FROM day) IN (5, 6) THEN 30 ELSE 0 END
FROM demo.room_types,
     (VALUES ('BAR', 1.0), ('NRF', 0.9)) AS plans (plan, share),
     generate_series(current_date - 1, current_date + 400, interval '1 day') AS day;

INSERT INTO rate_plan_mappings VALUES ('BAR', 'EXP-BAR', 'expedia'), ('NRF', 'EXP-NRF', 'expedia');

INSERT INTO reservations (ota_reservation_id, room_type_id, check_in, check_out, created_at)
SELECT CASE WHEN number % 3 = 0 THEN 'OTA-RES-' || number END,
       (ARRAY['STD', 'SUP', 'DLX', 'STE'])[1 + number % 4],
       at::date + (number % 40)::int, at::date + (number % 40)::int + 1 + (number % 4)::int, at
FROM demo.moments;

INSERT INTO reservation_import_errors (reservation_id, error, check_in, resolved_at, created_at)
SELECT 'BE-' || day, 'Temporary failure, imported again', current_date,
       now() - make_interval(days => day) + interval '20 minutes', now() - make_interval(days => day)
FROM generate_series(2, 28, 9) AS day;

INSERT INTO payments (status, amount, created_at)
SELECT CASE WHEN number % 40 = 0 THEN 'refunded' ELSE 'succeeded' END, 90 + number % 400, at
FROM demo.moments;

INSERT INTO payment_failures (error_code, amount, created_at)
SELECT (ARRAY['insufficient_funds', 'card_declined', 'expired_card', 'invalid_card'])[1 + number % 4],
       90 + number % 400, at + interval '40 seconds'
FROM demo.moments WHERE number % 33 = 0;

INSERT INTO email_logs (status, bounce_type, response, recipient, suppressed_at, created_at)
SELECT CASE WHEN bounced THEN 'bounced' ELSE 'delivered' END,
       CASE WHEN bounced THEN 'hard' END,
       CASE WHEN bounced THEN '550 5.1.1 no such user' ELSE '250 2.0.0 OK' END,
       'guest' || number || '@mailbox.demo',
       CASE WHEN bounced THEN at + interval '1 minute' END,
       at
FROM (SELECT number, at + interval '5 seconds' AS at, number % 67 = 0 AS bounced FROM demo.moments) AS mails;

INSERT INTO ota_modification_queue
    (ota_reservation_id, status, room_type, new_check_in, new_check_out, new_adults, new_children, created_at, processed_at)
SELECT ota_reservation_id, 'processed', room_type_id, check_in, check_out + 1, 2, 0,
       created_at + interval '1 minute', created_at + interval '64 seconds'
FROM reservations WHERE ota_reservation_id IS NOT NULL AND id % 5 = 0;

INSERT INTO channel_manager_queue (status, created_at, started_at, processed_at)
SELECT 'done', at, at + interval '1 second', at + interval '2 seconds' FROM demo.moments;
