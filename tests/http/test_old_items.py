"""Every endpoint reads items of the past and of the future like current ones."""

from __future__ import annotations

import json
import logging
from unittest.mock import patch

import pytest

from local.cloud import LocalCloud
from tests.http.aged import OLDEST, age, kind_of
from tests.http.damaged_cases import CASES, Case
from tests.http.damaged_desk import House
from tests.http.desk import Desk
from tests.http.test_damaged_endpoints import FAULTS, request, walks

pytestmark = pytest.mark.exhaustive


@pytest.fixture(scope="module")
def house(cloud: LocalCloud, desk: Desk) -> House:
    with patch("tests.http.damaged_desk.Ruin.everything"):
        return House(cloud, desk)


def test_every_kind_that_is_stored_is_known(house: House) -> None:
    stored = house.desk.stored().items()
    kinds = {kind_of(item) for (table, _, _), item in stored if table.endswith("Table")}
    assert kinds <= OLDEST.keys()


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("old", [True, False], ids=["of the past", "of the future"])
def test_an_endpoint_reads_items_of_another_time(
    house: House, name: str, old: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    method = name.partition(" ")[0]
    wrong = []
    for case in CASES[name]:
        said = _ask(house, method, case, old=old)
        wrong += [(case.path, *said)] if said else []
    house.cloud.drain(retry=True)
    assert not wrong
    for line in caplog.records:
        assert line.getMessage() not in {*FAULTS, "unreadable"}, vars(line)


def _ask(house: House, method: str, case: Case, *, old: bool) -> tuple[int, str] | None:
    _, values = next(walks(house, case, 0))
    age(house, old=old)
    answer = request(house, method, case, values)
    if answer.status in case.statuses:
        return None
    return answer.status, json.dumps(answer.text[:200])
