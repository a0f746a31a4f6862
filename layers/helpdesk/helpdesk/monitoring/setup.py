"""The steps to set up a new desk: domain names, DNS records, AWS's approval, keys.

The state of each step comes from its source: SES, SNS, Lambda, the desk. If a source does not
answer, the state is unknown, and the other steps are still shown. A state that cannot be queried
(DNS) is never assumed: an admin confirms it.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from helpdesk.catalogue import cache, stock
from helpdesk.clock import now, to_iso
from helpdesk.errors import Damaged, NotAllowed, NotFound, Throttled, Unavailable
from helpdesk.events.history import audit_event
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.keys import finding
from helpdesk.keys import rows as key_rows
from helpdesk.keys.permissions import PERMISSIONS
from helpdesk.mail.inbound.arrivals import HELD, KEPT
from helpdesk.mail.outbound import asked, previews, sending
from helpdesk.model.actor import Actor
from helpdesk.model.settings import Settings
from helpdesk.storage import accounts, aws, objects, table, transact
from helpdesk.storage.accounts import Told
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import SETUP

State = Literal["done", "todo", "wrong", "unknown"]

ROOM = 100
"""Functions that an account should run at a time."""


@dataclass(frozen=True, slots=True)
class Record:
    """A DNS record. `state` is SES's word for it, if SES checks it."""

    type: str
    name: str
    value: str
    state: State = "unknown"


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `dismissed`: an admin does not want to see it any more."""

    id: str
    state: State
    message: str
    records: tuple[Record, ...] = ()
    dismissed: bool = False


def list_steps(actor: Actor) -> list[Step]:
    """All of them, in the order in which they are done.

    Raises:
        NotAllowed: The key sees only part of the desk.
    """
    _check(actor)
    known = table.get(SETUP) or {}
    with_settings = cache.current().settings
    checks: dict[tuple[str, ...], Callable[[], Sequence[Step]]] = {
        ("name",): partial(_name, with_settings),
        ("dkim", "mail_from"): _of_domain,
        ("spf_dmarc",): _spf_dmarc,
        ("mx",): _mx,
        ("mail_out",): partial(_mail_out, known),
        ("sandbox", "ses"): _of_account,
        ("alarms",): _alarms,
        ("concurrency",): _concurrency,
        ("rows",): _rows,
        ("own_key",): _own_key,
    }
    found = aws.together(*(partial(_asked, names, check) for names, check in checks.items()))
    return [_as_confirmed(step, known) for steps in found for step in steps]


def _check(actor: Actor) -> None:
    if actor.bound:
        raise NotAllowed("can_manage_desk")


def _asked(names: tuple[str, ...], check: Callable[[], Sequence[Step]]) -> Sequence[Step]:
    try:
        return check()
    except (Throttled, Unavailable) as silent:
        said = f"AWS did not say: {silent}"
    except Damaged:
        said = "What the desk has stored of this cannot be read."
    return [Step(name, "unknown", said) for name in names]


def _as_confirmed(step: Step, known: Item) -> Step:
    confirmed, dismissed = _names(known, "confirmed"), _names(known, "dismissed")
    state: State = "done" if step.id in confirmed and step.state != "wrong" else step.state
    return replace(step, state=state, dismissed=step.id in dismissed)


def _names(known: Item, which: str) -> frozenset[str]:
    found = known.get(which)
    return frozenset(found) if isinstance(found, set) else frozenset()


# --- the desk's own -------------------------------------------------------------------------


def _name(settings: Settings) -> list[Step]:
    title = settings.helpdesk_title
    if title == Settings().helpdesk_title:
        return [Step("name", "todo", f"The desk is called {title}.")]
    said = f"The desk is called {title}, and its address is {os.environ['SUPPORT_ADDRESS']}."
    return [Step("name", "done", said)]


def _rows() -> list[Step]:
    known = cache.current()
    for kind in ("departments", "topics"):
        if getattr(known, kind) != {row.id: row for row in stock.ROWS[kind]}:
            return [Step("rows", "done", "Departments and topics are your own.")]
    names = " and ".join(row.name for row in known.departments.values())
    return [Step("rows", "todo", f"{names} are samples.")]


def _own_key() -> list[Step]:
    keys = finding.as_keys(WHOLE, finding.all_rows())
    own = [key for key in keys if key.id != 1 and key_rows.manages(key) and key.last_used]
    if own:
        return [Step("own_key", "done", f"{own[0].name} manages keys, too.")]
    said = "You are using the first key. Make one for each admin, then store this one away."
    return [Step("own_key", "todo", said)]


def _mx() -> list[Step]:
    region = _region()
    domain = os.environ["SUPPORT_ADDRESS"].rpartition("@")[2]
    record = Record("MX", domain, f"10 inbound-smtp.{region}.amazonaws.com")
    for prefix in (KEPT, HELD):
        if next(objects.listing(prefix), None):
            return [Step("mx", "done", "Mail comes in.", (record,))]
    said = f"No mail has come yet. Set this record, then write to {os.environ['SUPPORT_ADDRESS']}."
    return [Step("mx", "todo", said, (record,))]


def _mail_out(known: Item) -> list[Step]:
    mail = known.get("test_mail")
    try:
        item = asked.find(mail) if isinstance(mail, str) else None
    except NotFound:
        item = None
    if item is None:
        return [Step("mail_out", "todo", "Send a test to yourself.")]
    if item["state"] == "refused" or item.get("outcome"):
        word = item.get("outcome") or item.get("error", "")
        return [Step("mail_out", "wrong", f"The test to {item['to']} was refused: {word}.")]
    if item["state"] == "done":
        return [Step("mail_out", "done", f"A test went out to {item['to']}.")]
    return [Step("mail_out", "todo", f"The test to {item['to']} waits.")]


# --- SES ------------------------------------------------------------------------------------

_STATES: Mapping[str, State] = {
    "SUCCESS": "done",
    "PENDING": "todo",
    "NOT_STARTED": "todo",
    "TEMPORARY_FAILURE": "todo",
    "FAILED": "wrong",
}
"""SES's words for the verification state of a domain."""


def _region() -> str:
    return aws.sesv2().meta.region_name


def _domain() -> str:
    return os.environ["MAIL_DOMAIN"]


def _of_domain() -> list[Step]:
    found = accounts.identity(_domain())
    if found is None:
        said = f"SES does not know {_domain()}."
        return [Step(name, "wrong", said) for name in ("dkim", "mail_from")]
    return [_dkim(found), _mail_from(found)]


def _dkim(found: Told) -> Step:
    domain = _domain()
    told = found.get("DkimAttributes", {})
    state = _STATES.get(told.get("Status", ""), "unknown")
    zone = told.get("SigningHostedZone") or "dkim.amazonses.com"
    records = tuple(
        Record("CNAME", f"{token}._domainkey.{domain}", f"{token}.{zone}", state)
        for token in told.get("Tokens", ())
    )
    said = {
        "done": f"{domain} is proved.",
        "wrong": f"SES has not found the records of {domain} for three days.",
    }
    waits = "Set these records. DNS can take an hour."
    message = said.get(state, waits if records else f"SES has no records for {domain} yet.")
    return Step("dkim", state, message, records)


def _mail_from(found: Told) -> Step:
    told = found.get("MailFromAttributes", {})
    sender = told.get("MailFromDomain") or f"bounce.{_domain()}"
    state = _STATES.get(told.get("MailFromDomainStatus", ""), "unknown")
    records = (
        Record("MX", sender, f"10 feedback-smtp.{_region()}.amazonses.com", state),
        Record("TXT", sender, '"v=spf1 include:amazonses.com ~all"', state),
    )
    said = (
        "Bounces come back." if state == "done" else "Set these records, so that bounces come back."
    )
    return Step("mail_from", state, said, records)


def _spf_dmarc() -> list[Step]:
    domain = _domain()
    records = (
        Record("TXT", f"bounce.{domain}", '"v=spf1 include:amazonses.com ~all"'),
        Record("TXT", f"_dmarc.{domain}", '"v=DMARC1; p=quarantine"'),
    )
    said = (
        "The desk does not look into DNS. Start DMARC with p=none where other mail uses the domain."
    )
    return [Step("spf_dmarc", "unknown", said, records)]


def _of_account() -> list[Step]:
    told = accounts.sending()
    return [_sandbox(told), _ses(told)]


def _sandbox(told: Told) -> Step:
    if told.get("ProductionAccessEnabled"):
        return Step("sandbox", "done", "Mail goes to anybody.")
    said = "Only verified addresses get mail; 200 a day. Ask AWS for production access."
    return Step("sandbox", "todo", said)


_STOPPED: Mapping[str, str] = {
    "quota": "the mails of 24 hours are used up",
    "paused": "it has paused this account",
    "suspended": "it has suspended this account",
    "sender": "it has not verified the sender's domain",
    "setup": "the desk may not send, or its configuration set is gone",
}
"""Why SES accepts no mail (docs/mail.md)."""


def _ses(told: Told) -> Step:
    if stop := sending.current_stop():
        why = _STOPPED.get(stop.word, stop.word)
        said = f"SES has taken no mail since {stop.since:%Y-%m-%d %H:%M} UTC: {why}."
        return Step("ses", "wrong", f"{said} The next attempt is at {stop.until:%H:%M} UTC.")
    status = told.get("EnforcementStatus", "HEALTHY")
    if status != "HEALTHY" or not told.get("SendingEnabled", True):
        said = "SES looks into this account's bounces and complaints."
        if status == "SHUTDOWN" or not told.get("SendingEnabled", True):
            said = "SES sends no mail of this account."
        return Step("ses", "wrong", said)
    quota = told.get("SendQuota", {})
    most, sent = float(quota.get("Max24HourSend", 0)), float(quota.get("SentLast24Hours", 0))
    used = f"{sent:.0f} of {most:.0f} mails of a day are sent." if most > 0 else ""
    if accounts.quota_used(told) > accounts.FULL:
        return Step("ses", "wrong", used)
    return Step("ses", "done", f"SES is content. {used}".strip())


# --- the account ----------------------------------------------------------------------------


def _alarms() -> list[Step]:
    found = accounts.subscriptions(os.environ["ALARMS_TOPIC"])
    if not found:
        said = "Nobody hears of alarms. Set AlarmAddress and deploy."
        return [Step("alarms", "todo", said)]
    waiting = [one for one in found if one["SubscriptionArn"] == "PendingConfirmation"]
    if len(waiting) < len(found):
        return [Step("alarms", "done", "Alarms reach somebody.")]
    said = f"{waiting[0]['Endpoint']} has not confirmed yet; look for the mail."
    return [Step("alarms", "todo", said)]


def _concurrency() -> list[Step]:
    room = accounts.functions_at_once()
    said = f"This account runs {room} functions at a time."
    if room >= ROOM:
        return [Step("concurrency", "done", said)]
    return [Step("concurrency", "todo", f"{said} Ask AWS for more.")]


# --- what an admin says ---------------------------------------------------------------------

IDS = frozenset(
    {
        *("name", "dkim", "mail_from", "spf_dmarc", "mx", "mail_out", "sandbox", "ses"),
        *("alarms", "concurrency", "rows", "own_key"),
    }
)


Mark = Literal["confirmed", "dismissed", "reopened"]


def mark(actor: Actor, step: str, as_what: Mark) -> Step:
    """Marks a step as done or as dismissed, or removes the mark. A step that is known to be wrong
    stays so.

    Raises:
        NotAllowed: The key sees only part of the desk.
        NotFound: There is no such step.
    """
    _check(actor)
    if step not in IDS:
        raise NotFound("step", step)
    both = ("confirmed", "dismissed")
    names = {f"#{which}": which for which in (both if as_what == "reopened" else (as_what,))}
    action = "DELETE" if as_what == "reopened" else "ADD"
    noted = transact.update(
        SETUP,
        f"{action} {', '.join(f'{name} :step' for name in names)}",
        {":step": {step}, ":texts": "SS"},
        condition=" AND ".join(
            f"(attribute_not_exists({name}) OR attribute_type({name}, :texts))" for name in names
        ),
        names=names,
    )
    event = audit_event(f"setup_{as_what}", actor, now(), data={"step": step})
    transact.commit_retried([noted, event])
    return next(one for one in list_steps(actor) if one.id == step)


def send_test(actor: Actor, to: str, once: IdempotencyRecord | None) -> str:
    """Sends a test mail; returns its id.

    Raises:
        NotAllowed: The key sees only part of the desk.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
    """
    _check(actor)
    mail = previews.ask_test(actor, None, to, None, once)
    transact.write(transact.set_attributes(SETUP, {"test_mail": mail, "tested": to_iso(now())}))
    return mail


WHOLE = Actor(permissions=frozenset(PERMISSIONS))
"""Who sees every key."""
