"""Addresses that get no more mail, as admins see and lift them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from helpdesk.clock import now
from helpdesk.mail.outbound import suppression
from helpdesk.storage import table, transact
from tests.faults import How
from tests.gateway import Cloud
from tests.world import world, written

PATH = "/api/admin/suppressed"
LIFT = "DeleteSuppressedDestination"


def suppress(*addresses: str) -> None:
    for position, address in enumerate(addresses):
        at = now() + timedelta(seconds=position)
        transact.write(suppression.suppression(address, "bounce", at))


@pytest.fixture
def lifted() -> Iterator[list[str]]:
    """The paths that SES was asked to delete; moto knows no list of addresses."""
    asked: list[str] = []

    def delete(call: dict[str, str]) -> dict[str, str]:
        asked.append(call["url_path"].rpartition("/")[2])
        return {}

    with world().injector.stub(LIFT, delete):
        yield asked


def test_they_are_listed_newest_first_a_page_at_a_time(desk: Cloud) -> None:
    addresses = [f"Ann{number}@example.org" for number in range(3)]
    suppress(*addresses)
    first = desk.call("GET", PATH, query={"limit": "2"}).body
    assert [item["address"] for item in first["items"]] == ["ann2@example.org", "ann1@example.org"]
    assert first["items"][0].keys() == {"address", "reason", "at"}
    assert first["items"][0]["at"].endswith("Z")
    rest = desk.call("GET", PATH, query={"limit": "2", "next": first["next"]}).body
    assert [item["address"] for item in rest["items"]] == ["ann0@example.org"]
    assert rest["next"] is None


def test_one_that_is_lifted_is_off_both_lists(desk: Cloud, lifted: list[str]) -> None:
    suppress("ann+x@bücher.example", "bob@example.org")
    answer = desk.call("DELETE", f"{PATH}/Ann+x@bücher.example")
    assert (answer.status, answer.body) == (
        200,
        {"address": "ann+x@bücher.example", "deleted": True},
    )
    assert lifted == ["ann%2Bx%40xn--bcher-kva.example"]
    assert [item["address"] for item in desk.call("GET", PATH).body["items"]] == ["bob@example.org"]
    (event,) = (
        item
        for item in table.query(f"AUDIT#{now():%Y-%m-%d}")
        if item["kind"] == "suppression_lifted"
    )
    assert event["data"].pop("at")
    assert event["data"] == {"address": "ann+x@bücher.example", "reason": "bounce"}


def test_an_address_may_be_encoded(desk: Cloud, lifted: list[str]) -> None:
    suppress("ann@example.org")
    assert desk.call("DELETE", f"{PATH}/ann%40example.org").status == 200
    assert lifted == ["ann%40example.org"]


def test_one_that_ses_does_not_list_is_lifted_all_the_same(desk: Cloud) -> None:
    suppress("ann@example.org")
    with world().injector.fault(How.REFUSED, only=LIFT, code="NotFoundException"):
        assert desk.call("DELETE", f"{PATH}/ann@example.org").status == 200
    assert desk.call("GET", PATH).body["items"] == []


@pytest.mark.parametrize("how", [How.BEFORE, How.TIMEOUT, How.REFUSED])
def test_where_ses_does_not_answer_it_stays_and_can_be_lifted_again(
    desk: Cloud, how: How, lifted: list[str]
) -> None:
    suppress("ann@example.org")
    with world().injector.fault(how, only=LIFT):
        assert desk.call("DELETE", f"{PATH}/ann@example.org").status == 503
    assert desk.call("DELETE", f"{PATH}/ann@example.org").status == 200
    assert lifted == ["ann%40example.org"]


@pytest.mark.parametrize("address", ["nobody@example.org", "no address", "x" * 3000, "%00", "é"])
def test_what_is_not_listed_is_not_there(desk: Cloud, address: str, lifted: list[str]) -> None:
    before = written()
    answer = desk.call("DELETE", f"{PATH}/{address}")
    assert (answer.status, answer.code) == (404, "not_found")
    assert written() == before
    assert lifted == []


def test_a_key_needs_the_permission_and_the_whole_desk(desk: Cloud) -> None:
    suppress("ann@example.org")
    low = desk.key(permissions=["can_manage_keys", "can_manage_directory"])["key"]
    bound = desk.key(permissions=["can_manage_desk"], departments=[1])["key"]
    for key in (low, bound):
        for method, path in (("GET", PATH), ("DELETE", f"{PATH}/ann@example.org")):
            answer = desk.call(method, path, key=key)
            assert (answer.status, answer.code) == (403, "forbidden")
    assert len(desk.call("GET", PATH).body["items"]) == 1
