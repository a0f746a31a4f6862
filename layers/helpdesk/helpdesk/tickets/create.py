"""Opens a ticket with its first message, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from helpdesk import idempotency, operations
from helpdesk.addresses import is_address
from helpdesk.catalogue import cache, fields
from helpdesk.catalogue.fields import Forms
from helpdesk.catalogue.numbers import assignable, new_number, plausible
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now
from helpdesk.errors import (
    ChangedUnderYou,
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    Problem,
)
from helpdesk.events.history import facets_of, link_events, ticket_event
from helpdesk.files import uploads
from helpdesk.files.staging import StagedObjects, stage_objects
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.model.entries import Entry, NewEntry, channel_of, sender_of
from helpdesk.model.files import Attachment
from helpdesk.model.people import Person
from helpdesk.model.tickets import NewTicket, Ticket
from helpdesk.scope import seen_by
from helpdesk.storage import person_items, ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    Key,
    child_key,
    number_key,
    person_key,
    ticket_key,
)
from helpdesk.storage.reading import reference
from helpdesk.storage.transact import Cancelled, Write
from helpdesk.tickets import (
    accountings,
    additions,
    change_values,
    effects,
    entries,
    requesters,
    telling,
    threads,
)
from helpdesk.tickets.entries import NormalizedEntry
from helpdesk.tickets.routing import Route, route_ticket
from helpdesk.tickets.working_hours import add_hours


def open_ticket(
    actor: Actor,
    new: NewTicket,
    once: IdempotencyRecord | None = None,
    read_by: Catalogue | None = None,
) -> Ticket:
    """Opens a ticket with its first message.

    Two round trips: the first reads everything needed, allocates ids and stores the files; the
    second is one transaction with the ticket, its number, its message, a new person, the
    idempotency record and the event that triggers mail and the projection. Rules: docs/osticket.md,
    rows 6-10, 20-27, H, J; routing as in docs/osticket.md 1.9.

    Args:
        actor: Who opens it.
        new: The ticket.
        once: The idempotency record of the request, if it has one.
        read_by: The catalogue with which names in the request were resolved to the ids in `new`, if
            any were.

    Raises:
        Outdated: That catalogue has changed.
        NotFound: No such department, topic, priority, parent or linked ticket for this actor.
        Inactive: The department or topic is switched off.
        Invalid: `number`, if it is not a possible ticket number; every problem with the form and
            the files.
        Banned: The requester's address is on the ban list.
        TooManyOpen: The requester has as many open tickets as the desk allows.
        NotAllowed: A customer's key names another requester, or services; or the key may not name
            these services.
        TooLarge: The request has more files than can be kept.
        Duplicate: The mail was received before.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        ChangedUnderYou: Others kept changing the items that the ticket depends on.
    """
    if new.number and not assignable(new.number):
        raise Invalid(Problem("number", "number"))
    at = now()
    first = _first_entry(new)
    normalized = entries.normalize(first.body, first.files, first.mail) if first else None
    bodies = [normalized.at_rest] if normalized else []
    with (
        idempotency.replay_guard(once),
        stage_objects(normalized.files if normalized else (), bodies, at) as stage,
    ):
        found, ids = operations.first_round_trip(
            [
                *entries.mail_keys(new.mail),
                *uploads.keys(stage.files),
                *_first_keys(new),
                *additions.keys(new),
            ],
            once=once,
            ids={
                "ticket": 1,
                "entry": 1 if first else 0,
                "person": 0 if new.person else 1,
                "file": len(stage.files),
                "accounting": 1 if first and first.time_unit else 0,
                **additions.ids(new),
            },
            calls=stage.calls(),
        )
        entries.check_mail(new.mail, found)
        known = cache.still(read_by, found)
        if new.services and new.tells is None and not actor.may("can_manage_directory"):
            raise NotAllowed("can_manage_directory")
        services = change_values.services(actor, new.services, known)
        change_values.check_span(new.start, new.end)
        route = route_ticket(actor, new, known)
        additions.check(actor, new, route.department.id, known)
        linked = additions.find_linked(actor, new, found)
        parent = additions.parent_of(_parent(new, found), linked)
        if normalized and new.mail is None:
            entries.enforce_limits(actor, normalized, stage, found, known.settings)
        person = requesters.known_person(actor, new, found, known)
        forms = fields.read_forms(new, known.fields.values(), known.settings, route.topic, person)
        if new.mail:
            forms = requesters.as_mailed(forms, new)
        elif not new.form:
            forms = requesters.without_form(forms, new, person)
        last = requesters.check_requester(forms, person, known, new)
        plan = _TicketPlan(
            actor=actor,
            new=new,
            forms=forms,
            route=route,
            known=known,
            at=at,
            ids=ids,
            parent=parent,
            first=first,
            normalized=normalized,
            last=last,
            linked=linked,
            tags=additions.tag_names(actor, new, found, known),
            services=services,
        )
        return _write(plan, person, stage, once)


def _first_entry(new: NewTicket) -> NewEntry | None:
    """The ticket's first entry, if it has one."""
    if not new.form:
        return new.entry
    return NewEntry(new.body, files=new.files, mail=new.mail, source=new.source, kind="message")


def _first_keys(new: NewTicket) -> list[Key]:
    keys = _parent_keys(new)
    if new.person is not None:
        keys.append(person_key(new.person))
    elif new.requester.email and (new.mail or is_address(new.requester.email)):
        keys.append(person_items.holder_key(new.requester.email))
    return keys


# --- what it stands under --------------------------------------------------------------------


def _parent_keys(new: NewTicket) -> list[Key]:
    return [
        ticket_key(ref) if isinstance(ref, int) else number_key(ref)
        for ref in new.parent
        if isinstance(ref, int) or plausible(ref)
    ]


def _parent(new: NewTicket, found: Mapping[Key, Item]) -> int | None:
    if not new.parent:
        return None
    for key in _parent_keys(new):
        if item := found.get(key):
            above = reference(item, "ticket" if "ticket" in item else "id")
            if above is not None:
                return above
    raise NotFound("parent", new.parent[0])


# --- the transaction ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _TicketPlan:
    """Everything that does not depend on who the requester turns out to be; kept across retries."""

    actor: Actor
    new: NewTicket
    forms: Forms
    route: Route
    known: Catalogue
    at: datetime
    ids: Mapping[str, int]
    parent: int | None
    first: NewEntry | None
    normalized: NormalizedEntry | None
    last: bool
    linked: additions.Linked
    tags: tuple[str, ...]
    services: tuple[int, ...]

    def ticket(self, number: str, person: Person | None) -> Ticket:
        """The ticket with this number; without a person, a new one is created as the requester."""
        route, at, new = self.route, self.at, self.new
        requester = self.forms.requester
        closed = at if self.state == "closed" else None
        ticket = Ticket(
            id=self.ids["ticket"],
            number=number,
            subject=self.forms.subject,
            status=route.status,
            department=route.department.id,
            priority=route.priority,
            person=person.id if person else self.ids["person"],
            person_name=person.name if person else requester.name,
            person_email=person.email if person else requester.email,
            organization=person.organization if person else None,
            source=self.new.source,
            created=at,
            updated=at,
            topic=route.topic.id if route.topic else None,
            sla=route.sla,
            agent=route.agent,
            team=route.team,
            ip=self.new.ip,
            due=self.forms.due,
            estimated_due=self._estimated_due(),
            closed=closed,
            first_closed=closed,
            last_closed=closed,
            parent=self.parent,
            fields=self.forms.fields,
            entries=(self.ids["entry"],) if self.first else (),
            phase=new.phase if self.state == "open" else None,
            pending_until=new.pending_until if self.state == "open" else None,
            note=new.note,
            kind=new.kind,
            preferences=new.preferences,
            created_by=new.created_by,
            tags=self.tags,
            time_units=self.first.time_unit if self.first else "",
            bookings=(self.ids["accounting"],) if self.first and self.first.time_unit else (),
            services=self.services,
            start=new.start,
            end=new.end,
            next_update=new.next_update,
            description=self.ids["entry"] if self.first and new.tells is not None else None,
        )
        if new.form or self.first is None:
            return ticket
        entry = self.entry(ticket, ())
        ticket = replace(ticket, **effects.of_entry(ticket, entry, at))
        return replace(ticket, first_channel=channel_of(entry), first_sender=sender_of(entry))

    def entry(self, ticket: Ticket, attachments: tuple[Attachment, ...]) -> Entry:
        """The first entry of this ticket.

        Raises:
            ValueError: There is none.
            Invalid: `mail_to`, if the entry is a mail and the requester has no address.
        """
        if self.first is None or self.normalized is None:
            raise ValueError
        first = self.first
        if self.new.form:
            first = replace(
                first,
                poster=ticket.person_name or ticket.person_email,
                title=ticket.subject,
                person=ticket.person,
            )
        else:
            if first.kind == "message" and first.person is None:
                # The first message is always the requester's, whoever is named as its author.
                first = replace(first, person=ticket.person)
            first = entries.addressed(first, ticket)
        entry = threads.new_entry(first.kind, ticket.id, first, self.normalized, self.at)
        return replace(entry, id=self.ids["entry"], attachments=attachments)

    @property
    def state(self) -> str:
        """The state of the status that the ticket begins with."""
        return self.known.statuses[self.route.status].state

    def allocate_number(self, *, taken: bool = False) -> str:
        """A new number, at random or by the desk's counter; at random if that was `taken`."""
        if self.new.number:
            if taken:
                raise Conflict("number_taken")
            return self.new.number
        settings, topic = self.known.settings, self.route.topic
        pattern = (topic and topic.number_format) or settings.ticket_number_format
        return new_number(
            pattern, self.ids["ticket"], "random" if taken else settings.ticket_sequence
        )

    def _estimated_due(self) -> datetime | None:
        if self.route.sla is None:
            return None
        sla = self.known.slas[self.route.sla]
        schedule = (
            self.route.department.schedule
            or sla.schedule
            or self.known.settings.default_schedule_id
        )
        return add_hours(self.at, sla.hours, self.known.schedules.get(schedule))

    def events(self, ticket: Ticket, person: Person | None) -> list[Write]:
        """The events of the new ticket, and of its first entry if that is not the requester's
        message.
        """
        first = self.first
        message = first is not None and first.kind == "message"
        created = ticket_event(
            "created",
            self.actor,
            ticket.id,
            self.at,
            person=ticket.person,
            after=facets_of(ticket, self.state),
            data={
                **({"entry": ticket.entries[0]} if message else {}),
                "alert": self.new.alert,
                "autorespond": self.new.autorespond,
                "new_person": person is None,
                **({"reaches_limit": True} if self.last else {}),
                **({"services": self._service_names()} if self.services else {}),
                **entries.mail_data(self.new.mail),
                **(entries.mention_data(first) if first and message else {}),
            },
        )
        told = telling.events(self.actor, None, ticket, self.known, self.at, tells=self.new.tells)
        if first is None or message:
            return [created, *told]
        data = {"entry": ticket.entries[0], "alert": False}
        data |= entries.notice_data(first.kind, first)
        by = replace(self.actor, agent=first.agent) if first.agent is not None else self.actor
        return [created, *told, ticket_event(first.kind, by, ticket.id, self.at, data=data)]

    def _service_names(self) -> list[str]:
        return [self.known.services[service].name for service in self.services]


def _write(
    plan: _TicketPlan, person: Person | None, stage: StagedObjects, once: IdempotencyRecord | None
) -> Ticket:
    mail = plan.new.mail
    holder = person_items.holder_key(plan.forms.requester.email)
    attachments = stage.attachments(plan.ids.get("file", 0))
    number = plan.allocate_number()
    effects.check_sleep(plan.ticket(number, person), plan.at)
    if plan.first:
        entries.name_files(plan.entry(plan.ticket(number, person), attachments))
    for _ in transact.attempts():
        ticket = plan.ticket(number, person)
        event, *others = plan.events(ticket, person)
        others += additions.writes(plan.actor, plan.new, ticket, plan.linked, plan.ids)
        if plan.first:
            others += _entry_writes(plan, plan.entry(ticket, attachments), ticket, stage)
        try:
            operations.commit(
                event,
                [*_new_ticket(plan, ticket, person), *others],
                once=once,
                result=ticket,
                checks=entries.checks(mail, stage),
            )
        except Cancelled as cancelled:
            failed = cancelled.failed
            if plan.parent and ticket_key(plan.parent) in failed:
                raise NotFound("parent", plan.parent) from cancelled
            additions.check_failed(plan.linked, failed)
            if not failed.get(holder) and number_key(number) not in failed:
                raise ChangedUnderYou from cancelled
            if item := failed.get(holder):
                # A concurrent ticket of the same requester has created the person.
                person = person_items.as_person(item)
            if number_key(number) in failed:
                number = plan.allocate_number(taken=True)
        else:
            return ticket
    raise ChangedUnderYou


def _entry_writes(
    plan: _TicketPlan, entry: Entry, ticket: Ticket, stage: StagedObjects
) -> list[Write]:
    """The writes of the first entry, and of the time booked with it."""
    booked: list[Write] = []
    if entry.time_unit:
        accounting = accountings.of_entry(plan.actor, entry, plan.ids["accounting"])
        booked = accountings.book_writes(plan.actor, accounting)
    mailed = entries.mail_writes(plan.new.mail, ticket.id, ticket.number, entry.id)
    return [*booked, *entries.writes(entry, stage), *mailed]


def _new_ticket(plan: _TicketPlan, ticket: Ticket, person: Person | None) -> list[Write]:
    writes = [
        transact.put_new(number_key(ticket.number), {"ticket": ticket.id}),
        transact.put_new(ticket_key(ticket.id), ticket_items.as_item(ticket, plan.state)),
    ]
    if person is None:
        writes += person_items.new_person(ticket.person, plan.forms.requester, plan.at)
    if ticket.parent:
        writes += _under(plan.actor, ticket.parent, ticket.id, plan.at)
    return writes


def _under(actor: Actor, parent: int, child: int, at: datetime) -> list[Write]:
    # The parent must still exist and be visible to the actor when the child is written.
    seen, values = seen_by(actor)
    condition = " AND ".join(["attribute_exists(pk)", *seen])
    return [
        transact.check(ticket_key(parent), condition, values),
        transact.put_new(child_key(parent, child), {"child": child}),
        *link_events("linked", actor, parent, child, at),
    ]
