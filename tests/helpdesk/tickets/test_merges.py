"""A ticket merged into another: what moves, where mail goes, faults, and concurrent changes."""

from collections.abc import Callable
from contextlib import suppress
from itertools import count

import pytest

from helpdesk.errors import ChangedUnderYou, Conflict, DeskError, NotAllowed, NotFound
from helpdesk.events import outbox, timeline
from helpdesk.files import downloads
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.model.entries import Body, NewEntry
from helpdesk.model.files import NewFile
from helpdesk.model.tickets import Change, Thread, Ticket
from helpdesk.projection import project
from helpdesk.storage import table, ticket_items, transact
from helpdesk.storage.attributes import unpack
from helpdesk.storage.keys import entry_pointer_key, padded, ticket_key
from helpdesk.tickets import (
    accountings,
    changes,
    deletion,
    entry_changes,
    find,
    links,
    mentions,
    merges,
    moves,
    relations,
    tags,
    threads,
)
from local.snapshot import Snapshot
from tests.desk import Desk
from tests.faults import EVERY_UNCLEAR_WAY, EVERY_WAY, How
from tests.helpdesk.mail.inbound.conftest import Post, answer_to, mail
from tests.helpdesk.tickets.doomed import another, contents, fill, settle
from tests.recount import assert_counted
from tests.world import LONG_TEXT, REGION, items, later, objects, waiting

CLERK = Actor(key=2, permissions=frozenset({"can_update_tickets"}), agent=7)


def ticket(number: int) -> Ticket:
    item = table.get(ticket_key(number))
    assert item
    return ticket_items.as_ticket(item)


def thread(number: int) -> Thread:
    found = ticket_items.read_thread(number)
    assert found
    return found


def two(desk: Desk) -> tuple[int, int]:
    """Two tickets, the first with a thread of several kinds."""
    source, target = another("Source", email="jane@example.org"), another("Target")
    file = NewFile("a.txt", "text/plain", b"burns")
    note = NewEntry(Body(LONG_TEXT), poster="Bob", alert=False, files=(file,))
    threads.add_note(SYSTEM, source, note)
    threads.add_message(SYSTEM, source, NewEntry(Body("Unmistakable"), poster="Ann", alert=False))
    settle(desk)
    return source, target


def words(desk: Desk, word: str) -> list[int]:
    found = desk.index(f"W#{word[:2]}")
    return sorted(int(sk.split("#")[1]) for sk in found if sk.startswith(f"{word}#"))


def check_merged(desk: Desk, source: int, target: int) -> None:
    """All of the thread is the target's, in every part, and nothing of it the source's."""
    old, new = thread(source), thread(target)
    assert [entry.body.text for entry in old.entries] == ["merged"]
    assert old.ticket.entries == (old.entries[0].id,)
    assert sorted(new.ticket.entries) == [entry.id for entry in new.entries]
    assert len(set(new.ticket.entries)) == len(new.ticket.entries) == 4
    assert LONG_TEXT in {entry.body.text for entry in new.entries}
    for entry in new.entries:
        pointer = table.get(entry_pointer_key(entry.id))
        assert pointer is not None
        assert pointer["ticket"] == target
        for file in entry.attachments:
            assert downloads.find_file(SYSTEM, file.id).contents == b"burns"
    assert words(desk, "unmistakable") == [target]
    assert (old.ticket.status, old.ticket.merged_into, old.ticket.agent) == (3, target, None)
    assert old.ticket.closed
    assert_counted()


def test_who_answered_last_in_either_thread_did_so_in_both(desk: Desk) -> None:
    def answered(number: int, agent: int) -> None:
        later(seconds=1)
        threads.add_response(SYSTEM, number, NewEntry(Body("Yes"), agent=agent, channel="email"))

    ids = [another(f"{n}", email="jane@example.org") for n in range(6)]
    unanswered, first, second, last = ids[:4]
    answered(first, 7)
    answered(second, 8)
    answered(last, 9)
    for source, target, wanted in (
        (unanswered, ids[4], None),
        (first, ids[5], 7),
        (ids[5], second, 8),
        (last, second, 9),
    ):
        merges.merge_tickets(CLERK, source, ticket(target).number)
        assert ticket(target).respondent == wanted
    settle(desk)


def test_the_thread_moves(desk: Desk) -> None:
    source, target = two(desk)
    before = ticket(source)
    after, into = merges.merge_tickets(CLERK, source, ticket(target).number)
    assert (after.status, after.merged_into, into.id) == (3, target, target)
    assert after.version == before.version + 1
    assert ticket(source).merged_into == target
    settle(desk)
    check_merged(desk, source, target)
    assert ticket(source).parent == target
    assert [child.id for child in links.find_children(SYSTEM, target)] == [source]
    assert [row["sk"] for row in table.query(ticket_key(target).pk, begins="M#")] == [
        f"M#{padded(source)}"
    ]
    told = [(one.what, one.number) for one in timeline.read(source)]
    assert ("merged_into", target) in told
    assert ("received_merge", source) in [(one.what, one.number) for one in timeline.read(target)]


def test_merging_again_changes_nothing(desk: Desk) -> None:
    source, target = two(desk)
    merges.merge_tickets(CLERK, source, target)
    settle(desk)
    before = sorted(map(str, items("desk", begins="T#")))
    after, _ = merges.merge_tickets(CLERK, source, target)
    assert after.merged_into == target
    assert sorted(map(str, items("desk", begins="T#"))) == before


def test_merges_that_cannot_be(desk: Desk) -> None:
    source, target = two(desk)
    third = another("Third")
    merges.merge_tickets(CLERK, target, third)
    for wanted, reason in ((source, "merged_itself"), (target, "merged_target")):
        with pytest.raises(Conflict) as refused:
            merges.merge_tickets(CLERK, source, wanted)
        assert refused.value.reason == reason
    for one, other, what in ((99, target, "source"), (source, "999999", "target")):
        with pytest.raises(NotFound) as missing:
            merges.merge_tickets(CLERK, one, other)
        assert missing.value.what == what
    with pytest.raises(NotAllowed):
        merges.merge_tickets(Actor(customer=3), source, third)
    with pytest.raises(NotFound):
        merges.merge_tickets(Actor(departments=frozenset({3})), source, third)
    assert ticket(source).merged_into is None


def test_links_and_mentions_move_and_the_rest_stays(desk: Desk) -> None:
    source, target = two(desk)
    above, child, friend, both = (another(name) for name in ("a", "b", "c", "d"))
    links.link_tickets(SYSTEM, above, source)
    links.link_tickets(SYSTEM, source, child)
    relations.add_link(SYSTEM, "normal", source, friend)
    for number in (source, target):
        relations.add_link(SYSTEM, "normal", number, both)
    moved = mentions.mention(SYSTEM, source, 2)
    tags.add_tags(SYSTEM, source, ["fire"])
    accountings.book_time(SYSTEM, source, "2")
    merges.merge_tickets(SYSTEM, source, target)
    settle(desk)
    assert relations.linked_with(ticket(source)) == [("parent", target)]
    assert relations.linked_with(ticket(target)) == [
        ("parent", above),
        *sorted([("child", source), ("child", child)]),
        ("normal", friend),
        ("normal", both),
    ]
    for number in (friend, both):
        assert relations.linked_with(ticket(number)) == [("normal", target)]
    assert ticket(child).parent == target
    (mention,) = mentions.of_ticket(target)
    assert (mention.id, mentions.of_ticket(source)) == (moved.id, [])
    assert mentions.unmention(SYSTEM, moved.id).ticket == target
    assert (ticket(source).tags, ticket(target).tags) == (("fire",), ())
    assert ticket(source).time_units == "2"


def test_a_parent_is_merged_into_its_child(desk: Desk) -> None:
    source, target = two(desk)
    links.link_tickets(SYSTEM, source, target)
    merges.merge_tickets(SYSTEM, source, target)
    settle(desk)
    check_merged(desk, source, target)
    assert ("parent", target) in relations.linked_with(ticket(source))


def test_what_was_merged_in_goes_on(desk: Desk) -> None:
    source, target = two(desk)
    last = another("Last")
    merges.merge_tickets(SYSTEM, source, target)
    merges.merge_tickets(SYSTEM, target, last)
    settle(desk)
    assert find.follow_merges(ticket(source)).id == last
    assert len(thread(last).entries) == 5
    assert [entry.body.text for entry in thread(target).entries] == ["merged"]


def merge_on_and_delete(_: int, target: int) -> None:
    """Merges the target of a merge into a third ticket, which is then deleted."""
    last = another("Third")
    merges.merge_tickets(SYSTEM, target, last)
    deletion.delete_ticket(SYSTEM, last)


def test_what_was_merged_in_stays_where_the_last_target_is_gone(desk: Desk) -> None:
    source, target = two(desk)
    merges.merge_tickets(SYSTEM, source, target)
    merge_on_and_delete(source, target)
    settle(desk)
    assert [entry.body.text for entry in thread(source).entries] == ["merged"]
    texts = [entry.body.text for entry in thread(target).entries]
    assert len(texts) == 5
    assert {"Unmistakable", "merged"} < {*texts}
    assert words(desk, "unmistakable") == [target]
    assert_each_entry_once()
    assert_counted()


def test_a_thread_that_cannot_move_is_left_to_the_next_delivery(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = two(desk)
    merges.merge_tickets(SYSTEM, source, target)
    monkeypatch.setattr(transact, "RETRY_SECONDS", 0.1)
    with monkeypatch.context() as stuck:
        stuck.setattr(moves, "_carried_over", lambda *_: False)
        with pytest.raises(ChangedUnderYou):
            moves.follow(outbox.load(waiting(), "project"))
    settle(desk)
    check_merged(desk, source, target)


def test_a_merged_ticket_that_is_opened_again_is_merged_no_more(desk: Desk) -> None:
    source, target = two(desk)
    merges.merge_tickets(SYSTEM, source, target)
    settle(desk)
    changes.change_ticket(SYSTEM, source, Change(status="Open"))
    assert ticket(source).merged_into is None


# --- mail -----------------------------------------------------------------------------------


@pytest.fixture
def post(desk: Desk) -> Post:
    return Post(desk)


def test_a_reply_to_a_merged_ticket_lands_on_the_other(post: Post) -> None:
    desk = post.desk
    post.bring(mail("Jane <jane@example.org>", "Toner", message_id="<1@x>"))
    settle(desk)
    (sent,) = (one for one in desk.mails() if "jane@example.org" in str(one["To"]))
    (source,) = (item["id"] for item in post.tickets())
    target = another("Target")
    merges.merge_tickets(SYSTEM, source, target)
    settle(desk)
    post.bring(answer_to(sent, "Jane <jane@example.org>", "Still burns."))
    settle(desk)
    assert len(post.tickets()) == 2
    last = thread(target).entries[-1]
    assert (last.kind, last.body.text.strip()) == ("message", "Still burns.")
    assert ticket(source).merged_into == target
    assert [entry.body.text for entry in thread(source).entries] == ["merged"]


def test_a_mail_that_comes_again_is_known_after_a_merge(post: Post) -> None:
    said = mail("Jane <jane@example.org>", "Toner", message_id="<1@x>")
    name = post.bring(said)
    (source,) = (item["id"] for item in post.tickets())
    target = another("Target")
    merges.merge_tickets(SYSTEM, source, target)
    settle(post.desk)
    post.tell(name)
    assert len(thread(target).entries) == 2
    assert len(post.tickets()) == 2
    raw = thread(target).entries[0].raw
    assert raw in objects()


def test_a_mail_that_comes_while_its_ticket_is_merged(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.bring(mail("Jane <jane@example.org>", "Toner", message_id="<1@x>"))
    (source,) = (item["id"] for item in post.tickets())
    target = another("Target")
    settle(post.desk)
    commit, left = transact.commit, [True]

    def overtaken(writes: list[transact.Write]) -> None:
        if left:
            left.pop()
            merges.merge_tickets(SYSTEM, source, target)
        commit(writes)

    monkeypatch.setattr(transact, "commit", overtaken)
    post.bring(
        mail(
            "Jane <jane@example.org>", "Re: Toner", "Ink!", message_id="<2@x>", In_Reply_To="<1@x>"
        )
    )
    settle(post.desk)
    assert thread(target).entries[-1].body.text.strip() == "Ink!"
    assert len(thread(source).entries) == 1


def test_a_response_that_waits_for_its_mail_is_sent_after_the_merge(desk: Desk) -> None:
    source, target = two(desk)
    desk.change("agents", 7, id=7, username="bob", name="Bob", email="bob@desk.example")
    threads.add_response(CLERK, source, NewEntry(Body("Which toner?"), alert=False))
    events = waiting()
    merges.merge_tickets(SYSTEM, source, target)
    for _ in range(3):
        project.project(waiting())
    before = len(desk.mails())
    for event in events:
        assert desk.deliver("notify", event) == []
    (sent,) = desk.mails()[before:]
    assert "Which toner?" in str(sent)


def test_mail_to_a_ticket_whose_target_is_gone_opens_it_again(post: Post) -> None:
    post.bring(mail("Jane <jane@example.org>", "Toner", message_id="<1@x>"))
    (source,) = (item["id"] for item in post.tickets())
    target = another("Target")
    merges.merge_tickets(SYSTEM, source, target)
    settle(post.desk)
    deletion.delete_ticket(SYSTEM, target)
    settle(post.desk)
    post.bring(
        mail(
            "Jane <jane@example.org>", "Re: Toner", "Ink!", message_id="<2@x>", In_Reply_To="<1@x>"
        )
    )
    settle(post.desk)
    assert ticket(source).merged_into is None
    assert ticket(source).status == 1
    assert_counted()


# --- faults ---------------------------------------------------------------------------------


@pytest.mark.exhaustive
@EVERY_WAY
def test_a_merge_that_failed_and_came_again_is_one(desk: Desk, how: How) -> None:
    for nth in count(1):
        source, target = another(f"s{nth}"), another(f"t{nth}")
        with desk.injector.fault(how, nth) as fault, suppress(DeskError):
            merges.merge_tickets(SYSTEM, source, target)
        merges.merge_tickets(SYSTEM, source, target)
        rows = [item["kind"] for item in table.query(ticket_key(source).pk, begins="V#")]
        assert rows.count("merged") == 1, fault
        if fault.hit is None:
            break
    assert nth > 3
    settle(desk)
    assert_counted()


@EVERY_UNCLEAR_WAY
@pytest.mark.exhaustive
def test_what_broke_off_is_taken_up_by_the_next_delivery(desk: Desk, how: How) -> None:
    source, target = two(desk)
    child, friend = another("b"), another("c")
    links.link_tickets(SYSTEM, source, child)
    relations.add_link(SYSTEM, "normal", source, friend)
    mentions.mention(SYSTEM, source, 2)
    settle(desk)
    merges.merge_tickets(SYSTEM, source, target)
    keys, put, before = waiting(), contents(), Snapshot(REGION)
    for nth in count(1):
        with desk.injector.fault(how, nth) as fault:
            missed = desk.deliver("project", *keys)
        assert not missed or fault.hit
        assert desk.deliver("project", *keys) == [], fault
        check_merged(desk, source, target)
        assert relations.linked_with(ticket(friend)) == [("normal", target)], fault
        assert ticket(child).parent == target, fault
        assert len(mentions.of_ticket(target)) == 1
        if fault.hit is None:
            break
        before.restore()
        fill(put)
    assert nth > 15


MEANWHILE: dict[str, Callable[[int, int], object]] = {
    "source deleted": lambda source, _: deletion.delete_ticket(SYSTEM, source),
    "target deleted": lambda _, target: deletion.delete_ticket(SYSTEM, target),
    "target merged": lambda _, target: merges.merge_tickets(SYSTEM, target, another("Third")),
    "target merged, and that target deleted": merge_on_and_delete,
    "source merged": lambda source, _: merges.merge_tickets(SYSTEM, source, another("Third")),
    "reply": lambda source, _: threads.add_message(
        SYSTEM, source, NewEntry(Body("Ink"), poster="Ann", alert=False)
    ),
    "entry hidden": lambda source, _: entry_changes.change_entry(
        CLERK, thread(source).ticket.entries[-1], internal=True
    ),
    "closed": lambda source, _: changes.change_ticket(SYSTEM, source, Change(status="Closed")),
    "source linked": lambda source, target: links.link_tickets(SYSTEM, source, target),
}


@pytest.mark.exhaustive
@pytest.mark.parametrize("when", ["before the transaction", "before the clean-up"])
@pytest.mark.parametrize("name", MEANWHILE)
def test_what_happens_at_the_same_moment(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str, when: str
) -> None:
    source, target = two(desk)
    if when == "before the transaction":
        commit, left = transact.commit, [True]

        def overtaken(writes: list[transact.Write]) -> None:
            if left:
                left.pop()
                MEANWHILE[name](source, target)
            commit(writes)

        monkeypatch.setattr(transact, "commit", overtaken)
    with suppress(NotFound, Conflict):
        merges.merge_tickets(SYSTEM, source, target)
    if when == "before the clean-up":
        with suppress(Conflict):
            MEANWHILE[name](source, target)
    settle(desk)
    assert_counted()
    assert_each_entry_once()


def assert_each_entry_once() -> None:
    """Every entry lies with one ticket, which names it, and its pointer leads there."""
    stored = list(map(unpack, items("desk")))
    tickets = {item["id"]: item for item in stored if item["pk"][:2] == "T#" and item["sk"] == "A"}
    lie = {
        (int(item["pk"][2:]), item["id"])
        for item in stored
        if item["pk"][:2] == "T#" and item["sk"][:2] == "E#"
    }
    named = [(number, entry) for number, item in tickets.items() for entry in item["entries"]]
    assert sorted(named) == sorted(lie)
    pointers = {(item["ticket"], int(item["pk"][2:])) for item in stored if item["pk"][:2] == "E#"}
    assert pointers == lie
    assert len({entry for _, entry in lie}) == len(lie)
