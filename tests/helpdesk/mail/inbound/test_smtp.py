"""Mail by SMTP into the running cloud, as a mail program sends it, until the last reply is sent."""

import random
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import SMTP as WIRE
from smtplib import SMTP, SMTPRecipientsRefused

import boto3
import pytest

from local import feed
from local.testing import RunningCloud
from tests.helpdesk.mail.inbound.conftest import SUPPORT, answer_to, mail
from tests.helpdesk.mail.inbound.test_reports import report
from tests.helpdesk.mail.inbound.ways import take_every_way
from tests.http.office import Office, as_received, number_of

ANN, MAX = "Ann <ann@example.org>", "Max Agent <max@desk.example>"


@pytest.fixture
def office(running_cloud: RunningCloud) -> Iterator[Office]:
    for fresh in running_cloud.fresh():
        with Office(fresh) as office:
            yield office


def test_a_mail_with_files_opens_a_ticket_and_its_answer_lands_on_the_thread(
    office: Office,
) -> None:
    files = {"big.bin": random.Random(1).randbytes(300_000), "a.exe": b"MZ"}
    sent = mail(ANN, message_id="<one@example.org>")
    sent.add_alternative('<p>It burns. <img src="cid:pic"></p>', subtype="html")
    html = sent.get_body(("html",))
    assert html is not None
    html.add_related(b"PNG", "image", "png", cid="<pic>")
    for name, data in files.items():
        sent.add_attachment(data, maintype="application", subtype="x", filename=name)
    office.send(sent)
    confirmation, alert = office.mails()
    assert (confirmation.to, alert.to) == ("ann@example.org", "admin@desk.example")
    number = number_of(confirmation)
    (entry,) = office.thread(number)
    assert [(file["filename"], file["inline"]) for file in entry["attachments"]] == [
        ("image-1.png", True),
        ("big.bin", False),
        ("a.exe", False),
    ]
    bucket = office.cloud.resources.physical("FilesBucket").ref
    s3 = boto3.client("s3")
    kept = s3.list_objects_v2(Bucket=bucket, Prefix="files/")["Contents"]
    stored = [s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read() for one in kept]
    assert sorted(stored) == sorted([b"PNG", *files.values()])

    office.send(answer_to(as_received(confirmation), ANN, "It still burns."))
    _, reply = office.thread(number)
    assert (reply["type"], reply["body"]) == ("message", "It still burns.")


def test_an_agents_answer_to_the_alert_becomes_a_response(office: Office) -> None:
    agent = office.make_row("agents", name="Max Agent", username="max", email="max@desk.example")
    office.set("departments/1", manager=agent)
    office.send(mail(ANN, message_id="<one@example.org>"))
    found = {sent.to: sent for sent in office.mails()}
    number = number_of(found["ann@example.org"])
    office.send(answer_to(as_received(found["max@desk.example"]), MAX, "Pull the plug."))
    _, response = office.thread(number)
    assert (response["type"], response["poster"]) == ("response", "Max Agent")
    assert office.show(number)["isAnswered"] is True


def test_in_a_new_desk_the_admins_answer_reaches_the_customer(office: Office) -> None:
    office.send(mail(ANN, message_id="<one@example.org>"))
    confirmation, alert = office.mails()
    assert alert.to == "admin@desk.example"
    office.send(answer_to(as_received(alert), "Root <admin@desk.example>", "Pull the plug."))
    response = office.mails()[2]
    assert response.to == "ann@example.org"
    assert "Pull the plug." in (response.text or "")
    assert office.show(number_of(confirmation))["isAnswered"] is True


def test_an_agents_answer_reaches_the_customer_beside_the_mails_before_it(office: Office) -> None:
    agent = office.make_row("agents", name="Max Agent", username="max", email="max@desk.example")
    office.set("departments/1", manager=agent)
    office.send(mail(ANN, message_id="<one@example.org>"))
    found = {sent.to: sent for sent in office.mails()}
    confirmation, alert = found["ann@example.org"], found["max@desk.example"]
    answer = answer_to(as_received(alert), MAX, "Pull the plug.", Message_ID="<max@laptop.example>")
    answer.add_attachment(b"%PDF", "application", "pdf", filename="plug.pdf")
    office.send(answer)
    reply = as_received(office.mails()[-1])
    assert office.mails()[-1].to == "ann@example.org"
    number = number_of(confirmation)
    assert reply["Subject"] == f"Re: Printer [#{number}]"
    assert "Pull the plug." in reply.get_content()
    assert reply["In-Reply-To"] == confirmation.message_id
    assert {"<one@example.org>", confirmation.message_id} <= set(reply["References"].split())
    assert "laptop" not in reply["References"]
    (entry,) = (entry for entry in office.thread(number) if entry["type"] == "response")
    assert [file["filename"] for file in entry["attachments"]] == ["plug.pdf"]

    # The customer goes on, the agent hears of it beside the alert, and so on.
    office.send(answer_to(reply, ANN, "It did not help.", Message_ID="<two@example.org>"))
    alert = next(sent for sent in office.mails() if sent.subject == "New Message Alert")
    assert (alert.to, "It did not help." in (alert.text or "")) == ("max@desk.example", True)
    assert alert.headers["In-Reply-To"] == "<max@laptop.example>"
    office.send(answer_to(as_received(alert), MAX, "Then smash it."))
    last = office.mails()[-1]
    assert last.to == "ann@example.org"
    assert last.headers["In-Reply-To"] == "<two@example.org>"
    assert set(reply["References"].split()) <= set(last.headers["References"].split())
    kinds = [entry["type"] for entry in office.thread(number)]
    assert kinds == ["message", "response", "message", "response"]


@pytest.mark.parametrize("reason", ["bounce", "complaint"])
def test_ses_tells_of_mailboxes_that_are_not_written_to_again(office: Office, reason: str) -> None:
    address = f"{reason}@simulator.amazonses.com"
    for body in ("It burns.", "Still."):
        office.send(mail(f"Gone <{address}>", body=body))
        assert [sent.to for sent in office.mails()].count(address) == 1
    path = "/api/admin/suppressed"
    (listed,) = office.call("GET", path).json["items"]
    assert (listed["address"], listed["reason"]) == (address, reason)
    assert office.call("DELETE", f"{path}/{address}").status == 200
    office.send(mail(f"Gone <{address}>", body="Once more."))
    assert [sent.to for sent in office.mails()].count(address) == 2


def test_a_complaint_that_comes_as_mail_ends_what_is_sent(office: Office) -> None:
    """By the roles of the function, too, which SES's own notices do not need."""
    office.send(mail(ANN, message_id="<one@example.org>"))
    confirmation, _ = office.mails()
    raw = report(returned=as_received(confirmation).as_bytes())
    office.send(message_from_bytes(raw, policy=WIRE))
    (listed,) = office.call("GET", "/api/admin/suppressed").json["items"]
    assert (listed["address"], listed["reason"]) == ("ann@example.org", "complaint")
    office.send(mail(ANN, subject="Once more", message_id="<two@example.org>"))
    assert [sent.to for sent in office.mails()].count("ann@example.org") == 1


def test_a_vacation_responder_and_a_bounce_end_after_one_round(office: Office) -> None:
    office.send(mail(ANN, message_id="<one@example.org>"))
    confirmation, _ = office.mails()
    away = {"Auto_Submitted": "auto-replied", "Precedence": "bulk"}
    office.send(answer_to(as_received(confirmation), ANN, "I am away.", **away))
    daemon = "Mail Delivery System <MAILER-DAEMON@example.org>"
    office.send(answer_to(as_received(confirmation), daemon, "No such user."))
    sent = [one.to for one in office.mails()]
    assert sent.count("ann@example.org") == 1
    assert not [to for to in sent if "daemon" in to.lower()]
    assert len(office.thread(number_of(confirmation))) == 3


def test_an_empty_reverse_path_is_enough_to_be_answered_by_nobody(office: Office) -> None:
    with SMTP("127.0.0.1", office.cloud.smtp.port) as server:
        server.sendmail("", [SUPPORT], mail(ANN, message_id="<one@example.org>").as_bytes())
    assert office.mails() == []
    (ticket,) = office.call("GET", "/api/tickets-search.php").json
    assert ticket["subject"] == "Printer"


def test_mail_for_others_is_refused_at_the_door(office: Office) -> None:
    with pytest.raises(SMTPRecipientsRefused):
        office.send(mail(to="sales@elsewhere.example"))
    office.send(mail(to="Support <SUPPORT+anything@desk.example>"))
    assert len(office.mails()) == 2


def test_verdicts_are_told_as_ses_tells_them(office: Office) -> None:
    office.send(mail(ANN), spam="FAIL")
    (alert,) = office.mails()
    assert alert.to == "admin@desk.example"
    office.send(mail(ANN, body="x"), virus="FAIL")
    assert len(office.mails()) == 1


def test_admins_see_what_became_no_ticket_newest_first(office: Office) -> None:
    for number in range(3):
        office.send(mail("Test <test@example.com>", f"Number {number}"))
    first = office.call("GET", "/api/admin/held-mail?limit=2").json
    assert [(item["reason"], item["subject"]) for item in first["items"]] == [
        ("banned", "Number 2"),
        ("banned", "Number 1"),
    ]
    rest = office.call("GET", f"/api/admin/held-mail?limit=2&next={first['next']}").json
    assert [item["subject"] for item in rest["items"]] == ["Number 0"]
    assert rest["next"] is None
    assert rest["items"][0]["sender"] == "Test <test@example.com>"
    assert office.call("GET", "/api/admin/held-mail?next=zero").status == 422
    bound = office.make_key("can_manage_directory", departments=[1])["key"]
    assert office.call("GET", "/api/admin/held-mail", key=bound).status == 403


def test_make_mail_feeds_a_file_of_any_bytes(office: Office) -> None:
    raw = b"From: Ann <ann@example.org>\nTo: nobody@else.example\nSubject: x\n\n" + b"\xff" * 5000
    feed.feed(raw, "127.0.0.1", office.cloud.smtp.port, SUPPORT)
    (entry,) = office.thread(number_of(office.mails()[0]))
    assert len(entry["body"]) == 5000


def test_the_page_says_where_mail_comes_in(office: Office) -> None:
    assert f"port <code>{office.cloud.smtp.port}</code>" in office.call("GET", "/local").text


def test_the_api_takes_the_same_mail_and_the_long_path(office: Office) -> None:
    raw = mail(ANN, message_id="<curl@example.org>").as_bytes(policy=WIRE)
    first = office.post(raw)
    again = office.call("POST", "/api/http.php/tickets.email", raw=raw)
    assert (first.status, first.text) == (again.status, again.text)
    assert (first.status, first.text) == (201, number_of(office.mails()[0]))


@pytest.mark.exhaustive
def test_every_way_leaves_nothing_in_between(office: Office) -> None:
    take_every_way(office.cloud, office.post, lambda values: office.set("settings", **values))
