"""The question of the `rates` check."""

STATEMENT = """
WITH today AS (
    SELECT (now() AT TIME ZONE $1)::date AS today
), priced AS (
    SELECT btrim(room_type) AS room, btrim(rate_plan) AS plan, date, rate_amount, updated_at, today,
           lag(date) OVER nights AS before, lag(rate_amount) OVER nights AS rate_before
    FROM rates, today
    WHERE date >= today - 60 AND date < today + $2::int
    WINDOW nights AS (PARTITION BY room_type, rate_plan ORDER BY date)
), told AS (
    SELECT room, plan, date, rate_amount, updated_at, today,
           CASE WHEN before >= today - 1 THEN date - before - 1 ELSE 0 END AS skipped, before,
           rate_amount IS NULL OR rate_amount <= 0 AS impossible,
           before = date - 1 AND rate_amount > 0 AND rate_before > 0
               AND (rate_amount > 10 * rate_before OR rate_before > 10 * rate_amount) AS jump
    FROM priced
    WHERE date >= today
), usual AS (
    SELECT room, plan, avg(ln(rate_amount::float8)) FILTER (WHERE date >= today)
               - avg(ln(rate_amount::float8)) FILTER (WHERE date < today) AS shift
    FROM priced
    WHERE rate_amount > 0
    GROUP BY room, plan
), covered AS (
    SELECT room, date, min(rate_amount) FILTER (WHERE rate_amount > 0) AS lowest, max(rate_amount) AS highest
    FROM told
    GROUP BY room, date
), sold AS (
    SELECT btrim(room_type_id) AS room, date, available_rooms > 0 AS free
    FROM availability, today
    WHERE date >= today AND date < today + $2::int
), rooms AS (
    SELECT DISTINCT room FROM covered
    UNION
    SELECT room FROM sold
    WHERE EXISTS (SELECT room FROM sold INTERSECT SELECT room FROM covered)
    GROUP BY room HAVING bool_or(free)
), opening AS (
    SELECT min(date) AS date FROM covered
), missing AS (
    SELECT room, today + step AS date, step
    FROM rooms, today, generate_series(0, $2::int - 1) AS step
    EXCEPT ALL
    SELECT room, date, date - today FROM covered, today
), gaps AS (
    SELECT room, missing.date, step, missing.date < opening.date AS early
    FROM missing LEFT JOIN sold USING (room, date), opening
    WHERE free IS NOT FALSE
), season AS (
    SELECT opening.date AS until
    FROM opening, today
    WHERE opening.date > today AND NOT EXISTS (SELECT FROM sold WHERE free AND sold.date < opening.date)
), lacking AS (
    SELECT * FROM gaps WHERE NOT (early AND EXISTS (SELECT FROM season))
), skips AS (
    -- A plan of week-ends, or of two seasons, skips nights by design.
    SELECT room, plan, sum(skipped) AS nights,
           min(before + 1) FILTER (WHERE skipped > 0) AS first
    FROM told
    GROUP BY room, plan
    HAVING count(*) FILTER (WHERE skipped > 0) BETWEEN 1 AND 3 AND max(skipped) <= 60
), unpriced AS (
    SELECT DISTINCT btrim(pms_rate_plan_code) AS plan
    FROM rate_plan_mappings
    WHERE btrim(ota_rate_plan_code) <> ''
      AND NOT EXISTS (SELECT FROM told WHERE told.plan = btrim(pms_rate_plan_code))
), apart AS (
    SELECT room, date FROM covered WHERE highest > 10 * lowest
), shifted AS (
    SELECT room, plan FROM usual WHERE abs(shift) > ln(10.0::float8)
), figures AS (
    SELECT count(*) AS nights,
           count(*) FILTER (WHERE impossible) AS impossible,
           count(*) FILTER (WHERE jump) AS jumps,
           extract(epoch FROM now() - max(updated_at)) AS updated,
           min(date || ' ' || left(room, 30) || ' ' || left(plan, 30)) FILTER (WHERE impossible)
               AS first_impossible,
           min(date || ' ' || left(room, 30) || ' ' || left(plan, 30)) FILTER (WHERE jump) AS first_jump
    FROM told
)
SELECT figures.*,
       (SELECT count(*) FROM lacking WHERE step < 30) AS missing_soon,
       (SELECT count(*) FROM lacking WHERE step >= 30) AS missing_later,
       (SELECT min(date || ' ' || left(room, 30)) FROM lacking) AS first_gap,
       (SELECT coalesce(sum(nights), 0) FROM skips) AS plan_gaps,
       (SELECT min(first || ' ' || left(room, 30) || ' ' || left(plan, 30)) FROM skips) AS first_plan_gap,
       (SELECT count(*) FROM unpriced) AS unpriced,
       (SELECT string_agg(left(plan, 30), ', ') FROM (SELECT plan FROM unpriced ORDER BY plan LIMIT 5) AS few)
           AS unpriced_plans,
       (SELECT count(*) FROM apart) AS apart,
       (SELECT min(date || ' ' || left(room, 30)) FROM apart) AS first_apart,
       (SELECT count(*) FROM shifted) AS shifted,
       (SELECT min(left(room, 30) || ' ' || left(plan, 30)) FROM shifted) AS first_shifted,
       (SELECT until::text FROM season) AS opening
FROM figures
"""
"""Of `$2` days from today on in the zone `$1`; 60 days before them tell what is usual.

The room types of the table of availability must have rates where the two tables call them by the same names.
"""
