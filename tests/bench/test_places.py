"""The load model names what is used up first."""

import pytest

from bench.capacity import Place, Units
from bench.cost import Prices, Run
from bench.desk import Cost, Desk
from bench.load import Load
from bench.places import TICKETS, Model, measured
from helpdesk.storage import table
from helpdesk.storage.keys import ticket_key

DESK, INDEX = "stack-DeskTable", "stack-IndexTable"


def run(places: dict[Place, Units], times: int = 1, **operations: int) -> Run:
    units = sum(places.values(), Units())
    named = {name.replace("_", ":"): number for name, number in operations.items()}
    return Run("r", Cost(1, 2, 0, units, named, places), 10.0, 1769, times, gateway=True)


def test_a_place_bears_what_its_units_allow() -> None:
    model = Model(
        [
            run(
                {
                    Place(DESK, "", "SEQ"): Units(write=4),
                    Place(DESK, "", "T#1"): Units(write=400),
                    Place(DESK, "g06", "7"): Units(write=400),
                    Place(DESK, "g10", "TODO"): Units(write=4, doubtful=4),
                    Place(INDEX, "", "W#ab"): Units(write=20),
                    Place(INDEX, "", "W#cd"): Units(write=40),
                },
                ses_SendEmail=8,
            ),
            run({Place(DESK, "", "CAT"): Units(read=3)}, times=4),
        ],
        tickets=4,
    )
    assert [(rate.place, rate.bears) for rate in model.partitions()] == [
        ("Index: W#cd", 100),
        ("Desk g10: TODO", 500),
        ("Desk: SEQ", 1000),
        ("Desk: CAT", 1000),
    ]
    assert [(rate.place, rate.written) for rate in model.tables((4000, 12_000))] == [
        ("Desk", 203),
        ("Index", 15),
    ]
    bears = list(model.quotas(Prices(round_trip=5.0)).values())
    # 5 runs of 20 ms for 4 tickets: 40 tickets keep one function busy for a second.
    assert bears[:3] == pytest.approx([400, 40_000, 7])
    assert bears[3] == pytest.approx(8_000)


@pytest.mark.exhaustive
def test_every_ticket_meets_the_others_in_few_places(loaded: Desk) -> None:
    load = Load(loaded.aws)
    load.tickets.append((1, table.fetch([ticket_key(1)])[ticket_key(1)]["number"]))
    model = measured(loaded, load)
    met = {rate.place.partition("#")[0]: rate for rate in model.partitions()}
    assert {"Desk: SEQ", "Desk: CAT", "Desk g04: ALL", "Desk g10: TODO"} <= met.keys()
    assert met["Desk: SEQ"].written == 1
    assert met["Desk g10: TODO"].bears == 250
    # What is counted is summed up over a batch.
    assert met["Index: CELL"].written <= 4 / TICKETS
