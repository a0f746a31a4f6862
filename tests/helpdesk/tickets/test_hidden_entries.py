"""An entry that has become internal reaches only staff: no mail contains it and no search finds
it, whatever happened before.
"""

from collections.abc import Callable
from itertools import count

import pytest

from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.model.entries import Body, EntryHeaders, NewEntry
from helpdesk.model.files import NewFile
from helpdesk.model.tickets import Change
from helpdesk.storage import ticket_items
from helpdesk.tickets import changes, deletion, entry_changes, merges, threads
from local.snapshot import Snapshot
from tests.desk import Desk
from tests.faults import EVERY_UNCLEAR_WAY, How
from tests.helpdesk.tickets.doomed import another, settle
from tests.recount import assert_counted
from tests.world import REGION, waiting

CLERK = Actor(key=2, permissions=frozenset({"can_update_tickets"}), agent=7)
SECRET = "xylophone"


@pytest.fixture(autouse=True)
def bob(desk: Desk) -> None:
    desk.change("agents", 7, id=7, username="bob", name="Bob", email="bob@desk.example")
    desk.change("agents", 8, id=8, username="eve", name="Eve", email="eve@desk.example")


def respond(ticket: int, said: str = f"The {SECRET} burns.") -> int:
    """The id of a mail to the requester, with a secret in all its parts."""
    new = NewEntry(
        Body(said),
        title=f"{SECRET}ist",
        files=(NewFile(f"{SECRET}.txt", "text/plain", SECRET.encode()),),
        channel="email",
        agent=7,
        created_by=7,
        headers=EntryHeaders(to=f"{SECRET}man@example.org"),
    )
    return threads.add_response(CLERK, ticket, new).id


def hide(entry: int, *, internal: bool = True) -> None:
    entry_changes.change_entry(CLERK, entry, internal=internal)


def found(desk: Desk, seen: str, beginning: str = SECRET) -> set[int]:
    """The tickets that a word is found with, among what is seen by everybody or by staff."""
    rows = desk.index(f"W#{beginning[:2]}")
    parts = [sk.split("#") for sk in rows if sk.startswith(beginning)]
    return {int(ticket) for _, ticket, whose in parts if whose == seen}


# --- mail -----------------------------------------------------------------------------------

STEPS: dict[str, Callable[[int], object]] = {
    "hide": hide,
    "show": lambda entry: hide(entry, internal=False),
    "delete": lambda entry: entry_changes.delete_entry(CLERK, entry),
}


@pytest.mark.parametrize(
    ("steps", "mailed"),
    [
        ("", True),
        ("hide", False),
        ("hide show", True),
        ("hide show hide", False),
        ("hide delete", False),
    ],
)
def test_a_response_that_is_hidden_before_its_mail_is_not_mailed(
    desk: Desk, steps: str, *, mailed: bool
) -> None:
    ticket = another(email="jane@example.org")
    settle(desk)
    before = len(desk.mails())
    entry = respond(ticket)
    for step in steps.split():
        STEPS[step](entry)
    settle(desk)
    sent = [one for one in desk.mails()[before:] if "jane@example.org" in str(one["To"])]
    assert len(sent) == mailed
    assert all(SECRET in str(one) for one in sent)
    others = [one for one in desk.mails()[before:] if "@desk.example" not in str(one["To"])]
    assert others == sent


def test_a_message_that_is_hidden_before_its_mails_is_told_to_staff_only(desk: Desk) -> None:
    ticket = another(email="jane@example.org")
    settle(desk)
    desk.change_settings(message_autoresponder=True)
    before = len(desk.mails())
    message = NewEntry(Body(f"My {SECRET}"), person=101, autorespond=True)
    hide(threads.add_message(SYSTEM, ticket, message).id)
    settle(desk)
    assert all("@desk.example" in str(one["To"]) for one in desk.mails()[before:])


def test_what_was_a_note_is_not_mailed_when_it_is_shown(desk: Desk) -> None:
    ticket = another(email="jane@example.org")
    settle(desk)
    before = len(desk.mails())
    note = threads.add_note(CLERK, ticket, NewEntry(Body(f"The {SECRET}"), poster="Bob"))
    hide(note.id, internal=False)
    settle(desk)
    assert [one for one in desk.mails()[before:] if "jane@example.org" in str(one["To"])] == []


# --- words ----------------------------------------------------------------------------------


@pytest.mark.parametrize("settled", [True, False])
def test_words_follow_who_may_see_them(desk: Desk, *, settled: bool) -> None:
    ticket = another()
    settle(desk)
    entry = respond(ticket)
    for internal in (True, False, True, False, True):
        if settled:
            settle(desk)
        hide(entry, internal=internal)
    settle(desk)
    for beginning in (SECRET, f"{SECRET}ist", f"{SECRET}man", "burns"):
        assert found(desk, "note", beginning) == {ticket}
        if beginning != "burns":
            assert found(desk, "public", beginning) == set(), beginning
    # The first message has it, too.
    assert found(desk, "public", "burns") == {ticket}


def test_a_word_above_another_entry_stays(desk: Desk) -> None:
    ticket = another()
    first, _ = respond(ticket, "One."), respond(ticket, "Two.")
    settle(desk)
    hide(first)
    settle(desk)
    assert found(desk, "public", f"{SECRET}man") == {ticket}
    entry_changes.delete_entry(CLERK, first)
    settle(desk)
    assert found(desk, "public", f"{SECRET}man") == {ticket}
    assert found(desk, "note") == set()


# --- merges ---------------------------------------------------------------------------------


def kinds(ticket: int) -> list[tuple[str, bool]]:
    thread = ticket_items.read_thread(ticket)
    assert thread
    return [(entry.body.text, entry.internal) for entry in thread.entries]


@pytest.mark.parametrize("when", ["before", "between", "after"])
def test_what_is_hidden_about_a_merge_is_hidden_after_it(desk: Desk, when: str) -> None:
    source, target = another("Source", email="jane@example.org"), another("Target")
    settle(desk)
    entry = respond(source)
    if when == "before":
        hide(entry)
    merges.merge_tickets(CLERK, source, target)
    if when == "between":
        hide(entry)
    settle(desk)
    if when == "after":
        hide(entry)
        settle(desk)
    assert (f"The {SECRET} burns.", True) in kinds(target)
    assert found(desk, "public") == set()
    assert found(desk, "note") == {target}
    assert_counted()


@EVERY_UNCLEAR_WAY
@pytest.mark.exhaustive
def test_what_is_hidden_while_a_merge_has_stopped_is_found_by_nobody_else(
    desk: Desk, how: How
) -> None:
    """The delivery that broke off has put its words under the other ticket already, or has not."""
    source, target = another("Source", email="jane@example.org"), another("Target")
    entry = respond(source)
    settle(desk)
    merges.merge_tickets(CLERK, source, target)
    before, keys = Snapshot(REGION), waiting()
    for nth in count(1):
        with desk.injector.fault(how, nth) as fault:
            desk.deliver("project", *keys)
        hide(entry)
        settle(desk)
        assert (f"The {SECRET} burns.", True) in kinds(target), fault
        assert found(desk, "public") == set(), fault
        assert found(desk, "note") == {target}, fault
        # What else the target has is still found.
        assert found(desk, "public", "burns") == {target}, fault
        if fault.hit is None:
            break
        before.restore()
    assert nth > 10


@EVERY_UNCLEAR_WAY
@pytest.mark.exhaustive
@pytest.mark.parametrize("gone", ["target", "source", "neither"])
def test_a_merge_that_ends_half_way_leaves_no_words_behind(desk: Desk, how: How, gone: str) -> None:
    source, target = another("Source", email="jane@example.org"), another("Target")
    respond(source)
    settle(desk)
    merges.merge_tickets(CLERK, source, target)
    before, keys = Snapshot(REGION), waiting()
    for nth in count(1):
        with desk.injector.fault(how, nth) as fault:
            desk.deliver("project", *keys)
        if gone == "neither":
            changes.change_ticket(SYSTEM, source, Change(status="Open"))
        else:
            deletion.delete_ticket(SYSTEM, {"source": source, "target": target}[gone])
        settle(desk)
        holder = [
            ticket
            for ticket in (source, target)
            if ticket_items.read_thread(ticket) and (f"The {SECRET} burns.", False) in kinds(ticket)
        ]
        assert found(desk, "public") == set(holder), fault
        assert_counted()
        if fault.hit is None:
            break
        before.restore()
    assert nth > 10
