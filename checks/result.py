"""What one run of a check saw: the only thing `alerts` needs to know of `checks`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from checks.findings import NO_FINDINGS, Findings

MESSAGE_LENGTH = 300


class State(StrEnum):
    """The verdict of a run. `unknown` means "could not look" and counts neither as ok nor as down."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a run is not ok: a closed set, usable as a metric label."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    CREDENTIALS = "credentials"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate_limited"
    CLIENT_ERROR = "client_error"
    SERVER_ERROR = "server_error"
    REDIRECT = "redirect"
    PROTOCOL = "protocol"
    CONTENT = "content"
    TOO_LARGE = "too_large"
    THRESHOLD = "threshold"
    STALE = "stale"
    MISSING = "missing"
    MISMATCH = "mismatch"
    PROCESS = "process"
    QUERY = "query"
    PERMISSION = "permission"
    SECURITY = "security"
    INTERNAL = "internal"


class Sign(StrEnum):
    """What a run saw beyond its reason, where that tells causes apart: a closed set for the diagnosis."""

    # On the way there.
    NAME_UNKNOWN = "name-unknown"
    CONNECTION_REFUSED = "connection-refused"
    CONTROL_LOST = "control-lost"
    NAMES_LOST = "names-lost"
    # Certificates and encryption.
    CERTIFICATE_EXPIRED = "certificate-expired"
    CERTIFICATE_EXPIRING = "certificate-expiring"
    CERTIFICATE_NOT_YET_VALID = "certificate-not-yet-valid"
    CERTIFICATE_WRONG_NAME = "certificate-wrong-name"
    CERTIFICATE_UNTRUSTED = "certificate-untrusted"
    CERTIFICATE_REVOKED = "certificate-revoked"
    TLS_MODE = "tls-mode"
    # Logins, limits and blocks.
    LOGIN_THROTTLED = "login-throttled"
    APP_PASSWORD_NEEDED = "app-password-needed"  # noqa: S105 - a sign, not a secret
    QUOTA_USED_UP = "quota-used-up"
    ADDRESS_BLOCKED = "address-blocked"
    # Messages to travel sites.
    MESSAGE_INVALID = "message-invalid"
    CODE_NOT_MAPPED = "code-not-mapped"
    NOT_PROCESSED = "not-processed"
    # Webhooks.
    FORGERY_ACCEPTED = "forgery-accepted"
    SIGNED_REFUSED = "signed-refused"
    VERIFIER_CRASHES = "verifier-crashes"
    NO_WEBHOOK_HERE = "no-webhook-here"
    SIGNATURE_FAILURES = "signature-failures"
    # The PMS's tables.
    ROOM_NOT_MAPPED = "room-not-mapped"
    MAPPED_TWICE = "mapped-twice"
    RATE_NOT_MAPPED = "rate-not-mapped"
    NO_INVENTORY = "no-inventory"
    IMPORTS_FAILED = "imports-failed"
    ORIGINAL_MISSING = "original-missing"
    QUEUE_LONG = "queue-long"
    QUEUE_OLD = "queue-old"
    QUEUE_STUCK = "queue-stuck"
    QUEUE_MOVING = "queue-moving"
    QUEUE_FAILED = "queue-failed"
    CHANGES_REJECTED = "changes-rejected"
    # Payments.
    DECLINES = "declines"
    STOLEN_CARDS = "stolen-cards"
    PAYMENTS_FAILED = "payments-failed"
    PAYMENTS_UNCERTAIN = "payments-uncertain"
    # Mail.
    HARD_BOUNCES = "hard-bounces"
    MAIL_UNAUTHENTICATED = "mail-unauthenticated"
    RECORD_MISSING = "record-missing"
    RECORD_BROKEN = "record-broken"
    RECORD_CHANGED = "record-changed"
    ADDRESS_LISTED = "address-listed"
    LIST_UNRELIABLE = "list-unreliable"
    # Logs, processes and the database.
    CARD_NUMBER = "card-number"
    LOG_FAILURES = "log-failures"
    LOG_GONE = "log-gone"
    AUDIT_GAP = "audit-gap"
    FAILED_LOGINS = "failed-logins"
    NOT_RUNNING = "not-running"
    RESTARTING = "restarting"
    DATABASE_DOWN = "database-down"


STATE_OF_REASON: Mapping[Reason, State] = MappingProxyType(
    dict.fromkeys(Reason, State.CRITICAL)
    | dict.fromkeys((Reason.RATE_LIMITED, Reason.REDIRECT, Reason.MISMATCH, Reason.TOO_LARGE), State.WARNING)
    | dict.fromkeys((Reason.QUERY, Reason.PERMISSION, Reason.INTERNAL), State.UNKNOWN)
)


class Phase(StrEnum):
    """A stretch of a network run, in the order they happen."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    PROCESSING = "processing"
    TRANSFER = "transfer"


class CheckId(NamedTuple):
    """The full name of a check."""

    hotel: str
    integration: str
    check: str

    def __str__(self) -> str:
        return "/".join(self)


RESPONSE_TIME = "response_time_ms"
"""The measurement that says a run was answered, and how fast; means are taken over it."""

QUEUE_PENDING = "queue_pending"
QUEUE_PROCESSING = "queue_processing"
QUEUE_FAILED = "queue_failed"
QUEUE_OLDEST = "queue_oldest_timestamp_seconds"
"""Rows of a queue by their state, and the Unix time of its oldest pending one (absent when none waits)."""

SYNC_DELAY = "sync_delay_seconds"
"""How far behind a synchronisation is."""

LAST = "last_timestamp_seconds"
"""Unix time at which business last went through: a sync, a transaction, a mail."""

EVENTS = "new_events"
REFUSED = "new_refused_events"
ERRORS = "new_error_lines"
"""How many events of a webhook, refused ones among them, and how many lines that tell of an error have come
since the run before: what counts up over the day."""

SILENT = "silent_seconds"
USUAL_GAP = "usual_gap_seconds"
EXPECTED = "expected_meanwhile"
ONE_IN = "silence_one_in"
"""How long nothing has come, the longest gap that is usual now, how many were to be expected meanwhile, and
in how many such stretches chance alone lets nothing come."""

STARTED = "started_timestamp_seconds"
"""Unix time at which the newest worker of a process began."""

SUCCESS_RATIO = "success_ratio"
"""The share (0 to 1) of business that went through, where that is better known than from our own runs."""

DELIVERED_RATIO = "delivered_ratio"
BOUNCED_RATIO = "bounced_ratio"
"""The shares (0 to 1) of mails that were delivered, and that came back."""

NOTHING: Mapping[str, float] = MappingProxyType({})
NO_PHASES: Mapping[Phase, float] = MappingProxyType({})


class Quota(NamedTuple):
    """How much of an allowance is used up. `exhausted_at` is the Unix time at which, at the current pace,
    nothing will be left."""

    used: float
    limit: float
    exhausted_at: float | None = None


NO_QUOTAS: Mapping[str, Quota] = MappingProxyType({})
NO_SIGNS: frozenset[Sign] = frozenset()


@dataclass(frozen=True, slots=True)
class Result:
    """What one run saw.

    `phases` holds seconds per phase gone through; `failed_phase` the phase the run ended in when it did not
    get through. `duration` is the run's seconds in all (set by the runner). `retry_after` is how many
    seconds the target asked us to stay away. `certificate_expiry` is a Unix time. A message is one short
    sentence without secrets; it may quote a remote system and is never trusted. `decisive` says that the
    verdict is no matter of chance: one run is enough. `observed` and `limit` are filled where a number was
    held against one, in `unit`. `quotas` are the allowances it learnt of, by name. `signs` tell the diagnosis
    what the message tells people. `late` is by how many seconds the porter itself was late, where that makes
    the run void. `findings` is what it found beside its verdict.
    """

    state: State
    reason: Reason | None = None
    message: str = ""
    measurements: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    phases: Mapping[Phase, float] = field(default_factory=lambda: NO_PHASES)
    failed_phase: Phase | None = None
    duration: float = 0.0
    retry_after: float | None = None
    certificate_expiry: float | None = None
    decisive: bool = False
    observed: float | None = None
    limit: float | None = None
    unit: str = ""
    quotas: Mapping[str, Quota] = field(default_factory=lambda: NO_QUOTAS)
    signs: frozenset[Sign] = NO_SIGNS
    late: float = 0.0
    findings: Findings = NO_FINDINGS

    def __post_init__(self) -> None:
        if (self.state is State.OK) != (self.reason is None):
            raise ValueError("a result has a reason exactly when it is not ok")


FINE = Result(State.OK)
"""A healthy result that says nothing more."""


def ok(message: str = "", measurements: Mapping[str, float] = NOTHING) -> Result:
    """Return a healthy result."""
    return Result(State.OK, None, message, measurements) if message or measurements else FINE


def failed(
    reason: Reason, message: str, measurements: Mapping[str, float] = NOTHING, *, signs: Iterable[Sign] = ()
) -> Result:
    """Return a result that is not ok, in the state that its reason implies (contract, "States")."""
    return Result(STATE_OF_REASON[reason], reason, message, measurements, signs=frozenset(signs))
