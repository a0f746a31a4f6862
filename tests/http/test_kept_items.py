"""A desk stored by an earlier commit (`tests/fixtures/dump_desk.py`), read by every current
endpoint and job.
"""

from __future__ import annotations

import json
import logging
from base64 import b64decode
from itertools import count
from unittest.mock import patch

import boto3
import pytest

from helpdesk.catalogue import cache
from local.cloud import ROOT, LocalCloud
from tests.http.damaged_cases import CASES, Case
from tests.http.damaged_desk import House
from tests.http.desk import Desk
from tests.http.ruin import put
from tests.http.test_damaged_endpoints import FAULTS, check_log, request, walks
from tests.http.test_damaged_jobs import JOBS

pytestmark = pytest.mark.exhaustive

KEPT = ROOT / "tests/fixtures/desk_of_5eee70c.jsonl"
"""From before items had the version of their shape (`v`), of 2026-11-29."""


class KeptHouse(House):
    """That desk in the place of one that is made here."""

    def _furnish(self) -> None:
        for table in ("DeskTable", "IndexTable"):
            for item in list(self.desk._items(table)):
                if item["pk"]["S"] == "GATEWAY":
                    self._gateway = item["value"]
                key = {name: item[name] for name in ("pk", "sk")}
                physical = self.cloud.resources.physical(table).ref
                boto3.client("dynamodb").delete_item(TableName=physical, Key=key)
        healthy, *lines = map(json.loads, KEPT.read_text().splitlines())
        self.healthy |= healthy
        self.kept = [(table, item) for table, item in lines if isinstance(item, dict)]
        for name, content in lines:
            if isinstance(content, str):
                self._put_object(name, b64decode(content))
        self._unique = count(100)  # names that it has not given then
        self.put_back()
        self.kept = [one for one in self.kept if one[1]["pk"]["S"] != "SEQ"]

    def put_back(self) -> None:
        """Puts every item of that desk where it was, as it was; no id is drawn twice."""
        for table, item in self.kept:
            whole = dict(item)
            # Gateway keys are API Gateway's: here as after a restore into another account.
            name = {"GATEWAY": "value", "K": "usage"}.get(whole["sk"]["S"], "")
            put(self.cloud, table, whole | ({name: self._gateway} if name in whole else {}))
        cache.forget()

    def _put_object(self, name: str, content: bytes) -> None:
        bucket = self.cloud.resources.physical("FilesBucket").ref
        boto3.client("s3").put_object(Bucket=bucket, Key=name, Body=content)


@pytest.fixture(scope="module")
def house(cloud: LocalCloud, desk: Desk) -> KeptHouse:
    with patch("tests.http.damaged_desk.Ruin.everything"):
        return KeptHouse(cloud, desk)


def test_the_kept_desk_is_of_its_time(house: KeptHouse) -> None:
    tickets = [item for _, item in house.kept if item["pk"]["S"].startswith("T#")]
    assert len(house.kept) > 300
    assert not any("v" in item for item in tickets if item["sk"]["S"] == "A")
    assert any("todo" in item for item in tickets), "events that nobody has handled"
    assert any("todo" not in item for item in tickets if item["sk"]["S"].startswith("V#"))


@pytest.mark.parametrize("name", CASES)
def test_an_endpoint_reads_what_was_written_then(
    house: KeptHouse, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    method = name.partition(" ")[0]
    wrong = []
    for case in CASES[name]:
        said = _ask(house, method, case)
        wrong += [(case.path, *said)] if said else []
    house.cloud.drain(retry=True)
    assert not wrong
    for line in caplog.records:
        assert line.getMessage() not in {*FAULTS, "unreadable"}, vars(line)


def _ask(house: KeptHouse, method: str, case: Case) -> tuple[int, str] | None:
    _, values = next(walks(house, case, 0))
    answer = request(house, method, case, values)
    if answer.status in case.statuses:
        return None
    return answer.status, json.dumps(answer.text[:200])


@pytest.mark.parametrize("job", JOBS)
def test_a_job_reads_what_was_written_then(
    house: KeptHouse, job: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    house.put_back()
    JOBS[job](house)
    house.cloud.drain(retry=True)
    check_log(caplog)
