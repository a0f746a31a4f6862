"""Runs the Lambdas of the template in this process: import, invocation, context."""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from threading import RLock
from types import ModuleType
from typing import Any, ParamSpec, TypeVar
from uuid import uuid4

from local.cloudformation.intrinsics import ACCOUNT, REGION, TemplateError
from local.cloudformation.template import Function, Template

PAYLOAD_LIMIT = 6 * 1024 * 1024
"""Largest request and response of a synchronous invocation, in bytes of JSON (Lambda quotas)."""

P = ParamSpec("P")
T = TypeVar("T")
Event = dict[str, Any]
Handler = Callable[[Event, "Context"], Any]


@dataclass(frozen=True)
class Invocation:
    """A running function, and the id of its invocation."""

    function: str
    request_id: str


current: ContextVar[Invocation | None] = ContextVar("current", default=None)
"""The invocation that this thread belongs to; calls to AWS are attributed to it."""


class RequestTooLarge(Exception):
    """The event is larger than Lambda allows."""


class FunctionFailed(Exception):
    """The handler raised, or returned something that is not JSON or larger than Lambda allows."""


@dataclass(frozen=True)
class Context:
    """A handler's context argument, with Lambda's own names."""

    function_name: str
    memory_limit_in_mb: int
    timeout: int
    aws_request_id: str
    function_version: str = "$LATEST"
    started: float = field(default_factory=time.monotonic)

    @property
    def invoked_function_arn(self) -> str:
        """The function's ARN."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.function_name}"

    @property
    def log_group_name(self) -> str:
        """The log group of the deployed function."""
        return f"/aws/lambda/{self.function_name}"

    @property
    def log_stream_name(self) -> str:
        """The log stream of the deployed function."""
        return "local"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda would stop this invocation; the local cloud never does."""
        return max(0, int((self.started + self.timeout - time.monotonic()) * 1000))


class Functions:
    """The functions of a template, imported on their first call."""

    def __init__(self, template: Template) -> None:
        self._functions: Mapping[str, Function] = template.functions
        self._modules: dict[str, ModuleType] = {}
        self._lock = RLock()

    def invoke(self, name: str, event: Event) -> Any:
        """Call a handler like Lambda does: JSON in, JSON out.

        Args:
            name: logical id of the function.
            event: the event.

        Returns:
            The handler's result, serialized and parsed.

        Raises:
            RequestTooLarge: the event is too large.
            FunctionFailed: the handler raised, or its result cannot be serialized; see its cause.
        """
        payload = json.dumps(event)
        if len(payload.encode()) > PAYLOAD_LIMIT:
            raise RequestTooLarge
        function = self._functions[name]
        request_id = str(uuid4())
        context = Context(name, function.memory, function.timeout, request_id)
        token = current.set(Invocation(name, request_id))
        try:
            # json.loads: a handler may change its event, and must not see Python objects of ours.
            answer = json.dumps(self._handler(function)(json.loads(payload), context))
        except Exception as error:
            raise FunctionFailed(f"{name}: {type(error).__name__}") from error
        finally:
            current.reset(token)
        if len(answer.encode()) > PAYLOAD_LIMIT:
            raise FunctionFailed(f"{name}: the answer is larger than 6 MB")
        return json.loads(answer)

    def module(self, name: str) -> ModuleType:
        """The module of a function, imported if needed."""
        with self._lock:
            if name not in self._modules:
                self._modules[name] = _load(self._functions[name])
            return self._modules[name]

    def _handler(self, function: Function) -> Handler:
        handler: Handler = getattr(self.module(function.name), function.handler.rsplit(".", 1)[1])
        return handler


def _load(function: Function) -> ModuleType:
    path = function.folder / f"{function.handler.rsplit('.', 1)[0]}.py"
    # Every folder has an app.py, so each module gets a unique name.
    unique = f"lambda_{function.name}"
    spec = importlib.util.spec_from_file_location(unique, path)
    if spec is None or spec.loader is None:
        raise TemplateError(f"{function.name}: no Python module at {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[unique] = module
    spec.loader.exec_module(module)
    return module


def prepare_process(template: Template) -> None:
    """Prepare this process to run handlers: import path and threads."""
    for layer in template.layers:
        # A layer's code is at its top, next to the Makefile that builds `python/` from it.
        if layer.is_dir() and str(layer) not in sys.path:
            sys.path.insert(0, str(layer))
    # Handlers call AWS from several threads at once; all of them belong to one invocation.
    ThreadPoolExecutor.submit = _submit_in_context  # type: ignore[assignment, method-assign]


_submit = ThreadPoolExecutor.submit


def _submit_in_context(
    self: ThreadPoolExecutor, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
) -> Future[T]:
    context = copy_context()
    return _submit(self, lambda: context.run(fn, *args, **kwargs))
