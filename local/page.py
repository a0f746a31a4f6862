"""The page at /local: the available routes, the admin key, and the sent mail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path

from local.gateway.routes import Api, Apis, Route
from local.mail.mailbox import Mail

_BODIES = {
    "/api/tickets.json": {
        "name": "Jane Doe",
        "email": "jane@customer.example",
        "subject": "The printer is on fire",
        "message": "Please bring water.",
    }
}
"""Bodies with which the curl lines work unchanged; other POSTs get an empty object."""

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #0a7d5a; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { margin-bottom: 0 } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line) }
code, pre { font: 13px/1.5 ui-monospace, monospace }
pre { background: var(--soft); padding: .7rem; overflow-x: auto; margin: .2rem 0; white-space: pre }
.key { user-select: all; background: var(--soft); padding: .1rem .4rem }
.method { font-weight: 600; color: var(--accent); display: inline-block; min-width: 4.5rem }
details { border-bottom: 1px solid var(--line); padding: .35rem 0 } summary { cursor: pointer }
.dim { opacity: .7 } dl { display: grid; grid-template-columns: auto 1fr; gap: 0 1rem; margin: 0 }
dt { opacity: .7 } dd { margin: 0; overflow-wrap: anywhere }
"""


def page(
    apis: Apis,
    url: str,
    key: str | None,
    mails: list[Mail],
    smtp: int,
    *,
    data: Path | None = None,
) -> str:
    """The page as HTML.

    Args:
        apis: the served APIs.
        url: address of the local cloud.
        key: the admin key.
        mails: the sent mail, oldest first.
        smtp: port for incoming mail.
        data: folder in which the desk is stored; None if none is.
    """
    routes = "".join(_family(api, url, key or "") for api in apis)
    letters = "".join(map(_letter, reversed(mails))) or "<p class=dim>None yet.</p>"
    return f"""<!doctype html>
<html lang=en><meta charset=utf-8><title>Deskless, locally</title>
<meta name=viewport content="width=device-width"><style>{_STYLE}</style>
<h1>Deskless, locally</h1>
<p class=dim>The whole system in one process. {escape(_kept(data))}</p>
<p>Admin key, which may do everything: <code class=key>{escape(key or "none")}</code></p>
<p>Every call with a form to try it: <a href=/docs>/docs</a>,
<a href=/api/v1/docs>/api/v1/docs</a>, <a href=/api/docs>/api/docs</a></p>
<p>Mail for the desk: SMTP on port <code>{smtp}</code>, or <code>make mail FILE=...</code></p>
<h2>Mail that was sent ({len(mails)})</h2>
<p class=dim>Nothing leaves this machine. The same as JSON: <a href=/local/mail>/local/mail</a></p>
{letters}
<h2>What can be called</h2>
{routes}
</html>
"""


def _kept(data: Path | None) -> str:
    if data is None:
        return "It keeps nothing: the next start is a new desk."
    return f"It is kept in {data}: the next start there goes on with it."


def _family(api: Api, url: str, key: str) -> str:
    lines = "".join(
        _call(method, route, url, key)
        for route in sorted(api.routes, key=lambda route: route.resource)
        for method in _methods(route)
    )
    return f"<h3>{escape(api.name)}</h3>{lines}"


def _methods(route: Route) -> Iterator[str]:
    # Mocks only serve errors, preflights and health checks; HEAD is GET without its body.
    return (
        name
        for name, method in route.methods.items()
        if isinstance(method.integration, str) and name != "HEAD"
    )


def _call(method: str, route: Route, url: str, key: str) -> str:
    return (
        f"<details><summary><span class=method>{method}</span> "
        f"<code>{escape(route.resource)}</code></summary>"
        f"<pre>{escape(curl(method, route.resource, url, key))}</pre></details>"
    )


def curl(method: str, resource: str, url: str, key: str) -> str:
    """A shell command that calls this route."""
    address = url + resource.replace("{", "").replace("+}", "").replace("}", "")
    line = f"curl -i '{address}' -H 'X-API-Key: {key}'"
    if method in {"POST", "PUT", "PATCH"}:
        body = json.dumps(_BODIES.get(resource, {}))
        return f"{line} -X {method} -H 'Content-Type: application/json' -d '{body}'"
    return line if method == "GET" else f"{line} -X {method}"


def _letter(mail: Mail) -> str:
    headers = "".join(
        f"<dt>{escape(name)}<dd>{escape(value)}" for name, value in mail.headers.items()
    )
    # The HTML part is shown as text: a sender's markup must not be interpreted on this page.
    body = mail.text if mail.text is not None else mail.html or ""
    return (
        f"<details><summary>{escape(mail.subject)} <span class=dim>to {escape(mail.to)}</span>"
        f"</summary><dl>{headers}</dl><pre>{escape(body)}</pre></details>"
    )
