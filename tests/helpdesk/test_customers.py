"""Customers: created, taken over, changed and removed, with their subscriptions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from helpdesk import customers, people
from helpdesk.customers import NewCustomer
from helpdesk.directory import changes
from helpdesk.errors import Conflict, Invalid, NotAllowed, NotFound
from helpdesk.model.actor import Actor
from helpdesk.model.people import Person
from helpdesk.storage import person_items, table
from helpdesk.storage.keys import subscription_key, ticket_key
from helpdesk.storage.person_items import holder_key
from tests.desk import Desk
from tests.world import waiting

ADMIN = Actor()
ADA = NewCustomer("Ada Lovelace", "Ada@example.org", "+1 555")


def services(*names: str) -> list[int]:
    return [changes.create_row(ADMIN, "services", {"name": name}).id for name in names]


def subscribers(service: int) -> list[int]:
    pk = subscription_key(service, 0).pk
    return [int(item["sk"].removeprefix("P#")) for item in table.query(pk)]


def ticket(number: int) -> dict[str, Any]:
    item = table.get(ticket_key(number))
    assert item
    return item


def project(desk: Desk) -> None:
    assert desk.deliver("project", *waiting("")) == []


def listed() -> Sequence[int]:
    return [one.id for one in customers.list_customers(ADMIN, offset=0, limit=100)]


def problems(new: NewCustomer) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        customers.create_customer(ADMIN, new)
    return {problem.field: problem.reason for problem in refused.value.problems}


def test_a_customer_is_a_person_who_is_listed_and_told(desk: Desk) -> None:
    vpn, mail = services("VPN", "Mail")
    made = customers.create_customer(ADMIN, replace(ADA, services=(mail, vpn, mail)))
    assert (made.name, made.email, made.mobile) == ("Ada Lovelace", "Ada@example.org", "+1 555")
    assert made.services == (mail, vpn)
    assert customers.find_customer(ADMIN, made.id) == made
    assert people.find_user(ADMIN, "ada@example.org") == made
    assert listed() == [made.id]
    assert (subscribers(vpn), subscribers(mail)) == ([made.id], [made.id])
    project(desk)
    assert not waiting("")


def test_a_name_is_kept_as_it_was_given(desk: Desk) -> None:
    made = customers.create_customer(ADMIN, replace(ADA, name="ACME gmbh & co"))
    assert customers.find_customer(ADMIN, made.id).name == "ACME gmbh & co"


def test_all_that_is_wrong_is_said_at_once(desk: Desk) -> None:
    assert problems(NewCustomer(" ", "")) == {"name": "required", "email": "required"}
    assert problems(NewCustomer("A" * 201, "nobody", "1" * 65, (7,))) == {
        "name": "too_long",
        "email": "email",
        "mobile": "too_long",
        "services": "unknown",
    }
    many = services(*(f"S{number}" for number in range(46)))
    assert problems(replace(ADA, services=tuple(many))) == {"services": "too_many"}
    assert not listed()


def test_an_address_is_one_customers(desk: Desk) -> None:
    made = customers.create_customer(ADMIN, ADA)
    with pytest.raises(Conflict, match="email_taken"):
        customers.create_customer(ADMIN, replace(ADA, email="ADA@example.org"))
    other = customers.create_customer(ADMIN, replace(ADA, email="bob@example.org"))
    with pytest.raises(Conflict, match="email_taken"):
        customers.update_customer(ADMIN, other.id, ADA)
    assert customers.find_customer(ADMIN, other.id).email == "bob@example.org"
    assert listed() == [made.id, other.id]


def test_somebody_known_by_their_ticket_is_taken_over(desk: Desk) -> None:
    desk.open(1, email="ada@example.org", name="Ann")
    (vpn,) = services("VPN")
    assert not listed()
    made = customers.create_customer(ADMIN, replace(ADA, services=(vpn,)))
    assert made.id == 101
    assert listed() == [101]
    assert subscribers(vpn) == [101]
    project(desk)
    # As after every change of a person, their tickets show the new name.
    assert ticket(1)["person_name"] == "Ada Lovelace"


def test_an_agent_may_be_a_customer_and_still_be_changed(desk: Desk) -> None:
    values = {"name": "Ada", "email": ADA.email, "username": "ada"}
    changes.create_row(ADMIN, "agents", values)
    made = customers.create_customer(ADMIN, ADA)
    assert people.update_person(ADMIN, made.id, {"city": "London"}).city == "London"


def test_an_update_replaces_everything_and_moves_subscriptions(desk: Desk) -> None:
    vpn, mail = services("VPN", "Mail")
    made = customers.create_customer(ADMIN, replace(ADA, services=(vpn,)))
    new = NewCustomer("Ada King", "king@example.org", services=(mail,))
    changed = customers.update_customer(ADMIN, made.id, new)
    assert (changed.mobile, changed.services) == ("", (mail,))
    assert (subscribers(vpn), subscribers(mail)) == ([], [made.id])
    assert table.get(holder_key("ada@example.org")) is None
    again = customers.update_customer(ADMIN, made.id, new)
    assert again == changed  # nothing is written: the version stays
    with pytest.raises(NotFound):
        customers.update_customer(ADMIN, 999, new)


def test_a_deleted_customer_takes_their_subscriptions_along(desk: Desk) -> None:
    (vpn,) = services("VPN")
    made = customers.create_customer(ADMIN, replace(ADA, services=(vpn,)))
    assert customers.delete_customer(ADMIN, made.id) == made
    assert (listed(), subscribers(vpn)) == ([], [])
    with pytest.raises(NotFound, match="customer"):
        customers.delete_customer(ADMIN, made.id)


def test_a_customer_with_tickets_stays(desk: Desk) -> None:
    desk.open(1, email="ada@example.org")
    made = customers.create_customer(ADMIN, ADA)
    with pytest.raises(Conflict, match="in_use"):
        customers.delete_customer(ADMIN, made.id)


def test_what_somebody_has_unsubscribed_from_does_not_come_back_by_itself(desk: Desk) -> None:
    vpn, mail = services("VPN", "Mail")
    wanted = replace(ADA, services=(vpn, mail))
    made = customers.create_customer(ADMIN, wanted)
    left = customers.unsubscribe(made.id, [vpn])
    assert (left.services, subscribers(vpn), subscribers(mail)) == ((mail,), [], [made.id])
    assert customers.unsubscribe(made.id, [vpn]) == left
    assert customers.update_customer(ADMIN, made.id, wanted).services == (mail,)
    back = customers.resubscribe(made.id, [vpn, 99])
    assert back.services == (mail, vpn)
    assert subscribers(vpn) == [made.id]
    assert customers.update_customer(ADMIN, made.id, wanted).services == (vpn, mail)
    with pytest.raises(NotFound):
        customers.unsubscribe(999, [vpn])


def test_a_deleted_service_leaves_all_who_chose_it(desk: Desk) -> None:
    vpn, mail = services("VPN", "Mail")
    many = [
        customers.create_customer(
            ADMIN, NewCustomer("A", f"a{number}@example.org", services=(vpn, mail))
        )
        for number in range(3)
    ]
    customers.unsubscribe(many[0].id, [mail])
    assert changes.delete_row(ADMIN, "services", vpn).name == "VPN"  # type: ignore[union-attr]
    project(desk)
    assert subscribers(vpn) == []
    found = [customers.find_customer(ADMIN, one.id) for one in many]
    assert [one.services for one in found if isinstance(one, Person)] == [(), (mail,), (mail,)]
    project(desk)


def test_keys_that_see_a_part_change_no_customer(desk: Desk) -> None:
    made = customers.create_customer(ADMIN, ADA)
    for bound in (Actor(departments=frozenset({1})), Actor(customer=made.id)):
        with pytest.raises(NotAllowed):
            customers.create_customer(bound, replace(ADA, email="b@example.org"))
        with pytest.raises(NotAllowed):
            customers.update_customer(bound, made.id, ADA)
        with pytest.raises(NotAllowed):
            customers.delete_customer(bound, made.id)


def test_a_customers_key_knows_itself_only(desk: Desk) -> None:
    made = customers.create_customer(ADMIN, ADA)
    other = customers.create_customer(ADMIN, NewCustomer("Bob", "bob@example.org"))
    own = Actor(customer=made.id)
    assert [one.id for one in customers.list_customers(own, offset=0, limit=9)] == [made.id]
    assert customers.find_customer(own, made.id) == made
    with pytest.raises(NotFound):
        customers.find_customer(own, other.id)


def test_a_person_made_otherwise_costs_what_they_did(desk: Desk) -> None:
    made = people.create_person(ADMIN, {"email": "bob@example.org"})
    assert not {"customer", "services", "unsubscribed"} & person_items.as_item(made).keys()


def test_open_tickets_lose_a_deleted_agent(desk: Desk) -> None:
    values = {"name": "Ada", "email": ADA.email, "username": "ada"}
    agent = changes.create_row(ADMIN, "agents", values).id
    desk.open(1, agent=agent)
    desk.open(2, agent=agent, status=3)
    with pytest.raises(Conflict, match="in_use"):
        changes.delete_row(ADMIN, "agents", agent)
    changes.delete_row(ADMIN, "agents", agent, release=True)
    project(desk)
    assert "agent" not in ticket(1)
    assert ticket(2)["agent"] == agent
    project(desk)
