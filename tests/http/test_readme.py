"""The shell and Python code blocks in the documents, run as printed against the service that
`make run` starts.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.documents import blocks

pytestmark = pytest.mark.exhaustive

ROOT = Path(__file__).parents[2]
KEY = "the-key-of-the-readme"
DOCUMENTS = ("README.md", "docs/zammad.md", "docs/notific.md")


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


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_block_answers_what_is_printed_below_it(
    addresses: dict[str, str], document: str
) -> None:
    """One after the other, on a desk of their own: what a block leaves is there for the next."""
    found = list(blocks(document))
    assert len(found) >= 3
    for block in found:
        assert block.run(addresses, KEY) == block.answer, block.code
