"""What waits and what runs out, of all hotels: queues, delays, quotas, certificates."""

from parts import GREEN, RED, YELLOW, bars, column, lines, query, steps, table

HERE = 'hotel=~"$hotel"'
NAMED = "{{hotel}} / {{integration}}"

BUSINESS = [
    (
        8,
        lines(
            "Queues",
            "Updates that wait, counted a little past the limit; the twenty longest queues. Limit: 1000.",
            [
                query(
                    f"topk(20, max by (hotel, integration, queue) (nightporter_queue_pending{{{HERE}}}))",
                    NAMED + " / {{queue}}",
                )
            ],
            "short",
            thresholds=steps((1000, RED)),
        ),
    ),
    (
        8,
        lines(
            "Oldest that waits",
            "How long the oldest update has waited; the twenty that wait longest. Limit: 30 min.",
            [
                query(
                    f"topk(20, time() - min by (hotel, integration, queue) (nightporter_queue_oldest_timestamp_seconds{{{HERE}}}))",
                    NAMED + " / {{queue}}",
                )
            ],
            "s",
            thresholds=steps((1800, RED)),
        ),
    ),
    (
        8,
        lines(
            "Synchronisation",
            "How far behind synchronisation is; the twenty furthest. Limit: 30 min.",
            [
                query(
                    f"topk(20, max by (hotel, integration) (nightporter_sync_delay_seconds{{{HERE}}}))", NAMED
                )
            ],
            "s",
            thresholds=steps((1800, RED)),
        ),
    ),
]

ENDS = [
    (
        8,
        bars(
            "Quotas",
            "Share of an allowance that is used up; the twenty largest.",
            [
                query(
                    f"topk(20, max by (hotel, integration, quota) (nightporter_quota_used{{{HERE}}} / nightporter_quota_limit{{{HERE}}}))",
                    NAMED + " / {{quota}}",
                    instant=True,
                )
            ],
            "percentunit",
            thresholds=steps((0.8, YELLOW), (0.95, RED)),
            min=0,
            max=1,
        ),
    ),
    (
        8,
        table(
            "Certificates",
            "Time that the certificate with the nearest end has left; the hundred integrations with the least.",
            f"sort(bottomk(100, integration:nightporter_certificate_expiry_timestamp_seconds:min{{{HERE}}} - time()))",
            ["hotel", "integration"],
            value="left",
            unit="dtdurations",
            thresholds=steps((2 * 86400, YELLOW), (14 * 86400, GREEN), base=RED),
            overrides=[column("left", **{"custom.cellOptions": {"type": "color-text"}})],
        ),
    ),
    (
        8,
        bars(
            "Availability of the last 30 days",
            "Share of the time in which nothing of the integration was critical; the forty lowest.",
            [query(f"sort(bottomk(40, integration:nightporter_up:avg_30d{{{HERE}}}))", NAMED, instant=True)],
            "percentunit",
            thresholds=steps((0.98, YELLOW), (0.995, GREEN), base=RED),
            min=0,
            max=1,
            decimals=2,
        ),
    ),
]
