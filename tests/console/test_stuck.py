"""Dead letters in the console: named, tried again as many as were counted, watched, stopped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from unittest.mock import patch

import boto3
import pytest
from playwright.sync_api import Locator, Page, expect

from helpdesk.monitoring import attention, moves
from local.aws.faults import Fault, How
from local.cloud import LocalCloud
from tests.console.visitor import PATIENCE, PHONE, Visitor
from tests.helpdesk.mail.inbound.ways import SUPPORT, raw
from tests.http.desk import Desk


def give_up(desk: Desk, count: int) -> list[str]:
    """The numbers of tickets about which no mail has gone out."""
    fault = Fault(How.BEFORE, calls=10_000, service="dynamodb", function="BackgroundNotify")
    with desk.cloud.aws.faults.plan(fault):
        numbers = [desk.open() for _ in range(count)]
        for _ in range(6):
            desk.cloud.drain(retry=True)
    return numbers


@contextmanager
def held_after(cloud: LocalCloud, count: int) -> Iterator[Event]:
    """A move stands still after so many messages, until the event is set; requests do not wait."""
    go_on, over, counted, really = Event(), Event(), [0], moves._count

    def count_one(name: str, identity: str) -> None:
        really(name, identity)
        counted[0] += 1
        if counted[0] == count:
            go_on.wait(PATIENCE / 1000)

    def go() -> None:
        while not over.wait(0.05):
            cloud.background.drain()

    meanwhile = Thread(target=go)
    with (
        patch.object(moves, "_count", count_one),
        patch.object(moves, "PER_SECOND", 1e9),
        patch.object(cloud, "drain", lambda: None),
    ):
        meanwhile.start()
        try:
            yield go_on
        finally:
            go_on.set()
            over.set()
            meanwhile.join()


@pytest.fixture(autouse=True)
def no_pause() -> Iterator[None]:
    with patch.object(moves, "PER_SECOND", 1e9):
        yield


def queue(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def beside_mail(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Places").first.get_by_role("link", name="Mail")


def test_dead_letters_are_tried_again(visitor: Visitor, desk: Desk) -> None:
    numbers = give_up(desk, 4)
    attention.forget()
    page = visitor.sign_in(place="#/start")
    expect(beside_mail(page)).to_have_accessible_name("Mail 4 to look at")
    page.get_by_role("link", name="4 dead letters").click()
    visitor.heading("Mail: queues")
    mails = queue(page, "Mail to send")
    for number in numbers:
        expect(mails.get_by_role("link", name=f"on ticket {number}")).to_be_visible()
    expect(mails.get_by_role("listitem").first).to_contain_text("New ticket")
    visitor.check()

    mails.get_by_role("button", name="Try one").click()
    expect(mails.get_by_text("1 tried again.")).to_be_visible()
    expect(mails.get_by_text("3 dead letters")).to_be_visible()
    expect(beside_mail(page)).to_have_accessible_name("Mail 3 to look at")

    # One more dies before the button is pressed, which says 3 and moves 3.
    (late,) = give_up(desk, 1)
    with held_after(desk.cloud, 2) as go_on:
        mails.get_by_role("button", name="Try 3 again").dblclick()
        expect(mails.get_by_text("2 of 3")).to_be_visible()
        expect(mails.get_by_role("progressbar")).to_have_attribute("value", "2")
        expect(mails.get_by_role("button", name="Try")).to_have_count(0)
        visitor.check()
        go_on.set()
        expect(mails.get_by_text("3 tried again.")).to_be_visible()
    expect(mails.get_by_text("1 dead letter,")).to_be_visible()
    expect(mails.get_by_role("link", name=f"on ticket {late}")).to_be_visible()
    started = [asked for asked in visitor.asked if asked.url.endswith("/notify/redrive")]
    assert [asked.post_data for asked in started] == ['{"count":1}', '{"count":3}']

    page.get_by_role("link", name=f"on ticket {late}").click()
    visitor.heading("Printer")
    visitor.go("#/mail/queues", "Mail: queues")
    mails.get_by_role("button", name="Try one").click()
    expect(mails.get_by_text("Nothing has failed.")).to_be_visible()
    expect(beside_mail(page)).to_have_accessible_name("Mail")
    desk.cloud.drain()
    for number in (*numbers, late):
        sent = desk.call("GET", f"/api/admin/mail?ticket={number}").json["items"]
        assert {mail["state"] for mail in sent} == {"sent"}


def test_what_fails_again_comes_back_and_the_page_says_so(visitor: Visitor, desk: Desk) -> None:
    give_up(desk, 3)
    page = visitor.sign_in(place="#/mail/queues")
    mails = queue(page, "Mail to send")
    fault = Fault(How.BEFORE, calls=10_000, service="dynamodb", function="BackgroundNotify")
    with desk.cloud.aws.faults.plan(fault):
        mails.get_by_role("button", name="Try 3 again").click()
        expect(mails.get_by_text("3 tried again.")).to_be_visible()
        for _ in range(6):
            desk.cloud.drain(retry=True)
    page.get_by_role("button", name="Look again").click()
    expect(mails.get_by_text("3 tried again. 3 came back.")).to_be_visible()
    expect(mails.get_by_role("listitem").first).to_contain_text("came back")
    visitor.check()
    mails.get_by_role("button", name="Try one").click()
    expect(mails.get_by_text("1 tried again.", exact=True)).to_be_visible()
    expect(mails.get_by_text("2 dead letters")).to_be_visible()
    mails.get_by_role("button", name="Try 2 again").click()
    expect(mails.get_by_text("Nothing has failed.")).to_be_visible()


def test_a_move_is_stopped_and_one_letter_put_aside(
    visitor: Visitor, desk: Desk, cloud: LocalCloud
) -> None:
    give_up(desk, 3)
    page = visitor.sign_in(place="#/mail/queues")
    mails = queue(page, "Mail to send")
    with held_after(cloud, 1) as go_on:
        mails.get_by_role("button", name="Try 3 again").click()
        mails.get_by_role("button", name="Stop").click()
        expect(mails.get_by_text("Stopped after 1.")).to_be_visible()
        go_on.set()
    # What the move had in its hands was never taken for gone.
    expect(mails.get_by_text("2 dead letters")).to_be_visible()
    cloud.drain()
    page.get_by_role("button", name="Look again").click()
    mails.get_by_role("listitem").first.get_by_role("button", name="Put aside…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Put aside").click()
    expect(dialog.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")
    visitor.check()
    dialog.get_by_label("Reason").fill("Told by phone.")
    dialog.get_by_role("button", name="Put aside").click()
    expect(mails.get_by_text("1 dead letter,")).to_be_visible()
    mails.get_by_role("button", name="Try one").click()
    expect(mails.get_by_text("Nothing has failed.")).to_be_visible()
    visitor.go("#/history", "History")
    aside = page.get_by_role("listitem").filter(has_text="put aside a dead letter of Mail to send")
    expect(aside).to_contain_text("Told by phone.")
    redriven = page.get_by_role("listitem").filter(has_text="tried dead letters again of")
    expect(redriven.first).to_contain_text(re.compile(r"count: . → 1"))


def test_a_failed_call_is_made_again(visitor: Visitor, desk: Desk) -> None:
    fault = Fault(How.BEFORE, calls=10_000, function="BackgroundReceiveMail")
    with desk.cloud.aws.faults.plan(fault):
        desk.cloud.smtp.bring(raw("ann@example.org", 301), "ann@example.org", [SUPPORT])
        desk.cloud.drain(retry=True)
    page = visitor.sign_in(place="#/mail/queues")
    page.set_viewport_size({"width": PHONE, "height": 800})
    calls = queue(page, "Failed calls")
    expect(calls.get_by_role("listitem")).to_contain_text("Mail that came in")
    visitor.check()
    calls.get_by_role("button", name="Try one").click()
    expect(calls.get_by_text("Nothing has failed.")).to_be_visible()
    # The next run of a schedule does its work: it is put aside alone.
    url = desk.cloud.resources.physical("FailedCalls").ref
    schedule = json.dumps({"detail-type": "Scheduled Event"})
    boto3.client("sqs").send_message(QueueUrl=url, MessageBody=schedule)
    page.get_by_role("button", name="Look again").click()
    expect(calls.get_by_role("listitem")).to_contain_text("A schedule")
    expect(calls.get_by_role("button", name="Try")).to_have_count(0)
    expect(page.get_by_role("link", name="Queues 1", exact=True)).to_be_visible()
    visitor.check()
    calls.get_by_role("button", name="Put aside…").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("The next run has done it.")
    page.get_by_role("dialog").get_by_role("button", name="Put aside").click()
    expect(calls.get_by_text("Nothing has failed.")).to_be_visible()
    expect(page.get_by_role("link", name="Queues", exact=True)).to_be_visible()
    visitor.go("#/tickets?q=ann@example.org", "Tickets")
    expect(page.get_by_role("row").get_by_role("link", name="Printer")).to_be_visible()
