"""What a list is asked for: filters with names resolved to ids, narrowed to what the actor may see.

`Filters.holds` is the whole truth about one ticket, and every ticket of a page has passed it.
`Filters.holds_bucket` is the part of it that the key of an index tells. A filter that buckets and
candidate lists do not know needs no more than its condition in `holds`.
"""

from dataclasses import replace
from typing import NamedTuple

from helpdesk.catalogue.rows import Catalogue
from helpdesk.errors import NotFound
from helpdesk.index import postings
from helpdesk.model.actor import Actor
from helpdesk.model.queries import Wanted
from helpdesk.model.tickets import Ticket
from helpdesk.scope import visible
from helpdesk.storage import person_items, table

LONGEST_ADDRESS = 320
"""Characters of an address at most (RFC 5321); a longer text is nobody's address."""


class Filters(NamedTuple):
    """What must hold for each ticket of a list.

    Args:
        actor: who asks; see `scope.visible`.
        wanted: the filters as asked, with `email` resolved to `person`.
        statuses: ids of the statuses that are asked for; never empty, deleted ones left out.
        departments: ids of the departments that are asked for and visible; None for all.
        texts: what the subject contains, folded as postings are.
    """

    actor: Actor
    wanted: Wanted
    statuses: frozenset[int]
    departments: frozenset[int] | None
    texts: tuple[str, ...]

    @property
    def every_bucket(self) -> bool:
        """Whether no bucket is left out."""
        return self.by_department_only and self.departments is None

    @property
    def by_department_only(self) -> bool:
        """Whether buckets are chosen by department alone, as block counts are kept."""
        return self.wanted.status is None and self.wanted.topic is None

    def holds_bucket(self, bucket: str) -> bool:
        """Whether tickets of a bucket (`status#department#topic`) may match."""
        status, department, topic = map(int, bucket.split("#"))
        return self._holds_bucket(status, department, topic)

    def _holds_bucket(self, status: int, department: int, topic: int) -> bool:
        return (
            status in self.statuses
            and (self.departments is None or department in self.departments)
            and self.wanted.topic in {None, topic}
        )

    def holds(self, ticket: Ticket) -> bool:
        """Whether a ticket matches all filters and is visible to the actor."""
        wanted, subject = self.wanted, postings.searched(ticket.subject) if self.texts else ""
        return (
            visible(self.actor, ticket)
            and self._holds_bucket(ticket.status, ticket.department, ticket.topic or 0)
            and wanted.person in {None, ticket.person}
            and wanted.organization in {None, ticket.organization}
            and wanted.agent in {None, ticket.agent}
            and (wanted.tickets is None or ticket.id in wanted.tickets)
            and all(text in subject for text in self.texts)
        )


def resolve_address(wanted: Wanted) -> Wanted | None:
    """The filters with `email` replaced by the person who has this address.

    One round trip where there is an address, else none.

    Returns:
        None where no ticket can match: nobody has the address, or another person is asked for.

    Raises:
        Throttled: DynamoDB refuses for now.
        Unavailable: DynamoDB gives no answer.
    """
    if wanted.email is None:
        return wanted
    if len(wanted.email) > LONGEST_ADDRESS:
        return None
    holder = table.get(person_items.holder_key(wanted.email))
    if holder is None or wanted.person not in {None, holder["id"]}:
        return None
    return replace(wanted, email=None, person=holder["id"])


def resolve(actor: Actor, wanted: Wanted, known: Catalogue) -> Filters | None:
    """The filters by ids, narrowed to what the actor may see; no round trip.

    Returns:
        None where no ticket can match: a name names nothing, or the actor may not see it.
    """
    statuses = {row.id for row in known.statuses.values() if row.state != "deleted"}
    departments = actor.departments or None
    if wanted.status is not None:
        try:
            statuses &= {known.find_status(wanted.status).id}
        except NotFound:
            return None
    if wanted.department is not None:
        # An inactive department takes no new tickets, and keeps those it has.
        chosen = known.department(wanted.department)
        if chosen is None or (departments is not None and chosen.id not in departments):
            return None
        departments = frozenset({chosen.id})
    if not statuses or (actor.customer and wanted.person not in {None, actor.customer}):
        return None
    return Filters(actor, wanted, frozenset(statuses), departments, folded_texts(wanted))


def folded_texts(wanted: Wanted) -> tuple[str, ...]:
    """The texts that the subject must contain, folded as postings are; blank ones left out."""
    return tuple(filter(None, map(postings.searched, wanted.subject)))
