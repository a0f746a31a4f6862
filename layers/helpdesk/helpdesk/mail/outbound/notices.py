"""Who hears of what: from an event to the mails that it causes (docs/osticket.md 4.5).

What is written to those who ask: confirmations, which a machine writes and which must never answer
a machine, and what agents and others have written. What is written to staff are alerts. Nobody
hears of what they did themselves, and the desk never writes to itself.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from helpdesk import mail_ids
from helpdesk.catalogue.rows import Catalogue
from helpdesk.events.history import Event
from helpdesk.mail_ids import Role
from helpdesk.model.actor import NOBODY
from helpdesk.model.catalogue import Agent, Department
from helpdesk.model.entries import Entry
from helpdesk.model.people import Person
from helpdesk.model.tickets import Ticket
from helpdesk.storage.person_items import address_digest, folded

CONFIRMATION_HEADERS = {
    "Precedence": "auto_reply",
    "X-Autoreply": "yes",
    "X-Auto-Response-Suppress": "DR, RN, OOF, AutoReply",
    "Auto-Submitted": "auto-replied",
}

ALERT_HEADERS = {
    "X-Auto-Response-Suppress": "OOF, AutoReply",
    "Auto-Submitted": "auto-generated",
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets a mail; `id` is a person's or an agent's, 0 for an address without one."""

    id: int
    name: str
    address: str
    role: Role

    @property
    def digest(self) -> str:
        """What stands for the address in keys."""
        return address_digest(self.address)


@dataclass(frozen=True, slots=True)
class Notification:
    """One mail that an event causes: which template, for whom; with the entry's files or not."""

    template: str
    to: Recipient
    headers: Mapping[str, str] = field(default_factory=dict)
    files: bool = False

    @property
    def name(self) -> str:
        """What tells a mail from the others of its event. Not the address itself: it goes to SES as
        a tag, which takes few letters, and addresses have no place in keys.
        """
        said = f"{self.template} {folded(self.to.address)}"
        return sha256(said.encode()).hexdigest()[:32]

    @property
    def confirms(self) -> bool:
        """Whether a machine answers with it to what its recipient has written."""
        return self.headers is CONFIRMATION_HEADERS


@dataclass(frozen=True, slots=True)
class NotificationContext:
    """All that the mails of one event tell of.

    `entry` is what the event is about; `thread` holds the first entry of the ticket and the latest
    ones, oldest first. `writer` is the person who did it, None where that was an agent or nobody
    known; `collaborators` are those who take part actively, beside the requester.
    """

    event: Event
    ticket: Ticket
    known: Catalogue
    entry: Entry | None = None
    thread: tuple[Entry, ...] = ()
    writer: Person | None = None
    collaborators: tuple[Person, ...] = ()

    @property
    def mailed(self) -> bool:
        """Whether a mail has caused the event."""
        return self.entry is not None and bool(self.entry.message_id)

    @property
    def department(self) -> Department | None:
        """The ticket's department."""
        return self.known.departments.get(self.ticket.department)

    @property
    def shown(self) -> Entry | None:
        """What its mails show: what was written, or else what was last asked."""
        messages = [entry for entry in self.thread if entry.kind == "message"]
        return self.entry or (messages[-1] if messages else None)


def causes_mail(event: Event) -> bool:
    """Whether an event of this kind is anything to write of."""
    return event.kind in _RULES


def messages(matter: NotificationContext) -> list[Notification]:
    """The mails that an event causes. Every recipient hears of it once per template."""
    rule = _RULES.get(matter.event.kind)
    found = {
        message.name: message
        for message in (rule(matter) if rule else ())
        if message.to.address and not mail_ids.is_ours(message.to.address)
    }
    return list(found.values())


# --- those who ask --------------------------------------------------------------------------


def _requester(matter: NotificationContext) -> Iterator[Recipient]:
    ticket = matter.ticket
    if ticket.person != NOBODY and ticket.person_email:
        yield Recipient(ticket.person, ticket.person_name, ticket.person_email, "U")


def _participants(matter: NotificationContext) -> Iterator[Recipient]:
    """Everybody who takes part, but not whoever wrote."""
    wrote = matter.writer.id if matter.writer else None
    for to in (*_requester(matter), *map(_person, matter.collaborators)):
        if to.id != wrote and folded(to.address) not in _addresses(matter):
            yield to


def _person(person: Person) -> Recipient:
    return Recipient(person.id, person.name, person.email, "U")


def _writer(matter: NotificationContext) -> Iterator[Recipient]:
    if matter.writer and matter.writer.id != NOBODY and matter.writer.email:
        yield _person(matter.writer)


def _addresses(matter: NotificationContext) -> set[str]:
    """The addresses of whoever did it."""
    found = {folded(matter.writer.email)} if matter.writer else set()
    agents = (matter.known.agents.get(number) for number in _agents_behind(matter))
    return found | {folded(agent.email) for agent in agents if agent}


def _agents_behind(matter: NotificationContext) -> set[int]:
    event, entry = matter.event, matter.entry
    by = (event.agent, event.data.get("by"), entry.agent if entry else None)
    return {number for number in by if number is not None}


# --- staff ----------------------------------------------------------------------------------


def _alerts(
    template: str, matter: NotificationContext, agents: Iterable[Agent | None]
) -> Iterator[Notification]:
    for agent in agents:
        if agent and agent.active and agent.email and not _did_it(agent, matter):
            to = Recipient(agent.id, agent.name, agent.email, "S")
            yield Notification(template, to, ALERT_HEADERS)


def _did_it(agent: Agent, matter: NotificationContext) -> bool:
    return agent.id in _agents_behind(matter) or folded(agent.email) in _addresses(matter)


def _assignees(matter: NotificationContext) -> Iterator[Agent | None]:
    """Who has the ticket: an agent, or else the members of a team."""
    ticket, known = matter.ticket, matter.known
    if ticket.agent is not None:
        yield known.agents.get(ticket.agent)
    elif (team := known.teams.get(ticket.team or 0)) and team.active:
        yield from map(known.agents.get, team.members)


def _last_respondent(matter: NotificationContext) -> Agent | None:
    return matter.known.agents.get(matter.ticket.respondent or 0)


def _manager(matter: NotificationContext) -> Agent | None:
    department = matter.department
    return matter.known.agents.get(department.manager or 0) if department else None


def _members(matter: NotificationContext) -> Iterator[Agent]:
    department = matter.ticket.department
    for agent in matter.known.agents.values():
        if department == agent.department or department in agent.departments:
            yield agent


def _is_assigned(matter: NotificationContext) -> bool:
    return any(_assignees(matter))


# --- what each kind of event causes ---------------------------------------------------------


def _created(matter: NotificationContext) -> Iterator[Notification]:
    """Only where the request, the desk, the topic and the department all allow a confirmation
    (docs/osticket.md, row 10). One for whom an agent opens a ticket gets a notice instead.
    """
    event, ticket, settings = matter.event, matter.ticket, matter.known.settings
    if event.data.get("autorespond"):
        topic, department = matter.known.topics.get(ticket.topic or 0), matter.department
        by_agent = event.agent is not None and not matter.mailed
        if by_agent and settings.ticket_notice_active:
            for to in _participants(matter):
                yield Notification("ticket.notice", to, files=True)
        for to in () if by_agent else _requester(matter):
            if (
                settings.ticket_autoresponder
                and (topic is None or topic.autorespond)
                and (department is None or department.autorespond)
            ):
                yield Notification("ticket.autoresp", to, CONFIRMATION_HEADERS)
            if settings.overlimit_notice_active and event.data.get("reaches_limit"):
                yield Notification("ticket.overlimit", to, CONFIRMATION_HEADERS)
    if event.data.get("alert"):
        if settings.ticket_alert_active:
            yield from _new_ticket_alerts(matter)
        yield from _assignment_alerts(matter, *_assignees(matter))


def _new_ticket_alerts(matter: NotificationContext) -> Iterator[Notification]:
    settings, department = matter.known.settings, matter.department
    admin = os.environ["ADMIN_EMAIL"]
    if settings.ticket_alert_admin and admin and folded(admin) not in _addresses(matter):
        to = Recipient(0, settings.helpdesk_title, admin, "S")
        yield Notification("ticket.alert", to, ALERT_HEADERS)
    if settings.ticket_alert_dept_manager:
        yield from _alerts("ticket.alert", matter, [_manager(matter)])
    wanted = settings.ticket_alert_dept_members or (department and department.alert_members)
    if wanted and not _is_assigned(matter):
        yield from _alerts("ticket.alert", matter, _members(matter))


def _message(matter: NotificationContext) -> Iterator[Notification]:
    """A confirmation only where it is asked for; who has had the mail itself gets no notice."""
    event, settings, department = matter.event, matter.known.settings, matter.department
    confirmed = department is None or department.autorespond
    if event.data.get("autorespond") and settings.message_autoresponder and confirmed:
        for to in _writer(matter):
            yield Notification("message.autoresp", to, CONFIRMATION_HEADERS)
    if settings.message_autoresponder_collabs and not matter.mailed:
        for to in _participants(matter):
            yield Notification("ticket.activity.notice", to, files=True)
    if event.data.get("alert") and settings.message_alert_active:
        yield from _alerts(
            "message.alert",
            matter,
            _following(
                matter,
                last=settings.message_alert_laststaff,
                assigned=settings.message_alert_assigned,
                manager=settings.message_alert_dept_manager,
            ),
        )


def _response(matter: NotificationContext) -> Iterator[Notification]:
    for to in _participants(matter):
        yield Notification("ticket.reply", to, files=True)
    yield from _note(matter)


def _note(matter: NotificationContext) -> Iterator[Notification]:
    settings = matter.known.settings
    if matter.event.data.get("alert") and settings.note_alert_active:
        yield from _alerts(
            "note.alert",
            matter,
            _following(
                matter,
                last=settings.note_alert_laststaff,
                assigned=settings.note_alert_assigned,
                manager=settings.note_alert_dept_manager,
            ),
        )


def _following(
    matter: NotificationContext, *, last: bool, assigned: bool, manager: bool
) -> Iterator[Agent | None]:
    """Whoever has answered last, has the ticket, or leads its department."""
    if last:
        yield _last_respondent(matter)
    if assigned:
        yield from _assignees(matter)
    if manager:
        yield _manager(matter)


def _assigned(matter: NotificationContext) -> Iterator[Notification]:
    agent = matter.known.agents.get(matter.event.data.get("agent") or 0)
    yield from _assignment_alerts(matter, agent)


def _assignment_alerts(
    matter: NotificationContext, *agents: Agent | None
) -> Iterator[Notification]:
    settings, ticket = matter.known.settings, matter.ticket
    if not settings.assigned_alert_active:
        return
    to: list[Agent | None] = []
    if ticket.agent is not None or matter.event.kind == "assigned":
        to += agents if settings.assigned_alert_staff else ()
    elif team := matter.known.teams.get(ticket.team or 0):
        if settings.assigned_alert_team_members:
            to += agents
        elif settings.assigned_alert_team_lead:
            to.append(matter.known.agents.get(team.lead or 0))
    yield from _alerts("assigned.alert", matter, to)


def _transferred(matter: NotificationContext) -> Iterator[Notification]:
    settings = matter.known.settings
    if settings.transfer_alert_active:
        yield from _alerts(
            "transfer.alert",
            matter,
            _concerned(
                matter,
                assigned=settings.transfer_alert_assigned,
                members=settings.transfer_alert_dept_members,
                manager=settings.transfer_alert_dept_manager,
            ),
        )


def _overdue(matter: NotificationContext) -> Iterator[Notification]:
    """An SLA may say that nobody is to be told."""
    settings = matter.known.settings
    sla = matter.known.slas.get(matter.ticket.sla or 0)
    if settings.overdue_alert_active and (sla is None or sla.overdue_alerts):
        yield from _alerts(
            "ticket.overdue",
            matter,
            _concerned(
                matter,
                assigned=settings.overdue_alert_assigned,
                members=settings.overdue_alert_dept_members,
                manager=settings.overdue_alert_dept_manager,
            ),
        )


def _concerned(
    matter: NotificationContext, *, assigned: bool, members: bool, manager: bool
) -> Iterator[Agent | None]:
    """Who has the ticket, or all of its department where nobody has; and the manager."""
    if _is_assigned(matter):
        if assigned:
            yield from _assignees(matter)
    elif members:
        yield from _members(matter)
    if manager:
        yield _manager(matter)


_RULES: Mapping[str, Callable[[NotificationContext], Iterator[Notification]]] = {
    "created": _created,
    "message": _message,
    "response": _response,
    "note": _note,
    "assigned": _assigned,
    "transferred": _transferred,
    "overdue": _overdue,
}
"""What causes mail. All else that happens is history."""
