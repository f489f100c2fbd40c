"""What is said of control targets that fail while no rule finds connection or name servers at fault."""

from alerts.wording_reasons import Row
from checks.result import Reason

CONTROL_ALONE = (
    "Nothing fails for guests as far as this shows. But were a vendor to fail now, Night Porter could not "
    "tell the vendor's fault from that of the hotel's connection."
)

_ANOTHER = "put another one under `control` in the configuration, reload Night Porter."
_NOT_ITSELF = Row(
    "something else answers for the control targets",
    "reaches its control targets, but something else answers",
    "Connections come about, but what answers is not what should: a login page, a proxy or a firewall of "
    "ours may stand between, or a target has changed.",
    (
        "On Night Porter's host: curl -v the URL named below. Whose page or certificate is it?",
        "A login page, proxy or firewall of ours: let this host through.",
        f"If it is the target's own, the target has changed: {_ANOTHER}",
    ),
)

CONTROL: dict[Reason, Row] = {
    Reason.DNS: Row(
        "control targets cannot be looked up",
        "cannot look up its control targets by name",
        "Looking up the control targets' host names fails (DNS). Nothing shows that all names fail: it may "
        "be the targets themselves.",
        (
            "On Night Porter's host: getent hosts {host}, then the same with a name that surely exists.",
            f"If only {{host}} fails, it is the target: check it for a typing error, or {_ANOTHER}",
            "If others fail too, it is our name server: resolvectl status, then dig @1.1.1.1 {host}",
        ),
    ),
    Reason.CONNECT: Row(
        "no control target answers",
        "reaches none of its control targets",
        "None of the control targets can be reached. Nothing shows that all else is cut off too: it may be "
        "the targets themselves, or a firewall of ours.",
        (
            "On Night Porter's host: nc -vz -w 5 {host} {port} (it says `succeeded` when it works)",
            f"If other sites answer there, a firewall of ours blocks the target, or it is down: {_ANOTHER}",
            "If none does, it is our connection: ip -br addr, router and modem, the internet provider.",
        ),
    ),
    Reason.TLS: _NOT_ITSELF,
    Reason.PROTOCOL: _NOT_ITSELF,
}
"""What is said of them, in place of what is said of a reason: there is no vendor to be asked."""
