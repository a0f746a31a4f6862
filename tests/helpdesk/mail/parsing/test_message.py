"""A mail as one value: the fields that the desk works with."""

from datetime import UTC, datetime

import pytest

from helpdesk.mail.parsing.message import Mailbox, read_message
from tests.helpdesk.mail.parsing.mails.building import ALTERNATIVE, HELLO, MIXED, mail, part, parts

SEED = b"""\
MIME-Version: 1.0
Received: by 10.194.9.167 with HTTP; Thu, 7 Feb 2013 09:01:04 -0800 (PST)
Date: Thu, 7 Feb 2013 11:01:04 -0600
Delivered-To: support@osticket.com
Message-ID: <CAL4KyrgKmpYxdX+6u3HyHZ3qN5K0mU2_sdfoVu6rT8cUNn+52w@osticket.com>
Subject: Testing
From: Peter Rotich <peter@osticket.com>
To: support@osticket.com
Content-Type: multipart/mixed; boundary=047d7bfcfaf263782204d52563a5

--047d7bfcfaf263782204d52563a5
Content-Type: multipart/alternative; boundary=047d7bfcfaf263781204d52563a3

--047d7bfcfaf263781204d52563a3
Content-Type: text/plain; charset=ISO-8859-1

Testing testing.

--
Peter Rotich
http://www.osticket.com

--047d7bfcfaf263781204d52563a3
Content-Type: text/html; charset=ISO-8859-1
Content-Transfer-Encoding: quoted-printable

<div dir=3D"ltr">Testing testing.<br clear=3D"all"><div><br></div>-- <br>Pe=
ter Rotich<br>
<a href=3D"http://www.osticket.com" target=3D"_blank">http://www.osticket.=
com</a>
 </div>

--047d7bfcfaf263781204d52563a3--
--047d7bfcfaf263782204d52563a5
Content-Type: text/plain; charset=US-ASCII; name="file.txt"
Content-Disposition: attachment; filename="file.txt"
Content-Transfer-Encoding: base64
X-Attachment-Id: f_hcw5kqf60

Sm9lIGRhZGR5cyBjb250ZW50Cg==
--047d7bfcfaf263782204d52563a5--
"""


def test_the_mail_of_the_osticket_documentation() -> None:
    message = read_message(SEED)

    assert message.sender == Mailbox("Peter Rotich", "peter@osticket.com")
    assert message.to == (Mailbox("", "support@osticket.com"),)
    assert message.delivered_to == (Mailbox("", "support@osticket.com"),)
    assert message.subject == "Testing"
    assert message.date == datetime(2013, 2, 7, 17, 1, 4, tzinfo=UTC)
    assert message.message_id.startswith("<CAL4Kyrg")
    assert message.body.format == "html"
    assert '<div dir="ltr">Testing testing.<br clear="all">' in message.body.text
    assert message.text == "Testing testing.\n\n--\nPeter Rotich\nhttp://www.osticket.com\n"
    assert [(file.name, file.type, file.data) for file in message.files] == [
        ("file.txt", "text/plain", b"Joe daddys content\n")
    ]
    assert (message.bounce, message.auto_reply, message.unread) == (False, False, "")


def test_recipients_are_all_read() -> None:
    message = read_message(
        mail(
            "x",
            "To: Bert <bert@example.net>, undisclosed-recipients:;",
            "Cc: Team: Carl <carl@example.net>, dora@example.net;,\r\n"
            " Ernst (home) <ernst@example.net>",
            "Delivered-To: support@example.org",
            "Reply-To: =?utf-8?Q?J=C3=B6rg?= <jorg@example.net>, <@relay:two@example.net>",
        )
    )

    assert [box.address for box in message.to] == ["support@example.org", "bert@example.net"]
    assert message.cc == (
        Mailbox("Carl", "carl@example.net"),
        Mailbox("", "dora@example.net"),
        Mailbox("Ernst (home)", "ernst@example.net"),
    )
    assert [box.address for box in message.delivered_to] == ["support@example.org"]
    assert message.reply_to[0] == Mailbox("Jörg", "jorg@example.net")
    assert message.reply_to[1].address == "two@example.net"


def test_ids_are_read_however_they_are_folded() -> None:
    message = read_message(
        mail(
            "x",
            "In-Reply-To: Your mail of Monday <one@example.org> (Desk)",
            "References: <root@example.org>\r\n <a\r\n b@example.org>"
            "<one@example.org>\r\n\t<two@example.org>",
            "References: =?utf-8?Q?=3Cthree=40example=2Eorg=3E?=",
        )
    )

    assert message.message_id == "<m1@example.com>"
    assert message.in_reply_to == ("<one@example.org>",)
    assert message.references == (
        "<root@example.org>",
        "<ab@example.org>",
        "<one@example.org>",
        "<two@example.org>",
        "<three@example.org>",
    )


def test_ids_without_brackets_are_read() -> None:
    raw = mail("x").replace(b"<m1@example.com>", b"m1@example.com")
    assert read_message(raw).message_id == "<m1@example.com>"


def test_of_very_many_references_the_nearest_are_kept() -> None:
    ids = [f"<{number}@example.org>" for number in range(1_000)]
    assert read_message(mail("x", "References: " + " ".join(ids))).references == tuple(ids[-200:])


def test_a_mail_without_an_id_gets_one_of_its_own() -> None:
    first, second = b"From: a@example.com\n\none\n", b"From: a@example.com\n\ntwo\n"

    assert read_message(first).message_id == read_message(first).message_id
    assert read_message(first).message_id != read_message(second).message_id


def test_what_is_missing_has_a_value() -> None:
    message = read_message(b"To: support@example.org\nDate: tomorrow\n\nx")

    assert message.sender == Mailbox("", "")
    assert message.subject == "[No Subject]"
    assert message.date is None
    assert message.precedence == ""


@pytest.mark.parametrize(
    ("date", "read"),
    [
        ("Mon, 1 Jan 2024 10:00:00 +0200 (CEST)", datetime(2024, 1, 1, 8, tzinfo=UTC)),
        ("Mon, 1 Jan 2024 10:00:00 -0000", datetime(2024, 1, 1, 10, tzinfo=UTC)),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("Mon, 32 Jan 2024 10:00:00 +0000", None),
        ("Mon, 1 Jan 2024 10:00:00 +" + "9" * 5000, None),
    ],
)
def test_dates(date: str, read: datetime | None) -> None:
    assert read_message(mail("x", f"Date: {date}")).date == read


@pytest.mark.parametrize(
    ("field", "importance"),
    [
        ("X-Priority: 1 (Highest)", "high"),
        ("Priority: urgent", "high"),
        ("Importance: High", "high"),
        ("Priority: normal", "normal"),
        ("X-Priority: 5", "low"),
        ("Importance: whatever", ""),
    ],
)
def test_importance(field: str, importance: str) -> None:
    assert read_message(mail("x", field)).importance == importance


def test_who_wrapped_a_message_is_told_since_the_verdicts_speak_of_them() -> None:
    inner = mail("It is broken.", sender="Agent <agent@example.org>")
    raw = mail(
        inner,
        "Content-Type: message/rfc822",
        "Delivered-To: support@example.org",
        sender="Eve <eve@example.net>",
    )
    message = read_message(raw)

    assert message.sender.address == "agent@example.org"
    assert message.wrapper == Mailbox("Eve", "eve@example.net")
    assert message.delivered_to == (Mailbox("", "support@example.org"),)
    assert read_message(inner).wrapper is None


def test_a_message_wrapped_too_often_is_a_file() -> None:
    raw = mail("It is broken.")
    for _ in range(7):
        raw = mail(raw, "Content-Type: message/rfc822", sender="Relay <relay@example.net>")
    message = read_message(raw)

    assert message.sender.address == "relay@example.net"
    assert b"It is broken." in message.files[0].data


def test_the_parts_of_a_digest_that_are_plain_text_keep_their_headers() -> None:
    inside = part("Hello.", "From: Bert <bert@example.net>", "Subject: =?utf-8?Q?=C3=9Cber?=")
    inside = inside.replace(b"\r\n\r\n", b"\r\nContent-Type: text/plain\r\n\r\n", 1)
    digest = 'Content-Type: multipart/digest; boundary="b1"'

    shown = "From: Bert <bert@example.net>\nSubject: Über\n\nHello."
    assert read_message(mail(parts(inside), digest)).body.text == shown
    assert read_message(mail(parts(HELLO, inside), MIXED)).body.text == "It is broken.\nHello."


def test_text_before_the_first_part_is_shown_only_where_nothing_else_is() -> None:
    before = b"Written above.\r\n"
    notice = b"This is a multi-part message in MIME format.\r\n"
    empty = part("", "Content-Type: text/plain")

    assert read_message(mail(before + parts(HELLO), MIXED)).body.text == "It is broken."
    assert read_message(mail(before + parts(empty), MIXED)).body.text == "Written above."
    assert read_message(mail(notice + parts(empty), MIXED)).body.text == ""


def test_a_form_of_the_same_may_have_a_name() -> None:
    rich = part("<p>It is broken.</p>", 'Content-Type: text/html; name="mail.html"')
    message = read_message(mail(parts(HELLO, rich), ALTERNATIVE))

    assert message.body.text == "<p>It is broken.</p>"
    assert message.files == ()


def test_what_is_stored_beside_a_file_has_a_bounded_length() -> None:
    long = "x" * 5_000
    inside = part(b"data", f"Content-Type: application/{long}", f"Content-ID: <{long}>")
    named = part(b"data", f'Content-Disposition: attachment; filename="{long}.pdf"')
    files = read_message(mail(parts(inside, named), MIXED)).files

    assert all(len(file.name + file.type + file.content_id) < 500 for file in files)
    assert files[-1].name.endswith(".pdf")


def test_forms_of_the_same_stay_apart_from_what_comes_behind() -> None:
    both = part(
        parts(
            part("plain form", "Content-Type: text/plain"),
            part("<p>rich form</p>", "Content-Type: text/html"),
            boundary="b2",
        ),
        ALTERNATIVE.replace("b1", "b2"),
    )
    message = read_message(
        mail(parts(both, part("List footer", "Content-Type: text/plain")), MIXED)
    )

    assert message.body.text == "<p>rich form</p>\n<div>List footer</div>\n"
    assert message.text == "plain form\nList footer"
    assert message.html == "<p>rich form</p>"


def test_a_named_text_is_the_body_if_it_is_the_first() -> None:
    named = part("It is broken.", "Content-Type: text/plain; name=mail.txt")
    message = read_message(mail(parts(named, named), MIXED))

    assert message.body.text == "It is broken."
    assert [(file.name, file.data) for file in message.files] == [("mail.txt", b"It is broken.")]
