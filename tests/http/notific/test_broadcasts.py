"""Mail to subscribers over HTTP (docs/notific.md 9), and the link that ends it."""

from __future__ import annotations

from typing import Any

import pytest

from local.mail.mailbox import Mail
from tests.http.desk import Answer, Desk
from tests.http.notific.client import Notific
from tests.http.notific.outbox import Outbox


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
    return ada, link[link.index("/unsubscribe") :], vpn


def one_click(desk: Desk, path: str, body: bytes = b"List-Unsubscribe=One-Click") -> Answer:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return desk.call("POST", path, raw=body, key=None, headers=kind)


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
    for bad in (path[:-2] + "AA", "/unsubscribe", "/unsubscribe?token=", path.replace("=", "=x")):
        for answer in (one_click(desk, bad), desk.call("GET", bad, key=None)):
            assert answer.status == 400
            assert "This link is not valid." in answer.text
            assert "VPN" not in answer.text
    assert desk.stored() == stored
