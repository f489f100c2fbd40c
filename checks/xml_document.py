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

_DOCTYPE = re.compile(rb"(?:\xef\xbb\xbf)?(?>\s+|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)
_MARKED = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# XML 1.0, appendix F: how a document begins whose encoding no mark tells.
_UNMARKED = (
    (re.compile(rb"<\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0<"), "utf-32-be"),
    (re.compile(rb"<\0"), "utf-16-le"),
    (re.compile(rb"\0<"), "utf-16-be"),
    (re.compile(rb"<\?xml[^>]{1,200}encoding\s*=\s*[\"']utf-?7[\"']", re.IGNORECASE), "utf-7"),
)
_PIECE = 16_384
_PLACE = re.compile(r",? line \d+, column \d+$")
_NAMESPACE = re.compile(r"\{[^{}]*\}")

# How a message of libxml2 quotes values of the document, and how when it is cut off.
_VALUE = re.compile(r"(?:(?<=The value )|(?<=: ))'(.*)'(?= is not)|(?<=key-sequence )\[.*\]", re.DOTALL)
_CUT_VALUE = re.compile(r"(?:(?<=The value )|(?<=: ))'.*|(?<=key-sequence )\[.*", re.DOTALL)
_PLAIN = re.compile(r"[0-9.,:TZ+-]{1,25}")
_QUOTED = 1000


class XmlError(Exception):
    """A document is not what it should be; the message goes on after its name."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def parse(
    data: bytes, encoding: str | None = None, *, schema: "Schema | None" = None, limit: int = LIMIT
) -> etree._Element:
    """Return the root of a document, in the encoding it names itself unless told, and as its schema wants it.

    Raise XmlError. Blocks for some 20 ms a MiB, longer with a schema.
    """
    if len(data) > limit:
        raise XmlError(Reason.TOO_LARGE, f"is larger than {limit // 1024} KiB")
    if not data.strip():
        raise XmlError(Reason.CONTENT, "is empty")
    marked = next((name for mark, name in _MARKED if data.startswith(mark)), None)
    if marked:
        data, encoding = _as_utf_8(data, marked), "utf-8"
    unmarked = next((name for start, name in _UNMARKED if start.match(data)), None)
    if _DOCTYPE.match(_as_utf_8(data, unmarked) if unmarked else data):
        raise _doctype()
    try:
        root = etree.fromstring(data, _parser(encoding))
    except etree.XMLSyntaxError as error:
        if "entity amplification" in str(error.msg):
            raise _doctype() from None
        line = error.lineno or 0
        what = excerpt(_PLACE.sub("", str(error.msg)))
        raise XmlError(Reason.CONTENT, f"is not well-formed XML: line {line}: {what}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _doctype()
    if schema is not None:
        schema.check(data, encoding)
    return root


def _as_utf_8(data: bytes, encoding: str) -> bytes:
    return data.decode(encoding, "replace").encode("utf-8", "replace")


def _doctype() -> XmlError:
    return XmlError(Reason.CONTENT, "holds a DOCTYPE, which is refused")


def _parser(encoding: str | None = None, schema: etree.XMLSchema | None = None) -> etree.XMLParser:
    return etree.XMLParser(
        encoding=encoding,
        schema=schema,
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

    def check(self, data: bytes, encoding: str | None) -> None:
        """Raise XmlError when a well-formed document does not keep to the schema."""
        if self._compiled is None:
            raise XmlError(Reason.QUERY, f"cannot be held against {self.path.name}: there is no such file")
        # In pieces, to end with the first error: the time that all of them take is quadratic in their number.
        parser: Any = _parser(encoding, self._compiled)
        for number, line in enumerate(data.splitlines(keepends=True), 1):
            for start in range(0, len(line), _PIECE):
                parser.feed(line[start : start + _PIECE])
                if len(parser.feed_error_log):
                    raise self._breach(number, parser.feed_error_log[0].message)
        try:
            parser.close()
        except etree.XMLSyntaxError as error:
            raise self._breach(error.lineno or 0, str(error.msg)) from None

    def _breach(self, line: int, message: str) -> XmlError:
        what = f"does not keep to {self.path.name}: line {line}: {_discreet(message)}"
        return XmlError(Reason.CONTENT, what)


def _discreet(message: str) -> str:
    """Return a validator's message without namespaces, and without values that may be a guest's."""
    if len(message) > _QUOTED:
        message = _CUT_VALUE.sub("'…'", message[:_QUOTED])
    text = _VALUE.sub(_shown, _NAMESPACE.sub("", message))
    flat = " ".join(text.split())
    return flat if len(flat) <= 160 else flat[:159] + "…"


def _shown(match: re.Match[str]) -> str:
    value = match[1] or ""
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
