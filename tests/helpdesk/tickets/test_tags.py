"""Tags of tickets, the list of tags, and the effects of list changes on tickets."""

from contextlib import suppress
from itertools import permutations

import pytest

from helpdesk import tags as tag_list
from helpdesk.errors import DeskError, Invalid, NotAllowed, NotFound, TooLarge
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.projection import project
from helpdesk.storage import table, ticket_items
from helpdesk.storage.keys import ticket_key
from helpdesk.tickets import deletion, tags
from tests.desk import Desk
from tests.faults import EVERY_UNCLEAR_WAY, EVERY_WAY, How
from tests.recount import assert_counted
from tests.world import later, waiting

BOSS = Actor(key=1, permissions=frozenset({"can_manage_directory"}))
CLERK = Actor(key=2, permissions=frozenset({"can_update_tickets"}), agent=7)


def opened(desk: Desk, *numbers: int) -> None:
    for number in numbers:
        desk.open(number)
    settle()


def settle() -> None:
    for _ in range(4):
        project.project([*waiting(), *waiting("AUDIT#")])


def of(number: int) -> tuple[str, ...]:
    item = table.get(ticket_key(number))
    assert item
    return ticket_items.as_ticket(item).tags


def listed() -> list[tuple[str, int]]:
    return [(tag.name, tag.count) for tag in tag_list.list_tags()]


def tagged(desk: Desk, name: str) -> list[int]:
    return [int(ticket) for ticket in desk.index(f"TAG#{name}")]


def test_a_ticket_has_each_tag_once_in_the_order_of_attachment(desk: Desk) -> None:
    opened(desk, 1)
    tags.add_tags(CLERK, 1, ["Printer "])
    tags.add_tags(CLERK, 1, ["fire", "PRINTER", "Fire"])
    assert of(1) == ("Printer", "fire")
    settle()
    assert listed() == [("fire", 1), ("Printer", 1)]
    assert tagged(desk, "printer") == [1]


def test_what_changes_nothing_writes_nothing(desk: Desk) -> None:
    opened(desk, 1)
    tags.add_tags(CLERK, 1, ["fire"])
    before = table.get(ticket_key(1))
    tags.add_tags(CLERK, 1, ["FIRE"])
    tags.remove_tags(CLERK, 1, ["smoke"])
    assert table.get(ticket_key(1)) == before


def test_a_tag_is_spelled_as_in_the_list(desk: Desk) -> None:
    opened(desk, 1, 2)
    tags.add_tags(CLERK, 1, ["Fire"])
    settle()
    tags.add_tags(CLERK, 2, ["fire"])
    assert of(2) == ("Fire",)
    settle()
    assert listed() == [("Fire", 2)]
    assert tagged(desk, "fire") == [1, 2]


def test_a_tag_that_no_ticket_has_any_more_stays_in_the_list(desk: Desk) -> None:
    opened(desk, 1)
    tags.add_tags(CLERK, 1, ["fire"])
    settle()
    tags.remove_tags(CLERK, 1, ["FIRE"])
    assert of(1) == ()
    assert "tags" not in (table.get(ticket_key(1)) or {})
    settle()
    assert listed() == [("fire", 0)]
    assert tagged(desk, "fire") == []


def test_who_may_not_make_tags_gives_those_there_are(desk: Desk) -> None:
    opened(desk, 1)
    tag_list.create_tag(BOSS, "known")
    desk.change_settings(tag_new=False)
    tags.add_tags(CLERK, 1, ["Known"])
    with pytest.raises(NotAllowed):
        tags.add_tags(CLERK, 1, ["new"])
    tags.add_tags(BOSS, 1, ["new"])
    assert of(1) == ("known", "new")


@pytest.mark.parametrize("actor", [Actor(customer=101), Actor(departments=frozenset({3}))])
def test_who_may_not(desk: Desk, actor: Actor) -> None:
    opened(desk, 1)
    for change in (tags.add_tags, tags.remove_tags):
        with pytest.raises((NotAllowed, NotFound)):
            change(actor, 1, ["fire"])
    assert of(1) == ()


def test_bad_tags(desk: Desk) -> None:
    opened(desk, 1)
    with pytest.raises(Invalid):
        tags.add_tags(CLERK, 1, ["a", " \n "])
    with pytest.raises(TooLarge):
        tags.add_tags(CLERK, 1, [str(number) for number in range(tags.MOST_TAGS + 1)])
    with pytest.raises(NotFound):
        tags.add_tags(CLERK, 2, ["a"])
    tags.add_tags(CLERK, 1, ["\N{LATIN SMALL LETTER SHARP S}" * 400])
    assert len(of(1)[0]) == tag_list.LONGEST_NAME
    settle()


@pytest.mark.exhaustive
def test_events_in_any_order_leave_the_same_postings(desk: Desk) -> None:
    for number, order in enumerate(permutations(range(3)), start=1):
        opened(desk, number)
        tags.add_tags(CLERK, number, ["fire"])
        tags.remove_tags(CLERK, number, ["fire"])
        tags.add_tags(CLERK, number, ["fire"])
        events = [key for key in waiting() if "notify" not in desk.todo(key)]
        for place in order:
            project.project([events[place]])
    assert tagged(desk, "fire") == list(range(1, 7))
    assert listed() == [("fire", 6)]


def test_a_deleted_ticket_is_no_tags_ticket(desk: Desk) -> None:
    opened(desk, 1, 2)
    tags.add_tags(CLERK, 1, ["fire", "smoke"])
    tags.add_tags(CLERK, 2, ["fire"])
    settle()
    tags.add_tags(CLERK, 1, ["late"])
    deletion.delete_ticket(SYSTEM, 1)
    settle()
    assert listed() == [("fire", 1), ("late", 0), ("smoke", 0)]
    assert (tagged(desk, "fire"), tagged(desk, "smoke"), tagged(desk, "late")) == ([2], [], [])


# --- the list -------------------------------------------------------------------------------


def test_the_list(desk: Desk) -> None:
    first = tag_list.create_tag(BOSS, " b ")
    assert tag_list.create_tag(BOSS, "B") == first
    tag_list.create_tag(BOSS, "a")
    assert listed() == [("a", 0), ("b", 0)]
    for refused in (lambda: tag_list.create_tag(CLERK, "x"), lambda: tag_list.delete_tag(CLERK, 1)):
        with pytest.raises(NotAllowed):
            refused()
    with pytest.raises(Invalid):
        tag_list.create_tag(BOSS, " ")
    with pytest.raises(NotFound):
        tag_list.rename_tag(BOSS, 99, "x")
    with pytest.raises(NotFound):
        tag_list.delete_tag(BOSS, 99)


def test_a_search_finds_any_part_of_a_name(desk: Desk) -> None:
    opened(desk, 1, 2)
    tags.add_tags(CLERK, 1, ["Fire alarm", "alarm", "x"])
    tags.add_tags(CLERK, 2, ["alarm"])
    settle()
    assert [tag.name for tag in tag_list.search_tags("ALARM")] == ["alarm", "Fire alarm"]
    assert [tag.name for tag in tag_list.search_tags(" ")] == ["alarm", "Fire alarm", "x"]
    tags.add_tags(CLERK, 1, [f"t{number:02}" for number in range(15)])
    settle()
    assert len(tag_list.search_tags("t")) == tag_list.MOST_FOUND


def test_a_renamed_tag_is_renamed_in_its_tickets(desk: Desk) -> None:
    opened(desk, 1, 2, 3)
    for number in (1, 2):
        tags.add_tags(CLERK, number, ["a", "fire", "z"])
    tags.add_tags(CLERK, 3, ["a"])
    settle()
    (fire,) = tag_list.search_tags("fire")
    assert tag_list.rename_tag(BOSS, fire.id, "Blaze").id == fire.id
    settle()
    assert of(1) == of(2) == ("a", "Blaze", "z")
    assert of(3) == ("a",)
    assert listed() == [("a", 3), ("Blaze", 2), ("z", 2)]
    assert (tagged(desk, "fire"), tagged(desk, "blaze")) == ([], [1, 2])
    assert_counted()


def test_a_tag_in_other_letters_is_the_same_tag(desk: Desk) -> None:
    opened(desk, 1)
    tags.add_tags(CLERK, 1, ["fire"])
    settle()
    (fire,) = tag_list.list_tags()
    tag_list.rename_tag(BOSS, fire.id, "FIRE")
    settle()
    assert of(1) == ("FIRE",)
    assert listed() == [("FIRE", 1)]
    assert tagged(desk, "fire") == [1]


def test_a_tag_that_gets_the_name_of_another_becomes_that_one(desk: Desk) -> None:
    opened(desk, 1, 2)
    tags.add_tags(CLERK, 1, ["fire", "blaze"])
    tags.add_tags(CLERK, 2, ["fire"])
    settle()
    blaze, fire = tag_list.list_tags()
    assert tag_list.rename_tag(BOSS, fire.id, "Blaze").id == blaze.id
    settle()
    assert of(1) == of(2) == ("blaze",)
    assert listed() == [("blaze", 2)]
    with pytest.raises(NotFound):
        tag_list.rename_tag(BOSS, fire.id, "x")


def test_a_deleted_tag_leaves_its_tickets(desk: Desk) -> None:
    opened(desk, 1)
    tags.add_tags(CLERK, 1, ["fire", "smoke"])
    settle()
    fire, _ = tag_list.list_tags()
    tag_list.delete_tag(BOSS, fire.id)
    settle()
    assert of(1) == ("smoke",)
    assert listed() == [("smoke", 1)]


@pytest.mark.parametrize("renamed", [True, False])
def test_a_ticket_that_gets_the_tag_at_that_moment_is_not_forgotten(
    desk: Desk, renamed: bool
) -> None:
    opened(desk, 1, 2)
    tags.add_tags(CLERK, 1, ["fire"])
    settle()
    (fire,) = tag_list.list_tags()
    tags.add_tags(CLERK, 2, ["fire"])
    straggler = waiting()
    later(seconds=1)
    if renamed:
        tag_list.rename_tag(BOSS, fire.id, "blaze")
    else:
        tag_list.delete_tag(BOSS, fire.id)
    project.project(waiting("AUDIT#"))
    project.project(straggler)
    settle()
    assert of(1) == of(2) == (("blaze",) if renamed else ())
    assert listed() == ([("blaze", 2)] if renamed else [])


def test_a_deleted_tag_can_be_given_again(desk: Desk) -> None:
    opened(desk, 1, 2)
    tags.add_tags(CLERK, 1, ["fire"])
    settle()
    (fire,) = tag_list.list_tags()
    tag_list.delete_tag(BOSS, fire.id)
    settle()
    later(seconds=1)
    tags.add_tags(CLERK, 2, ["fire"])
    settle()
    assert of(2) == ("fire",)
    assert listed() == [("fire", 1)]


# --- faults ---------------------------------------------------------------------------------


@EVERY_WAY
def test_a_tag_that_failed_and_came_again_is_there_once(desk: Desk, how: How) -> None:
    for number in range(1, 20):
        opened(desk, number)
        with desk.injector.fault(how, number) as fault, suppress(DeskError):
            tags.add_tags(CLERK, number, ["fire"])
        tags.add_tags(CLERK, number, ["fire"])
        assert of(number) == ("fire",)
        if fault.hit is None:
            break
    assert number > 2
    settle()
    assert listed() == [("fire", number)]


@pytest.mark.exhaustive
@EVERY_UNCLEAR_WAY
def test_a_renaming_that_broke_off_is_taken_up_by_the_next_delivery(desk: Desk, how: How) -> None:
    for nth in range(1, 40):
        numbers = (2 * nth, 2 * nth + 1)
        opened(desk, *numbers)
        for number in numbers:
            tags.add_tags(CLERK, number, [f"old{nth}"])
        settle()
        (old,) = tag_list.search_tags(f"old{nth}")
        tag_list.rename_tag(BOSS, old.id, f"new{nth}")
        keys = waiting("AUDIT#")
        with desk.injector.fault(how, nth) as fault:
            desk.deliver("project", *keys)
        settle()
        assert {of(number) for number in numbers} == {(f"new{nth}",)}
        assert [(tag.name, tag.count) for tag in tag_list.search_tags(f"new{nth}")] == [
            (f"new{nth}", 2)
        ]
        if fault.hit is None:
            break
    assert nth > 5
