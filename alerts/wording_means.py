"""What causes mean for guests and sales, where the kind of integration says too little or too much."""

from collections.abc import Mapping
from types import MappingProxyType

from alerts.incident import Cause

NOT_SEEN = (
    "Nothing fails for guests as far as this shows, but Night Porter does not see all: a "
    "fault there may stay unnoticed until it is put right."
)
UNTOLD = (
    "Nothing fails for guests as far as this shows, but somebody who is to be told of faults does not hear "
    "of them."
)
CANNOT_JUDGE = (
    "Guests and sales are probably not affected: it is Night Porter that cannot judge certificates and ages "
    "while the clock of its own host is wrong."
)
CLOCKS_DIFFER = (
    "Nothing fails for guests as far as this shows. If it is the PMS's clock that is wrong, so are the times "
    "it writes."
)
_MAIL_IN_SPAM = (
    "Mails still go out, but many of them end as spam or are refused: guests miss "
    "confirmations and door codes."
)
_LOST_CHANGES = (
    "Changes and cancellations of bookings do not reach the PMS: a guest may arrive whom "
    "nobody expects, or a room is kept for one who has cancelled."
)
_BOOKINGS_UNHEARD = (
    "Bookings, changes and cancellations may not reach the PMS at once, and get lost when it lasts."
)
_PAYMENTS_UNHEARD = (
    "Payments that guests have made online may show as unpaid in the PMS, and be asked for "
    "twice or their bookings be cancelled."
)

MEANS: Mapping[Cause, str] = MappingProxyType(
    {
        Cause.CUSTOMER_DECLINES: (
            "Nothing is broken. Guests whose card is declined need another one, or pay at check-in."
        ),
        Cause.GATEWAY_DEGRADED: (
            "Online payments fail or stay open. One that failed may have been charged all the same: a"
            " second try can charge a guest twice."
        ),
        Cause.OVERBOOKED: (
            "More rooms are sold than there are: a guest will have to sleep in another hotel, and "
            "this hotel pays, unless a room is freed."
        ),
        Cause.ROOM_TYPE_NOT_MAPPED: (
            "Bookings of a room type get lost or are refused: a guest may arrive whom nobody expects,"
            " and the rooms are not sold."
        ),
        Cause.AVAILABILITY_MISMATCH: ("Rooms may be sold twice, or not be offered though they are free."),
        Cause.CACHE_NOT_REFRESHING: (
            "The website sells from old data: rooms may be sold twice, or not be offered though they "
            "are free."
        ),
        Cause.RATE_PLAN_NOT_MAPPED: (
            "Rooms are sold there at wrong or old prices, which the hotel has to honour, or not at all."
        ),
        Cause.ORIGINAL_RESERVATION_MISSING: (
            "A booking was lost before it reached the PMS: a guest may arrive whom nobody expects."
        ),
        Cause.MODIFICATION_REJECTED: _LOST_CHANGES,
        Cause.RESERVATION_SILENCE: (
            "Either nobody books, or bookings get lost on their way: then guests will arrive whom "
            "nobody expects."
        ),
        Cause.FALLBACK_LOST: (
            "Bookings and cancellations of travel sites reach the hotel on no way, also not by "
            "e-mail: guests will arrive whom nobody expects."
        ),
        Cause.MAIL_QUOTA_EXHAUSTED: (
            "Once the mails of 24 hours are used up, guests get no confirmations, door codes and pre-"
            "arrival mails until old ones no longer count."
        ),
        Cause.MAIL_AUTHENTICATION_BROKEN: _MAIL_IN_SPAM,
        Cause.DNS_RECORD_CHANGED: (
            "Mails still go out and arrive. If nobody of the hotel made this change, somebody else may send "
            "mail in the hotel's name, or soon keep ours from arriving."
        ),
        Cause.SENDING_IP_LISTED: _MAIL_IN_SPAM,
        Cause.BOUNCES_NOT_SUPPRESSED: (
            "Mails still go out, but the provider may block the account for writing to addresses that"
            " do not exist; then guests get none."
        ),
        Cause.BLOCKLIST_UNRELIABLE: NOT_SEEN,
        Cause.MONITOR_MISCONFIGURED: NOT_SEEN,
        Cause.MONITOR_OVERLOADED: NOT_SEEN,
        Cause.LOGGING_BROKEN: NOT_SEEN,
        Cause.HOST_CLOCK_WRONG: CANNOT_JUDGE,
    }
)
"""Whole sentences, in place of what the kind's failure means."""

_WEBHOOK = frozenset(
    {
        Cause.WEBHOOK_BLOCKED,
        Cause.WEBHOOK_SECRET_WRONG,
        Cause.WEBHOOK_VERIFIER_CRASHES,
        Cause.WEBHOOK_URL_WRONG,
        Cause.WEBHOOK_SUBSCRIPTION_DISABLED,
    }
)
NO_INTERNET = frozenset({Cause.LOCAL_NETWORK_DOWN, Cause.LOCAL_DNS_BROKEN})
DESK_NO_INTERNET = (
    "Nothing in the hotel that needs the internet works: online bookings and payments, and e-mail.",
    "What guests book online meanwhile is not in the PMS, and rooms may be sold twice.",
)
"""What it means, in place of what each integration's failure means: that would speak of e-mail."""

_DESK_NO_INTERNET = (
    "See whether the internet works at the desk, and call {call} with the result.",
    "Take bookings by phone and write them down. The card terminal may not work: take payment at check-out.",
    "Look into the travel sites' extranets with a mobile phone's own connection, not the hotel's Wi-Fi.",
)
NOTHING_TO_DO = ("There is nothing to do at the desk.",)
_DESK: Mapping[Cause, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(NO_INTERNET, _DESK_NO_INTERNET),
        Cause.OVERBOOKED: (
            "Ask those named below which nights and rooms it is.",
            "Find a room, here or in a hotel nearby, before the guests arrive.",
        ),
        Cause.FALLBACK_LOST: (
            "Look into the extranets of the travel sites now and every 30 minutes; key in what is new.",
            "If rooms are short, close them there, or call the channel manager first.",
        ),
        **dict.fromkeys((cause for cause, said in MEANS.items() if said is NOT_SEEN), NOTHING_TO_DO),
        Cause.HOST_CLOCK_WRONG: NOTHING_TO_DO,
    }
)
_DESK_UNPAID = (
    "Cancel no booking because it shows as unpaid before those named below have looked.",
    "Do not charge such a guest's card again before that either.",
)
SECURITY_DESK = (
    "Delete and change nothing on the hotel's computers: it is evidence.",
    "Send guests who ask about it to those named below.",
)


def means(cause: Cause, kind: str) -> str:
    """Return what a cause means for guests and sales; an empty text where the kind says it as well."""
    if cause is Cause.MONITOR_MISCONFIGURED and kind == "network":
        return UNTOLD
    if cause is Cause.HOST_CLOCK_WRONG and kind == "pms":
        return CLOCKS_DIFFER
    if cause in _WEBHOOK:
        return _PAYMENTS_UNHEARD if kind == "payment" else _BOOKINGS_UNHEARD
    return MEANS.get(cause, "")


def at_the_desk(cause: Cause, kind: str) -> tuple[str, ...]:
    """Return what the desk does about a cause; nothing where the kind's words are as good.

    `{call}` in a step stands for whom to call.
    """
    if cause in _WEBHOOK and kind == "payment":
        return _DESK_UNPAID
    return _DESK.get(cause, ())
