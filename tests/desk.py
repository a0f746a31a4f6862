"""A desk with a controllable clock, and its background functions as Lambda calls them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from helpdesk import clock
from helpdesk.catalogue import rows
from helpdesk.events import history
from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Body, Entry
from helpdesk.model.people import NewPerson
from helpdesk.model.tickets import Ticket
from helpdesk.storage import entry_items, person_items, table, ticket_items, transact
from helpdesk.storage.keys import CATALOGUE_VERSION, Key, catalogue_key, ticket_key
from tests import world
from tests.faults import Injector
from tests.world import aside, standing_clock


@dataclass
class Context:
    """What the functions ask of Lambda's context."""

    remaining: int = 60_000
    log_stream_name: str = "stream"

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining


def function(name: str) -> Any:
    """The handler of a background function."""
    return world.function(f"background/{name}").handler


@dataclass
class Desk:
    """One desk: what happens to it, and what can be seen of it."""

    injector: Injector
    queues: Mapping[str, str]
    sent: list[tuple[str, str]]
    """Tag and SES's id of each mail of which SES has yet to tell."""
    flushed: list[str] = field(default_factory=list)

    # what happens

    def open(
        self,
        number: int = 1,
        *,
        email: str = "",
        name: str = "Ann",
        subject: str = "Printer",
        body: Body = Body("It burns."),  # noqa: B008 - frozen
        new_person: bool = True,
        data: Mapping[str, Any] | None = None,
        **values: Any,
    ) -> Key:
        """A ticket with its first message, as one transaction writes it; gives its event."""
        at = clock.now()
        person = 100 + number
        email = email or f"ann{number}@example.org"
        ticket = Ticket(
            id=number,
            number=f"{700000 + number}",
            subject=subject,
            **{
                "status": 1,
                "department": 1,
                "priority": 2,
                "person": person,
                "person_name": name,
                "person_email": email,
                "source": "API",
                "created": at,
                "updated": at,
                "entries": (number,),
                **values,
            },
        )
        entry = Entry(number, number, "message", body, name, at, person=person)
        event = history.ticket_event(
            "created",
            SYSTEM,
            number,
            at,
            person=ticket.person,
            after=history.facets_of(ticket, "open"),
            data={
                "entry": number,
                "alert": True,
                "autorespond": True,
                "new_person": new_person,
                **(data or {}),
            },
        )
        new = NewPerson(email=email, name=name)
        transact.commit(
            [
                transact.put_new(ticket_key(number), ticket_items.as_item(ticket, "open")),
                *entry_items.new_entry(entry, entry_items.store_body(body).attributes),
                *(person_items.new_person(person, new, at) if new_person else []),
                event,
            ]
        )
        return event.key

    def deliver(self, name: str, *keys: Key) -> list[Key]:
        """Brings events to a consumer as SQS does; gives those that must come again: the message,
        or the event at a later time.
        """
        records = [
            {"messageId": str(at), "body": json.dumps(key._asdict())} for at, key in enumerate(keys)
        ]
        consumer = {"send_broadcast": "broadcast"}.get(name, name)
        answer = function(name)({"Records": records}, Context())
        failed = {keys[int(one["itemIdentifier"])] for one in answer["batchItemFailures"]}
        return [key for key in keys if key in failed or self.waits(consumer, key)]

    def waits(self, consumer: str, key: Key) -> bool:
        """Whether a consumer has put an event off."""
        names = {"pk": {"S": key.pk}, "sk": {"S": key.sk}}
        item = aside("dynamodb").get_item(TableName="desk", Key=names).get("Item", {})
        waiting = consumer in item.get("todo", {}).get("SS", ())
        until: str = item.get(f"next_{consumer}", {}).get("S", "")
        return waiting and until > clock.to_iso(clock.now())

    def relay(self, *keys: Key) -> list[Key]:
        """Brings events to the relay as the stream does; gives those that must come again."""
        records = [
            {
                "eventName": "INSERT",
                "dynamodb": {"SequenceNumber": str(at), "NewImage": self.raw(key)},
            }
            for at, key in enumerate(keys)
        ]
        answer = function("relay_events")({"Records": records}, Context())
        return [keys[int(failed["itemIdentifier"])] for failed in answer["batchItemFailures"]]

    def hear_of_sending(self) -> None:
        """Brings all SEND events that SES has published and nobody has heard of."""
        told = [*self.sent]
        self.sent.clear()
        for tag, message_id in told:
            mail = {"messageId": message_id, "tags": {"mail": [tag]}}
            notice = json.dumps({"eventType": "Send", "mail": mail, "send": {}})
            function("record_mail_events")({"Records": [{"Sns": {"Message": notice}}]}, Context())

    def queued(self, name: str) -> list[Key]:
        """Takes all messages off a queue."""
        found: list[Key] = []
        sqs = aside("sqs")
        while messages := sqs.receive_message(
            QueueUrl=self.queues[name], MaxNumberOfMessages=10
        ).get("Messages"):
            for message in messages:
                found.append(Key(**json.loads(message["Body"])))
                sqs.delete_message(
                    QueueUrl=self.queues[name], ReceiptHandle=message["ReceiptHandle"]
                )
        return found

    # what can be seen

    def raw(self, key: Key) -> Any:
        found = aside("dynamodb").get_item(
            TableName="desk", Key={"pk": {"S": key.pk}, "sk": {"S": key.sk}}
        )
        return found["Item"]

    def todo(self, key: Key) -> set[str]:
        item = table.get(key)
        assert item is not None
        assert ("todo" in item) == ("p10" in item) == ("s10" in item)
        return set(item.get("todo", ()))

    def mails(self) -> list[EmailMessage]:
        """What SES was asked to send, in that order."""
        return world.mails()

    def addressees(self) -> list[str]:
        return sorted(mail["To"].addresses[0].addr_spec for mail in self.mails())

    def index(self, pk: str) -> dict[str, dict[str, Any]]:
        """A partition of the Index table."""
        return {
            item.pop("sk"): {name: value for name, value in item.items() if name != "pk"}
            for item in table.query(pk, where="index")
        }

    def change_settings(self, **values: Any) -> None:
        key = catalogue_key(rows.SETTINGS, 0)
        transact.write(transact.put(key, values))
        self.move_catalogue()

    def change(self, kind: str, number: int, **values: Any) -> None:
        key = catalogue_key(kind, number)
        transact.write(transact.put(key, (table.get(key) or {"id": number}) | values))
        self.move_catalogue()

    def move_catalogue(self) -> None:
        transact.write(transact.update(CATALOGUE_VERSION, "ADD n :one", {":one": 1}))


@contextmanager
def new_desk(*, installed: bool = True) -> Iterator[Desk]:
    """A fresh desk, with nothing in it but what set-up makes."""
    made = world.world()
    desk = Desk(made.injector, made.queues, made.sent)

    def flush(call: dict[str, Any]) -> dict[str, Any]:
        desk.flushed.append(call["url_path"])
        return {}

    with (
        made.at(made.installed if installed else made.bare),
        standing_clock(),
        made.injector.stub("FlushStageAuthorizersCache", flush),
    ):
        yield desk
