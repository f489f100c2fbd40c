"""What each cause is, in one sentence that anybody understands, and which causes belong together."""

from collections.abc import Mapping
from types import MappingProxyType

from alerts.incident import Cause

GROUPS: Mapping[str, Mapping[Cause, str]] = MappingProxyType(
    {
        "Several things at once": {
            Cause.LOCAL_NETWORK_DOWN: "The hotel's own internet connection is down.",
            Cause.LOCAL_DNS_BROKEN: "Connections work, but no host name can be looked up.",
            Cause.DATABASE_DOWN: "The PMS's database does not answer, or lets nobody in.",
            Cause.LOCAL_CHANGE: "Several integrations broke in different ways, right after a change of ours.",
            Cause.FALLBACK_LOST: "A travel site fails, and so does the e-mail that would have to do instead.",
            Cause.FLAPPING: "It fails, recovers, and fails again.",
        },
        "A vendor, and the way there": {
            Cause.VENDOR_OUTAGE: "The vendor is reached, and has a fault of its own.",
            Cause.VENDOR_UNREACHABLE: "No connection to this vendor comes about, and all else works.",
            Cause.WRONG_HOST_NAME: "There is no such host name: it is misspelt, or the vendor has moved.",
            Cause.API_CREDENTIALS_INVALID: "The vendor refuses our key, user name or password.",
            Cause.PROPERTY_NOT_AUTHORISED: "The vendor knows our key, but not that it is for this hotel.",
            Cause.RATE_LIMITED: "The vendor says that we ask too often.",
            Cause.NETWORK_LATENCY: "The way to the vendor is slow, not the vendor.",
            Cause.SLOW_RESPONSES: "Answers come, but too slowly.",
        },
        "Certificates and encryption": {
            Cause.CERTIFICATE_EXPIRED: "A certificate has expired: the vendor's, or the hotel's own.",
            Cause.CERTIFICATE_EXPIRING: "A certificate ends soon, and was not renewed in time.",
            Cause.CERTIFICATE_INVALID: "A certificate is for another name, incomplete, or withdrawn.",
            Cause.TLS_INTERCEPTED: "Something on our way out opens encrypted connections.",
            Cause.HOST_CLOCK_WRONG: "A clock is wrong, so that good certificates and ages seem bad.",
        },
        "Availability and updates": {
            Cause.SYNC_SERVICE_DOWN: "The process that sends updates to the vendor does not run.",
            Cause.SYNC_SERVICE_CRASH_LOOP: "The process that sends updates crashes again and again.",
            Cause.PRODUCER_STOPPED: "Nothing fails and nothing waits: the PMS makes no updates any more.",
            Cause.HIGH_UPDATE_VOLUME: "Many updates wait because many were made; they are worked off.",
            Cause.PROCESSING_BOTTLENECK: "Updates wait though everything seems to run: something hangs.",
            Cause.CACHE_NOT_REFRESHING: "The booking engine sells from old availability.",
            Cause.ROOM_TYPE_NOT_MAPPED: "A room type of ours is none of the vendor's.",
            Cause.AVAILABILITY_MISMATCH: "Two sides count rooms differently.",
            Cause.OVERBOOKED: "More rooms are sold than there are.",
        },
        "Bookings that do not arrive": {
            Cause.WEBHOOK_URL_WRONG: "The vendor calls an address at which there is no webhook.",
            Cause.WEBHOOK_BLOCKED: "Something before the webhook keeps the vendor's events away.",
            Cause.WEBHOOK_SECRET_WRONG: "The two sides sign and verify with different secrets.",
            Cause.WEBHOOK_VERIFIER_CRASHES: "A bad signature makes the webhook fail instead of saying no.",
            Cause.WEBHOOK_SUBSCRIPTION_DISABLED: "The vendor has stopped to send events.",
            Cause.RESERVATION_SILENCE: "Nobody has booked for longer than this hotel's rhythm explains.",
            Cause.ORIGINAL_RESERVATION_MISSING: "A change has come for a booking that the PMS does not have.",
            Cause.MODIFICATION_REJECTED: "Changes and cancellations arrive, and the PMS cannot take them.",
        },
        "What is sent to travel sites": {
            Cause.MESSAGE_INVALID: "A message of ours breaks the travel site's rules.",
            Cause.RATE_PLAN_NOT_MAPPED: "A rate plan of ours has no code at the travel site, or two.",
            Cause.SILENT_REJECTION: "The travel site says thank you, and that it has done nothing.",
        },
        "Payments": {
            Cause.GATEWAY_DEGRADED: "Payments time out, fail by a fault of the gateway, or stay open.",
            Cause.CUSTOMER_DECLINES: "Banks decline more cards than usual. Nothing is broken.",
        },
        "E-mail": {
            Cause.SMTP_CREDENTIALS_INVALID: "The mail server refuses our user name or password.",
            Cause.SMTP_ACCOUNT_THROTTLED: "The mail account is locked for a while: too many logins.",
            Cause.SMTP_PORT_BLOCKED: "The mail server's port cannot be reached; all else can.",
            Cause.SMTP_TLS_MISMATCH: "The mail server wants another kind of encryption than is configured.",
            Cause.MAIL_QUOTA_EXHAUSTED: "The mails that may be sent in 24 hours are used up, or nearly.",
            Cause.MAIL_AUTHENTICATION_BROKEN: "Receivers can no longer see that our mails are ours.",
            Cause.DNS_RECORD_CHANGED: "A record that says who may send our mail was changed.",
            Cause.SENDING_IP_LISTED: "Our sending address is on a blocklist.",
            Cause.BLOCKLIST_UNRELIABLE: "A blocklist does not answer us: that says nothing about our mail.",
            Cause.BOUNCES_NOT_SUPPRESSED: "Mails go again and again to addresses that do not exist.",
        },
        "Security": {
            Cause.WEBHOOK_SIGNATURE_NOT_VERIFIED: "The webhook takes events from anybody.",
            Cause.CARD_TESTING: "Somebody tries stolen cards on the hotel's payment page.",
            Cause.CARD_NUMBER_IN_LOG: "A guest's card number stands in a log.",
            Cause.AUDIT_TRAIL_GAP: "A part of the audit trail is gone.",
            Cause.LOGIN_ATTACK: "Somebody tries many passwords.",
        },
        "Night Porter itself": {
            Cause.MONITOR_MISCONFIGURED: "Night Porter cannot look, or cannot reach somebody.",
            Cause.MONITOR_OVERLOADED: "Night Porter has more to do than its host lets it.",
            Cause.LOGGING_BROKEN: "Logs are not written where they should be, so part of this goes unseen.",
        },
    }
)
"""Headings, with the causes under each and what each is. `unknown` is none of them."""
