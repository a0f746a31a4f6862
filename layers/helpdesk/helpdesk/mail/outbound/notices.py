"""Which mails an event causes, and to whom (docs/osticket.md 4.5).

Requesters and collaborators get what agents and others write, and confirmations; these are
automatic mail and never answer automatic mail. Staff get alerts. Nobody gets a mail about their own
actions, and the desk never writes to itself.
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
    """The recipient of a mail; `id` is a person's or an agent's, 0 for an address of neither."""

    id: int
    name: str
    address: str
    role: Role

    @property
    def digest(self) -> str:
        """The digest of the address, for keys."""
        return address_digest(self.address)


@dataclass(frozen=True, slots=True)
class Notification:
    """One mail caused by an event: its template, its recipient, whether with the entry's files.
    `values` are template values specific to this mail.
    """

    template: str
    to: Recipient
    headers: Mapping[str, str] = field(default_factory=dict)
    files: bool = False
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of a mail, unique within its event. A digest, since it goes to SES as a tag,
        whose characters are limited, and since keys hold no addresses.
        """
        identity = f"{self.template} {folded(self.to.address)}"
        return sha256(identity.encode()).hexdigest()[:32]

    @property
    def confirms(self) -> bool:
        """Whether the mail confirms a message of its recipient."""
        return self.headers is CONFIRMATION_HEADERS


@dataclass(frozen=True, slots=True)
class NotificationContext:
    """The data that the mails of one event are made from.

    `entry` is the entry that the event added; `thread` holds the first entry of the ticket and the
    latest ones, oldest first. `writer` is the person who caused the event, None if that was an
    agent or is not known; `collaborators` are the active participants other than the requester.
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
        """Whether the event was caused by a mail."""
        return self.entry is not None and bool(self.entry.message_id)

    @property
    def department(self) -> Department | None:
        """The ticket's department."""
        return self.known.departments.get(self.ticket.department)

    @property
    def shown(self) -> Entry | None:
        """The entry shown in the mails: the event's own, else the latest message."""
        messages = [entry for entry in self.thread if entry.kind == "message"]
        return self.entry or (messages[-1] if messages else None)


def causes_mail(event: Event) -> bool:
    """Whether events of this kind cause mail."""
    return event.kind in _RULES


def messages(context: NotificationContext) -> list[Notification]:
    """The mails of an event: for each recipient at most one per template. If its entry is internal
    by now, or gone, only staff get mail.
    """
    rule = _RULES.get(context.event.kind)
    found = {
        notification.name: notification
        for notification in (rule(context) if rule else ())
        if notification.to.address and not mail_ids.is_ours(notification.to.address)
        if notification.to.role == "S" or not _is_hidden(context)
    }
    return list(found.values())


def _is_hidden(context: NotificationContext) -> bool:
    if context.entry is None:
        return context.event.kind in {"message", "response"}
    return context.entry.internal


# --- requesters and collaborators
# --------------------------------------------------------------------------


def _requester(context: NotificationContext) -> Iterator[Recipient]:
    ticket = context.ticket
    if ticket.person != NOBODY and ticket.person_email:
        yield Recipient(ticket.person, ticket.person_name, ticket.person_email, "U")


def _participants(context: NotificationContext) -> Iterator[Recipient]:
    """All participants except the writer."""
    wrote = context.writer.id if context.writer else None
    for to in (*_requester(context), *map(_person, context.collaborators)):
        if to.id != wrote and folded(to.address) not in _addresses(context):
            yield to


def _person(person: Person) -> Recipient:
    return Recipient(person.id, person.name, person.email, "U")


def _writer(context: NotificationContext) -> Iterator[Recipient]:
    if context.writer and context.writer.id != NOBODY and context.writer.email:
        yield _person(context.writer)


def _addresses(context: NotificationContext) -> set[str]:
    """The addresses of those who caused the event."""
    found = {folded(context.writer.email)} if context.writer else set()
    agents = (context.known.agents.get(number) for number in _agents_behind(context))
    return found | {folded(agent.email) for agent in agents if agent}


def _agents_behind(context: NotificationContext) -> set[int]:
    event, entry = context.event, context.entry
    by = (event.agent, event.data.get("by"), entry.agent if entry else None)
    return {number for number in by if number is not None}


# --- staff ----------------------------------------------------------------------------------


def _alerts(
    template: str, context: NotificationContext, agents: Iterable[Agent | None]
) -> Iterator[Notification]:
    for agent in agents:
        if agent and agent.active and agent.email and not _caused(agent, context):
            to = Recipient(agent.id, agent.name, agent.email, "S")
            yield Notification(template, to, ALERT_HEADERS)


def _admin_alerts(template: str, context: NotificationContext) -> Iterator[Notification]:
    admin = os.environ["ADMIN_EMAIL"]
    if admin and folded(admin) not in _addresses(context):
        to = Recipient(0, context.known.settings.helpdesk_title, admin, "S")
        yield Notification(template, to, ALERT_HEADERS)


def _caused(agent: Agent, context: NotificationContext) -> bool:
    return agent.id in _agents_behind(context) or folded(agent.email) in _addresses(context)


def _assignees(context: NotificationContext) -> Iterator[Agent | None]:
    """The ticket's assignees: an agent, or else the members of a team."""
    ticket, known = context.ticket, context.known
    if ticket.agent is not None:
        yield known.agents.get(ticket.agent)
    elif (team := known.teams.get(ticket.team or 0)) and team.active:
        yield from map(known.agents.get, team.members)


def _last_respondent(context: NotificationContext) -> Agent | None:
    return context.known.agents.get(context.ticket.respondent or 0)


def _manager(context: NotificationContext) -> Agent | None:
    department = context.department
    return context.known.agents.get(department.manager or 0) if department else None


def _members(context: NotificationContext) -> Iterator[Agent]:
    department = context.ticket.department
    for agent in context.known.agents.values():
        if department == agent.department or department in agent.departments:
            yield agent


def _workers(context: NotificationContext) -> Iterator[Agent]:
    """The department's members, and agents without departments, who work in all."""
    yield from _members(context)
    for agent in context.known.agents.values():
        if agent.department is None and not agent.departments:
            yield agent


def _is_assigned(context: NotificationContext) -> bool:
    return any(_assignees(context))


# --- the rules, by kind of event ------------------------------------------------------------


def _created(context: NotificationContext) -> Iterator[Notification]:
    """A confirmation only if the request, the desk, the topic and the department all allow one
    (docs/osticket.md, row 10). A requester for whom an agent opened the ticket gets a notice
    instead.
    """
    event, ticket, settings = context.event, context.ticket, context.known.settings
    if event.data.get("autorespond"):
        topic, department = context.known.topics.get(ticket.topic or 0), context.department
        by_agent = event.agent is not None and not context.mailed
        if by_agent and settings.ticket_notice_active:
            for to in _participants(context):
                yield Notification("ticket.notice", to, files=True)
        for to in () if by_agent else _requester(context):
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
            yield from _new_ticket_alerts(context)
        yield from _assignment_alerts(context, *_assignees(context))


def _new_ticket_alerts(context: NotificationContext) -> Iterator[Notification]:
    settings, department = context.known.settings, context.department
    if settings.ticket_alert_admin:
        yield from _admin_alerts("ticket.alert", context)
    if settings.ticket_alert_dept_manager:
        yield from _alerts("ticket.alert", context, [_manager(context)])
    wanted = settings.ticket_alert_dept_members or (department and department.alert_members)
    if wanted and not _is_assigned(context):
        yield from _alerts("ticket.alert", context, _members(context))


def _message(context: NotificationContext) -> Iterator[Notification]:
    """A confirmation only if requested; no notice if the others got the mail itself."""
    event, settings, department = context.event, context.known.settings, context.department
    confirmed = department is None or department.autorespond
    if event.data.get("autorespond") and settings.message_autoresponder and confirmed:
        for to in _writer(context):
            yield Notification("message.autoresp", to, CONFIRMATION_HEADERS)
    quiet = context.mailed or event.data.get("mail_to") is not None
    if settings.message_autoresponder_collabs and not quiet:
        for to in _participants(context):
            yield Notification("ticket.activity.notice", to, files=True)
    if event.data.get("alert") and settings.message_alert_active:
        yield from _alerts(
            "message.alert",
            context,
            _following(
                context,
                last=settings.message_alert_laststaff,
                assigned=settings.message_alert_assigned,
                manager=settings.message_alert_dept_manager,
            ),
        )


def _response(context: NotificationContext) -> Iterator[Notification]:
    """To all participants, or to the addresses that the response names."""
    chosen = context.event.data.get("mail_to")
    for to in _participants(context) if chosen is None else _chosen(context, chosen):
        yield Notification("ticket.reply", to, files=True)
    yield from _note(context)


def _chosen(context: NotificationContext, addresses: Iterable[str]) -> Iterator[Recipient]:
    known = {folded(to.address): to for to in _participants(context)}
    for address in addresses:
        # For an unknown address, the author of an answer is determined by its sender.
        yield known.get(folded(address)) or Recipient(0, "", address, "U")


def _note(context: NotificationContext) -> Iterator[Notification]:
    settings = context.known.settings
    if context.event.data.get("alert") and settings.note_alert_active:
        yield from _alerts(
            "note.alert",
            context,
            _following(
                context,
                last=settings.note_alert_laststaff,
                assigned=settings.note_alert_assigned,
                manager=settings.note_alert_dept_manager,
            ),
        )


def _following(
    context: NotificationContext, *, last: bool, assigned: bool, manager: bool
) -> Iterator[Agent | None]:
    """The last respondent, the assignees, and the manager, depending on the settings."""
    if last:
        yield _last_respondent(context)
    if assigned:
        yield from _assignees(context)
    if manager:
        yield _manager(context)


def _assigned(context: NotificationContext) -> Iterator[Notification]:
    agent = context.known.agents.get(context.event.data.get("agent") or 0)
    yield from _assignment_alerts(context, agent)


def _assignment_alerts(
    context: NotificationContext, *agents: Agent | None
) -> Iterator[Notification]:
    settings, ticket = context.known.settings, context.ticket
    if not settings.assigned_alert_active:
        return
    to: list[Agent | None] = []
    if ticket.agent is not None or context.event.kind == "assigned":
        to += agents if settings.assigned_alert_staff else ()
    elif team := context.known.teams.get(ticket.team or 0):
        if settings.assigned_alert_team_members:
            to += agents
        elif settings.assigned_alert_team_lead:
            to.append(context.known.agents.get(team.lead or 0))
    yield from _alerts("assigned.alert", context, to)


def _transferred(context: NotificationContext) -> Iterator[Notification]:
    settings = context.known.settings
    if settings.transfer_alert_active:
        yield from _alerts(
            "transfer.alert",
            context,
            _concerned(
                context,
                assigned=settings.transfer_alert_assigned,
                members=settings.transfer_alert_dept_members,
                manager=settings.transfer_alert_dept_manager,
            ),
        )


def _overdue(context: NotificationContext) -> Iterator[Notification]:
    """No alert if the SLA switches alerts off."""
    settings = context.known.settings
    sla = context.known.slas.get(context.ticket.sla or 0)
    if settings.overdue_alert_active and (sla is None or sla.overdue_alerts):
        yield from _alerts(
            "ticket.overdue",
            context,
            _concerned(
                context,
                assigned=settings.overdue_alert_assigned,
                members=settings.overdue_alert_dept_members,
                manager=settings.overdue_alert_dept_manager,
            ),
        )


def _too_many_open(context: NotificationContext) -> Iterator[Notification]:
    """Always to the admin, who would not learn of refused requests otherwise."""
    yield from _admin_alerts("ticket.overlimit.alert", context)


def _reminded(context: NotificationContext) -> Iterator[Notification]:
    """To the assignee of the pending ticket, or to all who work in its group if it has none."""
    if context.known.settings.reminder_alert_active:
        to = _assignees(context) if _is_assigned(context) else _workers(context)
        yield from _alerts("ticket.reminder", context, to)


def _concerned(
    context: NotificationContext, *, assigned: bool, members: bool, manager: bool
) -> Iterator[Agent | None]:
    """The assignees, or the department's members if there are none; and the manager."""
    if _is_assigned(context):
        if assigned:
            yield from _assignees(context)
    elif members:
        yield from _members(context)
    if manager:
        yield _manager(context)


_RULES: Mapping[str, Callable[[NotificationContext], Iterator[Notification]]] = {
    "created": _created,
    "message": _message,
    "response": _response,
    "note": _note,
    "assigned": _assigned,
    "transferred": _transferred,
    "overdue": _overdue,
    "too_many_open": _too_many_open,
    "reminded": _reminded,
}
"""The rules by kind of event; other events cause no mail."""
