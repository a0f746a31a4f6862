"""People in the admin API's JSON."""

from collections.abc import Iterable, Mapping
from typing import Any

from dialects.admin.times import shown as time
from dialects.answers import as_json
from dialects.endpoint import Response
from helpdesk import organizations
from helpdesk.catalogue import cache
from helpdesk.model.actor import Actor
from helpdesk.model.people import Organization, Person
from helpdesk.queries import persons
from helpdesk.queries.persons import FoundPeople
from helpdesk.storage import aws


def listed(actor: Actor, found: FoundPeople) -> Response:
    """A page of people, with their organizations and how many tickets each has; one round trip."""
    known, counts = _around(actor, found.people)
    items = [_summary(person, known, counts) for person in found.people]
    return as_json({"items": items, "next": found.more})


def one(actor: Actor, person: Person) -> Response:
    """One person, whole; one round trip."""
    known, counts = _around(actor, [person])
    services = cache.seen().services
    return as_json(
        {
            **_summary(person, known, counts),
            "firstname": person.firstname,
            "lastname": person.lastname,
            "login": person.login,
            "phone": person.phone,
            "mobile": person.mobile,
            "notes": person.notes,
            "organizations": [_named(known, number) for number in person.organizations],
            "active": person.active,
            "vip": person.vip,
            "customer": person.customer,
            "services": [
                {"id": number, "name": getattr(services.get(number), "name", None)}
                for number in person.services
            ],
            "created": time(person.created),
            "updated": time(person.updated),
        }
    )


def _around(
    actor: Actor, people: Iterable[Person]
) -> tuple[Mapping[int, Organization], Mapping[int, int | None]]:
    """The organizations of these people, and how many tickets each has."""
    found = list(people)
    wanted = {number for person in found for number in (*person.organizations, person.organization)}
    known: dict[int, Organization] = {}
    counts: dict[int, int | None] = {}
    # Counting comes first: it runs in this thread, so it may itself call `aws.together`.
    aws.together(
        lambda: counts.update(persons.count_tickets(actor, found)),
        lambda: known.update(organizations.find_organizations(filter(None, wanted))),
    )
    return known, counts


def _named(known: Mapping[int, Organization], number: int) -> dict[str, Any]:
    return {"id": number, "name": getattr(known.get(number), "name", None)}


def _summary(
    person: Person, known: Mapping[int, Organization], counts: Mapping[int, int | None]
) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "organization": _named(known, person.organization) if person.organization else None,
        "tickets": counts[person.id],
    }
