"""A whole desk, stopped or killed, and started again on its folder."""

import http.client
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from smtplib import SMTP
from typing import Any

import pytest

from local.aws.faults import Fault, How
from local.data.folder import NAME
from local.data.saver import SECONDS
from tests.http.desk import Desk
from tests.local.data.conftest import Start

pytestmark = pytest.mark.exhaustive

ROOT = Path(__file__).parents[3]


@dataclass
class Served:
    """A desk that `python -m local` serves on a folder."""

    process: subprocess.Popen[str]
    port: int
    smtp_port: int
    key: str

    def call(self, method: str, path: str, body: object = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = json.dumps(body) if body is not None else None
        connection.request(method, path, sent, {"X-API-Key": self.key})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        assert answer.status < 300, content
        return json.loads(content)

    def create(self, subject: str, **more: object) -> str:
        given = {"email": "ada@example.org", "name": "Ada", "subject": subject, "message": "Help!"}
        return str(self.call("POST", "/api/tickets.json", {**given, **more}))

    def mails(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", "/local/mail")
        return found

    def send(self, mail: EmailMessage) -> None:
        with SMTP("127.0.0.1", self.smtp_port) as server:
            server.send_message(mail)

    def end(self, number: int) -> None:
        self.process.send_signal(number)
        assert self.process.wait(timeout=60) == (0 if number != signal.SIGKILL else -number)


Serve = Callable[[], Served]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    processes: list[subprocess.Popen[str]] = []

    def served() -> Served:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "LOCAL_", "DESK_", "INDEX_", "FILES_"))
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "local"],
            cwd=ROOT,
            env=environment | {"PORT": "0", "SMTP_PORT": "0", "DATA": str(tmp_path / "data")},
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        assert process.stdout
        printed = [process.stdout.readline().strip() for _ in range(5)]
        assert printed[3] == f"Kept in {tmp_path / 'data'}"
        port, key, smtp_port = (line.rsplit(" ", 1)[1] for line in printed[:3])
        return Served(process, int(port.rsplit(":", 1)[1]), int(smtp_port), key)

    yield served
    for process in processes:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


def written_mails(path: Path) -> int:
    connection = sqlite3.connect(path / NAME)
    (count,) = connection.execute("SELECT count(*) FROM rows WHERE kind = 'mail'").fetchone()
    connection.close()
    return int(count)


def mail(subject: str, **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"] = "Eve <eve@example.org>", "support@desk.example"
    made["Subject"] = subject
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content("It burns.")
    return made


def test_after_a_stop_all_is_there_and_goes_on(serve: Serve) -> None:
    before = serve()
    number = before.create("Fire", attachments=[{"a.txt": "data:text/plain;base64,cHVmZg=="}])
    before.send(mail("Smoke", Message_ID="<smoke@example.org>"))
    shown = before.call("GET", f"/api/tickets-get.php/{number}.json")
    mails = before.mails()
    keys = before.call("GET", "/api/admin/keys")
    confirmation = next(one for one in mails if one["to"] == "eve@example.org")
    smoke = re.findall(r"#(\d+)", confirmation["subject"])[0]
    before.end(signal.SIGINT)

    after = serve()
    assert after.key == before.key
    assert after.call("GET", f"/api/tickets-get.php/{number}.json") == shown
    assert after.mails() == mails
    assert after.call("GET", "/api/admin/keys")["items"][0]["id"] == keys["items"][0]["id"]
    file = shown["thread"][0]["attachments"][0]["file_id"]
    loaded = after.call("GET", f"/api/tickets-attachment-download.php/{file}.json")
    assert loaded["content"] == "cHVmZg=="
    # Search postings and counters are as they were, and go on.
    (found,) = after.call("GET", "/api/tickets-search.php?query=fire")
    assert found["number"] == number
    assert after.create("More fire") not in {number, smoke}
    assert len(after.call("GET", "/api/tickets-search.php?query=fire")) == 2
    # An answer to a mail that went out before lands on its ticket.
    references = {"In_Reply_To": confirmation["message_id"]}
    after.send(mail(f"Re: {confirmation['subject']}", **references))
    assert len(after.call("GET", f"/api/tickets-get.php/{smoke}.json")["thread"]) == 2
    after.end(signal.SIGTERM)


def test_after_a_kill_all_but_the_last_seconds_is_there(serve: Serve, tmp_path: Path) -> None:
    before = serve()
    number = before.create("Fire")
    mails = before.mails()
    until = time.monotonic() + 10 * SECONDS
    while written_mails(tmp_path / "data") < len(mails):
        assert time.monotonic() < until
        time.sleep(SECONDS / 10)
    before.create("Lost, perhaps")
    before.end(signal.SIGKILL)

    after = serve()
    (found,) = after.call("GET", "/api/tickets-search.php?query=fire")
    assert (found["number"], found["subject"]) == (number, "Fire")
    assert after.mails()[: len(mails)] == mails
    # A ticket and its mail are there both or neither.
    lost = after.call("GET", "/api/tickets-search.php?query=lost")
    assert len(after.mails()) == len(mails) * (1 + len(lost))
    assert after.create("Another")


def test_mail_that_is_queued_goes_out_once(start: Start) -> None:
    cloud = start()
    fault = Fault(How.BEFORE, service="dynamodb", function="BackgroundNotify")
    with cloud.aws.faults.plan(fault), Desk(cloud, cloud.key or "") as desk:
        ticket = {"email": "ada@example.org", "name": "Ada", "subject": "Fire", "message": "Help!"}
        assert desk.call("POST", "/api/tickets.json", ticket).status == 201
        cloud.drain()
    assert fault.fired
    sent = [mail.to for mail in cloud.mailbox.mails()]
    assert sent != ["ada@example.org", "admin@desk.example"]

    expected = ["ada@example.org", "admin@desk.example"]
    cloud = start()
    cloud.drain(retry=True)
    assert sorted(mail.to for mail in cloud.mailbox.mails()) == expected
    cloud.run_schedule("BackgroundRequeueEvents")
    cloud = start()
    cloud.run_schedule("BackgroundRequeueEvents")
    cloud.drain(retry=True)
    assert sorted(mail.to for mail in cloud.mailbox.mails()) == expected


def test_a_folder_that_cannot_be_used_is_one_sentence(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.mkdir()
    (path / NAME).write_bytes(b"SQLite format 3\0 but no more")
    ran = subprocess.run(
        [sys.executable, "-m", "local"],
        cwd=ROOT,
        env={**os.environ, "PORT": "0", "SMTP_PORT": "0", "DATA": str(path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert re.fullmatch(
        rf"The desk in {path} is damaged \(.*\)\. It is left as it is: .*\n", ran.stderr
    )
    assert (path / NAME).read_bytes() == b"SQLite format 3\0 but no more"
    assert [file.name for file in path.iterdir()] == [NAME]
