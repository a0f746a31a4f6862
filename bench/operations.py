"""The measured operations: one entry per kind of request.

For a new endpoint, add an entry to OPERATIONS: its function, how to make its example event refer to
one of the loaded tickets, and its bounds from docs/data-model.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bench import asking
from bench.desk import Desk, Event

Tickets = Sequence[tuple[int, str]]
"""Pairs of id and number."""


@dataclass(frozen=True)
class Operation:
    """One kind of request.

    Args:
        what: its name in the table.
        function: logical id of its function.
        ask: makes the function's example event refer to one ticket (id, number).
        round_trips: the maximum of sequential round trips.
        cpu: the maximum of processor time in milliseconds; None if docs/data-model.md sets no
        bound.
        transactions: the exact number of transactions.
        write_units: the maximum of write units.
        grows: whether its cost is compared at two sizes of the desk.
    """

    what: str
    function: str
    ask: Callable[[Event, tuple[int, str]], None]
    round_trips: int
    cpu: float | None = None
    transactions: int = 0
    write_units: float | None = None
    grows: bool = True

    def request(self, desk: Desk, ticket: tuple[int, str]) -> Event:
        """An event for this kind of request."""
        event = desk.example(self.function)
        self.ask(event, ticket)
        return event

    def run(self, handler: Callable[[Event], Any], event: Event) -> Any:
        """Calls the handler and returns the answer; anything but a success stops the bench."""
        answer = handler(event)
        if answer.get("statusCode", 200) >= 300:
            raise RuntimeError(f"{self.what}: {answer}")
        return answer


CREATE = Operation(
    "create",
    "OsticketCreateTicketJson",
    asking.create,
    round_trips=2,
    cpu=10,
    transactions=1,
    write_units=45,
)
GET = Operation("get by number", "OsticketGetTicket", asking.get_by_number, round_trips=2, cpu=8)
AUTHORIZER = Operation(
    "authorizer, a miss", "AuthorizerAuthorize", asking.with_first_key, round_trips=1, grows=False
)

ZAMMAD_CREATE = Operation(
    "Zammad: create",
    "ZammadCreateTicket",
    asking.zammad_create,
    round_trips=2,
    cpu=10,
    transactions=1,
    write_units=45,
)
ZAMMAD_GET = Operation("Zammad: show", "ZammadGetTicket", asking.zammad_show, round_trips=2, cpu=8)

NOTIFIC_CREATE = Operation(
    "Notific: create",
    "NotificCreateTicket",
    asking.notific_create,
    round_trips=2,
    cpu=10,
    transactions=1,
    write_units=45,
)
NOTIFIC_GET = Operation(
    "Notific: show", "NotificGetTicket", asking.notific_show, round_trips=2, cpu=8
)

OPERATIONS = (
    CREATE,
    Operation(
        "create, new person",
        "OsticketCreateTicketJson",
        asking.create_from_new_person,
        round_trips=2,
        cpu=12,
        transactions=1,
        write_units=45,
    ),
    Operation(
        "create, file and long body",
        "OsticketCreateTicketJson",
        asking.create_with_file,
        round_trips=2,
        transactions=1,
        write_units=45,
    ),
    Operation(
        "create, Idempotency-Key",
        "OsticketCreateTicketJson",
        asking.create_once,
        round_trips=2,
        cpu=10,
        transactions=1,
        write_units=45,
    ),
    Operation(
        "create by XML, file",
        "OsticketCreateTicketXml",
        asking.as_it_is,
        round_trips=2,
        transactions=1,
        write_units=45,
    ),
    GET,
    Operation("get by id", "OsticketGetTicket", asking.get_by_id, round_trips=2, cpu=8),
    Operation(
        "update, three fields",
        "OsticketUpdateTicket",
        asking.close_by_number,
        round_trips=3,
        transactions=1,
        write_units=40,
    ),
    Operation(
        "the same by id",
        "OsticketUpdateTicket",
        asking.close_by_id,
        round_trips=2,
        transactions=1,
        write_units=40,
        # Six digits are a number and never an id (docs/osticket.md, row E).
        grows=False,
    ),
    Operation(
        "update, a note",
        "OsticketUpdateTicket",
        asking.add_note,
        round_trips=3,
        transactions=1,
        write_units=25,
    ),
    Operation(
        "link",
        "OsticketLinkTickets",
        asking.link,
        round_trips=3,
        transactions=1,
        write_units=20,
    ),
    Operation(
        "unlink",
        "OsticketUnlinkTicket",
        asking.unlink,
        round_trips=4,
        transactions=1,
        write_units=20,
    ),
    Operation(
        "delete",
        "OsticketDeleteTicket",
        asking.delete,
        round_trips=3,
        transactions=1,
        write_units=30,
    ),
    Operation("statistics", "OsticketGetStatistics", asking.as_it_is, round_trips=3),
    Operation("cron, nothing due", "OsticketRunCron", asking.as_it_is, round_trips=1),
    Operation("statuses", "OsticketListStatuses", asking.as_it_is, round_trips=3),
    ZAMMAD_CREATE,
    ZAMMAD_GET,
    Operation(
        "Zammad: show, names", "ZammadGetTicket", asking.zammad_show_names, round_trips=3, cpu=8
    ),
    Operation(
        "Zammad: update, three fields",
        "ZammadUpdateTicket",
        asking.zammad_close,
        round_trips=2,
        transactions=1,
        write_units=40,
    ),
    Operation(
        "Zammad: article, a note",
        "ZammadCreateArticle",
        asking.zammad_answer,
        round_trips=3,
        transactions=1,
        write_units=25,
    ),
    NOTIFIC_CREATE,
    NOTIFIC_GET,
    Operation("Notific: list, 20", "NotificListTickets", asking.notific_list, round_trips=3),
    Operation(
        "Notific: update and close",
        "NotificUpdateTicket",
        asking.notific_close,
        round_trips=4,
        transactions=1,
        write_units=55,
    ),
    Operation(
        "Notific: new customer",
        "NotificCreateCustomer",
        asking.notific_subscribe,
        round_trips=3,
        transactions=1,
        write_units=25,
    ),
    Operation(
        "Notific: change a customer",
        "NotificUpdateCustomer",
        asking.notific_change,
        round_trips=3,
        transactions=1,
        write_units=15,
    ),
    Operation(
        "Notific: unsubscribe",
        "NotificUnsubscribe",
        asking.unsubscribed,
        round_trips=4,
        transactions=1,
        write_units=15,
    ),
    AUTHORIZER,
)
