"""The shell and Python code blocks in the documents, and the outputs printed below them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

LONGEST = 300
"""Seconds that a block may take: on a slow machine each of its calls may be a cold start."""

_BLOCK = re.compile(
    r"^```(?P<language>sh|python)\n(?P<code>.*?)^```\n\n"
    r"```(?P<kind>json|text)\n(?P<answer>.*?)^```",
    re.MULTILINE | re.DOTALL,
)
_INTERPRETERS = {"sh": "/bin/sh", "python": sys.executable}


@dataclass(frozen=True)
class Block:
    """A code block and its expected output, with the parts that differ from run to run masked."""

    language: str
    code: str
    kind: str
    answer: object

    def run(self, addresses: Mapping[str, str], key: str) -> object:
        """Runs the block and returns its output, parsed and masked like the expected one.

        Args:
            addresses: the desk's addresses in the documents, each with the real one.
            key: the admin key there.

        Raises:
            subprocess.CalledProcessError: the block exits with a status other than 0.
        """
        code = self.code
        for written, true in addresses.items():
            code = code.replace(written, true)
        ran = subprocess.run(  # noqa: S603 - the documents are ours
            [_INTERPRETERS[self.language], "-c", code],
            cwd=ROOT,
            env=os.environ | {"KEY": key},
            capture_output=True,
            text=True,
            check=True,
            timeout=LONGEST,
        )
        return _read(self.kind, ran.stdout)


def blocks(document: str) -> Iterator[Block]:
    """The blocks of a document in order; a block may build on the effects of earlier ones.

    Raises:
        ValueError: a block has no output below it.
    """
    text = (ROOT / document).read_text(encoding="utf-8")
    found = list(_BLOCK.finditer(text))
    if len(found) != text.count("```sh") + text.count("```python"):
        raise ValueError(f"{document}: a block has no answer")
    for block in found:
        answer = _read(block["kind"], block["answer"])
        yield Block(block["language"], block["code"], block["kind"], answer)


def _read(kind: str, answer: str) -> object:
    return _masked(json.loads(answer) if kind == "json" else answer.strip())


def _masked(value: object, name: str = "") -> object:
    """A value with the parts masked that differ from run to run: digits in texts, secrets."""
    if isinstance(value, dict):
        return {key: _masked(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner) for inner in value]
    if isinstance(value, str):
        return len(value) if name in {"key", "hint"} else re.sub(r"\d", "0", value)
    return value
