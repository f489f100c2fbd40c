"""Plain value types that options are made of: durations, ids, secrets, URLs, patterns, ports.

They are pydantic annotations, so that a configuration that loads is one that runs. Their error messages
say what would be right; the settings loader puts file, line and path in front.
"""

import re
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from yarl import URL

from checks.pattern import Pattern

BESIDE = "beside"
"""The key of the validation context that names the directory relative paths start from."""

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"([0-9]{1,9})(ms|s|m|h|d)", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?|[0-9A-Fa-f:.%]+")


class Options(BaseModel):
    """The base of every option model: frozen, and unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    def __deepcopy__(self, _memo: dict[int, Any] | None = None) -> Self:
        # Nothing in it changes: a default need not be copied for each of thousands of checks.
        return self


def parse_duration(value: object) -> float:
    """Return the seconds of a duration such as `500ms`, `30s`, `15m`, `24h` or `7d`."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(
            "is not a duration; write a whole number and a unit, such as 500ms, 30s, 15m, 24h or 7d"
        )
    return int(match[1]) * UNITS[match[2]]


def _positive(seconds: float) -> float:
    if seconds <= 0:
        raise ValueError("must be longer than 0s")
    return seconds


def _whole(value: object) -> object:
    if isinstance(value, bool | float):
        raise ValueError("must be a whole number")  # noqa: TRY004 - pydantic reports ValueError only
    return value


def _number(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic reports ValueError only
    return value


def _flag(value: object) -> object:
    if value in ("true", "false"):
        return value == "true"
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - pydantic reports ValueError only
    return value


def _header(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[!-~]([ -~]*[!-~])?", value.get_secret_value()):
        raise ValueError("holds a space at an end, a line break, or a letter that a header cannot carry")
    return value


def _one_line(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError("must not hold control characters or line breaks")
    return value


def _http_url(value: str) -> str:
    _one_line(value)
    try:
        url = URL(value)
        port = url.port
    except ValueError as error:
        part = "has a port that is none from 1 to 65535" if "port" in str(error).lower() else "is not a URL"
        raise ValueError(f"{part}; write one such as https://api.vendor.example/path") from error
    if url.scheme not in {"http", "https"} or not url.raw_host or not port:
        raise ValueError("must be an http:// or https:// URL with a host")
    if url.user is not None or url.password is not None:
        raise ValueError("must not hold a user name or password; use `username` and `password`")
    if not _is_host(url.raw_host):
        raise ValueError("has a host that is neither a host name nor an IP address")
    scheme, _, rest = value.partition(":")
    return f"{scheme.lower()}:{rest}"


def _base_url(value: str) -> str:
    if "?" in value or "#" in value:
        raise ValueError("must end with its path: what is asked for is put behind it")
    return value


def _is_host(value: str) -> bool:
    labels = value.rstrip(".").split(".")
    return bool(_HOST.fullmatch(value)) and (":" in value or all(0 < len(one) <= 63 for one in labels))


def _host(value: str) -> str:
    if not _is_host(value):
        raise ValueError("is not a host name or an IP address")
    return value


def _ip_address(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError as error:
        raise ValueError("is not an IP address") from error


def _pattern(value: object) -> Pattern:
    if not isinstance(value, str):
        raise ValueError("must be a regular expression, as text")  # noqa: TRY004 - as above
    return Pattern(value)


def _path(value: object, info: ValidationInfo) -> Any:
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value or "\x00" in value:
        raise ValueError("must be the path of a file or directory")
    return Path((info.context or {}).get(BESIDE, ""), value)


@lru_cache(maxsize=64)
def _once(path: Path) -> Path:
    """Return the same object for all that name the same path: thousands of checks trust one file."""
    return path


Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    AfterValidator(_positive),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,9}(ms|s|m|h|d)$", "examples": ["30s", "15m"]}),
]
Id = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,64}$")]
Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)]
Line = Annotated[str, Field(max_length=2000), AfterValidator(_one_line)]
Secret = Annotated[SecretStr, Field(min_length=1)]
Flag = Annotated[bool, BeforeValidator(_flag)]
HeaderSecret = Annotated[Secret, AfterValidator(_header)]
Whole = Annotated[int, BeforeValidator(_whole)]
Count = Annotated[int, BeforeValidator(_whole), Field(ge=1)]
Number = Annotated[float, BeforeValidator(_number), Field(allow_inf_nan=False)]
Port = Annotated[int, BeforeValidator(_whole), Field(ge=1, le=65535)]
Host = Annotated[str, AfterValidator(_host)]
IpAddress = Annotated[str, AfterValidator(_ip_address)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
BaseUrl = Annotated[HttpUrl, AfterValidator(_base_url)]
Regex = Annotated[
    Pattern,
    BeforeValidator(_pattern),
    PlainSerializer(lambda pattern: pattern.pattern, return_type=str),
    WithJsonSchema({"type": "string", "format": "regex"}),
]
FilePath = Annotated[
    Path,
    BeforeValidator(_path),
    AfterValidator(_once),
    WithJsonSchema({"type": "string", "format": "path"}),
]


class TlsTrust(Options):
    """What a connection trusts: the system's authorities and a private one added, or anything.

    `allow_plaintext_auth` lets a password go over a connection that is not encrypted.
    """

    verify: Flag = Field(True, description="whether certificates are verified; `false` trusts anybody")
    ca_file: FilePath | None = Field(
        None, description="certificates of a private authority, trusted besides the system's"
    )
    allow_plaintext_auth: Flag = Field(
        False, description="whether a password may go over a connection that is not encrypted"
    )


@lru_cache(maxsize=64)
def trusting(ca_file: Path | None, *, verify: bool) -> TlsTrust:
    """Return what a connection trusts, the same object for all that trust the same."""
    return TlsTrust(verify=verify, ca_file=ca_file)


class SmtpServer(TlsTrust):
    """An SMTP server and how to log in there."""

    host: Host = Field(description="the mail server")
    port: Port = Field(587, description="usually 587 for `starttls`, 465 for `tls`")
    security: Literal["none", "starttls", "tls"] = Field(
        "starttls",
        description="how the connection is encrypted: not at all, after STARTTLS, or from the start",
    )
    username: Line | None = Field(None, description="who logs in")
    password: Secret | None = Field(None, description="what is logged in with")

    @model_validator(mode="after")
    def _safe_login(self) -> Self:
        if self.password is not None and self.username is None:
            raise ValueError("has a `password` without a `username`")
        if self.password is not None and self.security == "none" and not self.allow_plaintext_auth:
            raise ValueError(
                "would send the password unencrypted; use security: starttls or tls, "
                "or set allow_plaintext_auth: true"
            )
        return self
