"""The blocks of shell and Python in the documents, run as printed, against the service that `make
run` starts.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.exhaustive

ROOT = Path(__file__).parents[2]
KEY = "the-key-of-the-readme"
DOCUMENTS = ("README.md", "docs/zammad.md", "docs/notific.md")
BLOCK = re.compile(
    r"^```(?P<language>sh|python)\n(?P<code>.*?)^```\n\n"
    r"```(?P<kind>json|text)\n(?P<answer>.*?)^```",
    re.MULTILINE | re.DOTALL,
)
INTERPRETERS = {"sh": "/bin/sh", "python": sys.executable}


@pytest.fixture
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
        return len(value) if name in {"key", "hint"} else re.sub(r"\d", "0", value)
    return value


def read(kind: str, answer: str) -> object:
    return masked(json.loads(answer) if kind == "json" else answer.strip())


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_block_answers_what_is_printed_below_it(
    addresses: dict[str, str], document: str
) -> None:
    """One after the other, on a desk of their own: what a block leaves is there for the next."""
    text = (ROOT / document).read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(text))
    assert len(blocks) == text.count("```sh") + text.count("```python") >= 3
    for block in blocks:
        code = block["code"]
        for written, true in addresses.items():
            code = code.replace(written, true)
        kind, said = block["kind"], run(block["language"], code)
        assert read(kind, said) == read(kind, block["answer"]), code


def run(language: str, code: str) -> str:
    """What a block prints."""
    ran = subprocess.run(  # noqa: S603 - the documents are ours
        [INTERPRETERS[language], "-c", code],
        cwd=ROOT,
        env=os.environ | {"KEY": KEY},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return ran.stdout
