"""Customers, services and operators over HTTP (docs/notific.md 6 to 8)."""

from __future__ import annotations

import pytest

from tests.http.contract import case_of
from tests.http.desk import Desk
from tests.http.notific.client import Notific

# --- services -------------------------------------------------------------------------------


@pytest.mark.contract("GET /api/Services")
@pytest.mark.contract("GET /api/Services/{id}")
@pytest.mark.contract("POST /api/Services")
@pytest.mark.contract("PUT /api/Services/{id}")
@pytest.mark.contract("DELETE /api/Services/{id}")
def test_a_service_is_made_shown_replaced_and_deleted(notific: Notific, unique: str) -> None:
    told = notific.ask("POST", "Services", {"Id": 77, "Name": unique, "Description": "D"})
    made = told.said
    assert told.status == 201
    assert made == {"Id": made["Id"], "Name": unique, "Description": "D"}
    assert made["Id"] != 77
    place = f"http://127.0.0.1:{notific.desk.cloud.port}/api/Services/{made['Id']}"
    assert told.answer.headers["location"].replace("https:", "http:") == place
    assert notific.get(f"Services/{made['Id']}") == made
    assert made in notific.get("Services")
    replaced = notific.put("Services", {"Id": made["Id"], "Name": unique.upper()})
    assert replaced == {"Id": made["Id"], "Name": unique.upper(), "Description": ""}
    gone = notific.ask("DELETE", f"Services/{made['Id']}")
    assert (gone.status, gone.said) == (200, replaced)
    for method in ("GET", "DELETE"):
        missing = notific.ask(method, f"Services/{made['Id']}")
        message = f"No Service was found with id {made['Id']}."
        assert (missing.status, missing.said) == (404, {"Message": message})


@pytest.mark.contract("POST /api/Services")
@pytest.mark.contract("PUT /api/Services/{id}")
def test_a_service_needs_a_name_of_its_own(notific: Notific, unique: str) -> None:
    required = {"service.Name": ["The Name field is required."]}
    assert notific.ask("POST", "Services", {"Description": "D"}).wrong == required
    assert notific.ask("POST", "Services", {"Name": "  "}).wrong == required
    long = notific.ask("POST", "Services", {"Name": "n" * 201})
    words = "The field Name must be a string with a maximum length of 200."
    assert long.wrong == {"service.Name": [words]}
    notific.make("Services", Name=unique)
    taken = {"service.Name": ["Another service has this name."]}
    assert notific.ask("POST", "Services", {"Name": unique.upper()}).wrong == taken
    other = notific.make("Services", Name=f"{unique} other")
    change = {**other, "Name": unique.upper()}
    assert notific.ask("PUT", f"Services/{other['Id']}", change).wrong == taken
    assert notific.get(f"Services/{other['Id']}") == other


@pytest.mark.contract("DELETE /api/Services/{id}")
def test_a_deleted_service_leaves_customers_and_tickets(notific: Notific, unique: str) -> None:
    kept = notific.make("Services", Name=f"{unique} kept")["Id"]
    gone = notific.make("Services", Name=f"{unique} gone")["Id"]
    ada = notific.make(
        "Customers", Name="Ada", Email=f"{unique}@example.org", Services=[gone, kept]
    )
    ticket = notific.make("Tickets", Title="T", Description="D", Services=[gone, kept])
    assert (ada["Services"], ticket["Services"]) == ([gone, kept], [gone, kept])
    path = f"/api/tickets-update.php/{ticket['Number']}.json"
    for services in ([kept], [kept, gone]):
        assert notific.desk.call("PATCH", path, {"services": services}).status == 200
    assert notific.ask("DELETE", f"Services/{gone}").status == 200
    assert notific.get(f"Customers/{ada['Id']}")["Services"] == [kept]
    assert notific.get(f"Tickets/{ticket['Id']}")["Services"] == [kept]
    # Its history keeps the name.
    notific.desk.cloud.drain()
    history = notific.desk.call("GET", f"/api/v1/ticket_history/{ticket['Id']}").json["history"]
    told = [row["value_to"] for row in history if row["attribute"] == "services"]
    assert told == [f"{unique} kept", f"{unique} kept, {unique} gone"]


# --- customers ------------------------------------------------------------------------------


@pytest.mark.contract("GET /api/Customers")
@pytest.mark.contract("GET /api/Customers/{id}")
@pytest.mark.contract("POST /api/Customers")
@pytest.mark.contract("PUT /api/Customers/{id}")
@pytest.mark.contract("DELETE /api/Customers/{id}")
def test_a_customer_is_made_shown_replaced_and_deleted(notific: Notific, unique: str) -> None:
    service = notific.make("Services", Name=unique)["Id"]
    email = f"{unique.upper()}@example.org"
    made = notific.make(
        "Customers", Name="ACME ltd.", Email=email, CellPhone="+1 555", Services=[service]
    )
    assert made == {
        "Id": made["Id"],
        "Name": "ACME ltd.",
        "Email": email,
        "CellPhone": "+1 555",
        "Services": [service],
    }
    assert notific.get(f"Customers/{made['Id']}") == made
    assert made in notific.get("Customers")
    assert notific.put("Customers", made) == made
    # A full replacement: what is left out is erased.
    erased = notific.put("Customers", {"Id": made["Id"], "Name": "ACME", "Email": email})
    assert erased == {**made, "Name": "ACME", "CellPhone": None, "Services": []}
    gone = notific.ask("DELETE", f"Customers/{made['Id']}")
    assert (gone.status, gone.said) == (200, erased)
    assert notific.ask("GET", f"Customers/{made['Id']}").status == 404
    assert made["Id"] not in [one["Id"] for one in notific.get("Customers")]


@pytest.mark.contract("POST /api/Customers")
@pytest.mark.contract("PUT /api/Customers/{id}")
def test_a_customer_needs_a_name_and_a_valid_address(notific: Notific, unique: str) -> None:
    required = {
        "customer.Name": ["The Name field is required."],
        "customer.Email": ["The Email field is required."],
    }
    assert notific.ask("POST", "Customers", {"Name": "", "Email": None}).wrong == required
    bad = {"Name": "A", "Email": "nobody", "CellPhone": "1" * 65, "Services": [9999999]}
    assert notific.ask("POST", "Customers", bad).wrong == {
        "customer.Email": ["The Email field is not a valid e-mail address."],
        "customer.CellPhone": ["The field CellPhone must be a string with a maximum length of 64."],
        "customer.Services": ["The Services field names what is not there: 9999999."],
    }


@pytest.mark.contract("POST /api/Customers")
@pytest.mark.contract("PUT /api/Customers/{id}")
def test_an_address_is_one_customers_and_may_be_an_operators(notific: Notific, unique: str) -> None:
    email = f"{unique}@example.org"
    notific.make("Operators", Name="Ada", Email=email)
    notific.make("Customers", Name="Ada", Email=email)
    taken = {"customer.Email": ["Another customer has this address."]}
    again = {"Name": "Ada", "Email": email.upper()}
    assert notific.ask("POST", "Customers", again).wrong == taken
    other = notific.make("Customers", Name="Bob", Email=f"{unique}-b@example.org")
    assert notific.ask("PUT", f"Customers/{other['Id']}", {**other, **again}).wrong == taken


@pytest.mark.contract("GET /api/Customers")
@pytest.mark.contract("GET /api/Customers/{id}")
@pytest.mark.contract("POST /api/Customers")
@pytest.mark.contract("DELETE /api/Customers/{id}")
def test_somebody_known_otherwise_is_taken_over(notific: Notific, unique: str) -> None:
    email = f"{unique}@example.org"
    number = notific.desk.open(email=email, name="Ann")
    person = notific.desk.show(number)["userId"]
    shown = notific.get(f"Customers/{person}")
    assert (shown["Name"], shown["Services"]) == ("Ann", [])
    assert person not in [one["Id"] for one in notific.get("Customers")]
    made = notific.make("Customers", Name="Ann Bee", Email=email)
    assert made["Id"] == person
    assert made in notific.get("Customers")
    kept = notific.ask("DELETE", f"Customers/{person}")
    words = "The Customer has tickets and cannot be deleted."
    assert (kept.status, kept.said) == (400, {"Message": words})


# --- operators ------------------------------------------------------------------------------


@pytest.mark.contract("GET /api/Operators")
@pytest.mark.contract("GET /api/Operators/{id}")
@pytest.mark.contract("POST /api/Operators")
@pytest.mark.contract("PUT /api/Operators/{id}")
@pytest.mark.contract("DELETE /api/Operators/{id}")
def test_an_operator_is_made_shown_replaced_and_deleted(notific: Notific, unique: str) -> None:
    email = f"{unique}@example.org"
    made = notific.make("Operators", Name="Grace", Email=email, CellPhone="1")
    assert made == {"Id": made["Id"], "Name": "Grace", "Email": email, "CellPhone": "1"}
    assert notific.get(f"Operators/{made['Id']}") == made
    assert made in notific.get("Operators")
    assert notific.put("Operators", made) == made
    other = f"{unique}-b@example.org"
    changed = notific.put("Operators", {"Id": made["Id"], "Name": "G", "Email": other})
    assert changed == {"Id": made["Id"], "Name": "G", "Email": other, "CellPhone": None}
    ticket = notific.make("Tickets", Title="T", Description="D", OperatorId=made["Id"])
    assert ticket["OperatorId"] == made["Id"]
    gone = notific.ask("DELETE", f"Operators/{made['Id']}")
    assert (gone.status, gone.said) == (200, changed)
    assert notific.get(f"Tickets/{ticket['Id']}")["OperatorId"] is None
    missing = notific.ask("GET", f"Operators/{made['Id']}")
    assert missing.said == {"Message": f"No Operator was found with id {made['Id']}."}


@pytest.mark.contract("POST /api/Operators")
@pytest.mark.contract("PUT /api/Operators/{id}")
def test_an_operator_needs_a_name_and_an_address_of_their_own(
    notific: Notific, unique: str
) -> None:
    required = {
        "operator.Name": ["The Name field is required."],
        "operator.Email": ["The Email field is required."],
    }
    assert notific.ask("POST", "Operators", {"CellPhone": "1"}).wrong == required
    email = f"{unique}@example.org"
    notific.make("Operators", Name="Grace", Email=email)
    again = notific.ask("POST", "Operators", {"Name": "G", "Email": email.upper()})
    assert again.wrong == {"operator.Email": ["Another operator has this address."]}
    bad = notific.ask("POST", "Operators", {"Name": "G", "Email": "no"})
    assert bad.wrong == {"operator.Email": ["The Email field is not a valid e-mail address."]}


@pytest.mark.contract("DELETE /api/Operators/{id}")
def test_an_operator_whom_others_name_stays(notific: Notific, desk: Desk, unique: str) -> None:
    made = notific.make("Operators", Name="Grace", Email=f"{unique}@example.org")
    desk.make_row("teams", name=unique, members=[made["Id"]])
    kept = notific.ask("DELETE", f"Operators/{made['Id']}")
    assert kept.status == 400
    assert kept.said["Message"].startswith("The Operator is in use and cannot be deleted: teams")


@pytest.mark.parametrize(
    "plural", [case_of(f"POST /api/{plural}", plural) for plural in ("Customers", "Operators")]
)
def test_names_and_addresses_have_a_length(notific: Notific, plural: str, unique: str) -> None:
    argument, most = (
        plural[:-1].lower(),
        "The field {} must be a string with a maximum length of {}.",
    )
    address = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.example"
    long = {"Name": "n" * 201, "Email": f"{unique}{address}{'e' * 10}", "CellPhone": "1" * 65}
    assert notific.ask("POST", plural, long).wrong == {
        f"{argument}.Name": [most.format("Name", 200)],
        f"{argument}.Email": [most.format("Email", 254)],
        f"{argument}.CellPhone": [most.format("CellPhone", 64)],
    }
    fits = {"Name": "n" * 200, "Email": f"{unique}@example.org", "CellPhone": "1" * 64}
    made = notific.make(plural, **fits)
    assert {name: made[name] for name in fits} == fits


@pytest.mark.contract("POST /api/Customers")
@pytest.mark.contract("PUT /api/Customers/{id}")
def test_a_customer_chooses_so_many_services(notific: Notific, unique: str) -> None:
    """docs/notific.md 11."""
    services = [notific.make("Services", Name=f"{unique} {one}")["Id"] for one in range(46)]
    new = {"Name": "Ada", "Email": f"{unique}@example.org"}
    made = notific.make("Customers", **new, Services=services[:45])
    assert made["Services"] == services[:45]
    many = {"customer.Services": ["The field Services may hold at most 45 ids."]}
    whole = {**made, "Services": services}
    assert notific.ask("PUT", f"Customers/{made['Id']}", whole).wrong == many
    assert notific.put("Customers", made, Services=[*services[1:]])["Services"] == services[1:]


# --- all of them ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "plural",
    [case_of(f"GET /api/{plural}", plural) for plural in ("Customers", "Services", "Operators")],
)
def test_a_list_is_whole_by_id_or_a_part(notific: Notific, plural: str, unique: str) -> None:
    for number in range(3):
        name = f"{unique}-{number}"
        notific.make(plural, Name=name, Email=f"{name}@example.org")
    whole = notific.get(plural)
    assert [one["Id"] for one in whole] == sorted(one["Id"] for one in whole)
    assert notific.get(f"{plural}?$top=2") == whole[:2]
    assert notific.get(f"{plural}?%24top=1&$skip=1") == whole[1:2]
    assert notific.get(f"{plural}?$skip={len(whole)}") == []


@pytest.mark.contract("POST /api/Customers")
@pytest.mark.contract("POST /api/Services")
@pytest.mark.contract("POST /api/Operators")
def test_an_idempotency_key_makes_one(notific: Notific, unique: str) -> None:
    for plural in ("Customers", "Services", "Operators"):
        values = {"Name": unique, "Email": f"{unique}@example.org"}
        headers = {"Idempotency-Key": unique + plural}
        first, again = (notific.ask("POST", plural, values, headers=headers) for _ in range(2))
        assert (first.status, again.status) == (201, 201)
        assert first.answer.body == again.answer.body
