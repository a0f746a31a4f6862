"""Ticket numbers: formats, width, growth."""

from hypothesis import given
from hypothesis import strategies as st

from helpdesk.catalogue.numbers import new_number, shortest

ids = st.integers(min_value=1, max_value=2**31)
parts = st.sampled_from(["#", "-", "T", "2", r"\#"])
patterns = st.lists(parts, max_size=12).map("".join)


def test_stock_format_is_six_digits_without_a_leading_zero() -> None:
    drawn = {new_number("######", 1, "random") for _ in range(200)}
    assert all(len(number) == 6 and number.isdigit() and number[0] != "0" for number in drawn)
    assert len(drawn) > 190


def test_a_number_grows_when_a_tenth_of_its_range_is_used() -> None:
    assert len(new_number("######", 90_000, "random")) == 6
    assert len(new_number("######", 90_001, "random")) == 7
    assert len(new_number("######", 900_001, "random")) == 8


def test_counter_numbers_count() -> None:
    assert new_number("######", 42, "counter") == "000042"
    assert new_number("T-######", 42, "counter") == "T-000042"


def test_digits_fill_groups_and_the_rest_follows_the_last_one() -> None:
    assert new_number("##-##/x", 42, "counter") == "00-0042/x"


def test_an_escaped_sign_is_no_digit() -> None:
    assert new_number(r"\########", 42, "counter") == "#0000042"


def test_a_format_without_digits_gets_them_at_its_end() -> None:
    assert new_number("DESK", 42, "counter") == "DESK000042"


@given(patterns, ids)
def test_every_number_has_its_digits_and_is_never_shorter_than_the_shortest(
    pattern: str, ticket: int
) -> None:
    number = new_number(pattern, ticket, "random")
    assert len(number) >= shortest(pattern) >= 6
    assert sum(sign.isdigit() for sign in number) >= 6


@given(patterns, ids, ids)
def test_counter_numbers_never_repeat(pattern: str, one: int, other: int) -> None:
    if one != other:
        numbers = {new_number(pattern, ticket, "counter") for ticket in (one, other)}
        assert len(numbers) == 2
