"""The grammar of the query language (docs/zammad.md 7.7 and 17.15).

lark builds an LALR(1) parser from it, so the time is linear in the length of the text. Importing
lark takes a tenth of a cold start, so `language` imports this module only if a query needs it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import LarkError, VisitError

from dialects.zammad.search.tree import (
    All,
    Fielded,
    NotReadable,
    Query,
    Range,
    Some,
    Term,
    Without,
)

DEEPEST = 40
"""Most levels of nested brackets and negations."""

GRAMMAR = r"""
start: or_
or_: and_ (_OR and_)*
and_: clause (_AND? clause)*
?clause: _NOT clause -> negated
    | _PLUS clause -> plain
    | atom
?atom: group | term | fielded
group: "(" or_ ")"
fielded: FIELD (group | term | range | compared)
term: WORD | PHRASE
range: (OPEN | OPEN_WITHOUT) (WORD | PHRASE) _TO (WORD | PHRASE) (CLOSE | CLOSE_WITHOUT)
compared: RELATION (WORD | PHRASE)

_OR.5: /OR(?=[\s(]|$)|\|\|/
_AND.5: /AND(?=[\s(]|$)|&&/
_NOT.5: /NOT(?=[\s(]|$)|[!-](?=\S)/
_TO.5: /TO(?=\s)/
_PLUS.5: /\+(?=\S)/
FIELD.4: /[\w.*][\w.*-]*:/
RELATION: ">=" | "<=" | ">" | "<"
OPEN: "["
OPEN_WITHOUT: "{"
CLOSE: "]"
CLOSE_WITHOUT: "}"
PHRASE.3: /"(\\.|[^"\\])*"(~[\d.]*)?(\^[\d.]+)?/
WORD: /(\\.|[^\s()\[\]{}"<>:!\\+-])(\\.|[^\s()\[\]{}"\\])*/
%ignore /\s+/
"""


def parse(text: str) -> Query:
    """The tree of a non-blank query.

    Raises:
        NotReadable: It does not follow the grammar, or is nested too deeply.
    """
    try:
        # Brackets and negations nest; nesting beyond DEEPEST is refused while the tree is built.
        tree: Any = _parser.parse(text)
    except (LarkError, VisitError, RecursionError) as wrong:
        raise NotReadable from wrong
    found: Query = tree.query
    return found


@dataclass(frozen=True, slots=True)
class _Built:
    query: Query
    depth: int = 0


@v_args(inline=True)
class _Build(Transformer[Token, Any]):
    """Builds the tree bottom-up while parsing."""

    def start(self, found: _Built) -> _Built:
        return found

    def plain(self, found: _Built) -> _Built:
        return found

    def or_(self, *parts: _Built) -> _Built:
        return _joined(Some, parts)

    def and_(self, *parts: _Built) -> _Built:
        return _joined(All, parts)

    def group(self, found: _Built) -> _Built:
        return _deeper(found, found.query)

    def negated(self, found: _Built) -> _Built:
        return _deeper(found, Without(found.query))

    def fielded(self, name: Token, found: _Built) -> _Built:
        return _deeper(found, Fielded(name[:-1], found.query))

    def term(self, word: Token) -> _Built:
        if word.type == "PHRASE":
            return _Built(Term(_phrase(word), phrase=True))
        return _Built(Term(_word(word)))

    def range(self, opens: Token, low: Token, high: Token, closes: Token) -> _Built:
        included = opens.type == "OPEN", closes.type == "CLOSE"
        return _Built(Range(_bound(low), _bound(high), *included))

    def compared(self, relation: Token, value: Token) -> _Built:
        bound = _bound(value)
        if relation.startswith(">"):
            return _Built(Range(bound, None, low_in=relation == ">="))
        return _Built(Range(None, bound, high_in=relation == "<="))


def _joined(kind: Callable[[tuple[Query, ...]], Query], parts: tuple[_Built, ...]) -> _Built:
    if len(parts) == 1:
        return parts[0]
    deepest = max(part.depth for part in parts)
    return _Built(kind(tuple(part.query for part in parts)), deepest)


def _deeper(found: _Built, query: Query) -> _Built:
    if found.depth >= DEEPEST:
        raise NotReadable
    return _Built(query, found.depth + 1)


_SUFFIX = re.compile(r"(?:~[\d.]*|\^[\d.]+)+$")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def _word(token: str) -> str:
    return _ESCAPED.sub(r"\1", _SUFFIX.sub("", token))


def _phrase(token: str) -> str:
    return _ESCAPED.sub(r"\1", token[1 : token.rindex('"')])


def _bound(token: Token) -> str | None:
    value = _phrase(token) if token.type == "PHRASE" else _word(token)
    return None if value == "*" else value


_parser = Lark(GRAMMAR, parser="lalr", transformer=_Build(), maybe_placeholders=False)
