"""The question how much came in each hour of the weeks before the newest."""

_CAME = """
    SELECT day, string_agg(hour || ':' || quarters, ' ' ORDER BY hour) AS came
    FROM (
        SELECT at::date AS day, extract(hour FROM at)::int AS hour, count(*) AS quarters
        FROM (
            SELECT to_timestamp(900 * quarter) AT TIME ZONE $1 AS at
            FROM (
                SELECT DISTINCT floor(extract(epoch FROM created_at::timestamptz) / 900) AS quarter
                FROM {table}, newest
                WHERE {which}
                  AND created_at > newest.at - interval '56 days' AND created_at <= newest.at
            ) AS quarters
        ) AS moments
        GROUP BY 1, 2
    ) AS hours
    GROUP BY day
"""
"""A row for each day: the hours of it in which anything came, and in how many of their quarters."""

_STATEMENT = """
WITH newest AS (
    SELECT max(created_at) AS at FROM {table} WHERE {which} AND created_at <= now()
), days AS ({came}), figures AS (
    SELECT count(*) AS made, extract(epoch FROM max(created_at) - min(created_at)) AS known,
           extract(epoch FROM now() - max(created_at)) AS silent
    FROM {table}, newest
    WHERE {which} AND created_at > newest.at - interval '56 days' AND created_at <= newest.at
)
SELECT figures.*, days.day::text AS day, days.came
FROM figures LEFT JOIN days ON true
"""


def with_came(statement: str, table: str, which: str = "true") -> str:
    """Return a statement with the days of a table's rows where it says `{came}`; `newest` is known in it."""
    days = _CAME.replace("{table}", table).replace("{which}", which)
    return statement.replace("{came}", days)


def _statement(table: str, which: str) -> str:
    """Return the whole question, of the rows of which that holds."""
    whole = with_came(_STATEMENT, table, which)
    return whole.replace("{table}", table).replace("{which}", which)


PAYMENTS = _statement("payments", "status = 'succeeded'")
MAILS = _statement("email_logs", "status IN ('sent', 'delivered')")
"""Each by the days of a hotel in the zone `$1`."""
