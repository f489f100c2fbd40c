"""The porter itself: is it on time, does what it says get out, how much does it carry."""

from parts import GREEN, RED, YELLOW, Json, choice, dashboard, lines, query, stat, steps, table, words

IT = 'instance=~"$instance"'
JOB = f'job="nightporter",{IT}'
RATE = "$__rate_interval"


def late(share: float, metric: str) -> str:
    """Return how late this share of what was due was at most."""
    return f"histogram_quantile({share}, sum by (instance, le) (rate({metric}_bucket{{{IT}}}[{RATE}])))"


NOW = [
    (
        3,
        stat(
            "Ready",
            "Whether every replica can do its work; /-/ready says why not.",
            f"min(nightporter_ready{{{IT}}})",
            mappings=words(no=(0, RED), yes=(1, GREEN)),
        ),
    ),
    (
        3,
        stat(
            "Audit",
            "Whether nothing is neglected: only then the dead man's switch is pinged.",
            f"min(nightporter_self_audit_successful{{{IT}}})",
            mappings=words(failed=(0, RED), passed=(1, GREEN)),
        ),
    ),
    (
        3,
        stat(
            "Configuration",
            "Whether the last reload was applied.",
            f"min(nightporter_config_last_reload_successful{{{IT}}})",
            mappings=words(refused=(0, RED), applied=(1, GREEN)),
        ),
    ),
    (
        3,
        stat(
            "Replicas",
            "Porters that answer.",
            "max(job:nightporter_replicas_up:sum)",
            thresholds=steps((1, GREEN), base=RED),
        ),
    ),
    (
        3,
        stat(
            "Hotels unwatched",
            "Configured hotels that no replica holds.",
            "max(nightporter_hotels_configured) - sum(nightporter_hotels_held)",
            thresholds=steps((1, RED)),
        ),
    ),
    (3, stat("Checks", "Checks that are scheduled.", f"sum(nightporter_checks_scheduled{{{IT}}})")),
    (
        3,
        stat(
            "Nobody reached",
            "People and channels whose last message could not be delivered.",
            "sum(max by (hotel) (nightporter_recipients_unreached))",
            thresholds=steps((1, YELLOW)),
        ),
    ),
    (
        3,
        stat(
            "Up for",
            "Time since the last start of the replica that was started last.",
            f"time() - max(process_start_time_seconds{{{JOB}}})",
            "dtdurations",
        ),
    ),
]

OUTBOX = [
    (
        8,
        lines(
            "Messages waiting",
            "Notifications that have not gone out. What waits for a digest counts.",
            [query("max(nightporter_notification_pending)", "waiting")],
            "short",
        ),
    ),
    (
        8,
        lines(
            "Oldest message",
            "How long it has waited; nothing where none does. From 15 min on it is an alert.",
            [query("time() - min(nightporter_notification_oldest_timestamp_seconds)", "oldest")],
            "s",
            thresholds=steps((300, YELLOW), (900, RED)),
        ),
    ),
    (
        8,
        lines(
            "Attempts",
            "Attempts to deliver, by channel, and those that failed.",
            [
                query(
                    f"sum by (channel) (increase(nightporter_notification_attempts_total{{{IT}}}[{RATE}]))",
                    "{{channel}}",
                ),
                query(
                    f"sum by (channel, reason) (increase(nightporter_notification_failures_total{{{IT}}}[{RATE}])) > 0",
                    "{{channel}} failed: {{reason}}",
                ),
            ],
            "short",
        ),
    ),
]

PUNCTUAL = [
    (
        8,
        lines(
            "Lateness",
            "How late runs begin. From 1 s on it is an alert.",
            [
                query(late(0.5, "nightporter_scheduler_lateness_seconds"), "{{instance}} half"),
                query(late(0.99, "nightporter_scheduler_lateness_seconds"), "{{instance}} 99 of 100"),
            ],
            "s",
            thresholds=steps((1, RED)),
        ),
    ),
    (
        8,
        lines(
            "Event loop",
            "How late the loop comes to what is due. From 0.5 s on it is an alert.",
            [
                query(late(0.5, "nightporter_event_loop_lag_seconds"), "{{instance}} half"),
                query(late(0.99, "nightporter_event_loop_lag_seconds"), "{{instance}} 99 of 100"),
            ],
            "s",
            thresholds=steps((0.5, RED)),
        ),
    ),
    (
        8,
        lines(
            "Runs",
            "Checks made, and left out for want of room.",
            [
                query(
                    f"sum by (instance) (rate(nightporter_check_runs_total{{{IT}}}[{RATE}]))", "{{instance}}"
                ),
                query(f"rate(nightporter_runs_skipped_total{{{IT}}}[{RATE}])", "{{instance}} left out"),
            ],
            "ops",
        ),
    ),
]

LOAD = [
    (
        8,
        lines(
            "Processor",
            "Share of one core.",
            [query(f"rate(process_cpu_seconds_total{{{JOB}}}[{RATE}])", "{{instance}}")],
            "percentunit",
        ),
    ),
    (
        8,
        lines(
            "Memory",
            "Resident memory.",
            [query(f"process_resident_memory_bytes{{{JOB}}}", "{{instance}}")],
            "bytes",
        ),
    ),
    (
        8,
        lines(
            "File descriptors",
            "Open ones, of those allowed. From 80 % on it is an alert.",
            [query(f"process_open_fds{{{JOB}}} / process_max_fds{{{JOB}}}", "{{instance}}")],
            "percentunit",
            thresholds=steps((0.8, RED)),
        ),
    ),
]

HOUSE = [
    (
        8,
        lines(
            "Hotels held",
            "Who looks after how many: leases move when a replica comes or goes.",
            [query(f"nightporter_hotels_held{{{IT}}}", "{{instance}}")],
            "short",
            stacked=True,
        ),
    ),
    (
        8,
        lines(
            "Scrapes",
            "How long a scrape takes; it is given up after 10 s.",
            [query(f"scrape_duration_seconds{{{JOB}}}", "{{instance}}")],
            "s",
            thresholds=steps((5, RED)),
        ),
    ),
    (
        8,
        lines(
            "Series",
            "Samples of a scrape. From 160,000 on it is an alert, 200,000 are the limit.",
            [query(f"scrape_samples_post_metric_relabeling{{{JOB}}}", "{{instance}}")],
            "short",
            thresholds=steps((160000, RED)),
        ),
    ),
]

TIME = [
    (
        8,
        lines(
            "Clock",
            "By how much the porter's clock is ahead of that of Prometheus. From 30 s on it is an alert.",
            [
                query(
                    f"nightporter_clock_timestamp_seconds{{{IT}}} - timestamp(nightporter_clock_timestamp_seconds{{{IT}}})",
                    "{{instance}}",
                )
            ],
            "s",
            min=None,
        ),
    ),
    (
        8,
        lines(
            "Restarts",
            "Starts within the last hour. From 3 in half an hour on it is an alert.",
            [query(f"changes(process_start_time_seconds{{{JOB}}}[1h])", "{{instance}}")],
            "short",
        ),
    ),
    (
        8,
        table(
            "Versions",
            "What runs where, and since when it works by its configuration.",
            f"nightporter_config_last_reload_success_timestamp_seconds{{{IT}}} * 1000"
            f" * on (job, instance) group_left (version) nightporter_build_info{{{IT}}}",
            ["instance", "version"],
            value="configuration of",
            overrides=[
                {
                    "matcher": {"id": "byName", "options": "configuration of"},
                    "properties": [{"id": "unit", "value": "dateTimeAsIso"}],
                }
            ],
        ),
    ),
]


def build() -> Json:
    """Return the dashboard."""
    return dashboard(
        "nightporter-porter",
        "Night Porter: the porter itself",
        "Whether the porter is on time, whether what it says gets out, and how much it carries.",
        [choice("instance", "Replica", "label_values(nightporter_build_info, instance)", several=True)],
        [
            ("", 4, NOW),
            ("What it says", 8, OUTBOX),
            ("Whether it is on time", 8, PUNCTUAL),
            ("What it takes", 8, LOAD),
            ("What it carries", 8, HOUSE),
            ("", 8, TIME),
        ],
        incidents="max by (hotel, integration, id, severity, cause, state) (nightporter_incident_info)",
    )
