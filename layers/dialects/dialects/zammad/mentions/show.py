"""Shows mentions: one, or all of a ticket."""

from collections.abc import Sequence
from typing import Any

from dialects.endpoint import Response
from dialects.zammad import show
from dialects.zammad.mentions.read import TICKET
from dialects.zammad.read import Bag
from dialects.zammad.tickets.show import Shapes
from helpdesk.catalogue import cache
from helpdesk.model.actor import Actor
from helpdesk.model.relations import Mention
from helpdesk.model.tickets import Ticket


def row(mention: Mention) -> dict[str, Any]:
    """One mention."""
    return {
        "id": mention.id,
        "mentionable_type": TICKET,
        "mentionable_id": mention.ticket,
        "user_id": mention.user,
        "created_by_id": mention.by,
        "updated_by_id": mention.by,
        "created_at": show.time(mention.at),
        "updated_at": show.time(mention.at),
    }


def one(mention: Mention, status: int) -> Response:
    """The response for a mention that was created or removed."""
    return show.answer(row(mention), status)


def listed(values: Bag, actor: Actor, ticket: Ticket, mentions: Sequence[Mention]) -> Response:
    """All mentions of a ticket."""
    rows = [row(mention) for mention in mentions]
    if not values.flag("full"):
        return show.document({"mentions": rows}, "mentions.json")
    shapes = Shapes(actor, cache.seen(), [ticket])
    users = {number for one in mentions for number in (one.user, one.by)}
    shapes.directory.read(users)
    shapes.read()
    assets = shapes.assets()
    assets["User"] = {**assets.get("User", {}), **shapes.directory.users(users, actor)}
    assets["Mention"] = {str(mention["id"]): mention for mention in rows}
    ids = [mention.id for mention in mentions]
    return show.document({"record_ids": ids, "assets": assets}, "mentions.json")
