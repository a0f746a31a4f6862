"""POST /api/tickets.xml: the document, then everything that it shares with JSON."""

import codecs
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialects.json_reading import DEEPEST
from dialects.osticket.core import read_xml
from dialects.osticket.words import Unreadable
from helpdesk.errors import DeskError, Invalid
from helpdesk.model.entries import Body
from helpdesk.model.tickets import NewTicket
from tests.dialects.osticket.conftest import Answer, Desk, request

HTML = "text/html; charset=UTF-8"
SEED = b"""<?xml version="1.0" encoding="UTF-8"?>
<ticket alert="true" autorespond="true" source="API">
    <name>Angry User</name>
    <email>api@osticket.com</email>
    <subject>Testing API</subject>
    <phone>318-555-8634X123</phone>
    <message type="text/plain"><![CDATA[Message content here]]></message>
    <attachments>
        <file name="file.txt" type="text/plain"><![CDATA[
            File content is here and is automatically trimmed
        ]]></file>
        <file name="image.gif" type="image/gif" encoding="base64">
            R0lGODdhAQABAPAAAP///
            wAAACwAAAAAAQABAAACAkQBADs=
        </file>
    </attachments>
    <ip>123.211.233.122</ip>
</ticket>
"""
NOTHING_SAID = """Unable to create new ticket :user
Incomplete client information
20
Issue Summary is a required field
21
Issue Details is a required field"""


def xml(inside: str, attributes: str = "") -> str:
    """A document of the minimal ticket with something more in it."""
    return (
        f"<ticket {attributes}><email>jane@example.com</email><name>Jane Doe</name>"
        f"<subject>Printer</subject><message>It burns.</message>{inside}</ticket>"
    )


def post(desk: Desk, document: str | bytes, path: str = "/api/tickets.xml") -> Answer:
    raw = document.encode() if isinstance(document, str) else document
    return desk.call("POST", path, raw=raw, headers={"Content-Type": "text/xml"})


def ticket_of(document: str | bytes) -> NewTicket:
    raw = document.encode() if isinstance(document, str) else document
    return read_xml.new_ticket(request(raw=raw))


def words_of(document: str | bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        ticket_of(document)
    return refused.value.words


# --- through the handler --------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/tickets.xml", "/api/http.php/tickets.xml"])
def test_the_example_of_the_documentation(desk: Desk, path: str) -> None:
    answer = post(desk, SEED, path)
    assert (answer.status, answer.type) == (201, HTML)
    ticket = desk.get(answer.text)
    assert ticket["subject"] == "Testing API"
    assert ticket["ip"] == "123.211.233.122"
    assert ticket["fields"] == {"phone": "3185558634X123"}
    (message,) = ticket["thread"]
    assert message["body"] == "Message content here"
    shown = [(file["filename"], file["size"]) for file in message["attachments"]]
    assert shown == [("file.txt", 49), ("image.gif", 35)]


def test_a_retry_gets_the_same_answer(desk: Desk) -> None:
    first, again = (
        desk.call("POST", "/api/tickets.xml", raw=SEED, headers={"Idempotency-Key": "1"})
        for _ in range(2)
    )
    assert (again.status, again.text) == (201, first.text)
    assert desk.tickets() == 1


@pytest.mark.parametrize(
    ("document", "status", "words"),
    [
        (b"", 400, "XML error: No error at line 1:1"),
        (b"<ticket>", 400, "XML error: No element found at line 1:9"),
        (b"<ticket></tick>", 400, "XML error: Mismatched tag at line 1:11"),
        (
            xml("<attachments><file name='x.txt' encoding='base64'>?</file></attachments>"),
            400,
            "Unable to create new ticket :attachments\nx.txt: Invalid base64 data",
        ),
        (
            b"<Ticket><email>jane@example.com</email></Ticket>",
            400,
            NOTHING_SAID,
        ),
    ],
)
def test_refusals(desk: Desk, document: bytes | str, status: int, words: str) -> None:
    answer = post(desk, document)
    assert (answer.status, answer.text) == (status, words)
    assert desk.tickets() == 0


def test_a_key_needs_the_permission(desk: Desk) -> None:
    key = desk.cloud.key(permissions=["can_read_tickets"])["key"]
    answer = desk.call("POST", "/api/tickets.xml", raw=SEED, key=key)
    assert (answer.status, answer.text) == (403, "API key not authorized")


# --- values ---------------------------------------------------------------------------------


def test_attributes_and_elements_are_the_same() -> None:
    values = {"name": "Jane", "email": "jane@example.com", "subject": "S", "message": "m"}
    attributes = " ".join(f'{key}="{value}"' for key, value in values.items())
    elements = "".join(f"<{key}>{value}</{key}>" for key, value in values.items())
    assert ticket_of(f"<ticket {attributes}/>") == ticket_of(f"<ticket>{elements}</ticket>")


def test_blanks_stay_inside_a_text_and_go_at_its_ends() -> None:
    found = ticket_of(
        "<ticket><message>\n Hello  &amp; <![CDATA[ <wide> ]]>\n\tworld </message></ticket>"
    )
    assert found.body == Body("Hello  &  <wide> \n\tworld")


def test_a_long_text_stays_whole() -> None:
    long = " ".join(f"word{n} &amp;" for n in range(20_000))
    assert ticket_of(f"<ticket><message>{long}</message></ticket>").body.text == long.replace(
        "&amp;", "&"
    )


@pytest.mark.parametrize(
    ("said", "meant"),
    [("true", True), ("1", True), ("yes", True), ("False", False), ("0", False), ("", False)],
)
def test_switches(said: str, meant: bool) -> None:
    for document in (
        xml("", f'alert="{said}" autorespond="{said}"'),
        xml(f"<alert>{said}</alert>"),
    ):
        assert ticket_of(document).alert is meant
    assert ticket_of(xml("")).autorespond is True


def test_a_phone_is_joined_with_its_extension() -> None:
    assert ticket_of(xml('<phone ext="12">555-1234567</phone>')).requester.phone == "555-1234567X12"
    assert ticket_of(xml('<phone ext="">5551234567</phone>')).requester.phone == "5551234567"


@pytest.mark.parametrize(
    ("attributes", "format_"),
    [("", "text"), ('type="Text/HTML"', "html"), ('type="text/html; charset=x"', "html")],
)
def test_a_message_has_a_type(attributes: str, format_: str) -> None:
    assert ticket_of(f"<ticket><message {attributes}>x</message></ticket>").body.format == format_


def test_a_message_may_be_base64_or_in_an_encoding_of_its_own() -> None:
    coded = '<ticket><message encoding="base64">aMOp</message></ticket>'
    assert ticket_of(coded).body.text == "hé"
    with pytest.raises(Invalid):
        ticket_of(coded.replace("aMOp", "a"))
    head = b'<?xml version="1.0" encoding="ISO-8859-1"?>'
    own = (
        b'<ticket><message encoding="Shift_JIS">'
        + "日本".encode("shift_jis")
        + b"</message></ticket>"
    )
    assert ticket_of(head + own).body.text == "日本"
    # A name of nothing, and one that a Unicode document proves wrong, change nothing.
    for name in ("nonsense", "ISO-8859-1"):
        assert (
            ticket_of(f'<ticket><message encoding="{name}">é</message></ticket>').body.text == "é"
        )


@pytest.mark.parametrize("name", ["ISO-8859-1", "UTF-8", "UTF-16", "UTF-16-LE", "UTF-32", "cp037"])
def test_an_encoding_is_not_applied_twice(name: str) -> None:
    head = '<?xml version="1.0" encoding="ISO-8859-1"?>'
    sent = f'{head}<ticket><message encoding="{name}">Grüße an alle</message></ticket>'
    for document in (sent.encode("latin-1"), sent.replace("Grüße", "Hallo").encode("latin-1")):
        assert ticket_of(document).body.text in {"Grüße an alle", "Hallo an alle"}


def test_what_is_missing_and_what_is_empty() -> None:
    assert ticket_of("<ticket/>").body == Body("")
    assert ticket_of("<ticket><message/></ticket>").body == Body("-")


def test_unknown_elements_are_values_of_fields() -> None:
    found = ticket_of(xml("<colour>red</colour><size>1</size><size>2</size><a><b>3</b></a>"))
    assert found.fields == {"colour": "red", "size": ("1", "2"), "a": ("b",)}


def test_a_namespace_does_not_matter() -> None:
    assert ticket_of('<t:ticket xmlns:t="urn:t"><t:subject>S</t:subject></t:ticket>').subject == "S"
    undeclared = ticket_of('<o:ticket a:x="1"><subject>S</subject><b:size>2</b:size></o:ticket>')
    assert (undeclared.subject, undeclared.fields) == ("S", {"x": "1", "size": "2"})
    assert ticket_of('<ticket xmlns="urn:t"><subject>S</subject></ticket>').fields == {}


@pytest.mark.parametrize("inside", ["<subject>1</subject>", "<name><b>x</b></name>"])
def test_what_must_be_text_is_refused_where_it_is_not(inside: str) -> None:
    with pytest.raises(Invalid):
        ticket_of(xml(inside))


# --- files ----------------------------------------------------------------------------------


def file_of(attributes: str, content: str) -> Any:
    document = xml(f"<attachments><file {attributes}>{content}</file></attachments>")
    (file,) = ticket_of(document).files
    return file


def test_files_in_every_way() -> None:
    assert file_of('name="a.csv"', "\n é \n").data == "é".encode()
    assert file_of('name="a.csv"', "x").type == "text/csv"
    assert file_of('name="a.bin" type="Application/X-Thing"', "x").type == "application/x-thing"
    assert file_of('name="a" encoding="BASE64"', " aG\n k= ").data == b"hi"
    by_elements = "<name>a.txt</name><data>aGk=</data><encoding>base64</encoding>"
    assert (file_of("", by_elements).name, file_of("", by_elements).data) == ("a.txt", b"hi")
    # A data URL is a way of JSON, and means the same here.
    assert file_of('name="a.txt"', "data:,x").data == b"x"


@pytest.mark.parametrize(
    "file",
    [
        '<file name="a"/>',
        "<file>x</file>",
        "<file/>",
        '<file name="a" encoding="base64">a</file>',
        '<file name="a" encoding="base64">é</file>',
        "<file><name><b/></name><data>x</data></file>",
    ],
)
def test_what_is_no_file(file: str) -> None:
    with pytest.raises(Invalid):
        ticket_of(xml(f"<attachments>{file}</attachments>"))


def test_many_files() -> None:
    file = '<file name="a">x</file>'
    assert len(ticket_of(xml(f"<attachments>{file * 60}</attachments>")).files) == 60
    # One more than the desk's limit can be, for the desk to refuse by its own.
    assert len(ticket_of(xml(f"<attachments>{file * 200}</attachments>")).files) == 61


# --- encodings ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codec", "name", "word"),
    [
        ("utf-8", "UTF-8", "日本 é 😀"),
        ("utf-8-sig", "ISO-8859-1", "日本 é 😀"),
        ("utf-16", "UTF-16", "日本 é 😀"),
        ("utf-16-le", "UTF-16", "日本 é 😀"),
        ("utf-16-be", "UTF-16", "日本 é 😀"),
        ("utf-32", "UTF-32", "日本 é 😀"),
        ("utf-8", "utf-16", "日本 é 😀"),
        ("iso-8859-1", "ISO-8859-1", "é"),
        ("iso-8859-15", "iso-8859-15", "€"),
        ("cp1252", "Windows-1252", "“é”€"),
        ("koi8-r", "KOI8-R", "Привет"),
        ("shift_jis", "Shift_JIS", "日本表示"),
        ("euc-jp", "EUC-JP", "日本"),
        ("iso2022_jp", "ISO-2022-JP", "日本"),
        ("gbk", "GB2312", "中文"),
        ("big5", "Big5", "中文"),
        ("euc-kr", "EUC-KR", "한국"),
    ],
)
def test_declared_encodings(codec: str, name: str, word: str) -> None:
    document = f'<?xml version="1.0" encoding="{name}"?><ticket><subject>{word}</subject></ticket>'
    assert ticket_of(document.encode(codec)).subject == word


@pytest.mark.parametrize(
    "name", ["nonsense", "zlib", "rot13", "unicode_escape", "idna", "punycode"]
)
def test_encodings_that_are_none(name: str) -> None:
    document = f"<?xml version='1.0' encoding='{name}'?><ticket/>"
    assert words_of(document) == "XML error: Unknown encoding at line 1:1"


def test_bytes_that_are_not_in_the_encoding() -> None:
    invalid = "XML error: Not well-formed (invalid token) at line 1:1"
    assert words_of(b"<ticket><subject>\xe9</subject></ticket>") == invalid
    assert words_of(codecs.BOM_UTF16_LE + b"<") == invalid


# --- what is dangerous ----------------------------------------------------------------------

LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><ticket name="&b;"/>'


@pytest.mark.parametrize(
    "document",
    [
        LAUGHS,
        "<!DOCTYPE ticket><ticket/>",
        '<!DOCTYPE t SYSTEM "http://192.0.2.1/x.dtd"><ticket/>',
        '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><ticket><subject>&x;</subject></ticket>',
        '<!DOCTYPE t [<!ENTITY % p SYSTEM "http://192.0.2.1/p">%p;]><ticket/>',
    ],
)
def test_document_types_and_entities_are_refused(document: str) -> None:
    assert words_of(document) == "XML error: Document types and entities are not allowed"


def test_depth_and_number_of_elements_are_bounded() -> None:
    deep = words_of("<ticket>" + "<a>" * 100_000)
    assert deep == "XML error: Maximum stack depth exceeded"
    assert words_of("<ticket>" + "<a/>" * 500_000) == "XML error: Too many elements"
    below = DEEPEST - 1
    assert ticket_of("<ticket>" + "<a>" * below + "</a>" * below + "</ticket>").fields == {
        "a": ("a",)
    }


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("<ticket>&nbsp;</ticket>", "XML error: Undefined entity at line 1:9"),
        ("<ticket/><ticket/>", "XML error: Junk after document element at line 1:10"),
        ("<ticket a='1' a='2'/>", "XML error: Duplicate attribute at line 1:15"),
        (
            "<ticket subject='1'><subject>2</subject></ticket>",
            "XML error: An attribute and an element have the same name",
        ),
    ],
)
def test_what_is_not_well_formed(document: str, words: str) -> None:
    assert words_of(document) == words


_TAGS = st.sampled_from(
    ["ticket", "subject", "message", "phone", "alert", "attachments", "file", "data", "ext", "x"]
)
_PIECES = st.one_of(
    _TAGS.map("<{}>".format),
    _TAGS.map("</{}>".format),
    _TAGS.map("<{}/>".format),
    st.tuples(_TAGS, _TAGS, st.text(max_size=5)).map(lambda t: '<{} {}="{}">'.format(*t)),
    st.sampled_from(["<![CDATA[", "]]>", "<!--", "-->", "&amp;", "&#0;", "<!DOCTYPE x>", "<?x?>"]),
    st.text(max_size=8),
)
_TREES = st.recursive(
    st.text(max_size=6).map(lambda text: text.replace("<", "").replace("&", "")),
    lambda inner: st.tuples(_TAGS, _TAGS, st.lists(inner, max_size=4)).map(
        lambda t: f'<{t[0]} {t[1]}="base64">{"".join(t[2])}</{t[0]}>'
    ),
    max_leaves=12,
)


@given(
    st.one_of(
        st.binary(max_size=60),
        st.lists(_PIECES, max_size=12).map(lambda some: "".join(some).encode("utf-8", "ignore")),
        st.lists(_TREES, max_size=6).map(
            lambda some: f"<ticket>{''.join(some)}</ticket>".encode("utf-8", "ignore")
        ),
    )
)
def test_whatever_comes_is_a_ticket_or_a_refusal(raw: bytes) -> None:
    try:
        found: object = ticket_of(raw)
    except Unreadable as refused:
        found = refused.words
        assert refused.quotes or str(found).startswith("XML error: ")  # noqa: PT017
    except DeskError as refused:
        found = refused
    assert isinstance(found, NewTicket | DeskError | str)


def test_every_element_below_attachments_is_a_file() -> None:
    document = xml(
        '<attachments><item name="a.txt" type="text/plain">hello</item>'
        '<file name="b.png">data:image/png;charset=binary;base64,iVBO/w==</file></attachments>'
    )
    assert [(file.name, file.data) for file in ticket_of(document).files] == [
        ("a.txt", b"hello"),
        ("b.png", b"\x89PN\xff"),
    ]


@pytest.mark.parametrize("inside", ["lost", "<file>lost</file>", '<x name="a.txt"/>'])
def test_no_file_is_lost(inside: str) -> None:
    with pytest.raises(Invalid):
        ticket_of(xml(f"<attachments>{inside}</attachments>"))
