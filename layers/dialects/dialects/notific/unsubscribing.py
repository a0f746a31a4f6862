"""The unsubscribe page for mail about services (docs/notific.md 9; RFC 8058).

No key is needed: the link is signed. For an invalid link, the page only says that it is invalid.
"""

from collections.abc import Iterable
from contextlib import suppress
from html import escape
from urllib.parse import parse_qs, quote

from dialects.endpoint import Request, Response
from dialects.notific.pages import page
from helpdesk import customers
from helpdesk.broadcasts.unsubscribing import verify
from helpdesk.catalogue import cache
from helpdesk.errors import NotFound

BACK = "again"
"""The form field that undoes it."""


def ask(request: Request) -> Response:
    """Handles a GET: the form, or an error for an invalid link."""
    token = request.query.get("token", "")
    found = verify(token)
    if found is None:
        return _unknown()
    words = f"<p>Do you want to stop receiving mail about {_names(found[1])}?</p>"
    return page("Unsubscribe", words + _form(request, token, "Unsubscribe"))


def carry_out(request: Request) -> Response:
    """Handles a POST: a mail client's one-click unsubscribe, the page's form, or its undo."""
    token = request.query.get("token", "")
    found = verify(token)
    if found is None:
        return _unknown()
    person, services = found
    again = BACK in parse_qs(request.body[:1_000].decode(errors="replace"), keep_blank_values=True)
    # Deleted customers get no mail either.
    with suppress(NotFound):
        (customers.resubscribe if again else customers.unsubscribe)(person, services)
    if again:
        words = f"<p>You will receive mail about {_names(services)} again.</p>"
        return page("Subscribed", words + _form(request, token, "Unsubscribe"))
    words = f"<p>You will no longer receive mail about {_names(services)}.</p>"
    return page("Unsubscribed", words + _form(request, token, "Undo", back=True))


def _unknown() -> Response:
    return page("Unsubscribe", "<p>This link is not valid.</p>", 400)


def _names(services: Iterable[int]) -> str:
    known = cache.current().services
    names = [escape(known[one].name) for one in services if one in known]
    return ", ".join(names) or "this"


def _form(request: Request, token: str, label: str, *, back: bool = False) -> str:
    action = escape(f"{request.base_url}{request.path}?token={quote(token)}", quote=True)
    field = f'<input type="hidden" name="{BACK}" value="1">' if back else ""
    button = f'<button type="submit">{label}</button>'
    return f'<form method="post" action="{action}">{field}{button}</form>'
