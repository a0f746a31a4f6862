"""The authorizer: where requests carry keys, allowed source addresses, and its context."""

import base64
from datetime import datetime, timedelta
from typing import Any

import pytest

from helpdesk import clock, errors
from helpdesk.keys import authorize
from helpdesk.storage import aws, table, transact
from tests.gateway import Cloud, allowed, verdict

ZAMMAD = "authorization:token,authorization:bearer,authorization:basic"


def filled(event: dict[str, Any], secret: str) -> dict[str, Any]:
    """An event with the secret in its place; a pair after Basic is encoded as clients do."""
    told = {}
    for part, values in event.items():
        told[part] = values and {
            name: text.replace("SECRET", secret) for name, text in values.items()
        }
        for name, text in (told[part] or {}).items():
            scheme, _, pair = text.partition(" ")
            if ":" in pair:
                told[part][name] = f"{scheme} {base64.b64encode(pair.strip().encode()).decode()}"
    return told


def denied(answer: dict[str, Any]) -> str:
    assert not allowed(answer)
    reason: str = answer["context"]["reason"]
    return reason


def test_a_good_key_is_allowed_the_whole_stage_with_all_that_endpoints_need(desk: Cloud) -> None:
    person = desk.person()
    made = desk.key(
        permissions=["can_read_tickets", "can_create_tickets"],
        departments=[3, 1],
        customer=person,
        expires="2099-01-01T00:00:00Z",
    )
    answer = verdict(made["key"])

    assert answer["principalId"] == f"key-{made['id']}"
    assert answer["policyDocument"] == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Action": "execute-api:Invoke",
                "Effect": "Allow",
                "Resource": "arn:aws:execute-api:eu-central-1:123456789012:abc123/v1/*",
            }
        ],
    }
    assert answer["context"] == {
        "key_id": str(made["id"]),
        "permissions": "can_create_tickets,can_read_tickets",
        "departments": "1,3",
        "agent": "",
        "customer": str(person),
        "organizations": "",
        "expires": "2099-01-01T00:00:00.000Z",
        "user": "",
    }


def test_a_denial_holds_for_the_whole_stage_too(desk: Cloud) -> None:
    (statement,) = verdict("wrong")["policyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Resource"].endswith(":abc123/v1/*")


@pytest.mark.parametrize("secret", [None, "", "   "])
def test_no_key_is_denied(desk: Cloud, secret: str | None) -> None:
    assert denied(verdict(secret)) == "missing"


@pytest.mark.parametrize(
    "secret",
    ["wrong", "\ud800", "\0", "k" * 10_000, "THE-FIRST-ADMIN-SECRET", "the-first-admin-secret x"],
)
def test_garbage_is_denied(desk: Cloud, secret: str) -> None:
    assert denied(verdict(secret)) == "unknown"


def test_the_hash_of_a_secret_is_no_key(desk: Cloud) -> None:
    assert denied(verdict(authorize.digest(desk.admin))) == "unknown"


@pytest.mark.parametrize(
    ("sources", "event"),
    [
        ("", {"headers": {"x-api-key": "SECRET"}}),
        ("", {"headers": {"X-API-KEY": " SECRET "}}),
        ("header:X-API-Key", {"headers": {"X-Api-Key": "SECRET"}}),
        ("query:key", {"queryStringParameters": {"key": "SECRET"}}),
        (ZAMMAD, {"headers": {"Authorization": "Token token=SECRET"}}),
        (ZAMMAD, {"headers": {"authorization": 'Token token="SECRET"'}}),
        (ZAMMAD, {"headers": {"Authorization": "Token SECRET"}}),
        (ZAMMAD, {"headers": {"Authorization": "bearer SECRET"}}),
        (ZAMMAD, {"headers": {"Authorization": "Basic USER:SECRET"}}),
        (ZAMMAD, {"headers": {"Authorization": "basic  :SECRET"}}),
    ],
)
def test_each_api_finds_the_key_where_its_clients_put_it(
    desk: Cloud, sources: str, event: dict[str, Any]
) -> None:
    assert allowed(verdict(None, sources=sources, **filled(event, desk.admin)))


@pytest.mark.parametrize(
    ("sources", "event"),
    [
        ("", {"queryStringParameters": {"key": "SECRET"}}),
        ("", {"headers": {"Authorization": "Bearer SECRET"}}),
        ("query:key", {"headers": {"X-API-Key": "SECRET"}}),
        (ZAMMAD, {"headers": {"X-API-Key": "SECRET"}}),
        (ZAMMAD, {"headers": {"Authorization": "Digest SECRET"}}),
        (ZAMMAD, {"headers": {"Authorization": "SECRET"}}),
        ("authorization:token", {"headers": {"Authorization": "Bearer SECRET"}}),
        (ZAMMAD, {"headers": {"Authorization": "Basic SECRET:"}}),
        (ZAMMAD, {"headers": {"Authorization": "Basic not!base64"}}),
        (ZAMMAD, {"headers": {"Authorization": "Basic /////w=="}}),
        (ZAMMAD, {"headers": {"Authorization": "Basic"}}),
        (ZAMMAD, {"headers": {"Authorization": ""}}),
        (ZAMMAD, {"headers": None}),
    ],
)
def test_a_key_anywhere_else_is_no_key(desk: Cloud, sources: str, event: dict[str, Any]) -> None:
    assert denied(verdict(None, sources=sources, **filled(event, desk.admin))) == "missing"


@pytest.mark.parametrize(
    ("networks", "address", "good"),
    [
        (["192.0.2.0/24"], "192.0.2.77", True),
        (["192.0.2.0/24"], "192.0.3.1", False),
        (["192.0.2.7"], "192.0.2.7", True),
        (["192.0.2.7"], "192.0.2.8", False),
        (["10.0.0.0/8", "2001:db8::/32"], "2001:db8::1", True),
        (["10.0.0.0/8", "2001:db8::/32"], "2001:db9::1", False),
        (["192.0.2.0/24"], "::ffff:192.0.2.9", True),
        (["::ffff:192.0.2.0/120"], "192.0.2.9", True),
        (["::ffff:192.0.2.0/120"], "::ffff:192.0.3.9", False),
        (["0.0.0.0/0"], "198.51.100.1", True),
        (["0.0.0.0/0"], "2001:db8::1", False),
        (["::/0"], "198.51.100.1", False),
        (["192.0.2.0/24"], "", False),
        (["192.0.2.0/24"], "no address", False),
        (["192.0.2.0/24"], "test-invoke-source-ip", False),
    ],
)
def test_a_key_comes_from_its_networks_only(
    desk: Cloud, *, networks: list[str], address: str, good: bool
) -> None:
    made = desk.key(networks=networks)
    answer = verdict(made["key"], source=address)
    assert allowed(answer) is good
    assert good or denied(answer) == "network"


def test_why_a_key_is_denied(desk: Cloud) -> None:
    off, ended = desk.key(active=False), desk.key(expires="2001-01-01T00:00:00Z")
    assert denied(verdict(off["key"])) == "inactive"
    assert denied(verdict(ended["key"])) == "expired"


def test_a_miss_is_one_round_trip_and_the_first_use_of_an_hour_another(
    desk: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    events = aws.dynamodb().meta.events
    events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name), "spy")
    made = desk.key()
    try:
        found = []
        for minutes in (0, 1, 59, 61, 62):
            moment = clock.now() + timedelta(minutes=minutes)
            monkeypatch.setattr(authorize, "now", lambda moment=moment: moment)
            calls.clear()
            assert allowed(verdict(made["key"]))
            found.append(list(calls))
    finally:
        events.unregister("before-call.dynamodb", unique_id="spy")

    read, both = ["BatchGetItem"], ["BatchGetItem", "UpdateItem"]
    assert found == [both, read, read, both, read]


def test_the_last_use_is_shown_also_after_a_rotation(desk: Cloud) -> None:
    made = desk.key()
    path = f"/api/admin/keys/{made['id']}"
    verdict(made["key"])
    used = desk.call("GET", path).body["last_used"]
    turned = desk.call("POST", f"{path}/rotate", {}).body

    assert abs(datetime.fromisoformat(used) - clock.now()) < timedelta(minutes=1)
    assert turned["last_used"] == used
    assert desk.call("GET", path).body["last_used"] == used
    assert desk.call("GET", "/api/admin/keys").body["items"][-1]["last_used"] == used


@pytest.mark.parametrize("failure", [errors.Throttled("x"), errors.Unavailable("x")])
def test_a_good_key_passes_even_if_its_use_cannot_be_noted(
    desk: Cloud, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    made = desk.key()

    def fail(_: object) -> None:
        raise failure

    monkeypatch.setattr(transact, "write", fail)
    assert allowed(verdict(made["key"]))


def test_a_fault_of_aws_is_no_verdict(desk: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise errors.Unavailable("x")

    monkeypatch.setattr(table, "fetch", fail)
    with pytest.raises(errors.Unavailable):
        verdict(desk.admin)


def test_noting_a_use_does_not_bring_back_what_has_gone(
    desk: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = desk.key()
    read = table.fetch

    def gone_right_after(*args: Any, **kwargs: Any) -> Any:
        found = read(*args, **kwargs)
        monkeypatch.setattr(table, "fetch", read)
        desk.call("DELETE", f"/api/admin/keys/{made['id']}")
        return found

    monkeypatch.setattr(table, "fetch", gone_right_after)
    assert allowed(verdict(made["key"]))
    assert denied(verdict(made["key"])) == "unknown"
