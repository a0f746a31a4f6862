"""The gateway answers what API Gateway would, through the sample system, over HTTP."""

import base64
import json
from types import ModuleType
from typing import Any

import pytest

from tests.local.conftest import Client


def event(call: Client, *args: Any, **kwargs: Any) -> dict[str, Any]:
    reply = call(*args, **kwargs)
    assert reply.status == 200, reply.body
    result: dict[str, Any] = reply.json
    return result


# --- routes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        ("/things/first", "/things/first"),
        ("/things/other", "/things/{ref}"),
        ("/things/first/", "/things/first"),
        ("/open/a/b", "/open/{proxy+}"),
        ("/second/x", "/second/{ref}"),
        ("/stage/things/first", "/things/first"),
    ],
)
def test_the_most_literal_path_wins(call: Client, path: str, resource: str) -> None:
    assert event(call, "GET", path)["resource"] == resource


@pytest.mark.parametrize(
    ("ref", "value"),
    [("781258.json", "781258.json"), ("a%2Fb", "a/b"), ("f%C3%BCr", "für"), ("a+b", "a+b")],
)
def test_path_parameters_are_decoded_and_the_path_is_not(
    call: Client, ref: str, value: str
) -> None:
    got = event(call, "GET", f"/things/{ref}")
    assert got["pathParameters"] == {"ref": value}
    assert got["path"] == f"/things/{ref}"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nowhere"), ("DELETE", "/things/x"), ("GET", "/open/"), ("GET", "/Things/first")],
)
def test_an_unknown_path_or_method_never_reaches_a_function(
    call: Client, gate_module: ModuleType, method: str, path: str
) -> None:
    reply = call(method, path)
    assert (reply.status, reply.json) == (403, {"said": "Missing Authentication Token"})
    assert gate_module.asked == []


def test_base_paths_choose_the_api(call: Client) -> None:
    reply = call("GET", "/second")
    assert (reply.status, reply.json) == (403, {"message": "Missing Authentication Token"})


# --- the gate -------------------------------------------------------------------------------


def test_a_missing_identity_source_is_refused_without_asking(
    call: Client, gate_module: ModuleType
) -> None:
    reply = call("GET", "/things/x", key=None, headers={"X-Ask": "why"})
    assert (reply.status, reply.json) == (401, {"said": "no key", "from": "127.0.0.1"})
    assert reply.header("X-Kind") == ["first"]
    assert reply.header("X-Asked") == ["why"]
    assert call("GET", "/things/x", key="").status == 401
    assert gate_module.asked == []


def test_a_denial_is_worded_with_the_authorizers_context(call: Client) -> None:
    reply = call("GET", "/things/x", key="bad")
    assert (reply.status, reply.json) == (402, {"said": "bad key"})
    reply = call("GET", "/second/x", key="bad")
    assert (reply.status, reply.json) == (
        403,
        {"message": "User is not authorized to access this resource"},
    )


def test_a_verdict_is_kept_per_key_and_address(call: Client, gate_module: ModuleType) -> None:
    for _ in range(3):
        call("GET", "/things/x", key="good-a")
    call("POST", "/things/y", key="good-a")
    call("GET", "/things/x", key="good-b")
    call("GET", "/things/x", key="good-a", headers={"X-Test-Source": "192.0.2.7"})
    call("GET", "/second/x", key="good-a")  # another API, another cache
    assert gate_module.asked == ["good-a", "good-b", "good-a", "good-a"]
    call.cloud.authorization.flush("firstapi")
    call("GET", "/things/x", key="good-a")
    call("GET", "/second/x", key="good-a")
    assert gate_module.asked == ["good-a", "good-b", "good-a", "good-a", "good-a"]


def test_denials_are_kept_too(call: Client, gate_module: ModuleType) -> None:
    call("GET", "/things/x", key="bad")
    call("GET", "/things/x", key="bad")
    assert gate_module.asked == ["bad"]


@pytest.mark.parametrize(
    ("key", "status"), [("raises", 500), ("malformed", 500), ("raises-unauthorized", 401)]
)
def test_a_broken_authorizer(call: Client, key: str, status: int) -> None:
    assert call("GET", "/second/x", key=key).status == status


def test_a_gateway_key_must_be_known(call: Client) -> None:
    reply = call("GET", "/things/x", key="good-unknown")
    assert (reply.status, reply.json) == (403, {"said": "Forbidden"})
    assert call("GET", "/second/x", key="good-unknown").status == 200  # asks for none


def test_the_context_reaches_the_function_as_text(call: Client) -> None:
    context = event(call, "GET", "/things/x")["requestContext"]
    assert context["authorizer"] == {
        "principalId": "someone",
        "integrationLatency": 0,
        "why": "bad key",
        "number": "7",
        "yes": "true",
    }
    assert context["identity"]["apiKey"] == "shared-key-of-20-letters"


def test_an_open_route_asks_nobody(call: Client, gate_module: ModuleType) -> None:
    got = event(call, "GET", "/open/x", key=None)
    assert "authorizer" not in got["requestContext"]
    assert gate_module.asked == []


# --- what the function gets -----------------------------------------------------------------


def test_the_event_is_that_of_a_proxy_integration(call: Client) -> None:
    got = event(
        call,
        "POST",
        "/stage/things/x?a=1&b=%C3%BC+%26&a=2&c",
        "hello",
        headers=[("X-Two", "1"), ("X-Two", "2"), ("User-Agent", "test"), ("Host", "desk.test")],
    )
    assert got["queryStringParameters"] == {"a": "2", "b": "ü &", "c": ""}
    assert got["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": ["ü &"], "c": [""]}
    assert got["headers"]["X-Two"] == "2"
    assert got["multiValueHeaders"]["X-Two"] == ["1", "2"]
    assert got["headers"]["X-Forwarded-For"] == "127.0.0.1"
    assert (got["httpMethod"], got["path"]) == ("POST", "/things/x")
    context = got["requestContext"]
    assert context["path"] == "/stage/things/x"
    assert context["resourcePath"] == "/things/{ref}"
    assert context["stage"] == "stage"
    assert context["domainName"] == "desk.test"
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert context["identity"]["userAgent"] == "test"
    assert len(context["requestId"]) == 36


def test_nothing_is_null_as_in_a_real_event(call: Client) -> None:
    got = event(call, "GET", "/things/first")
    empty = ("body", "pathParameters", "queryStringParameters", "multiValueQueryStringParameters")
    assert {name: got[name] for name in empty} == dict.fromkeys(empty)
    assert got["isBase64Encoded"] is False


def test_an_address_that_the_caller_claims_is_not_believed(call: Client) -> None:
    got = event(call, "GET", "/things/x", headers={"X-Forwarded-For": "192.0.2.1"})
    assert got["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("path", "media_type", "body", "expected"),
    [
        ("/things/x", "application/json", b"\xff{}", base64.b64encode(b"\xff{}").decode()),
        ("/things/x", "", b"x", base64.b64encode(b"x").decode()),
        ("/second/x", "image/png; q=1", b"\x89PNG", base64.b64encode(b"\x89PNG").decode()),
        ("/second/x", "application/json", b"\xff{}", "\ufffd{}"),
    ],
)
def test_binary_types_decide_how_a_body_arrives(
    call: Client, path: str, media_type: str, body: bytes, expected: str
) -> None:
    got = event(call, "POST", path, body, headers={"Content-Type": media_type})
    assert got["body"] == expected
    assert got["isBase64Encoded"] is not (expected.startswith("\ufffd"))


# --- what the caller gets -------------------------------------------------------------------


def odd(call: Client, answer: Any, path: str = "/odd", **kwargs: Any) -> Any:
    body = answer if isinstance(answer, str) else json.dumps(answer)
    return call("POST", path, body, **kwargs)


def test_headers_single_and_multiple(call: Client) -> None:
    reply = odd(
        call,
        {
            "statusCode": "201",
            "headers": {"X-A": "single", "x-b": 1, "WWW-Authenticate": "Basic"},
            "multiValueHeaders": {"x-a": ["1", "2"]},
            "body": "ü",
        },
    )
    assert (reply.status, reply.body) == (201, "ü".encode())
    assert reply.header("X-A") == ["1", "2"]
    assert reply.header("X-B") == ["1"]
    assert reply.header("WWW-Authenticate") == []
    assert reply.header("x-amzn-Remapped-WWW-Authenticate") == ["Basic"]
    assert reply.header("Content-Type") == ["application/json"]


@pytest.mark.parametrize(
    ("path", "accept", "decoded"),
    [
        ("/odd", "application/json", True),
        ("/second/odd", "image/png, */*", True),
        ("/second/odd", "application/json, image/png", False),
        ("/second/odd", "*/*", False),
    ],
)
def test_the_first_accepted_type_decides_about_base64(
    call: Client, path: str, accept: str, *, decoded: bool
) -> None:
    text = base64.b64encode(b"\x00\xff").decode()
    answer = {"statusCode": 200, "body": text, "isBase64Encoded": True}
    reply = odd(call, answer, path, headers={"Accept": accept})
    assert reply.body == (b"\x00\xff" if decoded else text.encode())


@pytest.mark.parametrize(
    "answer",
    [
        "raise",
        "null",
        '"text"',
        {"body": "x"},
        {"statusCode": "abc"},
        {"statusCode": True},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "other": 1},
        {"statusCode": 200, "headers": {"X": ["a"]}},
        {"statusCode": 200, "headers": ["X"]},
        {"statusCode": 200, "multiValueHeaders": {"X": "a"}},
        {"statusCode": 200, "body": "%", "isBase64Encoded": True},
        "repeat 6400000",
    ],
)
def test_a_failing_function_is_a_502(call: Client, answer: Any) -> None:
    reply = odd(call, answer)
    assert (reply.status, reply.json) == (502, {"message": "Internal server error"})


def test_a_large_answer_still_fits(call: Client) -> None:
    assert len(odd(call, "repeat 6200000").body) == 6_200_000


# --- limits ---------------------------------------------------------------------------------


def test_ten_megabytes_are_the_gateways_limit(call: Client, gate_module: ModuleType) -> None:
    reply = call("POST", "/things/x", b"x" * (10 * 1024 * 1024 + 1))
    assert (reply.status, reply.json) == (413, {"said": "Request Too Long"})
    assert reply.header("Connection") == ["close"]
    assert gate_module.asked == []


def test_six_megabytes_are_lambdas_limit(call: Client) -> None:
    # */* is base64: 4/3 of it must fit.
    assert call("POST", "/things/x", b"x" * 4_800_000).status == 413
    assert odd(call, '{"statusCode":204}' + " " * 4_000_000).status == 204
    assert odd(call, '{"statusCode":204}' + " " * 5_900_000, "/second/odd").status == 204


def test_a_length_that_is_none_is_refused(call: Client) -> None:
    reply = call("POST", "/things/x", headers={"Content-Length": "many"})
    assert (reply.status, reply.json) == (400, {"said": "Bad Request"})


def test_a_chunked_body_is_a_body(call: Client) -> None:
    chunks = b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    got = event(call, "POST", "/second/x", chunks, headers={"Transfer-Encoding": "chunked"})
    assert got["body"] == "abc"
    broken = call("POST", "/second/x", b"zz\r\n", headers={"Transfer-Encoding": "chunked"})
    assert broken.status == 400
