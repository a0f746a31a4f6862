"""The setup steps, and the points that need an admin's attention."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest

from helpdesk.errors import Unavailable
from helpdesk.monitoring import attention
from helpdesk.storage import accounts
from local.aws import partitions
from local.aws.faults import Fault, How
from tests.http.desk import Desk, Item

PATH, ATTENTION = "/api/admin/setup", "/api/admin/attention"


@pytest.fixture(autouse=True)
def nothing_kept(desk: Desk) -> Iterator[None]:
    partitions.set_lag(0)
    attention.forget()
    yield
    attention.forget()
    partitions.set_lag(desk.cloud.options.index_lag)


def steps(desk: Desk) -> dict[str, Item]:
    answer = desk.call("GET", PATH)
    assert answer.status == 200, answer.text
    return {item["id"]: item for item in answer.json["items"]}


def states(desk: Desk) -> dict[str, str]:
    return {name: step["state"] for name, step in steps(desk).items()}


def test_a_new_desk_has_everything_before_it(desk: Desk) -> None:
    found = states(desk)
    assert list(found) == [
        *("name", "dkim", "mail_from", "spf_dmarc", "mx", "mail_out", "sandbox", "ses"),
        *("alarms", "concurrency", "rows", "own_key"),
    ]
    todo = {"name", "mx", "mail_out", "alarms", "rows", "own_key"}
    assert {name for name, state in found.items() if state == "todo"} >= todo
    assert {found[name] for name in ("sandbox", "ses", "concurrency")} == {"done"}
    (record,) = steps(desk)["mx"]["records"]
    assert record["value"].startswith("10 inbound-smtp.")
    dkim = steps(desk)["dkim"]
    assert (dkim["records"], dkim["message"]) == ([], "SES has no records for desk.example yet.")


def test_what_is_done_is_seen(desk: Desk) -> None:
    desk.set("settings", helpdesk_title="Northwind")
    desk.make_row("departments", name="Repairs")
    made = desk.make_key("can_manage_keys", "can_manage_desk")
    assert desk.call("GET", PATH, key=made["key"]).status == 200
    assert desk.call("POST", "/api/tickets.email", raw=b"From: <a@b.example>\n\nHi").status == 201
    answer = desk.call("POST", f"{PATH}/test-mail", {"to": "me@desk.example"})
    assert answer.status == 202, answer.text
    desk.cloud.drain(retry=True)
    assert desk.cloud.mailbox.mails()[-1].subject == "A test from Northwind"
    found = states(desk)
    done = ("name", "mx", "mail_out", "rows", "own_key")
    assert {name: found[name] for name in done} == dict.fromkeys(done, "done")
    to = "bounce@simulator.amazonses.com"
    assert desk.call("POST", f"{PATH}/test-mail", {"to": to}).status == 202
    desk.cloud.drain(retry=True)
    assert states(desk)["mail_out"] == "wrong"


def test_ses_is_asked_and_its_words_are_ours(desk: Desk) -> None:
    identity = {
        "DkimAttributes": {"Status": "PENDING", "Tokens": ["a", "b", "c"]},
        "MailFromAttributes": {
            "MailFromDomain": "bounce.desk.example",
            "MailFromDomainStatus": "FAILED",
        },
    }
    quota = {"Max24HourSend": 200.0, "SentLast24Hours": 190.0}
    account = {"EnforcementStatus": "HEALTHY", "SendQuota": quota}
    with (
        patch.object(accounts, "identity", return_value=identity),
        patch.object(accounts, "sending", return_value=account),
        patch.object(accounts, "functions_at_once", return_value=10),
        patch.object(
            accounts,
            "subscriptions",
            return_value=[{"SubscriptionArn": "PendingConfirmation", "Endpoint": "ops@x.example"}],
        ),
    ):
        found = steps(desk)
    assert [one["name"] for one in found["dkim"]["records"]] == [
        f"{token}._domainkey.desk.example" for token in "abc"
    ]
    assert {one["state"] for one in found["mail_from"]["records"]} == {"wrong"}
    told = {name: found[name]["state"] for name in ("dkim", "mail_from", "sandbox", "ses")}
    assert told == {"dkim": "todo", "mail_from": "wrong", "sandbox": "todo", "ses": "wrong"}
    assert "ops@x.example has not confirmed" in found["alarms"]["message"]
    assert "10 functions" in found["concurrency"]["message"]
    with patch.object(accounts, "identity", return_value=None):
        assert states(desk)["dkim"] == "wrong"


@pytest.mark.parametrize(
    ("operation", "names"),
    [
        ("GetEmailIdentity", {"dkim", "mail_from"}),
        ("GetAccount", {"sandbox", "ses"}),
        ("ListSubscriptionsByTopic", {"alarms"}),
        ("GetAccountSettings", {"concurrency"}),
    ],
)
def test_where_aws_does_not_answer_that_alone_is_unknown(
    desk: Desk, operation: str, names: set[str]
) -> None:
    before = states(desk)
    for how, code, status in (
        (How.BEFORE, "InternalFailure", 500),
        (How.BEFORE, "AccessDeniedException", 403),
        (How.BEFORE, "TooManyRequestsException", 429),
    ):
        with desk.cloud.aws.faults.plan(Fault(how, operation=operation, code=code, status=status)):
            found = steps(desk)
        assert {name for name, step in found.items() if step["state"] == "unknown"} >= names
        assert all(found[name]["message"].startswith("AWS did not say") for name in names)
        others = before.keys() - names
        assert {name: found[name]["state"] for name in others} == {
            name: before[name] for name in others
        }


def test_an_admin_says_what_nobody_can_be_asked(desk: Desk) -> None:
    answer = desk.call("POST", f"{PATH}/spf_dmarc/confirm", {})
    assert (answer.status, answer.json["state"]) == (200, "done")
    answer = desk.call("POST", f"{PATH}/alarms/dismiss", {})
    assert (answer.json["state"], answer.json["dismissed"]) == ("todo", True)
    for step in ("spf_dmarc", "alarms"):
        answer = desk.call("POST", f"{PATH}/{step}/reopen", {})
        assert (answer.status, answer.json["dismissed"]) == (200, False)
        assert answer.json["state"] in {"todo", "unknown"}
    with patch.object(accounts, "identity", return_value=None):
        assert desk.call("POST", f"{PATH}/dkim/confirm", {}).json["state"] == "wrong"


def test_what_wants_an_admin_is_counted_for_who_can_look_at_it(desk: Desk) -> None:
    desk.set("settings", ban_list=["*@spam.example"])
    desk.cloud.smtp.bring(
        b"From: e@spam.example\r\n\r\nHi", "e@spam.example", ["support@desk.example"]
    )
    desk.call("POST", "/api/admin/suppressed", {"address": "no@customer.example"})
    number = desk.open(email="no@customer.example")
    answer = desk.call("PATCH", f"/api/tickets-update.php/{number}.json", {"dueDate": "2020-01-01"})
    assert answer.status == 200, answer.text
    soon = f"{datetime.now(UTC) + timedelta(days=10):%Y-%m-%dT%H:%M:%SZ}"
    ends = [desk.make_key("can_read_tickets", expires=soon)["id"] for _ in range(2)]
    desk.cloud.drain(retry=True)
    attention.forget()

    def told(**how: str) -> dict[str, int]:
        answer = desk.call("GET", ATTENTION, **how)  # type: ignore[arg-type]
        assert answer.status == 200, answer.text
        return {item["what"]: item["count"] for item in answer.json["items"]}

    before = told()["keys_ending"]
    dismissed = {"dismissed": {"ending": "2099-01-01T00:00:00Z"}}
    assert desk.call("PATCH", f"/api/admin/keys/{ends[0]}", dismissed).status == 200
    attention.forget()
    assert told()["keys_ending"] == before - 1

    whole = told()
    assert whole["held_mail"] >= 1
    assert whole["refused_mail"] >= 1
    assert whole["overdue_tickets"] >= 1
    keys = desk.make_key("can_manage_keys")["key"]
    assert told(key=keys).keys() <= {"keys_ending", "keys_unused"}
    directory = desk.make_key("can_manage_directory")["key"]
    assert told(key=directory).keys() == {"held_mail"}
    bound = desk.make_key("can_manage_directory", departments=[1])["key"]
    assert told(key=bound) == {}
    none = desk.make_key("can_read_tickets")["key"]
    assert desk.call("GET", ATTENTION, key=none).status == 403
    # Kept for a moment: nothing is asked again.
    with patch.object(attention, "_dead", side_effect=Unavailable("sqs")):
        assert told() == whole


def test_who_may_not_and_what_is_not_there(desk: Desk) -> None:
    low = desk.make_key("can_manage_keys", "can_manage_directory")["key"]
    bound = desk.make_key("can_manage_desk", departments=[1])["key"]
    before = desk.stored()
    for method, path, body in (
        ("GET", PATH, None),
        ("POST", f"{PATH}/rows/confirm", {}),
        ("POST", f"{PATH}/rows/dismiss", {}),
        ("POST", f"{PATH}/rows/reopen", {}),
        ("POST", f"{PATH}/test-mail", {"to": "a@desk.example"}),
    ):
        for key in (low, bound):
            assert desk.call(method, path, body, key=key).status == 403, path
    assert desk.call("POST", f"{PATH}/nowhere/confirm", {}).status == 404
    assert desk.call("POST", f"{PATH}/rows/confirm", {"x": 1}).status == 422
    assert desk.call("POST", f"{PATH}/test-mail", {"to": "nobody"}).status == 422
    assert desk.stored() == before
