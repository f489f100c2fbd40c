"""The words of alerting: causes, severities, criteria, breaches and incidents, as plain values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from alerts.aids.aid import Aid
from alerts.policy import Policy
from alerts.severity import Criterion, Severity
from checks.result import NO_SIGNS, CheckId, Reason, Sign, State

__all__ = [
    "Acknowledgement",
    "Breach",
    "Cause",
    "Criterion",
    "Diagnosis",
    "Incident",
    "IncidentState",
    "NextStep",
    "Severity",
]


class IncidentState(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Cause(StrEnum):
    """The diagnosis: a closed set."""

    LOCAL_NETWORK_DOWN = "local-network-down"
    LOCAL_DNS_BROKEN = "local-dns-broken"
    API_CREDENTIALS_INVALID = "api-credentials-invalid"
    PROPERTY_NOT_AUTHORISED = "property-not-authorised"
    VENDOR_OUTAGE = "vendor-outage"
    VENDOR_UNREACHABLE = "vendor-unreachable"
    WRONG_HOST_NAME = "wrong-host-name"
    CERTIFICATE_EXPIRED = "certificate-expired"
    HOST_CLOCK_WRONG = "host-clock-wrong"
    CERTIFICATE_INVALID = "certificate-invalid"
    TLS_INTERCEPTED = "tls-intercepted"
    CACHE_NOT_REFRESHING = "cache-not-refreshing"
    SYNC_SERVICE_DOWN = "sync-service-down"
    SYNC_SERVICE_CRASH_LOOP = "sync-service-crash-loop"
    ROOM_TYPE_NOT_MAPPED = "room-type-not-mapped"
    AVAILABILITY_MISMATCH = "availability-mismatch"
    OVERBOOKED = "overbooked"
    WEBHOOK_BLOCKED = "webhook-blocked"
    WEBHOOK_SECRET_WRONG = "webhook-secret-wrong"  # noqa: S105 - a cause, not a secret
    WEBHOOK_VERIFIER_CRASHES = "webhook-verifier-crashes"
    WEBHOOK_SIGNATURE_NOT_VERIFIED = "webhook-signature-not-verified"
    WEBHOOK_URL_WRONG = "webhook-url-wrong"
    WEBHOOK_SUBSCRIPTION_DISABLED = "webhook-subscription-disabled"
    MESSAGE_INVALID = "message-invalid"
    RATE_PLAN_NOT_MAPPED = "rate-plan-not-mapped"
    SILENT_REJECTION = "silent-rejection"
    SMTP_CREDENTIALS_INVALID = "smtp-credentials-invalid"
    SMTP_ACCOUNT_THROTTLED = "smtp-account-throttled"
    MAIL_QUOTA_EXHAUSTED = "mail-quota-exhausted"
    SMTP_PORT_BLOCKED = "smtp-port-blocked"
    SMTP_TLS_MISMATCH = "smtp-tls-mismatch"
    MAIL_AUTHENTICATION_BROKEN = "mail-authentication-broken"
    DNS_RECORD_CHANGED = "dns-record-changed"
    SENDING_IP_LISTED = "sending-ip-listed"
    BLOCKLIST_UNRELIABLE = "blocklist-unreliable"
    BOUNCES_NOT_SUPPRESSED = "bounces-not-suppressed"
    CUSTOMER_DECLINES = "customer-declines"
    CARD_TESTING = "card-testing"
    GATEWAY_DEGRADED = "gateway-degraded"
    RATE_LIMITED = "rate-limited"
    HIGH_UPDATE_VOLUME = "high-update-volume"
    NETWORK_LATENCY = "network-latency"
    PROCESSING_BOTTLENECK = "processing-bottleneck"
    PRODUCER_STOPPED = "producer-stopped"
    ORIGINAL_RESERVATION_MISSING = "original-reservation-missing"
    MODIFICATION_REJECTED = "modification-rejected"
    RESERVATION_SILENCE = "reservation-silence"
    DATABASE_DOWN = "database-down"
    MONITOR_MISCONFIGURED = "monitor-misconfigured"
    LOGGING_BROKEN = "logging-broken"
    LOCAL_CHANGE = "local-change"
    FLAPPING = "flapping"
    FALLBACK_LOST = "fallback-lost"
    MONITOR_OVERLOADED = "monitor-overloaded"
    CERTIFICATE_EXPIRING = "certificate-expiring"
    SLOW_RESPONSES = "slow-responses"
    CARD_NUMBER_IN_LOG = "card-number-in-log"
    AUDIT_TRAIL_GAP = "audit-trail-gap"
    LOGIN_ATTACK = "login-attack"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Breach:
    """A check that is not ok long enough to matter.

    `since` is the first run that was not ok, `last_ok` the last that was; `observed` and `limit` are
    filled where a number was held against one, in `unit`. `signs` are those of the run that decided;
    `flapping` says that it is seen to come and go, and is held until it is stable.
    """

    check: CheckId
    state: State
    reason: Reason
    message: str
    since: datetime
    last_ok: datetime | None = None
    observed: float | None = None
    limit: float | None = None
    unit: str = ""
    signs: frozenset[Sign] = NO_SIGNS
    flapping: bool = False


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The probable cause, in words a person can act on.

    `confidence` is `likely`, `possible` or `unknown`, never a figure; `fault` is `us`, `vendor`, `network`,
    `guest` or `unknown`. `title` is the incident's, with the name of the integration where it has one;
    `sentence` follows the integration's noun in plain words, or stands alone where it is `whole`. `evidence`
    is what shows it and `missing` what would have told more and is not known; `runner_up` is the next best
    cause, and `next_test` the one test that tells the two apart.
    """

    cause: Cause
    confidence: str
    fault: str
    summary: str
    steps: tuple[str, ...] = ()
    title: str = ""
    sentence: str = ""
    whole: bool = False
    evidence: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    runner_up: Cause | None = None
    next_test: str = ""


@dataclass(frozen=True, slots=True)
class NextStep:
    """Who is told next, when and why."""

    level: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody looks after an incident, and has promised until when."""

    by: str
    at: datetime
    until: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """What people are told about: the breaches that share one cause.

    `key` identifies what it is about: at most one incident that is not resolved has it. `epoch` counts its
    openings, and `reopened` when the later ones were; `thread_root` is the Message-ID of the first mail about
    it. `breaches` are the current ones while it is open, and the last ones when it is resolved. `outcome`
    says how it ended.

    `policy` is the escalation's as it was at the opening, and `steps` names what has been done of it in this
    epoch. `next_step` is what comes next; where nothing does, `standstill` says why. `parent` is the id of
    the open incident that explains this one, and is told of in its place. `dismissed` says that a person
    resolved it, whatever its checks say. `aids` are what its last letters had to help with.
    """

    id: str
    key: str
    hotel: str
    integrations: tuple[str, ...]
    breaches: tuple[Breach, ...]
    diagnosis: Diagnosis
    severity: Severity
    criteria: tuple[Criterion, ...]
    title: str
    state: IncidentState
    opened_at: datetime
    epoch: int = 1
    resolved_at: datetime | None = None
    thread_root: str | None = None
    outcome: str = ""
    reopened: tuple[datetime, ...] = ()
    acknowledgement: Acknowledgement | None = None
    parent: str | None = None
    policy: Policy | None = None
    steps: tuple[str, ...] = ()
    next_step: NextStep | None = None
    standstill: str = ""
    dismissed: bool = False
    aids: tuple[Aid, ...] = ()

    @property
    def checks(self) -> tuple[str, ...]:
        """The full names of the checks concerned."""
        return tuple(str(breach.check) for breach in self.breaches)

    @property
    def suppressed(self) -> bool:
        """Whether another incident is told of in its place."""
        return self.parent is not None
