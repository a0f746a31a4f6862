"""Authorization of a request: authorizer, its cache, and gateway keys, in API Gateway's order.

Rules: API Gateway developer guide, "Use API Gateway Lambda authorizers" (all identity sources are
required, a request without one is refused without a call; results are cached by their values) and
"Choose an API key source" (with AUTHORIZER, `usageIdentifierKey` must be a key of a usage plan).
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from threading import Lock
from typing import Any

from local.functions import FunctionFailed, Functions, RequestTooLarge
from local.gateway.requests import Request, authorizer_event, method_arn
from local.gateway.routes import Api, Authorizer, Method, Route
from local.gateway.throttles import Throttles


class Refused(Exception):
    """A request is refused; `kind` is the gateway response type."""

    def __init__(self, kind: str, context: Mapping[str, Any] | None = None) -> None:
        super().__init__(kind)
        self.kind = kind
        self.context = context or {}


@dataclass(frozen=True)
class Verdict:
    """An authorizer's result."""

    principal: str
    policy: Mapping[str, Any]
    context: Mapping[str, Any]
    gateway_key: str | None

    def allows(self, arn: str) -> bool:
        """Whether the policy allows this method: a denial overrides any permission."""
        effects = [
            statement["Effect"]
            for statement in _list(self.policy.get("Statement", []))
            for resource in _list(statement.get("Resource", []))
            if _covers(str(resource), arn)
        ]
        return "Allow" in effects and "Deny" not in effects


@dataclass(frozen=True)
class Authorized:
    """The results of authorization that are passed to the function."""

    authorizer: Mapping[str, Any] | None
    gateway_key: str | None


_CacheKey = tuple[str, str, tuple[str, ...]]


class Authorization:
    """Calls authorizers and checks gateway keys; `counted` has the number of requests by gateway
    key value and day.

    Args:
        functions: runs the authorizers.
        gateway_keys: returns the values of the valid gateway keys.
        throttles: counts the requests of each method and each key that has a rate.
    """

    def __init__(
        self,
        functions: Functions,
        gateway_keys: Callable[[], frozenset[str]],
        throttles: Throttles,
    ) -> None:
        self._functions = functions
        self.throttles = throttles
        self._gateway_keys = gateway_keys
        self._cache: dict[_CacheKey, tuple[float, Verdict]] = {}
        self._lock = Lock()
        self.counted: Counter[tuple[str, str]] = Counter()

    def flush(self, api_id: str | None = None) -> None:
        """Drop cached authorizer results, of one API or of all."""
        with self._lock:
            self._cache = {
                key: kept
                for key, kept in self._cache.items()
                if api_id is not None and key[0] != api_id
            }

    def authorize(
        self, request: Request, api: Api, route: Route, method: Method, parameters: dict[str, str]
    ) -> Authorized:
        """Call the method's authorizer, then check the gateway key.

        Raises:
            Refused: UNAUTHORIZED, ACCESS_DENIED, INVALID_API_KEY, THROTTLED or an authorizer's
                failure.
        """
        served = request.method if request.method in route.methods else "ANY"
        rated = (route.resource, served)
        if not self.throttles.lets_through((api.id, *rated), api.rates.get(rated)):
            raise Refused("THROTTLED")
        if method.authorizer is None:
            return Authorized(None, None)
        verdict = self._verdict(request, api, route, method.authorizer, parameters)
        if not verdict.allows(method_arn(request, api)):
            raise Refused("ACCESS_DENIED", verdict.context)
        if method.needs_key and verdict.gateway_key not in self._gateway_keys():
            raise Refused("INVALID_API_KEY", verdict.context)
        if method.needs_key and verdict.gateway_key:
            if not self.throttles.lets_through(verdict.gateway_key, api.key_rate):
                raise Refused("THROTTLED", verdict.context)
            with self._lock:
                self.counted[verdict.gateway_key, f"{datetime.now(UTC):%Y-%m-%d}"] += 1
        context = {name: _context_text(value) for name, value in verdict.context.items()}
        handed_on = {"principalId": verdict.principal, "integrationLatency": 0, **context}
        return Authorized(handed_on, verdict.gateway_key if method.needs_key else None)

    def _verdict(
        self,
        request: Request,
        api: Api,
        route: Route,
        authorizer: Authorizer,
        parameters: dict[str, str],
    ) -> Verdict:
        values = tuple(_identity(source, request) or "" for source in authorizer.sources)
        if not all(values):
            raise Refused("UNAUTHORIZED")
        key = (api.id, authorizer.name, values)
        if authorizer.ttl:
            with self._lock:
                until, verdict = self._cache.get(key, (0.0, None))
            if verdict and time.monotonic() < until:
                return verdict
        event = authorizer_event(request, api, route.resource, parameters)
        verdict = _read_verdict(self._ask(authorizer, event))
        if authorizer.ttl:
            with self._lock:
                self._cache[key] = (time.monotonic() + authorizer.ttl, verdict)
        return verdict

    def _ask(self, authorizer: Authorizer, event: dict[str, Any]) -> Any:
        try:
            return self._functions.invoke(authorizer.function, event)
        except RequestTooLarge as error:
            raise Refused("AUTHORIZER_FAILURE") from error
        except FunctionFailed as error:
            # The only message that means "no" rather than "broken" (see the rules above).
            refused = str(error.__cause__) == "Unauthorized"
            raise Refused("UNAUTHORIZED" if refused else "AUTHORIZER_FAILURE") from error


def _identity(source: str, request: Request) -> str | None:
    if source.startswith("method.request.header."):
        return request.header(source.removeprefix("method.request.header."))
    if source.startswith("method.request.querystring."):
        name = source.removeprefix("method.request.querystring.")
        return dict(request.parameters()).get(name)
    if source == "context.identity.sourceIp":
        return request.source
    if source == "context.httpMethod":
        return request.method
    if source == "context.path":
        return f"{request.prefix}{request.path}"
    raise Refused("AUTHORIZER_CONFIGURATION_ERROR")


def _read_verdict(answer: Any) -> Verdict:
    if not isinstance(answer, dict) or not isinstance(answer.get("policyDocument"), dict):
        raise Refused("AUTHORIZER_CONFIGURATION_ERROR")
    context = answer.get("context") or {}
    if not all(isinstance(value, str | int | float | bool) for value in context.values()):
        raise Refused("AUTHORIZER_CONFIGURATION_ERROR")
    return Verdict(
        principal=str(answer.get("principalId", "")),
        policy=answer["policyDocument"],
        context=context,
        gateway_key=answer.get("usageIdentifierKey"),
    )


def _context_text(value: str | float) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _covers(pattern: str, arn: str) -> bool:
    # Policies support * and ?; fnmatch also supports [...], which must match literally here.
    return fnmatchcase(arn, re.sub(r"\[", "[[]", pattern))
