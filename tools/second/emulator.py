"""The second cloud as a process: on loopback, with IAM enforced, leaving nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]

PYTHON = ROOT / ".venv-second/bin/python"

REGION = "eu-central-1"

ALIVE = 180.0
"""Seconds within which the started emulator must answer."""

GONE = 10.0
"""Seconds that its processes have to end before they are killed."""


@dataclass(frozen=True)
class Decision:
    """IAM's decision about one request of a role."""

    role: str
    action: str
    resource: str
    allowed: bool


@dataclass(frozen=True)
class Emulator:
    """A running emulator."""

    port: int
    folder: Path

    @property
    def aws(self) -> str:
        """The address of AWS's services."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def desk(self) -> str:
        """The address of the desk's custom domain."""
        return f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables of a program that deploys there, without the caller's account."""
        return {
            **_bare(self.folder),
            "AWS_ENDPOINT_URL": self.aws,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }

    def decisions(self) -> list[Decision]:
        """IAM's decisions about roles so far, each once."""
        lines = (self.folder / "decisions").read_text(encoding="utf-8").splitlines()
        return [Decision(**json.loads(line)) for line in lines]

    def log(self) -> str:
        """Its output, including that of its functions."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")


def _bare(folder: Path) -> dict[str, str]:
    """Environment variables without the caller's own settings."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def emulator(folder: Path) -> Iterator[Emulator]:
    """The emulator, while the block runs.

    Its functions are processes of its process group, so all of them end with it.

    Args:
        folder: where it stores its files and its log.

    Raises:
        RuntimeError: it does not start, or its port is still open at the end.
    """
    running = Emulator(_free_port(), folder)
    (folder / "decisions").touch()
    variables = {
        **_bare(folder),
        "GATEWAY_PORT": str(running.port),
        "BIND_HOST": "127.0.0.1",  # the default is all interfaces
        "MINISTACK_HOST": "127.0.0.1",  # in its own addresses: localhost is the desk's
        "IOT_MTLS_ENABLED": "0",  # it would open a port for MQTT
        "AUTH": "true",
        "LAMBDA_EXECUTOR": "local",
        "MINISTACK_REGION": REGION,
        "SECOND_DECISIONS": str(folder / "decisions"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(  # noqa: S603 - the arguments are ours
            [PYTHON, Path(__file__).with_name("bridges.py")],
            env=variables,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            _wait(running, process)
            yield running
        finally:
            _stop(process)
    if _answers(running.port):
        raise RuntimeError(f"something still listens on port {running.port}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait(running: Emulator, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + ALIVE
    while time.monotonic() < until and process.poll() is None:
        with suppress(URLError, OSError), urlopen(f"{running.aws}/_ministack/ready", timeout=5):  # noqa: S310 - loopback
            return
        time.sleep(0.1)
    raise RuntimeError(f"the emulator does not answer:\n{running.log()[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the whole process group, including processes that functions started."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        until = time.monotonic() + GONE
        while time.monotonic() < until:
            # An ended process stays in the group until it has been waited for.
            process.poll()
            if not _group_lives(process.pid):
                return
            time.sleep(0.05)


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
