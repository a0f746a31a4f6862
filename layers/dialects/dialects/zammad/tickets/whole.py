"""A ticket with everything that belongs to it, as requested by Zammad's own UI (docs/zammad.md
5.2).
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from dialects.endpoint import Response
from dialects.zammad import show
from dialects.zammad.accountings import show as accountings_show
from dialects.zammad.articles import show as articles
from dialects.zammad.links.show import links
from dialects.zammad.mentions import show as mentions_show
from dialects.zammad.tickets.show import Shapes
from helpdesk.catalogue import cache
from helpdesk.model.actor import Actor
from helpdesk.model.tickets import Thread
from helpdesk.storage import aws
from helpdesk.tickets import accountings, mentions, relations


def ticket(found: Thread, actor: Actor, prefix: str) -> Response:
    """The ticket of a thread with its articles, links, tags, mentions and accounted time: up to
    five round trips. Customers see articles and tags.

    Args:
        found: The thread as visible to this actor.
        actor: The caller.
        prefix: Prepended to paths in bodies.
    """
    number, staff = found.ticket.id, actor.customer is None
    # list_links is the first call of `together` and so runs in this thread: it may use the thread
    # pool itself.
    linked, mentioned, booked = _beside(actor, number) if staff else ([], [], [])
    tickets = {one.id: one for one in (found.ticket, *(other for _, other in linked))}
    shapes = Shapes(actor, cache.seen(), list(tickets.values()))
    people = {one for mention in mentioned for one in (mention.user, mention.by)}
    people |= articles.people_of(found.entries)
    shapes.directory.read(people)
    shapes.read()
    rows = articles.many(found.entries, shapes.directory, prefix)
    assets = shapes.assets()
    assets["User"] = {**assets.get("User", {}), **shapes.directory.users(people, actor)}
    assets["TicketArticle"] = {str(row["id"]): row for row in rows}
    assets["Mention"] = {str(one.id): mentions_show.row(one) for one in mentioned}
    body: dict[str, Any] = {
        "ticket_id": number,
        "ticket_article_ids": [row["id"] for row in rows],
        "assets": {name: listed for name, listed in assets.items() if listed},
        "links": links(linked),
        "tags": list(found.ticket.tags),
        "mentions": [one.id for one in mentioned],
        "time_accountings": [accountings_show.row(one) for one in booked],
        "form_meta": {},
    }
    return show.document(body, "ticket.json")


def _beside(actor: Actor, number: int) -> Sequence[Any]:
    """The links, mentions and accounted time of a ticket."""
    return aws.together(
        partial(relations.list_links, actor, number),
        partial(mentions.of_ticket, number),
        partial(accountings.of_ticket, number),
    )
