"""The decorator of every endpoint: decoding, permission, expiry, replay, faults."""

import base64
import io
import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dialects.endpoint import KeyExpired, Request, Response, endpoint, log
from helpdesk.clock import now, to_iso
from helpdesk.errors import AlreadyAnswered, Invalid, NotAllowed, NotFound


class Words:
    """A dialect that answers with the error's name."""

    def refuse(self, error: Exception, request: Request) -> Response:
        return Response(418, f"{type(error).__name__} {request.path}")


def event(**changes: Any) -> dict[str, Any]:
    context = {
        "requestId": "r-1",
        "path": "/v1/api/things",
        "domainName": "abc.example",
        "identity": {"sourceIp": "192.0.2.1"},
        "authorizer": {
            "key_id": "7",
            "permissions": "can_read_tickets,can_read_stats",
            "departments": "2,3",
            "agent": "",
            "customer": "44",
            "expires": "",
        },
    }
    return {
        "httpMethod": "POST",
        "resource": "/api/things",
        "path": "/api/things",
        "headers": {"X-Forwarded-Proto": "https", "Idempotency-Key": "once"},
        "pathParameters": None,
        "queryStringParameters": {"q": "x"},
        "body": "hej",
        "isBase64Encoded": False,
        "requestContext": context,
    } | changes


def call(handler: Callable[[Request], Response], permission: Any = None, **changes: Any) -> Any:
    return endpoint(Words(), permission=permission)(handler)(event(**changes), None)


def test_the_request_is_what_came_in() -> None:
    seen: list[Request] = []

    def see(request: Request) -> Response:
        seen.append(request)
        return Response(200)

    call(see)
    (request,) = seen
    assert request.body == b"hej"
    assert request.headers["x-forwarded-proto"] == "https"
    assert request.base_url == "https://abc.example/v1"
    assert request.source_ip == "192.0.2.1"
    assert request.actor.key == 7
    assert request.actor.customer == 44
    assert request.actor.agent is None
    assert request.actor.departments == {2, 3}
    assert request.actor.permissions == {"can_read_tickets", "can_read_stats"}


def test_binary_bodies_arrive_and_leave_as_bytes() -> None:
    raw = bytes(range(256))
    answer = call(
        lambda request: Response(200, request.body, "application/zip"),
        body=base64.b64encode(raw).decode(),
        isBase64Encoded=True,
    )
    assert answer["isBase64Encoded"] is True
    assert base64.b64decode(answer["body"]) == raw


def test_a_lone_surrogate_reaches_the_reader() -> None:
    answer = call(lambda request: Response(200, str(len(request.body))), body="\ud800")
    assert answer["body"] == "3"


def test_one_of_several_permissions_is_enough() -> None:
    wanted = ("can_search_tickets", "can_read_tickets")
    assert call(lambda _: Response(200), permission=wanted)["statusCode"] == 200


def test_a_key_without_the_permission_is_refused_in_the_dialects_words() -> None:
    answer = call(lambda _: Response(200), permission="can_delete_tickets")
    assert answer["body"] == f"{NotAllowed.__name__} /api/things"


def test_no_authorizer_no_permissions() -> None:
    context = {"identity": {}, "path": "/api/things"}
    answer = call(lambda _: Response(200), permission="can_read_tickets", requestContext=context)
    assert answer["body"].startswith(NotAllowed.__name__)


@pytest.mark.parametrize(("minutes", "status"), [(-1, 418), (1, 200)])
def test_expiry_is_checked_again_behind_the_authorizers_cache(minutes: int, status: int) -> None:
    changed = event()
    expires = to_iso(now() + timedelta(minutes=minutes))
    changed["requestContext"]["authorizer"]["expires"] = expires
    answer = call(lambda _: Response(200), **changed)
    assert answer["statusCode"] == status
    assert status == 200 or answer["body"].startswith(KeyExpired.__name__)


def test_refusals_are_the_dialects() -> None:
    def missing(_: Request) -> Response:
        raise NotFound("ticket", 1)

    assert call(missing)["body"].startswith(NotFound.__name__)


def test_a_replayed_answer_is_sent_as_it_was() -> None:
    first = Response(201, "123456", "text/html; charset=UTF-8", {"X-A": "b"})

    def replay(_: Request) -> Response:
        raise AlreadyAnswered(first.recorded())

    assert call(replay) == first.for_gateway()


DENIED = ClientError(
    {"Error": {"Code": "AccessDeniedException", "Message": "tell nobody"}}, "PutItem"
)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (ValueError("the body said: tell nobody"), "ValueError"),
        (DENIED, "PutItem: AccessDeniedException"),
    ],
)
def test_an_unexpected_fault_is_logged_without_its_words(fault: Exception, told: str) -> None:
    stream, output = io.StringIO(), log.registered_handler
    assert isinstance(output, logging.StreamHandler)
    before = output.setStream(stream)

    def broken(_: Request) -> Response:
        raise fault

    assert call(broken)["body"].startswith(type(fault).__name__)
    output.setStream(before)
    logged = [json.loads(line) for line in stream.getvalue().splitlines()]
    (line,) = [entry for entry in logged if entry["level"] == "ERROR"]
    assert line["fault"] == told
    assert line["where"][-1].endswith("broken")
    assert "tell nobody" not in json.dumps(logged)


def test_an_idempotency_record_is_scoped_to_key_method_path_and_header() -> None:
    records = set()

    def record(request: Request) -> Response:
        once = request.once(lambda _: Response(200))
        assert once
        records.add(once.record)
        return Response(200)

    other_key = event()
    other_key["requestContext"]["authorizer"]["key_id"] = "8"
    for changes in (
        {},
        {"body": "another body, the same record"},
        {"path": "/api/others"},
        {"httpMethod": "PUT"},
        {"headers": {"Idempotency-Key": "twice"}},
        other_key,
    ):
        call(record, **changes)
    assert len(records) == 5


def test_an_idempotency_key_has_at_most_255_characters() -> None:
    def record(request: Request) -> Response:
        request.once(lambda _: Response(200))
        return Response(200)

    assert call(record, headers={"idempotency-key": "k" * 255})["statusCode"] == 200
    refused = call(record, headers={"idempotency-key": "k" * 256})
    assert refused["body"].startswith(Invalid.__name__)


def test_without_the_header_there_is_no_record() -> None:
    def record(request: Request) -> Response:
        return Response(200, str(request.once(lambda _: Response(200))))

    assert call(record, headers={})["body"] == "None"
