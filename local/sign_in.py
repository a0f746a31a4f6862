"""A Cognito user pool's sign-in pages, as far as the console uses them.

Rules: Cognito developer guide, "The redirect and authorization endpoint", "The token issuer
endpoint", "The token revocation endpoint", "The managed login sign-out endpoint" and "Verifying
JSON web tokens" (read on 2026-11-29). It needs no password: the user enters any name and groups.
"""

from __future__ import annotations

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from html import escape
from http import HTTPStatus
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4
from wsgiref.types import StartResponse, WSGIEnvironment

from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.wrappers import Request, Response

PATH = "/local/sign-in"
POOL, CLIENT = "eu-central-1_Local", "console"

PARAMETERS: Mapping[str, str] = {
    "SignInPool": POOL,
    "SignInClient": CLIENT,
    "SignInHost": "sign-in.desk.example",
}
"""The template's parameters for sign-in here; `SignIn.here` points both hosts to this server."""

_AWS = ("https://cognito-idp.eu-central-1.amazonaws.com/", "https://sign-in.desk.example")

CODE_SECONDS, TOKEN_SECONDS = 300, 3600

_CARRIED = ("redirect_uri", "state", "code_challenge")
"""Parameters that are passed on from the page to the code."""

_PAGE = """<!doctype html>
<html lang=en><meta charset=utf-8><title>Sign in, locally</title>
<meta name=viewport content="width=device-width">
<style>:root {{ color-scheme: light dark }} body {{ font: 16px/1.5 system-ui; margin: 2rem }}
input {{ font: inherit; display: block }} label {{ display: block; margin: 1rem 0 }}</style>
<h1>Sign in</h1><p>This stands for the sign-in pages of a Cognito user pool.</p>
<form method=post action="{path}/login">{carried}
<label>E-mail <input name=email type=email required autofocus value="ada@desk.example"></label>
<label>Groups, with commas between <input name=groups value="key-1"></label>
<button>Go on</button></form></html>
"""


@dataclass(frozen=True)
class _User:
    email: str
    groups: tuple[str, ...]
    id: str


@dataclass(frozen=True)
class _Code:
    user: _User
    redirect_uri: str
    challenge: str
    until: float


class SignIn:
    """A WSGI application below PATH.

    Args:
        url: address of the local cloud.
    """

    def __init__(self, url: str) -> None:
        self.url = f"{url}{PATH}"
        self.issuer = f"{self.url}/{POOL}"
        self._codes: dict[str, _Code] = {}
        self._refreshed: dict[str, _User] = {}
        self._routes: Mapping[tuple[str, str], Callable[[Request], Response]] = {
            ("GET", "/oauth2/authorize"): self._authorize,
            ("POST", "/login"): self._login,
            ("POST", "/oauth2/token"): self._token,
            ("POST", "/oauth2/revoke"): self._revoke,
            ("GET", "/logout"): self._logout,
            ("GET", f"/{POOL}/.well-known/jwks.json"): self._keys,
        }

    def here(self, value: str) -> str:
        """A value of a function's environment, with this server's addresses for the pool's."""
        for host, base in zip(_AWS, (f"{self.url}/", self.url), strict=True):
            value = value.replace(host, base)
        return value

    def environment(self) -> dict[str, str]:
        """The environment of functions if people can sign in here."""
        return {
            "SIGN_IN_ISSUER": self.issuer,
            "SIGN_IN_URL": self.url,
            "SIGN_IN_CLIENT": CLIENT,
        }

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Handle one request."""
        request = Request(environ)
        route = self._routes.get((request.method, request.path.removeprefix(PATH)))
        answer = route(request) if route else _refused("not_found", HTTPStatus.NOT_FOUND)
        answer.headers["Cache-Control"] = "no-store"
        return answer(environ, start)

    @cached_property
    def key(self) -> RSAKey:
        """The pool's key."""
        return RSAKey.generate_key(2048, {"kid": "local", "alg": "RS256", "use": "sig"})

    def id_token(self, email: str, *groups: str, **claims: Any) -> str:
        """An ID token in Cognito's format, with additional claims if given."""
        return self._id_token(_User(email, groups, str(uuid4())), claims)

    def _id_token(self, user: _User, claims: Mapping[str, Any] | None = None) -> str:
        now = int(time.time())
        told = {
            "sub": user.id,
            "iss": self.issuer,
            "aud": CLIENT,
            "token_use": "id",
            "auth_time": now,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "cognito:username": user.id,
            "email": user.email,
            "email_verified": True,
            "jti": str(uuid4()),
        }
        if user.groups:
            told["cognito:groups"] = list(user.groups)
        return jwt.encode({"alg": "RS256", "kid": "local"}, told | dict(claims or {}), self.key)

    def _keys(self, _: Request) -> Response:
        return _json({"keys": [self.key.as_dict(private=False)]})

    def _authorize(self, request: Request) -> Response:
        asked = request.args
        carried = {name: asked.get(name, "") for name in _CARRIED}
        wanted = {
            "response_type": "code",
            "client_id": CLIENT,
            "code_challenge_method": "S256",
            "scope": "openid email",
        }
        known = _is_console(carried["redirect_uri"], request)
        if not known or not all(carried.values()) or wanted.items() - asked.items():
            return _refused("invalid_request")
        fields = "".join(
            f'<input type=hidden name={name} value="{escape(value)}">'
            for name, value in carried.items()
        )
        page = _PAGE.format(path=PATH, carried=fields)
        return Response(page, content_type="text/html; charset=UTF-8")

    def _login(self, request: Request) -> Response:
        form = request.form
        if not _is_console(form.get("redirect_uri", ""), request):
            return _refused("invalid_request")
        named = form.get("groups", "").replace(",", " ").split()
        code = token_urlsafe(24)
        self._codes[code] = _Code(
            _User(form.get("email", ""), tuple(named), str(uuid4())),
            form["redirect_uri"],
            form.get("code_challenge", ""),
            time.monotonic() + CODE_SECONDS,
        )
        back = urlencode({"code": code, "state": form.get("state", "")})
        return _redirect(f"{form['redirect_uri']}?{back}")

    def _token(self, request: Request) -> Response:
        form = request.form
        if form.get("client_id") != CLIENT:
            return _refused("invalid_client")
        if form.get("grant_type") == "refresh_token":
            user = self._refreshed.get(form.get("refresh_token", ""))
            return _json(self._tokens(user)) if user else _refused("invalid_grant")
        # A code can be used only once.
        code = self._codes.pop(form.get("code", ""), None)
        proof = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest())
        if (
            code is None
            or code.until < time.monotonic()
            or code.redirect_uri != form.get("redirect_uri")
            or not hmac.compare_digest(proof.rstrip(b"="), code.challenge.encode())
        ):
            return _refused("invalid_grant")
        refresh = token_urlsafe(32)
        self._refreshed[refresh] = code.user
        return _json(self._tokens(code.user) | {"refresh_token": refresh})

    def _tokens(self, user: _User) -> dict[str, Any]:
        return {
            "id_token": self._id_token(user),
            # The console never uses it.
            "access_token": token_urlsafe(16),
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
        }

    def _revoke(self, request: Request) -> Response:
        self._refreshed.pop(request.form.get("token", ""), None)
        return Response()

    def _logout(self, request: Request) -> Response:
        back = request.args.get("logout_uri", "")
        if request.args.get("client_id") != CLIENT or not _is_console(back, request):
            return _refused("invalid_request")
        return _redirect(back)


def _is_console(address: str, request: Request) -> bool:
    """Whether this address would be among the redirect addresses of the pool's client."""
    parts = urlsplit(address)
    return parts.netloc == request.host and parts.path in {"/console", "/desk/console"}


def _json(told: Mapping[str, Any], status: int = HTTPStatus.OK) -> Response:
    return Response(json.dumps(told), status, content_type="application/json;charset=UTF-8")


def _refused(error: str, status: int = HTTPStatus.BAD_REQUEST) -> Response:
    return _json({"error": error}, status)


def _redirect(address: str) -> Response:
    return Response(status=HTTPStatus.FOUND, headers={"Location": address})
