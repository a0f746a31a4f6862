"""GET /console: what is served, how large it is, and what its sources may not do."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from local.cloud import ROOT, LocalCloud
from tests.http.desk import Answer, Desk

FILES = ROOT / "functions/admin/console/files"
SOURCES = ROOT / "console/src"
STYLE = SOURCES / "console.css"

KILO = 1000
LARGEST_SCRIPT = 60 * KILO
LARGEST_STYLE = 8 * KILO
LARGEST_ALL = 75 * KILO
"""Bytes as brotli leaves them."""


def get(desk: Desk, path: str, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return desk.call("GET", path, key=None, headers=named)


def loaded(page: Answer) -> list[str]:
    return re.findall(r'(?:href|src)="(/[^"]+)"', page.text)


@pytest.mark.parametrize("prefix", ["", "/desk"])
def test_the_document_names_its_two_files_and_where_the_api_is(desk: Desk, prefix: str) -> None:
    page = get(desk, f"{prefix}/console")
    assert (page.status, page.type) == (200, "text/html; charset=UTF-8")
    assert f'data-api="{prefix}/api/admin"' in page.text
    names = loaded(page)
    assert [name.rsplit(".", 1)[1] for name in names] == ["css", "js"]
    for name in names:
        assert name.startswith(f"{prefix}/console/app-")
        file = get(desk, name)
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert file.body == (FILES / name.rsplit("/", 1)[1]).read_bytes()


def test_the_document_is_asked_for_again_and_not_sent_twice(desk: Desk) -> None:
    page = get(desk, "/console/")
    assert page.headers["cache-control"] == "no-cache"
    again = get(desk, "/console", If_None_Match=page.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert get(desk, "/desk/console").headers["etag"] != page.headers["etag"]


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
def test_files_come_as_the_browser_takes_them(
    desk: Desk, accepted: str, encoding: str | None
) -> None:
    for name in loaded(get(desk, "/console")):
        file = get(desk, name, Accept_Encoding=accepted)
        plain = (FILES / name.rsplit("/", 1)[1]).read_bytes()
        assert file.headers.get("content-encoding") == encoding
        assert file.headers["vary"] == "Accept-Encoding"
        assert (len(file.body) < len(plain) / 2) == (encoding is not None)
        if encoding == "gzip":
            assert gzip.decompress(file.body) == plain
        if encoding is None:
            assert zlib.crc32(file.body) == zlib.crc32(plain)


def test_all_is_sealed(desk: Desk) -> None:
    page = get(desk, "/console")
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert policy.endswith("require-trusted-types-for 'script'; trusted-types desk")
    for name in ["/console", *loaded(page)]:
        headers = get(desk, name).headers
        assert headers["content-security-policy"] == policy
        assert headers["strict-transport-security"] == "max-age=63072000"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
    # Scripts and styles come from files only: the policy would stop any other.
    assert not re.search(r"<script>|\son\w+=|<style|style=", page.text)


@pytest.mark.parametrize("file", ["app.js", "app.py", "..%2Fapp.py", "%00", "app-x.js.br"])
def test_nothing_else_is_there(desk: Desk, file: str) -> None:
    answer = get(desk, f"/console/{file}")
    assert (answer.status, answer.json["error"]["code"]) == (404, "not_found")


def test_it_can_only_be_read(desk: Desk) -> None:
    answer = desk.call("POST", "/console")
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_without_its_files_it_says_what_is_missing(
    desk: Desk, cloud: LocalCloud, tmp_path: Path
) -> None:
    app = cloud.functions.module("AdminConsole")
    with patch.object(app, "__file__", str(tmp_path / "app.py")):
        answer = get(desk, "/console")
    assert (answer.status, answer.headers["cache-control"]) == (503, "no-store")
    assert "<code>make console</code>" in answer.text


def test_it_stays_within_its_budget() -> None:
    script, style = (
        sum(file.stat().st_size for file in FILES.glob(f"*.{kind}.br")) for kind in ("js", "css")
    )
    print(f"\nJavaScript {script}, CSS {style} bytes of brotli")  # noqa: T201
    assert 0 < script <= LARGEST_SCRIPT
    assert 0 < style <= LARGEST_STYLE
    assert script + style <= LARGEST_ALL


def test_what_is_served_was_built_of_these_sources() -> None:
    built = FILES.stat().st_mtime
    assert [file.name for file in SOURCES.rglob("*.*") if file.stat().st_mtime > built] == []


def sources() -> Iterator[tuple[str, str]]:
    for file in sorted(SOURCES.rglob("*.ts*")):
        yield str(file.relative_to(SOURCES)), file.read_text(encoding="utf-8")


def test_text_becomes_markup_in_the_frames_of_mail_alone() -> None:
    risky = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|createPolicy|\beval\b|"
        r"new Function|createContextualFragment|setHTMLUnsafe"
    )
    found = {name for name, text in sources() if risky.search(text)}
    assert found <= {"parts/mailframe.tsx"}


def test_sources_name_no_host_and_no_inline_style() -> None:
    for name, text in sources():
        assert not re.search(r"https?://(?!www\.w3\.org/)", text), name
        assert "style=" not in text, name


def test_modules_are_short() -> None:
    assert {
        name: len(text.splitlines()) for name, text in sources() if text.count("\n") > 400
    } == {}


# --- colours: what section 1.4.3 and 1.4.11 of WCAG 2.2 ask for ------------------------------

TEXT = 4.5
MARK = 3.0

PAIRS = {
    ("text", "bg"): TEXT,
    ("text", "surface"): TEXT,
    ("text", "sunken"): TEXT,
    ("text", "accent-soft"): TEXT,
    ("text", "warn-soft"): TEXT,
    ("text", "danger-soft"): TEXT,
    ("muted", "bg"): TEXT,
    ("muted", "surface"): TEXT,
    ("muted", "sunken"): TEXT,
    ("accent", "bg"): TEXT,
    ("accent", "surface"): TEXT,
    ("accent", "accent-soft"): TEXT,
    ("on-accent", "accent"): TEXT,
    ("danger", "surface"): TEXT,
    ("danger", "danger-soft"): TEXT,
    ("on-danger", "danger"): TEXT,
    ("warn", "surface"): TEXT,
    ("warn", "warn-soft"): TEXT,
    ("edge", "surface"): MARK,
    ("edge", "bg"): MARK,
    ("edge", "sunken"): MARK,
    ("focus", "surface"): MARK,
    ("focus", "bg"): MARK,
}


def themes() -> dict[str, dict[str, str]]:
    text = STYLE.read_text(encoding="utf-8")
    found = {
        selector: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", body))
        for selector, body in re.findall(r"(:root[^\s{]*) \{([^}]*)\}", text)
    }
    return {name: colours for name, colours in found.items() if colours}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_theme_has_contrast() -> None:
    light, system_dark, dark = themes().values()
    assert system_dark == dark
    for colours in (light, dark):
        for (front, back), least in PAIRS.items():
            one, other = sorted((luminance(colours[front]), luminance(colours[back])))
            assert (other + 0.05) / (one + 0.05) >= least, (front, back)
