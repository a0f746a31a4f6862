"""Which mail is sent to whom: one case per template, per switch and per rule of recipients.

Rules: docs/osticket.md, row 10; docs/osticket.md 4.5; the settings are osTicket's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from helpdesk.catalogue import cache
from helpdesk.clock import now
from helpdesk.errors import TooManyOpen
from helpdesk.events import history
from helpdesk.model.actor import NOBODY, SYSTEM, Actor
from helpdesk.model.entries import Body, FromMail, NewEntry
from helpdesk.model.people import NewPerson
from helpdesk.model.tickets import Change, NewTicket
from helpdesk.storage import person_items, sequences, table, transact
from helpdesk.storage.keys import Key, catalogue_key, ticket_key
from helpdesk.tickets import changes, create, participants, threads
from tests.desk import Desk, new_desk
from tests.world import ADMIN, html, later, plain

ANN, BOB, CID = "ann1@example.org", "bob@example.org", "cid@example.org"
"""Who asked, who takes part, and who was but named."""

JOE, MIA, LOU, MAX, OLE = (f"{name}@desk.example" for name in ("joe", "mia", "lou", "max", "ole"))
"""Who has the ticket, who manages its department, who answered last; a member; one of elsewhere."""

EVERYWHERE = "boss@desk.example"
"""The agent whom set-up makes, who names no department."""

AGENTS = {7: (JOE, 1), 8: (MIA, 2), 9: (LOU, 2), 10: (MAX, 1), 11: (OLE, 2)}

Told = set[tuple[str, str]]


@dataclass
class Office:
    """A desk with its staff, one ticket, and who takes part in it."""

    desk: Desk

    def notify(self, event: Key) -> Told:
        """Has the mails of an event sent; gives the templates and to whom they went."""
        assert self.desk.deliver("notify", event) == []
        found = list(table.query(f"MAIL#{event.sk[2:]}"))
        assert {mail["state"] for mail in found} <= {"done"}
        assert len(found) == len({(mail["template"], mail["to"]) for mail in found})
        for sent in self.desk.mails():
            assert "%{" not in sent["Subject"] + plain(sent) + html(sent)
        return {(mail["template"], mail["to"]) for mail in found}

    def add(self, kind: str, actor: Actor = SYSTEM, **values: Any) -> Told:
        """Adds an entry; gives the mails that this causes."""
        later(seconds=1)  # events are told apart by their time
        add = getattr(threads, f"add_{kind}")
        add(actor, 1, NewEntry(**{"body": Body("Look."), "poster": "Somebody", **values}))
        return self.notify(self.latest(kind))

    def latest(self, kind: str) -> Key:
        found = [item for item in table.query("T#0000000001", begins="V#") if item["kind"] == kind]
        return Key(found[-1]["pk"], found[-1]["sk"])

    def happens(self, kind: str, actor: Actor = SYSTEM, **data: Any) -> Told:
        """Lets something happen to the ticket, as the operation's own transaction tells it."""
        later(seconds=1)
        event = history.ticket_event(kind, actor, 1, now(), data=data)
        transact.commit([event])
        return self.notify(event.key)

    def of_ticket(self, **values: Any) -> None:
        """Changes the ticket as it is stored."""
        expression = ", ".join(f"#{name} = :{name}" for name in values)
        named = {f":{name}": value for name, value in values.items()}
        names = {f"#{name}": name for name in values}
        transact.write(transact.update(ticket_key(1), f"SET {expression}", named, names=names))

    def release(self) -> None:
        """Takes the ticket from its agent."""
        transact.write(transact.update(ticket_key(1), "REMOVE #a", names={"#a": "agent"}))

    def join(self, number: int, email: str, *, active: bool) -> None:
        new = NewPerson(email=email, name=email[:3].title())
        writes = person_items.new_person(number, new, now())
        transact.commit([*writes, participants.participant_write(1, number, now(), active=active)])


@pytest.fixture
def office() -> Iterator[Office]:
    with new_desk() as desk:
        for number, (email, department) in AGENTS.items():
            values = {"name": email[:3].title(), "username": email[:3], "email": email}
            desk.change("agents", number, active=True, department=department, **values)
        desk.change("departments", 1, manager=8)
        desk.open(agent=7, respondent=9)
        for sequence in ("entry", "person", "file"):
            sequences.reserve_id(sequence, 300)
        made = Office(desk)
        made.join(201, BOB, active=True)
        made.join(202, CID, active=False)
        yield made


def mailed(**values: Any) -> FromMail:
    raw = b"From: x\n\nLook."
    return FromMail(**{"message_id": "<m@example.org>", "raw": "raw/1", "whole": raw, **values})


# --- responses ------------------------------------------------------------------------------

REPLIES = {("ticket.reply", ANN), ("ticket.reply", BOB)}


def test_a_response_goes_to_the_requester_and_to_who_takes_part_actively(office: Office) -> None:
    assert office.add("response", agent=9) == REPLIES
    reply = office.desk.mails()[0]
    assert reply["Subject"] == "Re: Printer [#700001]"
    assert "Look." in plain(reply)
    assert "Look." in html(reply)
    assert reply["Auto-Submitted"] is None
    assert reply["Precedence"] is None


@pytest.mark.parametrize(
    ("settings", "to"),
    [
        ({}, {JOE}),
        ({"note_alert_assigned": False}, set()),
        ({"note_alert_dept_manager": True}, {JOE, MIA}),
        ({"note_alert_active": False}, set()),
    ],
)
def test_staff_hears_of_a_response_where_it_is_switched_on(
    office: Office, settings: Mapping[str, Any], to: set[str]
) -> None:
    office.desk.change_settings(**{"note_alert_active": True, **settings})
    alerts = {("note.alert", address) for address in to}
    assert office.add("response", agent=9) == REPLIES | alerts


def test_a_quiet_response_still_reaches_who_asked(office: Office) -> None:
    office.desk.change_settings(note_alert_active=True)
    assert office.add("response", agent=9, alert=False) == REPLIES


def test_nobody_gets_no_answer_and_the_desk_gets_none_of_its_own(office: Office) -> None:
    office.of_ticket(person=NOBODY, person_email="")
    office.join(203, "support+x@desk.example", active=True)
    assert office.add("response", agent=9) == {("ticket.reply", BOB)}


@pytest.mark.parametrize("alert", [True, False])
def test_of_a_note_beside_a_change_staff_hears_where_that_is_wanted(
    office: Office, *, alert: bool
) -> None:
    office.desk.change_settings(note_alert_active=True)
    later(seconds=1)
    note = NewEntry(Body("Look."), poster="Lou", agent=9, alert=alert)
    changes.change_ticket(SYSTEM, 1, Change(entry=note))
    told = {("note.alert", JOE)} if alert else set()
    assert office.notify(office.latest("note")) == told


def test_an_agent_who_asked_is_not_sent_their_own_answer(office: Office) -> None:
    office.of_ticket(person_email=LOU.upper())
    assert office.add("response", agent=9) == {("ticket.reply", BOB)}


def test_who_takes_part_under_the_requesters_address_hears_once(office: Office) -> None:
    office.of_ticket(person_email=BOB.upper())
    assert office.add("response", agent=9) == {("ticket.reply", BOB)}


# --- messages -------------------------------------------------------------------------------

NOTICE = {("ticket.activity.notice", BOB)}
MESSAGE_ALERTS = {("message.alert", LOU), ("message.alert", JOE)}


def test_a_message_over_the_api_is_told_to_who_takes_part_and_to_staff(office: Office) -> None:
    assert office.add("message", person=101) == NOTICE | MESSAGE_ALERTS
    by_subject = {mail["Subject"]: mail for mail in office.desk.mails()}
    assert by_subject.keys() == {"Re: Printer [#700001]", "New Message Alert"}
    assert "Somebody wrote about" in plain(by_subject["Re: Printer [#700001]"])
    assert by_subject["New Message Alert"]["Auto-Submitted"] == "auto-generated"


def test_a_message_of_one_who_takes_part_goes_to_the_requester(office: Office) -> None:
    told = office.add("message", person=201)
    assert told == {("ticket.activity.notice", ANN)} | MESSAGE_ALERTS


def test_of_a_mailed_message_staff_alone_hears(office: Office) -> None:
    assert office.add("message", person=101, mail=mailed()) == MESSAGE_ALERTS


@pytest.mark.parametrize(
    ("settings", "to"),
    [
        ({"message_alert_active": False}, set()),
        ({"message_alert_laststaff": False}, {JOE}),
        ({"message_alert_assigned": False}, {LOU}),
        ({"message_alert_dept_manager": True}, {JOE, LOU, MIA}),
    ],
)
def test_who_of_staff_hears_of_a_message(
    office: Office, settings: Mapping[str, Any], to: set[str]
) -> None:
    office.desk.change_settings(**settings)
    alerts = {("message.alert", address) for address in to}
    assert office.add("message", person=101) == NOTICE | alerts
    assert office.add("message", person=101, alert=False) == NOTICE


def test_who_takes_part_hears_of_no_message_where_that_is_switched_off(office: Office) -> None:
    office.desk.change_settings(message_autoresponder_collabs=False)
    assert office.add("message", person=101) == MESSAGE_ALERTS


def test_a_message_is_confirmed_only_where_that_is_switched_on_and_asked_for(
    office: Office,
) -> None:
    quiet: dict[str, Any] = {"alert": False, "mail": mailed()}
    assert office.add("message", person=201, autorespond=True, **quiet) == set()
    office.desk.change_settings(message_autoresponder=True)
    quiet["mail"] = mailed(message_id="<n@example.org>")
    assert office.add("message", person=201, **quiet) == set()
    quiet["mail"] = mailed(message_id="<o@example.org>")
    told = office.add("message", person=201, autorespond=True, **quiet)
    assert told == {("message.autoresp", BOB)}
    (confirmation,) = office.desk.mails()
    assert confirmation["Subject"] == "Message Confirmation"
    assert confirmation["Auto-Submitted"] == "auto-replied"
    assert confirmation["In-Reply-To"] == "<o@example.org>"


def test_a_quiet_department_confirms_no_message(office: Office) -> None:
    office.desk.change_settings(message_autoresponder=True)
    office.desk.change("departments", 1, autorespond=False)
    told = office.add("message", person=101, autorespond=True, alert=False, mail=mailed())
    assert told == set()


def test_a_stranger_gets_no_confirmation(office: Office) -> None:
    office.desk.change_settings(message_autoresponder=True)
    told = office.add("message", person=None, autorespond=True, mail=mailed())
    assert told == MESSAGE_ALERTS


def test_an_agent_who_asks_hears_nothing_of_their_own_message(office: Office) -> None:
    office.of_ticket(person_email=JOE)
    assert office.add("message", person=101) == NOTICE | {("message.alert", LOU)}


def test_the_members_of_a_team_stand_for_an_agent(office: Office) -> None:
    office.desk.change("teams", 1, members=[10, 11], active=True)
    office.release()
    office.of_ticket(team=1)
    told = office.add("message", person=101, mail=mailed())
    assert told == {("message.alert", to) for to in (LOU, MAX, OLE)}
    office.desk.change("teams", 1, active=False)
    told = office.add("message", person=101, mail=mailed(message_id="<n@example.org>"))
    assert told == {("message.alert", LOU)}


def test_who_has_left_hears_nothing(office: Office) -> None:
    office.desk.change("agents", 7, active=False)
    office.desk.change("agents", 9, active=False)
    assert office.add("message", person=101) == NOTICE


# --- notes ----------------------------------------------------------------------------------


def test_a_note_is_told_to_nobody_unless_switched_on_and_never_to_those_who_ask(
    office: Office,
) -> None:
    assert office.add("note", agent=7) == set()
    office.desk.change_settings(note_alert_active=True)
    assert office.add("note", agent=7) == {("note.alert", LOU)}
    (alert,) = office.desk.mails()
    assert alert["Subject"] == "New Internal Activity Alert"
    assert "Look." in plain(alert)
    assert office.add("note", agent=7, alert=False) == set()


@pytest.mark.parametrize(
    ("settings", "to"),
    [
        ({}, {LOU, JOE}),
        ({"note_alert_laststaff": False}, {JOE}),
        ({"note_alert_assigned": False}, {LOU}),
        ({"note_alert_dept_manager": True}, {LOU, JOE, MIA}),
    ],
)
def test_who_of_staff_hears_of_a_note(
    office: Office, settings: Mapping[str, Any], to: set[str]
) -> None:
    office.desk.change_settings(note_alert_active=True, **settings)
    assert office.add("note", agent=10) == {("note.alert", address) for address in to}
    assert office.add("note", Actor(agent=7)) == {("note.alert", to) for to in to - {JOE}}


# --- what happens to a ticket ---------------------------------------------------------------


def test_who_is_given_a_ticket_is_shown_it(office: Office) -> None:
    assert office.happens("assigned", agent=7, by=8) == {("assigned.alert", JOE)}
    (alert,) = office.desk.mails()
    assert alert["Subject"] == "Ticket Assigned to you"
    assert "It burns." in plain(alert)


@pytest.mark.parametrize(
    ("settings", "data", "actor"),
    [
        ({"assigned_alert_active": False}, {"agent": 7, "by": 8}, SYSTEM),
        ({"assigned_alert_staff": False}, {"agent": 7, "by": 8}, SYSTEM),
        ({}, {"agent": 7, "by": 7}, SYSTEM),
        ({}, {"agent": 7, "by": None}, Actor(agent=7)),
        ({}, {"agent": 99, "by": None}, SYSTEM),
    ],
    ids=["off", "staff off", "by themselves", "by their key", "unknown"],
)
def test_who_is_not_told_of_an_assignment(
    office: Office, settings: Mapping[str, Any], data: Mapping[str, Any], actor: Actor
) -> None:
    office.desk.change_settings(**settings)
    assert office.happens("assigned", actor, **data) == set()


@pytest.mark.parametrize(
    ("settings", "to"),
    [
        ({}, set()),
        ({"assigned_alert_team_lead": True}, {OLE}),
        ({"assigned_alert_team_members": True}, {MAX, OLE}),
        ({"assigned_alert_team_members": True, "assigned_alert_active": False}, set()),
    ],
)
def test_a_team_hears_of_a_ticket_that_comes_to_it(
    office: Office, settings: Mapping[str, Any], to: set[str]
) -> None:
    office.desk.change("teams", 1, members=[10, 11], lead=11, active=True)
    office.desk.change_settings(ticket_alert_active=False, **settings)
    event = office.desk.open(2, team=1, data={"autorespond": False})
    assert office.notify(event) == {("assigned.alert", address) for address in to}


@pytest.mark.parametrize(
    ("settings", "agent", "to"),
    [
        ({"transfer_alert_active": False}, 7, set()),
        ({}, 7, {MIA}),
        ({"transfer_alert_dept_manager": False}, 7, set()),
        ({"transfer_alert_assigned": True}, 7, {MIA, JOE}),
        ({"transfer_alert_assigned": True}, None, {MIA}),
        ({"transfer_alert_dept_members": True}, 7, {MIA}),
        ({"transfer_alert_dept_members": True}, None, {MIA, JOE, MAX}),
    ],
)
def test_who_hears_of_a_transfer(
    office: Office, settings: Mapping[str, Any], agent: int | None, to: set[str]
) -> None:
    office.desk.change_settings(**{"transfer_alert_active": True, **settings})
    if agent is None:
        office.release()
    moved: dict[str, Any] = {"from": 2, "to": 1}
    told = office.happens("transferred", **moved)
    assert told == {("transfer.alert", address) for address in to}
    assert {mail["Subject"] for mail in office.desk.mails()} <= {
        "Ticket #700001 transfer - Support"
    }


@pytest.mark.parametrize(
    ("settings", "agent", "to"),
    [
        ({}, 7, {MIA, JOE}),
        ({"overdue_alert_active": False}, 7, set()),
        ({"overdue_alert_assigned": False}, 7, {MIA}),
        ({"overdue_alert_dept_manager": False}, 7, {JOE}),
        ({}, None, {MIA}),
        ({"overdue_alert_dept_members": True}, 7, {MIA, JOE}),
        ({"overdue_alert_dept_members": True}, None, {MIA, JOE, MAX}),
    ],
)
def test_who_hears_of_what_is_overdue(
    office: Office, settings: Mapping[str, Any], agent: int | None, to: set[str]
) -> None:
    office.desk.change_settings(**settings)
    office.of_ticket(due="2026-03-02T08:30:00.000Z", sla=1)
    if agent is None:
        office.release()
    assert office.happens("overdue") == {("ticket.overdue", address) for address in to}
    for alert in office.desk.mails():
        assert alert["Subject"] == "Stale Ticket Alert"
        assert "was due on 2026-03-02 08:30 UTC" in plain(alert)


def test_a_ticket_without_an_sla_is_overdue_by_its_own_date(office: Office) -> None:
    office.of_ticket(due="2026-03-02T08:30:00.000Z")
    assert "sla" not in (table.get(ticket_key(1)) or {})
    assert office.happens("overdue") == {("ticket.overdue", address) for address in (JOE, MIA)}


def test_an_sla_may_keep_quiet_about_what_is_overdue(office: Office) -> None:
    office.desk.change("slas", 1, overdue_alerts=False)
    office.of_ticket(sla=1)
    assert office.happens("overdue") == set()


@pytest.mark.parametrize(
    ("active", "agent", "to"),
    [(True, 7, {JOE}), (True, None, {JOE, MAX, EVERYWHERE}), (False, 7, set())],
)
def test_who_is_reminded_of_a_pending_ticket(
    office: Office, active: bool, agent: int | None, to: set[str]
) -> None:
    office.desk.change_settings(reminder_alert_active=active)
    if agent is None:
        office.release()
    assert office.happens("reminded") == {("ticket.reminder", address) for address in to}
    for alert in office.desk.mails():
        assert alert["Subject"] == "Ticket Reminder"
        assert alert["References"]


def test_a_desk_without_a_template_uses_the_stock_one(office: Office) -> None:
    (number,) = (
        row.id for row in cache.current().templates.values() if row.name == "ticket.reminder"
    )
    transact.write(transact.delete(catalogue_key("templates", number)))
    cache.forget()
    assert office.happens("reminded") == {("ticket.reminder", JOE)}


@pytest.mark.parametrize(
    "kind", ["closed", "reopened", "released", "edited", "linked", "collaborator", "status"]
)
def test_other_things_that_happen_are_history_only(office: Office, kind: str) -> None:
    assert office.happens(kind) == set()


# --- new tickets ----------------------------------------------------------------------------


def opened(office: Office, actor: Actor = SYSTEM, **values: Any) -> Told:
    new: dict[str, Any] = {
        "requester": NewPerson(ANN, "Ann"),
        "subject": "Screen",
        "body": Body("Dark."),
        **values,
    }
    ticket = create.open_ticket(actor, NewTicket(**new))
    (found,) = (
        item for item in table.query(f"T#{ticket.id:010}", begins="V#") if item["kind"] == "created"
    )
    return office.notify(Key(found["pk"], found["sk"]))


CONFIRMED, ALERTED = {("ticket.autoresp", ANN)}, {("ticket.alert", ADMIN), ("ticket.alert", MIA)}


def test_one_for_whom_an_agent_opens_a_ticket_gets_a_notice_instead(office: Office) -> None:
    sequences.reserve_id("ticket", 10)
    by_joe = Actor(agent=7)
    assert opened(office) == CONFIRMED | ALERTED
    assert opened(office, by_joe) == {("ticket.notice", ANN)} | ALERTED
    notice = office.desk.mails()[3]
    assert notice["Subject"].startswith("Screen [#")
    assert "Dark." in plain(notice)
    assert opened(office, by_joe, autorespond=False) == ALERTED
    assert opened(office, by_joe, mail=mailed()) == CONFIRMED | ALERTED
    office.desk.change_settings(ticket_notice_active=False)
    assert opened(office, by_joe) == ALERTED


def test_an_agent_gets_no_notice_of_what_they_open_for_themselves(office: Office) -> None:
    sequences.reserve_id("ticket", 10)
    assert opened(office, Actor(agent=7), requester=NewPerson(JOE, "Joe")) == ALERTED


@pytest.mark.parametrize("address", [ADMIN.upper(), MIA])
def test_who_opens_a_ticket_is_not_alerted_of_it(office: Office, address: str) -> None:
    sequences.reserve_id("ticket", 10)
    told = opened(office, requester=NewPerson(address, "Boss"), mail=mailed())
    assert told == {("ticket.autoresp", address.lower())} | {
        alerted for alerted in ALERTED if alerted[1] != address.lower()
    }


@pytest.mark.parametrize("address", [ADMIN, MIA])
def test_who_is_only_said_to_have_opened_a_ticket_is_alerted(office: Office, address: str) -> None:
    sequences.reserve_id("ticket", 10)
    forged = mailed(suspicious="dmarc")
    told = opened(office, requester=NewPerson(address, "Boss"), mail=forged, autorespond=False)
    assert told == ALERTED


def test_who_has_as_many_open_tickets_as_there_may_be_is_told_once(office: Office) -> None:
    sequences.reserve_id("ticket", 10)
    ann = NewPerson("new@example.org", "Ann")
    office.desk.change_settings(max_open_tickets=2, overlimit_notice_active=True)
    confirmed = {("ticket.autoresp", "new@example.org")} | ALERTED
    assert opened(office, requester=ann) == confirmed
    told = opened(office, requester=ann)
    assert told == confirmed | {("ticket.overlimit", "new@example.org")}
    notice = next(mail for mail in office.desk.mails() if "Limit" in mail["Subject"])
    assert notice["Subject"] == "Open Tickets Limit Reached"
    assert notice["Auto-Submitted"] == "auto-replied"


def test_the_admin_hears_once_a_day_of_each_who_is_over_the_limit(office: Office) -> None:
    office.desk.change_settings(max_open_tickets=1)
    sequences.reserve_id("ticket", 10)
    new = NewPerson("new@example.org", "New")
    opened(office, requester=new)
    for person, address in ((NewPerson(ANN, "Ann"), ANN), (new, "new@example.org")):
        for day in range(2):
            before = len(office.desk.mails())
            for _ in range(3):
                refuse(office, person)
            (notice,) = office.desk.mails()[before:]
            assert (notice["Subject"], notice["To"]) == ("Overlimit Notice", f"Support <{ADMIN}>")
            assert address in plain(notice), day
            later(days=1)


def refuse(office: Office, requester: NewPerson) -> None:
    later(seconds=1)
    with pytest.raises(TooManyOpen):
        opened(office, requester=requester)
    for key in [Key(item["pk"], item["sk"]) for item in table.query("TODO", index="g10")]:
        if (table.get(key) or {})["kind"] == "too_many_open":
            assert office.desk.deliver("notify", key) == []


def test_a_desk_that_is_older_than_a_template_sends_the_stock_one(office: Office) -> None:
    for row in table.query("CAT", begins="templates#"):
        transact.write(transact.delete(Key(row["pk"], row["sk"])))
    cache.forget()
    assert office.add("response") == REPLIES
    assert office.desk.mails()[0]["Subject"].startswith("Re: ")


@pytest.mark.parametrize(
    ("values", "settings"),
    [
        ({}, {"overlimit_notice_active": False}),
        ({"autorespond": False}, {}),
        ({"actor": Actor(agent=7)}, {}),
    ],
    ids=["off", "quiet", "by an agent"],
)
def test_when_nobody_is_told_of_the_limit(
    office: Office, values: dict[str, Any], settings: Mapping[str, Any]
) -> None:
    sequences.reserve_id("ticket", 10)
    office.desk.change_settings(
        **{"max_open_tickets": 1, "overlimit_notice_active": True, **settings}
    )
    told = opened(office, requester=NewPerson("new@example.org", "Ann"), **values)
    assert "ticket.overlimit" not in {template for template, _ in told}
