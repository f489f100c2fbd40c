"""Rules of the decision table: what DNS and receivers say of the hotel's mail."""

from alerts.diagnosis.conditions import shows, sign
from alerts.diagnosis.explains import Explains, both, checks, either, signs
from alerts.diagnosis.mail_conditions import mails_fail, no_such_recipient, of_type
from alerts.diagnosis.rule import US, Rule, Words
from alerts.incident import Cause
from checks.result import Sign

BAD = (Sign.RECORD_MISSING, Sign.RECORD_BROKEN)
DELIVERY = checks("delivery")
UNAUTHENTICATED = both(DELIVERY, signs(Sign.MAIL_UNAUTHENTICATED))
AGAIN = (
    "Changes take up to the record's TTL to be seen. Then run the first command again; Night Porter "
    "looks every hour."
)


def _record_rule(check: str, words: Words, test: str, *consequences: Explains) -> Rule:
    return Rule(
        Cause.MAIL_AUTHENTICATION_BROKEN,
        words,
        needs=(shows(check, f"the {check.upper()} record is missing, broken or too weak", signs=BAD),),
        explains=either(both(checks(check), signs(*BAD)), *consequences),
        fault=US,
        test=test,
    )


SPF = _record_rule(
    "spf",
    Words(
        title="its SPF record does not work",
        sentence=(
            "may end as spam or be refused: the SPF record, which says who may send for the hotel, does "
            "not work"
        ),
        summary=(
            "Receivers look up the SPF record of {domain} to see whether a mail may come from its "
            "sender. The evidence says what is wrong with it."
        ),
        steps=(
            "See it: dig +short TXT {domain} | grep -i 'v=spf1' - there must be exactly one such record.",
            (
                "Put it right as the evidence says, where the DNS of {domain} is kept: every sender in "
                "it (Google is include:_spf.google.com), at most ten look-ups in all, and ~all or -all "
                "at its end."
            ),
            AGAIN,
        ),
    ),
    (
        "Send a mail to a mailbox elsewhere, and read spf= in its Authentication-Results: fail or "
        "permerror confirms it."
    ),
    UNAUTHENTICATED,
)

DKIM = _record_rule(
    "dkim",
    Words(
        title="its DKIM key does not work",
        sentence=(
            "may end as spam or be refused: the DKIM key, by which receivers verify the hotel's mails, "
            "does not work"
        ),
        summary=(
            "Receivers verify the signature of a mail with the key that stands in DNS. The evidence says "
            "what is wrong with it."
        ),
        steps=(
            (
                "See it: dig +short TXT {selector}._domainkey.{domain} - it must hold a key after p=, in "
                "quotes that belong together. Google's usual selector is google, not default."
            ),
            (
                "In the mail provider's administration, show the key (Google: Apps, Gmail, Authenticate "
                "email), publish it as it stands there, and start signing."
            ),
            AGAIN,
        ),
    ),
    (
        "Send a mail to a mailbox elsewhere, and read dkim= and its selector (s=) in the source: another "
        "selector than the configured one means that only the configuration is wrong."
    ),
    UNAUTHENTICATED,
)

DMARC = _record_rule(
    "dmarc",
    Words(
        title="its DMARC record does not work",
        sentence=(
            "is less trusted by receivers: the DMARC record, which says what to do with forgeries, does "
            "not work"
        ),
        summary=(
            "Without a DMARC record that works, receivers decide by themselves about mails in the "
            "hotel's name, and large ones want it of those who send much."
        ),
        steps=(
            (
                "See it: dig +short TXT _dmarc.{domain} - there must be exactly one record, beginning "
                "with v=DMARC1."
            ),
            (
                "Put it right as the evidence says. Where there is none, begin with: v=DMARC1; p=none; "
                "rua=mailto:ADDRESS (one that somebody reads)."
            ),
            AGAIN,
        ),
    ),
    "Send a mail to a mailbox elsewhere, and read dmarc= in its Authentication-Results.",
)

UNTRUSTED_MAIL = Rule(
    Cause.MAIL_AUTHENTICATION_BROKEN,
    Words(
        title="receivers refuse its mails as not authenticated",
        sentence="is refused by receivers, because they cannot verify that mails come from the hotel",
        summary=(
            "Receivers answer 5.7.26: neither SPF nor DKIM fits the address in From. Something that "
            "sends in the hotel's name is not let in by the records, or does not sign."
        ),
        steps=(
            "Read one refused mail's answer in the mail log: it names the domain and what failed.",
            (
                "If the mails leave through another server than usual (a new relay, a newsletter "
                "service), add it to SPF, and have it sign with DKIM for the domain in From."
            ),
            (
                "Send a mail to a mailbox elsewhere: its Authentication-Results must say spf=pass or "
                "dkim=pass for that domain. Then send again what was refused."
            ),
        ),
    ),
    needs=(
        sign("receivers refuse most failing mails as not authenticated (5.7.26)", Sign.MAIL_UNAUTHENTICATED),
    ),
    explains=either(UNAUTHENTICATED, both(checks("log"), signs(Sign.LOG_FAILURES))),
    fault=US,
    test=(
        "Compare the server that sent a refused mail with those in the SPF record: another one was "
        "forgotten there."
    ),
    codes=r"5\.7\.26",
)

CHANGED = Rule(
    Cause.DNS_RECORD_CHANGED,
    Words(
        title="a DNS record of its mail has changed",
        sentence="depends on a DNS record that somebody has changed",
        summary=(
            "A record that says who may send mail in the hotel's name has changed, and still works. If "
            "nobody of the hotel did it, somebody else may send in its name."
        ),
        steps=(
            (
                "Compare before and after in the evidence, and ask whoever keeps the DNS of {domain} "
                "whether it was them."
            ),
            (
                "If it was, resolve this incident with a note. If it was nobody, treat the DNS account "
                "as taken over: put the record back, change that account's password, end its sessions, "
                "call the next level."
            ),
            (
                "Then look at the other records too (MX, NS, A): dig +short MX {domain}; dig +short NS "
                "{domain}"
            ),
        ),
    ),
    needs=(sign("the record is another one than before", Sign.RECORD_CHANGED),),
    explains=both(checks("spf", "dkim", "dmarc"), signs(Sign.RECORD_CHANGED)),
    fault=US,
    test="Look in the change log of the DNS provider who made the change, and from where.",
)

LISTED = Rule(
    Cause.SENDING_IP_LISTED,
    Words(
        title="its sending address is on a blocklist",
        sentence="is refused by some receivers, because the address it is sent from is on a blocklist",
        summary=(
            "The address that mails leave from is listed as a source of spam: often a mailbox or a "
            "computer behind it was taken over, or an earlier user of the address."
        ),
        steps=(
            (
                "Find and stop what sends the spam first, or it will be listed again: look for a mailbox "
                "that sends far more than usual, and change its password."
            ),
            (
                "Look the address up on the list's own site, which tells why and how it comes off; ask "
                "for that once."
            ),
            (
                "Until then send through another way (the provider's relay), and confirm today's "
                "arrivals by phone."
            ),
        ),
    ),
    needs=(sign("", Sign.ADDRESS_LISTED, Sign.ADDRESS_BLOCKED),),
    supports=(
        shows(
            "blocklist",
            "a blocklist that passed its own test lists a sending address",
            signs=(Sign.ADDRESS_LISTED,),
        ),
        shows("smtp", "the mail server blocks our address", signs=(Sign.ADDRESS_BLOCKED,)),
    ),
    explains=either(
        signs(Sign.ADDRESS_LISTED), both(of_type("smtp"), signs(Sign.ADDRESS_BLOCKED)), mails_fail
    ),
    fault=US,
    test=(
        "Ask the list directly, not by a public resolver: for 192.0.2.1, dig +short 1.2.0.192.LIST - "
        "127.0.0.x means listed, 127.255.255.x that the list does not answer you."
    ),
    prior=0.95,
)

UNRELIABLE = Rule(
    Cause.BLOCKLIST_UNRELIABLE,
    Words(
        title="a blocklist does not answer us",
        sentence=(
            "is not affected as far as is known: a blocklist refuses our questions, so nobody knows what "
            "it lists"
        ),
        summary=(
            "The blocklist fails its own test or answers with an error (127.255.255.x): it does not "
            "serve public resolvers, or was asked too often, or is gone. That is no listing."
        ),
        steps=(
            "Nothing to do tonight: mail is not affected by this.",
            (
                "Ask through a resolver of your own (dns.servers in the configuration), or with a key of "
                "the list (Spamhaus: DQS)."
            ),
            "If the list no longer exists, take it out of blocklists in the configuration of {who}.",
        ),
    ),
    needs=(sign("a list's answers cannot be believed", Sign.LIST_UNRELIABLE),),
    explains=both(checks("blocklist"), signs(Sign.LIST_UNRELIABLE)),
    fault=US,
    test=(
        "Ask for what every list must hold: dig +short 2.0.0.127.LIST - no answer, or 127.255.255.x, "
        "confirms it."
    ),
)


BOUNCES = Rule(
    Cause.BOUNCES_NOT_SUPPRESSED,
    Words(
        title="mails go to addresses that do not exist",
        sentence=("goes to addresses that do not exist, again and again; providers close accounts for that"),
        summary=(
            "Mails come back for good, and their addresses are written to all the same. Above 5 to 10 % "
            "providers look into an account, or close it."
        ),
        steps=(
            (
                "See whether the job that handles bounces runs: an address that bounced for good must be "
                "marked invalid and suppressed (email_logs.suppressed_at) before the next mail."
            ),
            (
                "Stop newsletters and reminders to suppressed addresses now. Call guests who arrive soon "
                "for the right one."
            ),
            (
                "Look where bad addresses come from: a form that does not check them, aliases of travel "
                "sites that have expired, an imported list."
            ),
        ),
    ),
    needs=(sign("mails come back for good", Sign.HARD_BOUNCES),),
    unless=(sign("", Sign.MAIL_UNAUTHENTICATED, Sign.ADDRESS_LISTED, Sign.ADDRESS_BLOCKED),),
    supports=(no_such_recipient(),),
    explains=both(DELIVERY, signs(Sign.HARD_BOUNCES)),
    fault=US,
    test="Read the answers of the bounced mails: 5.1.1 is a bad address, 5.7.x that we are not trusted.",
)

RULES = (SPF, DKIM, UNTRUSTED_MAIL, DMARC, LISTED, UNRELIABLE, BOUNCES, CHANGED)
