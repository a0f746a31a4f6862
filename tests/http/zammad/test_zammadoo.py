"""zammadoo, unmodified, against a desk (docs/zammad.md 1 to 9 and 17)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from zammadoo.client import APIException, Client
from zammadoo.tickets import Ticket

from tests.http.desk import Desk
from tests.http.zammad.traffic import record

pytestmark = pytest.mark.exhaustive

CUSTOMER = "guess:zoe.zoo@client.example"


@pytest.fixture
def client(desk: Desk) -> Client:
    return Client(f"{desk.cloud.url}/api/v1/", http_token=desk.key)


def opened(client: Client, title: str = "Help me!", **values: Any) -> Ticket:
    return client.tickets.create(title, "Users", CUSTOMER, "I am a message!", **values)


# --- tickets --------------------------------------------------------------------------------


def test_a_ticket_is_created_read_changed_and_deleted(client: Client) -> None:
    ticket = opened(client, note="N", priority="3 high")
    assert (ticket.title, ticket.note, ticket.priority.name) == ("Help me!", "N", "3 high")
    assert (ticket.group.name, ticket.state.name) == ("Users", "new")
    assert ticket.customer.email == "zoe.zoo@client.example"
    assert ticket.customer.fullname == "Zoe Zoo"
    assert (ticket.owner.id, ticket.owner.login) == (1, "-")
    assert ticket.created_by == client.users.me()
    assert isinstance(ticket.created_at, datetime)
    assert ticket.organization is None
    assert (ticket.create_article_sender, ticket.create_article_type) == ("Agent", "note")
    assert ticket.close_at is None
    changed = ticket.update(state="closed", body="Done.", internal=False)
    assert changed.state.name == "closed"
    assert isinstance(changed.close_at, datetime)
    assert [article.body for article in changed.articles] == ["I am a message!", "Done."]
    ticket.reload(expand=True)
    assert ticket["state"] == "closed"
    ticket.delete()
    with pytest.raises(APIException, match="Couldn't find Ticket with 'id'"):
        client.tickets(ticket.id).reload()


def test_a_ticket_that_is_read_when_it_is_asked_for(client: Client) -> None:
    number = opened(client).number
    lazy = client.tickets(opened(client).id)
    client.tickets.cache.clear()
    sent = record(client.session)
    assert lazy.number != number
    assert lazy["state"] == "new"
    assert [one.line for one in sent] == [
        f"GET tickets/{lazy.id}",
        f"GET tickets/{lazy.id}?expand=true",
    ]


def test_all_tickets_and_those_of_a_search(client: Client, desk: Desk) -> None:
    ids = [opened(client, f"Airship {n:02}").id for n in range(23)]
    desk.cloud.drain(retry=True)
    everything = [ticket.id for ticket in client.tickets]
    assert everything == sorted(everything)
    assert set(ids) <= set(everything)
    found = client.tickets.search("airship", sort_by="title", order_by="asc", expand=True)
    rows = list(found)
    assert [row.id for row in rows] == ids
    assert {row["state"] for row in rows} == {"new"}
    assert len(list(client.tickets.search("title:airship AND state.name:new"))) == 23
    assert list(client.tickets.search("state.name:closed AND title:airship")) == []


def test_a_history(client: Client, desk: Desk) -> None:
    ticket = opened(client)
    ticket.update(state="open")
    desk.cloud.drain()
    rows = ticket.history()
    changes = [(row["value_from"], row["value_to"]) for row in rows if "attribute" in row]
    assert ("new", "open") in changes


# --- articles and their files ---------------------------------------------------------------


def test_files_go_up_and_come_down(client: Client, tmp_path: Path) -> None:
    words, data = "Mogę jeść szkło, i mi nie szkodzi.", bytes(range(256))
    text, binary = tmp_path / "a.txt", tmp_path / "b.bin"
    text.write_text(words, encoding="utf-8")
    binary.write_bytes(data)
    ticket = opened(client)
    ticket.create_article("One", files=text)
    made = ticket.create_article("Two", files=[text, binary], subject="S", typ="phone")
    ticket.reload(expand=True)
    article = ticket.articles[-1]
    assert (article, article.body, article.subject) == (made, "Two", "S")
    assert (article.internal, article["type"], article.sender) == (True, "phone", "Agent")
    assert article.ticket == ticket
    assert article.created_by == client.users.me()
    first, second = article.attachments
    assert (first.filename, first.read_text()) == ("a.txt", words)
    assert (second.filename, second.size, second.read_bytes()) == ("b.bin", 256, data)
    assert first.preferences["Mime-Type"] == "text/plain"
    folder = tmp_path / "down"
    folder.mkdir()
    assert second.download(folder).read_bytes() == data
    assert [one.body for one in client.ticket_articles.by_ticket(ticket.id)] == [
        "I am a message!",
        "One",
        "Two",
    ]


# --- tags, links, merges, time --------------------------------------------------------------


def test_tags(client: Client, desk: Desk) -> None:
    ticket = opened(client)
    ticket.add_tags("zoo", "ape")
    ticket.remove_tags("zoo", "never was")
    assert ticket.tags() == ["ape"]
    client.tags.create("bear")
    desk.cloud.drain(retry=True)
    assert "bear" in client.tags
    assert dict(client.tags["ape"])["count"] == 1
    assert client.tags.search("EAR") == ["bear"]
    client.tags.rename("ape", "monkey")
    client.tags.delete("bear")
    desk.cloud.drain(retry=True)
    client.tags.reload()
    assert {"monkey"} <= {tag["name"] for tag in client.tags}
    assert not {"ape", "bear"} & {tag["name"] for tag in client.tags}
    assert ticket.tags() == ["monkey"]


@pytest.mark.parametrize("kind", ["normal", "parent", "child"])
def test_links(client: Client, kind: Any) -> None:
    inverse = {"parent": "child", "child": "parent"}.get(kind, kind)
    one, other = opened(client), opened(client)
    one.link_with(other, kind)
    assert one.links()[kind] == [other]
    assert other.links()[inverse] == [one]
    assert sum(map(len, one.links().values())) == 1
    # What the answer has of the tickets is read from it.
    sent = record(client.session)
    assert one.links()[kind][0].title == "Help me!"
    assert len(sent) == 1
    one.unlink_from(other)
    assert [*one.links().values(), *other.links().values()] == [[]] * 6


def test_a_merge(client: Client, desk: Desk) -> None:
    source, target = opened(client), opened(client)
    merged = source.merge_into(target.id)
    assert merged == target
    desk.cloud.drain(retry=True)
    source.reload(expand=True)
    assert (source["state"], source.owner.id) == ("merged", 1)
    target.reload(expand=True)
    assert "I am a message!" in {article.body for article in target.articles}


def test_time_that_is_booked(client: Client) -> None:
    ticket = opened(client)
    assert ticket.time_accountings() == []
    booked = ticket.create_time_accounting(12.3)
    assert (booked.time_unit, booked.ticket, booked.ticket_article) == ("12.3", ticket, None)
    assert booked.created_by == booked.updated_by == client.users.me()
    assert booked.type is None
    article = ticket.create_article("Took me a while", time_unit="4.5")
    assert article.time_unit == "4.5"
    first, second = ticket.time_accountings()
    assert (first, second.ticket_article) == (booked, article)
    changed = article.create_or_update_time_accounting(5)
    assert (changed.id, changed.time_unit) == (second.id, "5.0")
    booked.reload()
    assert booked.time_unit == "12.3"
    booked.delete()
    assert [one.time_unit for one in ticket.time_accountings()] == ["5.0"]
    ticket.reload()
    assert ticket.time_unit == "5.0"
    assert list(client.time_accountings.types) == []


# --- people, organizations, rows ------------------------------------------------------------


def test_users(client: Client, desk: Desk) -> None:
    user = client.users.create(firstname="Zoo", lastname="Keeper", email="Keeper@zoo.example")
    assert (user.login, user.name, user.fullname) == (
        "keeper@zoo.example",
        "keeper@zoo.example",
        "Zoo Keeper",
    )
    assert [role.name for role in user.roles] == ["Customer"]
    assert (user.groups, user.organizations, user.organization) == ([], [], None)
    changed = user.update(mobile="0170", note="N")
    assert (changed.mobile, changed.note) == ("0170", "N")
    desk.cloud.drain()
    assert user in list(client.users)
    assert list(client.users.search("email:keeper@zoo.example")) == [user]
    me = client.users.me()
    assert me.group_access(1) == ["full"]
    with client.impersonation_of("keeper@zoo.example"):
        assert client.users.me() == user
    user.delete()
    with pytest.raises(APIException, match="Couldn't find User with 'id'"):
        client.users(user.id).reload()


def test_organizations(client: Client, desk: Desk) -> None:
    user = client.users.create(email="member@zoo.example")
    made = client.organizations.create("Zoo", note="N", members=["member@zoo.example"])
    assert (made.name, made.note, made.shared, made.domain_assignment) == ("Zoo", "N", True, False)
    assert (made.members, made.secondary_members) == ([user], [])
    desk.cloud.drain()
    assert made in list(client.organizations)
    assert list(client.organizations.search('name:"Zoo"')) == [made]
    user.reload()
    assert user.organization == made
    assert user.longname == "member@zoo.example (Zoo)"
    assert made.update(domain="zoo.example").domain == "zoo.example"
    assert made.update(member_ids=[]).members == []
    desk.cloud.drain()
    made.delete()


def test_groups(client: Client) -> None:
    made = client.groups.create("Zoo", note="N")
    below = client.groups.create("Zoo::Apes")
    assert (below.parent_group, made.parent_group) == (made, None)
    assert (made.name, made.note, made.active) == ("Zoo", "N", True)
    listed = list(client.groups)
    assert made in listed
    assert below in listed
    assert made.update(note="M").note == "M"
    below.delete()
    made.delete()


def test_states_and_priorities(client: Client) -> None:
    names = [state.name for state in client.ticket_states]
    assert names[:4] == ["new", "open", "pending reminder", "closed"]
    pending = next(state for state in client.ticket_states if state.name == "pending close")
    assert pending.next_state is not None
    assert pending.next_state.name == "closed"
    made = client.ticket_states.create("zoo", 2)
    assert made.update(name="zoos").name == "zoos"
    made.delete()
    assert [one.name for one in client.ticket_priorities] == ["1 low", "2 normal", "3 high"]
    rank = client.ticket_priorities.create("4 ape")
    assert rank.update(name="5 ape").name == "5 ape"
    rank.delete()


def test_roles(client: Client) -> None:
    roles = {role.name: role for role in client.roles}
    assert list(roles) == ["Admin", "Agent", "Customer"]
    assert "ticket.agent" in roles["Agent"].permissions
    assert roles["Customer"].default_at_signup
    assert roles["Agent"].groups == []


# --- the server -----------------------------------------------------------------------------


def test_the_server(client: Client) -> None:
    assert client.server_version == "6.5.0"
    assert list(client.notificatons) == []
    with pytest.raises(APIException, match="No route matches"):
        client.notificatons.mark_all_as_read()


@pytest.mark.parametrize("way", ["bearer", "basic"])
def test_other_ways_to_bring_the_key(desk: Desk, way: str) -> None:
    how: dict[str, Any] = (
        {"oauth2_token": desk.key} if way == "bearer" else {"http_auth": ("anybody", desk.key)}
    )
    client = Client(f"{desk.cloud.url}/api/v1", **how)
    assert client.users.me().id == 2


def test_a_bad_key_is_told_in_zammad_s_words(desk: Desk) -> None:
    client = Client(f"{desk.cloud.url}/api/v1", http_token="no key")
    with pytest.raises(APIException, match="Can't find User for Token"):
        client.users.me()
