"""Links, mentions and accounted time: rules, both sides, faults, and permissions."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest

from helpdesk.errors import Conflict, DeskError, Invalid, NotAllowed, NotFound
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.model.catalogue import Agent
from helpdesk.model.relations import LinkKind
from helpdesk.model.tickets import Ticket
from helpdesk.storage import table, ticket_items
from helpdesk.storage.keys import mention_pointer_key, ticket_key
from helpdesk.tickets import accountings, deletion, links, mentions, relations
from tests.desk import Desk
from tests.faults import EVERY_WAY, How
from tests.helpdesk.tickets.doomed import settle
from tests.world import items

CLERK = Actor(key=2, permissions=frozenset({"can_update_tickets"}), agent=7)
CUSTOMER = Actor(key=3, customer=101)
ELSEWHERE = Actor(key=4, departments=frozenset({3}))


def opened(desk: Desk, *numbers: int) -> None:
    for number in numbers:
        desk.open(number)


def ticket(number: int) -> Ticket:
    item = table.get(ticket_key(number))
    assert item
    return ticket_items.as_ticket(item)


def linked(number: int) -> list[tuple[LinkKind, int]]:
    return [(kind, other.id) for kind, other in relations.list_links(CLERK, number)]


def history(number: int) -> list[str]:
    return [item["kind"] for item in table.query(ticket_key(number).pk, begins="V#")]


# --- links ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "inverse"), [("normal", "normal"), ("parent", "child"), ("child", "parent")]
)
def test_a_link_shows_on_both_sides(desk: Desk, kind: LinkKind, inverse: LinkKind) -> None:
    opened(desk, 1, 2)
    link = relations.add_link(CLERK, kind, 1, 2)
    assert (link.kind, link.source, link.target) == (kind, 1, 2)
    assert linked(2) == [(kind, 1)]
    assert linked(1) == [(inverse, 2)]
    assert "linked" in history(1)
    assert "linked" in history(2)
    for again in ((kind, 1, 2), (inverse, 2, 1)):
        with pytest.raises(Conflict) as refused:
            relations.add_link(CLERK, *again)
        assert refused.value.reason == "linked"
    assert relations.remove_link(CLERK, inverse, 2, 1)
    assert linked(1) == linked(2) == []
    assert not relations.remove_link(CLERK, kind, 1, 2)
    assert "unlinked" in history(1)
    assert "unlinked" in history(2)


def test_the_first_parent_is_the_desks_own(desk: Desk) -> None:
    opened(desk, 1, 2, 3)
    relations.add_link(CLERK, "parent", 1, 3)
    relations.add_link(CLERK, "child", 3, 2)
    assert ticket(3).parent == 1
    assert [child.id for child in links.find_children(SYSTEM, 1)] == [3]
    assert links.find_children(SYSTEM, 2) == []
    assert linked(3) == [("parent", 1), ("parent", 2)]
    assert relations.remove_link(CLERK, "parent", 1, 3)
    assert ticket(3).parent is None
    assert linked(3) == [("parent", 2)]


def test_a_parent_set_through_osticket_is_a_link(desk: Desk) -> None:
    opened(desk, 1, 2)
    links.link_tickets(SYSTEM, 1, 2)
    assert linked(2) == [("parent", 1)]
    assert linked(1) == [("child", 2)]
    with pytest.raises(Conflict):
        relations.add_link(CLERK, "parent", 1, 2)
    assert relations.remove_link(CLERK, "child", 2, 1)
    assert ticket(2).parent is None


def test_a_link_that_osticket_repeats_is_one_and_goes_whole(desk: Desk) -> None:
    opened(desk, 1, 2, 3)
    links.link_tickets(SYSTEM, 3, 2)
    relations.add_link(CLERK, "parent", 1, 2)
    links.unlink_ticket(SYSTEM, 2)
    links.link_tickets(SYSTEM, 1, 2)
    assert linked(2) == [("parent", 1)]
    assert relations.remove_link(CLERK, "parent", 1, 2)
    assert linked(2) == []


def test_a_circle_is_two_links_and_the_desk_has_none(desk: Desk) -> None:
    opened(desk, 1, 2)
    relations.add_link(CLERK, "parent", 1, 2)
    relations.add_link(CLERK, "parent", 2, 1)
    assert (ticket(1).parent, ticket(2).parent) == (None, 1)
    assert linked(1) == [("parent", 2), ("child", 2)]
    relations.add_link(CLERK, "normal", 1, 2)
    assert relations.remove_link(CLERK, "parent", 1, 2)
    assert linked(1) == [("parent", 2), ("normal", 2)]


def test_links_that_cannot_be(desk: Desk) -> None:
    opened(desk, 1, 2)
    with pytest.raises(Conflict) as refused:
        relations.add_link(CLERK, "normal", 1, 1)
    assert refused.value.reason == "itself"
    for source, target, what in ((9, 1, "source"), (1, 9, "target")):
        with pytest.raises(NotFound) as missing:
            relations.add_link(CLERK, "normal", source, target)
        assert missing.value.what == what
    for change in (relations.add_link, relations.remove_link):
        with pytest.raises(NotAllowed):
            change(CUSTOMER, "normal", 1, 2)
        with pytest.raises(NotFound):
            change(ELSEWHERE, "normal", 1, 2)
    with pytest.raises(NotAllowed):
        relations.list_links(CUSTOMER, 1)


def test_tickets_that_one_does_not_see_are_left_out(desk: Desk) -> None:
    opened(desk, 1)
    desk.open(2, department=3)
    relations.add_link(CLERK, "normal", 1, 2)
    relations.add_link(CLERK, "parent", 1, 2)
    assert relations.list_links(ELSEWHERE, 2) == []


def test_links_go_with_a_ticket(desk: Desk) -> None:
    opened(desk, 1, 2, 3)
    for kind in ("normal", "parent", "child"):
        relations.add_link(CLERK, kind, 1, 2)
    relations.add_link(CLERK, "parent", 3, 2)
    mentions.mention(CLERK, 1, 2)
    accountings.book_time(CLERK, 1, "1")
    deletion.delete_ticket(SYSTEM, 1)
    settle(desk)
    assert linked(2) == [("parent", 3)]
    kinds = {(item["pk"]["S"], item["sk"]["S"][:2]) for item in items("desk")}
    assert ("T#0000000001", "V#") in kinds
    assert {kind for pk, kind in kinds if pk == "T#0000000001"} == {"V#"}
    assert not [pk for pk, _ in kinds if pk.startswith("MN#")]


# --- mentions -------------------------------------------------------------------------------


@pytest.fixture
def staffed(desk: Desk) -> Desk:
    opened(desk, 1)
    for agent in (
        Agent(7, "clerk", "Clerk", "c@desk.example"),
        Agent(8, "other", "Other", "o@desk.example", departments=(3,)),
        Agent(9, "gone", "Gone", "g@desk.example", active=False),
        Agent(10, "apart", "Apart", "a@desk.example", department=3),
    ):
        desk.change("agents", agent.id, **vars_of(agent))
    return desk


def vars_of(agent: Agent) -> dict[str, object]:
    from helpdesk.catalogue.rows import as_item

    return as_item(agent)


def test_who_follows_a_ticket(staffed: Desk) -> None:
    mine = mentions.mention(CLERK, 1, 7)
    assert mentions.mention(CLERK, 1, 7) == mine
    desks = mentions.mention(SYSTEM, 1, 2)
    assert [one.user for one in mentions.list_mentions(CLERK, 1)] == [7, 2]
    for stranger in (SYSTEM, ELSEWHERE):
        with pytest.raises(NotFound):
            mentions.unmention(stranger, mine.id)
    with pytest.raises(NotFound):
        mentions.unmention(CLERK, 999)
    assert mentions.unmention(CLERK, mine.id) == mine
    with pytest.raises(NotFound):
        mentions.unmention(CLERK, mine.id)
    assert mentions.list_mentions(CLERK, 1) == [desks]
    assert history(1).count("mentioned") == 2


@pytest.mark.parametrize("user", [8, 9, 10, 101, 12345, 1])
def test_who_does_not_see_a_ticket_cannot_follow_it(staffed: Desk, user: int) -> None:
    with pytest.raises(Invalid):
        mentions.mention(CLERK, 1, user)
    assert mentions.list_mentions(CLERK, 1) == []


def test_who_may_not_mention(staffed: Desk) -> None:
    with pytest.raises(NotAllowed):
        mentions.mention(CUSTOMER, 1, 7)
    with pytest.raises(NotAllowed):
        mentions.list_mentions(CUSTOMER, 1)
    with pytest.raises(NotFound):
        mentions.mention(ELSEWHERE, 1, 8)


# --- time -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "kept"),
    [(11, "11"), ("0.5", "0.5"), ("1,25", "1.25"), (2.0, "2"), ("-3", "-3"), (" 100 ", "100")],
)
def test_amounts_of_time(written: object, kept: str) -> None:
    assert accountings.read_unit(written) == kept


@pytest.mark.parametrize(
    "written", ["", "x", "1h", True, None, [], "NaN", "Infinity", 10_000, "1e9"]
)
def test_what_is_no_amount_of_time(written: object) -> None:
    with pytest.raises(Invalid):
        accountings.read_unit(written)


def test_time_is_summed_up(desk: Desk) -> None:
    opened(desk, 1)
    first = accountings.book_time(CLERK, 1, "11")
    second = accountings.book_time(CLERK, 1, "0.25", entry=1)
    assert ticket(1).time_units == "11.25"
    accountings.change_accounting(CLERK, 1, first.id, "-1")
    assert ticket(1).time_units == "-0.75"
    assert accountings.delete_accounting(CLERK, 1, first.id).unit == "-1"
    assert ticket(1).time_units == "0.25"
    assert accountings.list_accountings(CLERK, 1) == [second]
    assert (second.entry, second.by) == (1, 7)
    for missing in (accountings.delete_accounting, accountings.find_accounting):
        with pytest.raises(NotFound):
            missing(CLERK, 1, first.id)
    assert accountings.ticket_of(second.id) == 1
    with pytest.raises(NotFound):
        accountings.ticket_of(first.id)
    with pytest.raises(NotFound) as refused:
        accountings.book_time(CLERK, 1, "1", entry=5)
    assert refused.value.what == "entry"


def test_who_may_not_book_time(desk: Desk) -> None:
    opened(desk, 1)
    for ask in (
        partial(accountings.book_time, ticket=1, unit="1"),
        partial(accountings.list_accountings, ticket=1),
    ):
        with pytest.raises(NotAllowed):
            ask(CUSTOMER)
        with pytest.raises(NotFound):
            ask(ELSEWHERE)
    desk.change_settings(time_accounting=False)
    with pytest.raises(Conflict):
        accountings.book_time(CLERK, 1, "1")


# --- faults ---------------------------------------------------------------------------------

OPERATIONS: dict[str, Callable[[int], object]] = {
    "normal": lambda n: relations.add_link(CLERK, "normal", n, 100),
    "parent": lambda n: relations.add_link(CLERK, "parent", 100, n),
    "mention": lambda n: mentions.mention(CLERK, n, 2),
    "time": lambda n: accountings.book_time(CLERK, n, "1.5"),
}


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", OPERATIONS)
@EVERY_WAY
def test_what_failed_is_whole_or_not_at_all(desk: Desk, how: How, name: str) -> None:
    opened(desk, 100)
    for number in range(1, 20):
        opened(desk, number)
        done = False
        with desk.injector.fault(how, number) as fault, suppress(DeskError):
            OPERATIONS[name](number)
            done = True
        is_there = whole(number)
        assert is_there or not done, fault
        if fault.hit is None:
            break
    assert number > 2


def whole(number: int) -> bool:
    """Whether something has happened to a ticket, in all its parts; otherwise in none."""
    rows = {item["sk"][:2] for item in table.query(ticket_key(number).pk)}
    told = [kind for kind in history(number) if kind != "created"]
    booked = accountings.of_ticket(number)
    assert ticket(number).time_units == ("1.5" if booked else "")
    assert all(accountings.ticket_of(one.id) == number for one in booked)
    here = relations.linked_with(ticket(number))
    there = relations.linked_with(ticket(100))
    assert bool(here) == any(other == number for _, other in there)
    for mention in mentions.of_ticket(number):
        assert table.get(mention_pointer_key(mention.id))
    happened = bool(rows & {"L#", "U#", "W#"}) or ticket(number).parent is not None
    assert happened == bool(told)
    assert len(told) <= 1
    return happened
