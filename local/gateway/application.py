"""API Gateway: all APIs of the template on one port, with the functions behind them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from wsgiref.types import StartResponse, WSGIEnvironment

from local.functions import FunctionFailed, Functions, RequestTooLarge
from local.gateway.authorization import Authorization, Refused
from local.gateway.compression import packed, unpacked
from local.gateway.mocks import Mock
from local.gateway.requests import (
    BodyTooLarge,
    BodyUnreadable,
    Request,
    read_request,
    request_event,
)
from local.gateway.responses import (
    HttpAnswer,
    Malformed,
    function_answer,
    gateway_answer,
    mock_answer,
)
from local.gateway.routes import Api, Apis
from local.options import FaultOptions
from local.serving import reason

_LOG = logging.getLogger("local.gateway")


@dataclass(frozen=True)
class Gateway:
    """A WSGI application.

    Args:
        apis: the APIs to serve.
        functions: the functions to call.
        authorization: calls authorizers, checks gateway keys and rates.
        options: stage prefix, source address.
        settle: called with a function's logical id before a request is passed to it.
    """

    apis: Apis
    functions: Functions
    authorization: Authorization
    options: FaultOptions
    settle: Callable[[str], None]

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Handle one request."""
        answer = self._answer(environ)
        headers = list(answer.headers)
        if answer.status != 204:
            headers.append(("Content-Length", str(len(answer.body))))
        start(reason(answer.status), headers)
        return [answer.body]

    def _answer(self, environ: WSGIEnvironment) -> HttpAnswer:
        source = self._source(environ)
        stages = frozenset(api.stage for api in self.apis if self.options.stage_prefix)
        try:
            request = unpacked(read_request(environ, source, stages))
        except (BodyTooLarge, BodyUnreadable) as error:
            request = read_request(environ, source, stages, body=False)
            kind = "REQUEST_TOO_LARGE" if isinstance(error, BodyTooLarge) else "DEFAULT_4XX"
            return gateway_answer(kind, request, self.apis.serving(request.path), last=True)
        api = self.apis.serving(request.path)
        return packed(self._serve(request, api), request, api)

    def _source(self, environ: WSGIEnvironment) -> str:
        if self.options.source_header:
            name = "HTTP_" + self.options.source_header.upper().replace("-", "_")
            return str(environ.get(name) or environ["REMOTE_ADDR"])
        return str(environ["REMOTE_ADDR"])

    def _serve(self, request: Request, api: Api) -> HttpAnswer:
        match = api.match(request.path)
        method = match[0].method(request.method) if match else None
        if match is None or method is None:
            return gateway_answer("MISSING_AUTHENTICATION_TOKEN", request, api)
        route, parameters = match
        try:
            authorized = self.authorization.authorize(request, api, route, method, parameters)
        except Refused as refused:
            if refused.kind.startswith("AUTHORIZER"):
                _LOG.exception("authorizer of %s", api.name)
            return gateway_answer(refused.kind, request, api, refused.context)
        if isinstance(method.integration, Mock):
            return mock_answer(method.integration, request, api, authorized.authorizer)
        event = request_event(
            request,
            api,
            route.resource,
            parameters,
            gateway_key=authorized.gateway_key,
            authorizer=authorized.authorizer,
        )
        self.settle(method.integration)
        try:
            return function_answer(self.functions.invoke(method.integration, event), request, api)
        except RequestTooLarge:
            return gateway_answer("REQUEST_TOO_LARGE", request, api, authorized.authorizer)
        except (FunctionFailed, Malformed):
            _LOG.exception("%s %s failed", request.method, route.resource)
            return gateway_answer("DEFAULT_5XX", request, api, authorized.authorizer)
