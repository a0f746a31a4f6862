"""Who the requester is (docs/osticket.md, rows R and S), and which headers are trusted."""

import json
from pathlib import Path

import pytest

from helpdesk import people
from helpdesk.model.actor import SYSTEM
from helpdesk.model.people import Person
from helpdesk.storage import person_items, table
from tests.helpdesk.mail.inbound.conftest import SUPPORT, Post, answer_to, mail
from tests.world import function as endpoint

CASES = json.loads((Path(__file__).parents[1] / "parsing/mails/mail-cases.json").read_text())
LIST_POST = "<mailto:l@lists.example>"
VIA = "'Ann Customer' via Support"


def requester(post: Post) -> tuple[str, str]:
    """Name and address of the requester of the newest ticket."""
    ticket = post.thread(post.tickets()[-1]["id"]).ticket
    return ticket.person_name, ticket.person_email


@pytest.mark.parametrize(
    "case",
    [case for case in CASES["mails"] if "from_addr" in case["right"]],
    ids=lambda case: str(case["id"]),
)
def test_the_requester_of_reviewed_mails(post: Post, case: dict[str, dict[str, str]]) -> None:
    post.bring(str(case["mail"]).encode("latin-1"))
    assert requester(post)[1] == case["right"]["from_addr"]


# --- believed -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sender",
    [
        "Mallory <m@evil.example> <ann@example.org>",
        "<ann@example.org> <m@evil.example>",
        "m@evil.example <ann@example.org>",
        "ann@example.org m@evil.example",
        "<m@evil.example, ann@example.org>",
        "=?utf-8?q?Ann_=3Cann=40example=2Eorg=3E?=",
        "<=?utf-8?q?ann=40example=2Eorg?=>",
    ],
)
def test_a_sender_whom_from_does_not_name_alone_and_plainly_is_not_believed(
    post: Post, sender: str
) -> None:
    post.bring(mail())
    number = post.only().ticket.number
    forged = b"From: %s\r\nTo: %s\r\nSubject: Re: [#%s]\r\nMessage-ID: <f@x>\r\n\r\nPay.\r\n"
    post.bring(forged % (sender.encode(), SUPPORT.encode(), number.encode()))
    assert len(post.tickets()) == 2


@pytest.mark.parametrize(
    "sender",
    [
        "Ann (of Support) <ann@example.org>",
        '"m@evil.example" <ann@example.org>',
        "ANN@example.org <ann@example.org>",
        "ann@example.org (Ann)",
        "Ann <ann@example . org>",
    ],
)
def test_a_sender_whom_from_names_alone_is_believed(post: Post, sender: str) -> None:
    post.bring(mail())
    number = post.only().ticket.number
    plain = b"From: %s\r\nTo: %s\r\nSubject: Re: [#%s]\r\nMessage-ID: <f@x>\r\n\r\nMore.\r\n"
    post.bring(plain % (sender.encode(), SUPPORT.encode(), number.encode()))
    assert len(post.only().entries) == 2


# --- lists in From --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Reply_To": "Ann Customer <ann@example.org>"},
        {"X_Original_From": "Ann Customer <ann@example.org>"},
        {"X_Original_Sender": "ann@example.org"},
        {"X_Original_Sender": "ann@example.org", "Reply_To": f"{SUPPORT}, bob@example.org"},
    ],
)
def test_behind_the_desks_own_address_stands_the_author(
    post: Post, headers: dict[str, str]
) -> None:
    post.bring(mail(f"{VIA} <{SUPPORT}>", **headers))
    assert requester(post) == ("Ann Customer", "ann@example.org")


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({"Reply_To": "Ann <ann@example.org>"}, "ann@example.org"),
        ({"Reply_To": "ann@example.org", "List_Post": LIST_POST}, "ann@example.org"),
        ({"Reply_To": "printers@lists.example"}, "printers@lists.example"),
        ({"Reply_To": "l@lists.example", "List_Post": LIST_POST}, "printers@lists.example"),
        ({"Reply_To": "ann@example.org, bob@example.org"}, "printers@lists.example"),
        ({}, "printers@lists.example"),
    ],
)
def test_a_list_may_be_any(post: Post, headers: dict[str, str], address: str) -> None:
    listed = {"List_Id": "Printers <printers.lists.example>", **headers}
    post.bring(mail("'Ann' via Printers <printers@lists.example>", **listed))
    assert requester(post)[1] == address


def test_who_stands_behind_a_list_is_not_believed(post: Post) -> None:
    post.bring(mail("Ann <ann@example.org>"))
    number = post.only().ticket.number
    post.bring(mail(f"{VIA} <{SUPPORT}>", f"Re: [#{number}]", Reply_To="ann@example.org"))
    assert len(post.tickets()) == 2
    (confirmation,) = (
        one for one in post.out() if "ann@" in one["To"] and number in one["Subject"]
    )
    post.bring(
        answer_to(confirmation, f"{VIA} <{SUPPORT}>", "So?", X_Original_From="ann@example.org")
    )
    (*_, last) = post.thread().entries
    assert (last.person, last.body.text.split("\n")[0]) == (
        None,
        "Received From: Ann Customer <ann@example.org>",
    )


def test_the_desks_own_mail_stays_a_loop_whoever_answers_it(post: Post) -> None:
    post.bring(mail())
    sent = next(one for one in post.out() if "ann@" in one["To"])
    name = post.bring(sent)
    assert post.held() == {name: "loop"}
    assert len(post.tickets()) == 1


# --- no From --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "envelope", "address"),
    [
        (
            {"Reply_To": "ann@example.org", "Sender": "b@x.example"},
            "c@x.example",
            "ann@example.org",
        ),
        ({"Sender": "Bob <bob@example.org>"}, "c@x.example", "bob@example.org"),
        ({}, "cy@x.example", "cy@x.example"),
        ({"Return_Path": "<dee@x.example>"}, "", "dee@x.example"),
        ({"Return_Path": "<>"}, "", ""),
    ],
)
def test_without_from_others_name_the_requester(
    post: Post, headers: dict[str, str], envelope: str, address: str
) -> None:
    post.bring(mail("", **headers), sender=envelope)
    assert requester(post)[1] == address


def test_who_stands_in_reply_to_alone_is_not_believed(post: Post) -> None:
    post.bring(mail())
    number = post.only().ticket.number
    post.bring(mail("", f"Re: [#{number}]", Reply_To="ann@example.org"))
    assert len(post.tickets()) == 2


# --- how they are kept ----------------------------------------------------------------------


def test_addresses_are_shown_as_they_were_first_written_and_found_in_any_case(post: Post) -> None:
    post.bring(mail("Customer, Ann <Ann.Customer@Example.org>", Cc="Bob <Bob@Example.org>"))
    post.bring(mail("Ann <ann.customer@example.ORG>", "Again"))
    post.settle()
    assert requester(post) == ("Customer, Ann", "Ann.Customer@Example.org")
    assert len({item["person"] for item in post.tickets()}) == 1
    known = table.fetch([person_items.holder_key("bob@EXAMPLE.org")])
    assert [item["email"] for item in known.values()] == ["Bob@Example.org"]


def test_the_ticket_of_a_mail_has_no_ip(post: Post) -> None:
    _, number = post.send(mail())
    event = {
        "httpMethod": "GET",
        "resource": "/api/tickets-get.php/{ref}",
        "path": f"/api/tickets-get.php/{number}.json",
        "pathParameters": {"ref": f"{number}.json"},
        "headers": {},
        "requestContext": {
            "identity": {"sourceIp": "192.0.2.1"},
            "authorizer": {"key_id": "1", "permissions": "can_read_tickets"},
        },
    }
    shown = json.loads(endpoint("osticket/get_ticket").handler(event, None)["body"])
    assert shown["ip"] is None


def test_a_stranger_who_answers_a_signed_mail_speaks_as_himself(post: Post) -> None:
    post.bring(mail())
    sent = next(one for one in post.out() if "ann@" in one["To"])
    post.bring(answer_to(sent, "Sam <sam@stranger.example>", "Me too."))
    (*_, last) = post.only().entries
    assert (last.person, last.poster) == (None, "Sam")
    assert last.body.text.startswith("Received From: Sam <sam@stranger.example>\n\nMe too.")


def test_who_answers_the_mail_of_somebody_else_gets_no_confirmation(post: Post) -> None:
    post.desk.change_settings(message_autoresponder=True)
    post.bring(mail(message_id="<first@example.org>"))
    sent = next(one for one in post.out() if "ann@" in one["To"])
    before = len(post.out())
    post.bring(mail(subject="Re", In_Reply_To="<first@example.org>"))
    assert len(post.out()) == before
    post.bring(answer_to(sent, "Ann <ann@example.org>", "To the desk."))
    assert len(post.out()) == before + 1


def test_who_wants_no_automatic_answer_gets_none(post: Post) -> None:
    for wish in ("All", "OOF, AutoReply"):
        post.bring(mail(X_Auto_Response_Suppress=wish))
    assert [one for one in post.out() if "ann@" in one["To"]] == []


def test_a_person_whose_address_has_capitals_can_be_changed(post: Post) -> None:
    post.bring(mail("Ann Customer <Ann.Customer@Example.org>"))
    number = post.only().ticket.person

    def known() -> tuple[str, str]:
        person = people.find_user(SYSTEM, number)
        assert isinstance(person, Person)
        return person.email, person.login

    assert known() == ("Ann.Customer@Example.org", "ann.customer@example.org")
    people.update_person(SYSTEM, number, {"phone": "555"})
    assert known() == ("Ann.Customer@Example.org", "ann.customer@example.org")
    people.update_person(SYSTEM, number, {"email": "ann@EXAMPLE.net"})
    assert known() == ("ann@example.net", "ann@example.net")
    post.bring(mail("Ann <ANN@example.net>"))
    assert {item["person"] for item in post.tickets()} == {number}
