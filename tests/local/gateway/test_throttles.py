"""Requests over the rates of the template are refused, where the local cloud is strict."""

from local.gateway.throttles import Rate, Throttles
from local.options import FaultOptions
from tests.local.conftest import Client


def test_a_bucket_empties_by_its_burst_and_fills_by_its_rate() -> None:
    now = [100.0]
    throttles = Throttles(FaultOptions(strict=True), clock=lambda: now[0])
    rate = Rate(2, 3)
    assert [throttles.lets_through("a", rate) for _ in range(5)] == [True] * 3 + [False] * 2
    assert throttles.lets_through("b", rate)
    now[0] += 1
    assert [throttles.lets_through("a", rate) for _ in range(3)] == [True, True, False]
    now[0] += 3600
    assert [throttles.lets_through("a", rate) for _ in range(4)] == [True] * 3 + [False]


def test_nothing_is_throttled_where_nobody_asks_for_it() -> None:
    for options, rate in ((FaultOptions(), Rate(1, 1)), (FaultOptions(strict=True), None)):
        throttles = Throttles(options)
        assert all(throttles.lets_through("a", rate) for _ in range(50))


def test_a_key_asks_for_no_more_than_its_plan_allows(call: Client) -> None:
    call.cloud.options.strict = True
    replies = [call("GET", "/things/x") for _ in range(5)]
    assert [reply.status for reply in replies[:4]] == [200, 200, 200, 429]
    assert replies[3].json == {"said": "slower"}
    # What is refused is not counted among the requests of the key.
    assert sum(call.cloud.authorization.counted.values()) < len(replies)
    # The plan is of the first API.
    assert call("GET", "/second/x").status == 200


def test_a_path_without_a_key_has_a_rate_for_everybody(call: Client) -> None:
    call.cloud.options.strict = True
    seen = [
        call("GET", "/open/x", key=None, headers={"X-Test-Source": f"192.0.2.{n}"}).status
        for n in range(4)
    ]
    assert seen[:2] == [200, 200]
    assert 429 in seen
    assert call("GET", "/things/x").status == 200
