"""The status page and its feed (docs/notific.md 10)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from html import escape

from dialects.endpoint import Request, Response
from dialects.notific import contracts, dates
from dialects.notific.pages import page
from helpdesk.broadcasts.status import Incident, Status
from helpdesk.catalogue.rows import SETTINGS, stored_zone

CACHED = {"Cache-Control": "public, max-age=60", "X-Robots-Tag": "all"}


def show(request: Request, found: Status) -> Response:
    """The page."""
    now = [one for one in found.incidents if one.open]
    past = [one for one in found.incidents if not one.open]
    touched = {name for one in now for name in one.services}
    rows = "".join(
        f"<li>{escape(name)}: {'affected' if name in touched else 'no known problem'}</li>"
        for name in found.services
    )
    feed = escape(f"{request.base_url}/status.atom", quote=True)
    body = (
        f"<ul>{rows}</ul><h2>Now</h2>{_articles(now, found)}"
        f'<h2>Before</h2>{_articles(past, found)}<p><a href="{feed}">Feed</a></p>'
    )
    return page(f"{found.title}: status", body, headers=CACHED)


def _articles(incidents: Iterable[Incident], found: Status) -> str:
    shown = "".join(_article(one, found) for one in incidents)
    return shown or "<p>Nothing.</p>"


def _article(one: Incident, found: Status) -> str:
    times = "<br>".join(escape(line) for line in _times(one, found.zone))
    return (
        f'<article id="ticket-{one.ticket.id}"><h3>{escape(one.ticket.subject)}</h3>'
        f"<p>{escape(', '.join(one.services))}</p><pre>{escape(one.description)}</pre>"
        f"<p>{times}</p></article>"
    )


def _times(one: Incident, name: str) -> Iterator[str]:
    ticket, zone = one.ticket, stored_zone(name, SETTINGS)
    times: dict[str, datetime | None] = {
        "Start": ticket.start,
        "End": ticket.end,
        "Expected resolution": ticket.due,
        "Next update": ticket.next_update,
        "Closed": None if one.open else ticket.last_closing,
        "Reopened": ticket.reopened_time if one.open else None,
    }
    for label, at in times.items():
        if at:
            yield f"{label}: {at.astimezone(zone):%Y-%m-%d %H:%M} {name}"


def feed(request: Request, found: Status) -> Response:
    """The status page as an Atom feed (RFC 4287)."""
    own = f"{request.base_url}/status.atom"
    newest = max((one.ticket.updated for one in found.incidents), default=None)
    updated = dates.write(newest) if newest else "2000-01-01T00:00:00Z"
    entries = "".join(_entry(request, one, found) for one in found.incidents)
    text = contracts.escaped
    body = (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{text(own)}</id><title>{text(found.title)}: status</title>"
        f"<updated>{updated}</updated><author><name>{text(found.title)}</name></author>"
        f'<link rel="self" href="{escape(own, quote=True)}"/>{entries}</feed>'
    )
    return Response(200, body, "application/atom+xml; charset=utf-8", CACHED)


def _entry(request: Request, one: Incident, found: Status) -> str:
    text, place = contracts.escaped, f"{request.base_url}/status#ticket-{one.ticket.id}"
    state = "open" if one.open else "closed"
    lines = [", ".join(one.services), one.description, *_times(one, found.zone)]
    return (
        f"<entry><id>{text(place)}</id><title>{text(one.ticket.subject)}</title>"
        f'<link href="{escape(place, quote=True)}"/><category term="{state}"/>'
        f"<published>{dates.write(one.ticket.created)}</published>"
        f"<updated>{dates.write(one.ticket.updated)}</updated>"
        f'<content type="text">{text(chr(10).join(lines))}</content></entry>'
    )
