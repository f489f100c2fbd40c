"""What can go wrong in the house: processes, logs, webhooks, messages, backups."""

from collections.abc import Iterator
from datetime import timedelta

from aiohttp import web

from checks.result import Reason, Sign
from daemon.clock import SystemClock
from daemon.demo import log_writer as logs
from daemon.demo import processes
from daemon.demo.fault import Fault, critical
from daemon.demo.hotel import Hotel
from daemon.demo.webhooks import PATHS, PAYMENT, SECRETS

LONG_AGO = timedelta(minutes=45)
"""Longer than a synchronisation may stay away."""

CARD = "4111 1111 1111 1111"
"""The number that card networks set aside for tests."""


def faults() -> Iterator[Fault]:
    """Yield every fault."""
    yield from _processes()
    yield from _producers()
    yield from _webhooks()
    yield from _findings()
    yield from _files()


def _processes() -> Iterator[Fault]:
    async def become(hotel: Hotel, name: str, status: str) -> None:
        hotel.processes.become(name, status)

    async def restart(hotel: Hotel, times: int) -> None:
        hotel.processes.restart(processes.BOOKING, times)

    async def settle(hotel: Hotel, times: int) -> None:
        await restart(hotel, -times)
        hotel.processes.settle(processes.BOOKING)

    yield Fault(
        "sync-service-down",
        "The process that synchronises with the booking engine is stopped",
        (critical("booking_engine/sync_process", Reason.PROCESS, Sign.NOT_RUNNING),),
        lambda hotel: become(hotel, processes.BOOKING, "stopped"),
        lambda hotel: become(hotel, processes.BOOKING, "online"),
    )
    yield Fault(
        "sync-service-down:channel-manager",
        "Both workers that synchronise with the channel manager ended with errors",
        (critical("channel_manager/sync_process", Reason.PROCESS, Sign.NOT_RUNNING),),
        lambda hotel: become(hotel, processes.CHANNELS, "errored"),
        lambda hotel: become(hotel, processes.CHANNELS, "online"),
    )
    yield Fault(
        "sync-service-crash-loop",
        "The process that synchronises with the booking engine restarts again and again",
        (critical("booking_engine/sync_process", Reason.PROCESS, Sign.RESTARTING),),
        lambda hotel: restart(hotel, 6),
        lambda hotel: settle(hotel, 6),
    )


def _producers() -> Iterator[Fault]:
    for variant, log, word, turn in (
        ("", logs.BOOKING, "availability sync", "booking_engine/sync_log"),
        (":rates", logs.OTA, "rate update", "expedia/rate_log"),
    ):
        kind = next(text for text in logs.USUAL[log] if word in text)

        async def stop(hotel: Hotel, log: str = log, kind: str = kind) -> None:
            hotel.logs.quiet.add(kind)
            # Written late, of what was done long ago: nobody wants to wait for that in a demo.
            hotel.logs.write(log, "INFO", kind.format(n=1), SystemClock().now() - LONG_AGO)

        async def go_on(hotel: Hotel, log: str = log, kind: str = kind) -> None:
            hotel.logs.quiet.discard(kind)
            hotel.logs.write(log, "INFO", kind.format(n=1))

        yield Fault(
            f"producer-stopped{variant}",
            f"The PMS has produced no {word} for 45 minutes, and nothing says why",
            (critical(turn, Reason.STALE),),
            stop,
            go_on,
        )


def _webhooks() -> Iterator[Fault]:
    yield _other_secret()

    async def care(hotel: Hotel, how: str) -> None:
        hotel.pms.decides.careless = how

    def careless(name: str, sentence: str, how: str, reason: Reason, sign: Sign) -> Fault:
        turns = tuple(
            critical(check, reason, sign) for check in ("booking_engine/webhook", "payment/webhook")
        )
        return Fault(name, sentence, turns, lambda hotel: care(hotel, how), lambda hotel: care(hotel, ""))

    said = "The PMS's verifier crashes on signatures of the wrong length"
    crashes = Sign.VERIFIER_CRASHES
    yield careless("webhook-verifier-crashes", said, "crash", Reason.SERVER_ERROR, crashes)
    said = "The PMS takes events from anybody: it verifies no signature"
    accepted = Sign.FORGERY_ACCEPTED
    yield careless("webhook-signature-not-verified", said, "any", Reason.SECURITY, accepted)

    async def move(hotel: Hotel) -> None:
        hotel.pms.host.answers[PATHS[PAYMENT]] = lambda: web.Response(status=404, text="no such route")

    async def move_back(hotel: Hotel) -> None:
        del hotel.pms.host.answers[PATHS[PAYMENT]]

    said = "The payment gateway calls a URL that the PMS no longer has"
    turns = (critical("payment/webhook", Reason.CLIENT_ERROR, Sign.NO_WEBHOOK_HERE),)
    yield Fault("webhook-url-wrong", said, turns, move, move_back)


def _other_secret() -> Fault:
    async def replace(hotel: Hotel) -> None:
        hotel.pms.decides.secrets[PAYMENT] = "another-secret"
        for _ in range(20):
            hotel.logs.write(logs.PAYMENT_EVENTS, "ERROR", "webhook signature verification failed")

    async def mend(hotel: Hotel) -> None:
        hotel.pms.decides.secrets[PAYMENT] = SECRETS[PAYMENT]
        hotel.logs.cut(logs.PAYMENT_EVENTS, "verification failed")

    return Fault(
        "webhook-secret-wrong",
        "The PMS has another webhook secret than the payment gateway, and refuses its events",
        (
            critical("payment/webhook", Reason.CONTENT, Sign.SIGNED_REFUSED),
            critical("payment/webhook_log", Reason.THRESHOLD, Sign.LOG_FAILURES, Sign.SIGNATURE_FAILURES),
        ),
        replace,
        mend,
    )


def _findings() -> Iterator[Fault]:
    async def leak(hotel: Hotel) -> None:
        hotel.logs.write(logs.PAYMENT, "INFO", f"payment pay_77 captured card={CARD}")

    async def wipe(hotel: Hotel) -> None:
        hotel.logs.cut(logs.PAYMENT, CARD)

    said = "The PMS writes a guest's card number into its log"
    turns = (critical("payment/log", Reason.SECURITY, Sign.CARD_NUMBER),)
    yield Fault("card-number-in-log", said, turns, leak, wipe, lasting=True)

    async def attack(hotel: Hotel) -> None:
        for _ in range(30):
            hotel.logs.write(logs.AUDIT, "WARN", "login failed user=admin from=10.9.8.7")

    async def erase(hotel: Hotel) -> None:
        hotel.logs.path(logs.AUDIT).write_text("")

    async def archive(hotel: Hotel) -> None:
        hotel.logs.rotate(logs.AUDIT)

    turns = (critical("pms/audit_log", Reason.SECURITY, Sign.FAILED_LOGINS),)
    said = "Somebody tries passwords for the PMS, thirty within seconds"
    yield Fault("login-attack", said, turns, attack, archive, lasting=True)
    turns = (critical("pms/audit_log", Reason.SECURITY, Sign.AUDIT_GAP),)
    yield Fault("audit-trail-gap", "Somebody has emptied the audit log", turns, erase, archive, lasting=True)


def _files() -> Iterator[Fault]:
    async def lose(hotel: Hotel) -> None:
        hotel.logs.lose("api")

    async def find(hotel: Hotel) -> None:
        hotel.logs.find("api")

    turns = (critical("pms/logs", Reason.MISSING, Sign.LOG_GONE),)
    yield Fault("logging-broken", "The folder of the API's logs is gone", turns, lose, find)

    async def garble(hotel: Hotel) -> None:
        hotel.messages.send(amount="one hundred", name="rates-broken.xml")

    async def send_again(hotel: Hotel) -> None:
        (hotel.messages.directory / "rates-broken.xml").unlink()
        hotel.messages.send()

    said = "The newest message for the OTA breaks its schema: an amount is no number"
    turns = (critical("expedia/messages", Reason.CONTENT, Sign.MESSAGE_INVALID),)
    yield Fault("message-invalid", said, turns, garble, send_again)

    async def remove(hotel: Hotel) -> None:
        hotel.backup.unlink()

    async def back_up(hotel: Hotel) -> None:
        hotel.back_up()

    turns = (critical("pms/backup", Reason.MISSING),)
    yield Fault("unknown:no-backup", "The backups of the PMS are gone", turns, remove, back_up)
