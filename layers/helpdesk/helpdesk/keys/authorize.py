"""The authorizer: authenticates a secret and a source address (docs/keys.md). For users who sign
in, `tokens` authenticates them, and reads here what their key may do.

It runs before every request whose authorization API Gateway has not cached, so it imports neither
the desk's model nor the catalogue. `manage` writes the secret records that are read here.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from helpdesk.clock import from_iso, now, to_iso
from helpdesk.errors import Damaged, NotAllowed, Throttled, Unavailable
from helpdesk.storage import table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import GATEWAY, key_row, organization_key, person_key, secret_key
from helpdesk.storage.reading import make, readable, reading
from helpdesk.storage.transact import Cancelled, ConditionFailed, Write

USED_RESOLUTION = timedelta(hours=1)
"""`last_used` is rewritten only when older than this: not every read may cause a write (docs/aws.md
m11).
"""


def digest(secret: str) -> str:
    """The digest under which a secret's record is stored. Accepts anything a client can send."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def update_secret_record(of: str, **values: object) -> Write:
    """The write that sets attributes of the secret record under a digest, if it exists: an
    unconditional update would recreate a deleted secret without its expiry.
    """
    return transact.set_attributes(secret_key(of), values, condition="attribute_exists(pk)")


@dataclass(frozen=True, slots=True)
class Admission:
    """The values that the authorizer passes on for a valid secret.

    `expires` is when this secret stops working: the key's expiry or the end of its overlap.
    `usage` is the gateway key under which API Gateway counts the requests (docs/aws.md m10).
    `organizations` are those that share their tickets with the key's customer.
    """

    key: int
    permissions: tuple[str, ...]
    departments: tuple[int, ...]
    agent: int | None
    customer: int | None
    expires: str
    usage: str
    organizations: tuple[int, ...] = ()
    user: str = ""
    """The user who signed in and acts as the key; empty if the key itself was used."""


class Refused(NotAllowed):
    """The secret is not valid here: `reason` is `unknown`, `inactive`, `expired`, `network` or
    `damaged`, for the log and for dialects that distinguish them. `tokens` has further reasons.
    """

    def __init__(self, reason: str, key: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.key = key


def authenticate(secret: str, address: str) -> Admission:
    """Authenticates a secret sent from an address.

    One round trip, and a second one each hour for `last_used`. One more for a customer's key, and
    another if the customer is in an organization.

    Raises:
        Refused: The secret is unknown, inactive or expired, or the address is not in its networks.
    """
    hashed = digest(secret)
    key = secret_key(hashed)
    found = table.fetch([key, GATEWAY])
    admission, noted = _read(found.get(key), found.get(GATEWAY, {}), address)
    if not noted:
        _note_use(update_secret_record(hashed, used=to_iso(now())))
    return admission


def admit(number: int, address: str) -> Admission:
    """As `authenticate`, but for a user who acts as a key without its secret: by the key's row.

    Raises:
        Refused: There is no such key, or it is inactive or expired, or the address is not in its
            networks.
    """
    key = key_row(number)
    found = table.fetch([key, GATEWAY])
    row = found.get(key)
    # A row's `ends` belongs to the secret before the last rotation.
    record = {**row, "key": number, "ends": ""} if row is not None else None
    admission, noted = _read(record, found.get(GATEWAY, {}), address)
    if not noted:
        used = {"used": to_iso(now())}
        _note_use(transact.set_attributes(key, used, condition="attribute_exists(pk)"))
    return admission


def _read(record: Item | None, gateway: Item, address: str) -> tuple[Admission, bool]:
    """The admission by a record from an address, and whether its use has been recorded recently."""
    if record is None:
        raise Refused("unknown")
    try:
        with reading("secret", record):
            admission, noted = _admission(record, gateway, address, now())
    except Damaged as damaged:
        # There are no defaults for what a key may do.
        raise Refused("damaged") from damaged
    shared = _customer_organizations(admission.customer, admission.key)
    return replace(admission, organizations=tuple(sorted(shared))), noted


def _admission(record: Item, gateway: Item, address: str, at: datetime) -> tuple[Admission, bool]:
    """The admission by a record, and whether its use has been recorded within USED_RESOLUTION."""
    grants, number = record["grants"], record["key"]
    ends = min((end for end in (grants["expires"], record.get("ends")) if end), default="")
    values = {
        **{name: grants[name] for name in ("agent", "customer")},
        "key": number,
        "permissions": tuple(grants["permissions"]),
        "departments": tuple(grants["departments"]),
        "expires": ends,
        "usage": own_usage(record, at) or _shared_usage(gateway),
    }
    admission = make(Admission, values)
    if grants["active"] is not True:
        raise Refused("inactive", number)
    if ends and from_iso(ends) <= at:
        raise Refused("expired", number)
    if grants["networks"] and not is_in(address, grants["networks"]):
        raise Refused("network", number)
    used = record.get("used")
    return admission, bool(used) and at - from_iso(record["used"]) <= USED_RESOLUTION


def own_usage(record: Mapping[str, Any], at: datetime) -> str | None:
    """The gateway key of a record's API key, once API Gateway certainly knows it, as it does for
    older records.
    """
    since = record.get("usage_from")
    return record.get("usage") if not since or from_iso(since) <= at else None


def _shared_usage(gateway: Item) -> str:
    """The shared gateway key of keys without their own; each set-up overwrites it."""
    with reading("gateway key", GATEWAY):
        value = gateway.get("value", "")
        if not isinstance(value, str):
            raise TypeError("value")
        return value


def customer_is_active(customer: int | None) -> bool:
    """Whether the customer that a key is bound to, if any, exists and is active."""
    person = table.get(person_key(customer)) if customer is not None else None
    return bool((person or {}).get("active", True))


def _customer_organizations(customer: int | None, key: int) -> frozenset[int]:
    if customer is None:
        return frozenset()
    person = table.get(person_key(customer)) or {}
    if not person.get("active", True):
        raise Refused("inactive", key)
    with suppress(Damaged), reading("person", person_key(customer)):
        return shared_organizations([person.get("organization"), *person.get("organizations", ())])
    return frozenset()


def shared_organizations(organizations: Iterable[int | None]) -> frozenset[int]:
    """Those of these organizations whose members see each other's tickets (docs/keys.md); one round
    trip if there are any.
    """
    keys = [organization_key(number) for number in organizations if number is not None]
    found = table.fetch(keys).values()
    return frozenset(filter(None, readable(_shared, found)))


def _shared(item: Item) -> int:
    """The id of the organization if it shares its tickets, else 0."""
    with reading("organization", item):
        shares = item.get("shared", True) is True and item.get("active", True) is True
        return int(item["id"]) if shares else 0


def is_in(address: str, networks: Iterable[str]) -> bool:
    """Whether an address is in one of these networks."""
    try:
        source = ip_address(address)
    except ValueError:
        return False
    if isinstance(source, IPv6Address) and source.ipv4_mapped:
        source = source.ipv4_mapped
    return any(source in ip_network(known) for known in networks)


def _note_use(write: Write) -> None:
    # A key whose use could not be recorded is still valid.
    with suppress(Cancelled, ConditionFailed, Throttled, Unavailable):
        transact.write_once(write)
