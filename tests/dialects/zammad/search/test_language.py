"""The query language: whatever is sent is read or refused, in a time that grows with its length."""

from contextlib import suppress
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialects.zammad.search import grammar
from dialects.zammad.search.grammar import DEEPEST
from dialects.zammad.search.language import parse
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
from tests import pace


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("a b", All((Term("a"), Term("b")))),
        ("a AND b && c", All((Term("a"), Term("b"), Term("c")))),
        ("a b OR c || d", Some((All((Term("a"), Term("b"))), Term("c"), Term("d")))),
        ("-a !b NOT c +d", All((*map(Without, (Term("a"), Term("b"), Term("c"))), Term("d")))),
        ("NOT (a OR b)", Without(Some((Term("a"), Term("b"))))),
        ('"a b"~2 c~ d^3', All((Term("a b", phrase=True), Term("c"), Term("d")))),
        ("ANDROID ORacle NOTe TOp", All(tuple(map(Term, ("ANDROID", "ORacle", "NOTe", "TOp"))))),
        ("state.name:open", Fielded("state.name", Term("open"))),
        ("priority.name:3 high", All((Fielded("priority.name", Term("3")), Term("high")))),
        ('x:(a OR "b c")', Fielded("x", Some((Term("a"), Term("b c", phrase=True))))),
        ("t:[1 TO 2}", Fielded("t", Range("1", "2", low_in=True, high_in=False))),
        ("t:{* TO now-7d]", Fielded("t", Range(None, "now-7d", low_in=False))),
        ("t:>=10:30", Fielded("t", Range("10:30", None))),
        ('t:<"1 2"', Fielded("t", Range(None, "1 2", high_in=False))),
        (r"a\:b \(c", All((Term("a:b"), Term("(c")))),
        (
            "a.b@c.de Ticket#1 e-mail w*d?",
            All(tuple(map(Term, ["a.b@c.de", "Ticket#1", "e-mail", "w*d?"]))),
        ),
        ("NOT x:*", Without(Fielded("x", Term("*")))),
    ],
)
def test_what_a_query_means(text: str, query: Query) -> None:
    assert parse(text) == query


@pytest.mark.parametrize(
    "text", ["(", "a)", "a:", ":a", '"a', "a AND", "[1 TO 2]", "t:[1", "-", " "]
)
def test_what_is_no_query(text: str) -> None:
    with pytest.raises(NotReadable):
        parse(text)


PIECES = [
    "(",
    ")",
    '"',
    ":",
    "[",
    "]",
    "{",
    "}",
    "TO",
    "AND",
    "OR",
    "NOT",
    "-",
    "!",
    "&&",
    "||",
    "\\",
]
TEXTS = st.text() | st.lists(
    st.sampled_from([*PIECES, " ", "a", "b*", "x.y:", ">", "<=", "~", "^2", "é", "\x00"])
).map("".join)


@given(TEXTS)
def test_whatever_is_sent_is_read_or_refused(text: str) -> None:
    with suppress(NotReadable):
        parse(text)


@pytest.mark.parametrize(
    "piece", ["(", "!", "a:(", "a OR ", '"', "-a ", "a\\", "[a TO ", "a~", "a AND (b "]
)
def test_time_grows_with_the_length_only(piece: str) -> None:
    with pace.within(5):
        for size in (100, 1_000, 7_990 // len(piece)):
            with suppress(NotReadable):
                parse(piece * size)
    with pytest.raises(NotReadable):
        parse("a" * 8_001)


def test_brackets_nest_as_deep_as_is_read() -> None:
    assert parse("(" * DEEPEST + "a" + ")" * DEEPEST) == Term("a")
    for begin, end in (("(", ")"), ("!", ""), ("x:(", ")")):
        with pytest.raises(NotReadable):
            parse(begin * (DEEPEST + 1) + "a" + end * (DEEPEST + 1))


WORDS = st.lists(
    st.sampled_from(["AND", "OR", "NOT", "TO", "a", "b*", "x.y:z", "x:OR", "_exists_:a", "1-2"])
    | st.from_regex(r"(\w{1,3}:)?[\w.,/@#*?:-]{1,6}", fullmatch=True),
    min_size=1,
    max_size=4,
).map(" ".join)


@given(WORDS)
def test_plain_words_are_read_as_the_grammar_reads_them(text: str) -> None:
    """Without lark, and with it."""
    try:
        read: Query | None = grammar.parse(text)
    except NotReadable:
        read = None
    try:
        assert parse(text) == read
    except NotReadable:
        assert read is None


def test_plain_words_need_no_grammar() -> None:
    with patch.object(grammar, "parse", side_effect=RuntimeError):
        assert parse("state.name:open  jane@x.example") == All(
            (Fielded("state.name", Term("open")), Term("jane@x.example"))
        )
        with pytest.raises(RuntimeError):
            parse("a OR b")
