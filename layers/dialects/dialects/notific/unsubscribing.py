"""The page behind the link that ends mail about services (docs/notific.md 9; RFC 8058).

No key is asked for: the link is signed. A link that is none of the desk's says no more than that.
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
"""The field of the form that takes it back."""


def ask(request: Request) -> Response:
    """What a GET shows."""
    token = request.query.get("token", "")
    found = verify(token)
    if found is None:
        return _unknown()
    words = f"<p>Shall you get no more mail about {_names(found[1])}?</p>"
    return page("Unsubscribe", words + _form(request, token, "Unsubscribe"))


def carry_out(request: Request) -> Response:
    """What a POST does: one click of a mail program, the form of the page, or its way back."""
    token = request.query.get("token", "")
    found = verify(token)
    if found is None:
        return _unknown()
    person, services = found
    again = BACK in parse_qs(request.body[:1_000].decode(errors="replace"), keep_blank_values=True)
    # Somebody who is gone gets no mail either.
    with suppress(NotFound):
        (customers.resubscribe if again else customers.unsubscribe)(person, services)
    if again:
        words = f"<p>You will hear of {_names(services)} again.</p>"
        return page("Subscribed", words + _form(request, token, "Unsubscribe"))
    words = f"<p>You will get no more mail about {_names(services)}.</p>"
    return page("Unsubscribed", words + _form(request, token, "Take it back", back=True))


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
