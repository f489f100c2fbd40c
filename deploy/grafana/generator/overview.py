"""The first look: is all well, what is down, what runs out."""

from limits import BUSINESS, ENDS, HERE, NAMED
from parts import (
    GREEN,
    RED,
    YELLOW,
    Json,
    choice,
    column,
    dashboard,
    lines,
    link,
    query,
    stat,
    steps,
    table,
    timeline,
    words,
)

UP = f"integration:nightporter_up:min{{{HERE}}}"
WORST = f"bottomk(40, avg_over_time({UP}[$__range] @ end()))"
"""Those that were up least in the time shown: hundreds of hotels have thousands of integrations."""

PAGE = "${porter}/hotels/${__data.fields.hotel}/${__data.fields.integration}"
GREEN_BELOW = steps((1, RED))

AT_A_GLANCE = [
    (
        4,
        stat(
            "Porter",
            "Whether a porter answers; without one nothing below is news.",
            'max(up{job="nightporter"}) or vector(0)',
            mappings=words(gone=(0, RED), on_duty=(1, GREEN)),
        ),
    ),
    (
        4,
        stat(
            "Integrations down",
            "Integrations with a critical check.",
            f"count({UP} == 0) or vector(0)",
            thresholds=GREEN_BELOW,
        ),
    ),
    (
        4,
        stat(
            "Incidents open",
            "Incidents that are not resolved, of any severity.",
            f"sum(max by (hotel, severity) (nightporter_incidents_open{{{HERE}}}))",
            thresholds=steps((1, YELLOW)),
        ),
    ),
    (
        4,
        stat(
            "Emergencies",
            "Open incidents of the worst severity.",
            f'sum(max by (hotel) (nightporter_incidents_open{{{HERE},severity="emergency"}}))',
            thresholds=GREEN_BELOW,
        ),
    ),
    (
        4,
        stat(
            "Checks that cannot look",
            "Unknown is neither ok nor down.",
            f'count(nightporter_check_state{{{HERE},state="unknown"}} == 1) or vector(0)',
            thresholds=steps((1, YELLOW)),
        ),
    ),
    (
        4,
        stat(
            "Messages waiting",
            "Notifications that have not gone out, of all hotels.",
            "max(nightporter_notification_pending)",
            thresholds=steps((5, YELLOW), (50, RED)),
        ),
    ),
]

DOWN = [
    (
        24,
        timeline(
            "Integrations",
            "Down while one of its checks is critical; the forty that were down longest. A gap is a time that nobody watched.",
            [query(f"{UP} and on (job, hotel, integration) {WORST}", NAMED)],
            words(down=(0, RED), up=(1, GREEN)),
            links=[
                link(
                    "Page of the integration",
                    "${porter}/hotels/${__field.labels.hotel}/${__field.labels.integration}",
                )
            ],
        ),
    ),
]

INCIDENTS = [
    (
        14,
        table(
            "Open incidents",
            "What people were told of, with the probable cause. The id leads to its page.",
            f"max by (hotel, integration, severity, cause, state, id) (nightporter_incident_info{{{HERE}}})",
            ["severity", "hotel", "integration", "cause", "state", "id"],
            overrides=[column("id", links=[link("Incident", "${porter}/incidents/${__value.raw}")])],
            noValue="No incident is open",
        ),
    ),
    (
        10,
        table(
            "Critical checks",
            "Checks that are decided to be critical, and in no silence.",
            f'max by (hotel, integration, check) (nightporter_check_state{{{HERE},state="critical"}}) == 1',
            ["hotel", "integration", "check"],
            overrides=[column("check", links=[link("Page of the integration", PAGE)])],
            noValue="No check is critical",
        ),
    ),
]

SPEED = [
    (
        12,
        lines(
            "Slowest answers",
            "The ten integrations whose slowest twentieth of answers takes longest. Limit: 1 s on the mean.",
            [query(f"topk(10, integration:nightporter_response_seconds:p95_15m{{{HERE}}})", NAMED)],
            "s",
            thresholds=steps((1, YELLOW), (3, RED)),
        ),
    ),
    (
        12,
        lines(
            "Failed looks",
            "Share of the looks of the last half hour that were not ok. Limit: 5 %.",
            [query(f"topk(10, integration:nightporter_check_failures:ratio_rate30m{{{HERE}}})", NAMED)],
            "percentunit",
            thresholds=steps((0.05, RED)),
            max=1,
        ),
    ),
]

MAIL = [
    (
        12,
        lines(
            "Mails to guests",
            "Share of the hotel's own mails that were delivered, and that came back. Limit of the latter: 5 %.",
            [
                query(
                    f"bottomk(20, max by (hotel, integration) (nightporter_mail_delivered_ratio{{{HERE}}}))",
                    NAMED + " delivered",
                ),
                query(
                    f"topk(20, max by (hotel, integration) (nightporter_mail_bounced_ratio{{{HERE}}}))",
                    NAMED + " came back",
                ),
            ],
            "percentunit",
            max=1,
        ),
    ),
    (
        12,
        lines(
            "Incidents",
            "Open incidents by severity, of all hotels chosen.",
            [
                query(
                    f"sum by (severity) (max by (hotel, severity) (nightporter_incidents_open{{{HERE}}}))",
                    "{{severity}}",
                )
            ],
            "short",
            stacked=True,
        ),
    ),
]


def build() -> Json:
    """Return the dashboard."""
    return dashboard(
        "nightporter-overview",
        "Night Porter: overview",
        "Whether all hotels are well, what is down, and what runs out.",
        [choice("hotel", "Hotel", "label_values(nightporter_integration_up, hotel)", several=True)],
        [
            ("", 4, AT_A_GLANCE),
            ("What is down", 9, DOWN),
            ("", 8, INCIDENTS),
            ("How well it answers", 8, SPEED),
            ("What waits", 8, BUSINESS),
            ("What runs out", 8, ENDS),
            ("", 7, MAIL),
        ],
        incidents=f"max by (hotel, integration, id, severity, cause, state) (nightporter_incident_info{{{HERE}}})",
    )
