"""XML documents and schemas, read so that nothing in them reaches out, grows, or stalls us."""

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from lxml import etree
from pydantic import BeforeValidator, TypeAdapter, ValidationInfo, WithJsonSchema

from checks.expectation import excerpt
from checks.log_cards import hide
from checks.result import Reason
from checks.values import FilePath

LIMIT = 1_048_576
"""Bytes of a document at the most."""
SCHEMA_LIMIT = 16 * LIMIT
"""Bytes of each file of a schema at the most."""

_PROLOG = rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?(?>\s+|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE"
_DOCTYPE = re.compile(_PROLOG, re.DOTALL)
_PLACE = re.compile(r",? line \d+, column \d+$")
_NAMESPACE = re.compile(r"\{[^{}]*\}")
_VALUE = re.compile(r"(?<=The value )'(.*)'(?= is not)|(?<=: )'(.*)'(?= is not)", re.DOTALL)
_PLAIN = re.compile(r"[0-9.,:TZ+-]{1,25}")
_HINTS = tuple(
    f"{{http://www.w3.org/2001/XMLSchema-instance}}{name}"
    for name in ("schemaLocation", "noNamespaceSchemaLocation")
)


class XmlError(Exception):
    """A document is not what it should be; the message goes on after its name. `line` is 0 when unknown."""

    def __init__(self, reason: Reason, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.reason = reason
        self.line = line


def parse(data: bytes, encoding: str | None = None, *, limit: int = LIMIT) -> etree._Element:
    """Return the root of a document, in the encoding it names itself unless told; raise XmlError.

    Blocks for some 10 ms a MiB.
    """
    if len(data) > limit:
        raise XmlError(Reason.TOO_LARGE, f"is larger than {limit // 1024} KiB")
    if not data.strip():
        raise XmlError(Reason.CONTENT, "is empty")
    if _DOCTYPE.match(data.replace(b"\0", b"")):
        raise _doctype()
    try:
        root = etree.fromstring(data, _parser(encoding))
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        what = excerpt(_PLACE.sub("", str(error.msg)))
        raise XmlError(Reason.CONTENT, f"is not well-formed XML: line {line}: {what}", line) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _doctype()
    return root


def _doctype() -> XmlError:
    return XmlError(Reason.CONTENT, "holds a DOCTYPE, which is refused")


def _parser(encoding: str | None = None) -> etree.XMLParser:
    return etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
    )


class Schema:
    """An XML schema, compiled. One whose file does not exist is kept all the same, and fits nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._compiled = _compile(path) if path.is_file() else None

    def __str__(self) -> str:
        return str(self.path)

    def is_file(self) -> bool:
        """Say whether the file of the schema exists."""
        return self.path.is_file()

    def check(self, root: etree._Element) -> None:
        """Raise XmlError when a document does not keep to the schema. The document is changed."""
        if self._compiled is None:
            raise XmlError(Reason.QUERY, f"cannot be held against {self.path.name}: there is no such file")
        # libxml2 would load what a document names here, be it a device or somebody's address.
        for hint in _HINTS:
            for element in (root, *root.iterfind(f".//*[@{hint}]")):
                if hint in element.attrib:
                    del element.attrib[hint]
        if not self._compiled.validate(root):
            first: Any = self._compiled.error_log[0]  # type: ignore[index]  # the stubs lack it
            what = f"does not keep to {self.path.name}: line {first.line}: {_discreet(first.message)}"
            raise XmlError(Reason.CONTENT, what, first.line)


def _discreet(message: str) -> str:
    """Return a validator's message without namespaces, and without values that may be a guest's."""
    text = _VALUE.sub(_shown, _NAMESPACE.sub("", message[:2000]))
    flat = " ".join(text.split())
    return flat if len(flat) <= 160 else flat[:159] + "…"


def _shown(match: re.Match[str]) -> str:
    value = match[1] if match[1] is not None else match[2]
    return f"'{value}'" if _PLAIN.fullmatch(value) and hide(value) == value else "'…'"


class _Beside(etree.Resolver):
    """Finds what a schema includes: in its own folder, and nowhere else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.refused: str | None = None

    def resolve(self, system_url: str, _public_id: str, context: Any) -> Any:  # type: ignore[override]  # the stubs lack it
        try:
            data = self._read(system_url)
        except (OSError, ValueError, XmlError) as error:
            name = excerpt(_NAMESPACE.sub("", system_url or ""))
            self.refused = self.refused or f"{name}: {getattr(error, 'strerror', None) or error}"
            return self.resolve_empty(context)  # type: ignore[attr-defined]  # the stubs lack it
        return self.resolve_string(data, context, base_url=system_url)

    def _read(self, url: str) -> bytes:
        parts = urlsplit(url)
        if parts.scheme not in {"", "file"} or parts.netloc:
            raise ValueError("what a schema includes must be in its own folder; put it there")
        path = Path(unquote(parts.path) if parts.scheme else url).resolve()
        if not path.is_relative_to(self.folder):
            raise ValueError("what a schema includes must be in its own folder; put it there")
        data = _bytes(path)
        parse(data, limit=SCHEMA_LIMIT)
        return data


def _bytes(path: Path) -> bytes:
    """Return what is in a file of a schema, one byte past the limit at the most."""
    if not path.is_file():
        raise ValueError("there is no such file")
    with path.open("rb") as file:
        return file.read(SCHEMA_LIMIT + 1)


def _compile(path: Path) -> etree.XMLSchema:
    """Return the schema of a file; raise ValueError that says what is wrong with it."""
    beside = _Beside(path.parent)
    parser = _parser()
    parser.resolvers.add(beside)
    try:
        data = _bytes(path)
        parse(data, limit=SCHEMA_LIMIT)
        compiled = etree.XMLSchema(etree.fromstring(data, parser, base_url=str(path.resolve())))
    except etree.XMLSchemaParseError as error:
        raise ValueError(f"is not an XML schema: {beside.refused or _complaint(error)}") from error
    except (OSError, XmlError) as error:
        raise ValueError(f"is not an XML schema: {getattr(error, 'strerror', None) or error}") from error
    if beside.refused:
        raise ValueError(f"is not an XML schema that can be used: {beside.refused}")
    return compiled


def _complaint(error: etree.XMLSchemaParseError) -> str:
    text = _PLACE.sub("", _NAMESPACE.sub("", str(error)))
    return " ".join(text[:200].split())


def _schema(value: object, info: ValidationInfo) -> Schema:
    if isinstance(value, Schema):
        return value
    return Schema(TypeAdapter[Path](FilePath).validate_python(value, context=info.context))


SchemaFile = Annotated[Schema, BeforeValidator(_schema), WithJsonSchema({"type": "string", "format": "path"})]
