"""Signed mail that is one file, and encrypted mail: RFC 8551, RFC 5652, RFC 3156."""

import pytest

from helpdesk.mail.parsing import smime
from helpdesk.mail.parsing.message import Message, read_message
from tests.helpdesk.mail.parsing.mails.building import HELLO, MIXED, in_base64, mail, part, parts

SIGNED, ENVELOPED = (bytes.fromhex(f"2a864886f70d0107{kind}") for kind in ("02", "03"))
DATA = bytes.fromhex("2a864886f70d010701")
AUTH_ENVELOPED = bytes.fromhex("2a864886f70d0109100117")
INSIDE = b"Content-Type: text/plain\r\n\r\nMy printer is broken.\r\n"
SEQUENCE, SET, OCTETS, PIECES, EXPLICIT = 0x30, 0x31, 0x04, 0x24, 0xA0


def der(kind: int, value: bytes) -> bytes:
    size = len(value).to_bytes(4)
    return bytes([kind]) + (bytes([len(value)]) if len(value) < 128 else b"\x84" + size) + value


def ber(kind: int, value: bytes) -> bytes:
    """Of indefinite length, as Outlook writes it."""
    return bytes([kind, 0x80]) + value + b"\0\0"


def signed(content: bytes, *, wrap: object = der) -> bytes:
    assert callable(wrap)
    if wrap is der:
        octets = der(OCTETS, content)
    else:
        cut = [content[at : at + 10] for at in range(0, len(content), 10)]
        octets = ber(PIECES, b"".join(der(OCTETS, one) for one in cut))
    enclosed = wrap(SEQUENCE, der(6, DATA) + wrap(EXPLICIT, octets))
    data = wrap(SEQUENCE, der(2, b"\1") + der(SET, b"") + enclosed + der(SET, b"\x30\0"))
    return bytes(wrap(SEQUENCE, der(6, SIGNED) + wrap(EXPLICIT, data)))


def encrypted(kind: bytes) -> bytes:
    return der(SEQUENCE, der(6, kind) + der(EXPLICIT, der(SEQUENCE, b"")))


def smime_mail(data: bytes, kind: str = "signed-data") -> Message:
    header = f"Content-Type: application/pkcs7-mime; smime-type={kind}; name=smime.p7m"
    return read_message(mail(in_base64(data), header, "Content-Transfer-Encoding: base64"))


@pytest.mark.parametrize("wrap", [der, ber])
def test_the_mail_inside_a_signed_file_is_read_and_the_file_kept(wrap: object) -> None:
    data = signed(INSIDE, wrap=wrap)
    message = smime_mail(data)

    assert message.body.text.strip() == "My printer is broken."
    assert [(file.name, file.data) for file in message.files] == [("smime.p7m", data)]


def test_what_is_attached_inside_is_attached() -> None:
    letter = part(
        "1,2", "Content-Type: text/csv", "Content-Disposition: attachment; filename=a.csv"
    )
    inside = MIXED.encode() + b"\r\n\r\n" + parts(HELLO, letter)
    message = smime_mail(signed(inside))

    assert message.body.text == "It is broken."
    assert [file.name for file in message.files] == ["smime.p7m", "a.csv"]


def test_a_whole_mail_may_be_inside() -> None:
    inside = b"Content-Type: message/rfc822\r\n\r\nFrom: a@b.example\r\n" + INSIDE
    assert smime_mail(signed(inside)).body.text.strip() == "My printer is broken."


def test_signed_twice_is_read_and_signed_a_hundred_times_ends() -> None:
    twice = b"Content-Type: application/pkcs7-mime\r\n\r\n" + signed(INSIDE)
    assert smime_mail(signed(twice)).body.text.strip() == "My printer is broken."
    for _ in range(100):
        twice = b"Content-Type: application/pkcs7-mime\r\n\r\n" + signed(twice)
    message = smime_mail(signed(twice))
    assert message.body.text == ""
    assert message.files


@pytest.mark.parametrize("kind", [ENVELOPED, AUTH_ENVELOPED])
def test_encrypted_mail_says_so(kind: bytes) -> None:
    message = smime_mail(encrypted(kind), "enveloped-data")

    assert "encrypted" in message.body.text
    assert "smime.p7m" in message.body.text
    assert [file.name for file in message.files] == ["smime.p7m"]


def test_mail_that_is_encrypted_with_pgp_says_so() -> None:
    control = part("Version: 1", "Content-Type: application/pgp-encrypted")
    data = part("-----BEGIN PGP MESSAGE-----", "Content-Type: application/octet-stream; name=x.asc")
    kind = 'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b1'
    message = read_message(mail(parts(control, data), kind))

    assert "encrypted" in message.body.text
    assert "x.asc" in message.body.text


@pytest.mark.parametrize("cut", range(0, len(signed(INSIDE)), 3))
@pytest.mark.parametrize("wrap", [der, ber])
def test_a_damaged_file_is_kept(cut: int, wrap: object) -> None:
    data = signed(INSIDE, wrap=wrap)[:cut]
    smime.signed_content(data)
    message = smime_mail(data or b"x")

    assert message.files[0].name == "smime.p7m"


def test_the_fields_that_a_signed_part_repeats_are_no_text() -> None:
    inside = part("Hello.", "Content-Type: text/plain; hp=clear", "From: a@b.example", "Date: now")
    signature = part("AAAA", "Content-Type: application/pkcs7-signature; name=smime.p7s")
    message = read_message(
        mail(parts(inside, signature), "Content-Type: multipart/signed; boundary=b1")
    )

    assert message.body.text == "Hello."
