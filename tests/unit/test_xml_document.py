"""XML that is hostile, broken, or odd but fine."""

from pathlib import Path

import pytest

from checks.result import Reason
from checks.xml_document import LIMIT, Schema, XmlError, parse

XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'
DATED = f"""\
<xs:schema {XS} xmlns="urn:rates" targetNamespace="urn:rates" elementFormDefault="qualified">
  <xs:element name="rates"><xs:complexType><xs:sequence>
    <xs:element name="day" type="xs:date" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>"""
BOMB = '<!DOCTYPE a [<!ENTITY b "xxxxxxxxxx"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]><a x="&c;">&c;</a>'


def refused(data: bytes) -> XmlError:
    with pytest.raises(XmlError) as caught:
        parse(data)
    return caught.value


@pytest.mark.parametrize(
    "data",
    [
        b"<a/>",
        b"\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?><a/>",
        "<?xml version='1.0' encoding='utf-16'?><a>Zürich</a>".encode("utf-16"),
        "<a>Zürich</a>".encode("utf-16"),
        "<?xml version='1.0' encoding='utf-16'?><a>Zürich</a>".encode("utf-16-le"),
        "<?xml version='1.0' encoding='utf-32'?><a>Zürich</a>".encode("utf-32"),
        "\ufeff<a>Zürich</a>".encode("utf-32-le"),
        "\ufeff<a>Zürich</a>".encode("utf-32-be"),
        "<?xml version='1.0' encoding='iso-8859-1'?><a>Zürich</a>".encode("latin-1"),
        b"<!-- <!DOCTYPE a> --><?p <!DOCTYPE a> ?><a><![CDATA[<!DOCTYPE a>]]></a>",
        b"<a>" + b"x" * (LIMIT - 7) + b"</a>",
    ],
)
def test_a_well_formed_document_is_read_in_every_usual_encoding(data: bytes) -> None:
    assert parse(data).tag == "a"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b" \r\n\t", "is empty"),
        (b"<a>\n<b></a>", "is not well-formed XML: line 2: Opening and ending tag mismatch"),
        (b"no xml", "is not well-formed XML: line 1: Start tag expected"),
        (b"\0\0\0", "is not well-formed XML"),
        (b"<a>\xfc</a>", "is not well-formed XML: line 1: Invalid bytes in character encoding"),
        (b"<?xml version='1.0' encoding='klingon'?><a/>", "is not well-formed XML"),
        (b"<a>&nbsp;</a>", "is not well-formed XML: line 1: Entity 'nbsp' not defined"),
        (b"<a>" * 5000, "is not well-formed XML"),
        (b"<a/><a/>", "is not well-formed XML"),
    ],
)
def test_a_broken_document_says_where(data: bytes, says: str) -> None:
    error = refused(data)
    assert error.reason is Reason.CONTENT
    assert str(error).startswith(says)
    assert len(str(error)) < 200


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE a><a/>",
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        "<?xml version='1.0'?>\n<!-- c --> <!DOCTYPE a><a/>",
        BOMB,
        "<!DOCTYPE a [<a",
    ],
)
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_a_doctype_is_refused_before_anything_is_made_of_it(text: str, encoding: str) -> None:
    error = refused(text.replace("?xml version='1.0'?", "?p?").encode(encoding))
    assert str(error) == "holds a DOCTYPE, which is refused"


@pytest.mark.parametrize("name", ["UTF-7", "utf7"])
def test_a_doctype_is_refused_in_utf_7_too(name: str) -> None:
    text = BOMB.replace("<", "+ADw-").replace(">", "+AD4-").replace("&", "+ACY-")
    error = refused(f"<?xml version='1.0' encoding='{name}'?>{text}".encode())
    assert str(error) == "holds a DOCTYPE, which is refused"


def test_more_than_a_mebibyte_is_not_read() -> None:
    error = refused(b"<a>" + b"x" * LIMIT + b"</a>")
    assert (error.reason, str(error)) == (Reason.TOO_LARGE, "is larger than 1024 KiB")


def test_hostile_prologs_are_looked_through_at_once() -> None:
    for data in (b"<!---->" * 100_000, b"<!--" * 200_000, b"<?a?>" * 100_000 + b"<!DOC", b" " * LIMIT):
        assert refused(data).reason is Reason.CONTENT


def schema(folder: Path, text: str = DATED, name: str = "rates.xsd") -> Schema:
    path = folder / name
    path.write_text(text)
    return Schema(path)


def test_a_document_that_keeps_to_its_schema_is_fine(tmp_path: Path) -> None:
    parse(b"<rates xmlns='urn:rates'><day>2026-11-25</day></rates>", schema=schema(tmp_path))


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("25.11.2026", "'25.11.2026' is not a valid value of the atomic type 'xs:date'"),
        ("Mr. Smith", "'…' is not a valid value"),
        ("4111111111111111", "'…' is not a valid value"),
        ("x" * 50_000, "'…'"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_breach_names_schema_line_and_element_but_no_guest(
    tmp_path: Path, day: str, says: str, encoding: str
) -> None:
    data = f"<rates xmlns='urn:rates'>\n<day>{day}</day>\n<day>x</day></rates>".encode(encoding)
    with pytest.raises(XmlError) as caught:
        parse(data, schema=schema(tmp_path))
    said = str(caught.value)
    assert said.startswith("does not keep to rates.xsd: line 2: Element 'day': " + says)
    assert len(said) < 250


def test_the_values_of_keys_are_not_shown(tmp_path: Path) -> None:
    key = '<xs:unique name="u"><xs:selector xpath="g"/><xs:field xpath="."/></xs:unique>'
    inner = '<xs:element name="g" type="xs:string" maxOccurs="9"/>'
    listed = f"<xs:complexType><xs:sequence>{inner}</xs:sequence></xs:complexType>"
    one = schema(tmp_path, f'<xs:schema {XS}><xs:element name="a">{listed}{key}</xs:element></xs:schema>')
    with pytest.raises(XmlError, match="Duplicate key-sequence '…'") as caught:
        parse(b"<a><g>Mr. Smith</g><g>Mr. Smith</g></a>", schema=one)
    assert "Smith" not in str(caught.value)


def test_a_document_cannot_name_a_schema_of_its_own(tmp_path: Path) -> None:
    anything = "<xs:complexType><xs:sequence><xs:any namespace='##other'/></xs:sequence></xs:complexType>"
    one = schema(tmp_path, f'<xs:schema {XS}><xs:element name="a">{anything}</xs:element></xs:schema>')
    other = tmp_path / "other.xsd"
    other.write_text(f'<xs:schema {XS} targetNamespace="urn:o"><xs:element name="o"/></xs:schema>')
    xsi = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'"
    hint = f"xsi:schemaLocation='urn:o {other}'"
    with pytest.raises(XmlError, match="No matching global element declaration"):
        parse(f"<a {xsi} {hint}><o xmlns='urn:o' {hint}/></a>".encode(), schema=one)


def test_a_message_that_is_wrong_everywhere_is_refused_at_once(tmp_path: Path) -> None:
    data = b"<rates xmlns='urn:rates'>" + b"<day/>" * 150_000 + b"</rates>"
    with pytest.raises(XmlError, match="line 1"):
        parse(data, schema=schema(tmp_path))


def test_a_schema_may_include_what_is_in_its_own_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    (folder / "types").mkdir(parents=True)
    included = (
        f'<xs:schema {XS}><xs:simpleType name="T"><xs:restriction base="xs:int"/></xs:simpleType></xs:schema>'
    )
    (folder / "types" / "t.xsd").write_text(included)
    include = '<xs:include schemaLocation="types/t.xsd"/>'
    one = schema(folder, f'<xs:schema {XS}>{include}<xs:element name="a" type="T"/></xs:schema>')
    parse(b"<a>1</a>", schema=one)
    with pytest.raises(XmlError, match="not a valid value"):
        parse(b"<a>one</a>", schema=one)


@pytest.mark.parametrize("tag", ["include", "import"])
@pytest.mark.parametrize(
    "location", ["http://127.0.0.1:1/t.xsd", "../t.xsd", "/etc/passwd", "file://elsewhere/t.xsd", "gone.xsd"]
)
def test_a_schema_that_reaches_out_is_refused(tmp_path: Path, tag: str, location: str) -> None:
    (tmp_path / "t.xsd").write_text(f"<xs:schema {XS}/>")
    folder = tmp_path / "own"
    folder.mkdir()
    space = 'namespace="urn:t" ' if tag == "import" else ""
    text = f'<xs:schema {XS}><xs:{tag} {space}schemaLocation="{location}"/><xs:element name="a"/></xs:schema>'
    with pytest.raises(ValueError, match=r"is not an XML schema.*(own folder|no such file)"):
        schema(folder, text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not an XML schema: is empty"),
        ("<x/>", "is not an XML schema: "),
        ("<xs:schema", "is not an XML schema: is not well-formed"),
        (f"<!DOCTYPE a><xs:schema {XS}/>", "is not an XML schema: holds a DOCTYPE"),
        (f'<xs:schema {XS}><xs:element name="a" type="T"/></xs:schema>', "is not an XML schema: .*'T'"),
    ],
)
def test_what_is_no_schema_says_why(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        schema(tmp_path, text)


def test_a_schema_that_does_not_exist_fits_nothing(tmp_path: Path) -> None:
    gone = Schema(tmp_path / "gone.xsd")
    assert not gone.is_file()
    with pytest.raises(XmlError) as caught:
        parse(b"<a/>", schema=gone)
    assert caught.value.reason is Reason.QUERY
