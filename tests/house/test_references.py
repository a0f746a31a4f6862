"""Every reference to a document leads somewhere: to a file, a row, a section, a heading of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.cloud import ROOT

FOLDERS = ("bench", "docs", "functions", "layers", "local", "pipe", "tests", "tools")
KINDS = {".md", ".py", ".toml", ".yaml"}
BUILT = ("layers/vendor/python", "layers/dialects/python", "layers/helpdesk/python")
"""Where a Makefile puts what it makes."""

W = r"(?:[ \t]*\n[ \t]*(?:# ?)?| +)"
"""A blank, also where a line of prose ends."""
SECTION = r"\d+(?:\.\d+)*(?!\w)"
ROW = r"(?:\d{1,2}|[A-Z])(?![\w'])"
TRAP = r"m\d+"
MORE = rf"(?:,?{W}and{W}|,?{W}to{W}|,{W}|-)"

ROWS = rf"rows?{W}{ROW}(?:{MORE}{ROW})*"
PART = rf"(?:{ROWS}|{SECTION}(?:{MORE}{SECTION})*)"
OSTICKET = re.compile(
    rf"docs/osticket\.md(?P<parts>,?{W}{PART}(?:(?:[,;]|,?{W}and){W}{PART})*)?", re.IGNORECASE
)
ZAMMAD = re.compile(rf"docs/zammad\.md(?P<parts>,?{W}{SECTION}(?:{MORE}{SECTION})*)?")
AWS = re.compile(rf"docs/aws\.md(?P<parts>{W}{TRAP}(?:{MORE}{TRAP})*)?")
DOCUMENT = re.compile(r"docs/(?:[\w-]+/)*[\w-]+\.md|docs/decisions/\d{4}")
MODULE = re.compile(r"(?<![\w/<{.*-])(?:[\w-]+/)+[\w-]+\.py\b")
LINK = re.compile(r"\]\((?!https?:)(?P<path>[^)#]*)(?:#(?P<anchor>[^)]+))?\)")

ELSEWHERE = re.compile(
    rf"\[m\d+\]|osTicket{W}(?:contract|measured)|\bmeasured,?{W}\d+\.\d|\bdesign,{W}section"
    rf"|\bdesign\.md|\bdecision{W}\d{{4}}|aws-mend[s]|Zammad{W}contract"
)
"""How references once were written, to documents that only their authors had."""
BARE = re.compile(rf"(?<!signs of )\brows?{W}(?:[A-U]|\d{{1,2}})(?=[\s,.;:)\"])")
"""A row without its document; a row of a charset is none."""


def texts() -> Iterator[tuple[str, str]]:
    """Name and text of everything that may refer to a document."""
    files = [ROOT / "Makefile", *ROOT.glob("*.md"), *ROOT.glob("*.yaml"), *ROOT.glob("*.toml")]
    for folder in FOLDERS:
        files += (file for file in (ROOT / folder).rglob("*") if file.suffix in KINDS)
    for file in sorted(files):
        name = file.relative_to(ROOT).as_posix()
        if not name.startswith(BUILT) and file.is_file():
            yield name, file.read_text(encoding="utf-8")


TEXTS = dict(texts())


def line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def first_cells(document: str) -> set[str]:
    """What the rows of a document's tables begin with."""
    return set(re.findall(r"^\| ([\w.]+) \|", TEXTS[document], re.MULTILINE))


def slug(heading: str) -> str:
    """The anchor that a Markdown reader gives to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(document: Path) -> set[str]:
    return {
        slug(found)
        for found in re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    }


def test_documents_that_are_named_are_there() -> None:
    missing = [
        f"{name}:{line(text, found.start())}: {found[0]}"
        for name, text in TEXTS.items()
        for found in DOCUMENT.finditer(text)
        if not list(ROOT.glob(found[0] + "*"))
    ]
    assert not missing


def test_modules_that_are_named_with_their_folder_are_there() -> None:
    files = [f"/{name}" for name in TEXTS if name.endswith(".py")]
    missing = [
        f"{name}:{line(text, found.start())}: {found[0]}"
        for name, text in TEXTS.items()
        for found in MODULE.finditer(text)
        # CONTRIBUTING.md makes a new one.
        if "list_priorities" not in found[0]
        if not any(file.endswith(f"/{found[0]}") for file in files)
    ]
    assert not missing


def test_rows_and_sections_of_the_osticket_document_are_there() -> None:
    rows = first_cells("docs/osticket.md")
    sections = set(re.findall(r"^#+ (\d[\d.]*) ", TEXTS["docs/osticket.md"], re.MULTILINE))
    assert {"1", "42", "A", "P"} <= rows
    assert {"1.3", "3.0.1", "4.6", "5"} <= sections
    missing, seen = [], 0
    for name, text in TEXTS.items():
        for found in OSTICKET.finditer(text):
            parts = found["parts"] or ""
            named = re.findall(rf"rows?{W}({ROW}(?:{MORE}{ROW})*)", parts)
            wanted = {row for part in named for row in re.findall(ROW, part)} - rows
            rest = re.sub(ROWS, "", parts)
            wanted |= set(re.findall(SECTION, rest)) - sections
            seen += bool(parts)
            missing += [f"{name}:{line(text, found.start())}: {one}" for one in sorted(wanted)]
    assert seen > 100
    assert not missing


def test_every_row_of_a_document_has_a_name_of_its_own() -> None:
    for document in ("docs/osticket.md", "docs/aws.md"):
        # The rows of the first table only: later ones begin with what they are about.
        rules = TEXTS[document].partition("\n## Measured")[0]
        rows = re.findall(rf"^\| ({ROW}|{TRAP}) \|", rules, re.MULTILINE)
        assert len(rows) > 20
        assert sorted(rows) == sorted(set(rows))


def test_sections_of_the_zammad_document_are_there() -> None:
    text = TEXTS["docs/zammad.md"]
    sections = set(re.findall(r"^#+ (\d[\d.]*) ", text, re.MULTILINE))
    for part in re.split(r"^(?=## )", text, flags=re.MULTILINE):
        if number := re.match(r"## (\d+) ", part):
            listed = re.findall(r"^(\d+)\. ", part, re.MULTILINE)
            sections |= {f"{number[1]}.{one}" for one in listed}
    assert {"1", "7.4", "9.4", "17.5"} <= sections
    missing, seen = [], 0
    for name, text in TEXTS.items():
        for found in ZAMMAD.finditer(text):
            wanted = set(re.findall(SECTION, found["parts"] or ""))
            seen += bool(wanted)
            missing += [f"{name}:{line(text, found.start())}: {one}" for one in wanted - sections]
    assert seen > 10
    assert not missing


def test_traps_of_the_aws_document_are_there() -> None:
    traps = first_cells("docs/aws.md")
    missing, seen = [], 0
    for name, text in TEXTS.items():
        for found in AWS.finditer(text):
            wanted = set(re.findall(TRAP, found["parts"] or ""))
            seen += bool(wanted)
            missing += [f"{name}:{line(text, found.start())}: {one}" for one in wanted - traps]
    assert seen > 50
    assert not missing


def test_nothing_refers_to_documents_outside_the_repository() -> None:
    found = [
        f"{name}:{line(text, old.start())}: {old[0]}"
        for name, text in TEXTS.items()
        for old in ELSEWHERE.finditer(text)
    ]
    assert not found


def test_rows_are_named_with_their_document() -> None:
    found = []
    for name, text in TEXTS.items():
        if not name.endswith(".py"):
            continue
        plain = OSTICKET.sub(lambda known: " " * len(known[0]), text)
        found += [f"{name}:{line(text, row.start())}: {row[0]}" for row in BARE.finditer(plain)]
    assert not found


def test_examples_of_a_seed_are_there() -> None:
    folders = {folder.name for folder in (ROOT / "tests/http/seeds").iterdir()}
    named = {seed for text in TEXTS.values() for seed in re.findall(r"\b[Ss]eed (\d{3})\b", text)}
    assert named <= folders


@pytest.mark.parametrize("name", [name for name in TEXTS if name.endswith(".md")])
def test_links_lead_somewhere(name: str) -> None:
    document = ROOT / name
    for link in LINK.finditer(TEXTS[name]):
        path = link["path"].replace("%20", " ")
        target = document.parent / path if path else document
        assert target.exists(), link[0]
        if link["anchor"]:
            assert link["anchor"] in anchors(target), link[0]
