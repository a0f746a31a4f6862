"""Addresses in requests, with and without a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.addresses import is_address
from helpdesk.mail_syntax.mailbox import read


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ("jane@example.com", "", "jane@example.com"),
        (" Jane@Example.com\n", "", "Jane@Example.com"),
        ("LibreNMS Alerts <librenms@example.org>", "LibreNMS Alerts", "librenms@example.org"),
        ('"Doe, Jane" <jane@example.com>', "Doe, Jane", "jane@example.com"),
        ("Doe, Jane <jane@example.com>", "Doe, Jane", "jane@example.com"),
        ("<jane@example.com>", "", "jane@example.com"),
        ("jane@example.com (Jane Doe)", "Jane Doe", "jane@example.com"),
        ("=?utf-8?q?J=C3=A4ne?= <jane@example.com>", "Jäne", "jane@example.com"),
        ("Nagios <nagios@monitor01>", "Nagios", "nagios@monitor01"),
        ("root <root@[192.0.2.1]>", "root", "root@[192.0.2.1]"),
    ],
)
def test_one_mailbox_is_a_name_and_an_address(written: str, name: str, address: str) -> None:
    assert read(written) == (name, address)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "Jane",
        "a@b.example, c@d.example",
        "A <a@b.example>; C <c@d.example>",
        "Jane <jane@localhost>",
        "Jane <>",
        "jane@",
        "x" * 300 + "@example.com",
        "Jane <" + "x" * 2_000 + "@example.com>",
    ],
)
def test_none_or_several_are_refused(written: str) -> None:
    name, address = read(written)
    assert (name, is_address(address)) == ("", False)


WORDS = st.lists(
    st.sampled_from([*'<>@,;:()". \\', "jane", "Doe", "example.com", "=?utf-8?q?=C3=A4?=", "ä"]),
    max_size=20,
).map("".join)


@given(st.text(max_size=60) | WORDS)
def test_anything_has_one_address_or_is_refused_whole(written: str) -> None:
    name, address = read(written)
    if is_address(address):
        assert "\n" not in address
    else:
        assert (name, address) == ("", written.strip())
