"""Any bytes and any damage: nothing is raised, and the result can be stored."""

from base64 import b64decode
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from helpdesk.mail.parsing.message import MOST_FILES, Message, read_message
from helpdesk.mail_syntax import addresses, charsets, headers, transfer
from helpdesk.text import safe_name
from tests.helpdesk.mail.parsing.mails import CASES
from tests.helpdesk.mail.parsing.mails.building import MIXED, in_base64, mail, part, parts

REAL = [case.raw for case in CASES if len(case.raw) < 10_000]
SCRAPS = [
    *(
        b"\r\n",
        b"\n\n",
        b"\r",
        b"--b1",
        b"--b1--",
        b'"',
        b"=?utf-8?B?",
        b"?=",
        b"=",
        b"\x00",
        b"<",
        b">",
    ),
    *(b"Content-Type: multipart/mixed; boundary=b1\r\n", b"Content-Type: message/rfc822\r\n\r\n"),
    *(b"Content-Transfer-Encoding: base64\r\n", b"begin 644 x\n", b"\x1b$B", b"\xff", b"%", b";"),
]
FEW = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(message: Message) -> None:
    if message.body.format == "text" and not message.unread:
        assert message.body.text + message.quoted == message.text
    assert message.message_id.startswith("<")
    assert message.subject
    assert "\n" not in message.subject
    assert len(message.files) <= MOST_FILES
    boxes = [message.sender, *message.to, *message.cc, *message.delivered_to, *message.reply_to]
    texts = [message.subject, message.text, message.html, message.body.text, message.quoted]
    texts += [*message.references, *message.in_reply_to, message.message_id, message.precedence]
    texts += [word for box in boxes for word in (box.name, box.address)]
    texts += [word for file in message.files for word in (file.name, file.type, file.content_id)]
    for said in texts:
        said.encode()
    assert all(file.name and "/" not in file.name for file in message.files)
    assert all(" " not in box.address or box.address.startswith('"') for box in boxes)


@FEW
@given(st.binary(max_size=2_000))
def test_any_bytes(raw: bytes) -> None:
    check(read_message(raw))


@FEW
@given(st.lists(st.sampled_from(SCRAPS) | st.binary(max_size=8), max_size=60).map(b"".join))
def test_scraps_of_mail(raw: bytes) -> None:
    check(read_message(raw))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    raw = draw(st.sampled_from(REAL))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(raw)))
        cut = draw(st.integers(0, 20))
        raw = raw[:at] + draw(st.sampled_from(SCRAPS) | st.binary(max_size=4)) + raw[at + cut :]
    return raw


@FEW
@given(damaged())
def test_damaged_mails(raw: bytes) -> None:
    check(read_message(raw))


@FEW
@given(st.text(), st.lists(st.tuples(st.text(min_size=1), st.binary()), max_size=4))
def test_what_was_written_comes_out(said: str, files: list[tuple[str, bytes]]) -> None:
    said = "".join(char for char in said if char.isprintable() or char == "\n")
    inside = [
        part(
            in_base64(said.encode()),
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
        ),
        *(
            part(
                in_base64(data),
                "Content-Type: application/x-odd; name=a.bin",
                "Content-Transfer-Encoding: base64",
            )
            for _, data in files
        ),
    ]
    message = read_message(mail(parts(*inside), MIXED))

    assert message.text == (said if said.strip() else "")
    assert [file.data for file in message.files] == [data for _, data in files]


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), include_characters=" "), max_size=40
)


@FEW
@given(WORDS, WORDS, WORDS, st.lists(st.tuples(WORDS, st.binary()), max_size=3))
@example("Printer", 'Anna "the \\ user" Lee', "It burns.", [])
def test_what_python_writes_is_read(
    subject: str, name: str, said: str, files: list[tuple[str, bytes]]
) -> None:
    written = EmailMessage()
    written["Subject"] = subject
    written["From"] = Address(name, "anna", "example.com")
    written.set_content(said)
    written.add_alternative(f"<p>{said}</p>", subtype="html")
    for file_name, data in files:
        written.add_attachment(data, maintype="application", subtype="x-odd", filename=file_name)

    message = read_message(written.as_bytes(policy=SMTP))

    # email folds long values with blanks more or fewer.
    assert packed(message.subject) == (packed(subject) or "[NoSubject]")
    assert packed(message.sender.name).strip("'") == packed(name).strip("'")
    assert message.sender.address == "anna@example.com"
    assert message.text.strip() == said.strip()
    assert [file.data for file in message.files] == [data for _, data in files]
    for file, (file_name, _) in zip(message.files, files, strict=True):
        assert packed(file.name) == packed(safe_name(file_name)) or not file_name.strip()


def packed(said: str) -> str:
    return "".join(said.split())


@FEW
@given(
    st.text(),
    st.sampled_from(
        ["", "utf-8", "shift_jis", "iso-2022-jp", "gb2312", "utf-7", "utf-16", "koi8-r"]
    ),
)
def test_any_value_of_a_header(value: str, charset: str) -> None:
    headers.decode_words(value).encode()
    addresses.mailboxes(value)
    headers.message_ids([value])
    headers.date(value)
    headers.parameters(value.encode("utf-8", "replace").decode("latin-1"), charset)


@FEW
@given(
    st.binary(),
    st.text(max_size=20) | st.sampled_from(["base64", "quoted-printable", "x-uuencode", "idna"]),
)
def test_any_encoding(data: bytes, name: str) -> None:
    transfer.decode(data, name)
    charsets.decode(data, name).encode()


@FEW
@given(st.binary())
def test_base64_is_exact(data: bytes) -> None:
    coded = in_base64(data).encode()

    assert transfer.decode(coded, "base64") == (data, b"")
    assert transfer.base64(coded.rstrip(b"=")) == data == b64decode(coded)


@FEW
@given(st.text(min_size=1), st.sampled_from(["utf-8", "utf-16"]))
def test_text_in_its_own_charset_is_exact(said: str, charset: str) -> None:
    said = "".join(char for char in said if char.isprintable() and char != "\ufeff")
    data = said.encode(charset)

    assert charsets.decode(data, charset) == said
