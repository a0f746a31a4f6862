"""What the desk does with tickets: each operation one transaction, whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_hex

from helpdesk import catalogue, entries, fields, idempotency, text, uploads
from helpdesk.catalogue import Catalogue, as_id
from helpdesk.clock import now
from helpdesk.entries import Said
from helpdesk.errors import (
    Banned,
    ChangedUnderYou,
    Invalid,
    NotAllowed,
    NotFound,
    TooManyOpen,
    Unavailable,
)
from helpdesk.events import link_events, standing, ticket_event
from helpdesk.fields import Forms
from helpdesk.files import Staged, staged
from helpdesk.idempotency import Once
from helpdesk.model import (
    NOBODY,
    Actor,
    Attachment,
    Department,
    Entry,
    NewTicket,
    Person,
    Thread,
    Ticket,
    Topic,
)
from helpdesk.numbers import FEWEST_DIGITS, new_number, plausible
from helpdesk.storage import aws, people, table
from helpdesk.storage import tickets as stored
from helpdesk.storage.table import Cancelled, Item, Key, Write
from helpdesk.working_hours import add_hours

# --- who sees what --------------------------------------------------------------------------


def visible(actor: Actor, ticket: Ticket) -> bool:
    """Whether a ticket exists for this actor at all (design, section 6; [m3])."""
    if actor.customer is not None and ticket.person != actor.customer:
        return False
    return not actor.departments or ticket.department in actor.departments


def seen_by(actor: Actor) -> tuple[list[str], dict[str, int]]:
    """`visible` as conditions of a transaction, and their values."""
    conditions, values = [], {}
    if actor.customer is not None:
        conditions.append("person = :customer")
        values[":customer"] = actor.customer
    if actor.departments:
        values |= {f":d{number}": number for number in actor.departments}
        conditions.append(f"department IN ({', '.join(f':d{n}' for n in actor.departments)})")
    return conditions, values


def as_seen_by(actor: Actor, thread: Thread, known: Catalogue) -> Thread:
    """A thread without what a customer must not see: notes, and fields meant for agents."""
    if actor.customer is None:
        return thread
    ticket = thread.ticket
    forms = [*known.fields.values(), *(row for t in known.topics.values() for row in t.fields)]
    shown = fields.for_customer(ticket.fields, forms)
    entries = tuple(entry for entry in thread.entries if entry.kind != "note")
    return Thread(replace(ticket, fields=shown), thread.children, entries)


# --- find -----------------------------------------------------------------------------------


def reference_keys(ref: int | str, what: str = "ticket") -> list[Key]:
    """What a first trip asks for to learn which ticket a reference means.

    An `int` is an id. Text is a number, and an id only where it is too short for a number (osTicket
    contract, row E). Errors: NotFound, with the word for what it is, for what no ticket can be
    called.
    """
    if isinstance(ref, int):
        return [table.ticket_key(ref)]
    if not plausible(ref):
        raise NotFound(what, ref)
    number = as_id(ref) if len(ref) < FEWEST_DIGITS else None
    # So short a text is an id in every desk, and its ticket is worth a look at once.
    return [table.number_key(ref), *([table.ticket_key(number)] if number else [])]


def meant(ref: int | str, found: Mapping[Key, Item], known: Catalogue) -> int | None:
    """The id of the ticket that a reference means, by what a first trip has found."""
    if isinstance(ref, int):
        return ref
    number = stored.number_holder(found, ref)
    if number is None and len(ref) < known.shortest_number():
        number = as_id(ref)
    return number or None


def find_items(
    actor: Actor, wanted: Mapping[str, int | str], found: Mapping[Key, Item], known: Catalogue
) -> list[Item]:
    """The items of the tickets that are meant, by what each is to the operation: `ticket`,
    `parent`, `child`. One trip for those that the first has not found.

    Errors: NotFound with that word, for the first of them that is not there or not to be seen.
    """
    ids = {what: meant(ref, found, known) for what, ref in wanted.items()}
    keys = [table.ticket_key(number) for number in ids.values() if number is not None]
    there = dict(found) | table.fetch([key for key in keys if key not in found])
    items = []
    for what, number in ids.items():
        item = there.get(table.ticket_key(number)) if number is not None else None
        if item is None or not visible(actor, stored.as_ticket(item)):
            raise NotFound(what, wanted[what])
        items.append(item)
    return items


def find_thread(actor: Actor, ref: str) -> Thread:
    """A ticket with its thread, by number, or by id where the reference is too short for a number.

    Two trips: what the number names, then the ticket's partition; one more for an actor who does
    not see every department, where there are children. Strongly consistent. Errors: NotFound, also
    for what the actor may not see.
    """
    found: dict[Key, Item] = {}
    keys = reference_keys(ref)
    aws.together(
        lambda: found.update(table.fetch([*keys, table.CATALOGUE_VERSION])),
        *catalogue.if_cold(),
    )
    known = catalogue.current(found)
    ticket = meant(ref, found, known)
    thread = stored.read_thread(ticket) if ticket else None
    if thread is None or not visible(actor, thread.ticket):
        raise NotFound("ticket", ref)
    if actor.bound and thread.children:
        shown = tuple(child.id for child in read_visible(actor, thread.children))
        thread = replace(thread, children=shown)
    return as_seen_by(actor, thread, known)


def read_visible(actor: Actor, ids: Sequence[int]) -> list[Ticket]:
    """Those of these tickets that are there and that the actor may see, by id; one trip."""
    found = table.fetch([table.ticket_key(number) for number in ids])
    tickets = (stored.as_ticket(item) for item in found.values())
    return sorted((t for t in tickets if visible(actor, t)), key=lambda ticket: ticket.id)


def find_addresses(actor: Actor, threads: Sequence[Thread]) -> Mapping[int, str]:
    """The addresses of all who have written to these threads, by their id: people and agents share
    one sequence. One trip where others than the tickets' own people have written; a customer is
    told of nobody else.
    """
    known = {thread.ticket.person: thread.ticket.person_email for thread in threads}
    if actor.customer is not None:
        return known
    entries = [entry for thread in threads for entry in thread.entries]
    others = {entry.person for entry in entries if entry.person} - known.keys() - {NOBODY}
    found = table.fetch([table.person_key(person) for person in sorted(others)])
    agents = catalogue.seen().agents.values()
    return (
        known
        | {item["id"]: people.as_person(item).email for item in found.values()}
        | {agent.id: agent.email for agent in agents}
    )


# --- open -----------------------------------------------------------------------------------


def open_ticket(actor: Actor, new: NewTicket, once: Once | None = None) -> Ticket:
    """Opens a ticket with its first message.

    Two trips: all that must be known, the ids and the files at the same time; then one transaction
    with the ticket, its number, its message, a new person, the answer to record and the event that
    sends mail and feeds the lists. Rules: osTicket contract rows 6-10, 20-27, H, J; routing as in
    osTicket measured, 1.9.

    Errors: NotFound and Inactive (department, topic, priority, parent), Invalid with all problems,
    Banned, TooManyOpen, NotAllowed (a customer's key for somebody else), TooLarge,
    AlreadyAnswered, KeyReused, Duplicate, ChangedUnderYou, Throttled, Unavailable.
    """
    at = now()
    said = entries.take_in(new.body, new.files, new.mail)
    with (
        idempotency.answered_alike(once),
        staged(said.files, [said.at_rest], at) as stage,
    ):
        found, ids = _first_trip(actor, new, once, stage)
        idempotency.check(once, found)
        entries.check_mail(new.mail, found)
        known = catalogue.current(found)
        routed = _route(actor, new, known)
        parent = _parent(new, found)
        if new.mail is None:
            entries.hold_to_limits(actor, said, stage, found, known.settings)
        person = _known_person(actor, new, found)
        forms = fields.read_forms(new, known.fields.values(), known.settings, routed.topic, person)
        if new.mail:
            forms = _as_mailed(forms, new)
        last = _admit(forms, person, known)
        plan = _Plan(actor, new, forms, routed, known, at, ids, parent, said, last)
        return _write(plan, person, stage, once)


def _first_trip(
    actor: Actor, new: NewTicket, once: Once | None, stage: Staged
) -> tuple[dict[Key, Item], dict[str, int]]:
    keys = [
        table.CATALOGUE_VERSION,
        *idempotency.first_keys(once),
        *entries.mail_keys(new.mail),
        *uploads.keys(stage.files),
    ]
    if new.requester.email and (new.mail or fields.is_address(new.requester.email)):
        keys.append(people.address_key(new.requester.email))
    if actor.customer is not None:
        keys.append(table.person_key(actor.customer))
    keys += _parent_keys(new)
    found: dict[Key, Item] = {}
    ids: dict[str, int] = {}
    aws.together(
        lambda: found.update(table.fetch(keys)),
        lambda: ids.update(table.draw_ids(ticket=1, entry=1, person=1, file=len(stage.files))),
        *catalogue.if_cold(),
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
        table.ticket_key(ref) if isinstance(ref, int) else table.number_key(ref)
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
    item = found.get(people.address_key(new.requester.email))
    person = people.as_person(item) if item else None
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
    # The order is osTicket's (measured 1.3, 7a to 7g): a wrong date hides a ban, a ban hides the
    # rest of the form.
    settings, last = known.settings, False
    if not forms.early:
        address = people.folded(forms.requester.email)
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
    for item in table.query(table.padded(person.id), index="g06"):
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
    said: Said
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
            person_email=person.email if person else people.folded(requester.email),
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


def _write(plan: _Plan, person: Person | None, stage: Staged, once: Once | None) -> Ticket:
    operation = token_hex(8)
    attachments = stage.attachments(plan.ids.get("file", 0))
    entries.name_files(_first_message(plan, plan.ticket(person), attachments))
    while True:
        ticket = plan.ticket(person)
        number = table.number_key(ticket.number)
        entry = _first_message(plan, ticket, attachments)
        writes = [
            table.put_new(number, {"ticket": ticket.id, "operation": operation}),
            *_new_ticket(plan, ticket, person, operation),
            *entries.writes(entry, stage),
            *entries.mail_writes(plan.new.mail, ticket.id, ticket.number, entry.id),
            *([once.write(ticket, plan.at)] if once else []),
        ]
        try:
            table.commit_retried(writes)
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
            if plan.parent and table.ticket_key(plan.parent) in failed:
                raise NotFound("parent", plan.new.parent[0]) from cancelled
            address = people.address_key(plan.forms.requester.email)
            if holder := failed.get(address):
                # Somebody else's first ticket made the person a moment ago.
                person = people.as_person(holder)
            elif number not in failed:
                raise ChangedUnderYou from cancelled
        else:
            return ticket


def _is_ours(item: Item | None, operation: str) -> bool:
    return item is not None and item.get("operation") == operation


def _new_ticket(plan: _Plan, ticket: Ticket, person: Person | None, operation: str) -> list[Write]:
    state = plan.known.statuses[ticket.status].state
    writes = [
        table.put_new(table.ticket_key(ticket.id), stored.as_item(ticket, state, operation)),
        ticket_event(
            "created",
            plan.actor,
            ticket.id,
            plan.at,
            person=ticket.person,
            after=standing(ticket, state),
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
        writes += people.new_person(ticket.person, plan.forms.requester, plan.at)
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
        table.check(table.ticket_key(parent), condition, values),
        table.put_new(table.child_key(parent, child), {"child": child}),
        *link_events("linked", actor, parent, child, at),
    ]
