"""`make rebuild` and `make migrate`: a call after the other until the job is done."""

import json
from io import BytesIO
from typing import Any

import boto3
import pytest

from tools import jobs


class Aws:
    """CloudFormation and Lambda, which answer what they are told to."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def __call__(self, _service: str, **_options: Any) -> "Aws":
        return self

    def describe_stack_resource(self, **asked: str) -> dict[str, Any]:
        assert asked == {"StackName": "desk", "LogicalResourceId": "BackgroundRebuildIndex"}
        return {"StackResourceDetail": {"PhysicalResourceId": "desk-rebuild"}}

    def invoke(self, **asked: Any) -> dict[str, Any]:
        assert asked["FunctionName"] == "desk-rebuild"
        self.asked.append(json.loads(asked["Payload"]))
        answer = self.answers.pop(0)
        failed = {"FunctionError": "Unhandled"} if "errorType" in answer else {}
        return {"Payload": BytesIO(json.dumps(answer).encode()), **failed}


def rebuild(monkeypatch: pytest.MonkeyPatch, aws: Aws) -> int:
    monkeypatch.setattr(boto3, "client", aws)
    monkeypatch.setattr(jobs, "PAUSE", 0.0)
    return jobs.main(["rebuild", "--stack", "desk", "--anew"])


def test_a_job_is_called_until_it_is_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    aws = Aws(
        {"phase": "under way"},
        {"phase": "tickets", "done": 20, "of": 40},
        {"phase": "tickets", "done": 20, "of": 40},
        {"phase": "done", "done": 0, "of": 0},
    )
    assert rebuild(monkeypatch, aws) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["tickets: 20 of 40", "done"]
    # What has begun anew goes on; it must not begin once more.
    assert [asked["anew"] for asked in aws.asked] == [True, True, False, False]


def test_a_function_that_fails_ends_it_and_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rebuild(monkeypatch, Aws({"errorType": "Damaged"})) == 1
    assert "BackgroundRebuildIndex failed: Damaged" in capsys.readouterr().err


def test_a_desk_that_does_not_answer_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert jobs.main(["migrate", "--url", "http://localhost:1"]) == 1
    assert "http://localhost:1" in capsys.readouterr().err
