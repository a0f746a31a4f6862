"""Results of the desk in the admin API's JSON."""

import os
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from dialects.admin import concurrency
from dialects.admin.times import shown as _time
from dialects.answers import as_json
from dialects.endpoint import Response
from helpdesk.catalogue.rows import Row
from helpdesk.clock import now
from helpdesk.directory.settings import BanList
from helpdesk.keys.advice import advice_on
from helpdesk.keys.check import Barrier
from helpdesk.keys.manage import Issued
from helpdesk.keys.usage import Usage
from helpdesk.mail.outbound.suppression import Suppressed
from helpdesk.model.actor import ApiKey, OldSecret
from helpdesk.model.broadcasts import Broadcast
from helpdesk.model.people import Organization, Person
from helpdesk.model.settings import Settings

TAKES_EFFECT = "within 60 seconds at the latest"
"""How long API Gateway may cache the authorizer's result (docs/aws.md m11)."""


def as_key(key: ApiKey) -> dict[str, Any]:
    """A key without its secret."""
    return {
        "id": key.id,
        "name": key.name,
        "permissions": sorted(key.permissions),
        "networks": list(key.networks),
        "active": key.active,
        "expires": _time(key.expires),
        "departments": sorted(key.departments),
        "agent": key.agent,
        "customer": key.customer,
        "last_used": _time(key.last_used),
        "secret_used": _time(key.secret_used),
        "hint": key.hint or None,
        "created": _time(key.created),
        "created_by": asdict(key.created_by) if key.created_by else None,
        "old_secret": _old_secret(key.old_secret),
        "counted": key.counted,
        "last_managing": key.last_managing,
        "dismissed": dict(key.dismissed),
        "advice": list(advice_on(key, now())),
    }


def _old_secret(old: OldSecret | None) -> dict[str, Any] | None:
    if old is None:
        return None
    return {
        "hint": old.hint or None,
        "ends": _time(old.ends),
        "last_used": _time(old.last_used),
    }


def set_of_key(key: ApiKey) -> dict[str, Any]:
    """The values of a key that admins set, from which its ETag is computed; the others change by
    themselves.
    """
    shown = as_key(key)
    by_itself = ("last_used", "secret_used", "old_secret", "counted", "last_managing", "advice")
    return {name: value for name, value in shown.items() if name not in by_itself}


def key(found: ApiKey) -> Response:
    """One key."""
    return _tagged_key(as_json(as_key(found)), found)


def me(found: ApiKey, user: str, settings: Settings, address: str, base_url: str) -> Response:
    """The calling key, and the desk.

    Args:
        found: The key.
        user: The signed-in user who acts as the key, if any.
        settings: Those of the desk.
        address: The source address of the request.
        base_url: The URL before the paths of this API.
    """
    environment = os.environ
    families = [name for name in environment["FAMILIES"].split(",") if name]
    return as_json(
        {
            "key": as_key(found),
            "user": user or None,
            "desk": {
                "title": settings.helpdesk_title,
                "version": environment["DESK_VERSION"],
                "commit": environment["DESK_COMMIT"],
                "time_zone": settings.default_timezone,
            },
            "address": address,
            "limits": {
                "per_second": int(environment["REQUESTS_PER_SECOND"]),
                "burst": int(environment["REQUESTS_BURST"]),
            },
            "families": families,
            "addresses": {
                name: environment.get(f"{name.upper()}_URL") or base_url for name in families
            },
            "explorers": environment["EXPLORERS"] == "on",
        }
    )


def changed_key(found: ApiKey) -> Response:
    """A key after a change."""
    return _tagged_key(as_json(as_key(found) | {"takes_effect": TAKES_EFFECT}), found)


def _tagged_key(response: Response, found: ApiKey) -> Response:
    return concurrency.tagged(response, set_of_key(found))


def new_key(issued: Issued) -> Response:
    """A new key with its secret, for the one time it is shown."""
    response = as_json(as_key(issued.key) | {"key": issued.secret}, 201)
    return _tagged_key(response, issued.key)


def new_key_again(issued: Issued) -> Response:
    """The same answer as recorded for a repeated request, without the secret (docs/aws.md m18)."""
    return _tagged_key(as_json(as_key(issued.key), 201), issued.key)


def rotated_key(issued: Issued) -> Response:
    """A key with its next secret, for the one time it is shown."""
    shown = as_key(issued.key) | {"key": issued.secret, "takes_effect": TAKES_EFFECT}
    return _tagged_key(as_json(shown), issued.key)


def rotated_key_again(issued: Issued) -> Response:
    """The same answer as recorded for a repeated request, without the secret (docs/aws.md m18)."""
    return changed_key(issued.key)


def deleted_key(number: int) -> Response:
    """A deleted key."""
    return as_json({"id": number, "deleted": True, "takes_effect": TAKES_EFFECT})


def checked(address: str, barrier: Barrier | None) -> Response:
    """Whether a key would be admitted from an address, and if not, why."""
    reason, field = barrier or (None, None)
    allowed = barrier is None
    return as_json({"allowed": allowed, "reason": reason, "field": field, "address": address})


def usage(found: Usage) -> Response:
    """How many requests a key has made."""
    days = [{"day": day, "requests": count} for day, count in found.days.items()]
    return as_json({"days": days, "as_of": _time(found.as_of), "shared": found.shared})


def keys(found: list[ApiKey], after: int | None) -> Response:
    """A page of keys; `next` is the cursor of the next page."""
    return listing(map(as_key, found), after)


def listing(items: Iterable[dict[str, Any]], after: int | None) -> Response:
    """A page of anything; `next` is null on the last one."""
    return as_json({"items": list(items), "next": None if after is None else str(after)})


def broadcasts(found: Iterable[Broadcast], more: str | None) -> Response:
    """A page of mails to subscribers."""
    return as_json({"items": [_broadcast(one) for one in found], "next": more})


def broadcast(found: Broadcast) -> Response:
    """One mail to subscribers."""
    return as_json(_broadcast(found))


def _broadcast(one: Broadcast) -> dict[str, Any]:
    return asdict(one) | {"left": one.left, "finished": one.finished or None}


def subscribed(customer: Person) -> Response:
    """A customer's services."""
    return as_json({"id": customer.id, "services": list(customer.services)})


def suppressed(found: Iterable[Suppressed], more: str | None) -> Response:
    """A page of addresses that get no more mail."""
    return as_json({"items": [_suppressed(listed) for listed in found], "next": more})


def _suppressed(listed: Suppressed) -> dict[str, Any]:
    return asdict(listed) | {"at": _time(listed.at)}


def newly_suppressed(listed: Suppressed) -> Response:
    """An address that gets no more mail from now on."""
    return as_json(_suppressed(listed), 201)


def lifted(address: str) -> Response:
    """An address that gets mail again."""
    return as_json({"address": address, "deleted": True})


def as_row(row: Row | Organization) -> dict[str, Any]:
    """A row of the catalogue or an organization, all its fields under the model's names."""
    shown = asdict(row)
    if isinstance(row, Organization):
        shown |= {"created": _time(row.created), "updated": _time(row.updated)}
        for name in ("created_by", "updated_by", "version"):
            del shown[name]
    return shown


def row(found: Row | Organization) -> Response:
    """One row."""
    return concurrency.tagged(as_json(as_row(found)), as_row(found))


def new_row(created: Row | Organization) -> Response:
    """A new row."""
    return concurrency.tagged(as_json(as_row(created), 201), as_row(created))


def deleted_row(number: int) -> Response:
    """A deleted row."""
    return as_json({"id": number, "deleted": True})


def settings(found: Settings) -> Response:
    """The settings, all of them."""
    return concurrency.tagged(as_json(as_settings(found)), as_settings(found))


def as_settings(found: Settings) -> dict[str, Any]:
    """All settings by name."""
    return asdict(found)


def ban_list(found: BanList) -> Response:
    """The ban list, and the addresses added and removed."""
    return as_json({"ban_list": found.addresses, "added": found.added, "removed": found.removed})
