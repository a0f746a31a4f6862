"""The gate: whether a secret opens the desk, from where, and for whom (docs/keys.md).

All that the authorizer needs, and no more: it runs before every request whose verdict API Gateway
does not keep, so it imports neither the desk's model nor the catalogue. `keys` writes what is read
here.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from helpdesk.clock import from_iso, now, to_iso
from helpdesk.errors import NotAllowed, Throttled, Unavailable
from helpdesk.storage import table, transact
from helpdesk.storage.keys import GATEWAY, secret_key
from helpdesk.storage.transact import Cancelled, ConditionFailed, Write

USED_RESOLUTION = timedelta(hours=1)
"""`last_used` is rewritten only when older than this: a read must not cost a write
(docs/aws.md m11).
"""


def digest(secret: str) -> str:
    """What is stored of a secret, and looked up. Anything a client sends can be digested."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def update_secret_record(of: str, **values: object) -> Write:
    """Sets attributes of what the authorizer reads under a digest. Only where it is still there:
    an update would otherwise bring back an entrance without its end.
    """
    return transact.set_attributes(secret_key(of), values, condition="attribute_exists(pk)")


@dataclass(frozen=True, slots=True)
class Admission:
    """What the authorizer hands on for a good key.

    `expires` is when this secret stops working: the key's expiry or the end of its overlap.
    `usage` is the gateway key under which API Gateway counts the requests (docs/aws.md m10).
    """

    key: int
    permissions: tuple[str, ...]
    departments: tuple[int, ...]
    agent: int | None
    customer: int | None
    expires: str
    usage: str


class Refused(NotAllowed):
    """The secret opens nothing: `reason` is `unknown`, `inactive`, `expired` or `network`, for
    the log and for dialects that tell them apart.
    """

    def __init__(self, reason: str, key: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.key = key


def authenticate(secret: str, address: str) -> Admission:
    """Lets a secret in that comes from an address, in one trip (a second one each hour, for
    `last_used`). Errors: Refused, Throttled, Unavailable.
    """
    at = now()
    hashed = digest(secret)
    place = secret_key(hashed)
    found = table.fetch([place, GATEWAY])
    known = found.get(place)
    if known is None:
        raise Refused("unknown")
    grants, number = known["grants"], known["key"]
    ends = min((end for end in (grants["expires"], known.get("ends")) if end), default="")
    if not grants["active"]:
        raise Refused("inactive", number)
    if ends and from_iso(ends) <= at:
        raise Refused("expired", number)
    if grants["networks"] and not _stands_in(address, grants["networks"]):
        raise Refused("network", number)
    if not known.get("used") or at - from_iso(known["used"]) > USED_RESOLUTION:
        _note_use(hashed, at)
    return Admission(
        key=number,
        permissions=tuple(grants["permissions"]),
        departments=tuple(grants["departments"]),
        agent=grants["agent"],
        customer=grants["customer"],
        expires=ends,
        usage=known.get("usage") or found.get(GATEWAY, {}).get("value", ""),
    )


def _stands_in(address: str, networks: list[str]) -> bool:
    try:
        source = ip_address(address)
    except ValueError:
        return False
    if isinstance(source, IPv6Address) and source.ipv4_mapped:
        source = source.ipv4_mapped
    return any(source in ip_network(known) for known in networks)


def _note_use(hashed: str, at: datetime) -> None:
    # A key that could not be marked as used is still a good key.
    with suppress(Cancelled, ConditionFailed, Throttled, Unavailable):
        transact.write(update_secret_record(hashed, used=to_iso(at)))
