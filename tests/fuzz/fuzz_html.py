"""Coverage-guided fuzzing of the cleaning of HTML and Markdown. By hand: atheris is no part of the
test run.

    pip install atheris
    PYTHONPATH=.:layers/helpdesk python tests/fuzz/fuzz_html.py -runs=100000

The first byte of an input says whether the rest is HTML or Markdown. Stops at the first exception,
at markup that could run, at text that cannot be stored, at an input that takes 10 seconds, or at
2 GB. Arguments are libFuzzer's.
"""

import re
from html.parser import HTMLParser

import atheris

with atheris.instrument_imports(include=["helpdesk", "markdown_it"]):
    from helpdesk import text
    from helpdesk.model.entries import Body, Format

    text.clean(text.render("*loaded while instrumented*"))
    text.plain("<p>loaded</p>")

from tests.fuzz.fuzzing import fuzz

DOCUMENTS = (
    'h<p onclick="x()">hi <script>1</script><b>bold<i>both</b></p>',
    "h<!DOCTYPE html><head><title>t</title><style>p{}</style></head><body><p>a<?php x ?></body>",
    "h<svg onload=alert(1)><a xlink:href='javascript:1'>x</a></svg><math><mtext></mtext></math>",
    'h<img src="data:image/png;base64,iVBORw0KGgo=" alt=x><img src=//far.example/x.png>',
    'h<table><tr><td style="color:red;background:url(//x)">a<td><a href="JaVaScRiPt:x">b</table>',
    "h<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "h<template><form><math><mtext></form><form><mglyph><style></math><img src onerror=1>",
    "h" + "<div><b>" * 300,
    "h<!--><script>1</script>--><![CDATA[<script>1</script>]]>&lt;script&gt;&#60;script&#62;",
    "m# Title\n\n* a\n* b\n\n[link](javascript:1) ![p](data:image/png;base64,AA==) <script>",
    "m| a | b |\n|---|---|\n| `c` | **d** |\n\n> quoted\n\n```\ncode\n```\n" + "[" * 50,
)

TOKENS = (
    *(
        "<script>",
        "<style>",
        "<svg>",
        "<math>",
        "<template>",
        "<noscript>",
        "<title>",
        "<textarea>",
    ),
    *("<img src=", "<a href=", "javascript:", "data:image/png;base64,", " onerror=", " style="),
    *(
        "<table>",
        "<td>",
        "<form>",
        "<select>",
        "<iframe ",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<plaintext>",
    ),
    *("&lt;", "&#x3c;", "&amp;", "cid:", "//", "![", "](", "```", "</", "/>", "='", "url("),
)

_RUNS = re.compile(r"\s*(?:(?:java|vb)script:|data:(?!image/))", re.IGNORECASE)


class _Watch(HTMLParser):
    """Looks at stored markup as a browser would: nothing in it may run or send anything off."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style", "iframe", "object", "embed", "form", "input", "svg", "math"}:
            raise AssertionError(tag)
        for name, value in attrs:
            if name.startswith("on") or (name in {"href", "src"} and _RUNS.match(value or "")):
                raise AssertionError(name)
            if name == "src" and re.match(r"\s*(?:https?:)?//", value or "", re.IGNORECASE):
                raise AssertionError("a picture from elsewhere")


def read_one(raw: bytes) -> None:
    """Takes in one body and checks what must hold of any."""
    kind: Format = "markdown" if raw[:1] == b"m" else "html"
    kept, files = text.sanitize(Body(raw[1:].decode(errors="surrogateescape"), kind))
    shown = text.as_html(kept)
    for said in (kept.text, shown, text.as_plain(kept), *(file.content_id for file in files)):
        said.encode()
        if text.strip_controls(said) != said:
            raise AssertionError("control characters")
    watch = _Watch()
    watch.feed(shown)
    watch.close()


if __name__ == "__main__":
    fuzz(read_one, map(str.encode, DOCUMENTS), words=TOKENS)
