"""Mails to requesters: attachments, threading, and that each is sent once."""

from collections.abc import Iterator
from email.message import EmailMessage
from itertools import count
from typing import Any
from unittest.mock import patch

import pytest

from helpdesk import mail_ids
from helpdesk.clock import now
from helpdesk.mail.outbound import compose, gather, render
from helpdesk.mail_ids import MailIdentity
from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Body, FromMail, NewEntry
from helpdesk.model.files import NewFile
from helpdesk.model.people import NewPerson
from helpdesk.storage import person_items, sequences, table, transact
from helpdesk.storage.keys import Key
from helpdesk.tickets import participants, threads
from tests.desk import Desk, new_desk
from tests.faults import How
from tests.world import html, later, plain

ANN, BOB = "ann1@example.org", "bob@example.org"


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk with a ticket of Ann's, in which Bob takes part; nothing has been mailed yet."""
    with new_desk() as made:
        made.change("agents", 7, name="Joe", username="joe", email="joe@desk.example", active=True)
        made.open(agent=7)
        for sequence in ("entry", "person", "file"):
            sequences.reserve_id(sequence, 300)
        new = NewPerson(email=BOB, name="Bob")
        joins = participants.participant_write(1, 201, now())
        transact.commit([*person_items.new_person(201, new, now()), joins])
        yield made


def add(kind: str, **values: Any) -> Key:
    """Adds an entry; gives its event."""
    later(minutes=1)
    new = NewEntry(**{"body": Body("Pull the plug."), "poster": "Joe", "agent": 7, **values})
    getattr(threads, f"add_{kind}")(SYSTEM, 1, new)
    events = [item for item in table.query("T#0000000001", begins="V#") if item["kind"] == kind]
    return Key(events[-1]["pk"], events[-1]["sk"])


def answer(desk: Desk, **values: Any) -> EmailMessage:
    """An agent answers; gives the mail that Ann gets."""
    before = len(desk.mails())
    assert desk.deliver("notify", add("response", **values)) == []
    return next(mail for mail in desk.mails()[before:] if mail["To"].addresses[0].addr_spec == ANN)


def attached(mail: EmailMessage) -> dict[str, bytes]:
    return {
        str(part.get_filename()): part.get_payload(decode=True)  # type: ignore[misc]
        for part in mail.iter_attachments()
    }


# --- files ----------------------------------------------------------------------------------

PICTURE = '<p>Here: <img src="data:image/png;base64,UE5H"> and <img src="cid:elsewhere"></p>'


def test_files_go_along_and_pictures_stand_where_they_were(desk: Desk) -> None:
    files = (
        NewFile("plan ü.pdf", "application/pdf", b"%PDF\r\n\0"),
        NewFile("mail.eml", "message/rfc822", b"Subject: x\n\ny"),
        NewFile("odd", "no type at all", b"?"),
    )
    raw = FromMail("<joe@example.org>", "raw/1", b"")
    mail = answer(desk, body=Body(PICTURE, "html"), files=files, mail=raw)
    assert attached(mail) == {file.name: file.data for file in files}
    types = [part.get_content_type() for part in mail.iter_attachments()]
    assert types == ["application/pdf", *["application/octet-stream"] * 2]
    (picture,) = (part for part in mail.walk() if part.get_content_type() == "image/png")
    assert picture.get_payload(decode=True) == b"PNG"
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in html(mail)
    assert "[image]" in html(mail)
    assert "not in this mail" not in plain(mail)


def test_far_pictures_are_shown_in_what_an_agent_wrote_only(desk: Desk) -> None:
    body = Body('<p><img src="https://logo.example/a.png" alt="logo"></p>', "html")
    far = '<img src="https://logo.example/a.png"'
    assert far in html(answer(desk, body=body))
    before = len(desk.mails())
    desk.deliver("notify", add("message", person=101, agent=None, body=body))
    told = desk.mails()[before:]
    assert len(told) == 2
    assert not [mail for mail in told if far in html(mail)]


def test_what_ses_does_not_take_is_named(desk: Desk) -> None:
    raw = FromMail("<joe@example.org>", "raw/1", b"")
    files = (NewFile("setup.EXE", "application/x", b"MZ"), NewFile("b<i>.txt", "text/plain", b"b"))
    mail = answer(desk, files=files, mail=raw)
    assert attached(mail) == {"b<i>.txt": b"b"}
    assert (
        plain(mail)
        .strip()
        .endswith("Files that are kept with the request, not in this mail: setup.EXE (2 B)")
    )


def test_a_mail_becomes_no_larger_than_ses_takes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "LARGEST_MAIL", 500_000)
    raw = FromMail("<joe@example.org>", "raw/1", b"")
    sizes = {"a.bin": 70_000, "b.bin": 150_000, "c.bin": 70_000}
    files = tuple(NewFile(name, "application/x", b"x" * size) for name, size in sizes.items())
    mail = answer(desk, files=files, mail=raw)
    assert list(attached(mail)) == ["a.bin", "c.bin"]
    assert "not in this mail: b.bin (146.5 KB)" in plain(mail)
    assert len(mail.as_bytes()) < 500_000


@pytest.mark.parametrize("size", [0, 1, 56, 57, 58, 1000, 100_000])
def test_what_files_take_is_never_underestimated(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = render.Words("s", "<p>äöü</p>" * 100, "äöü" * 100)
    envelope = render.Envelope(("a", "a@b.example"), ("c", "c@d.example"), "a@b.example", now())
    file = NewFile("ü" * 100, "application/x", b"\xff" * size, inline=True, content_id="x" * 250)
    whole = len(render.mail(said, envelope, [file] * 5))
    monkeypatch.setattr(render, "LARGEST_MAIL", whole)
    monkeypatch.setattr(render, "_MARGIN", 0)
    assert not all(render.fitting([(file.name, size)] * 5, said))


def test_without_files_where_that_is_switched_off(desk: Desk) -> None:
    desk.change_settings(email_attachments=False)
    file = NewFile("a.txt", "text/plain", b"a")
    mail = answer(desk, body=Body(PICTURE, "html"), files=(file,))
    assert attached(mail) == {}
    assert "[image-1.png]" in plain(mail)
    assert "not in this mail: image-1.png (3 B), a.txt (1 B)" in plain(mail)


def test_alerts_name_the_files_and_leave_them(desk: Desk) -> None:
    file = NewFile("a.txt", "text/plain", b"a")
    event = add("message", person=101, agent=None, files=(file,))
    assert desk.deliver("notify", event) == []
    by_to = {mail["To"].addresses[0].addr_spec: mail for mail in desk.mails()}
    assert attached(by_to[BOB]) == {"a.txt": b"a"}
    assert attached(by_to["joe@desk.example"]) == {}
    assert "not in this mail: a.txt" in plain(by_to["joe@desk.example"])


def test_a_confirmation_names_no_files(desk: Desk) -> None:
    desk.change_settings(message_autoresponder=True)
    file = NewFile("a.txt", "text/plain", b"a")
    mail = FromMail("<a@example.org>", "raw/1", b"")
    values = {"person": 101, "agent": None, "files": (file,), "mail": mail, "alert": False}
    desk.deliver("notify", add("message", autorespond=True, **values))
    (confirmation,) = desk.mails()
    assert "a.txt" not in confirmation.as_string()


def test_what_is_too_long_for_a_mail_ends_with_a_word_of_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compose, "LONGEST_MESSAGE", 1000)
    mail = answer(desk, body=Body("<p>" + "word " * 500 + "</p>", "html"))
    assert plain(mail).count("word") == 200
    assert "The rest is too long for a mail. It is kept with the request." in plain(mail)


# --- threading ------------------------------------------------------------------------------


def signed(to: int, role: mail_ids.Role = "U") -> str:
    return f"<{mail_ids.sign(MailIdentity(1, 1, to, role), 'mail-secret')}@desk.example>"


def sent(desk: Desk, place: int) -> str:
    """The Message-ID that SES gave to a mail."""
    return f"<{desk.sent[place][1]}@eu-west-1.amazonses.com>"


def test_each_mail_refers_to_those_before_it_in_its_recipients_mailbox(desk: Desk) -> None:
    first = answer(desk)
    assert (first["In-Reply-To"], first["References"]) == (None, signed(101))
    second = answer(desk)
    assert second["In-Reply-To"] == sent(desk, 0)
    assert second["References"].split() == [signed(101), sent(desk, 0)]
    mail = FromMail("<ann@example.org>", "raw/1", b"")
    desk.deliver("notify", add("message", person=101, agent=None, mail=mail))
    third = answer(desk)
    assert third["In-Reply-To"] == "<ann@example.org>"
    assert third["References"].split() == [
        signed(101),
        sent(desk, 0),
        sent(desk, 2),
        "<ann@example.org>",
    ]
    assert third["Subject"] == second["Subject"] == "Re: Printer [#700001]"


@pytest.mark.parametrize(
    "evil",
    ["<a b@example.org>", "<a\nBcc: eve@example.org>", f"<{'a' * 900}@example.org>", "<ü@x.org>"],
)
def test_an_id_that_no_header_can_hold_is_left_out(desk: Desk, evil: str) -> None:
    add("message", person=101, agent=None, mail=FromMail(evil, "raw/1", b""))
    mail = answer(desk)
    assert mail["References"] == signed(101)
    assert mail["Bcc"] is None


def test_ids_that_the_desk_made_up_are_named_to_nobody(desk: Desk) -> None:
    mail = FromMail(f"<{'0' * 64}@local>", "raw/1", b"")
    add("message", person=101, agent=None, mail=mail)
    assert answer(desk)["In-Reply-To"] is None


def test_those_who_ask_learn_nothing_of_what_agents_mail(desk: Desk) -> None:
    mail = answer(desk, mail=FromMail("<joe@laptop.internal>", "raw/1", b""))
    assert "laptop" not in mail.as_string()


def test_an_alert_stands_beside_what_its_agent_has_had_and_written(desk: Desk) -> None:
    answer(desk, mail=FromMail("<joe@example.org>", "raw/1", b""))
    desk.deliver("notify", add("message", person=101, agent=None))
    alert = desk.mails()[-1]
    assert alert["Subject"] == "New Message Alert"
    assert alert["In-Reply-To"] == "<joe@example.org>"
    assert alert["References"].split() == [signed(7, "S"), "<joe@example.org>"]


def test_a_long_thread_makes_no_long_header(desk: Desk) -> None:
    for number in range(30):
        mail = FromMail(f"<{number}@example.org>", "raw/1", b"")
        add("message", person=101, agent=None, mail=mail)
    references = answer(desk)["References"].split()
    assert len(references) == gather.RECENT
    assert references[-1] == "<29@example.org>"


# --- once -----------------------------------------------------------------------------------


@pytest.mark.exhaustive
@pytest.mark.parametrize("how", [How.AFTER, How.REFUSED])
def test_an_answer_reaches_everybody_once_whatever_call_fails(desk: Desk, how: How) -> None:
    desk.change_settings(note_alert_active=True)
    desk.change("agents", 8, name="Lou", username="lou", email="lou@desk.example", active=True)
    file = NewFile("a.txt", "text/plain", b"a")
    for number in count(1):
        before = len(desk.mails())
        mail = FromMail(f"<{number}@desk.example>", "raw/1", b"")
        body = Body(f"No. {number}.")
        event = add("response", agent=8, files=(file,), body=body, mail=mail)
        with desk.injector.fault(how, number) as fault:
            desk.deliver("notify", event)
        for _ in range(4):
            desk.hear_of_sending()
            if not desk.deliver("notify", event):
                break
            later(minutes=6)
        mails = desk.mails()[before:]
        to = sorted(mail["To"].addresses[0].addr_spec for mail in mails)
        assert to == [ANN, BOB, "joe@desk.example"], fault
        assert all(f"No. {number}." in plain(mail) for mail in mails)
        assert desk.todo(event) == {"project"}, fault
        counted = table.query("LOOP#2026-03-02 8")
        assert {len(item["mails"]) for item in counted} == {number}, fault
        if fault.hit is None:
            break
    assert number > 12


def test_what_comes_after_it_is_not_what_a_mail_answers(desk: Desk) -> None:
    first = add("response")
    mail = FromMail("<later@example.org>", "raw/1", b"")
    add("message", person=101, agent=None, mail=mail)
    assert desk.deliver("notify", first) == []
    assert all("later@" not in mail["References"] for mail in desk.mails())


def test_a_mail_that_has_gone_out_is_not_made_again(desk: Desk) -> None:
    event = add("response")
    with desk.injector.fault(How.REFUSED, 2, only="SendEmail", code="RequestExpired"):
        assert desk.deliver("notify", event) == [event]
    later(minutes=1)
    with patch.object(render, "mail", wraps=render.mail) as made:
        assert desk.deliver("notify", event) == []
    assert made.call_count == 1
    assert desk.addressees() == [ANN, BOB]
