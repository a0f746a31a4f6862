"""What searches may take, held at a size that is loaded in seconds; `make bench` holds the rest."""

import pytest

from bench.desk import Desk
from bench.searches import BUCKETS, FREQUENT, SEARCHES, Search
from helpdesk.storage import table
from tests.bench.conftest import TICKETS

pytestmark = pytest.mark.exhaustive

MOST_READ = {
    "text in the middle of a word": 4,
    "text in none": 3,
    "all": 25.5,
    # With the threads of the page: one read of a few units for each.
    "v1: all": 70,
    "v1: status": 70,
    # With the people whom the page names.
    "Zammad: all, names": 31,
    "Zammad: rare word": 8,
    "Zammad: field and word": 8,
}
"""Read units of some: pages of twenty are 27 at most."""

HELD = (
    *("all by number", "status by name", "status and department, three", "v1: address"),
    *("v1: text in the middle of a word", *MOST_READ),
)


@pytest.mark.parametrize("what", dict.fromkeys(HELD))
def test_a_search_keeps_its_round_trips_and_units(loaded: Desk, what: str) -> None:
    (search,) = (search for search in SEARCHES if search.what == what)
    cost = search.cost(loaded)
    assert cost.round_trips <= search.round_trips
    assert cost.units.read <= MOST_READ.get(what, 27)


def test_what_is_not_found_stops_the_bench(loaded: Desk) -> None:
    with pytest.raises(RuntimeError, match="200, 20 tickets"):
        Search("wrong", {"query": FREQUENT}, found=3).cost(loaded)


@pytest.mark.usefixtures("loaded")
def test_the_loaded_tickets_come_in_so_many_cells() -> None:
    buckets = [item for item in table.query("CELL", where="index") if item["n"] > 0]
    assert len(buckets) == BUCKETS
    assert sum(item["n"] for item in buckets) == TICKETS
