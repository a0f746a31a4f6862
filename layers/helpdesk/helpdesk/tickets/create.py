"""Opens a ticket with its first message: one transaction, whole or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_hex

from helpdesk import idempotency, text
from helpdesk.catalogue import cache, fields
from helpdesk.catalogue.fields import Forms
from helpdesk.catalogue.numbers import new_number, plausible
from helpdesk.catalogue.rows import Catalogue, as_id
from helpdesk.clock import now
from helpdesk.errors import (
    Banned,
    ChangedUnderYou,
    Invalid,
    NotAllowed,
    NotFound,
    TooManyOpen,
    Unavailable,
)
from helpdesk.events.history import facets_of, link_events, ticket_event
from helpdesk.files import uploads
from helpdesk.files.staging import StagedObjects, stage_objects
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import NOBODY, Actor
from helpdesk.model.catalogue import Department, Topic
from helpdesk.model.entries import Entry
from helpdesk.model.files import Attachment
from helpdesk.model.people import Person
from helpdesk.model.tickets import NewTicket, Ticket
from helpdesk.scope import seen_by
from helpdesk.storage import aws, person_items, sequences, table, ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    CATALOGUE_VERSION,
    Key,
    child_key,
    number_key,
    padded,
    person_key,
    ticket_key,
)
from helpdesk.storage.transact import Cancelled, Write
from helpdesk.tickets import entries
from helpdesk.tickets.entries import NormalizedEntry
from helpdesk.tickets.working_hours import add_hours


def open_ticket(actor: Actor, new: NewTicket, once: IdempotencyRecord | None = None) -> Ticket:
    """Opens a ticket with its first message.

    Two trips: all that must be known, the ids and the files at the same time; then one transaction
    with the ticket, its number, its message, a new person, the answer to record and the event that
    sends mail and feeds the lists. Rules: docs/osticket.md, rows 6-10, 20-27, H, J; routing as in
    docs/osticket.md 1.9.

    Errors: NotFound and Inactive (department, topic, priority, parent), Invalid with all problems,
    Banned, TooManyOpen, NotAllowed (a customer's key for somebody else), TooLarge,
    AlreadyAnswered, KeyReused, Duplicate, ChangedUnderYou, Throttled, Unavailable.
    """
    at = now()
    said = entries.normalize(new.body, new.files, new.mail)
    with (
        idempotency.replay_guard(once),
        stage_objects(said.files, [said.at_rest], at) as stage,
    ):
        found, ids = _first_trip(actor, new, once, stage)
        idempotency.check(once, found)
        entries.check_mail(new.mail, found)
        known = cache.current(found)
        routed = _route(actor, new, known)
        parent = _parent(new, found)
        if new.mail is None:
            entries.enforce_limits(actor, said, stage, found, known.settings)
        person = _known_person(actor, new, found)
        forms = fields.read_forms(new, known.fields.values(), known.settings, routed.topic, person)
        if new.mail:
            forms = _as_mailed(forms, new)
        last = _admit(forms, person, known)
        plan = _Plan(actor, new, forms, routed, known, at, ids, parent, said, last)
        return _write(plan, person, stage, once)


def _first_trip(
    actor: Actor, new: NewTicket, once: IdempotencyRecord | None, stage: StagedObjects
) -> tuple[dict[Key, Item], dict[str, int]]:
    keys = [
        CATALOGUE_VERSION,
        *idempotency.first_keys(once),
        *entries.mail_keys(new.mail),
        *uploads.keys(stage.files),
    ]
    if new.requester.email and (new.mail or fields.is_address(new.requester.email)):
        keys.append(person_items.holder_key(new.requester.email))
    if actor.customer is not None:
        keys.append(person_key(actor.customer))
    keys += _parent_keys(new)
    found: dict[Key, Item] = {}
    ids: dict[str, int] = {}
    aws.together(
        lambda: found.update(table.fetch(keys)),
        lambda: ids.update(
            sequences.allocate_ids(ticket=1, entry=1, person=1, file=len(stage.files))
        ),
        *cache.if_cold(),
        *stage.calls(),
    )
    return found, ids


# --- where a new ticket goes ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Routed:
    department: Department
    topic: Topic | None
    priority: int
    status: int
    sla: int | None
    agent: int | None
    team: int | None


def _route(actor: Actor, new: NewTicket, known: Catalogue) -> _Routed:
    settings = known.settings
    asked = find_department(actor, new.department, known) if new.department is not None else None
    topic = _topic(new, known)
    department = asked or _default_department(actor, topic, known)
    sla = (topic and topic.sla) or department.sla or settings.default_sla_id
    priority = _priority(new, known) or (topic and topic.priority)
    agent = known.agents.get(topic.agent) if topic and topic.agent else None
    return _Routed(
        department=department,
        topic=topic,
        priority=priority or settings.default_priority_id,
        status=(topic and topic.status) or settings.default_ticket_status_id,
        sla=sla if sla in known.slas and known.slas[sla].active else None,
        agent=agent.id if agent and agent.active else None,
        team=topic.team if topic else None,
    )


def find_department(actor: Actor, ref: int | str, known: Catalogue) -> Department:
    """The department that a reference names, if tickets can go there and the actor sees it.

    Errors: NotFound, Inactive.
    """
    department = known.find_department(ref)
    if actor.departments and department.id not in actor.departments:
        raise NotFound("department", ref)
    return department


def _default_department(actor: Actor, topic: Topic | None, known: Catalogue) -> Department:
    chosen = (topic and topic.department) or known.settings.default_dept_id
    if actor.departments and chosen not in actor.departments:
        # A key sees nothing outside its departments, so what it opens stays inside them.
        chosen = min(actor.departments)
    return known.departments[chosen]


def _topic(new: NewTicket, known: Catalogue) -> Topic | None:
    default = known.topics.get(known.settings.default_help_topic)
    if new.topic is None or (as_id(new.topic) is not None and as_id(new.topic) not in known.topics):
        return default
    return known.find_topic(new.topic)


def _priority(new: NewTicket, known: Catalogue) -> int | None:
    if new.priority is None:
        return None
    if (number := as_id(new.priority)) is not None and number not in known.priorities:
        return None
    return known.find_priority(new.priority).id


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
            return int(item["ticket"] if "ticket" in item else item["id"])
    raise NotFound("parent", new.parent[0])


# --- who may open it ------------------------------------------------------------------------


def _known_person(actor: Actor, new: NewTicket, found: Mapping[Key, Item]) -> Person | None:
    if new.mail and not new.requester.email:
        return Person(id=NOBODY, name=new.requester.name, email="")
    item = found.get(person_items.holder_key(new.requester.email))
    person = person_items.as_person(item) if item else None
    if actor.customer is not None and (person is None or person.id != actor.customer):
        raise NotAllowed("can_act_for_others")
    return person


def _as_mailed(forms: Forms, new: NewTicket) -> Forms:
    """A mail's forms. Whoever mails was shown no form, so nothing that a form asks for keeps a mail
    out, and what it says stays as it is.
    """
    told = {fields.SUSPICIOUS: new.mail.suspicious} if new.mail and new.mail.suspicious else {}
    return replace(
        forms,
        requester=new.requester,
        subject=text.one_line(new.subject)[: fields.LONGEST_LINE],
        fields={**forms.fields, **told},
        due=None,
        early=False,
        problems=(),
    )


def _admit(forms: Forms, person: Person | None, known: Catalogue) -> bool:
    """Whether this ticket is the last that the requester may have open for now."""
    # The order is osTicket's (docs/osticket.md 1.3, 7a to 7g): a wrong date hides a ban, a ban
    # hides the rest of the form.
    settings, last = known.settings, False
    if not forms.early:
        address = person_items.folded(forms.requester.email)
        if address in settings.ban_list:
            raise Banned(address)
        if limit := settings.max_open_tickets:
            count = _open_tickets(person, known) if person else 0
            if count >= limit:
                raise TooManyOpen
            last = count + 1 == limit
    if forms.problems:
        raise Invalid(*forms.problems)
    return last


def _open_tickets(person: Person, known: Catalogue) -> int:
    """How many open tickets somebody has, counted up to the limit."""
    if person.id == NOBODY:
        return 0
    limit = known.settings.max_open_tickets
    open_ones = {row.id for row in known.statuses.values() if row.state == "open"}
    count = 0
    for item in table.query(padded(person.id), index="g06"):
        count += int(item["p1"].split("#")[0]) in open_ones
        if count >= limit:
            break
    return count


# --- the transaction ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that is settled before the transaction, whoever the requester turns out to be."""

    actor: Actor
    new: NewTicket
    forms: Forms
    routed: _Routed
    known: Catalogue
    at: datetime
    ids: Mapping[str, int]
    parent: int | None
    said: NormalizedEntry
    last: bool

    def ticket(self, person: Person | None) -> Ticket:
        routed, at = self.routed, self.at
        requester = self.forms.requester
        state = self.known.statuses[routed.status].state
        closed = at if state == "closed" else None
        return Ticket(
            id=self.ids["ticket"],
            number=self._number(),
            subject=self.forms.subject,
            status=routed.status,
            department=routed.department.id,
            priority=routed.priority,
            person=person.id if person else self.ids["person"],
            person_name=person.name if person else requester.name,
            person_email=person.email if person else person_items.folded(requester.email),
            organization=person.organization if person else None,
            source=self.new.source,
            created=at,
            updated=at,
            topic=routed.topic.id if routed.topic else None,
            sla=routed.sla,
            agent=routed.agent,
            team=routed.team,
            ip=self.new.ip,
            due=self.forms.due,
            estimated_due=self._promise(),
            closed=closed,
            first_closed=closed,
            last_closed=closed,
            parent=self.parent,
            fields=self.forms.fields,
            entries=(self.ids["entry"],),
        )

    def _number(self) -> str:
        settings, topic = self.known.settings, self.routed.topic
        pattern = (topic and topic.number_format) or settings.ticket_number_format
        return new_number(pattern, self.ids["ticket"], settings.ticket_sequence)

    def _promise(self) -> datetime | None:
        if self.routed.sla is None:
            return None
        sla = self.known.slas[self.routed.sla]
        schedules = self.known.schedules
        chosen = (
            self.routed.department.schedule
            or sla.schedule
            or self.known.settings.default_schedule_id
        )
        return add_hours(self.at, sla.hours, schedules.get(chosen))


def _write(
    plan: _Plan, person: Person | None, stage: StagedObjects, once: IdempotencyRecord | None
) -> Ticket:
    operation = token_hex(8)
    attachments = stage.attachments(plan.ids.get("file", 0))
    entries.name_files(_first_message(plan, plan.ticket(person), attachments))
    while True:
        ticket = plan.ticket(person)
        number = number_key(ticket.number)
        entry = _first_message(plan, ticket, attachments)
        writes = [
            transact.put_new(number, {"ticket": ticket.id, "operation": operation}),
            *_new_ticket(plan, ticket, person, operation),
            *entries.writes(entry, stage),
            *entries.mail_writes(plan.new.mail, ticket.id, ticket.number, entry.id),
            *([once.write(ticket, plan.at)] if once else []),
        ]
        try:
            transact.commit_retried(writes)
        except Unavailable:
            # The answer was lost: whether the ticket is there, its number knows.
            if _is_ours(table.get(number), operation):
                return ticket
            raise
        except Cancelled as cancelled:
            failed = cancelled.failed
            if _is_ours(failed.get(number), operation):
                return ticket
            idempotency.check(once, failed)
            entries.check_mail(plan.new.mail, failed)
            uploads.check_used(stage.files, failed)
            if plan.parent and ticket_key(plan.parent) in failed:
                raise NotFound("parent", plan.new.parent[0]) from cancelled
            address = person_items.holder_key(plan.forms.requester.email)
            if holder := failed.get(address):
                # Somebody else's first ticket made the person a moment ago.
                person = person_items.as_person(holder)
            elif number not in failed:
                raise ChangedUnderYou from cancelled
        else:
            return ticket


def _is_ours(item: Item | None, operation: str) -> bool:
    return item is not None and item.get("operation") == operation


def _new_ticket(plan: _Plan, ticket: Ticket, person: Person | None, operation: str) -> list[Write]:
    state = plan.known.statuses[ticket.status].state
    writes = [
        transact.put_new(ticket_key(ticket.id), ticket_items.as_item(ticket, state, operation)),
        ticket_event(
            "created",
            plan.actor,
            ticket.id,
            plan.at,
            person=ticket.person,
            after=facets_of(ticket, state),
            data={
                "entry": ticket.entries[0],
                "alert": plan.new.alert,
                "autorespond": plan.new.autorespond,
                "new_person": person is None,
                **({"reaches_limit": True} if plan.last else {}),
                **entries.mail_data(plan.new.mail),
            },
        ),
    ]
    if person is None:
        writes += person_items.new_person(ticket.person, plan.forms.requester, plan.at)
    if ticket.parent:
        writes += _under(plan.actor, ticket.parent, ticket.id, plan.at)
    return writes


def _first_message(plan: _Plan, ticket: Ticket, attachments: tuple[Attachment, ...]) -> Entry:
    mail = plan.new.mail
    return Entry(
        id=ticket.entries[0],
        ticket=ticket.id,
        kind="message",
        body=plan.said.body,
        poster=ticket.person_name or ticket.person_email,
        created=plan.at,
        title=ticket.subject,
        person=ticket.person,
        source=ticket.source,
        message_id=mail.message_id.strip("<>") if mail else "",
        attachments=attachments,
        quoted=plan.said.quoted,
        raw=mail.raw if mail else "",
    )


def _under(actor: Actor, parent: int, child: int, at: datetime) -> list[Write]:
    # The parent must still be there, and be one that the actor sees, when the child is written.
    seen, values = seen_by(actor)
    condition = " AND ".join(["attribute_exists(pk)", *seen])
    return [
        transact.check(ticket_key(parent), condition, values),
        transact.put_new(child_key(parent, child), {"child": child}),
        *link_events("linked", actor, parent, child, at),
    ]
