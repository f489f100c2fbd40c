"""Which certificates a connection believes: SSL contexts, built once and kept.

Building one costs tens of milliseconds, more than a whole probe, so that none is built in a run: `prepare`
builds them when a configuration is taken into use.
"""

import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from checks.values import TlsTrust


def build(ca_file: Path | None, *, verify: bool = True) -> ssl.SSLContext:
    """Return a client context that believes the system's authorities and those in `ca_file`.

    Raise ValueError, saying what is wrong, when the file cannot be read or holds no certificate.
    """
    context = ssl.create_default_context() if verify else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file is not None:
        _believe(context, ca_file)
    if not verify:
        # The system's authorities, of which none is asked, are what takes so long.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def flaw(ca_file: Path) -> str:
    """Say what is wrong with a file of authorities, in a hundredth of the time that a context takes."""
    try:
        _believe(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ca_file)
    except ValueError as error:
        return str(error)
    return ""


def _believe(context: ssl.SSLContext, ca_file: Path) -> None:
    try:
        context.load_verify_locations(cafile=ca_file)
    except FileNotFoundError as error:
        raise ValueError(f"there is no file {ca_file}") from error
    except OSError as error:
        reason = "holds no certificate in PEM form" if isinstance(error, ssl.SSLError) else error.strerror
        raise ValueError(f"{ca_file} cannot be used: {reason}") from error


@dataclass(slots=True)
class Trust:
    """SSL contexts by authorities' file and whether certificates are verified."""

    _contexts: dict[tuple[Path | None, bool], ssl.SSLContext] = field(default_factory=dict)

    def context(self, options: TlsTrust) -> ssl.SSLContext:
        """Return the context for these options; ValueError as `build`."""
        key = (options.ca_file, options.verify)
        context = self._contexts.get(key)
        if context is None:
            context = self._contexts[key] = build(options.ca_file, verify=options.verify)
        return context

    def blind(self) -> ssl.SSLContext:
        """Return the context that verifies nothing, to read a certificate that was refused."""
        return self.context(TlsTrust(verify=False))

    def prepare(self, wanted: Iterable[TlsTrust]) -> None:
        """Build afresh what these options need, and forget the rest: files may have changed.

        Blocks; may be called from a thread of its own. ValueError as `build`, and then nothing has changed.
        """
        keys = {(options.ca_file, options.verify) for options in wanted} | {(None, False)}
        self._contexts = {key: build(key[0], verify=key[1]) for key in keys}
