"""Mailed reports of other mail systems: complaints (RFC 5965) and delivery reports (RFC 3464)."""

from email.message import EmailMessage
from textwrap import dedent

import pytest

from helpdesk.mail.outbound import suppression
from helpdesk.mail.outbound.render import PROOF
from helpdesk.mail.parsing import reports
from helpdesk.mail.parsing.message import read_message
from helpdesk.model.actor import SYSTEM
from helpdesk.storage import table, transact
from helpdesk.storage.keys import Key
from tests.helpdesk.mail.inbound.conftest import SUPPORT, Post, answer_to, mail
from tests.helpdesk.mail.outbound.test_feedback import history

ANN = "ann@example.org"

ABUSE = """\
    Feedback-Type: abuse
    User-Agent: Yahoo!-Mail-Feedback/2.0
    Version: 0.1
    Original-Mail-From: <0102-000000@bounce.desk.example>
    Reported-Domain: desk.example
    Received-Date: Mon, 02 Mar 2026 09:00:00 +0000
    """
"""As Yahoo sends it."""

FAILED = """\
    Reporting-MTA: dns; mx.example.org
    Arrival-Date: Mon, 2 Mar 2026 09:00:00 +0000

    Original-Recipient: rfc822;ann@example.org
    Final-Recipient: rfc822; Ann@example.org
    Action: failed
    Status: 5.1.1
    Diagnostic-Code: smtp; 550 5.1.1 <ann@example.org>: no such user
    """

COMPLAINT = 'multipart/report; report-type=feedback-report; boundary="b1"'
DELIVERY = 'multipart/report; report-type=delivery-status; boundary="b1"'


def report(
    said: str = ABUSE,
    returned: bytes = b"",
    *,
    kind: str = COMPLAINT,
    part: str = "message/feedback-report",
    returned_as: str = "message/rfc822",
    sender: str = "Yahoo! Mail AntiSpam Feedback <feedback@arf.mail.yahoo.com>",
    subject: str = "FW:Printer",
) -> bytes:
    """A report as it comes; without the parts that are empty."""
    parts = [("text/plain", b"This is an email abuse report for a message received.")]
    parts += [(part, dedent(said).encode())] if said else []
    parts += [(returned_as, returned)] if returned else []
    body = b"".join(
        f"--b1\r\nContent-Type: {name}\r\n\r\n".encode() + content + b"\r\n"
        for name, content in parts
    )
    head = (
        f"From: {sender}\r\nTo: {SUPPORT}\r\nSubject: {subject}\r\n"
        f"Message-ID: <arf-1@example.net>\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\n"
    )
    return head.encode() + body + b"--b1--\r\n"


def confirmed(post: Post) -> EmailMessage:
    """A ticket of Ann's; gives the confirmation as she has got it."""
    post.bring(mail())
    return next(sent for sent in post.out() if sent["To"].addresses[0].addr_spec == ANN)


def head(sent: EmailMessage) -> bytes:
    return sent.as_bytes().partition(b"\n\n")[0]


def listed() -> list[tuple[str, str]]:
    found, _ = suppression.list_addresses(SYSTEM, before="", limit=100)
    return [(one.address, one.reason) for one in found]


def brought(post: Post, raw: bytes, sender: str = "feedback@arf.mail.yahoo.com") -> list[str]:
    """Brings a mail of a provider that SES believes; the addresses that get mail of it."""
    before = len(post.out())
    post.bring(raw, sender=sender)
    return [sent["To"].addresses[0].addr_spec for sent in post.out()[before:]]


JUNK = {
    "kind": 'multipart/mixed; boundary="b1"',
    "said": "",
    "sender": "staff@hotmail.com",
    "subject": "complaint about message from 192.0.2.1",
}
"""As Microsoft's Junk Mail Reporting Program sends it."""

SES = JUNK | {"sender": "complaints@eu-west-1.email-abuse.amazonses.com"}
"""As SES's feedback forwarding does."""

AOL = {
    "said": "Feedback-Type: abuse\nUser-Agent: AOL SComp\nVersion: 0.1\nRedacted-Address: redacted",
    "sender": "scomp@aol.net",
    "subject": "Email Feedback Report for IP 192.0.2.1",
}


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"returned_as": "text/rfc822-headers"},
        {"returned_as": "message/rfc822-headers"},
        AOL,
        JUNK,
        SES,
        {"kind": 'multipart/mixed; boundary="b1"'},
        {"kind": 'multipart/report; boundary="b1"'},
        {"kind": 'multipart/report; report-type="Feedback-Report"; boundary="b1"'},
        {"said": ""},
        {"said": "User-Agent: somebody"},
        {"said": "Feedback-Type: opt-out"},
        {"said": "Feedback-Type: ABUSE (as it says)"},
    ],
)
def test_a_complaint_is_booked_as_one_of_ses_and_answered_by_nothing(
    post: Post, form: dict[str, str]
) -> None:
    sent = confirmed(post)
    whole = sent.as_bytes() if form.get("returned_as", "").endswith("822") else head(sent)
    sender = form.get("sender", "feedback@arf.mail.yahoo.com").rpartition(" ")[2].strip("<>")
    assert brought(post, report(returned=whole, **form), sender) == []
    assert listed() == [(ANN, "complaint")]
    assert history() == [{"to": ANN, "template": "ticket.autoresp", "reason": "complaint"}]
    (booked,) = [one for one in post.items("MAIL#") if one.get("to") == ANN]
    assert (booked["outcome"], booked["p8"]) == ("complaint", "mail#complained")
    # It stands in the thread of the mail, not in a ticket of its own.
    assert len(post.tickets()) == 1
    assert len(post.only().entries) == 2


@pytest.mark.parametrize("word", ["not-spam", "auth-failure", "Not-Spam"])
def test_what_is_no_complaint_is_not_booked(post: Post, word: str) -> None:
    sent = confirmed(post)
    assert brought(post, report(f"Feedback-Type: {word}", sent.as_bytes())) == []
    assert (listed(), history()) == ([], [])


def test_a_complaint_that_comes_twice_is_booked_once(post: Post) -> None:
    raw = report(returned=confirmed(post).as_bytes())
    assert brought(post, raw) == brought(post, raw) == []
    assert (len(listed()), len(history())) == (1, 1)


def test_a_bounce_as_mail_is_booked_as_one_of_ses(post: Post) -> None:
    raw = report(
        FAILED,
        confirmed(post).as_bytes(),
        kind=DELIVERY,
        part="message/delivery-status",
        sender="MAILER-DAEMON@example.org",
    )
    assert brought(post, raw, "") == []
    assert listed() == [(ANN, "bounce")]
    assert [one["reason"] for one in history()] == ["bounce"]
    assert len(post.only().entries) == 2


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        (("Status: 5.1.1", "Status: 5.2.2"), "delayed"),
        (("Status: 5.1.1", "Status: 5.7.1"), "delayed"),
        (("Status: 5.1.1", "Status: 4.4.7"), "delayed"),
        (("Action: failed", "Action: delayed"), "delayed"),
        (("Action: failed", "Action: delivered"), None),
        (("Action: failed", "Action: FAILED (expired)"), "bounce"),
        (("Status: 5.1.1", "Status: 5.0.0"), "bounce"),
        (("Status: 5.1.1", "Status: no"), "delayed"),
        # One of those to whom Ann's address leads.
        (("ann@example.org\n", "bob@example.org\n"), None),
    ],
)
def test_a_bounce_that_says_nothing_of_the_address_suppresses_nothing(
    post: Post, change: tuple[str, str], outcome: str | None
) -> None:
    said = dedent(FAILED).replace(*change)
    if "bob" in change[1]:
        said = said.replace("Ann@", "bob@")
    raw = report(said, confirmed(post).as_bytes(), kind=DELIVERY, part="message/delivery-status")
    assert brought(post, raw, "") == []
    (booked,) = [one for one in post.items("MAIL#") if one.get("to") == ANN]
    assert booked.get("outcome") == outcome
    assert listed() == ([(ANN, "bounce")] if outcome == "bounce" else [])


# --- forged ---------------------------------------------------------------------------------


def test_who_has_an_answer_to_a_mail_cannot_report_it(post: Post) -> None:
    """Bob is copied in Ann's answer: he knows every id of the mail that she has answered."""
    sent = confirmed(post)
    answer = answer_to(sent, f"Ann <{ANN}>", "Still.", Cc="Bob <bob@example.org>")
    assert PROOF not in answer
    forged = mail(f"Desk <{SUPPORT}>", to=ANN, message_id=str(sent["Message-ID"]))
    forged["References"] = str(answer["References"])
    forged["Reply-To"] = str(sent["Reply-To"])
    assert brought(post, report(returned=forged.as_bytes())) == []
    assert (listed(), history()) == ([], [])


@pytest.mark.parametrize(
    "changed",
    [" {0}0 {1} {2}", "{0} {1} {2}0", "{0} {1}", "{2}", "", "{0} {1} \xff", "{0}-{1}.{2}"],
)
def test_a_changed_proof_is_none(post: Post, changed: str) -> None:
    written = changed.format(*confirmed(post)[PROOF].split())
    returned = f"{PROOF}: {written}\r\nSubject: Printer\r\n\r\nx".encode()
    post.bring(report(returned=returned))
    assert listed() == []


def test_the_proof_is_of_one_mail(post: Post) -> None:
    """Ann's own proof does not reach the admin's address, whose mail is another one."""
    sent = confirmed(post)
    event, name, proof = sent[PROOF].split()
    (other,) = (one["sk"] for one in table.query(f"MAIL#{event}") if one["sk"] != name)
    returned = f"{PROOF}: {event} {other} {proof}\r\nSubject: Printer\r\n\r\nx".encode()
    post.bring(report(returned=returned))
    assert listed() == []


def test_a_report_whose_sender_is_forged_is_not_booked(post: Post) -> None:
    sent = confirmed(post)
    post.bring(report(returned=sent.as_bytes()), sender="feedback@arf.mail.yahoo.com", dmarc="FAIL")
    assert listed() == []


def test_a_mail_that_returns_one_without_being_a_report_books_nothing(post: Post) -> None:
    sent = confirmed(post)
    asked = mail(f"Ann <{ANN}>", "What is this?")
    asked.add_attachment(sent)
    post.bring(asked)
    assert listed() == []


def test_a_complaint_about_a_mail_that_is_not_ours_is_a_ticket_that_nobody_confirms(
    post: Post,
) -> None:
    strange = mail("x@desk.example", "Cheap pills", to="y@yahoo.com").as_bytes()
    raw = report(returned=strange)
    assert "feedback@arf.mail.yahoo.com" not in brought(post, raw)
    assert (len(post.tickets()), listed()) == (1, [])


def test_a_complaint_about_a_mail_of_a_deleted_ticket_is_booked_all_the_same(post: Post) -> None:
    sent = confirmed(post)
    for item in post.items("T#"):
        if item["sk"] == "A":
            transact.write(transact.delete(Key(item["pk"], item["sk"])))
    assert "feedback@arf.mail.yahoo.com" not in brought(post, report(returned=sent.as_bytes()))
    assert listed() == [(ANN, "complaint")]


# --- malformed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Feedback-Type:",
        "\x00\x00",
        "Feedback-Type: abuse\n" * 5_000,
        "Action: failed\n\n" * 5_000,
        "Status",
        "Final-Recipient: rfc822;" + "x" * 100_000,
        ": \n\n: \n",
    ],
)
@pytest.mark.parametrize("kind", [COMPLAINT, DELIVERY])
def test_any_report_is_read(said: str, kind: str) -> None:
    part = "message/feedback-report" if kind is COMPLAINT else "message/delivery-status"
    raw = report(said, b"no header at all", kind=kind, part=part)
    found = read_message(raw).report
    assert found is None or found.said in {None, "bounce", "delayed", "complaint"}
    for end in range(0, min(len(raw), 600), 7):
        read_message(raw[:end])


def test_a_persons_mail_is_no_report() -> None:
    for made in (
        mail(),
        mail(subject="complaint about message from my neighbour"),
        mail("staff@hotmail.com"),
    ):
        assert read_message(made.as_bytes()).report is None
    assert reports.Report("complaint").recipients == frozenset()
