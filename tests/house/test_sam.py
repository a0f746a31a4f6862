"""An update of a stack is taken back where it sets an alarm off."""

from __future__ import annotations

from typing import Any

import pytest

from local.cloudformation.template import Template
from tools import sam

STACK = "arn:aws-cn:cloudformation:cn-north-1:123456789012:stack/desk/1"


class CloudFormation:
    def describe_stacks(self, **_: str) -> Any:
        return {"Stacks": [{"StackId": STACK}]}

    def get_paginator(self, _: str) -> CloudFormation:
        return self

    def paginate(self, **_: str) -> Any:
        alarms = ("OsticketFaultsAlarm", "LoggedErrorsAlarm", "BouncesAlarm", "ZammadFaultsAlarm")
        for name in alarms:
            yield {
                "StackResourceSummaries": [
                    {
                        "LogicalResourceId": name,
                        "PhysicalResourceId": f"desk-{name}",
                        "ResourceType": "AWS::CloudWatch::Alarm",
                        "ResourceStatus": "DELETE_COMPLETE" if "Zammad" in name else "OK",
                    }
                ]
            }


class Deployer:
    """As SAM's is."""

    def __init__(self) -> None:
        self._client = CloudFormation()

    def _create_change_set(self, stack_name: str, changeset_type: str, **asked: Any) -> Any:
        return {"stack": stack_name, "type": changeset_type, **asked}


@pytest.fixture
def deployer() -> Any:
    class Fresh(Deployer):
        pass

    sam._guard(Fresh)
    return Fresh()


OWN = {
    "MailDomain": "help.example.org",
    "SupportAddress": "support@help.example.org",
    "FromAddress": "support@help.example.org",
}


def change_set(deployer: Any, kind: str, **parameters: str) -> dict[str, Any]:
    given = [
        {"ParameterKey": name, "ParameterValue": value}
        for name, value in {**OWN, **parameters}.items()
    ]
    asked: dict[str, Any] = deployer._create_change_set(
        stack_name="desk", changeset_type=kind, Tags=[], Parameters=given
    )
    assert (asked["stack"], asked["type"], asked["Tags"]) == ("desk", kind, [])
    return asked


def test_an_update_is_watched_by_the_alarms_of_its_stack(
    deployer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    asked = change_set(deployer, "UPDATE")["RollbackConfiguration"]
    here = "arn:aws-cn:cloudwatch:cn-north-1:123456789012:alarm:desk-"
    assert [trigger["Arn"] for trigger in asked["RollbackTriggers"]] == [
        f"{here}OsticketFaultsAlarm",
        f"{here}LoggedErrorsAlarm",
    ]
    assert asked["MonitoringTimeInMinutes"] == sam.WATCH_MINUTES


def test_a_new_stack_is_not_and_nobody_need_be(
    deployer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert "RollbackConfiguration" not in change_set(deployer, "CREATE")
    monkeypatch.setenv("ROLLBACK", "off")
    # CloudFormation keeps the triggers of the time before where none are named.
    off = {"RollbackTriggers": [], "MonitoringTimeInMinutes": 0}
    assert change_set(deployer, "UPDATE")["RollbackConfiguration"] == off


def test_no_desk_is_made_under_the_domain_of_the_example(
    deployer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert sam.examples([]) == ["MailDomain", "SupportAddress", "FromAddress"]
    with pytest.raises(SystemExit, match="FromAddress: still"):
        change_set(deployer, "CREATE", FromAddress="Support@Desk.Example")
    # What is there already stays as it is; an emulator has no domain of its own.
    change_set(deployer, "UPDATE", FromAddress="support@desk.example")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    change_set(deployer, "CREATE", FromAddress="support@desk.example")
    assert "RollbackConfiguration" not in change_set(deployer, "UPDATE")


def test_cloudformation_watches_five_alarms_at_most(transformed: Template) -> None:
    alarms = [found.name for found in transformed.of_type("AWS::CloudWatch::Alarm")]
    watched = [name for name in alarms if name.endswith(sam.WATCHED)]
    assert "LoggedErrorsAlarm" in watched
    assert 2 <= len(watched) <= 5
