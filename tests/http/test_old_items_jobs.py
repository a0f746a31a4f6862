"""Every job reads items of the past and of the future like current ones."""

from __future__ import annotations

import logging
from unittest.mock import patch

import pytest

from local.cloud import LocalCloud
from tests.http.aged import age
from tests.http.damaged_desk import House
from tests.http.desk import Desk
from tests.http.test_damaged_endpoints import check_log
from tests.http.test_damaged_jobs import JOBS

pytestmark = pytest.mark.exhaustive


@pytest.fixture(scope="module")
def house(cloud: LocalCloud, desk: Desk) -> House:
    with patch("tests.http.damaged_desk.Ruin.everything"):
        return House(cloud, desk)


@pytest.mark.parametrize("old", [True, False], ids=["of the past", "of the future"])
@pytest.mark.parametrize("job", JOBS)
def test_a_job_reads_items_of_another_time(
    house: House, job: str, old: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    age(house, old=old)
    JOBS[job](house)
    house.cloud.drain(retry=True)
    check_log(caplog)
