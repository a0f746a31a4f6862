"""Tickets over HTTP (docs/notific.md 5)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from helpdesk.model.actor import THE_DESK
from tests.http.notific.client import Notific, Values

NOON, ONE, TWO = (f"2001-01-01T{hour}:00:00Z" for hour in (12, 13, 14))

TIMES = ("StartTime", "EndTime", "ExpectedResolutionTime", "NextUpdateTime")

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def opened(notific: Notific, **values: Any) -> Values:
    return notific.make("Tickets", **{"Title": "No VPN", "Description": "Down.", **values})


def alerts(notific: Notific) -> int:
    """How many mails the desk has sent so far."""
    notific.desk.cloud.drain()
    return len(notific.desk.cloud.mailbox.mails())


# --- opening --------------------------------------------------------------------------------


@pytest.mark.contract("POST /api/Tickets")
@pytest.mark.contract("GET /api/Tickets/{id}")
@pytest.mark.contract("GET /api/Tickets")
def test_a_ticket_is_opened_and_shown(notific: Notific, unique: str) -> None:
    service = notific.make("Services", Name=unique)["Id"]
    operator = notific.make("Operators", Name="Grace", Email=f"{unique}-o@example.org")["Id"]
    customer = notific.make("Customers", Name="Ada", Email=f"{unique}@example.org")["Id"]
    told = notific.ask(
        "POST",
        "Tickets",
        {
            "Id": 7777,
            "Number": "X",
            "Status": "Closed",
            "ClosedTime": NOON,
            "CreatedTime": NOON,
            "Title": "No VPN",
            "Description": "It is down.\nWe look.",
            "Services": [service],
            "OperatorId": operator,
            "CustomerId": customer,
            "StartTime": NOON,
            "EndTime": TWO,
            "ExpectedResolutionTime": ONE,
            "NextUpdateTime": ONE,
        },
    )
    made = told.said
    assert told.status == 201
    assert told.answer.headers["location"].endswith(f"/api/Tickets/{made['Id']}")
    assert STAMP.fullmatch(made["CreatedTime"])
    assert made == {
        "Id": made["Id"],
        "Number": made["Number"],
        "Title": "No VPN",
        "Description": "It is down.\nWe look.",
        "Services": [service],
        "OperatorId": operator,
        "CustomerId": customer,
        "StartTime": NOON,
        "EndTime": TWO,
        "ExpectedResolutionTime": ONE,
        "NextUpdateTime": ONE,
        "CreatedTime": made["CreatedTime"],
        "UpdatedTime": made["CreatedTime"],
        "ClosedTime": None,
        "ReopenedTime": None,
        "Status": "Open",
    }
    assert made["Id"] != 7777
    assert notific.get(f"Tickets/{made['Id']}") == made
    assert made in notific.get("Tickets")


@pytest.mark.contract("POST /api/Tickets")
def test_the_least_that_a_ticket_needs(notific: Notific) -> None:
    made = opened(notific)
    assert (made["Services"], made["OperatorId"], made["CustomerId"]) == ([], None, None)
    # The desk itself asks, whom the API does not show.
    assert notific.desk.show(made["Number"])["userId"] == THE_DESK
    assert STAMP.fullmatch(made["StartTime"])  # now, where nothing is said
    assert [made[name] for name in TIMES[1:]] == [None] * 3
    required = {
        "ticket.Title": ["The Title field is required."],
        "ticket.Description": ["The Description field is required."],
    }
    assert notific.ask("POST", "Tickets", {"Title": " "}).wrong == required


@pytest.mark.contract("POST /api/Tickets")
def test_what_a_ticket_refuses(notific: Notific) -> None:
    def wrong(**values: Any) -> Any:
        body = {"Title": "T", "Description": "D", **values}
        return notific.ask("POST", "Tickets", body).wrong

    long = "The field Title must be a string with a maximum length of 255."
    assert wrong(Title="t" * 256) == {"ticket.Title": [long]}
    assert wrong(Services=[999999]) == {
        "ticket.Services": ["The Services field names what is not there: 999999."]
    }
    nobody = "No Operator was found with id 999999."
    assert wrong(OperatorId=999999) == {"ticket.OperatorId": [nobody]}
    nobody = "No Customer was found with id 999999."
    assert wrong(CustomerId=999999) == {"ticket.CustomerId": [nobody]}
    before = "The EndTime must not be before the StartTime."
    assert wrong(StartTime=ONE, EndTime=NOON) == {"ticket.EndTime": [before]}


@pytest.mark.contract("POST /api/Tickets")
def test_other_dialects_see_the_same_ticket(notific: Notific, unique: str) -> None:
    made = opened(notific, Title=unique)
    shown = notific.desk.show(made["Number"])
    assert (shown["id"], shown["subject"]) == (made["Id"], unique)
    assert [entry["body"] for entry in shown["thread"]] == ["Down."]
    zammad = notific.desk.call("GET", f"/api/v1/tickets/{made['Id']}").json
    assert (zammad["title"], zammad["number"]) == (unique, made["Number"])


@pytest.mark.contract("GET /api/Tickets/{id}")
def test_a_ticket_of_another_dialect_is_shown_as_text(notific: Notific) -> None:
    number = notific.desk.open(message="data:text/html,<p>It <b>burns</b>.</p>")
    made = notific.get(f"Tickets/{notific.desk.show(number)['id']}")
    assert (made["Number"], made["Description"]) == (number, "It burns.")
    assert made["CustomerId"] == notific.desk.show(number)["userId"]
    assert made["StartTime"] is None


@pytest.mark.contract("POST /api/Tickets")
@pytest.mark.contract("PUT /api/Tickets/{id}")
def test_who_does_not_want_mail_gets_none(notific: Notific, unique: str) -> None:
    before = alerts(notific)
    quiet = opened(notific, DoNotSendEmail=True)
    notific.put("Tickets", quiet, Description="Worse.", ClosedTime=NOON, DoNotSendEmail=True)
    assert alerts(notific) == before
    assert "DoNotSendEmail" not in notific.get(f"Tickets/{quiet['Id']}")
    opened(notific)
    assert alerts(notific) == before + 1  # staff hears of it


# --- changing -------------------------------------------------------------------------------


@pytest.mark.contract("PUT /api/Tickets/{id}")
def test_a_put_changes_description_and_times_only(notific: Notific, unique: str) -> None:
    made = opened(notific, StartTime=NOON, EndTime=ONE)
    service = notific.make("Services", Name=unique)["Id"]
    changed = notific.put(
        "Tickets",
        made,
        Title="Another",
        Services=[service],
        OperatorId=99,
        Number="1",
        Status="Closed",
        Description="It is back.",
        StartTime=ONE,
        EndTime=None,
        ExpectedResolutionTime=TWO,
        NextUpdateTime=TWO,
    )
    same = ("Title", "Services", "OperatorId", "Number", "Status", "CreatedTime")
    assert {name: changed[name] for name in same} == {name: made[name] for name in same}
    assert [changed[name] for name in TIMES] == [ONE, None, TWO, TWO]
    assert changed["Description"] == "It is back."
    shown = notific.get(f"Tickets/{made['Id']}")
    assert {**shown, "UpdatedTime": ""} == {**changed, "UpdatedTime": ""}
    thread = notific.desk.show(made["Number"])["thread"]
    assert [(entry["type"], entry["body"]) for entry in thread] == [
        ("message", "Down."),
        ("message", "It is back."),
    ]


@pytest.mark.contract("PUT /api/Tickets/{id}")
def test_what_is_left_out_is_erased_but_for_the_description(notific: Notific) -> None:
    made = opened(notific, **dict.fromkeys(TIMES, NOON))
    changed = notific.put("Tickets", {"Id": made["Id"]})
    assert [changed[name] for name in TIMES] == [None] * 4
    assert changed["Description"] == "Down."
    assert len(notific.desk.show(made["Number"])["thread"]) == 1


@pytest.mark.contract("PUT /api/Tickets/{id}")
def test_sending_back_what_was_read_changes_nothing(notific: Notific) -> None:
    made = opened(notific, EndTime=None, Description="One.\r\n\r\n\r\n\r\nTwo.")
    read = notific.get(f"Tickets/{made['Id']}")
    stored = notific.desk.stored()
    assert notific.put("Tickets", read) == read
    assert notific.desk.stored() == stored


@pytest.mark.contract("PUT /api/Tickets/{id}")
def test_a_put_is_checked_in_order(notific: Notific) -> None:
    made = opened(notific)
    bad = {**made, "StartTime": ONE, "EndTime": NOON}
    wrong = notific.ask("PUT", f"Tickets/{made['Id']}", {**bad, "Id": 1 + made["Id"]}).wrong
    assert list(wrong) == ["ticket.Id"]
    assert list(notific.ask("PUT", f"Tickets/{made['Id']}", bad).wrong) == ["ticket.EndTime"]
    assert list(notific.ask("PUT", "Tickets/999999", {**bad, "Id": 999999}).wrong) == [
        "ticket.EndTime"
    ]
    missing = notific.ask("PUT", "Tickets/999999", {**made, "Id": 999999})
    message = "No Ticket was found with id 999999."
    assert (missing.status, missing.said) == (404, {"Message": message})


# --- closing and reopening ------------------------------------------------------------------


@pytest.mark.contract("PUT /api/Tickets/{id}")
def test_a_client_that_sends_back_all_it_read_closes_reopens_and_closes(
    notific: Notific,
) -> None:
    made = opened(notific)
    closed = notific.put("Tickets", made, ClosedTime=NOON)
    assert (closed["Status"], closed["ClosedTime"], closed["ReopenedTime"]) == (
        "Closed",
        NOON,
        None,
    )
    assert notific.put("Tickets", closed)["Status"] == "Closed"
    # A new one on a closed ticket does nothing.
    assert notific.put("Tickets", closed, ClosedTime=ONE)["ClosedTime"] == NOON
    reopened = notific.put("Tickets", closed, ReopenedTime=ONE)
    assert (reopened["Status"], reopened["ClosedTime"], reopened["ReopenedTime"]) == (
        "Open",
        None,
        ONE,
    )
    # An old ClosedTime closes nothing.
    assert notific.put("Tickets", reopened, ClosedTime=NOON)["Status"] == "Open"
    again = notific.put("Tickets", reopened, ClosedTime=TWO)
    assert (again["Status"], again["ClosedTime"], again["ReopenedTime"]) == ("Closed", TWO, None)
    # An unset time, null or an old one: nothing. Both new: refused.
    unset = {"ClosedTime": "0001-01-01T00:00:00", "ReopenedTime": None}
    assert notific.put("Tickets", again, **unset)["Status"] == "Closed"
    assert notific.put("Tickets", again, ReopenedTime=ONE)["Status"] == "Closed"
    both = {**again, "ClosedTime": "2001-01-02T00:00:00Z", "ReopenedTime": "2001-01-02T00:00:00Z"}
    wrong = notific.ask("PUT", f"Tickets/{made['Id']}", both).wrong
    assert wrong == {
        "ticket.ClosedTime": ["A new ClosedTime and a new ReopenedTime cannot be set at once."]
    }


@pytest.mark.contract("GET /api/Tickets/{id}")
def test_closing_elsewhere_shows_when(notific: Notific) -> None:
    made = opened(notific)
    path = f"/api/tickets-update.php/{made['Number']}.json"
    assert notific.desk.call("PATCH", path, {"statusId": "Closed"}).status == 200
    closed = notific.get(f"Tickets/{made['Id']}")
    assert closed["Status"] == "Closed"
    assert STAMP.fullmatch(closed["ClosedTime"])
    assert notific.desk.call("PATCH", path, {"statusId": "Open"}).status == 200
    reopened = notific.get(f"Tickets/{made['Id']}")
    assert (reopened["Status"], reopened["ClosedTime"]) == ("Open", None)
    assert STAMP.fullmatch(reopened["ReopenedTime"])
    assert notific.put("Tickets", reopened, ClosedTime=closed["ClosedTime"])["Status"] == "Open"


# --- deleting and listing -------------------------------------------------------------------


@pytest.mark.contract("DELETE /api/Tickets/{id}")
def test_a_deleted_ticket_is_shown_once_more(notific: Notific) -> None:
    made = opened(notific)
    gone = notific.ask("DELETE", f"Tickets/{made['Id']}")
    assert (gone.status, gone.said) == (200, made)
    for method in ("GET", "DELETE"):
        assert notific.ask(method, f"Tickets/{made['Id']}").status == 404
    assert made["Id"] not in [one["Id"] for one in notific.get("Tickets")]


@pytest.mark.contract("GET /api/Tickets")
def test_a_list_is_whole_by_id_or_a_part(notific: Notific) -> None:
    for _ in range(3):
        opened(notific, DoNotSendEmail=True)
    whole = notific.get("Tickets")
    assert [one["Id"] for one in whole] == sorted(one["Id"] for one in whole)
    assert notific.get("Tickets?$top=2") == whole[:2]
    assert notific.get("Tickets?$top=2&$skip=1") == whole[1:3]
    assert notific.get(f"Tickets?$skip={len(whole)}") == []
    assert notific.get("Tickets?$top=0") == []


# --- bounds ---------------------------------------------------------------------------------


@pytest.mark.contract("POST /api/Tickets")
@pytest.mark.contract("GET /api/Tickets")
def test_a_customers_key_opens_for_that_customer_without_services(
    notific: Notific, unique: str
) -> None:
    service = notific.make("Services", Name=unique)["Id"]
    ada = notific.make("Customers", Name="Ada", Email=f"{unique}@example.org")["Id"]
    other = opened(notific)
    permissions = ("can_read_tickets", "can_create_tickets", "can_update_tickets")
    key = notific.desk.make_key(*permissions, customer=ada)["key"]
    body = {"Title": "T", "Description": "D"}
    told = notific.ask("POST", "Tickets", body, key=key)
    assert (told.status, told.said["CustomerId"]) == (201, ada)
    for more in ({"Services": [service]}, {"CustomerId": other["Id"] + 9999}):
        assert notific.ask("POST", "Tickets", {**body, **more}, key=key).status in {400, 403}
    assert [one["Id"] for one in notific.get("Tickets", key=key)] == [told.said["Id"]]
    assert notific.ask("GET", f"Tickets/{other['Id']}", key=key).status == 404
    assert [one["Id"] for one in notific.get("Customers", key=key)] == [ada]
    assert notific.ask("GET", "Operators", key=key).status == 403
