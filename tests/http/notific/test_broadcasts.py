"""Mail to subscribers over HTTP (docs/notific.md 9), and the link that ends it."""

from __future__ import annotations

from typing import Any

import pytest

from local.mail.mailbox import Mail
from tests.http.desk import Answer, Desk
from tests.http.notific.client import Notific
from tests.http.notific.outbox import Outbox

OPEN = pytest.mark.contract("POST /api/Tickets")
CHANGE = pytest.mark.contract("PUT /api/Tickets/{id}")
REPLACE = pytest.mark.contract("PUT /api/Customers/{id}")

NOON = "2001-01-01T12:00:00Z"


@CHANGE
def test_closing_elsewhere_is_told_and_notes_never(notific: Notific, unique: str) -> None:
    vpn = notific.make("Services", Name=unique)["Id"]
    box = Outbox(notific.desk, f"-{unique}@")
    notific.make("Customers", Name="a", Email=f"a-{unique}@x.example", Services=[vpn])
    number = notific.desk.open(services=[vpn], message="Public.", alert=False, autorespond=False)
    assert box.new() == [f"a-{unique}"]
    path = f"/api/tickets-update.php/{number}.json"
    for change, told in (
        ({"note": "private"}, []),
        ({"subject": "Another", "dueDate": "2036-01-31"}, []),
        ({"statusId": "Closed", "note": "private"}, [f"a-{unique}"]),
        ({"statusId": "Open"}, [f"a-{unique}"]),
    ):
        assert notific.desk.call("PATCH", path, change).status == 200
        assert box.new() == told
    assert not [mail for mail in box.all() if "private" in (mail.text or "")]


def test_private_text_of_other_tickets_reaches_no_subscriber(notific: Notific, unique: str) -> None:
    vpn = notific.make("Services", Name=unique)["Id"]
    box = Outbox(notific.desk, f"-{unique}@")
    notific.make("Customers", Name="a", Email=f"a-{unique}@x.example", Services=[vpn])
    number = notific.desk.open(message="private")
    path = f"/api/tickets-update.php/{number}.json"
    assert notific.desk.call("PATCH", path, {"statusId": "Closed"}).status == 200
    assert box.new() == []
    # Naming its services later tells nobody by itself, and who may not cannot.
    weak = notific.desk.make_key("can_update_tickets", "can_read_tickets")["key"]
    assert notific.desk.call("PATCH", path, {"services": [vpn]}, key=weak).status == 403
    assert notific.desk.call("PATCH", path, {"services": [vpn]}).status == 200
    assert box.new() == []


def test_zammad_names_services_too(notific: Notific, unique: str) -> None:
    vpn = notific.make("Services", Name=unique)["Id"]
    box = Outbox(notific.desk, f"-{unique}@")
    notific.make("Customers", Name="a", Email=f"a-{unique}@x.example", Services=[vpn])
    new = {"title": "T", "group": "Users", "customer_id": "guess:z@x.example", "services": [vpn]}
    made = notific.desk.call("POST", "/api/v1/tickets", {**new, "article": {"body": "B"}})
    assert made.status == 201, made.text
    assert box.new() == [f"a-{unique}"]
    assert notific.get(f"Tickets/{made.json['id']}")["Services"] == [vpn]
    change = {"state": "closed"}
    assert notific.desk.call("PUT", f"/api/v1/tickets/{made.json['id']}", change).status == 200
    assert box.new() == [f"a-{unique}"]


# --- unsubscribing --------------------------------------------------------------------------


def header(mail: Mail, name: str) -> str:
    return {key.lower(): value for key, value in mail.headers.items()}[name.lower()]


@pytest.fixture
def left(notific: Notific, unique: str) -> tuple[dict[str, Any], str, int]:
    """A customer of two services, the path of the link in a mail about one, and that service."""
    vpn = notific.make("Services", Name=f"{unique} VPN")["Id"]
    other = notific.make("Services", Name=f"{unique} other")["Id"]
    ada = notific.make(
        "Customers", Name="Ada", Email=f"ada-{unique}@x.example", Services=[vpn, other]
    )
    notific.make("Tickets", Title="T", Description="D", Services=[vpn])
    (mail,) = Outbox(notific.desk, f"ada-{unique}@").all()
    assert header(mail, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    link = header(mail, "List-Unsubscribe").strip(" <>")
    assert link.startswith(f"{notific.desk.cloud.url}/")
    return ada, link[link.index("/unsubscribe") :], vpn


def one_click(desk: Desk, path: str, body: bytes = b"List-Unsubscribe=One-Click") -> Answer:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return desk.call("POST", path, raw=body, key=None, headers=kind)


@REPLACE
def test_one_click_ends_mail_of_that_service(
    notific: Notific, left: tuple[dict[str, Any], str, int], unique: str
) -> None:
    ada, path, vpn = left
    desk = notific.desk
    stored = desk.stored()
    for method in ("GET", "HEAD"):
        page = desk.call(method, path, key=None)
        assert (page.status, page.type) == (200, "text/html; charset=utf-8")
    assert f"{unique} VPN" in desk.call("GET", path, key=None).text
    assert desk.stored() == stored

    page = one_click(desk, path)
    assert (page.status, f"{unique} VPN" in page.text) == (200, True)
    rest = [one for one in ada["Services"] if one != vpn]
    assert notific.get(f"Customers/{ada['Id']}")["Services"] == rest
    # A client that sends an old list back does not bring it back.
    assert notific.put("Customers", ada)["Services"] == rest
    notific.make("Tickets", Title="T", Description="D", Services=[vpn])
    assert len(Outbox(desk, f"ada-{unique}@").all()) == 1

    assert one_click(desk, path, b"again=1").status == 200
    assert sorted(notific.get(f"Customers/{ada['Id']}")["Services"]) == ada["Services"]


def test_a_link_of_somebody_elses_making_changes_nothing(
    notific: Notific, left: tuple[dict[str, Any], str, int]
) -> None:
    _, path, _ = left
    desk = notific.desk
    stored = desk.stored()
    forged = path[:-2] + ("BA" if path.endswith("AA") else "AA")
    for bad in (forged, "/unsubscribe", "/unsubscribe?token=", path.replace("=", "=x")):
        for answer in (one_click(desk, bad), desk.call("GET", bad, key=None)):
            assert answer.status == 400
            assert "This link is not valid." in answer.text
            assert "VPN" not in answer.text
    assert desk.stored() == stored


# --- what is told, and to whom --------------------------------------------------------------


@OPEN
def test_a_mail_names_the_ticket_what_happened_the_description_and_the_times(
    notific: Notific, unique: str
) -> None:
    desk = notific.desk
    desk.set("settings", default_timezone="Europe/Berlin")
    vpn = notific.make("Services", Name=f"{unique} VPN")["Id"]
    box = Outbox(desk, f"@{unique}.example")
    notific.make("Customers", Name="Ada", Email=f"ada@{unique}.example", Services=[vpn])
    times = {"StartTime": NOON, "ExpectedResolutionTime": "2001-06-01T12:00:00Z"}
    ticket = notific.make("Tickets", Title="Down", Description="D & <d>.", Services=[vpn], **times)
    notific.put("Tickets", ticket, ClosedTime="2001-01-01T13:00:00Z")
    opened, closed = box.all()
    desk.set("settings", default_timezone="UTC")
    assert opened.subject == f"New: Down [#{ticket['Number']}]"
    assert closed.subject == f"Closed: Down [#{ticket['Number']}]"
    for mail in (opened, closed):
        text = mail.text or ""
        for told in ("Hello Ada", "D & <d>.", f"{unique} VPN", "Start: 2001-01-01 13:00 Europe/B"):
            assert told in text
        assert "Expected resolution: 2001-06-01 14:00 Europe/Berlin" in text
        assert "Next update:" not in text
    assert "Closed: 2001-01-01 14:00 Europe/Berlin" in (closed.text or "")


@OPEN
def test_a_ticket_without_services_tells_its_customer_alone(notific: Notific, unique: str) -> None:
    """The mail stands in place of the automatic answer; staff gets its alert as ever."""
    vpn = notific.make("Services", Name=unique)["Id"]
    box, staff = Outbox(notific.desk, f"@{unique}.example"), Outbox(notific.desk, "admin@")
    ada, bob = (
        notific.make("Customers", Name=name, Email=f"{name}@{unique}.example", Services=[vpn])
        for name in ("ada", "bob")
    )
    ticket = notific.make("Tickets", Title="T", Description="D", CustomerId=ada["Id"])
    assert (ticket["CustomerId"], box.new(), staff.new()) == (ada["Id"], ["ada"], ["admin"])
    notific.put("Tickets", ticket, ClosedTime=NOON)
    assert box.new() == ["ada"]
    # With services those who chose them are told, whoever reported it.
    of_vpn = {"Title": "T", "Description": "D", "Services": [vpn]}
    notific.make("Tickets", **of_vpn, CustomerId=ada["Id"])
    assert box.new() == ["ada", "bob"]
    notific.put("Customers", ada, Services=[])
    notific.make("Tickets", **of_vpn, CustomerId=ada["Id"])
    assert box.new() == ["bob"]
    # Subscriptions go with who had them.
    assert notific.ask("DELETE", f"Customers/{bob['Id']}").status == 200
    notific.make("Tickets", **of_vpn)
    assert box.new() == []


@CHANGE
def test_an_answer_by_mail_that_reopens_is_told(notific: Notific, unique: str) -> None:
    desk = notific.desk
    vpn = notific.make("Services", Name=unique)["Id"]
    box = Outbox(desk, f"@{unique}.example")
    eve = notific.make("Customers", Name="eve", Email=f"eve@{unique}.example")
    notific.make("Customers", Name="ada", Email=f"ada@{unique}.example", Services=[vpn])
    new = {"Title": "T", "Description": "D", "Services": [vpn], "CustomerId": eve["Id"]}
    ticket = notific.make("Tickets", **new)
    ticket = notific.put("Tickets", ticket, ClosedTime=NOON)
    assert box.new() == ["ada", "ada"]
    head = f"From: eve@{unique}.example\r\nSubject: Re: T [#{ticket['Number']}]\r\n"
    raw = f"{head}Message-ID: <{unique}{notific.format}@x>\r\n\r\nsecret".encode()
    assert desk.call("POST", "/api/tickets.email", raw=raw).status in {200, 201}
    assert box.new() == ["ada"]
    assert notific.get(f"Tickets/{ticket['Id']}")["Status"] == "Open"
    assert box.all()[-1].subject.startswith("Reopened: ")
    assert "secret" not in (box.all()[-1].text or "")


def test_an_admin_sees_how_far_a_broadcast_has_come(notific: Notific, unique: str) -> None:
    desk = notific.desk
    vpn = notific.make("Services", Name=unique)["Id"]
    # No mail reaches an address with such letters: SES knows none.
    for name in ("ada", "bob", "\u00e9ve"):
        email = f"{name}@{unique}.example"
        notific.make("Customers", Name=name, Email=email, Services=[vpn])
    number = notific.make("Tickets", Title="T", Description="D", Services=[vpn])["Id"]
    desk.cloud.drain()
    listed = desk.call("GET", "/api/admin/broadcasts").json["items"]
    (found,) = [one for one in listed if one["ticket"] == number]
    assert desk.call("GET", f"/api/admin/broadcasts/{found['id']}").json == found
    counts = {name: found[name] for name in ("what", "total", "sent", "skipped", "left")}
    assert counts == {"what": "created", "total": 3, "sent": 2, "skipped": 1, "left": 0}
    assert found["started"] <= found["finished"]


@REPLACE
def test_an_admin_lets_somebody_hear_again(
    notific: Notific, left: tuple[dict[str, Any], str, int]
) -> None:
    ada, path, vpn = left
    assert one_click(notific.desk, path).status == 200
    assert vpn not in notific.put("Customers", ada)["Services"]
    lifted = notific.desk.call("DELETE", f"/api/admin/unsubscribed/{ada['Id']}")
    assert lifted.status == 200
    assert notific.put("Customers", ada) == ada
