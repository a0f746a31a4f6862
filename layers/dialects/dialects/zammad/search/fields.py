"""The names of ticket fields in searches, and the conditions they are translated to
(docs/zammad.md 7.7, 16, 17.1).
"""

from collections.abc import Callable, Iterable, Iterator

from dialects import parameters
from dialects.zammad import names
from dialects.zammad.search.words import named, tokens
from helpdesk import text
from helpdesk.catalogue.rows import Catalogue, fold
from helpdesk.index import postings
from helpdesk.model import conditions
from helpdesk.model.actor import NOBODY
from helpdesk.model.catalogue import Agent
from helpdesk.model.conditions import (
    NOTHING,
    AnyOf,
    Attribute,
    Condition,
    Every,
    HasText,
    IsSet,
    Not,
    OfOrganization,
    OneOf,
    SaysWord,
    TextAttribute,
)

MOMENTS: dict[str, conditions.Moment] = {
    "created_at": "created",
    "updated_at": "updated",
    "pending_time": "pending_until",
    "first_response_at": "first_response",
    "close_at": "first_closed",
    "last_close_at": "last_closed",
    "last_contact_agent_at": "agent_contact",
    "last_contact_customer_at": "customer_contact",
    "last_contact_at": "last_contact",
}
"""Times of a ticket."""

TEXTS: dict[str, TextAttribute] = {
    "title": "subject",
    "note": "note",
    "customer.firstname": "person_name",
    "customer.lastname": "person_name",
    "customer.name": "person_name",
}
"""Texts that are matched word by word."""

KEYWORDS: dict[str, TextAttribute] = {
    "number": "number",
    "type": "kind",
    "tags": "tags",
    "tag": "tags",
    "customer.email": "person_email",
    "customer.login": "person_email",
}
"""Texts that are matched as a whole."""

SAID = frozenset(
    {"article.body", "article.subject", "article.from", "article.to", "article.cc", "article"}
)
"""Fields of messages, all of which the index holds as one text."""

_IDS: dict[str, Attribute] = {
    "id": "id",
    "customer_id": "person",
    "customer.id": "person",
    "organization_id": "organization",
    "organization.id": "organization",
    "customer.organization_id": "organization",
    "created_by_id": "created_by",
    "updated_by_id": "updated_by",
}

_SET: dict[str, Attribute | TextAttribute] = {
    "owner": "agent",
    "owner_id": "agent",
    "organization": "organization",
    "organization.name": "organization",
    "customer": "person",
}
"""Reference fields that may be empty."""


class Fields:
    """The fields of tickets, with names resolved by the catalogue.

    Args:
        known: The catalogue.
    """

    def __init__(self, known: Catalogue) -> None:
        self._known = known
        self._states = names.states(known)
        self._ranks = names.priorities(known)

    # --- fields by name ---

    def exists(self, name: str) -> Condition:
        """Whether a ticket has a value in a field; an unknown field matches nothing."""
        if name in MOMENTS:
            return IsSet(MOMENTS[name])
        if attribute := TEXTS.get(name) or KEYWORDS.get(name) or _SET.get(name) or _IDS.get(name):
            return IsSet(attribute)
        return Every(()) if name in SAID or self._relation(name) else NOTHING

    def matches(  # noqa: PLR0911 - one return for each kind of field
        self, name: str, value: str, *, phrase: bool
    ) -> Condition:
        """Whether a field has a value; an unknown field matches nothing."""
        if value == "*" and not phrase:
            return self.exists(name)
        if name in SAID:
            return says(value)
        if name in TEXTS:
            return _words(TEXTS[name], value, phrase=phrase)
        if name in KEYWORDS:
            # Tags are only case-folded, as in their keys.
            folded = fold(value) if KEYWORDS[name] == "tags" else postings.searched(value)
            return HasText(KEYWORDS[name], folded, whole=True)
        if name in _IDS:
            return self.ids(name, [value])
        if relation := self._relation(name):
            return relation(value)
        return NOTHING

    def ids(self, name: str, values: Iterable[str]) -> Condition:
        """Whether a field has one of these ids."""
        wanted = {number for value in values if (number := parameters.id_of(value)) is not None}
        if name in {"state_id", "state.id"}:
            return AnyOf(tuple(self._state(one) for one in self._states if one.id in wanted))
        if name in {"priority_id", "priority.id"}:
            rows = {row for rank in self._ranks if rank.id in wanted for row in rank.alike}
            return OneOf("priority", frozenset(rows))
        if name in {"group_id", "group.id"}:
            return OneOf("department", frozenset(wanted))
        if name in {"owner_id", "owner.id"}:
            owners = {None if number == NOBODY else number for number in wanted}
            return OneOf("agent", frozenset(owners))
        if name in _IDS:
            return OneOf(_IDS[name], frozenset(wanted))
        return NOTHING

    def is_id(self, name: str) -> bool:
        """Whether a field contains an id."""
        return name in _IDS or name in {"state_id", "priority_id", "group_id", "owner_id"}

    def _relation(self, name: str) -> Callable[[str], Condition] | None:
        if name in {"state_id", "state.id", "priority_id", "group_id", "group.id", "owner_id"}:
            return lambda value: self.ids(name, [value])
        base, _, part = name.partition(".")
        if base in {"state", "priority", "group"} and part in {"", "name"}:
            return {"state": self.state, "priority": self.priority, "group": self.group}[base]
        if base == "owner" and part in {"", "login", "email", "firstname", "lastname", "name"}:
            return self.owner
        if name == "customer":
            return lambda value: AnyOf(
                (
                    _words("person_name", value, phrase=False),
                    HasText("person_email", postings.searched(value), whole=True),
                )
            )
        if base == "organization" and part in {"", "name"}:
            return _organization
        return None

    # --- names in values ---

    def state(self, value: str) -> Condition:
        """Whether the state has this name."""
        return AnyOf(tuple(self._state(one) for one in self._states if named(value, one.name)))

    def _state(self, state: names.State) -> Condition:
        if state.id == names.MERGED:
            return IsSet("merged_into")
        if state.id == names.REMOVED:
            return NOTHING
        statuses = state.alike
        stages: set[str] = {state.phase} if state.phase else set()
        if state.id in {names.PENDING_REMINDER, names.PENDING_CLOSE}:
            rows = self._known.statuses.values()
            statuses = frozenset(row.id for row in rows if row.state == "open")
        elif state.id > names.BEYOND and state.phase:
            stages = {"new", "open"}
        return Every(
            (
                OneOf("status", frozenset(statuses)),
                Not(IsSet("merged_into")),
                *([OneOf("stage", frozenset(stages))] if stages else []),
            )
        )

    def priority(self, value: str) -> Condition:
        """Whether the priority has this name."""
        rows = {row for rank in self._ranks if named(value, rank.name) for row in rank.alike}
        return OneOf("priority", frozenset(rows))

    def group(self, value: str) -> Condition:
        """Whether the group has this name."""
        rows = self._known.departments.values()
        found = [
            row.id
            for row in rows
            if named(value, names.group_name(row, self._known)) or named(value, row.name)
        ]
        return OneOf("department", frozenset(found))

    def owner(self, value: str) -> Condition:
        """Whether the owner has this name, login or address."""
        if value == names.NOBODY_LOGIN:
            return OneOf("agent", frozenset({None}))
        rows = self._known.agents.values()
        found = [row.id for row in rows if any(named(value, one) for one in _called(row))]
        return OneOf("agent", frozenset(found))

    # --- anywhere ---

    def anywhere(self, value: str, *, phrase: bool) -> Condition:
        """Whether every word of a value occurs somewhere in a ticket."""
        if not phrase and text.fold(value).startswith("ticket#"):
            return HasText("number", value[len("ticket#") :], whole=True)
        words = tokens(value)
        if len(words) > 1:
            return self._together(value)
        return self._word(words[0]) if words else Every(())

    def _together(self, value: str) -> Condition:
        """Whether several words occur consecutively; in messages, whether all of them occur."""
        pattern = f"*{postings.searched(value)}*"
        attributes: tuple[TextAttribute, ...] = ("subject", "number", "person_name", "person_email")
        return AnyOf(
            (
                *(HasText(attribute, pattern, whole=True) for attribute in attributes),
                HasText("tags", fold(value.rstrip("*")), whole=True),
                OfOrganization(pattern, whole=True),
                says(value),
            )
        )

    def _word(self, word: str) -> Condition:
        if not word.strip("*"):
            return Every(())
        return AnyOf((*self._of_a_ticket(word), *self._of_names(word)))

    def _of_a_ticket(self, word: str) -> Iterator[Condition]:
        yield HasText("subject", word)
        yield HasText("number", word, whole=True)
        yield HasText("person_name", word)
        yield HasText("person_email", word)
        yield HasText("tags", word.rstrip("*"), whole=True)
        # Shorter words are not in the index of messages.
        if len(word.rstrip("*")) >= postings.SHORTEST_WORD:
            yield SaysWord(word)

    def _of_names(self, word: str) -> Iterator[Condition]:
        for test in (self.owner(word), self.priority(word), self.group(word)):
            if isinstance(test, OneOf) and test.values:
                yield test
        if (state := self.state(word)) != NOTHING:
            yield state
        if word.strip("*?"):
            yield OfOrganization(word)


def says(value: str) -> Condition:
    """Whether every word of a value occurs in a ticket's messages."""
    words = [word for word in tokens(value) if len(word) >= postings.SHORTEST_WORD]
    return Every(tuple(map(SaysWord, words))) if words else NOTHING


def _words(attribute: TextAttribute, value: str, *, phrase: bool) -> Condition:
    tests: list[Condition] = [HasText(attribute, word) for word in tokens(value)]
    if phrase:
        tests.append(HasText(attribute, f"*{postings.searched(value)}*", whole=True))
    return Every(tuple(tests)) if tests else NOTHING


def _called(agent: Agent) -> tuple[str, ...]:
    return agent.name, agent.username, agent.email


def _organization(value: str) -> Condition:
    words = [word for word in tokens(value) if word.strip("*?")]
    return Every(tuple(map(OfOrganization, words))) if words else NOTHING
