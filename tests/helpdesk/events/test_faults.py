"""Every AWS call of every background function fails, in every way; then the function is retried.

No mail is lost or sent twice, except in the one window that exists (docs/aws.md m8); no counter is
wrong, and no event is left over.
"""

from collections.abc import Callable, Iterator
from itertools import count
from typing import TypeVar

import pytest

from helpdesk import provisioning
from helpdesk.errors import DeskError
from helpdesk.keys import finding, manage, usage_plan
from helpdesk.model.actor import SYSTEM
from helpdesk.storage import table
from helpdesk.storage.keys import GATEWAY, MAIL_SECRET, Key, person_key
from tests.desk import Desk, function, new_desk
from tests.faults import EVERY_UNCLEAR_WAY, Fault, How
from tests.world import ADMIN, aside, later, plain, waiting

pytestmark = pytest.mark.exhaustive

T = TypeVar("T")


def each_fault(
    desk: Desk, how: How, prepare: Callable[[int], T], run: Callable[[T], object]
) -> Iterator[tuple[T, Fault]]:
    """Prepares and runs once for each AWS call that a run makes, with that call failing."""
    for number in count(1):
        prepared = prepare(number)
        with desk.injector.fault(how, number) as fault:
            run(prepared)
        if fault.hit is None:
            assert number > 1, "no call was made"
            return
        yield prepared, fault


@EVERY_UNCLEAR_WAY
def test_relay_fills_every_queue_or_asks_for_the_record_again(desk: Desk, how: How) -> None:
    def relay(event: Key) -> None:
        missed[event] = desk.relay(event)

    missed: dict[Key, list[Key]] = {}
    for event, fault in each_fault(desk, how, desk.open, relay):
        assert missed[event] == [event], fault
        assert desk.relay(event) == [], fault
        assert set(desk.queued("notify")) == {event}, fault
        assert set(desk.queued("project")) == {event}, fault


def notified(desk: Desk, event: Key) -> None:
    """Delivers an event until it is done: SQS brings it again after a while, SES tells its part."""
    for _ in range(4):
        desk.hear_of_sending()
        if not desk.deliver("notify", event):
            return
        later(minutes=6)
    pytest.fail("the event stays behind")


def addressees(desk: Desk, event: Key) -> list[str]:
    """Who got the mail of an event, known by the number of its ticket: `ann` is who asked."""
    number = int(event.pk[2:])
    found = [
        mail["To"].addresses[0].addr_spec
        for mail in desk.mails()
        if str(700000 + number) in plain(mail)
    ]
    return sorted("ann" if to == f"ann{number}@example.org" else to for to in found)


@EVERY_UNCLEAR_WAY
def test_notify_sends_each_mail_once(desk: Desk, how: How) -> None:
    def deliver(event: Key) -> None:
        desk.deliver("notify", event)

    for event, fault in each_fault(desk, how, desk.open, deliver):
        notified(desk, event)
        assert addressees(desk, event) == ["ann", ADMIN], fault
        assert desk.todo(event) == {"project"}, fault
        states = {mail["state"] for mail in table.query(f"MAIL#{event.sk[2:]}")}
        assert states == {"done"}, fault


def test_a_mail_is_sent_twice_only_where_ses_took_it_and_never_said_so(desk: Desk) -> None:
    event = desk.open()
    with desk.injector.fault(How.AFTER, only="SendEmail"):
        assert desk.deliver("notify", event) == [event]
    desk.sent.clear()
    later(minutes=6)
    assert desk.deliver("notify", event) == [event]
    assert addressees(desk, event) == ["ann", ADMIN]
    later(minutes=6)
    assert desk.deliver("notify", event) == []
    assert addressees(desk, event) == ["ann", "ann", ADMIN]


@EVERY_UNCLEAR_WAY
def test_a_notice_of_ses_is_taken_in_or_brought_again(desk: Desk, how: How) -> None:
    for number in count(1):
        event = desk.open(number)
        with desk.injector.fault(How.AFTER, only="SendEmail"):
            desk.deliver("notify", event)
        notices = list(desk.sent)
        with desk.injector.fault(how, number) as fault:
            try:
                desk.hear_of_sending()
            except DeskError:
                assert fault.hit
        if fault.hit is None:
            break
        desk.sent[:] = notices
        desk.hear_of_sending()
        notified(desk, event)
        assert addressees(desk, event) == ["ann", ADMIN], fault
    assert number > 1


@EVERY_UNCLEAR_WAY
def test_project_counts_each_ticket_once(desk: Desk, how: How) -> None:
    def deliver(event: Key) -> None:
        desk.deliver("project", event)

    for opened, (event, fault) in enumerate(each_fault(desk, how, desk.open, deliver), start=1):
        for _ in range(2):
            assert desk.deliver("project", event) == [], fault
        assert desk.todo(event) == {"notify"}, fault
        assert desk.index("CELL") == {"1#1#0": {"n": opened}}, fault
        assert desk.index("STAT") == {f"{1:010}#{0:010}": {"open": opened}}, fault
        assert desk.index(f"RANK#{1:010}") == {f"{0:010}": {"n": opened}}, fault
        ticket = event.pk[2:]
        for pk, sk in [
            ("SUF#p", f"printer#{ticket}#subject"),
            ("SUF#7", f"{700000 + int(ticket)}#{ticket}#number"),
            ("W#bu", f"burns#{ticket}#public"),
            ("USUF#a", f"ann{int(ticket)}@example.org#{100 + int(ticket):010}#person"),
        ]:
            assert sk in desk.index(pk), fault


@EVERY_UNCLEAR_WAY
def test_a_new_key_gets_one_gateway_key(desk: Desk, how: How) -> None:
    def make(number: int) -> tuple[int, Key]:
        made = manage.create_key(SYSTEM, {"name": f"key {number}"}).key.id
        return made, waiting("AUDIT#")[-1]

    def deliver(prepared: tuple[int, Key]) -> None:
        desk.deliver("project", prepared[1])

    faulty = each_fault(desk, how, make, deliver)
    for made, ((number, event), fault) in enumerate(faulty, start=1):
        assert desk.deliver("project", event) == [], fault
        assert desk.todo(event) == set(), fault
        assert usage_plan.gateway_value(number) is None, fault
        assert len(gateway_keys()) == len(plan_keys()) == made, fault


@EVERY_UNCLEAR_WAY
def test_a_removed_key_leaves_no_gateway_key_and_no_verdict(desk: Desk, how: How) -> None:
    def make(number: int) -> Key:
        made = manage.create_key(SYSTEM, {"name": f"key {number}"}).key.id
        assert desk.deliver("project", waiting("AUDIT#")[-1]) == []
        manage.delete_key(SYSTEM, made)
        return waiting("AUDIT#")[-1]

    def deliver(event: Key) -> None:
        desk.flushed.clear()
        desk.deliver("project", event)

    for event, fault in each_fault(desk, how, make, deliver):
        assert desk.deliver("project", event) == [], fault
        assert gateway_keys() == [], fault
        assert len(desk.flushed) >= 2, fault
        assert desk.todo(event) == set(), fault


@EVERY_UNCLEAR_WAY
def test_requeue_finds_what_was_left(desk: Desk, how: How) -> None:
    event = desk.open()
    for number in count(1):
        later(hours=11)  # longer than an event ever waits to be queued again
        with desk.injector.fault(how, number) as fault:
            try:
                function("requeue_events")({}, None)
            except DeskError:
                assert fault.hit
        if fault.hit is None:
            break
        function("requeue_events")({}, None)
        assert set(desk.queued("notify")) == {event}, fault
        assert set(desk.queued("project")) == {event}, fault
    assert number > 1


@EVERY_UNCLEAR_WAY
def test_the_sweep_goes_on_where_it_broke_off(desk: Desk, how: How) -> None:
    for number in count(1):
        aside("s3").put_object(Bucket="desk-files", Key=f"files/2026-02-28/{number}a/0")
        with desk.injector.fault(how, number) as fault:
            try:
                function("sweep_files")({}, None)
            except DeskError:
                assert fault.hit
        if fault.hit is None:
            break
        function("sweep_files")({}, None)
        assert aside("s3").list_objects_v2(Bucket="desk-files")["KeyCount"] == 0, fault
    assert number > 1


@EVERY_UNCLEAR_WAY
def test_set_up_makes_everything_once(how: How) -> None:
    for number in count(1):
        with new_desk(installed=False) as desk:
            with desk.injector.fault(how, number) as fault:
                try:
                    provisioning.set_up("first-key")
                except DeskError:
                    assert fault.hit
            if fault.hit is not None:
                provisioning.set_up("first-key")
            catalogue = {item["sk"]: item for item in table.query("CAT")}
            assert catalogue["#version"]["n"] == 1, fault
            assert "departments#0000000001" in catalogue, fault
            agents = [item for sk, item in catalogue.items() if sk.startswith("agents#")]
            assert [agent["email"] for agent in agents] == [ADMIN], fault
            assert table.get(person_key(agents[0]["id"])) is not None, fault
            assert len(finding.find_keys(SYSTEM, finding.Wanted())[0]) == 1, fault
            assert len(gateway_keys()) == len(plan_keys()) == 1, fault
            shared = table.get(GATEWAY)
            assert shared, fault
            assert shared["value"] == gateway_keys()[0]["value"], fault
            assert table.get(MAIL_SECRET), fault
        if fault.hit is None:
            return


def gateway_keys() -> list[dict[str, str]]:
    found: list[dict[str, str]] = aside("apigateway").get_api_keys(includeValues=True)["items"]
    return found


def plan_keys() -> list[dict[str, str]]:
    (plan,) = aside("apigateway").get_usage_plans()["items"]
    found: list[dict[str, str]] = aside("apigateway").get_usage_plan_keys(usagePlanId=plan["id"])[
        "items"
    ]
    return found
