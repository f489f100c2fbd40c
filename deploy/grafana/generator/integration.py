"""One integration, closely: states, phases, failures, response times, queue and quota."""

from parts import (
    BLUE,
    GREEN,
    GREY,
    RED,
    YELLOW,
    Json,
    choice,
    dashboard,
    lines,
    link,
    query,
    stat,
    steps,
    timeline,
    words,
)

ITS = 'hotel="$hotel",integration="$integration"'
CHOSEN = f'{ITS},check=~"$check"'
STATES = words(ok=(0, GREEN), warning=(1, YELLOW), unknown=(2, GREY), critical=(3, RED), silenced=(4, BLUE))
PAGE = [link("Page of the integration", "${porter}/hotels/${hotel}/${integration}")]
SHARE = steps((0.98, YELLOW), (0.995, GREEN), base=RED)
RATE = "$__rate_interval"
STATE = " or ".join(
    f'{number} * nightporter_check_state{{{CHOSEN},state="{state}"}}'
    for number, state in ((1, "warning"), (2, "unknown"), (3, "critical"), (4, "silenced"))
)


def quantile(share: float) -> str:
    """Return the response time that this share of the answers kept within."""
    rate = f"rate(nightporter_integration_response_seconds_bucket{{{ITS}}}[{RATE}])"
    return f"histogram_quantile({share}, sum by (le) ({rate}))"


NOW = [
    (
        4,
        stat(
            "Now",
            "Down while a check is critical.",
            f"min(nightporter_integration_up{{{ITS}}})",
            mappings=words(down=(0, RED), up=(1, GREEN)),
            links=PAGE,
        ),
    ),
    (
        4,
        stat(
            "Last good look",
            "How long ago a look at it was last ok.",
            f"time() - max(nightporter_integration_last_success_timestamp_seconds{{{ITS}}})",
            "dtdurations",
            thresholds=steps((300, YELLOW), (1800, RED)),
        ),
    ),
    (
        4,
        stat(
            "Good looks",
            "Share of the looks within the porter's window (5 min) that were ok.",
            f"max(nightporter_integration_success_ratio{{{ITS}}})",
            "percentunit",
            thresholds=SHARE,
        ),
    ),
    (
        4,
        stat(
            "Available, last day",
            "Share of the time in which nothing of it was critical.",
            f"max(integration:nightporter_up:avg_1d{{{ITS}}})",
            "percentunit",
            thresholds=SHARE,
            decimals=2,
        ),
    ),
    (
        4,
        stat(
            "Available, last 30 days",
            "Share of the time in which nothing of it was critical.",
            f"max(integration:nightporter_up:avg_30d{{{ITS}}})",
            "percentunit",
            thresholds=SHARE,
            decimals=2,
        ),
    ),
    (
        4,
        stat(
            "Certificate",
            "Time left of the certificate with the nearest end.",
            f"min(integration:nightporter_certificate_expiry_timestamp_seconds:min{{{ITS}}}) - time()",
            "dtdurations",
            thresholds=steps((2 * 86400, YELLOW), (14 * 86400, GREEN), base=RED),
        ),
    ),
]

CHECKS = [
    (
        24,
        timeline(
            "Checks",
            "What was decided of each check. Silenced: it is looked at, and nobody is told.",
            [query(f"sum by (check) ({STATE})", "{{check}}")],
            STATES,
            links=PAGE,
        ),
    ),
]

TIMES = [
    (
        12,
        lines(
            "Response times",
            "Half of the answers, and 95 of 100, came within so long. Limit: 1 s on the mean.",
            [query(quantile(0.5), "half"), query(quantile(0.95), "95 of 100")],
            "s",
            thresholds=steps((1, YELLOW), (3, RED)),
        ),
    ),
    (
        12,
        lines(
            "Phases",
            "Where the time of a look goes, on average: resolve and connect are the network, processing is theirs.",
            [query(f"avg by (phase) (nightporter_check_phase_duration_seconds{{{CHOSEN}}})", "{{phase}}")],
            "s",
            stacked=True,
        ),
    ),
]

FAILURES = [
    (
        12,
        lines(
            "Failures by reason",
            "Looks that were not ok. The first one of a reason that is new is not counted.",
            [
                query(
                    f"sum by (reason) (increase(nightporter_check_failures_total{{{CHOSEN}}}[{RATE}]))",
                    "{{reason}}",
                )
            ],
            "short",
            bars=True,
        ),
    ),
    (
        12,
        lines(
            "Share of failed looks",
            "Of the last half hour. Limit: 5 %.",
            [query(f"max(integration:nightporter_check_failures:ratio_rate30m{{{ITS}}})", "failed")],
            "percentunit",
            thresholds=steps((0.05, RED)),
            max=1,
        ),
    ),
]

LOOKS = [
    (
        8,
        lines(
            "Duration of each check",
            "How long the last look took.",
            [query(f"max by (check) (nightporter_check_duration_seconds{{{CHOSEN}}})", "{{check}}")],
            "s",
        ),
    ),
    (
        8,
        lines(
            "Looks",
            "How often it is looked at.",
            [query(f"sum by (check) (rate(nightporter_check_runs_total{{{CHOSEN}}}[{RATE}]))", "{{check}}")],
            "ops",
            stacked=True,
        ),
    ),
    (
        8,
        lines(
            "Measurements",
            "The main value of each check, in the unit it is measured in.",
            [query(f"max by (check, name) (nightporter_measurement{{{CHOSEN}}})", "{{check}}: {{name}}")],
            "short",
            min=None,
        ),
    ),
]

BUSINESS = [
    (
        8,
        lines(
            "Queue",
            "What waits, what is worked on, what failed. Limit of what waits: 1000.",
            [
                query(f"max by (queue) (nightporter_queue_pending{{{ITS}}})", "{{queue}}: waits"),
                query(f"max by (queue) (nightporter_queue_processing{{{ITS}}})", "{{queue}}: in work"),
                query(f"max by (queue) (nightporter_queue_failed{{{ITS}}})", "{{queue}}: failed"),
            ],
            "short",
            thresholds=steps((1000, RED)),
        ),
    ),
    (
        8,
        lines(
            "Delay",
            "Age of the oldest update that waits, and how far the synchronisation is behind. Limit: 30 min.",
            [
                query(
                    f"time() - min by (queue) (nightporter_queue_oldest_timestamp_seconds{{{ITS}}})",
                    "{{queue}}: oldest",
                ),
                query(f"max by (check) (nightporter_sync_delay_seconds{{{ITS}}})", "{{check}}: behind"),
            ],
            "s",
            thresholds=steps((1800, RED)),
        ),
    ),
    (
        8,
        lines(
            "Quota",
            "What is used up of what is allowed.",
            [
                query(f"max by (quota) (nightporter_quota_used{{{ITS}}})", "{{quota}}: used"),
                query(f"max by (quota) (nightporter_quota_limit{{{ITS}}})", "{{quota}}: allowed"),
            ],
            "short",
        ),
    ),
]


def build() -> Json:
    """Return the dashboard."""
    hotels = "label_values(nightporter_integration_up, hotel)"
    integrations = 'label_values(nightporter_integration_up{hotel="$hotel"}, integration)'
    checks = f"label_values(nightporter_check_state{{{ITS}}}, check)"
    return dashboard(
        "nightporter-integration",
        "Night Porter: integration",
        "How one integration is, how it was, and why.",
        [
            choice("hotel", "Hotel", hotels, several=False),
            choice("integration", "Integration", integrations, several=False),
            choice("check", "Check", checks, several=True),
        ],
        [
            ("", 4, NOW),
            ("", 9, CHECKS),
            ("How it answers", 8, TIMES),
            ("", 8, FAILURES),
            ("How it is looked at", 8, LOOKS),
            ("What waits, and what runs out", 8, BUSINESS),
        ],
        incidents="max by (hotel, integration, id, severity, cause, state) "
        '(nightporter_incident_info{hotel="$hotel",integration=~"(.+,)?${integration}(,.+)?"})',
    )
