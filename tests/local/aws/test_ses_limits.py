"""SES's sandbox, rate and quota: which mail is refused, and in which words."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from local.aws import ses_limits
from local.aws.ses_limits import SesLimits
from local.options import FaultOptions
from local.settings import Settings


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    made = SimpleNamespace(at=100.0)
    made.monotonic = lambda: made.at
    monkeypatch.setattr(ses_limits, "time", made)
    return made


def limits(**values: Any) -> SesLimits:
    made = SesLimits(FaultOptions(**{f"ses_{name}": value for name, value in values.items()}))
    made.forget()
    return made


def mail(to: str, sender: str = "support@desk.example") -> bytes:
    return json.dumps(
        {"FromEmailAddress": sender, "Destination": {"ToAddresses": [to]}, "Content": {}}
    ).encode()


def test_nothing_is_refused_where_nothing_is_said(clock: SimpleNamespace) -> None:
    ses = limits()
    assert [ses.refuse(mail("a@b.example")) for _ in range(500)] == [None] * 500
    account = ses.account()
    assert account["ProductionAccessEnabled"] is True
    assert account["SendQuota"]["SentLast24Hours"] == 500


def test_in_the_sandbox_both_ends_must_be_verified(clock: SimpleNamespace) -> None:
    ses = limits(sandbox=True, verified=frozenset({"desk.example", "bob@b.example"}))
    for to in ("Bob@B.example", "x@desk.example", "bounce@simulator.amazonses.com"):
        assert ses.refuse(mail(to)) is None
    for sender, to, named in (
        ("support@desk.example", "ann@b.example", "ann@b.example"),
        ("me@other.example", "bob@b.example", "me@other.example"),
        ("me@other.example", "ann@b.example", "me@other.example, ann@b.example"),
    ):
        refusal = ses.refuse(mail(to, sender))
        assert refusal
        assert (refusal.status, refusal.code) == (400, "MessageRejected")
        assert refusal.words.startswith("Email address is not verified. The following identities")
        assert refusal.words.endswith(f": {named}")
    assert ses.account()["ProductionAccessEnabled"] is False
    assert ses.account()["SendQuota"]["SentLast24Hours"] == 3  # a refused mail does not count


def test_a_rate_lets_so_many_through_in_a_second(clock: SimpleNamespace) -> None:
    ses = limits(rate=2.0)
    told = [ses.refuse(mail("a@b.example")) for _ in range(3)]
    assert told[:2] == [None, None]
    assert told[2] == (429, "TooManyRequestsException", "Maximum sending rate exceeded.")
    clock.at += 0.5
    assert ses.refuse(mail("a@b.example")) is None
    assert ses.refuse(mail("a@b.example"))
    assert ses.account()["SendQuota"]["MaxSendRate"] == 2.0


def test_a_quota_is_of_the_last_24_hours(clock: SimpleNamespace) -> None:
    ses = limits(quota=2)
    assert ses.refuse(mail("a@b.example")) is None
    clock.at += 3600
    assert ses.refuse(mail("a@b.example")) is None
    refusal = ses.refuse(mail("a@b.example"))
    assert refusal == (429, "TooManyRequestsException", "Daily message quota exceeded.")
    quota = ses.account()["SendQuota"]
    assert (quota["Max24HourSend"], quota["SentLast24Hours"]) == (2.0, 2.0)
    clock.at += 23 * 3600
    assert ses.refuse(mail("a@b.example")) is None
    assert ses.refuse(mail("a@b.example"))


@pytest.mark.parametrize(
    ("given", "rate", "quota", "sandbox"),
    [
        ({}, 0, 0, False),
        ({"LOCAL_SES_SANDBOX": "1"}, 1, 200, True),
        ({"LOCAL_SES_SANDBOX": "1", "LOCAL_SES_RATE": "0", "LOCAL_SES_QUOTA": ""}, 0, 200, True),
        ({"LOCAL_SES_RATE": "14", "LOCAL_SES_QUOTA": "50000"}, 14, 50_000, False),
    ],
)
def test_make_run_is_told_by_its_environment(
    given: dict[str, str], rate: float, quota: int, sandbox: bool
) -> None:
    made = Settings.from_environment({**given, "LOCAL_SES_VERIFIED": "Ann@B.example, c.example"})
    options = made.options
    assert (options.ses_rate, options.ses_quota, options.ses_sandbox) == (rate, quota, sandbox)
    assert options.ses_verified == {"desk.example", "ann@b.example", "c.example"}
