"""Bodies that no model describes: the document has what their readers look at."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from unittest.mock import patch

import pytest

from dialects.describing import Operation, Shared
from dialects.endpoint import Request
from dialects.zammad.accountings import read as accountings
from dialects.zammad.articles import read as articles
from dialects.zammad.catalogue import read as rows
from dialects.zammad.described import ZAMMAD
from dialects.zammad.links import read as links
from dialects.zammad.mentions import read as mentions
from dialects.zammad.organizations import read as organizations
from dialects.zammad.people import read as people
from dialects.zammad.read import Bag
from dialects.zammad.refuse import Refusal
from dialects.zammad.search import organizations as search_organizations
from dialects.zammad.search import tickets as search
from dialects.zammad.search import users as search_users
from dialects.zammad.tags import read as tags
from dialects.zammad.tickets import read as tickets
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.model.actor import Actor
from helpdesk.tickets import find
from local.cloud import ROOT
from tests.dialects.zammad.conftest import EVERY, Desk

ACTOR = Actor(key=1, permissions=frozenset(EVERY))


class Asked(Mapping[str, Any]):
    """Parameters that know which of them were looked at."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values_given = values
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.names.add(name)
        return self.values_given[name]

    def __contains__(self, name: object) -> bool:
        self.names.add(str(name))
        return name in self.values_given

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_given)

    def __len__(self) -> int:
        return len(self.values_given)


def _article(values: Bag, known: Catalogue) -> None:
    articles.ticket_of(values)
    articles.new_entry(values.values, ACTOR, known)


def _user(values: Bag, known: Catalogue) -> None:
    people._roles(ACTOR, values, [3])
    people._person(values, known)
    people._agent_values(values, known, None)


def _organization(values: Bag, _known: Catalogue) -> None:
    organizations.written(values, new=True)
    organizations.members(ACTOR, values)


def _tag(values: Bag, _known: Catalogue) -> None:
    tags.ticket(values)
    tags.item(values)


def _link(values: Bag, _known: Catalogue) -> None:
    links.kind(values)
    links.target(values)
    with patch.object(find, "by_number", lambda _number: 1):
        links.source(values)


def _accounting(values: Bag, _known: Catalogue) -> None:
    asked = Request("POST", "", "", {}, {}, {}, b"", "", "", ACTOR)
    accountings.ticket(asked, values)
    accountings.unit(values)
    accountings.entry(values)


READERS: dict[str, tuple[Callable[[Bag, Catalogue], object], dict[str, Any]]] = {
    "AccountingValues": (_accounting, {"time_unit": 1, "ticket_id": 1}),
    "GroupValues": (lambda v, known: rows.new_row("departments", v, known), {"name": "Billing"}),
    "LinkValues": (_link, {"link_type": "normal", "link_object_target_value": 1}),
    "MentionValues": (
        lambda v, _known: mentions.ticket(v),
        {"mentionable_type": "Ticket", "mentionable_id": 1},
    ),
    "NewArticleOfTicket": (_article, {"ticket_id": 1, "body": "It burns."}),
    "NewTicket": (
        lambda v, known: tickets.new_ticket(v, ACTOR, known),
        {"title": "Help me!", "group": "Users", "customer_id": 7},
    ),
    "OrganizationValues": (_organization, {"name": "Example Corp"}),
    "PriorityValues": (lambda v, known: rows.new_row("priorities", v, known), {"name": "later"}),
    "RecordSearch": (
        lambda v, _known: search_organizations.search(ACTOR, v),
        {"query": "printer", "with_total_count": True},
    ),
    "StateValues": (
        lambda v, known: rows.new_row("statuses", v, known),
        {"name": "waiting", "state_type": "open"},
    ),
    "TagOfTicket": (_tag, {"object": "Ticket", "o_id": 1, "item": "printer"}),
    "TagValues": (lambda v, _known: tags.item(v, "name"), {"name": "printer"}),
    "TicketChange": (
        lambda v, known: tickets.change(v, ACTOR, known),
        {"article": {"body": "It burns."}},
    ),
    "TicketSearch": (
        lambda v, _known: search.search(ACTOR, v),
        {"query": "printer", "with_total_count": True},
    ),
    "UserSearch": (
        lambda v, _known: search_users.search(ACTOR, v),
        {"query": "printer", "with_total_count": True},
    ),
    "UserValues": (_user, {"email": "ada@example.org"}),
}
"""A schema, what reads it, and the values that it needs."""


@pytest.mark.parametrize("name", READERS)
def test_a_schema_has_the_fields_that_its_reader_looks_at(desk: Desk, name: str) -> None:
    read, values = READERS[name]
    asked = Asked(values)
    read(Bag(asked), cache.load())
    schema: Any = ZAMMAD.schemas[name]
    assert asked.names == set(schema["properties"])


def test_an_article_of_a_ticket_is_read_as_one_alone() -> None:
    alone: Any = ZAMMAD.schemas["NewArticleOfTicket"]
    inside: Any = ZAMMAD.schemas["NewArticle"]
    assert set(alone["properties"]) == {"ticket_id", *inside["properties"]}


READ_IN_PARTS = {"AccountingChange", "ArticleChange", "NewArticle", "NewAttachment"}
"""Bodies of fewer fields, and parts of bodies."""


def test_every_body_is_compared() -> None:
    shown = {name for name in ZAMMAD.schemas if name.endswith(("Values", "Change", "Search"))}
    shown |= {name for name in ZAMMAD.schemas if name.startswith("New")} | {"TagOfTicket"}
    # A change is a row of a ticket's history.
    assert shown - {"Change"} == set(READERS) | READ_IN_PARTS


# --- words ----------------------------------------------------------------------------------


def _pattern(node: ast.expr) -> str | None:
    """What a text in the code may become."""
    if isinstance(node, ast.Constant):
        return re.escape(node.value) if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        parts = (_pattern(part) if isinstance(part, ast.Constant) else ".+" for part in node.values)
        return "".join(filter(None, parts))
    return None


def _said() -> re.Pattern[str]:
    """Every text of the dialect's code, but for its descriptions."""
    folder = ROOT / "layers/dialects/dialects/zammad"
    files = [file for file in folder.rglob("*.py") if not file.stem.startswith("describ")]
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8"))))
    found = (_pattern(node) for node in nodes if isinstance(node, ast.expr))
    # A text of blanks alone would fit anything.
    return re.compile("|".join(sorted({one for one in found if one and len(one) > 12})))


def _refusals(operations: Iterable[Operation]) -> Iterator[Refusal]:
    for operation in operations:
        yield from (one for one in operation.refusals if isinstance(one, Refusal))
        yield from _refusals(operation.paths.values())


def test_texts_of_refusals_are_those_of_the_code() -> None:
    said = _said()
    told = {one.text for one in _refusals(ZAMMAD.operations.values())}
    told |= {one.text for shared in ZAMMAD.shared.values() for one in _own(shared)}
    assert len(told) > 40
    assert [text for text in sorted(told) if not said.fullmatch(text)] == []


def _own(shared: Shared) -> list[Refusal]:
    return [one for one in shared.refusals if isinstance(one, Refusal)]
