"""The questions of the `delivery` and `quota` checks."""

STATEMENT = r"""
WITH day AS (
    SELECT status, left(response, 200) AS response, lower(recipient) AS recipient, recipients, created_at,
           status = 'failed' AND response ~ '\m(5\.1\.([0-6]|10)|4\.2\.\d+|5\.2\.[12])\M' IS TRUE AS guests,
           CASE status WHEN 'bounced' THEN coalesce(bounce_type = 'hard', response !~ '^4', true)
                       WHEN 'failed' THEN response ~ '\m5\.1\.([0-6]|10)\M' IS TRUE
                       ELSE false END AS hard,
           row_number() OVER (ORDER BY created_at DESC) <= 10 OR created_at > now() - interval '1 hour' AS new
    FROM email_logs
    WHERE created_at > now() - interval '24 hours'
), figures AS (
    SELECT count(*) AS mails,
           count(*) FILTER (WHERE status IN ('sent', 'delivered')) AS delivered,
           count(*) FILTER (WHERE status = 'failed' AND NOT guests) AS failed,
           count(*) FILTER (WHERE guests) AS guests,
           count(*) FILTER (WHERE new) AS newest_mails,
           count(*) FILTER (WHERE new AND status = 'failed' AND NOT guests) AS newest_failed,
           count(*) FILTER (WHERE status = 'bounced') AS bounced,
           count(*) FILTER (WHERE hard) AS hard,
           count(*) FILTER (WHERE response ~ '\m5\.1\.1\M') AS no_recipient,
           count(*) FILTER (WHERE response ~ '\m5\.7\.26\M') AS unauthenticated,
           count(*) FILTER (WHERE response ~ '\m5\.4\.5\M') AS over_quota,
           count(*) FILTER (WHERE response ~ '\m4\.7\.0\M') AS refused,
           count(*) FILTER (WHERE status <> 'failed') AS messages,
           coalesce(sum(greatest(recipients, 0)) FILTER (WHERE status <> 'failed'), 0) AS recipients,
           count(*) FILTER (WHERE status <> 'failed' AND created_at > now() - interval '1 hour') AS hour,
           count(*) FILTER (WHERE status <> 'failed' AND created_at < now() - interval '23 hours') AS leaving,
           coalesce(sum(greatest(recipients, 0)) FILTER (
               WHERE status <> 'failed' AND created_at > now() - interval '1 hour'), 0) AS hour_recipients,
           max(created_at) FILTER (WHERE status IN ('sent', 'delivered')) AS went,
           CASE WHEN NOT bool_or(status IN ('sent', 'delivered', 'failed', 'bounced'))
                THEN left(string_agg(DISTINCT left(status, 20), ', '), 100) END AS statuses
    FROM day
), hours AS (
    SELECT least(23, floor(extract(epoch FROM created_at - now() + interval '24 hours') / 3600)) AS step,
           count(*) AS messages,
           sum(greatest(recipients, 0)) AS recipients
    FROM day
    WHERE status <> 'failed'
    GROUP BY 1
)
SELECT mails, delivered, failed, guests, newest_mails, newest_failed, bounced, hard, no_recipient,
       unauthenticated, over_quota, refused, messages, recipients, hour, hour_recipients, leaving, statuses,
       ARRAY(SELECT coalesce(hours.messages, 0) FROM generate_series(0, 23) AS one
             LEFT JOIN hours ON step = one ORDER BY one) AS frees,
       ARRAY(SELECT coalesce(hours.recipients, 0) FROM generate_series(0, 23) AS one
             LEFT JOIN hours ON step = one ORDER BY one) AS frees_recipients,
       extract(epoch FROM now() - coalesce(
           went, (SELECT max(created_at) FROM email_logs WHERE status IN ('sent', 'delivered'))
       )) AS newest,
       CASE WHEN messages >= $1 THEN (
           SELECT extract(epoch FROM created_at + interval '24 hours' - now())
           FROM day WHERE status <> 'failed' ORDER BY created_at OFFSET messages - $1 LIMIT 1
       ) END AS free_in,
       (SELECT count(*) FROM (
           SELECT DISTINCT lower(recipient)
           FROM email_logs AS old
           WHERE status = 'bounced' AND bounce_type = 'hard' AND suppressed_at IS NULL
             AND created_at BETWEEN now() - interval '7 days' AND now() - interval '1 hour'
             AND EXISTS (
                 SELECT FROM day
                 WHERE day.recipient = lower(old.recipient)
                   AND day.created_at > old.created_at + interval '1 hour'
             )
           LIMIT 1001
       ) AS few) AS ignored
FROM figures
"""
"""Of `$1` messages allowed in 24 hours."""

UNCONFIRMED = """
WITH quiet AS (
    SELECT now() - make_interval(secs => $1) AS since
), booked AS (
    SELECT DISTINCT date_trunc('minute', created_at) AS at, since
    FROM reservations, quiet
    WHERE coalesce(ota_reservation_id, '') = ''
      AND created_at BETWEEN since - interval '7 days' AND now() - interval '15 minutes'
), written AS (
    SELECT floor(extract(epoch FROM created_at) / 900) AS quarter, max(created_at) AS newest
    FROM email_logs, quiet
    WHERE status IN ('sent', 'delivered') AND created_at >= since - interval '7 days'
    GROUP BY 1
)
SELECT count(*) FILTER (WHERE at > since) AS unconfirmed,
       count(*) FILTER (WHERE at <= since) AS earlier,
       count(*) FILTER (WHERE at <= since AND (soon.newest >= at OR later.newest IS NOT NULL)) AS followed
FROM booked
LEFT JOIN written AS soon ON soon.quarter = floor(extract(epoch FROM at) / 900)
LEFT JOIN written AS later ON later.quarter = floor(extract(epoch FROM at) / 900) + 1
"""
"""Of bookings that no OTA brought (it writes to its guests itself), those of one minute being one: how many
there were in the last `$1` seconds, and how many in the 7 days before, with and without a mail after them."""
