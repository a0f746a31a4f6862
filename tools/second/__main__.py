"""`make second`: the built desk on a second cloud, deployed by SAM, with IAM enforced.

    python -m tools.second

Starts an emulator of AWS on loopback, deploys what `make build` left as `make deploy` does, runs
the README's blocks and `make smoke`'s walk there, asks for what is not there, and looks at every
decision of IAM. Exits 1 where anything is answered otherwise than it should be, or a role was
denied something. Nothing is left: no process, no port, no file.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import boto3

from helpdesk.storage.keys import TODO
from local.aws.clients import Clients
from local.mail.smtp import SmtpListener, Verdicts, received
from tools import documents, smoke
from tools.emulator import BUILT, HOST
from tools.second import bridges
from tools.second.emulator import ROOT, Emulator, emulator

STACK = "deskless"
"""As samconfig.toml names it."""

PARAMETERS = {
    # Everything is on, so that every resource is made.
    "Architectures": HOST,
    "AdminEmail": "admin@desk.example",
    "AlarmAddress": "alarms@desk.example",
    "AccessLogs": "own-role",
    "RequestsPerAddress": "2000",
    "CorsOrigin": "https://app.example.org",
    "CustomDomain": bridges.DESK,
    "CertificateArn": "arn:aws:acm:eu-central-1:000000000000:certificate/none",
}

SETTLED = 180.0
"""Seconds within which all that a request sets off must have happened."""

LAST_WORDS = 4000
"""Characters of the emulator's log that are shown after a failure."""


class Failed(Exception):
    """The desk does there what it should not; the text says what."""


@contextmanager
def step(what: str) -> Iterator[None]:
    """Prints what is done, and how long it took."""
    started = time.monotonic()
    yield
    print(f"ok    {what} ({time.monotonic() - started:.1f} s)", flush=True)


def deploy(cloud: Emulator) -> None:
    """Deploys the built template by SAM, as `make deploy` does.

    Raises:
        Failed: SAM says so; the text has its last lines.
    """
    given = [f"{name}={value}" for name, value in PARAMETERS.items()]
    template = BUILT / HOST / "deployed.yaml"
    command = [
        *(str(ROOT / ".venv-sam/bin/python"), "-m", "tools.sam", "deploy"),
        *("--template-file", str(template), "--config-file", str(ROOT / "samconfig.toml")),
        *("--no-confirm-changeset", "--no-progressbar", "--parameter-overrides", *given),
    ]
    path = f"{ROOT / '.venv-sam/bin'}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(  # noqa: S603 - the arguments are ours
        command,
        cwd=ROOT,
        env={**cloud.environment, "PATH": path, "SAM_CLI_TELEMETRY": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        failures = [line for line in ran.stdout.splitlines() if "FAILED" in line]
        raise Failed("\n".join([*failures, ran.stdout[-1500:], ran.stderr[-1500:]]))


class Desk:
    """The deployed desk, and AWS as root sees it."""

    def __init__(self, cloud: Emulator) -> None:
        self.clients = Clients()
        self.functions = boto3.client("lambda")
        found = boto3.client("cloudformation").describe_stack_resources(StackName=STACK)
        self._names: dict[str, str] = {
            one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found["StackResources"]
        }
        self.url = cloud.desk
        self.walker = smoke.of_stack(STACK)
        self.walker.urls = dict.fromkeys(self.walker.urls, cloud.desk)
        self.resources = len(self._names)

    @property
    def key(self) -> str:
        """The first admin key, as Secrets Manager drew it."""
        return self.walker.admin_key

    @property
    def bucket(self) -> str:
        """The bucket of files and mail."""
        return self._names["FilesBucket"]

    def settle(self) -> None:
        """Waits until all that was set off has happened: no event is left, and no mail.

        Raises:
            Failed: something never happens.
        """
        until = time.monotonic() + SETTLED
        while left := [*self._events(), *self._keys("incoming/")]:
            if time.monotonic() > until:
                raise Failed(f"still to be done after {SETTLED:.0f} s: {left}")
            time.sleep(0.1)

    def _events(self) -> list[str]:
        found = self.clients.dynamodb.query(
            TableName=self._names["DeskTable"],
            IndexName="g10",
            KeyConditionExpression="p10 = :todo",
            ExpressionAttributeValues={":todo": {"S": TODO}},
        )
        return [item["s10"]["S"] for item in found["Items"]]

    def _keys(self, prefix: str) -> list[str]:
        found = self.clients.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [one["Key"] for one in found.get("Contents", ())]

    def invoke(self, function: str, event: object) -> None:
        """Calls a function of the background, and waits for it.

        Raises:
            Failed: it failed.
        """
        answer = self.functions.invoke(
            FunctionName=self._names[function], Payload=json.dumps(event).encode()
        )
        if "FunctionError" in answer:
            said = answer["Payload"].read().decode("utf-8", "replace")
            raise Failed(f"{function} failed: {said[:500]}")

    def delete_objects(self, prefix: str) -> int:
        """Deletes what lies under a prefix, behind the desk's back; says how many objects."""
        keys = self._keys(prefix)
        for key in keys:
            self.clients.s3.delete_object(Bucket=self.bucket, Key=key)
        return len(keys)


def run_readme(desk: Desk, smtp: int) -> int:
    """Runs the README's blocks on a desk that is new; says how many.

    Raises:
        Failed: one answers otherwise than is printed below it.
    """
    addresses = {"http://localhost:8080": desk.url, "localhost:2525": f"127.0.0.1:{smtp}"}
    found = list(documents.blocks("README.md"))
    for block in found:
        try:
            said = block.run(addresses, desk.key)
        except subprocess.CalledProcessError as error:
            raise Failed(f"{block.code}\nended with {error.returncode}: {error.stderr}") from error
        except ValueError as error:
            raise Failed(f"{block.code}\nis not answered by JSON") from error
        if said != block.answer:
            raise Failed(f"{block.code}\nis answered by\n{said}\nand not by\n{block.answer}")
        desk.settle()
    return len(found)


def ask_for_what_is_gone(desk: Desk) -> None:
    """S3 answers 403 for what is not there to roles that may not list (docs/aws.md m1): a download
    of it is 404, a ticket that lacks it is deleted, a mail that comes twice is taken in once.

    Raises:
        Failed: otherwise.
    """
    walker = desk.walker
    walker.key = desk.key
    asked = {
        "name": "Gone",
        "email": "success@simulator.amazonses.com",
        "subject": "Gone",
        "message": "It was here.",
        "attachments": [{"gone.txt": "data:text/plain,gone"}],
    }
    number = walker.ask("Osticket", "POST", "/api/tickets.json", asked, want=201).text.strip()
    shown = walker.ask("Osticket", "GET", f"/api/tickets-get.php/{number}.json").json
    (file,) = shown["thread"][0]["attachments"]
    if not desk.delete_objects("files/"):
        raise Failed("the file of a ticket lies nowhere under files/")
    path = f"/api/tickets-attachment-download.php/{file['file_id']}.json"
    walker.ask("Osticket", "GET", path, want=404)
    walker.ask("Osticket", "DELETE", f"/api/tickets-delete.php/{number}.json")
    desk.settle()
    path = f"/api/tickets-get.php/{number}.json"
    walker.ask("Osticket", "GET", path, want=404)


def bring_a_mail_twice(desk: Desk, listener: SmtpListener) -> None:
    """SES may call for a mail twice, and the second time it has moved already.

    Raises:
        Failed: the second call fails, or makes a second ticket.
    """
    path = "/api/tickets-search.php?query=twice"
    raw = (
        b"From: Twice <twice@desk.invalid>\r\nTo: support@desk.example\r\n"
        b"Subject: Come twice\r\nMessage-ID: <twice@desk.invalid>\r\n\r\nOnce.\r\n"
    )
    identity = listener.bring(raw, "twice@desk.invalid", ["support@desk.example"])
    desk.settle()
    event = received(
        identity, "twice@desk.invalid", ["support@desk.example"], datetime.now(UTC), Verdicts()
    )
    desk.invoke("BackgroundReceiveMail", event)
    desk.settle()
    found = desk.walker.ask("Osticket", "GET", path).json
    if len(found) != 1:
        raise Failed(f"a mail that came twice has become {len(found)} tickets")


def look_at_decisions(cloud: Emulator) -> str:
    """What IAM has decided: nothing was denied, and there was much to be allowed.

    Raises:
        Failed: a role was denied something, or IAM was not asked.
    """
    decisions = cloud.decisions()
    denied = [one for one in decisions if not one.allowed]
    if denied:
        raise Failed("\n".join(f"denied: {one.role} {one.action} {one.resource}" for one in denied))
    roles = {one.role.split("/")[1] for one in decisions}
    if not roles:
        raise Failed("IAM was never asked: it is not enforced")
    return f"{len(decisions)} decisions about {len(roles)} roles"


def walk(cloud: Emulator) -> None:
    """All of it, in order.

    Raises:
        Failed: one of the steps.
        smoke.Failed: one of the walk's.
    """
    with step("sam deploy"):
        deploy(cloud)
    desk = Desk(cloud)
    print(f"      {desk.resources} resources")
    with bridges.receipt_rules(cloud.desk, desk.clients, desk.functions) as listener:
        with step("the README's blocks"):
            print(f"      {run_readme(desk, listener.port)} blocks")
        with step("make smoke"):
            try:
                smoke.walk(desk.walker)
            finally:
                smoke.clean_up(desk.walker)
            desk.settle()
        with step("what is gone"):
            ask_for_what_is_gone(desk)
        with step("a mail that comes twice"):
            bring_a_mail_twice(desk, listener)
    with step("IAM's decisions"):
        print(f"      {look_at_decisions(cloud)}; nothing was denied")


def main() -> int:
    """Walks, and gives the exit status."""
    started = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing is left then, either
    with (
        tempfile.TemporaryDirectory(prefix="deskless-", ignore_cleanup_errors=True) as folder,
        emulator(Path(folder)) as cloud,
    ):
        os.environ.update(cloud.environment)  # for this process's own clients
        try:
            walk(cloud)
        except (Failed, smoke.Failed) as failed:
            print(f"FAIL  {failed}\n{cloud.log()[-LAST_WORDS:]}", file=sys.stderr)
            return 1
    print(f"The desk stands on a second cloud ({time.monotonic() - started:.0f} s).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
