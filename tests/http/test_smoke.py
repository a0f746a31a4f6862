"""`make smoke` passes on a working desk, cleans up after itself, and reports what is wrong."""

from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from local.cloud import LocalCloud
from tests.http.conftest import KEY
from tests.http.desk import Desk
from tools import smoke


def walk(cloud: LocalCloud, key: str = KEY) -> int:
    # A stage stands in the address of each API; the walk is given one address for all.
    cloud.options.stage_prefix = False
    # What a revoked key is still let through by is flushed in the background.
    cloud.options.on_demand = False
    try:
        return smoke.main(["--url", cloud.url, "--key", key])
    finally:
        cloud.options.stage_prefix = True


def test_a_whole_desk_is_found_whole_and_left_as_it_was(
    cloud: LocalCloud, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert walk(cloud) == 0
    printed = capsys.readouterr()
    assert (printed.out.splitlines()[-1], printed.err) == ("The desk is whole.", "")
    assert len(desk.call("GET", "/api/admin/keys").json["items"]) == 1
    assert desk.call("GET", "/api/admin/services").json["items"] == []
    assert desk.call("GET", "/api/tickets-stats.php").json["total"] == 0


def test_what_fails_is_told_and_what_was_made_before_is_deleted(
    cloud: LocalCloud, desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    assert walk(cloud, "wrong") == 1
    assert "POST" in (told := capsys.readouterr().err)
    assert "/api/admin/keys: 401, not 201" in told

    monkeypatch.setattr(smoke, "PATIENCE", 0.0)
    monkeypatch.setattr(smoke, "_send", lambda *_: None)
    assert walk(cloud) == 1
    told = capsys.readouterr().err
    assert "/api/tickets.json: 400, not 201" in told
    assert KEY not in told
    assert len(desk.call("GET", "/api/admin/keys").json["items"]) == 1


def test_a_stack_is_found_by_its_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = {"OsticketUrl": "https://one/desk", "AdminUrl": "https://two/desk/"}
    listed = [
        {"OutputKey": name, "OutputValue": value}
        for name, value in {**outputs, "FirstKeySecret": "arn"}.items()
    ]
    clients = {
        "cloudformation": SimpleNamespace(
            describe_stacks=lambda **_: {"Stacks": [{"Outputs": listed}]}
        ),
        "secretsmanager": SimpleNamespace(
            get_secret_value=lambda **asked: {"SecretString": f"{asked['SecretId']}-value"}
        ),
    }
    monkeypatch.setattr(boto3, "client", clients.__getitem__)
    found = smoke.of_stack("desk")
    assert found.urls == {"Osticket": "https://one/desk", "Admin": "https://two/desk"}
    assert found.admin_key == "arn-value"
