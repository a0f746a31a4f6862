"""Structures in real mail that no RFC allows, or that few programs write."""

import pytest

from helpdesk.mail.parsing.message import read_message
from helpdesk.mail_syntax.addresses import Mailbox, mailboxes
from tests.helpdesk.mail.parsing.mails.building import (
    ALTERNATIVE,
    HELLO,
    MIXED,
    PNG,
    in_base64,
    mail,
    part,
    parts,
)

ZIP = "Content-Disposition: attachment; filename=a.zip"


@pytest.mark.parametrize(
    "header",
    [
        'Content-Type: application/zip;\r\nname="a.zip"',
        'Content-Type: application/zip\r\nname="a.zip"',
        "Content-Type: application/zip\r\n\tname=a.zip",
        'Content-Type: application/zip\r\nContent-Disposition: attachment;\r\nfilename="a.zip"',
        'Content-Disposition: attachment\r\nfilename="a.zip"\r\nContent-Type: application/zip',
    ],
)
def test_a_parameter_on_a_line_of_its_own(header: str) -> None:
    message = read_message(mail(parts(HELLO, part("PK", header)), MIXED))

    assert message.body.text == "It is broken."
    assert [(file.name, file.data) for file in message.files] == [("a.zip", b"PK")]


@pytest.mark.parametrize(
    "header",
    [
        'Content-Type: multipart/*; boundary="b1"',
        'Content-Type: multipart; boundary="b1"',
        'Content-Type: multipart/mixed\r\n\tboundary="b1"',
        'Content-Type: multipart/mixed\r\n boundary="b1"',
        'Content-Type: multipart/mixed\r\nboundary="b1"',
        'Content-Type: multipart/mixed;\r\nboundary="b1"',
    ],
)
def test_a_multipart_whose_type_is_damaged(header: str) -> None:
    message = read_message(mail(parts(HELLO, part("PK", ZIP)), header))

    assert message.body.text == "It is broken."
    assert [file.data for file in message.files] == [b"PK"]


@pytest.mark.parametrize("foreign", [" ", "*", "\xad", "!-"])
def test_a_foreign_character_in_one_line_of_base64_is_ignored(foreign: str) -> None:
    data = in_base64(PNG, width=10_000)
    encoded = (data[:40] + foreign.strip() + data[40:]).encode("latin-1")
    head = b"Content-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    message = read_message(mail(parts(HELLO, head + encoded), MIXED))

    assert [file.data for file in message.files] == [PNG]


@pytest.mark.parametrize(
    "text", ["Hello,world!", "It-is-broken.And-nobody-comes!", "0123456789abcdef"]
)
def test_text_that_is_only_called_base64_stays(text: str) -> None:
    message = read_message(mail(f"{text} Help me.", "Content-Transfer-Encoding: base64"))
    assert message.body.text == f"{text} Help me."


@pytest.mark.parametrize("name", ['name=""', 'name=" "'])
def test_an_empty_name_makes_no_file(name: str) -> None:
    html = part("<p>Sent on</p>", f"Content-Type: text/html; {name}", "Content-Disposition: inline")
    message = read_message(mail(parts(HELLO, html), MIXED))

    assert "Sent on" in message.body.text
    assert message.files == ()


def test_of_several_forms_of_one_text_one_is_shown() -> None:
    rich = part("<bold>It is broken.</bold>", "Content-Type: text/enriched")
    html = part("<p>It is broken.</p>", "Content-Type: text/html")

    assert read_message(mail(parts(HELLO, rich), ALTERNATIVE)).body.text == "It is broken."
    assert "bold" not in read_message(mail(parts(HELLO, rich, html), ALTERNATIVE)).body.text
    assert "It is broken." in read_message(mail(parts(rich), ALTERNATIVE)).body.text
    empty = part(" ", "Content-Type: text/plain")
    assert "It is broken." in read_message(mail(parts(empty, rich), ALTERNATIVE)).body.text


@pytest.mark.parametrize("before", [b"---- Original ----\r\n", b"junk\n", b" \t", b" \r\n \r\n"])
def test_a_line_or_blanks_before_the_header(before: bytes) -> None:
    message = read_message(before + mail("It is broken."))

    assert (message.sender.address, message.subject) == ("anna@example.com", "Printer")
    assert message.body.text == "It is broken."


def test_text_without_a_header_stays_text() -> None:
    raw = b"It is broken.\r\nPlease help.\r\nFrom: me\r\n"
    assert "It is broken.\nPlease help." in read_message(raw).body.text.replace("\r", "")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("<power quadrant system@example.com>", [("", "system@example.com")]),
        ("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", None),
        ("John <jdoe@machine(comment).  example>", [("John", "jdoe@machine.example")]),
        ("root@[192.168.1.5]", [("", "root@[192.168.1.5]")]),
        ("UPS <root@[192.168.1.5]>", [("UPS", "root@[192.168.1.5]")]),
        ("[anna@example.com]", [("", "anna@example.com")]),
        ("'root@[IPv6:::1]'", [("", "root@[IPv6:::1]")]),
        ("< anna @ example.com >", [("", "anna@example.com")]),
        ("A <a@b.example> <c@d.example>", [("A", "a@b.example"), ("", "c@d.example")]),
        ("A <a@b.example> C <c@d.example>", [("A", "a@b.example"), ("C", "c@d.example")]),
        ("Anna <none> <a@b.example>", [("Anna", "a@b.example")]),
    ],
)
def test_addresses(value: str, found: list[tuple[str, str]] | None) -> None:
    boxes = mailboxes(value)
    if found is None:
        assert [box.address for box in boxes] == ["pete@silly.test"]
    else:
        assert boxes == tuple(Mailbox(*one) for one in found)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("https://a.example/very/ \r\nlong", "https://a.example/very/long"),
        ("> quoted \r\n> text\r\nnew \r\nline", "> quotedtext\nnewline"),
        ("> quoted \r\nnew", "> quoted\nnew"),
        ("日本 \r\n語", "日本語"),
        ("Bye \r\n-- \r\nAnna", "Bye\n-- \nAnna"),
        (" From here\r\n >no quote", "From here\n>no quote"),
    ],
)
def test_soft_line_breaks_are_removed(text: str, read: str) -> None:
    kind = "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes"
    assert read_message(mail(text, kind)).body.text == read


def test_other_flowed_text_is_read_as_it_is() -> None:
    kind = "Content-Type: text/plain; format=flowed"
    assert read_message(mail("two \r\nlines", kind)).body.text == "two \nlines"
