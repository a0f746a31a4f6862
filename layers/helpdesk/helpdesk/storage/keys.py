"""The two tables: every key and every index.

`Desk` is the source of truth; `Index` holds projections that can be rebuilt from it: search
postings, counters, ranks. No other module builds a key by hand, and nothing scans a table. A
partition of `Index` is stored under its generation (`storage.generations`). ALL, DUE, PEND and TODO
may have shards (`storage.shards`).

The access patterns. Trips are sequential round trips; reads of a table are strongly consistent,
reads of an index are not.

=========================================  ==========================  ======  =====  ==============
question                                   key condition               index   trips  who asks
=========================================  ==========================  ======  =====  ==============
which ticket has this number               pk N#number                 Desk    1      every dialect
a ticket with its children and thread      pk T#id, sk A..F            Desk    1      every dialect
tickets by id (a list's page)              pk T#id, sk A (batch)       Desk    1      every dialect
a ticket's history                         pk T#id, sk V#              Desk    1      zammad
a ticket's links, people, merged-in        pk T#id, sk L#, P#, M#      Desk    1      zammad, mail
a ticket's mentions, accounted time        pk T#id, sk U#, W#          Desk    1      zammad
which ticket has a mention, booked time    pk MN#id, WN#id             Desk    1      zammad
the tags; a tag by id                      pk TAGS; pk TAG#id          Desk    1      zammad
a ticket's children                        pk T#id, sk C#              Desk    1      plugin
which ticket has this entry, file          pk E#id, F#id               Desk    1      lists
was this mail received (Message-ID)        pk M#hash                   Desk    1      mail in
who has this address, this login           pk UE#address, UL#login     Desk    1      create, mail
a person                                   pk U#id                     Desk    1      zammad
an organization, by id or name             pk O#id, ON#name            Desk    1      zammad, admin
which organizations have this domain       pk OD#domain                Desk    1      project
who subscribed to a service                pk S#id, sk P#              Desk    pages  notific mail
the API key of this secret                 pk K#sha256 (+ GATEWAY)     Desk    1      authorizer
the keys                                   pk KEYS                     Desk    1      admin
the catalogue and its version              pk CAT                      Desk    1      everyone
was this request answered                  pk I#hash                   Desk    1      every POST
an upload                                  pk UP#id                    Desk    1      osticket
where a list's page ended                  pk PM#hash                  Index   1      lists
a mail of an event                         pk MAIL#event               Desk    1      mail out
mails of a ticket                          its events, pk MAIL#event   Desk    pages  admin
mails of a day                             p11 mail#day, s11           g11     pages  admin
mails to an address                        p6 mail#address, s1         g06     pages  admin
mails refused, bounced, complained         p8 mail#state, s1           g08     pages  admin
progress of a broadcast                    pk BC#event                 Desk    1      admin
what an address was sent on a ticket       pk T#id, sk S#address       Desk    1      mail out
is this address suppressed                 pk X#address                Desk    1      mail out
automatic mail set off by a sender today   pk LOOP#sender              Desk    1      mail out
automatic mail in all today                pk AUTO#day                 Desk    1      mail out
the secret that signs mail ids             pk MAIL                     Desk    1      mail
does SES accept mail of the account        pk SES                      Desk    1      mail out
a mail received that became no ticket      pk IN#id                    Desk    1      mail in
set-up steps confirmed by an admin         pk SETUP                    Desk    1      admin
progress of moving dead letters            pk MOVE#queue               Desk    1      admin
progress of rebuilding the index           pk REBUILD                  Desk    1      rebuild
progress of migrating items                pk MIGRATE                  Desk    1      migrate
is this folder of objects referenced       pk O-F#uuid                 Desk    1      sweep
tickets of a bucket, newest first          p1 bucket, s1 id            g01     1      lists, search
the same by update, by number              p1 bucket, s2 / s3          g02/03  1      plugin, zammad
all tickets by update, by number           p4 ALL, s2 / s3             g04/05  1      plugin, zammad
tickets changed in a span, or since        p4 ALL, s2 between          g04     1      lists, search
all tickets by id                          ids are dense: batch by id  Desk    1      v1, zammad
a person's tickets                         p6 person, s1               g06     1      lists, mail
an organization's tickets                  p7 organization, s1         g07     1      zammad
an organization's members                  p7 M#organization, s1       g07     1      zammad
an agent's tickets                         p8 agent, s1                g08     1      lists, zammad
deadlines, ends of pending                 p9 DUE / PEND, s9 time#id   g09     1      stats, cron
events not done yet                        p10 TODO, s10 time#event    g10     1      re-queue job
people, customers, organizations, mail     p11 kind or day, s11        g11     1      zammad
keys' and catalogue's changes of a day     pk AUDIT#day, sk V#         Desk    1      admin
the changes of one key, row, settings      p11 AUDIT#kind#id, s11      g11     2      admin
ticket counts of each day                  pk DAY, sk day              Desk    1      console
subject, number contain a text             pk SUF#x, begins_with       Index   1      lists, search
a person's name, address contain a text    pk USUF#x, begins_with      Index   1      zammad
bodies with a word with this prefix        pk W#xx, begins_with        Index   1      zammad
tickets with a tag; how many each has      pk TAG#tag; pk TAGS         Index   1      zammad
tickets per bucket                         pk CELL                     Index   1      lists, totals
tickets per department and agent           pk STAT                     Index   1      stats
tickets per thousand ids (any offset)      pk RANK#department          Index   1      v1, zammad
tickets opened and closed on a day         pk FLOW#day                 Index   1      console
requests of a key, as last counted         pk KU#key                   Index   1      admin
is a ticket counted in a new generation    pk BASE#id                  Index   1      rebuild
=========================================  ==========================  ======  =====  ==============

Growth: CELL grows with the non-empty combinations of status, department and topic; STAT with
departments x agents; a page jumped to far down a list with its offset. Nothing else grows with the
number of tickets. docs/data-model.md has the units and the price of each at a million.
"""

from __future__ import annotations

import os
from typing import Any, Literal, NamedTuple

Where = Literal["desk", "index"]

ALL, TODO, DUE, PENDING, TAGS = "ALL", "TODO", "DUE", "PEND", "TAGS"


class Key(NamedTuple):
    """A primary key of either table."""

    pk: str
    sk: str


def table_name(where: Where) -> str:
    """The physical name of a table; not fixed, so that a retained table cannot block a
    deployment.
    """
    return os.environ["DESK_TABLE" if where == "desk" else "INDEX_TABLE"]


# --- keys of Desk ---------------------------------------------------------------------------


HIGHEST_ID = 10**10 - 1
LEAST = "\x00"
"""Sorts before every sort key; DynamoDB takes no empty one."""
GREATEST = "\U0010ffff"
"""Sorts after every character of a sort key."""


def padded(number: int) -> str:
    """An id as in keys: ten digits, so that text order is numeric order."""
    return f"{number:010d}"


SEQUENCES = Key("SEQ", "SEQ")
GATEWAY = Key("GATEWAY", "GATEWAY")
MAIL_SECRET = Key("MAIL", "SECRET")
MAIL_STOPPED = Key("SES", "STOPPED")
CATALOGUE_VERSION = Key("CAT", "#version")
MANAGERS = Key("KEYS", "#managers")
SETUP = Key("SETUP", "SETUP")
REBUILD = Key("REBUILD", "REBUILD")
MIGRATE = Key("MIGRATE", "MIGRATE")


def ticket_key(ticket: int) -> Key:
    return Key(f"T#{padded(ticket)}", "A")


def child_key(parent: int, child: int) -> Key:
    return Key(f"T#{padded(parent)}", f"C#{padded(child)}")


def link_key(ticket: int, kind: str, other: int) -> Key:
    return Key(f"T#{padded(ticket)}", f"L#{kind}#{padded(other)}")


def merged_key(target: int, source: int) -> Key:
    return Key(f"T#{padded(target)}", f"M#{padded(source)}")


def mention_key(ticket: int, user: int) -> Key:
    return Key(f"T#{padded(ticket)}", f"U#{padded(user)}")


def mention_pointer_key(mention: int) -> Key:
    return Key(f"MN#{padded(mention)}", "MN")


def accounting_key(ticket: int, accounting: int) -> Key:
    return Key(f"T#{padded(ticket)}", f"W#{padded(accounting)}")


def accounting_pointer_key(accounting: int) -> Key:
    return Key(f"WN#{padded(accounting)}", "WN")


def tag_key(name: str) -> Key:
    return Key(TAGS, name)


def tag_pointer_key(tag: int) -> Key:
    return Key(f"TAG#{padded(tag)}", "TAG")


def entry_key(ticket: int, entry: int) -> Key:
    return Key(f"T#{padded(ticket)}", f"E#{padded(entry)}")


def participant_key(ticket: int, person: int) -> Key:
    return Key(f"T#{padded(ticket)}", f"P#{padded(person)}")


def quarantine_key(mail: str) -> Key:
    return Key(f"IN#{mail}", "IN")


def event_key(ticket: int, ulid: str) -> Key:
    return Key(f"T#{padded(ticket)}", f"V#{ulid}")


def audit_key(day: str, ulid: str) -> Key:
    return Key(f"AUDIT#{day}", f"V#{ulid}")


def audited(kind: str, number: int) -> str:
    return f"AUDIT#{kind}#{padded(number)}"


def day_key(day: str) -> Key:
    return Key("DAY", day)


def number_key(number: str) -> Key:
    return Key(f"N#{number}", "N")


def entry_pointer_key(entry: int) -> Key:
    return Key(f"E#{padded(entry)}", "E")


def file_key(file: int) -> Key:
    return Key(f"F#{padded(file)}", "F")


def folder_key(folder: str) -> Key:
    return Key(f"O-F#{folder}", "O")


def message_id_key(digest: str) -> Key:
    return Key(f"M#{digest}", "M")


def person_key(person: int) -> Key:
    return Key(f"U#{padded(person)}", "A")


def address_key(address: str) -> Key:
    return Key(f"UE#{address}", "U")


def login_key(login: str) -> Key:
    return Key(f"UL#{login}", "U")


def membership_key(person: int, organization: int) -> Key:
    return Key(f"U#{padded(person)}", f"O#{padded(organization)}")


def members_of(organization: int) -> str:
    return f"M#{padded(organization)}"


def domain_key(domain: str, organization: int) -> Key:
    return Key(f"OD#{domain}", padded(organization))


def customer_key(person: int) -> Key:
    return Key(f"U#{padded(person)}", "C")


def subscription_key(service: int, person: int) -> Key:
    return Key(f"S#{padded(service)}", f"P#{padded(person)}")


def organization_key(organization: int) -> Key:
    return Key(f"O#{padded(organization)}", "A")


def organization_name_key(name: str) -> Key:
    return Key(f"ON#{name}", "O")


def secret_key(digest: str) -> Key:
    return Key(f"K#{digest}", "K")


def key_row(key: int) -> Key:
    return Key("KEYS", padded(key))


def catalogue_key(kind: str, row: int) -> Key:
    return Key("CAT", f"{kind}#{padded(row)}")


def idempotency_key(digest: str) -> Key:
    return Key(f"I#{digest}", "I")


def upload_key(upload: str) -> Key:
    return Key(f"UP#{upload}", "UP")


def mail_key(event: str, recipient: str) -> Key:
    return Key(f"MAIL#{event}", recipient)


def broadcast_key(event: str) -> Key:
    return Key(f"BC#{event}", "BC")


def sent_key(ticket: int, recipient: str) -> Key:
    return Key(f"T#{padded(ticket)}", f"S#{recipient}")


def move_key(queue: str) -> Key:
    return Key(f"MOVE#{queue}", "MOVE")


def suppressed_key(address: str) -> Key:
    return Key(f"X#{address}", "X")


def loop_key(sender: str, recipient: str) -> Key:
    return Key(f"LOOP#{sender}", recipient)


def automatic_key(day: str) -> Key:
    return Key(f"AUTO#{day}", "AUTO")


# --- keys of Index --------------------------------------------------------------------------

Field = Literal["subject", "number"]
Whose = Literal["person", "organization"]
Seen = Literal["public", "note"]


def suffix_key(suffix: str, ticket: int, field: Field) -> Key:
    return Key(f"SUF#{suffix[0]}", f"{suffix}#{padded(ticket)}#{field}")


def name_suffix_key(suffix: str, who: int, whose: Whose) -> Key:
    return Key(f"USUF#{suffix[0]}", f"{suffix}#{padded(who)}#{whose}")


def word_key(word: str, ticket: int, seen: Seen) -> Key:
    # Words of notes are kept apart, so that no customer finds a ticket by its notes.
    return Key(f"W#{word[:2]}", f"{word}#{padded(ticket)}#{seen}")


def tagged_key(tag: str, ticket: int) -> Key:
    return Key(f"TAG#{tag}", padded(ticket))


def tag_count_key(tag: str) -> Key:
    return Key(TAGS, tag)


def bucket_key(bucket: str) -> Key:
    return Key("CELL", bucket)


def stat_key(department: int, agent: int) -> Key:
    return Key("STAT", f"{padded(department)}#{padded(agent)}")


def flow_key(day: str, department: int, agent: int) -> Key:
    return Key(f"FLOW#{day}", f"{padded(department)}#{padded(agent)}")


def page_cursor_key(digest: str) -> Key:
    return Key(f"PM#{digest}", "PM")


def recounted_key(ticket: int) -> Key:
    return Key(f"BASE#{padded(ticket)}", "BASE")


def key_usage_key(key: int, days: int) -> Key:
    return Key(f"KU#{padded(key)}", padded(days))


def rank_key(department: int, block: int) -> Key:
    return Key(f"RANK#{padded(department)}", padded(block))


def packed_key(key: Key) -> dict[str, Any]:
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


INDEXES = {
    "g01": ("p1", "s1"),
    "g02": ("p1", "s2"),
    "g03": ("p1", "s3"),
    "g04": ("p4", "s2"),
    "g05": ("p4", "s3"),
    "g06": ("p6", "s1"),
    "g07": ("p7", "s1"),
    "g08": ("p8", "s1"),
    "g09": ("p9", "s9"),
    "g10": ("p10", "s10"),
    "g11": ("p11", "s11"),
    "g12": ("p12", "s12"),
    "g13": ("p13", "s13"),
}
"""The key attributes of each index; g12 and g13 are spare, one index per deploy is the limit."""
