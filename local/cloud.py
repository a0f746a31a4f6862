"""The local cloud, put together."""

from __future__ import annotations

import json
import math
import os
import random
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIEnvironment

from moto.s3.models import s3_backends

from local import environment
from local.aws import moto_index, partitions
from local.aws.answers import Answer
from local.aws.calls import Action, Call, name_calls
from local.aws.clients import Clients
from local.aws.endpoint import EndpointProxy
from local.aws.in_process import connect, disconnect
from local.aws.moto_app import MotoApp
from local.aws.roles import Roles, read_roles
from local.cloudformation.custom_resources import PATH as CUSTOM_RESOURCES
from local.cloudformation.custom_resources import CustomResources
from local.cloudformation.intrinsics import ACCOUNT
from local.cloudformation.resources import FIRST_KEY, Resources
from local.cloudformation.template import ROOT, Template
from local.data.folder import DataError, DataFolder
from local.data.saver import Saver
from local.data.state import State, secrets
from local.events.background import Background, Source
from local.events.deliveries import Deliveries
from local.events.queues import QueueMapping
from local.events.schedules import Scheduler, read_schedules
from local.events.streams import StreamMapping
from local.functions import Event, Functions, prepare_process
from local.gateway.application import Gateway
from local.gateway.authorization import Authorization
from local.gateway.requests import read_request
from local.gateway.routes import read_apis
from local.gateway.throttles import Throttles
from local.mail.mailbox import Mailbox
from local.mail.smtp import SmtpListener
from local.options import FaultOptions
from local.page import page
from local.readers import mailers, readers
from local.serving import Server, listen, reason
from local.sign_in import PATH as SIGN_IN
from local.sign_in import SignIn

__all__ = ["PARAMETERS", "ROOT", "STACK", "LocalCloud"]

PARAMETERS: Mapping[str, str] = {"AdminEmail": "admin@desk.example", "BroadcastsPerSecond": "0"}
"""The local desk's parameters that differ from the template's defaults: staff are notified of new
tickets, and mail to subscribers is sent at once.
"""

STACK = "deskless-local"

JOBS: Mapping[str, str] = {
    "/local/jobs/rebuild": "BackgroundRebuildIndex",
    "/local/jobs/migrate": "BackgroundMigrateItems",
}
"""Paths at which `make rebuild` and `make migrate` call their functions (on AWS: by name)."""

MOST_REQUESTS = 8
"""Requests that run concurrently; others wait. On AWS each has its own environment; a hundred
sharing this process would all time out."""


_API = re.compile(r"https://[a-z0-9]+\.execute-api\.[a-z0-9-]+\.amazonaws\.com/desk")
"""The address of an API on AWS: links in mails are rewritten to this server."""


class LocalCloud:
    """A whole desk in this process.

    Args:
        template: the template to serve.
        parameters: values that replace its parameters' defaults.
        options: random faults, stage prefix, source header.
        host: address to listen on.
        port: port of the APIs; 0 selects a free one.
        first_key: value of the first admin key; None generates one.
        stack: name of the stack. moto keeps one account per process: two clouds need two names.
        timers: whether schedules run by the clock, and background work runs by itself. Tests run
            both explicitly.
        smtp_port: port for incoming mail; 0 selects a free one.
        data: folder in which the desk is stored; None stores nothing.

    Raises:
        CannotListen: a port is in use.
        DataError: the folder cannot be used, or has another admin key.
    """

    def __init__(
        self,
        template: Path = ROOT / "template.yaml",
        *,
        parameters: Mapping[str, str] = PARAMETERS,
        options: FaultOptions | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        first_key: str | None = None,
        stack: str = STACK,
        timers: bool = True,
        smtp_port: int = 0,
        data: Path | None = None,
    ) -> None:
        self.options = options or FaultOptions()
        self._first_key = first_key
        self._timers = timers
        self._environment: dict[str, str | None] = {}
        self._restore: dict[str, str | None] = {}
        self.template = Template(template, parameters, stack)
        self.aws = EndpointProxy(MotoApp(), self.options, permit=self._permit)
        self._dice = random.Random(0)  # noqa: S311 - dice, not a secret
        with ExitStack() as opened:
            self._folder = None if data is None else self._open(data, opened)
            self._aws_server = Server(self.aws, "127.0.0.1", 0)
            opened.callback(self._aws_server.stop)
            self._http_server = Server(self._serve, host, port)
            opened.callback(self._http_server.stop)
            self._smtp_socket = opened.enter_context(listen(host, smtp_port))
            opened.callback(self.leave)
            self._closing = opened.pop_all()
        self.aws_url = self._aws_server.url
        self.url = self._http_server.url
        self.port = self._http_server.port
        self.sign_in = SignIn(self.url)
        self.functions = Functions(self.template)
        self._ready = threading.Event()
        self._room = threading.BoundedSemaphore(MOST_REQUESTS)
        self._joined: dict[str, float] = {}
        self._known_gateway_keys: dict[str, float] | None = None
        self._gateway_changes = 0
        self.key: str | None = None

    def start(self) -> Self:
        """Create the resources and begin to serve; returns itself.

        Raises:
            TemplateError: the template needs something unsupported, or set-up failed.
        """
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def _start(self) -> None:
        # In a call to AWS, two threads of this process alternate; with the default switch interval
        # of 5 ms, waiting for the interpreter would take longer than the call.
        sys.setswitchinterval(0.0005)
        name_calls()
        moto_index.install()
        partitions.set_lag(self.options.index_lag)
        self._set_environment(environment.endpoints(self._aws_server.url))
        self._aws_server.start()
        # Closes the files in which moto stores objects.
        self._closing.callback(s3_backends[ACCOUNT]["aws"].reset)
        connect(self._aws_server.url, self.aws)
        self._closing.callback(disconnect, self._aws_server.url)
        self.clients = Clients(own=True)
        self._closing.callback(self.clients.close)
        self.resources = Resources(
            self.template,
            self.clients,
            self._first_key,
            secrets(self._folder) if self._folder else None,
        )
        self.resources.make_all()
        self.deliveries = Deliveries(self.template, self.resources, self.functions, self.clients)
        self.mailbox = Mailbox(self.template, self.resources, self.deliveries.send)
        self.streams, self.queues = self._mappings()
        saver = self._saver()
        prepare_process(self.template)
        here = f"{self.url}/desk" if self.options.stage_prefix else self.url
        self._set_environment(
            {
                name: self.sign_in.here(_API.sub(here, value))
                for name, value in self.resources.environment().items()
            }
        )
        self.authorization = Authorization(
            self.functions, self._gateway_keys, Throttles(self.options)
        )
        self.aws.usage = lambda query: _usage(self.clients, self.authorization.counted, query)
        self.smtp = SmtpListener(
            self.template,
            self.resources,
            self.clients,
            self._call_later,
            self._smtp_socket,
            self._room,
        )
        sources: list[Source] = [self.deliveries, *self.streams, *self.queues]
        elsewhere = any(name.startswith("AWS_ENDPOINT_URL_") for name in os.environ)
        self.background = Background(sources, always=elsewhere)
        self.schedules = read_schedules(self.template, self.resources)
        self._scheduler = Scheduler(self.schedules, self._call_later)
        self.gateway = Gateway(
            apis=read_apis(self.template, self.resources),
            functions=self.functions,
            authorization=self.authorization,
            options=self.options,
            settle=self._settle,
        )
        self.custom = CustomResources(
            self.template, self.resources, self.functions, self._http_server.url
        )
        self.aws.listeners.append(self._hear)
        self._http_server.start()
        self.custom.create()
        self.drain()
        self._gateway_keys()
        if saver:
            self.aws.listeners.append(lambda call, _request, _answer: saver.hear(call))
            saver.start()
            self._closing.callback(saver.stop)
        if self._timers:
            for by_itself in (self.background, self._scheduler):
                by_itself.start()
                self._closing.callback(by_itself.stop)
        self.key = self._read_key()
        # Running requests are completed before the last state is written.
        self._closing.callback(self._http_server.stop)
        self.smtp.start()
        self._closing.callback(self.smtp.stop)
        self._ready.set()

    def stop(self) -> None:
        """Stop serving, and restore the environment."""
        self._closing.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @cached_property
    def roles(self) -> Roles:
        """The permissions of each function."""
        return read_roles(self.template, self.resources)

    def drain(self, *, retry: bool = False) -> None:
        """Process everything that earlier requests have triggered, for at most 20 seconds.

        Args:
            retry: retry failed messages once, without waiting for their visibility time-out.
        """
        self.background.drain(retry=retry)
        partitions.catch_up()

    @cached_property
    def _readers(self) -> frozenset[str]:
        return readers(self.template, self.resources, self.roles)

    @cached_property
    def _mailers(self) -> frozenset[str]:
        return mailers(self.roles)

    def _settle(self, function: str) -> None:
        """Process the effects of earlier requests that a function about to be called can see."""
        if not self.options.on_demand:
            self.drain()
        elif function in self._readers:
            self.background.drain(but=self._mailers)
            partitions.catch_up()

    def invoke(self, function: str, event: Event) -> Any:
        """Call a function by its logical id.

        Raises:
            FunctionFailed: its handler raised, or its result cannot be serialized.
        """
        return self.functions.invoke(function, event)

    def run_schedule(self, function: str) -> None:
        """Call a scheduled function now, with its schedule's event, and process its effects."""
        schedule = next(item for item in self.schedules if item.function == function)
        self._call_later(function, schedule.event(datetime.now(UTC)))
        self.drain()

    def _call_later(self, function: str, event: Event) -> None:
        self.deliveries.send(function, event)
        self.background.wake()

    def _mappings(self) -> tuple[list[StreamMapping], list[QueueMapping]]:
        streams: list[StreamMapping] = []
        queues: list[QueueMapping] = []
        for resource in self.template.of_type("AWS::Lambda::EventSourceMapping"):
            properties = self.resources.properties(resource)
            parts = (properties, self.functions, self.clients)
            if ":dynamodb:" in properties["EventSourceArn"]:
                streams.append(StreamMapping(*parts, options=self.options, dice=self._dice))
            else:
                queues.append(QueueMapping(*parts, options=self.options, dice=self._dice))
        return streams, queues

    def enter(self) -> None:
        """Point this process's environment to this cloud, as `start` does."""
        self._restore = {name: os.environ.get(name) for name in self._environment}
        environment.update(self._environment)
        partitions.set_lag(self.options.index_lag)

    def leave(self) -> None:
        """Restore the environment; the cloud keeps running."""
        environment.update(self._restore)
        self._restore = {}
        partitions.set_lag(0)

    def reset(self, restore: Callable[[], None]) -> None:
        """Reset everything to the state after the start.

        Args:
            restore: restores AWS's state; called while nothing else runs.
        """
        with self.background.still(), self.aws.still():
            restore()
            self.aws.forget()
            self.deliveries.clear()
            for stream in self.streams:
                stream.forget()
            for queue in self.queues:
                queue.forget()
            self.mailbox.clear()
            self.smtp.clear()
            self.authorization.flush()
            self.authorization.counted.clear()
            self.authorization.throttles.forget()
            self._known_gateway_keys = None
            self._dice.seed(0)

    def _open(self, path: Path, opened: ExitStack) -> DataFolder:
        folder = DataFolder(path)
        opened.callback(folder.close)
        kept = secrets(folder).get(FIRST_KEY)
        if self._first_key is not None and kept not in {None, self._first_key}:
            raise DataError(
                f"The desk in {path} has another admin key: start it without LOCAL_API_KEY, or "
                "with the key of its first start."
            )
        return folder

    def _saver(self) -> Saver | None:
        """The saver of the desk, after its stored state was loaded; None if nothing is stored."""
        if self._folder is None:
            return None
        state = State(self.template, self.resources, self.mailbox, self.deliveries, self.queues)
        state.load(self._folder)
        return Saver(self._folder, state, self._at_rest)

    @contextmanager
    def _at_rest(self) -> Iterator[None]:
        """Run the block while no request or background work is in progress."""
        with ExitStack() as held:
            for _ in range(MOST_REQUESTS):
                held.enter_context(self._room)
            self.drain()
            held.enter_context(self.background.paused())
            held.enter_context(self.aws.still())
            yield

    def _set_environment(self, variables: Mapping[str, str | None]) -> None:
        for name in variables:
            self._restore.setdefault(name, os.environ.get(name))
        self._environment.update(variables)
        environment.update(variables)

    def _serve(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith(CUSTOM_RESOURCES):
            self.custom.take(path, read_request(environ, "", frozenset()).body)
            return _respond(start, 200, "text/plain", "")
        if path.startswith(f"{SIGN_IN}/"):
            return self.sign_in(environ, start)
        # During set-up, a key not yet created would be refused, and that refusal cached.
        self._ready.wait()
        if job := JOBS.get(path):
            self.drain()
            asked = json.loads(read_request(environ, "", frozenset()).body or b"{}")
            return _respond(start, 200, "application/json", json.dumps(self.invoke(job, asked)))
        if path == "/local/mail":
            self.drain()
            mails = [mail.as_json() for mail in self.mailbox.mails()]
            return _respond(start, 200, "application/json", json.dumps(mails))
        if path in {"/local", "/local/"}:
            self.drain()
            html = page(
                self.gateway.apis,
                self.url,
                self.key,
                self.mailbox.mails(),
                self.smtp.port,
                data=self._folder.path if self._folder else None,
            )
            return _respond(start, 200, "text/html; charset=UTF-8", html)
        with self._room:
            return self.gateway(environ, start)

    def _hear(self, call: Call, request: bytes, answer: Answer) -> None:
        if call.service == "api-gateway" and not call.operation.startswith("Get"):
            self._gateway_changes += 1
            self._known_gateway_keys = None
            if call.operation == "FlushStageAuthorizersCache":
                self.authorization.flush(call.actions[0].resource.split("/")[2])
        if call.service == "lambda" and call.operation == "Invoke":
            (action,) = call.actions
            self.deliveries.send(action.resource.rpartition(":")[2], json.loads(request))
        self.mailbox.hear(call, request, answer)
        self.background.hear(call)

    def _gateway_keys(self) -> frozenset[str]:
        known, at = self._known_gateway_keys, time.monotonic()
        if known is None:
            changes = self._gateway_changes
            # Keys created before the desk began to serve are known to API Gateway at once.
            since = at if self._ready.is_set() else -math.inf
            values = _values_of_gateway_keys(self.clients)
            known = {value: self._joined.get(value, since) for value in values}
            self._joined = known
            if changes == self._gateway_changes:
                self._known_gateway_keys = known
        return frozenset(
            value for value, joined in known.items() if at - joined >= self.options.key_lag
        )

    def _permit(self, function: str, action: Action) -> bool:
        return self.roles.permit(function, action)

    def _read_key(self) -> str | None:
        if FIRST_KEY not in self.template.resources:
            return None
        secret = self.resources.physical(FIRST_KEY).ref
        return str(self.clients.secretsmanager.get_secret_value(SecretId=secret)["SecretString"])


def _respond(start: StartResponse, status: int, media_type: str, text: str) -> list[bytes]:
    body = text.encode()
    start(reason(status), [("Content-Type", media_type), ("Content-Length", str(len(body)))])
    return [body]


def _usage(clients: Clients, counted: Mapping[tuple[str, str], int], query: str) -> object:
    """API Gateway's usage of a gateway key, by day (API reference, GetUsage)."""
    asked = dict(parse_qsl(query))
    value = clients.apigateway.get_api_key(apiKey=asked["keyId"], includeValue=True)["value"]
    first, last = (date.fromisoformat(asked[name]) for name in ("startDate", "endDate"))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    told = [[counted.get((value, f"{day}"), 0), 0] for day in days]
    return {**asked, "values": {asked["keyId"]: told}}


def _values_of_gateway_keys(clients: Clients) -> frozenset[str]:
    client = clients.apigateway
    planned = {
        key["id"]
        for plan in client.get_usage_plans()["items"]
        for page in client.get_paginator("get_usage_plan_keys").paginate(usagePlanId=plan["id"])
        for key in page["items"]
    }
    return frozenset(
        key["value"]
        for page in client.get_paginator("get_api_keys").paginate(includeValues=True)
        for key in page["items"]
        if key["enabled"] and key["id"] in planned
    )
