"""Where a new ticket goes: department, topic, priority, status, SLA, agent and team.

Routing is osTicket's, as measured (docs/osticket.md 1.9).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from helpdesk.catalogue.rows import Catalogue, as_id, resolve
from helpdesk.errors import NotFound
from helpdesk.model.actor import Actor
from helpdesk.model.catalogue import Department, Priority, Topic
from helpdesk.model.tickets import NewTicket


@dataclass(frozen=True, slots=True)
class Route:
    """The values of a new ticket that come from the request, its topic, its department and the
    settings.
    """

    department: Department
    topic: Topic | None
    priority: int
    status: int
    sla: int | None
    agent: int | None
    team: int | None


def route_ticket(actor: Actor, new: NewTicket, known: Catalogue) -> Route:
    """Routes a new ticket.

    Raises:
        NotFound: No such department, topic, priority or agent for this actor.
        Inactive: The department, topic or agent is switched off.
    """
    settings = known.settings
    chosen = find_department(actor, new.department, known) if new.department is not None else None
    topic = _topic(new, known)
    department = chosen or _default_department(actor, topic, known)
    sla = (topic and topic.sla) or department.sla or settings.default_sla_id
    priority = _priority(new, known) or (topic and topic.priority)
    agent = known.agents.get(topic.agent) if topic and topic.agent else None
    if new.agent is not None:
        agent = known.find_agent(new.agent)
    return Route(
        department=department,
        topic=topic,
        priority=priority or settings.default_priority_id,
        status=_status(new, topic, known),
        sla=sla if sla in known.slas and known.slas[sla].active else None,
        agent=agent.id if agent and agent.active else None,
        team=topic.team if topic else None,
    )


def _status(new: NewTicket, topic: Topic | None, known: Catalogue) -> int:
    wanted = (new.status, topic and topic.status, known.settings.default_ticket_status_id)
    # The row that the topic or the settings name may be damaged.
    standing_in = sorted(row.id for row in known.statuses.values() if row.state == "open")
    for status in (*wanted, *standing_in):
        if status and status in known.statuses:
            return status
    raise NotFound("status", new.status)


def find_department(actor: Actor, ref: int | str, known: Catalogue) -> Department:
    """The department that a reference names, if tickets can go there and the actor sees it.

    Raises:
        NotFound: There is none, or the actor does not see it.
        Inactive: The department is switched off.
    """
    department = known.find_department(ref)
    if actor.departments and department.id not in actor.departments:
        raise NotFound("department", ref)
    return department


def _default_department(actor: Actor, topic: Topic | None, known: Catalogue) -> Department:
    chosen = (topic and topic.department) or known.settings.default_dept_id
    if actor.departments and chosen not in actor.departments:
        # A key sees nothing outside its departments, so its new tickets go to one of them.
        chosen = min(actor.departments)
    if chosen in known.departments:
        return known.departments[chosen]
    # The row is damaged: fall back to another one.
    for number, row in sorted(known.departments.items()):
        if row.active and (not actor.departments or number in actor.departments):
            return row
    raise NotFound("department", chosen)


def _topic(new: NewTicket, known: Catalogue) -> Topic | None:
    if new.topic is None or _stale(known.topics, new.topic):
        return known.topics.get(known.settings.default_help_topic)
    return known.find_topic(new.topic)


def _priority(new: NewTicket, known: Catalogue) -> int | None:
    if new.priority is None or _stale(known.priorities, new.priority):
        return None
    return known.find_priority(new.priority).id


S = TypeVar("S", Topic, Priority)


def _stale(rows: Mapping[int, S], ref: int | str) -> bool:
    """Whether a reference is an id of a row that no longer exists; no ticket may be lost for that
    (docs/osticket.md, row H).
    """
    return as_id(ref) is not None and resolve(rows, ref) is None
