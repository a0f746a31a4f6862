"""Parsing takes time and memory proportional to the mail's size, whatever it contains.

Each test takes some tenths of a second. A step with quadratic time took a minute or more, so the
bound needs no precision.
"""

import os
import struct
import tracemalloc
from base64 import b64encode, encodebytes

import pytest

from helpdesk.mail.parsing.message import MOST_FILES, read_message
from tests import pace

SIZE = 150_000
SECONDS = 5.0

HEAD = b"From: Anna <anna@example.com>\r\nSubject: Printer\r\n"
REPLY = HEAD + b"In-Reply-To: <a@b>\r\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
HTML = REPLY + b"Content-Type: text/html\r\n\r\nx"
SIGNED = (
    HEAD
    + b"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n"
    + b"Content-Transfer-Encoding: base64\r\n\r\n"
)

BASE64 = HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n"
TNEF = HEAD + b"Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\1\0"


def filled(pattern: bytes) -> bytes:
    return (pattern * (SIZE // len(pattern) + 1))[:SIZE]


def encoded_often(times: int) -> bytes:
    word = b"A" * (SIZE // 4)
    for _ in range(times):
        word = b"=?utf-8?b?" + b64encode(word) + b"?="
    return word


HOSTILE = {
    "line feeds": HEAD + b"\r\n" + filled(b"\n"),
    "carriage returns": HEAD + b"\r\n" + filled(b"\r"),
    "dashes": MIXED + filled(b"--x\n"),
    "boundaries": MIXED + filled(b"--b\n"),
    "boundaries that end and begin": MIXED + filled(b"--b--\n--b\n"),
    "boundaries that are not there": MIXED
    + filled(b"--b\nContent-Type: multipart/mixed; boundary=zz\n\n"),
    "levels": HEAD
    + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level)
        for level in range(10_000)
    ),
    "levels of one boundary": HEAD + filled(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n"),
    "messages in messages": filled(b"From: a@b\nSubject: x\nContent-Type: message/rfc822\n\n"),
    "fields": HEAD + filled(b"A: b\n"),
    "fields that may go on": HEAD + filled(b"x\n" * 29 + b"Received: a\n"),
    "lines of blanks": HEAD + filled(b" \n"),
    "quotes": b"From: " + filled(b'"') + b"\r\nTo: x\r\n\r\n",
    "quotes and backslashes": b"From: " + filled(b'"a\\') + b"\r\nTo: x\r\n\r\n",
    "brackets": b"From: " + filled(b"(a(b") + b"\r\nTo: x\r\n\r\n",
    "angles": b"From: " + filled(b"<") + b"\r\nTo: x\r\n\r\n",
    "commas": b"From: <" + filled(b"a,") + b"\r\nTo: x\r\n\r\n",
    "colons": b"From: " + filled(b"mailto:a ") + b"\r\nTo: x\r\n\r\n",
    "ats": b"From: " + filled(b"a@") + b"\r\nTo: x\r\n\r\n",
    "addresses": b"From: " + filled(b"a@b,") + b"\r\nTo: x\r\n\r\n",
    "words": b"From: a@b\r\nSubject: " + filled(b"=?utf-8?q?a?= ") + b"\r\n\r\n",
    "words that never end": b"From: a@b\r\nSubject: " + filled(b"=?a?q?x=") + b"\r\n\r\n",
    "words in words": b"From: a@b\r\nSubject: " + encoded_often(5) + b"\r\n\r\n",
    "ids": b"From: a@b\r\nReferences: " + filled(b"<a@b>") + b"\r\n\r\n",
    "ids that never end": b"From: a@b\r\nReferences: " + filled(b"<a") + b"\r\n\r\n",
    "parameters": HEAD + b"Content-Type: text/plain" + filled(b"; a=b") + b"\r\n\r\n",
    "semicolons": HEAD + b"Content-Type: text/plain" + filled(b";") + b"\r\n\r\n",
    "quotes in a parameter": HEAD + b'Content-Type: text/plain; x="' + filled(b'" ') + b"\r\n\r\n",
    "sections of a parameter": HEAD
    + b"Content-Type: text/plain"
    + b"".join(b"; x*%d*=%%41" % number for number in range(9_999))
    + b"\r\n\r\n",
    "beginnings of files": HEAD + b"\r\n" + filled(b"begin 644 x\n"),
    "uuencoded files": HEAD + b"\r\n" + filled(b"begin 644 x\n#86)C\n`\nend\n"),
    "base64 in pieces": BASE64 + filled(b"QQ=="),
    "base64 of short lines": BASE64 + filled(b"A\n"),
    "base64 and much behind it": BASE64 + filled(b"QUFB\n") + b"in clear\n" * 5_000,
    "quoted-printable": HEAD
    + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    + filled(b"=\r"),
    "escapes": HEAD
    + b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n"
    + filled(b"\x1b$B~~"),
    "less than": HTML + filled(b"<"),
    "tags": HTML + filled(b"<a>"),
    "open tags": HTML + filled(b"<div class='"),
    "quote in quote": HTML + filled(b"<blockquote type=cite>"),
    "containers before a separator": HTML
    + filled(b"<div class='gmail_quote'>text")
    + b"-- reply above this line --",
    "styles": HTML + filled(b"<style>"),
    "ends without beginnings": HTML + filled(b"<div></p></blockquote>"),
    "quotes that end and begin": HTML
    + b"<div class='gmail_quote'>" * 500
    + filled(b"<blockquote>x</blockquote>"),
    "introductions in HTML": HTML + filled(b"<p>On 2024 12:00 a &lt;a@b&gt; wrote:</p>"),
    "headers of quoted mail": HTML + filled(b"<p>From: a</p><p>Sent: b</p>"),
    "attributions": REPLY + b"\r\n" + filled(b"On 2024 12:00 " + b"wrote " * 90 + b":\n"),
    "lines like a From": REPLY + b"\r\n" + filled(b"\nFrom: a\n"),
    "introductions": b"To: x@b\r\n" + REPLY + b"\r\n" + filled(b"\n2024 a@c b a@b:"),
    "labels": REPLY + b"\r\n" + filled(b"Sent: a\n"),
    "banners": REPLY + b"\r\nx\n" + filled(b"--original message--\n"),
    "flowed": HEAD
    + b"Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\n"
    + filled(b"> a \n"),
    "unnamed charset": HEAD + b"\r\n" + filled(b"\xc4\xe3\xba\xc3\n"),
    "addresses without commas": b"From: " + filled(b"<a@b.c> ") + b"\r\nTo: x\r\n\r\n",
    "addresses without brackets": b"From: " + filled(b"a @ b . c ") + b"\r\nTo: x\r\n\r\n",
    "comments in an address": b"From: <" + filled(b"a(b)@") + b">\r\nTo: x\r\n\r\n",
    "parameters without blanks": HEAD + b"Content-Type: a/b;\r\n" + filled(b"name=a;\n"),
    "signed, in pieces": SIGNED + encodebytes(b"\x30\x80\x06\x09\x2a" + filled(b"\x04\x01x")),
    "signed, in levels": SIGNED + encodebytes(filled(b"\x30\x80")),
    "marks": REPLY + b"\r\nx\n" + filled(b">\n"),
    "separators": REPLY + b"\r\nx\n" + filled(b"-- reply above this "),
    "attributes": TNEF + filled(b"\1\x06\x90\x08\0\0\0\0\0\0\0"),
    "one attribute": TNEF
    + struct.pack("<BHHI", 1, 0x9006, 8, SIZE)
    + b"\1" * SIZE
    + struct.pack("<H", SIZE & 0xFFFF),
}


@pytest.mark.exhaustive
@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_time_is_bounded(raw: bytes) -> None:
    with pace.within(SECONDS):
        message = read_message(raw)
    assert len(message.files) <= MOST_FILES


def test_compressed_text_unfolds_to_a_bounded_size() -> None:
    # Every two bytes stand for seventeen, and the size that is claimed is four gigabytes.
    packed = struct.pack("<II4sI", 1 << 20, 0xFFFFFFFF, b"LZFu", 0) + b"\xff" + b"\x00\x0f" * SIZE
    value = struct.pack("<IHHII", 1, 0x102, 0x1009, 1, len(packed)) + packed + b"\0" * 3
    head = struct.pack("<BHHI", 1, 0x9003, 6, len(value))
    winmail = b"\x78\x9f\x3e\x22\1\0" + head + value + struct.pack("<H", sum(value) & 0xFFFF)
    raw = HEAD + b"Content-Type: application/ms-tnef\r\n\r\n" + winmail

    assert [file.data for file in read_message(raw).files] == [winmail]


def test_memory_is_a_few_times_the_mail() -> None:
    data = os.urandom(3_000_000)
    raw = (
        MIXED
        + b"--b\r\n\r\nhi\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n"
        + b"Content-Transfer-Encoding: base64\r\n\r\n"
        + encodebytes(data)
        + b"\r\n--b--\r\n"
    )
    tracemalloc.start()
    try:
        message = read_message(raw)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert message.files[0].data == data
    assert peak < 5 * len(raw)
