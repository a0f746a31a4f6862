"""People: created, found, changed and removed by hand, and the effects on their tickets."""

from typing import Any

import pytest

from helpdesk import clock, organizations, people
from helpdesk.catalogue import rows
from helpdesk.errors import Conflict, Invalid, NotAllowed, NotFound
from helpdesk.keys import authorize
from helpdesk.keys import manage as keys
from helpdesk.model.actor import THE_DESK, Actor
from helpdesk.model.catalogue import Agent
from helpdesk.model.people import NewPerson, Person, guess_names
from helpdesk.scope import visible
from helpdesk.storage import person_items, table, ticket_items, transact
from helpdesk.storage.keys import catalogue_key, person_key, ticket_key
from helpdesk.storage.person_items import holder_key
from tests.desk import Desk
from tests.world import crowd, items, waiting

ADMIN = Actor()


def person(**values: Any) -> Person:
    return people.create_person(ADMIN, {"email": "Ada@Example.org", **values})


def add_agent(desk: Desk, number: int) -> None:
    agent = Agent(number, "Bo Ss", "boss@example.org", "boss")
    transact.write(transact.put(catalogue_key("agents", number), rows.as_item(agent)))
    transact.write(transact.put_new(person_key(number), {"agent": number}))
    desk.move_catalogue()


def project(desk: Desk) -> None:
    assert desk.deliver("project", *waiting("")) == []


def found_by(desk: Desk, text: str) -> set[int]:
    folded = text.lower()
    listed = desk.index(f"USUF#{folded[0]}")
    return {int(place.split("#")[-2]) for place in listed if place.startswith(folded)}


# --- making ---------------------------------------------------------------------------------


def test_a_new_person_has_an_address_in_lower_case_that_is_the_login(desk: Desk) -> None:
    made = person(firstname="Ada", lastname="Lovelace", mobile="1", vip=True, web="https://x.org")
    assert (made.email, made.login, made.name) == (
        "ada@example.org",
        "ada@example.org",
        "Ada Lovelace",
    )
    assert made.created_by == made.updated_by == THE_DESK
    assert people.find_users([made.id, 1, 2, 999]) == {made.id: made}
    assert people.find_user(ADMIN, "ADA@example.ORG") == made
    # A create finds the person whole under the address.
    item = table.get(holder_key("ada@example.org"))
    assert item
    assert person_items.as_person(item) == made


def test_a_login_finds_a_person_in_any_case_and_before_an_address(desk: Desk) -> None:
    made = person(login="Ada")
    assert made.login == "ada"
    assert people.find_user(ADMIN, "ADA") == made
    assert people.find_user(ADMIN, "ada@example.org") == made
    assert people.find_user(ADMIN, "nobody") is None
    assert people.find_user(ADMIN, "") is None
    assert people.find_user(ADMIN, made.id) == made


def test_without_address_and_login_one_is_drawn(desk: Desk) -> None:
    made = people.create_person(ADMIN, {"phone": "1234"})
    assert made.login.startswith("auto-")
    assert made.email == ""
    assert people.find_user(ADMIN, made.login) == made


def test_a_taken_login_gets_a_number(desk: Desk) -> None:
    assert [people.create_person(ADMIN, {"login": "ada"}).login for _ in range(3)] == [
        "ada",
        "ada1",
        "ada2",
    ]


def test_nothing_at_all_is_nobody(desk: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        people.create_person(ADMIN, {"web": "https://x.org"})
    assert refused.value.problems[0].field == "identifier"
    assert waiting("") == []


@pytest.mark.parametrize(
    ("values", "field", "reason"),
    [
        ({"email": "nonsense"}, "email", "email"),
        ({"firstname": "x" * 101}, "firstname", "too_long"),
        ({"organization": 99}, "organization", "unknown"),
        ({"organizations": (99,)}, "organizations", "unknown"),
        ({"organizations": tuple(range(2, 60))}, "organizations", "too_many"),
    ],
)
def test_what_cannot_be_is_refused_and_writes_nothing(
    desk: Desk, values: dict[str, Any], field: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refused:
        person(**values)
    (problem,) = refused.value.problems
    assert (problem.field, problem.reason) == (field, reason)
    made = person()
    with pytest.raises(Invalid):
        people.update_person(ADMIN, made.id, values)
    assert people.find_users([made.id]) == {made.id: made}


def test_an_address_is_one_persons_or_agents(desk: Desk) -> None:
    made = person()
    other = people.create_person(ADMIN, {"email": "bob@example.org"})
    add_agent(desk, 50)
    for taken in ("ADA@example.org", "Boss@example.org"):
        with pytest.raises(Conflict, match="email_taken"):
            people.create_person(ADMIN, {"email": taken})
        with pytest.raises(Conflict, match="email_taken"):
            people.update_person(ADMIN, other.id, {"email": taken})
    assert people.find_user(ADMIN, "ada@example.org") == made
    assert people.create_person(ADMIN, {"login": "boss"}).login == "boss1"


def test_people_made_at_once_share_no_address(desk: Desk) -> None:
    def make(_: int) -> Person | None:
        try:
            return person()
        except Conflict:
            return None

    with crowd(4) as threads:
        made = [one for one in threads.map(make, range(4)) if one]
    assert len(made) == 1


@pytest.mark.parametrize(
    ("first", "last", "email", "expected"),
    [
        ("Agnes First", "", "", ("Agnes", "First")),
        ("", "First, Agnes", "", ("Agnes", "First")),
        ("Dr. Agnes First", "", "", ("Dr. Agnes", "First")),
        ("", "", "first.last@example.org", ("First", "Last")),
        ("", "", "first@example.org", ("", "")),
        ("ANNA", "maria", "", ("Anna", "Maria")),
        ("McDonald", "O'neil", "", ("McDonald", "O'neil")),
        ("", "", "", ("", "")),
    ],
)
def test_names_are_completed(first: str, last: str, email: str, expected: tuple[str, str]) -> None:
    assert guess_names(first, last, email) == expected


@pytest.mark.parametrize("name", ["", "Ann", "Ann Marie Smith", "  Ann  Smith "])
def test_a_requester_is_stored_as_before_and_has_both_names(desk: Desk, name: str) -> None:
    desk.open(1, name=name)
    item = table.get(person_key(101))
    assert item
    known = {"pk", "sk", "v", "id", "name", "email", "fields", "created", "p11", "s11"}
    assert item.keys() <= known
    found = person_items.as_person(item)
    first, _, last = name.strip().partition(" ")
    assert (found.firstname, found.lastname) == (first, last.strip())
    assert found.login == found.email == "ann1@example.org"


def test_a_description_may_bring_all_that_a_person_has(desk: Desk) -> None:
    profile = {"firstname": "Ann Marie", "lastname": "Smith", "login": "Ann", "mobile": "7"}
    new = NewPerson(email="", profile=profile)
    transact.commit(person_items.new_person(300, new, clock.now()))
    found = people.find_user(ADMIN, "ann")
    assert isinstance(found, Person)
    assert (found.name, found.firstname, found.mobile) == ("Ann Marie Smith", "Ann Marie", "7")


# --- changing -------------------------------------------------------------------------------


def test_a_change_shows_on_the_tickets_and_in_the_search(desk: Desk) -> None:
    organization = organizations.create_organization(ADMIN, {"name": "Acme"})
    desk.open(1, name="Ann")
    desk.open(2, person=101, email="ann1@example.org", new_person=False)
    project(desk)
    assert found_by(desk, "ann1@example.org") == {101}

    values = {
        "firstname": "Anna",
        "lastname": "Lopez",
        "email": "Lopez@example.org",
        "organization": organization.id,
    }
    after = people.update_person(ADMIN, 101, values)
    assert after.login == "lopez@example.org"
    assert people.find_user(ADMIN, "ann1@example.org") is None
    assert people.find_user(ADMIN, "lopez@example.org") == after
    project(desk)

    for number in (1, 2):
        item = table.get(ticket_key(number))
        assert item
        ticket = ticket_items.as_ticket(item)
        assert (ticket.person_name, ticket.person_email) == ("Anna Lopez", "lopez@example.org")
        assert ticket.organization == organization.id
    listed = [item["sk"] for item in table.query(f"{organization.id:010}", index="g07")]
    assert listed == ["A", "A"]
    assert found_by(desk, "lopez") == {101}
    assert found_by(desk, "ann1@example.org") == set()
    # No event keeps the names of before.
    audits = [item for item in items("desk", "index") if item["pk"]["S"].startswith("AUDIT#")]
    assert not any("ann1@example.org" in str(item) for item in audits)

    people.update_person(ADMIN, 101, {"organization": None})
    project(desk)
    assert not [*table.query(f"{organization.id:010}", index="g07")]


def test_changes_at_once_all_hold(desk: Desk) -> None:
    made = person()
    changes = [{"phone": "1"}, {"mobile": "2"}, {"fax": "3"}, {"city": "4"}]
    with crowd(4) as threads:
        list(threads.map(lambda values: people.update_person(ADMIN, made.id, values), changes))
    after = people.find_users([made.id])[made.id]
    assert isinstance(after, Person)
    assert (after.phone, after.mobile, after.fax, after.city) == ("1", "2", "3", "4")
    assert after.version == 5


def test_what_changes_nothing_writes_nothing(desk: Desk) -> None:
    made = person(phone="1")
    project(desk)
    assert people.update_person(ADMIN, made.id, {"phone": "1"}) == made
    assert waiting("") == []


def test_a_login_of_ones_own_stays_and_moves(desk: Desk) -> None:
    made, other = person(login="ada"), people.create_person(ADMIN, {"login": "bob"})
    assert people.update_person(ADMIN, made.id, {"email": "new@example.org"}).login == "ada"
    with pytest.raises(Conflict, match="login_taken"):
        people.update_person(ADMIN, made.id, {"login": "bob"})
    assert people.update_person(ADMIN, made.id, {"login": "Countess"}).login == "countess"
    assert people.find_user(ADMIN, "ada") is None
    assert people.update_person(ADMIN, other.id, {"login": "ada"}).login == "ada"


def test_preferences_may_be_any_json(desk: Desk) -> None:
    deep: Any = {"a": 1.5, "b": [None, {}], "c": ""}
    made = person(preferences=deep)
    assert people.find_users([made.id]) == {made.id: made}


# --- removing -------------------------------------------------------------------------------


def test_a_person_without_tickets_goes_with_all_that_finds_them(desk: Desk) -> None:
    acme = organizations.create_organization(ADMIN, {"name": "Acme"})
    made = person(login="zora", firstname="Zora", organizations=(acme.id,))
    project(desk)
    people.delete_person(ADMIN, made.id)
    project(desk)
    assert not [
        item
        for item in items("desk", "index")
        if "zora" in str(item).lower() or item["pk"]["S"] == person_key(made.id).pk
    ]
    with pytest.raises(NotFound):
        people.delete_person(ADMIN, made.id)
    with pytest.raises(NotFound):
        people.update_person(ADMIN, made.id, {"phone": "1"})
    assert person().id > made.id


def test_a_person_with_tickets_or_a_key_stays(desk: Desk) -> None:
    desk.open(1)
    made = person()
    everything = Actor(permissions=frozenset({"can_read_tickets"}))
    keys.create_key(everything, {"name": "Ada", "customer": made.id})
    for number in (101, made.id):
        with pytest.raises(Conflict, match="in_use"):
            people.delete_person(ADMIN, number)


def test_agents_are_no_people(desk: Desk) -> None:
    add_agent(desk, 50)
    assert people.find_users([50])[50] == people.find_user(ADMIN, "BOSS")
    assert people.find_user(ADMIN, "boss@example.org") == people.find_user(ADMIN, 50)
    with pytest.raises(NotFound):
        people.update_person(ADMIN, 50, {})
    with pytest.raises(NotFound):
        people.delete_person(ADMIN, 50)


# --- who may --------------------------------------------------------------------------------


def test_keys_of_a_part_of_the_desk(desk: Desk) -> None:
    made = person()
    department, customer = Actor(departments=frozenset({1})), Actor(customer=made.id)
    other = people.create_person(department, {"email": "bob@example.org"})
    for actor in (department, customer):
        with pytest.raises(NotAllowed):
            people.update_person(actor, made.id, {"phone": "1"})
        with pytest.raises(NotAllowed):
            people.delete_person(actor, made.id)
    with pytest.raises(NotAllowed):
        people.create_person(customer, {"email": "eve@example.org"})
    assert people.find_user(customer, "bob@example.org") is None
    assert people.find_user(customer, made.id) == made
    assert people.list_users(customer, offset=0, limit=10) == [made]
    assert people.list_users(department, offset=1, limit=10) == [made, other]


def test_users_are_listed_by_id_whatever_they_are(desk: Desk) -> None:
    made = [people.create_person(ADMIN, {"email": f"p{at}@example.org"}) for at in range(4)]
    add_agent(desk, made[-1].id + 1)
    ids = [user.id for user in people.list_users(ADMIN, offset=0, limit=10)]
    stock = 3
    assert ids == [stock, *(one.id for one in made), made[-1].id + 1]
    page = people.list_users(ADMIN, offset=2, limit=2)
    assert [user.id for user in page] == ids[2:4]
    assert people.list_users(ADMIN, offset=9, limit=2) == []


# --- organizations --------------------------------------------------------------------------


def test_members_of_an_organization(desk: Desk) -> None:
    acme = organizations.create_organization(ADMIN, {"name": "Acme"})
    first = person(organization=acme.id)
    second = people.create_person(ADMIN, {"login": "bob", "organizations": (acme.id,)})
    assert organizations.members(acme.id) == ([first.id], [second.id])
    with pytest.raises(Conflict, match="in_use"):
        organizations.delete_organization(ADMIN, acme.id)
    people.update_person(ADMIN, first.id, {"organization": None})
    people.update_person(ADMIN, second.id, {"organizations": ()})
    assert organizations.members(acme.id) == ([], [])
    organizations.delete_organization(ADMIN, acme.id)
    assert organizations.find_organizations([acme.id]) == {}


def test_a_domain_takes_new_people_in(desk: Desk) -> None:
    acme = organizations.create_organization(
        ADMIN, {"name": "Acme", "domain": "Acme.example", "domain_assignment": True}
    )
    made = people.create_person(ADMIN, {"email": "ada@ACME.example"})
    assert made.organization == acme.id
    desk.open(1, email="bob@acme.example")
    desk.open(2, email="eve@sub.acme.example")
    project(desk)
    assert organizations.members(acme.id) == ([made.id, 101], [])
    item = table.get(ticket_key(1))
    assert item
    assert item["organization"] == acme.id

    organizations.update_organization(ADMIN, acme.id, {"domain_assignment": False})
    assert people.create_person(ADMIN, {"email": "c@acme.example"}).organization is None
    assert found_by(desk, "acme") == {101, made.id, 102, acme.id}


def test_members_of_a_shared_organization_see_each_others_tickets(desk: Desk) -> None:
    acme = organizations.create_organization(ADMIN, {"name": "Acme"})
    first = person(organization=acme.id)
    second = people.create_person(ADMIN, {"login": "bob", "organizations": (acme.id,)})
    everything = Actor(permissions=frozenset({"can_read_tickets"}))
    secret = keys.create_key(everything, {"name": "Bob", "customer": second.id}).secret

    admitted = authorize.authenticate(secret, "203.0.113.9")
    assert admitted.organizations == (acme.id,)
    actor = Actor(customer=second.id, organizations=frozenset(admitted.organizations))
    desk.open(1, person=first.id, organization=acme.id, new_person=False)
    desk.open(2, new_person=False)
    tickets = [ticket_items.as_ticket(table.get(ticket_key(n)) or {}) for n in (1, 2)]
    assert [visible(actor, ticket) for ticket in tickets] == [True, False]
    assert people.find_user(actor, first.id) == first

    organizations.update_organization(ADMIN, acme.id, {"shared": False})
    assert authorize.authenticate(secret, "203.0.113.9").organizations == ()
    people.update_person(ADMIN, second.id, {"active": False})
    with pytest.raises(authorize.Refused) as refused:
        authorize.authenticate(secret, "203.0.113.9")
    assert refused.value.reason == "inactive"
