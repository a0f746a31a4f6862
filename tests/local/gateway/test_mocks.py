"""MOCK integrations: what is read of them, and what is refused as API Gateway would refuse it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from local.cloudformation.intrinsics import TemplateError
from local.gateway.mocks import Mock, read_mock

GOOD: dict[str, Any] = {
    "responses": {"405": {"headers": {"Allow": {}, "Content-Type": {}}}},
    "x-amazon-apigateway-integration": {
        "type": "mock",
        "passthroughBehavior": "never",
        "contentHandling": "CONVERT_TO_TEXT",
        "requestTemplates": {
            "application/json": '{"statusCode":405}',
            "text/xml": '{"statusCode":405}',
        },
        "responses": {
            "405": {
                "statusCode": "405",
                "contentHandling": "CONVERT_TO_TEXT",
                "responseParameters": {
                    "method.response.header.Allow": "'GET, POST'",
                    "method.response.header.Content-Type": "'text/plain; charset=UTF-8'",
                },
                "responseTemplates": {"text/plain": "no"},
            }
        },
    },
}


def test_a_mock_is_its_status_its_headers_and_its_body() -> None:
    assert read_mock(GOOD, binary=True) == Mock(
        accepts=frozenset({"application/json", "text/xml"}),
        status=405,
        headers={"Allow": "GET, POST", "Content-Type": "text/plain; charset=UTF-8"},
        bodies={"text/plain": "no"},
    )


Change = Callable[[dict[str, Any], dict[str, Any]], object]
"""Of the integration, and of its response."""

BAD: dict[str, Change] = {
    "passthroughBehavior": lambda mock, _: mock.pop("passthroughBehavior"),
    "never": lambda mock, _: mock.update(passthroughBehavior="when_no_match"),
    "request templates": lambda mock, _: mock.update(requestTemplates={}),
    "the same status": lambda mock, _: mock["requestTemplates"].update(
        {"text/html": '{"statusCode":404}'}
    ),
    "with a statusCode": lambda mock, _: mock.update(requestTemplates={"text/xml": "[]"}),
    "has to be JSON": lambda mock, _: mock.update(requestTemplates={"text/xml": "405"}),
    "no integration response": lambda mock, _: mock.update(responses={}),
    "for its status 405": lambda _, response: response.update(statusCode="404"),
    "CONVERT_TO_TEXT": lambda mock, _: mock.pop("contentHandling"),
    "both ways": lambda _, response: response.pop("contentHandling"),
    "needs a response template": lambda _, response: response.update(responseTemplates={}),
    "Velocity": lambda _, response: response.update(
        responseTemplates={"text/plain": "$context.path"}
    ),
    "does not declare": lambda _, response: response["responseParameters"].update(
        {"method.response.header.X-Other": "'1'"}
    ),
    "only what is static": lambda _, response: response["responseParameters"].update(
        {"method.response.header.Allow": "integration.response.header.Allow"}
    ),
}


@pytest.mark.parametrize("words", BAD)
def test_what_api_gateway_would_not_answer_is_an_error(words: str) -> None:
    method = copy.deepcopy(GOOD)
    mock = method["x-amazon-apigateway-integration"]
    BAD[words](mock, mock["responses"]["405"])
    with pytest.raises(TemplateError, match=words):
        read_mock(method, binary=True)


def test_a_response_that_the_method_does_not_declare_is_an_error() -> None:
    with pytest.raises(TemplateError, match="does not declare its response 405"):
        read_mock(GOOD | {"responses": {}}, binary=True)


def test_without_binary_types_nothing_has_to_become_text() -> None:
    method = copy.deepcopy(GOOD)
    del method["x-amazon-apigateway-integration"]["contentHandling"]
    assert read_mock(method, binary=False).status == 405


def test_an_answer_in_the_type_that_is_accepted_names_the_method() -> None:
    method = copy.deepcopy(GOOD)
    response = method["x-amazon-apigateway-integration"]["responses"]["405"]
    both = {"application/json": "no $context.httpMethod", "text/xml": "<no/>"}
    response.update(responseTemplates=both)
    assert read_mock(method, binary=True).bodies == both
