"""The question of the `transactions` check."""

STATEMENT = """
SELECT 'failed' AS outcome, code, recent, burst, burst_known, burst_small, week, amount, burst_amount, newest,
       oldest
FROM (
    SELECT left(error_code, 60) AS code,
           count(*) FILTER (WHERE created_at > now() - make_interval(secs => $1)) AS recent,
           count(*) FILTER (WHERE minutes) AS burst,
           count(amount) FILTER (WHERE minutes) AS burst_known,
           count(*) FILTER (WHERE minutes AND amount < 5) AS burst_small,
           count(*) AS week,
           sum(amount) FILTER (WHERE created_at > now() - make_interval(secs => $1)) AS amount,
           sum(amount) FILTER (WHERE minutes AND amount < 5) AS burst_amount,
           extract(epoch FROM now() - max(created_at)) AS newest,
           extract(epoch FROM now() - min(created_at)) AS oldest
    FROM (
        SELECT error_code, amount, created_at, created_at > now() - interval '10 minutes' AS minutes
        FROM payment_failures
        WHERE created_at > now() - interval '7 days'
    ) AS week
    GROUP BY left(error_code, 60)
) AS failures
UNION ALL
SELECT 'succeeded', NULL, count(*) FILTER (WHERE created_at > now() - make_interval(secs => $1)), 0, 0, 0,
       count(*), NULL, NULL,
       extract(epoch FROM now() - coalesce(
           max(created_at), (SELECT max(created_at) FROM payments WHERE status = 'succeeded')
       )),
       extract(epoch FROM now() - min(created_at))
FROM payments
WHERE status = 'succeeded' AND created_at > now() - interval '7 days'
UNION ALL
SELECT 'pending', NULL, count(*) FILTER (WHERE created_at > now() - interval '24 hours'), 0, 0, 0, count(*),
       sum(amount), NULL, NULL, NULL
FROM payments
WHERE status = 'pending'
  AND created_at BETWEEN now() - interval '7 days' AND now() - make_interval(secs => $2)
UNION ALL
SELECT 'unreadable', left(string_agg(DISTINCT left(status, 20), ', '), 100), 0, 0, 0, 0, 0, NULL, NULL, NULL,
       NULL
FROM payments
WHERE created_at > now() - interval '7 days'
HAVING NOT bool_or(status IN ('succeeded', 'pending', 'refunded'))
"""
"""A rate's window is the last `$1` seconds; what is pending is so for longer than `$2`."""
