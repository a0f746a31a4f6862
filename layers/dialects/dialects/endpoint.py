"""From an API Gateway event to an answer: the one decorator of every endpoint.

`endpoint` decodes the event, opens the log context, checks expiry and permission, runs the
handler's three steps, lets the dialect translate the desk's errors, and logs unexpected ones and
answers them with the dialect's internal error. API Gateway has already chosen the route, so there
is no router here.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import wraps
from typing import Any, Protocol

from aws_lambda_powertools import Logger

from dialects import parameters
from dialects.content_encoding import decoded
from helpdesk.clock import now
from helpdesk.errors import AlreadyAnswered, Damaged, DeskError, Invalid, NotAllowed, Problem
from helpdesk.idempotency import LONGEST_KEY, IdempotencyRecord, record_for
from helpdesk.model.actor import Actor
from helpdesk.storage import generations, shards

Event = dict[str, Any]

log = Logger()

_READABLE = {
    "Access-Control-Expose-Headers": (
        "Allow, Content-Disposition, Location, Retry-After, X-Has-More, X-Next-Cursor, "
        "x-amzn-RequestId"
    )
}
"""The headers that a page may read (CORS); template.yaml has the same for API Gateway's own
responses.
"""

_IN_WHOSE_NAME = ("from", "x-on-behalf-of")
"""Headers by which a key acts for another user (docs/zammad.md 2.1)."""


class UnknownPath(DeskError):
    """Nothing is at this path. API Gateway refuses paths without a route; they never arrive."""


class KeyExpired(DeskError):
    """The key expired while API Gateway still cached the authorizer's answer (docs/aws.md m11)."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request. Header names are in lower case, `params` are the path's, `body` is raw.

    `queries` has all values of each parameter of the query string, `query` the last one of each.
    `resource` is the route as in the template, `base_url` the part of the URL before the path:
    scheme, host and, without a custom domain, the stage.
    """

    method: str
    resource: str
    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    source_ip: str
    base_url: str
    actor: Actor
    queries: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def once(self, answer: Callable[[Any], Response]) -> IdempotencyRecord | None:
        """The idempotency record of this request, or None without an Idempotency-Key header.

        Args:
            answer: Makes the response from the operation's result. The response is recorded in the
                operation's own transaction (docs/aws.md m18).

        Raises:
            Invalid: The key is longer than LONGEST_KEY characters.
        """
        header = self.headers.get("idempotency-key", "")
        if not header:
            return None
        if len(header) > LONGEST_KEY:
            raise Invalid(Problem("Idempotency-Key", "too_long", detail=str(LONGEST_KEY)))
        return record_for(
            self.actor.key,
            self.method,
            self.path,
            header=header,
            body=self._asked(),
            answer=lambda result: answer(result).recorded(),
        )

    def _asked(self) -> bytes:
        """The parts of a request that must be the same in another one with the same
        Idempotency-Key: its body, its query string, and the user it acts for.
        """
        beside = {
            **{name: list(values) for name, values in self.queries.items()},
            **{name: self.headers[name] for name in _IN_WHOSE_NAME if name in self.headers},
        }
        for name in parameters.ASK_FOR_NOTHING:
            beside.pop(name, None)
        return self.body + json.dumps(beside, sort_keys=True).encode() if beside else self.body


@dataclass(frozen=True, slots=True)
class Response:
    """A response. `type` is the complete Content-Type; bytes are sent unchanged."""

    status: int
    body: str | bytes = ""
    type: str = "application/json; charset=UTF-8"
    headers: Mapping[str, str] = field(default_factory=dict)

    def recorded(self) -> dict[str, Any]:
        """The answer as an idempotency record keeps it."""
        return {
            "status": self.status,
            "body": self.body,
            "type": self.type,
            "headers": dict(self.headers),
        }

    def for_gateway(self) -> Event:
        """The answer as API Gateway's proxy integration wants it, and as pages of `CORS_ORIGIN` may
        read it.
        """
        origin = os.environ.get("CORS_ORIGIN")
        readable = {**_READABLE, "Access-Control-Allow-Origin": origin} if origin else {}
        raw = isinstance(self.body, bytes)
        body = base64.b64encode(self.body).decode() if isinstance(self.body, bytes) else self.body
        return {
            "statusCode": self.status,
            "headers": {"Content-Type": self.type, **self.headers, **readable},
            "body": body,
            "isBase64Encoded": raw,
        }


class Dialect(Protocol):
    """The interface that `endpoint` needs of a dialect: responses for all errors. If it has
    `HEADERS`, every response gets these, unless it sets them itself.
    """

    def refuse(self, error: Exception, request: Request) -> Response:
        """The response to a DeskError, or to any other exception as an internal error."""


Handler = Callable[[Request], Response]


def endpoint(
    dialect: Dialect, permission: str | tuple[str, ...] | None = None
) -> Callable[[Handler], Callable[[Event, object], Event]]:
    """Makes a Lambda handler of a function from Request to Response.

    `permission` is what the key needs, one of several if it is a tuple; None if the route is open
    or the desk checks the permission itself.
    """
    wanted = (permission,) if isinstance(permission, str) else permission
    usual: Mapping[str, str] = getattr(dialect, "HEADERS", {})

    def decorate(handler: Handler) -> Callable[[Event, object], Event]:
        @wraps(handler)
        def answer(event: Event, _context: object) -> Event:
            request = read_event(event)
            with log.append_context_keys(
                request_id=event["requestContext"].get("requestId"), key=request.actor.key
            ):
                said = _answer(handler, dialect, wanted, event, request)
                return replace(said, headers={**usual, **said.headers}).for_gateway()

        return answer

    return decorate


def _answer(
    handler: Handler,
    dialect: Dialect,
    wanted: tuple[str, ...] | None,
    event: Event,
    request: Request,
) -> Response:
    try:
        _check_expiry(event)
        _check_permission(request.actor, wanted)
        return _handled(handler, replace(request, body=decoded(request.headers, request.body)))
    except AlreadyAnswered as replay:
        return _replayed(replay.answer, dialect, request)
    except DeskError as error:
        log.info("refused", reason=type(error).__name__)
        return dialect.refuse(error, request)
    except Exception as fault:  # noqa: BLE001 - the one place that answers for a fault of ours
        from helpdesk.storage import aws  # noqa: PLC0415 - explorers start without it

        # Its message may quote the request: only kind and place are logged, no traceback.
        log.error("failed", fault=aws.told(fault), where=_where(fault))  # noqa: TRY400
        return dialect.refuse(fault, request)


def _handled(handler: Handler, request: Request) -> Response:
    """The handler's response. A read is repeated if it revealed that the index was rebuilt, or has
    more shards, since this container last looked: its results are from the old one.
    """
    before = _read_from()
    said = handler(request)
    again = request.method in {"GET", "HEAD"} and _read_from() != before
    return handler(request) if again else said


def _read_from() -> tuple[str, int]:
    return generations.seen().serving, shards.seen().read


def _replayed(answer: Mapping[str, Any], dialect: Dialect, request: Request) -> Response:
    """The recorded answer; an internal error if its record is damaged."""
    known = {name: answer[name] for name in Response.__slots__ if name in answer}
    status, body, headers = known.get("status"), known.get("body"), known.get("headers", {})
    if isinstance(status, int) and isinstance(body, str | bytes) and isinstance(headers, dict):
        return Response(**known)
    log.warning("unreadable", kind="answer", fault="TypeError")
    return dialect.refuse(Damaged("answer"), request)


def _where(fault: BaseException) -> list[str]:
    trace, places = fault.__traceback__, []
    while trace:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places


def read_event(event: Event) -> Request:
    """The request in a REST API's proxy event, its actor from the authorizer's context."""
    context = event["requestContext"]
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return Request(
        method=event["httpMethod"],
        resource=event["resource"],
        path=event["path"],
        params=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
        queries=event.get("multiValueQueryStringParameters") or {},
        headers=headers,
        body=_raw(event),
        source_ip=context.get("identity", {}).get("sourceIp") or "",
        base_url=_base_url(event, headers),
        actor=_actor(context.get("authorizer") or {}),
    )


def _raw(event: Event) -> bytes:
    body = event.get("body") or ""
    # A lone surrogate is no text, but no reason to fall over either: the reader refuses it.
    return (
        base64.b64decode(body)
        if event.get("isBase64Encoded")
        else body.encode(errors="surrogatepass")
    )


def _base_url(event: Event, headers: Mapping[str, str]) -> str:
    # requestContext.path includes the stage without a custom domain (docs/aws.md m21).
    whole, path = event["requestContext"].get("path", ""), event["path"]
    prefix = whole[: -len(path)] if path and whole.endswith(path) else ""
    scheme = headers.get("x-forwarded-proto", "https")
    host = event["requestContext"].get("domainName") or headers.get("host", "")
    return f"{scheme}://{host}{prefix}"


def _actor(context: Mapping[str, str]) -> Actor:
    def number(name: str) -> int | None:
        return int(context[name]) if context.get(name) else None

    def numbers(name: str) -> frozenset[int]:
        return frozenset(map(int, filter(None, context.get(name, "").split(","))))

    return Actor(
        key=number("key_id"),
        permissions=frozenset(filter(None, context.get("permissions", "").split(","))),
        departments=numbers("departments"),
        agent=number("agent"),
        customer=number("customer"),
        organizations=numbers("organizations"),
        user=context.get("user", ""),
    )


def _check_permission(actor: Actor, wanted: tuple[str, ...] | None) -> None:
    if wanted and not actor.may(*wanted):
        raise NotAllowed(wanted[0])


def _check_expiry(event: Event) -> None:
    expires = (event["requestContext"].get("authorizer") or {}).get("expires")
    if expires and datetime.fromisoformat(expires) <= now():
        raise KeyExpired
