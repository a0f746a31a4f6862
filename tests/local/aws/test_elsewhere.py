"""A service of the user's own, where AWS_ENDPOINT_URL_<SERVICE> points."""

import os
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from local.aws.clients import Clients
from local.aws.moto_app import MotoApp
from local.cloud import LocalCloud
from local.cloudformation.intrinsics import TemplateError
from local.serving import Server

SAMPLE = Path(__file__).parents[1] / "sample" / "template.yaml"


class Own:
    """Somebody's DynamoDB: what it was asked is noted."""

    def __init__(self) -> None:
        self._moto = MotoApp()
        self.asked: set[str] = set()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        self.asked.add(environ["HTTP_X_AMZ_TARGET"])
        return self._moto(environ, start)


@pytest.fixture
def own() -> Iterator[tuple[Own, str]]:
    app = Own()
    server = Server(app, "127.0.0.1", 0)
    server.start()
    yield app, server.url
    server.stop()


def test_tables_and_streams_are_there(
    own: tuple[Own, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, url = own
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", url)
    cloud = LocalCloud(SAMPLE, parameters={}, stack="elsewhere", timers=False, smtp_port=0)
    seen: set[str] = set()
    cloud.aws.listeners.append(lambda call, _request, _answer: seen.add(call.service))
    with cloud:
        clients = Clients()
        item = {"pk": {"S": "a"}, "sk": {"S": "V#1"}}
        clients.dynamodb.put_item(TableName="elsewhere-Table", Item=item)
        clients.close()
        cloud.drain()
        assert cloud.functions.module("Follow").batches == [["V#1"]]
        # A second start finds the table as it is.
        again = cloud.resources.__class__(cloud.template, cloud.clients, None)
        assert again.physical("Table").ref == "elsewhere-Table"
    assert {"dynamodb", "dynamodb-streams"}.isdisjoint(seen)
    assert "sqs" in seen
    assert {target.split(".")[1] for target in app.asked} >= {
        "CreateTable",
        "PutItem",
        "DescribeStream",
        "GetRecords",
    }


def test_credentials_are_the_users_own_only_where_aws_is_in_reach(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    monkeypatch.setenv("AWS_PROFILE", "mine")
    with LocalCloud(SAMPLE, parameters={}, stack="credentials", timers=False, smtp_port=0):
        assert os.environ["AWS_ACCESS_KEY_ID"] == "local"
        assert os.environ["AWS_CONFIG_FILE"] == os.devnull
        assert "AWS_PROFILE" not in os.environ
    assert os.environ["AWS_ACCESS_KEY_ID"] == "mine"
    assert os.environ["AWS_PROFILE"] == "mine"


def test_a_start_that_fails_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    cloud = LocalCloud(SAMPLE, parameters={}, stack="failing", timers=False)
    cloud.functions.module("Make").status[0] = "FAILED"
    with pytest.raises(TemplateError, match="because"):
        cloud.start()
    assert os.environ["AWS_ACCESS_KEY_ID"] == "mine"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", cloud.port), timeout=1)
