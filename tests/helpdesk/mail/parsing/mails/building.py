"""Building blocks of hostile mails, and of their expected results."""

import struct
from base64 import b64encode
from binascii import b2a_uu
from dataclasses import dataclass

EVERY_BYTE = bytes(range(256)) * 3
PNG = b"\x89PNG\r\n\x1a\n" + EVERY_BYTE
PDF = b"%PDF-1.4\r\n" + EVERY_BYTE[::-1] + b"\r\n%%EOF\r\n"


@dataclass(frozen=True)
class Case:
    """One mail and what it must become. `says` must stand in the body, `hides` must not."""

    name: str
    about: str
    raw: bytes
    says: tuple[str, ...] = ()
    subject: str = "Printer"
    sender: str = "anna@example.com"
    sender_name: str = "Anna"
    files: tuple[tuple[str, bytes], ...] = ()
    hides: tuple[str, ...] = ()
    inline: tuple[str, ...] = ()
    unread: bool = False
    bounce: bool = False
    format: str = ""
    body: str | None = None


def mail(
    body: bytes | str,
    *more: bytes | str,
    subject: bytes | str = "Printer",
    sender: bytes | str = "Anna <anna@example.com>",
) -> bytes:
    """A mail with these further header lines; lines end in CRLF, bodies stay as they are."""
    lines = [
        b"From: " + _bytes(sender),
        b"To: support@example.org",
        b"Subject: " + _bytes(subject),
        b"Message-ID: <m1@example.com>",
        *map(_bytes, more),
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + _bytes(body)


def _bytes(given: bytes | str) -> bytes:
    return given if isinstance(given, bytes) else given.encode()


def part(body: bytes | str, *header: str) -> bytes:
    return "\r\n".join(header).encode() + b"\r\n\r\n" + _bytes(body)


def parts(*inside: bytes, boundary: str = "b1", end: bool = True) -> bytes:
    opened = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), one) for one in inside)
    return opened + (b"--%s--\r\n" % boundary.encode() if end else b"")


def in_base64(data: bytes, width: int = 76) -> str:
    coded = b64encode(data).decode()
    return "\r\n".join(coded[at : at + width] for at in range(0, len(coded), width))


def uuencoded(name: str, data: bytes) -> str:
    lines = "".join(b2a_uu(data[at : at + 45]).decode() for at in range(0, len(data), 45))
    return f"begin 644 {name}\n{lines}`\nend\n"


MIXED = 'Content-Type: multipart/mixed; boundary="b1"'
ALTERNATIVE = 'Content-Type: multipart/alternative; boundary="b1"'
RELATED = 'Content-Type: multipart/related; boundary="b1"'
HELLO = part("It is broken.", "Content-Type: text/plain")


def pdf(*more: str) -> bytes:
    header = more or ('Content-Disposition: attachment; filename="scan.pdf"',)
    return part(
        in_base64(PDF),
        "Content-Type: application/pdf",
        "Content-Transfer-Encoding: base64",
        *header,
    )


# --- winmail.dat ----------------------------------------------------------------------------


def _attribute(level: int, name: int, kind: int, value: bytes) -> bytes:
    head = struct.pack("<BHHI", level, name, kind, len(value))
    return head + value + struct.pack("<H", sum(value) & 0xFFFF)


def _property(kind: int, name: int, value: bytes) -> bytes:
    filled = value + b"\0" * (-len(value) % 4)
    return struct.pack("<HHII", kind, name, 1, len(value)) + filled


def winmail(
    *, text: bytes = b"", html: bytes = b"", rtf: bytes = b"", kind: str = "IPM.Note"
) -> bytes:
    """A winmail.dat with a long and a short named file, as Outlook lays it out."""
    properties = [
        *([_property(0x1E, 0x1000, text + b"\0")] if text else []),
        *([_property(0x102, 0x1013, html)] if html else []),
        *([_property(0x102, 0x1009, rtf)] if rtf else []),
    ]
    long_name = "Scan vom März.pdf".encode("utf-16-le") + b"\0\0"
    more = [
        _property(0x1F, 0x3707, long_name),
        _property(0x1F, 0x3712, "pic@1\0".encode("utf-16-le")),
    ]
    return b"".join(
        [
            b"\x78\x9f\x3e\x22\x01\x00",
            _attribute(1, 0x9006, 8, struct.pack("<I", 0x10000)),
            _attribute(1, 0x9007, 6, struct.pack("<II", 1252, 0)),
            _attribute(1, 0x8008, 7, kind.encode() + b"\0"),
            _attribute(1, 0x9003, 6, struct.pack("<I", len(properties)) + b"".join(properties)),
            _attribute(2, 0x9002, 6, b"\0" * 14),
            _attribute(2, 0x8010, 1, b"SCANVO~1.PDF\0"),
            _attribute(2, 0x800F, 6, PDF),
            _attribute(2, 0x9005, 6, struct.pack("<I", len(more)) + b"".join(more)),
            _attribute(2, 0x9002, 6, b"\0" * 14),
            _attribute(2, 0x8010, 1, b"zero.bin\0"),
            _attribute(2, 0x800F, 6, b"\0\0\0\0"),
        ]
    )


def compressed_rtf(rtf: bytes) -> bytes:
    """RTF in the compressed form, without any reference but the end mark ([MS-OXRTFCP])."""
    out, written = bytearray(), 207
    for at in range(0, len(rtf), 8):
        eight = rtf[at : at + 8]
        if len(eight) < 8:
            written += len(rtf)
            end = struct.pack(">H", (written & 4095) << 4)
            out += bytes([1 << len(eight)]) + eight + end
        else:
            out += b"\0" + eight
    return struct.pack("<II4sI", len(out) + 12, len(rtf), b"LZFu", 0) + bytes(out)


def tnef_part(data: bytes) -> bytes:
    return part(
        in_base64(data),
        'Content-Type: application/ms-tnef; name="winmail.dat"',
        "Content-Transfer-Encoding: base64",
        'Content-Disposition: attachment; filename="winmail.dat"',
    )


WINMAIL = winmail(text=b"never shown: there is a plain part")
WINMAIL_FILES = (("Scan vom März.pdf", PDF), ("zero.bin", b"\0\0\0\0"))
RTF = rb"{\rtf1\ansi Only in RTF.}"

# --- forwarded and returned mail ------------------------------------------------------------

INNER = (
    b"From: Bert <bert@example.net>\r\nTo: anna@example.com\r\n"
    b"Subject: =?utf-8?Q?Drucker_=C3=BC?=\r\n"
    b"X-Odd:  two  blanks \r\n\tand a tab\r\nContent-Type: multipart/mixed; boundary=inner\r\n\r\n"
    b"--inner\r\n\r\nBert's words\r\n--inner--\r\n"
)
REPORT = part("Your mail came back.", "Content-Type: text/plain")
STATUS = (
    b"Reporting-MTA: dns; mx.example.net\r\n\r\n"
    b"Final-Recipient: rfc822; bert@example.net\r\nAction: failed\r\n"
)
RETURNED = (
    b"From: support@example.org\r\nSubject: Ticket\r\nMessage-ID: <sent@example.org>\r\n\r\n"
    b"secret answer\r\n"
)
