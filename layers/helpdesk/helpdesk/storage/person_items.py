"""Persons and their addresses as items. A condition keeps one address with one person."""

from datetime import datetime
from hashlib import sha256

from helpdesk.clock import from_iso, to_iso
from helpdesk.model.people import NewPerson, Person
from helpdesk.storage import transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, address_key, padded, person_key
from helpdesk.storage.transact import Write


def folded(address: str) -> str:
    """An address as it is compared: in lower case, also left of the @ (docs/osticket.md 0.2)."""
    return address.strip().lower()


def address_digest(address: str) -> str:
    """The digest that replaces an address in keys: keys hold no addresses."""
    return sha256(folded(address).encode()).hexdigest()[:32]


def holder_key(address: str) -> Key:
    """The key of the person who has an address; read in an operation's first round trip."""
    return address_key(folded(address))


def new_person(person: int, new: NewPerson, at: datetime) -> list[Write]:
    """The writes of a new person; they fail where somebody has the address."""
    made = Person(
        id=person,
        name=new.name,
        email=folded(new.email),
        phone=new.phone,
        notes=new.notes,
        fields=new.fields,
        created=at,
    )
    item = as_item(made)
    # The item under the address holds the whole person, so that a create needs no second read.
    listed = item | {"p11": "people", "s11": padded(person)}
    return [
        transact.put_new(person_key(person), listed),
        transact.put_new(holder_key(new.email), item),
    ]


def as_item(person: Person) -> Item:
    """A person as stored, under its id and under its address alike."""
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "notes": person.notes,
        "organization": person.organization,
        "fields": dict(person.fields),
        "created": to_iso(person.created) if person.created else None,
    }


def as_person(item: Item) -> Person:
    """The person that an item holds."""
    return Person(
        id=item["id"],
        name=item.get("name", ""),
        email=item.get("email", ""),
        phone=item.get("phone", ""),
        notes=item.get("notes", ""),
        organization=item.get("organization"),
        fields=item.get("fields", {}),
        created=from_iso(item["created"]) if "created" in item else None,
    )
