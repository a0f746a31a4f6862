"""The second cloud as a process; what it shows of the desk, `make second` shows."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from tools.second import bridges, emulator

PROGRAM = """#!/bin/sh
echo $$ >pid
sleep 600 &
exec {python} -m http.server --bind 127.0.0.1 $GATEWAY_PORT
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that answers as the emulator does, and has started another; its folder."""
    program = tmp_path / "python"
    program.write_text(PROGRAM.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setattr(emulator, "PYTHON", program)
    (tmp_path / "_ministack").mkdir()
    (tmp_path / "_ministack" / "ready").touch()
    return tmp_path


def test_no_process_and_no_port_is_left_where_the_walk_fails(stand_in: Path) -> None:
    ports = []

    def walk() -> None:
        with emulator.emulator(stand_in) as running:
            ports.append(running.port)
            raise LookupError

    with pytest.raises(LookupError):
        walk()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", ports[0]))
    with pytest.raises(ProcessLookupError):
        os.killpg(int((stand_in / "pid").read_text()), 0)


def test_who_deploys_there_has_no_credentials_of_the_caller(
    stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    running = emulator.Emulator(1, stand_in)
    assert running.environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert "AWS_PROFILE" not in running.environment
    assert "mine" not in running.environment.values()


def test_a_bridge_over_what_is_gone_says_so() -> None:
    with pytest.raises(SystemExit, match="leads nowhere"):
        bridges._replace(emulator, "no_such_function", lambda was: was)
