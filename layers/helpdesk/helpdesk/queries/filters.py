"""The filters of a list, with names resolved to ids, restricted to what the actor may see.

Resolving takes two steps. `resolve_first` finds the values that select the candidate lists of the
first round trip: ids of tickets, of a person, of an agent, spans of time. `resolve` does the rest,
without a round trip.

`Filters.holds` decides whether a ticket matches, and every ticket of a page has passed it.
`Filters.holds_bucket` is the part that can be decided from the key of an index. A filter unknown to
buckets and candidate lists needs only its condition in `holds`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from helpdesk import operations, times
from helpdesk.catalogue import cache, rows
from helpdesk.catalogue.numbers import plausible
from helpdesk.catalogue.rows import Catalogue
from helpdesk.index import postings
from helpdesk.model.actor import Actor
from helpdesk.model.queries import Wanted
from helpdesk.model.tickets import Ticket
from helpdesk.queries import spans
from helpdesk.queries.spans import Span
from helpdesk.scope import visible
from helpdesk.storage import listings, person_items, ticket_items
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import SEQUENCES, Key, number_key
from helpdesk.storage.reading import reference

if TYPE_CHECKING:
    from helpdesk.queries.conditions import Resolved

NO_TOPIC = 0
"""The topic of tickets without one."""

LONGEST_ADDRESS = 320
"""Characters of an address at most (RFC 5321); a longer text is no address."""


class Asked(NamedTuple):
    """The values that select candidate lists.

    Args:
        wanted: the filters as asked, `email` and `number` resolved to `person` and `tickets`.
        agent: the id of the requested agent.
        created: when the tickets were opened.
        updated: when they were last changed.
        opened_as: the least and the greatest id of the tickets opened then; None for any.
        condition: the further condition, with the results of the indexes; not known at first.
    """

    wanted: Wanted
    agent: int | None = None
    created: Span = Span()
    updated: Span = Span()
    opened_as: tuple[int, int] | None = None
    condition: Resolved | None = None


class Filters(NamedTuple):
    """The conditions that each ticket of a list must meet.

    Args:
        actor: who asks; see `scope.visible`.
        asked: the filters, resolved as far as candidate lists need it.
        statuses: ids of the requested statuses; never empty, without deleted ones.
        departments: ids of the requested and visible departments; None for all.
        topic: the id of the requested topic, 0 for tickets without one; None for any.
        priority: the id of the requested priority.
        texts: texts that the subject must contain, folded like postings.
    """

    actor: Actor
    asked: Asked
    statuses: frozenset[int]
    departments: frozenset[int] | None
    topic: int | None
    priority: int | None
    texts: tuple[str, ...]

    @property
    def every_bucket(self) -> bool:
        """Whether all buckets match."""
        return self.by_department_only and self.departments is None

    @property
    def by_department_only(self) -> bool:
        """Whether buckets are selected by department only, for which there are block counts."""
        return self.asked.wanted.status is None and self.topic is None

    @property
    def beside_buckets(self) -> bool:
        """Whether a ticket in these buckets and candidate lists may still not match."""
        asked = self.asked
        spans_asked = (asked.created, asked.updated) != (Span(), Span())
        return self.looks or spans_asked

    @property
    def looks(self) -> bool:
        """Whether there is a filter that does not correspond to any order of a list."""
        return self.priority is not None or self.asked.condition is not None

    def holds_bucket(self, bucket: str) -> bool:
        """Whether tickets of a bucket (`status#department#topic`) may match; if the bucket is not
        known, they may.
        """
        if not bucket:
            return True
        status, department, topic = map(int, bucket.split("#"))
        return self._holds_bucket(status, department, topic)

    def _holds_bucket(self, status: int, department: int, topic: int) -> bool:
        return (
            status in self.statuses
            and (self.departments is None or department in self.departments)
            and self.topic in {None, topic}
        )

    def holds(self, ticket: Ticket) -> bool:
        """Whether a ticket matches all filters and is visible to the actor."""
        asked, wanted = self.asked, self.asked.wanted
        subject = postings.searched(ticket.subject) if self.texts else ""
        return (
            visible(self.actor, ticket)
            and self._holds_bucket(ticket.status, ticket.department, ticket.topic or 0)
            and self.priority in {None, ticket.priority}
            and wanted.person in {None, ticket.person}
            and wanted.organization in {None, ticket.organization}
            and asked.agent in {None, ticket.agent}
            and (wanted.tickets is None or ticket.id in wanted.tickets)
            and asked.created.holds(ticket.created)
            and asked.updated.holds(ticket.updated)
            and all(text in subject for text in self.texts)
            and (asked.condition is None or asked.condition.holds(ticket))
        )


def resolve_first(wanted: Wanted) -> Asked | None:
    """Resolves the values that select candidate lists. No round trip without an address, a number,
    a name of an agent or a time; else one, and those of `spans.ids_of` for when tickets were
    opened.

    Returns:
        None if no ticket can match: nobody has the address, or two filters contradict each other.

    Raises:
        Invalid: `date`, for a bound of a span that is not a time.
    """
    times_asked = (
        *(wanted.created_from, wanted.created_to),
        *(wanted.updated_from, wanted.updated_to),
    )
    agent = wanted.agent if isinstance(wanted.agent, int) else None
    named = wanted.agent if isinstance(wanted.agent, str) else None
    if all(one is None for one in (wanted.email, wanted.number, named, *times_asked)):
        return Asked(wanted, agent)
    keys = [SEQUENCES]
    if wanted.email is not None:
        keys.append(person_items.holder_key(wanted.email[:LONGEST_ADDRESS]))
    if wanted.number is not None and plausible(wanted.number):
        keys.append(number_key(wanted.number))
    found, _ = operations.first_round_trip(keys)
    known = cache.current(found)
    zone = times.zone(known.settings.default_timezone)
    created, updated = spans.created(wanted, zone), spans.updated(wanted, zone)
    resolved = _with_person(_with_number(wanted, found), found)
    if named is not None:
        row = rows.resolve(known.agents, named)
        agent = row.id if row else None
    contradict = created.is_empty or updated.is_empty
    if resolved is None or contradict or (named is not None and agent is None):
        return None
    opened_as = None
    if created != Span():
        opened_as = spans.ids_of(created, listings.last_ticket(found))
    return Asked(resolved, agent, created, updated, opened_as)


def _with_number(wanted: Wanted, found: Mapping[Key, Item]) -> Wanted | None:
    if wanted.number is None:
        return wanted
    ticket = ticket_items.number_holder(found, wanted.number)
    if ticket is None or (wanted.tickets is not None and ticket not in wanted.tickets):
        return None
    return replace(wanted, number=None, tickets=(ticket,))


def _with_person(wanted: Wanted | None, found: Mapping[Key, Item]) -> Wanted | None:
    if wanted is None or wanted.email is None:
        return wanted
    # A longer text is no address, although it may begin with one.
    short = len(wanted.email) <= LONGEST_ADDRESS
    holder = found.get(person_items.holder_key(wanted.email)) if short else None
    person = reference(holder, "id")
    if person is None or wanted.person not in {None, person}:
        return None
    return replace(wanted, email=None, person=person)


def resolve(actor: Actor, asked: Asked, known: Catalogue) -> Filters | None:
    """The filters by ids, restricted to what the actor may see; no round trip.

    Returns:
        None if no ticket can match: a name is unknown, or the actor may not see it.
    """
    wanted = asked.wanted
    statuses = {row.id for row in known.statuses.values() if row.state != "deleted"}
    departments = actor.departments or None
    topic = priority = None
    if wanted.status is not None:
        status = rows.resolve(known.statuses, wanted.status)
        statuses &= {status.id} if status else set()
    # An inactive row gets no new tickets, but keeps its existing ones.
    if wanted.department is not None:
        chosen = rows.resolve(known.departments, wanted.department)
        if chosen is None or (departments is not None and chosen.id not in departments):
            return None
        departments = frozenset({chosen.id})
    if wanted.topic is not None:
        row = rows.resolve(known.topics, wanted.topic)
        if row is None and wanted.topic != NO_TOPIC:
            return None
        topic = row.id if row else NO_TOPIC
    if wanted.priority is not None:
        found = rows.resolve(known.priorities, wanted.priority)
        if found is None:
            return None
        priority = found.id
    if asked.condition:
        statuses, departments = _narrowed(asked.condition, statuses, departments)
    own = actor.customer is None or wanted.person in {None, actor.customer}
    if not statuses or not (own or actor.organizations) or departments == frozenset():
        return None
    texts = folded_texts(wanted)
    return Filters(actor, asked, frozenset(statuses), departments, topic, priority, texts)


def _narrowed(
    condition: Resolved, statuses: set[int], departments: frozenset[int] | None
) -> tuple[set[int], frozenset[int] | None]:
    if (wanted := condition.narrows("status")) is not None:
        statuses = {status for status in statuses if status in wanted}
    if (wanted := condition.narrows("department")) is not None:
        chosen = frozenset(one for one in wanted if isinstance(one, int))
        departments = chosen if departments is None else departments & chosen
    return statuses, departments


def folded_texts(wanted: Wanted) -> tuple[str, ...]:
    """The texts that the subject must contain, folded like postings, without blank ones."""
    return tuple(filter(None, map(postings.searched, wanted.subject)))
