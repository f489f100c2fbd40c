"""Asking the running porter: its address from `listen`, its token from `web`."""

import getpass
import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from alerts.message_text import clean
from daemon.cli.command import CommandError
from daemon.settings import Settings

ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to ask a porter that listens everywhere
PATIENCE = 20.0
"""Seconds to wait for an answer."""

LONGEST = 256 * 1024 * 1024
"""Bytes of an answer at the most: the status of some 500,000 checks."""


class Porter:
    """The porter that runs with a configuration. Whatever fails is a CommandError with this exit code."""

    def __init__(self, configuration: Settings, code: int = 1) -> None:
        host, self._port = configuration.listen
        self._host = ANY.get(host, host)
        self._token = configuration.web.token
        self._code = code

    @property
    def address(self) -> str:
        """Where it is asked."""
        return f"{self._host}:{self._port}"

    def get(self, *path: str, **query: str | int | None) -> Any:
        """Return an answer; words of the path are escaped, and what is None is not asked for."""
        asked = urlencode({name: value for name, value in query.items() if value is not None})
        return self._ask("GET", path, f"?{asked}" if asked else "")

    def post(self, *path: str, **fields: Any) -> Any:
        """Have it do something; return its answer. What is None is left out."""
        body = {name: value for name, value in fields.items() if value is not None}
        return self._ask("POST", path, body=body)

    def delete(self, *path: str) -> Any:
        """Have it end something; return its answer, if it has one."""
        return self._ask("DELETE", path)

    def reload(self) -> tuple[bool, str]:
        """Have it read its configuration again; return whether that is applied, and what it says."""
        status, data = self._exchange("POST", "/-/reload", None)
        self._refuse_unauthorised(status)
        if status in {http.client.FORBIDDEN, http.client.TOO_MANY_REQUESTS}:
            raise CommandError(clean(data.decode("utf-8", "replace"), 1000), self._code)
        if status not in {http.client.OK, http.client.INTERNAL_SERVER_ERROR}:
            raise self.stranger()
        lines = data.decode("utf-8", "replace").splitlines()
        return status == http.client.OK, "\n".join(clean(line, 1000) for line in lines[:1000])

    def stranger(self) -> CommandError:
        """Return what to raise when an answer is none of a porter."""
        return CommandError(f"what answers on {self.address} is not Night Porter", self._code)

    def _ask(
        self, method: str, path: tuple[str, ...], query: str = "", body: Mapping[str, Any] | None = None
    ) -> Any:
        target = "/api/v1/" + "/".join(quote(word, safe="") for word in path) + query
        status, data = self._exchange(method, target, body)
        self._refuse_unauthorised(status)
        if status == http.client.NO_CONTENT:
            return None
        try:
            answer = json.loads(data)
        except (ValueError, RecursionError):
            raise self.stranger() from None
        if 200 <= status < 300:
            return answer
        said = answer.get("error") if isinstance(answer, dict) else None
        if not isinstance(said, str):
            raise self.stranger()
        raise CommandError(clean(said, 1000), self._code)

    def _refuse_unauthorised(self, status: int) -> None:
        if status == http.client.UNAUTHORIZED:
            raise CommandError(
                f"the porter on {self.address} does not take our token; "
                "is it running with this configuration?",
                self._code,
            )

    def _exchange(self, method: str, target: str, body: Mapping[str, Any] | None) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {self._token.get_secret_value()}"} if self._token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = None if body is None else json.dumps(body)
        connection = http.client.HTTPConnection(self._host, self._port, timeout=PATIENCE)
        try:
            connection.request(method, target, data, headers)
            response = connection.getresponse()
            answer = response.read(LONGEST + 1)
        except (OSError, ValueError, http.client.HTTPException) as error:
            why = clean(str(error), 100)
            raise CommandError(
                f"no porter answers on {self.address} ({why}); is `nightporter run` up?", self._code
            ) from None
        finally:
            connection.close()
        if len(answer) > LONGEST:
            raise self.stranger()
        return response.status, answer


def who_asks(given: str | None) -> str:
    """Return the name of who acts: as given, else the login name."""
    if given:
        return given
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise CommandError("say who you are: --by WHO") from None
