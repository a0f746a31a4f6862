"""moto's server, without what it works out anew for every request: a third of its time."""

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
    """A WSGI application that serves all of AWS, as far as moto knows it."""

    def __init__(self) -> None:
        self._dispatcher = DomainDispatcherApplication(create_backend_app)
        self._known: dict[tuple[str, str, bool], WsgiApp] = {}
        moto_fast.install()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Serve one request of a client of AWS."""
        if answer := moto_fast.ask(environ):
            status, headers, body = answer
            start(reason(status), [*headers.items(), ("Content-Length", str(len(body)))])
            return [body]
        key = _service(environ)
        app = self._known.get(key) if key else None
        if app is None:
            # Compares the request with the addresses of all services there are, and makes an
            # application for the one it is. Half of that goes into code that would build
            # addresses of its routes, which moto never does.
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
    """What tells services apart: the signature's scope, the target, SES's second API."""
    scope = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].partition(",")[0]
    parts = scope.split("/")
    if len(parts) != 5:
        return None
    target = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")[0]
    return parts[3], target, environ["PATH_INFO"].startswith("/v2/")
