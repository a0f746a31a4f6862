"""A desk under SES's limits: its sandbox, its rate, its daily quota (docs/mail.md)."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest

from helpdesk import clock
from helpdesk.mail.outbound import sending
from helpdesk.model.actor import Actor
from helpdesk.model.entries import Body
from helpdesk.model.people import NewPerson
from helpdesk.model.tickets import NewTicket
from helpdesk.monitoring import attention
from helpdesk.tickets import create
from local.aws import partitions
from tests.http.desk import Desk

MINUTE = 60.0

STRANGERS = int(os.environ.get("STRANGERS", "200"))
"""To how many unverified addresses a desk in the sandbox writes; 1,000 take minutes."""


@pytest.fixture(autouse=True)
def fresh_container(desk: Desk) -> Iterator[None]:
    partitions.set_lag(0)
    for module in (sending, attention):
        module.forget()
    yield
    vars(desk.cloud.options).update(ses_sandbox=False, ses_rate=0.0, ses_quota=0)
    for module in (sending, attention):
        module.forget()
    partitions.set_lag(desk.cloud.options.index_lag)


class Asked:
    """Who SES was asked to write to, and when it took the mail."""

    def __init__(self, desk: Desk) -> None:
        self.times: Counter[str] = Counter()
        self.taken: dict[str, float] = {}
        ses = desk.cloud.aws.ses
        refuse = ses.refuse

        def asked(body: bytes) -> object:
            (to,) = json.loads(body)["Destination"]["ToAddresses"]
            self.times[to] += 1
            refusal = refuse(body)
            if refusal is None:
                self.taken[to] = time.monotonic()
            return refusal

        self.patch = patch.object(ses, "refuse", asked)


def open_at_once(desk: Desk, addresses: list[str]) -> None:
    """Opens a ticket for each before anything else happens."""
    with desk.cloud.background.paused():
        for address in addresses:
            new = NewTicket(NewPerson(email=address, name="A"), "Toner", Body("It is empty."))
            create.open_ticket(Actor(key=1, permissions=frozenset({"can_create_tickets"})), new)


def refused(desk: Desk) -> list[tuple[str, str]]:
    """To whom no mail went out, and why."""
    found: list[tuple[str, str]] = []
    query = "?state=refused&limit=100"
    while query:
        answer = desk.call("GET", f"/api/admin/mail{query}").json
        found += [(one["to"], one["reason"]) for one in answer["items"]]
        query = answer["next"] and f"?state=refused&limit=100&next={answer['next']}"
    return found


@pytest.mark.parametrize(
    ("strangers", "known"),
    [(12, 3), pytest.param(STRANGERS, 20, marks=pytest.mark.exhaustive)],
)
def test_in_the_sandbox_mail_to_verified_addresses_waits_for_no_other(
    desk: Desk, strangers: int, known: int
) -> None:
    desk.set("settings", ticket_alert_active=False)
    sandbox = {"ses_sandbox": True, "ses_rate": 1.0, "ses_quota": 200}
    ours = frozenset({"desk.example", "ours.example"})
    vars(desk.cloud.options).update(sandbox, ses_verified=ours)
    desk.cloud.aws.ses.forget()
    asked, opened = Asked(desk), dict[str, float]()
    share = strangers // known
    with asked.patch:
        for lot in range(known):
            others = [f"someone{lot}-{one}@c{strangers}.example" for one in range(share)]
            addresses = [*others[:-1], f"someone{lot}@ours.example", others[-1]]
            opened |= dict.fromkeys(addresses, time.monotonic())
            open_at_once(desk, addresses)
            while any(address not in asked.times for address in addresses):
                desk.cloud.drain()
        # Nothing of it comes again.
        desk.cloud.drain(retry=True)
        desk.cloud.run_schedule("BackgroundRequeueEvents")
    assert set(asked.taken) == {to for to in opened if to.endswith("@ours.example")}
    assert max(at - opened[to] for to, at in asked.taken.items()) < MINUTE
    turned_away = opened.keys() - asked.taken.keys()
    assert {asked.times[to] for to in turned_away} == {1}
    listed = [one for one in refused(desk) if one[0] in opened]
    assert sorted(listed) == sorted((to, "unverified") for to in turned_away)
    told = desk.call("GET", "/api/admin/attention").json["items"]
    counts = {one["what"]: one["count"] for one in told}
    assert counts["refused_mail"] >= min(len(turned_away), attention.MOST)
    assert not counts.keys() & {"mail_stopped", "queues_late", "dead_letters"}
    steps = {one["id"]: one for one in desk.call("GET", "/api/admin/setup").json["items"]}
    assert (steps["sandbox"]["state"], steps["ses"]["state"]) == ("todo", "done")
    assert f"{known} of 200 mails" in steps["ses"]["message"]


def test_when_the_days_mails_are_used_up_the_others_wait_and_go_out_later(desk: Desk) -> None:
    vars(desk.cloud.options).update(ses_quota=2)
    desk.cloud.aws.ses.forget()
    asked = Asked(desk)
    with asked.patch:
        for number in range(4):
            desk.open(email=f"someone{number}@customer.example")
            desk.cloud.drain(retry=True)
        assert len(asked.taken) == 2
        # The third is told that there is no more, and the fourth does not ask.
        asks = asked.times.total()
        assert asks == 3
        told = {one["what"]: one for one in desk.call("GET", "/api/admin/attention").json["items"]}
        assert told["mail_stopped"]["count"] == 2
        assert told["mail_quota"]["count"] == 100
        assert "dead_letters" not in told
        steps = {one["id"]: one for one in desk.call("GET", "/api/admin/setup").json["items"]}
        assert steps["ses"]["state"] == "wrong"
        assert "the mails of 24 hours are used up" in steps["ses"]["message"]
        waiting = desk.call("GET", "/api/admin/mail?state=waiting").json["items"]
        assert {one["reason"] for one in waiting} == {"quota"}
        # The job finds nothing before its time.
        desk.cloud.run_schedule("BackgroundRequeueEvents")
        assert asked.times.total() == asks
        vars(desk.cloud.options).update(ses_quota=0)
        with patch.object(clock, "datetime", Soon):
            desk.cloud.run_schedule("BackgroundRequeueEvents")
    assert len(asked.taken) == 4
    attention.forget()
    told = {one["what"]: one for one in desk.call("GET", "/api/admin/attention").json["items"]}
    assert told.keys().isdisjoint({"mail_stopped", "mail_quota"})


class Soon(datetime):
    """Two minutes later."""

    @classmethod
    def now(cls, _: object = None) -> datetime:  # type: ignore[override]
        return datetime.now(UTC) + timedelta(minutes=2)
