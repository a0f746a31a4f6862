"""An organization's record (docs/zammad.md 9.5)."""

from collections.abc import Sequence

from dialects.zammad import show
from dialects.zammad.collection import Record
from helpdesk.model.actor import NOBODY, Actor
from helpdesk.model.people import Organization

Members = tuple[Sequence[int], Sequence[int]]
"""The members of an organization: those with it as primary organization, and the others."""


def organization_row(row: Organization, members: Members = ((), ())) -> Record:
    """An organization; without members unless they were read."""
    first, others = members
    return {
        "id": row.id,
        "name": row.name,
        "shared": row.shared,
        "domain": row.domain,
        "domain_assignment": row.domain_assignment,
        "active": row.active,
        "vip": row.vip,
        "note": row.note,
        "updated_by_id": row.updated_by or NOBODY,
        "created_by_id": row.created_by or NOBODY,
        "created_at": show.time(row.created),
        "updated_at": show.time(row.updated),
        "member_ids": list(first),
        "secondary_member_ids": list(others),
    }


def seen_by(actor: Actor, record: Record) -> Record:
    """An organization as visible to an actor: customers do not see the agents' note, and of the
    members only themselves, unless the organization is shared.
    """
    if actor.customer is None:
        return record
    shared = record["id"] in actor.organizations
    members = {
        name: [one for one in record[name] if shared or one == actor.customer]
        for name in ("member_ids", "secondary_member_ids")
    }
    return {**record, "note": "", **members}
