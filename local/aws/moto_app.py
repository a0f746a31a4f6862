"""moto's server, without work that it repeats for every request: a third of its time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock
from unittest.mock import patch
from wsgiref.types import StartResponse, WSGIEnvironment

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.routing import Rule

from local.aws import moto_fast
from local.serving import WsgiApp, reason

_making = Lock()


class MotoApp:
    """A WSGI application for all AWS services, as far as moto supports them."""

    def __init__(self) -> None:
        self._dispatcher = DomainDispatcherApplication(create_backend_app)
        self._known: dict[tuple[str, str, bool], WsgiApp] = {}
        moto_fast.install()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Handle one request of an AWS client."""
        if answer := moto_fast.ask(environ):
            status, headers, body = answer
            start(reason(status), [*headers.items(), ("Content-Length", str(len(body)))])
            return [body]
        key = _service(environ)
        app = self._known.get(key) if key else None
        if app is None:
            # Matches the request against the addresses of all services, and creates an application
            # for the service. Half of that time goes into code for building URLs of its routes,
            # which moto never uses.
            with _making, patch.object(Rule, "_compile_builder", _no_builder):
                app = self._dispatcher.get_application(environ)
            if key:
                self._known[key] = app
        return app(environ, start)


def _no_builder(*_: object) -> Callable[..., tuple[str, str]]:
    def build(*_: object, **__: object) -> tuple[str, str]:
        raise NotImplementedError("moto builds no addresses")

    return build


def _service(environ: WSGIEnvironment) -> tuple[str, str, bool] | None:
    """The parts of a request that identify a service: signature scope, target, SES v2's path."""
    scope = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].partition(",")[0]
    parts = scope.split("/")
    if len(parts) != 5:
        return None
    target = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")[0]
    return parts[3], target, environ["PATH_INFO"].startswith("/v2/")
