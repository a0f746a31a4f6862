"""An upgrade under traffic, and a rollback: functions change one after another while requests
continue, so those of an earlier commit and of this one serve the same tables in turn. There is no
5xx, nothing is lost, and every counter equals a recount.

    make upgrade OPERATIONS=10000
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, Self
from unittest.mock import patch

import pytest

from local.cloud import ROOT, LocalCloud
from local.functions import FunctionFailed
from tests.http.desk import Answer, Desk, Item
from tests.recount import assert_counted

pytestmark = pytest.mark.exhaustive

BEFORE = "746eb00f978efcedd53be8e84c34937ca1d42008"
"""The commit before the work on upgrades began; a later one may take its place when a release
makes it the one that people come from.
"""

OPERATIONS = int(os.environ.get("OPERATIONS", "200"))

WORKER = """
import importlib.util, json, sys
from pathlib import Path

tree, known = Path(sys.argv[1]), {}
sys.path[:0] = [str(tree / "layers" / name) for name in ("helpdesk", "dialects")]
told, sys.stdout = sys.stdout, sys.stderr


class Context:
    log_stream_name = function_name = "old"

    def get_remaining_time_in_millis(self):
        return 60_000


for line in sys.stdin:
    folder, event = json.loads(line)
    try:
        if folder not in known:
            spec = importlib.util.spec_from_file_location(
                folder.replace("/", "_"), tree / folder / "app.py"
            )
            known[folder] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(known[folder])
        answer = {"answer": known[folder].handler(event, Context())}
    except Exception as fault:
        answer = {"fault": type(fault).__name__}
    print(json.dumps(answer), file=told, flush=True)
"""
"""Runs the functions of a tree, a line for each call."""


class Old:
    """The functions of an earlier commit, in a process of their own.

    Args:
        tree: where they lie.
    """

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self._lock = Lock()
        self._process = subprocess.Popen(  # noqa: S603 - our own words
            [sys.executable, "-c", WORKER, str(tree)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def has(self, folder: str) -> bool:
        return (self.tree / folder / "app.py").exists()

    def call(self, folder: str, event: Item) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        with self._lock:
            self._process.stdin.write(json.dumps([folder, event]) + "\n")
            self._process.stdin.flush()
            told = json.loads(self._process.stdout.readline())
        if "fault" in told:
            raise FunctionFailed(f"{folder} of {BEFORE}: {told['fault']}")
        return told["answer"]


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory, cloud: LocalCloud) -> Iterator[Old]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("the functions of an earlier commit are in git's history alone")
    # A shallow clone has no history.
    asked = [git, "cat-file", "-e", BEFORE]
    known = subprocess.run(asked, cwd=ROOT, check=False)  # noqa: S603 - our own words
    if known.returncode:
        pytest.skip(f"this clone does not reach back to {BEFORE}")
    packed = subprocess.run(  # noqa: S603 - our own words
        [git, "archive", BEFORE, "functions", "layers"], cwd=ROOT, check=True, capture_output=True
    )
    tree = tmp_path_factory.mktemp("old")
    with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive:
        archive.extractall(tree, filter="data")
    with Old(tree) as worker:
        yield worker


@dataclass
class Traffic:
    """What callers do, and what must have come of it: by number, the state of each ticket."""

    desk: Desk
    dice: random.Random
    tickets: dict[str, Item] = field(default_factory=dict)
    answered: Counter[int] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)

    def step(self) -> None:
        """One operation."""
        kinds: list[Callable[[], None]] = [self.open, self.reply, self.show, self.search]
        kinds += [self.change, self.note, self.delete, self.count, self.zammad, self.rename]
        weights = [4, 3, 3, 2, 3, 2, 1, 1, 2, 1]
        chosen = self.open if not self.tickets else self.dice.choices(kinds, weights)[0]
        chosen()
        self.done[chosen.__name__] += 1

    def ask(self, wanted: int, method: str, path: str, body: object = None) -> Answer:
        answer = self.desk.call(method, path, body)
        self.answered[answer.status] += 1
        assert answer.status == wanted, (method, path, answer.status, answer.text)
        return answer

    def one(self) -> str:
        return self.dice.choice(list(self.tickets))

    def open(self) -> None:
        who = self.dice.randrange(40)
        body = {
            "name": f"Ann {who}",
            "email": f"ann{who}@example.org",
            "subject": f"Kettle {self.dice.randrange(1000)}",
            "message": "It leaks. " * self.dice.choice([1, 10, 400]),
            "attachments": [{"leak.txt": "data:text/plain,drip"}]
            if self.dice.random() < 0.2
            else [],
        }
        number = self.ask(201, "POST", "/api/tickets.json", body).text
        self.tickets[number] = {"subject": body["subject"], "entries": 1, "closed": False}

    def reply(self) -> None:
        number = self.one()
        body = {"message": "We are looking at it.", "staffId": "admin"}
        self.ask(201, "POST", f"/api/tickets-reply.php/{number}.json", body)
        self.tickets[number]["entries"] += 1

    def note(self) -> None:
        number = self.one()
        self.ask(200, "PATCH", f"/api/tickets-update.php/{number}.json", {"note": "Looked at."})
        self.tickets[number]["entries"] += 1

    def change(self) -> None:
        number = self.one()
        closed = not self.tickets[number]["closed"]
        body = {
            "statusId": "Closed" if closed else "Open",
            "priorityId": self.dice.choice([1, 2, 3]),
        }
        self.ask(200, "PATCH", f"/api/tickets-update.php/{number}.json", body)
        self.tickets[number]["closed"] = closed

    def delete(self) -> None:
        number = self.one()
        self.ask(200, "DELETE", f"/api/tickets-delete.php/{number}.json")
        del self.tickets[number]

    def show(self) -> None:
        self.holds(self.one())

    def holds(self, number: str) -> None:
        shown = self.ask(200, "GET", f"/api/tickets-get.php/{number}.json").json
        wanted = self.tickets[number]
        told = (shown["subject"], len(shown["thread"]), shown["status"] == "Closed")
        assert told == (wanted["subject"], wanted["entries"], wanted["closed"]), number

    def search(self) -> None:
        number = self.one()
        subject = self.tickets[number]["subject"].replace(" ", "%20")
        self.ask(200, "GET", f"/api/tickets-search.php?query={subject}&limit=100")

    def count(self) -> None:
        self.ask(200, "GET", "/api/tickets-stats.php")

    def zammad(self) -> None:
        number = self.one()
        found = self.ask(200, "GET", f"/api/v1/tickets/search?query=number:{number}").json
        for ticket in found:
            body = {"item": self.dice.choice(["tea", "coffee"]), "object": "Ticket"}
            self.ask(201, "POST", "/api/v1/tags/add", body | {"o_id": ticket["id"]})

    def rename(self) -> None:
        who = self.dice.randrange(40)
        for person in self.ask(200, "GET", f"/api/v1/users/search?query=ann{who}%40").json:
            body = {"firstname": "Ann", "lastname": f"{self.dice.randrange(1000)}"}
            self.ask(200, "PUT", f"/api/v1/users/{person['id']}", body)


@contextmanager
def deployed(
    cloud: LocalCloud, old: Old, share: float, dice: random.Random
) -> Iterator[Counter[str]]:
    """A stack in which this share of the calls of each function meets the old one."""
    new = cloud.functions.invoke
    calls: Counter[str] = Counter()

    def invoke(name: str, event: Item) -> Any:
        folder = str(cloud.template.functions[name].folder.relative_to(ROOT))
        if dice.random() < share and old.has(folder):
            calls["old"] += 1
            return old.call(folder, event)
        calls["new"] += 1
        return new(name, event)

    with patch.object(cloud.functions, "invoke", invoke):
        yield calls


def test_an_upgrade_in_the_midst_of_traffic_and_back(
    cloud: LocalCloud, desk: Desk, old: Old
) -> None:
    dice = random.Random(13)
    traffic = Traffic(desk, dice)
    calls: Counter[str] = Counter()
    # Before the upgrade, while it goes on, after it, while it is taken back, and after that.
    for share, part in ((1.0, 0.1), (0.5, 0.4), (0.0, 0.1), (0.5, 0.3), (1.0, 0.1)):
        with deployed(cloud, old, share, dice) as made:
            for position in range(max(1, round(OPERATIONS * part))):
                traffic.step()
                if position % 200 == 199:
                    cloud.drain()
            cloud.drain(retry=True)
            calls += made
    for share in (1.0, 0.0):
        with deployed(cloud, old, share, dice):
            for number in traffic.tickets:
                traffic.holds(number)
            cloud.drain(retry=True)
    stored = desk.stored()
    assert [key for key, item in stored.items() if "todo" in item] == []
    assert_counted(item for item in stored.values() if "pk" in item)
    sys.stdout.write(
        f"{sum(traffic.done.values())} operations {dict(traffic.done)}; answers "
        f"{dict(traffic.answered)}; {dict(calls)} calls of functions; {len(traffic.tickets)} "
        "tickets as they should be, by both\n"
    )
