"""The postings of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk import text
from helpdesk.index import postings
from helpdesk.model.entries import Body


def test_any_piece_of_a_subject_is_the_beginning_of_an_ending() -> None:
    endings = postings.suffixes("VPN  is Down")
    for piece in ("vpn is down", "n is d", "down", "n"):
        assert any(ending.startswith(piece) for ending in endings)
    assert len(endings) == len(set(endings)) == len("vpnisdown")


@given(st.text(min_size=1, max_size=600))
def test_endings_fit_a_key(written: str) -> None:
    for ending in postings.suffixes(written):
        assert 1 <= len(ending) <= postings.LONGEST_SUFFIX
        assert ending[0] != " "


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Printer, printer: PRINTER!", ["printer"]),
        ("I am at 10.0.0.1", ["am", "at", "10"]),
        ("mine\n> yours\n-- \nAnn", ["mine"]),
        ("above\n-- reply above this line --\nbelow", ["above"]),
        ("-- reply above this line --", ["reply", "above", "this", "line"]),
        ("naïve STRASSE straße", ["naive", "strasse"]),
        ("हिन्दी", ["हिन्दी"]),
        ("x" * 50, ["x" * 40]),
        ("", []),
    ],
)
def test_words_of_a_body(written: str, expected: list[str]) -> None:
    found = postings.words(Body(written), "-- reply above this line --")
    assert found == [text.fold(word) for word in expected]


def test_only_so_many_words_are_kept() -> None:
    assert (
        len(postings.words(Body(" ".join(f"word{n}" for n in range(900))))) == postings.MOST_WORDS
    )


@given(st.text(max_size=1_000), st.integers(0, 999), st.integers(1, 120))
def test_whatever_stands_in_a_subject_is_found_by_an_ending(
    subject: str, start: int, length: int
) -> None:
    folded = postings.searched(subject)
    looked_for = postings.searched(folded[start : start + length])
    if looked_for:
        beginning = looked_for[: postings.LONGEST_SUFFIX]
        assert any(ending.startswith(beginning) for ending in postings.suffixes(subject))
