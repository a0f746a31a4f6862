"""The README's shell blocks, run as printed, against the service that `make run` starts."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KEY = "the-key-of-the-readme"
BLOCK = re.compile(
    r"^```sh\n(?P<command>.*?)^```\n\n```(?P<kind>json|text)\n(?P<answer>.*?)^```",
    re.MULTILINE | re.DOTALL,
)


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, str]]:
    """What stands in the README for the service, and where it is in truth."""
    environment = os.environ | {
        "PORT": "0",
        "SMTP_PORT": "0",
        "LOCAL_API_KEY": KEY,
        "PYTHONPATH": os.pathsep.join(["layers/helpdesk", "layers/dialects"]),
    }
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "local"], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    ) as service:
        assert service.stdout
        said = [service.stdout.readline().decode().split()[-1] for _ in range(3)]
        yield {"http://localhost:8080": said[0], "localhost:2525": f"127.0.0.1:{said[2]}"}
        service.terminate()


def masked(value: object, name: str = "") -> object:
    """A value without what differs from run to run: numbers, times, secrets."""
    if isinstance(value, dict):
        return {key: masked(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    if isinstance(value, str):
        return re.sub(r"\d", "0", value) if name != "key" else len(value)
    return value


def read(kind: str, answer: str) -> object:
    return masked(json.loads(answer) if kind == "json" else answer.strip())


def test_every_shell_block_answers_what_is_printed_below_it(
    addresses: dict[str, str],
) -> None:
    readme = (ROOT / "README.md").read_text()
    blocks = list(BLOCK.finditer(readme))
    assert len(blocks) == readme.count("```sh") >= 5
    for block in blocks:
        command = block["command"]
        for written, true in addresses.items():
            command = command.replace(written, true)
        ran = subprocess.run(  # noqa: S603 - the README is ours
            ["/bin/sh", "-c", command],
            cwd=ROOT,
            env=os.environ | {"KEY": KEY},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        kind = block["kind"]
        assert read(kind, ran.stdout) == read(kind, block["answer"]), command
