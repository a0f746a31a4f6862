"""A .NET program in the style of the seed's samples: it sends back everything it has read, and each
change causes exactly one mail to each subscriber (docs/notific.md 5.4 and 9).
"""

from __future__ import annotations

import pytest

from tests.http.desk import Desk
from tests.http.notific.outbox import Outbox
from tests.http.notific.restsharp import Customer, Operator, RestClient, Service, Ticket

ONE, TWO, THREE, FOUR = (f"2001-01-01T{hour}:00:00Z" for hour in (13, 14, 15, 16))


@pytest.fixture(params=["json", pytest.param("xml", marks=pytest.mark.exhaustive)])
def client(request: pytest.FixtureRequest, desk: Desk) -> RestClient:
    return RestClient(desk.cloud.url, desk.key, request.param)


@pytest.mark.contract("POST /api/Services")
@pytest.mark.contract("POST /api/Customers")
@pytest.mark.contract("POST /api/Operators")
@pytest.mark.contract("POST /api/Tickets")
@pytest.mark.contract("GET /api/Tickets/{id}")
@pytest.mark.contract("PUT /api/Tickets/{id}")
def test_exactly_one_mail_for_each_change(desk: Desk, client: RestClient, unique: str) -> None:
    vpn = client.post(Service(Name=f"{unique} VPN", Description="From outside"))
    mail = client.post(Service(Name=f"{unique} mail"))
    grace = client.post(Operator(Name="Grace", Email=f"grace@{unique}.staff.example"))
    box = Outbox(desk, f"@{unique}.example")
    for name, chosen in (("a", [vpn]), ("b", [vpn, mail]), ("c", []), ("d", [mail])):
        services = [one.Id for one in chosen]
        client.post(Customer(Name=name, Email=f"{name}@{unique}.example", Services=services))
    told = ["a", "b"]

    ticket = Ticket(Title=f"{unique} down", Description="D", OperatorId=grace.Id, StartTime=ONE)
    number = client.post(ticket.change(Services=[vpn.Id])).Id
    assert box.new() == told

    def put(**values: object) -> Ticket:
        """Reads it, changes it, and sends all of it back."""
        return client.put(client.get(Ticket, number).change(**values))

    # What changes nothing tells nobody, as often as it comes.
    for _ in range(2):
        put()
        assert box.new() == []
    put(Description="Worse.", NextUpdateTime=TWO)
    assert box.new() == told
    put(ExpectedResolutionTime=THREE, DoNotSendEmail=True)
    assert box.new() == []
    closed = put(ClosedTime=TWO)
    assert (closed.ClosedTime, box.new()) == (TWO, told)
    put()
    assert box.new() == []
    reopened = put(ReopenedTime=THREE)
    assert (reopened.ClosedTime, reopened.ReopenedTime, box.new()) == (None, THREE, told)
    put()
    assert box.new() == []
    closed = put(ClosedTime=FOUR, Description="Over.")
    assert (closed.ClosedTime, closed.ReopenedTime, box.new()) == (FOUR, None, told)
    put()
    assert box.new() == []

    subjects = [one.subject.partition(":")[0] for one in box.all() if one.to.startswith("a@")]
    assert subjects == ["New", "Update", "Closed", "Reopened", "Closed"]
    assert [one for one in box.all() if one.to.startswith(("c@", "d@"))] == []


@pytest.mark.contract("POST /api/Tickets")
@pytest.mark.contract("PUT /api/Tickets/{id}")
def test_without_mail_all_the_way(desk: Desk, client: RestClient, unique: str) -> None:
    vpn = client.post(Service(Name=unique))
    box = Outbox(desk, "")  # staff's too
    client.post(Customer(Name="a", Email=f"a@{unique}.example", Services=[vpn.Id]))
    quiet = {"DoNotSendEmail": True}
    new = Ticket(Title="T", Description="D", Services=[vpn.Id], DoNotSendEmail=True)
    number = client.post(new).Id
    for change in (
        {"Description": "Worse."},
        {"ClosedTime": ONE},
        {"ReopenedTime": TWO},
        {"ClosedTime": THREE, "EndTime": "2036-01-01T00:00:00Z"},
    ):
        client.put(client.get(Ticket, number).change(**change, **quiet))
        assert box.new() == []
    assert client.get(Ticket, number).ClosedTime == THREE


@pytest.mark.contract("PUT /api/Customers/{id}")
@pytest.mark.contract("GET /api/Customers")
@pytest.mark.contract("DELETE /api/Customers/{id}")
def test_a_customer_who_is_sent_back_whole_stays_subscribed(
    desk: Desk, client: RestClient, unique: str
) -> None:
    vpn = client.post(Service(Name=unique))
    made = client.post(
        Customer(Name="Ada", Email=f"old@{unique}.example", CellPhone="1", Services=[vpn.Id])
    )
    box = Outbox(desk, f"@{unique}.example")
    read = client.get(Customer, made.Id)
    assert client.put(read.change(Email=f"new@{unique}.example")) == read
    assert read in client.get_all(Customer)
    client.post(Ticket(Title="T", Description="D", Services=[vpn.Id]))
    assert box.new() == ["new"]
    client.put(Customer(Id=made.Id, Name="Ada", Email=read.Email))
    client.post(Ticket(Title="T", Description="D", Services=[vpn.Id]))
    assert box.new() == []
    client.delete(read)
    assert read.Id not in [one.Id for one in client.get_all(Customer)]
