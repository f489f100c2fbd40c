"""Options of the XML check: accepted, not yet watched."""

from typing import Self

from pydantic import model_validator

from checks.check import CheckType
from checks.values import FilePath, HttpUrl, TlsTrust


class Options(TlsTrust):
    """Which messages to look at, and the schema they must keep to."""

    path: FilePath | None = None
    url: HttpUrl | None = None
    schema_: FilePath | None = None

    model_config = TlsTrust.model_config | {"alias_generator": lambda name: name.removesuffix("_")}

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.path is None) == (self.url is None):
            raise ValueError("needs either `path` or `url`")
        return self


CHECK = CheckType("xml", Options, "invalid", None)
