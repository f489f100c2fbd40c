"""What is said of certificates: the rows for what a TLS failure proves."""

from alerts.incident import Cause
from alerts.wording_causes import THEIRS, Row

KEEP_VERIFYING = "Do not switch verification off: somebody else may be answering in its place."

EXPIRED = Row(
    "certificate expired",
    "cannot be used safely: its security certificate has expired",
    "The server's certificate has expired, so no program will connect to it any more.",
    (
        "Have whoever runs the server renew the certificate now.",
        "Have the server reloaded afterwards: a renewed file alone does not help.",
        "Check why the automatic renewal did not happen.",
    ),
    Cause.CERTIFICATE_EXPIRED,
    "certain",
    THEIRS,
)
EXPIRING = Row(
    "certificate expires soon",
    "still works, but its security certificate expires soon",
    "The server's certificate is valid, but near its end and not renewed.",
    (
        "Ask whoever runs the server to renew the certificate before it ends.",
        "Check that the renewed certificate is served: the server must be reloaded.",
        "If renewal is automatic, check why it did not happen.",
    ),
    Cause.CERTIFICATE_EXPIRING,
    "certain",
    THEIRS,
)
NOT_YET_VALID = Row(
    "certificate not valid yet",
    "cannot be used safely: its security certificate is not valid yet",
    "The server's certificate begins in the future, or the clock of this host is behind.",
    (
        "Compare this host's clock with the true time (timedatectl); correct it if it is wrong.",
        "If the clock is right, tell whoever runs the server.",
    ),
    Cause.CERTIFICATE_INVALID,
    "likely",
)
WRONG_NAME = Row(
    "certificate for another name",
    "cannot be used safely: its security certificate belongs to another name",
    "The server shows a certificate that was issued for another host name.",
    (
        "Check the host name in the configuration of {who}.",
        "If it is right, tell whoever runs the server that its certificate does not carry this name.",
        KEEP_VERIFYING,
    ),
    Cause.CERTIFICATE_INVALID,
    "certain",
    THEIRS,
)
UNTRUSTED = Row(
    "certificate not trusted",
    "cannot be used safely: nobody we trust vouches for its security certificate",
    "The server's certificate is self-signed, or its chain of issuers is incomplete or unknown here.",
    (
        "Ask whoever runs the server to install the full chain, intermediate certificates included.",
        "If the hotel has an authority of its own, name it as ca_file in the configuration of {who}.",
        KEEP_VERIFYING,
    ),
    Cause.CERTIFICATE_INVALID,
    "certain",
    THEIRS,
)
REVOKED = Row(
    "certificate revoked",
    "cannot be used safely: its security certificate was withdrawn",
    "The authority that issued the server's certificate has withdrawn it.",
    (
        "Tell whoever runs the server: it needs a new certificate at once.",
        "Ask whether the old one's key was stolen; treat what was sent meanwhile accordingly.",
        KEEP_VERIFYING,
    ),
    Cause.CERTIFICATE_INVALID,
    "certain",
    THEIRS,
)
