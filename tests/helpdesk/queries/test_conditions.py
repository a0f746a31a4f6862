"""Conditions compared with the simplest evaluation: read everything of every ticket."""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.errors import TooWide
from helpdesk.index import postings
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.model.conditions import (
    EVERYTHING,
    NOTHING,
    AnyOf,
    Condition,
    Every,
    HasText,
    IsSet,
    Not,
    OfOrganization,
    OneOf,
    SaysWord,
    Within,
)
from helpdesk.model.entries import Body, Entry
from helpdesk.model.people import Person
from helpdesk.model.queries import Page, Wanted
from helpdesk.model.tickets import Ticket
from helpdesk.organizations import create_organization
from helpdesk.queries import conditions, limits
from helpdesk.queries.lists import find_tickets, list_tickets
from helpdesk.storage import transact
from helpdesk.storage.keys import tagged_key
from tests.gateway import cloud
from tests.helpdesk.queries.many import START, ids, in_order, naive, store, ticket

SUBJECTS = ("Printer on fire", "Drucker brennt", "Café #12", "", "fire-drill in B-12")
SAYS = ("the printer burns", "bring water", "nothing at all", "Wasser im Keller", "burning burner")
ACME = 2
PEOPLE = {100: ("Jane Doe", "jane@example.com"), 101: ("Joan", "joan@example.org"), 102: ("", "")}


def random_desk(count: int) -> tuple[list[Ticket], dict[int, dict[str, set[str]]]]:
    """Tickets, and the words that were written to each, public ones and those of notes."""
    dice = random.Random(11)
    tickets, said = [], {}
    for number in range(1, count + 1):
        if dice.random() < 0.1:
            continue
        person = dice.choice((100, 100, 101, 102))
        name, email = PEOPLE[person]
        at = START + timedelta(minutes=dice.randrange(90))
        tickets.append(
            ticket(
                number,
                subject=dice.choice(SUBJECTS),
                status=dice.choices((1, 2, 3, 5), (6, 2, 2, 1))[0],
                department=dice.choice((1, 1, 2)),
                priority=dice.choice((1, 2, 3)),
                person=person,
                person_name=name,
                person_email=email,
                organization=dice.choice((None, None, 2)),
                agent=dice.choice((None, 3, 4)),
                updated=at,
                pending_until=dice.choice((None, at)),
                tags=dice.choice(((), ("vip",), ("vip", "two words"))),
                note=dice.choice(("", "call back")),
                phase=dice.choice((None, "open", "pending_close")),
            )
        )
        said[number] = {
            "public": set(postings.words(Body(dice.choice(SAYS), "text"))),
            "note": set(postings.words(Body(dice.choice(SAYS), "text"))),
        }
    return tickets, said


TICKETS, SAID = random_desk(90)


@pytest.fixture(scope="module", autouse=True)
def _desk() -> Iterator[None]:
    with cloud():
        store(TICKETS, last=95)
        writes: list[Any] = []
        for one in TICKETS:
            for kind in ("message", "note"):
                words = SAID[one.id]["public" if kind == "message" else "note"]
                entry: Any = Entry(
                    one.id, one.id, kind, Body(" ".join(words), "text"), "Jane", START
                )
                writes += postings.entry_postings(entry, 1)
            for tag in one.tags:
                writes.append(transact.put(tagged_key(tag, one.id), {"v": 1}, where="index"))
        for person, (name, email) in PEOPLE.items():
            writes += postings.person_postings(Person(person, name, email))
        create_organization(SYSTEM, {"id": ACME, "name": "Acme Corp"})
        writes += postings.named_postings(ACME, ["Acme Corp"], "organization")
        transact.write_many(writes)
        yield


def meets(  # noqa: C901, PLR0911 - one return for each kind
    actor: Actor, condition: Condition, one: Ticket
) -> bool:
    """The words of `model.conditions`, by fnmatch and sets."""
    match condition:
        case Every():
            return all(meets(actor, part, one) for part in condition.parts)
        case AnyOf():
            return any(meets(actor, part, one) for part in condition.parts)
        case Not():
            return not meets(actor, condition.part, one)
        case OneOf():
            return getattr(one, condition.attribute) in condition.values
        case IsSet():
            return bool(getattr(one, condition.attribute))
        case Within():
            at = getattr(one, condition.moment)
            after = condition.start is None or (at and at >= condition.start)
            return bool(at and after and (condition.end is None or at < condition.end))
        case SaysWord():
            words = SAID[one.id]["public"] | (SAID[one.id]["note"] if not actor.customer else set())
        case OfOrganization():
            texts = ["acme corp"] if one.organization == ACME else []
            words = {word for text in texts for word in text.split()}
            among = texts if condition.whole else words
            return any(fnmatchcase(text, condition.pattern) for text in among)
        case HasText():
            value = getattr(one, condition.attribute)
            texts = [postings.searched(t) for t in ([value] if isinstance(value, str) else value)]
            if condition.whole:
                return any(fnmatchcase(text, condition.pattern) for text in texts)
            words = {word for text in texts for word in postings.split(text)}
    return any(fnmatchcase(word, condition.pattern) for word in words)


_IDS = st.sets(st.sampled_from([None, 1, 2, 3, 4, 100, 101, 7]), max_size=3).map(frozenset)
_WORDS = st.sampled_from(
    ["printer", "fire", "bur*", "burn?", "b*n*", "wa*r", "12", "drucker", "nowhere", "cafe", "in"]
)
_TIMES = st.none() | st.integers(0, 90).map(lambda minutes: START + timedelta(minutes=minutes))
_WHOLE = st.just(True)
LEAVES = st.one_of(
    st.builds(
        OneOf,
        st.sampled_from(["status", "department", "priority", "agent", "person", "organization"]),
        _IDS,
    ),
    st.builds(OneOf, st.just("id"), _IDS),
    st.builds(OneOf, st.just("stage"), st.just(frozenset({"new", "pending_close"}))),
    st.builds(HasText, st.sampled_from(["subject", "note", "person_name"]), _WORDS),
    st.builds(
        HasText, st.just("tags"), st.sampled_from(["vip", "two*", "two words"]), st.just(True)
    ),
    st.builds(
        HasText, st.just("number"), st.sampled_from(["700007", "7000*", "*3"]), st.just(True)
    ),
    st.builds(
        HasText,
        st.just("person_email"),
        st.sampled_from(["jane@example.com", "*@example.org", "*"]),
        _WHOLE,
    ),
    st.builds(OfOrganization, st.sampled_from(["acme", "c*p", "jane", "doe*"])),
    st.builds(OfOrganization, st.sampled_from(["*me co*", "acme"]), _WHOLE),
    st.builds(SaysWord, st.sampled_from(["printer", "bur*", "wa*r", "burn?r", "keller", "no*g"])),
    st.builds(Within, st.sampled_from(["updated", "pending_until"]), _TIMES, _TIMES),
    st.builds(IsSet, st.sampled_from(["agent", "organization", "tags", "note", "pending_until"])),
    st.sampled_from([EVERYTHING, NOTHING]),
)
TREES: st.SearchStrategy[Condition] = st.recursive(
    LEAVES,
    lambda part: st.one_of(
        st.lists(part, max_size=3).map(tuple).map(Every),
        st.lists(part, max_size=3).map(tuple).map(AnyOf),
        part.map(Not),
    ),
    max_leaves=8,
)
ACTORS = st.sampled_from(
    [
        SYSTEM,
        Actor(key=1, departments=frozenset({2})),
        Actor(key=2, customer=100),
        Actor(key=3, customer=101, organizations=frozenset({2})),
    ]
)
PAGES = st.builds(
    Page,
    sort=st.sampled_from(["created", "updated", "number"]),
    descending=st.booleans(),
    offset=st.sampled_from([0, 0, 1, 10, 60]),
    limit=st.sampled_from([1, 5, 100]),
)


def expected(actor: Actor, condition: Condition, page: Page) -> list[Ticket]:
    seen = [one for one in TICKETS if visible_to(actor, one)]
    return in_order([one for one in seen if meets(actor, condition, one)], page)


def visible_to(actor: Actor, one: Ticket) -> bool:
    shared = one.organization in actor.organizations
    return bool(
        naive(Actor(departments=actor.departments), Wanted(), [one])
        and (actor.customer is None or one.person == actor.customer or shared)
    )


@pytest.mark.exhaustive
@given(ACTORS, TREES, PAGES)
def test_a_page_and_its_total_are_what_reading_everything_finds(
    actor: Actor, condition: Condition, page: Page
) -> None:
    every = expected(actor, condition, page)
    shown = ids(every[page.offset :][: page.limit])
    wanted = Wanted(condition=condition)
    assert ids(find_tickets(actor, wanted, page)) == shown
    found, total = list_tickets(actor, wanted, page)
    assert (ids(found), total) == (shown, len(every))


@given(ACTORS, TREES, PAGES, st.sampled_from([3, 20, 60]))
def test_where_too_much_would_be_read_the_answer_is_refused_and_never_short(
    actor: Actor, condition: Condition, page: Page, most: int
) -> None:
    every = expected(actor, condition, page)
    with ExitStack() as bounds:
        for name in ("MOST_CANDIDATES", "PROBE", "SAMPLE"):
            bounds.enter_context(patch.object(limits, name, most))
        bounds.enter_context(patch.object(conditions, "MOST_OWNERS", 2))
        try:
            found, total = list_tickets(actor, Wanted(condition=condition), page)
        except TooWide:
            return
    assert (ids(found), total) == (ids(every[page.offset :][: page.limit]), len(every))


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=10))
def test_a_pattern_matches_as_fnmatch_does(pattern: str, text: str) -> None:
    assert postings.matches(pattern, text) == fnmatchcase(text, pattern)


def test_a_pattern_of_many_wildcards_is_matched_at_once() -> None:
    assert not postings.matches("*a" * 500 + "b", "a" * 1_000)


def test_a_word_that_is_too_short_or_has_no_beginning_is_refused() -> None:
    for pattern in ("a", "a*", "*burn", "?urns"):
        with pytest.raises(TooWide):
            find_tickets(SYSTEM, Wanted(condition=SaysWord(pattern)), Page())
    many = AnyOf(tuple(OneOf("id", frozenset({number})) for number in range(300)))
    with pytest.raises(TooWide):
        find_tickets(SYSTEM, Wanted(condition=many), Page())


FORMS = st.sampled_from(["printer", "bring", "bur*", "burn?r", "wa*r", "nothing", "no*g"])


@given(ACTORS, FORMS, st.booleans(), st.sets(st.integers(1, 95), max_size=6), PAGES)
def test_a_frequent_word_is_read_for_the_tickets_that_the_rest_leaves(
    actor: Actor, pattern: str, without: bool, rest: set[int], page: Page
) -> None:
    said: Condition = SaysWord(pattern)
    condition = Every((OneOf("id", frozenset(rest)), Not(said) if without else said))
    every = expected(actor, condition, page)
    with patch.object(limits, "MOST_CANDIDATES", 7):
        found, total = list_tickets(actor, Wanted(condition=condition), page)
    assert (ids(found), total) == (ids(every[page.offset :][: page.limit]), len(every))


@pytest.mark.parametrize(
    ("condition", "bounds"),
    [
        (SaysWord("printer"), {}),
        (AnyOf((SaysWord("printer"), OneOf("id", frozenset({1})))), {}),
        (Not(SaysWord("printer")), {}),
        (Every((SaysWord("printer"), OneOf("id", frozenset({1, 2, 3})))), {"MOST_CHECKED": 2}),
        (Every((SaysWord("bur*"), OneOf("id", frozenset({1, 2})))), {"MOST_CHECKED": 3}),
        (Every((SaysWord("bur*"), OneOf("id", frozenset({1})))), {"MOST_FORMS": 2}),
        (
            Every((SaysWord("printer"), SaysWord("bring"), OneOf("id", frozenset({1, 2, 3})))),
            {"MOST_CHECKED": 5},
        ),
    ],
)
def test_a_frequent_word_is_refused_where_that_would_read_too_much(
    condition: Condition, bounds: dict[str, int]
) -> None:
    with ExitStack() as bounded:
        bounded.enter_context(patch.object(limits, "MOST_CANDIDATES", 7))
        for name, most in bounds.items():
            bounded.enter_context(patch.object(limits, name, most))
        with pytest.raises(TooWide):
            find_tickets(SYSTEM, Wanted(condition=condition), Page())
