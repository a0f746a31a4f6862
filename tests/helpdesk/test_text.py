import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk import text
from helpdesk.model.entries import Body, Format
from tests import pace


def stored(html: str) -> str:
    return text.sanitize(Body(html, "html"))[0].text


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ('<p onclick="x()">hi <script>1</script></p>', "<p>hi </p>"),
        ("<head><title>t</title></head><style>p{}</style><p>a", "<p>a</p>"),
        ("<!DOCTYPE html><?php x ?><p>a</p>", "<p>a</p>"),
        ('<form action="x"><input name=a><button>go</button></form>', "go"),
        ('<p id="x">a<b>c', "<p>a<b>c</b></p>"),
        ("<iframe src=//x></iframe><object data=x></object>a", "a"),
        ("<svg onload=alert(1)><a xlink:href='javascript:1'>x</a></svg>", ""),
        (
            '<p style="color:red;position:fixed;background:url(//x)">a</p>',
            '<p style="color:red">a</p>',
        ),
        ("😀 © &amp; ≠", "😀 © &amp; ≠"),
    ],
)
def test_html_is_cleaned(sent: str, kept: str) -> None:
    assert stored(sent).replace('<a rel="noopener noreferrer nofollow">x</a>', "") == kept


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", " JaVaScRiPt:1", "data:text/html,x", "vbscript:x"]
)
def test_links_that_run_lose_their_address(href: str) -> None:
    assert "href" not in stored(f'<a href="{href}">x</a>')


def test_links_tell_nobody_where_they_came_from() -> None:
    assert stored('<a href="https://a.example" target="_blank">x</a>') == (
        '<a href="https://a.example" target="_blank" rel="noopener noreferrer nofollow">x</a>'
    )


@pytest.mark.parametrize(
    "src", ["http://x/y.png", "https://x/y.png", "//x/y.png", "HTTP://x/y.png"]
)
def test_pictures_from_elsewhere_are_not_loaded(src: str) -> None:
    shown = stored(f'<img alt="a > b" src="{src}" width=3>')
    assert f'data-src="{src}"' in shown
    assert " src=" not in shown


def test_pictures_inside_become_inline_files() -> None:
    body, files = text.sanitize(Body('<p><img src="data:image/PNG;base64,aGk=\n">', "html"))
    (file,) = files
    assert (file.type, file.data, file.inline) == ("image/png", b"hi", True)
    assert body.text == f'<p><img src="cid:{file.content_id}"></p>'


@pytest.mark.parametrize(
    "src", ["data:image/svg+xml;base64,aGk=", "data:image/png;base64,aGk", "data:,x"]
)
def test_other_data_is_no_picture(src: str) -> None:
    body, files = text.sanitize(Body(f'<img src="{src}">', "html"))
    assert files == ()
    assert body.text == "<img>"


def test_markdown_becomes_html_and_its_html_stays_text() -> None:
    body, _ = text.sanitize(Body("## Hi\n\n**b** <script>x</script> [l](javascript:1)", "markdown"))
    assert body.format == "html"
    assert "<h2>Hi</h2>" in body.text
    assert "<strong>b</strong> &lt;script&gt;" in body.text
    assert "href" not in body.text


def test_huge_markdown_is_kept_as_text() -> None:
    sent = "a *b* " * 20_000
    assert text.sanitize(Body(sent, "markdown"))[0] == Body(sent, "text")


def test_text_is_kept_as_sent_but_for_control_characters() -> None:
    assert text.sanitize(Body("a\x00\x1b <b>\r\n\n\n\n c ", "text"))[0].text == "a <b>\r\n\n\n\n c "


@pytest.mark.parametrize("format_", ["html", "markdown"])
def test_entities_bring_no_control_characters(format_: Format) -> None:
    wild = "<b " * 3_000
    for sent in ("a&#24;b&#x9d;c&#xfffe;d", f"a&#24;b&#x9d;c&#xfffe;d{wild}"):
        body, _ = text.sanitize(Body(sent, format_))
        assert text.strip_controls(body.text) == body.text
        assert "abcd" in text.as_plain(body).replace("\ufffd", "")


def test_text_is_shown_escaped_once() -> None:
    assert text.as_html(Body("a < b & c\n\n\n\nd")) == "a &lt; b &amp; c\n\nd"
    assert text.as_html(Body("&amp; &lt; &#39; &#x27; &foo; & \"q\" 'x'")) == (
        "&amp; &lt; &#39; &#x27; &amp;foo; &amp; &quot;q&quot; 'x'"
    )


def test_html_as_plain_text() -> None:
    html = '<p>Hi <b>you</b></p><ul><li>a</li><li>b</li></ul><a href="http://x.y">here</a><br>z'
    assert text.as_plain(Body(html, "html")) == "Hi you\n\n* a\n* b\n\nhere <http://x.y>\nz"


def test_html_as_plain_text_keeps_what_indents() -> None:
    html = (
        "<p> Run: </p><pre>if x:\n    y()\n\tz()</pre>&nbsp;<br>&nbsp;<br><p>a<br>&nbsp; b   c </p>"
    )
    assert text.as_plain(Body(html, "html")) == "Run:\n\nif x:\n    y()\n    z()\n\na\n  b c"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\a.txt", "a.txt"),
        ("a\r\nb\x00.txt", "a b.txt"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("..", "file"),
        ("", "file"),
        (".htaccess", "htaccess"),
        ("ä" * 300 + ".png", "ä" * 98 + ".png"),
    ],
)
def test_names_of_files_are_safe(name: str, safe: str) -> None:
    assert text.safe_name(name) == safe


def test_one_line_folds_every_kind_of_break() -> None:
    assert text.one_line(" a\r\n b\u2028c\x85d\te\x0bf ") == "a b c d e f"
    assert text.one_line("a\r\x1b\rb") == "a b"


def test_fold_ignores_case_accents_and_width() -> None:
    assert text.fold("Ärger \N{FULLWIDTH LATIN CAPITAL LETTER A}B Straße") == text.fold(
        "aRGER ab STRASSE"
    )


def test_tags_are_stripped_and_comparisons_stay() -> None:
    assert text.strip_tags("a < b <b>c</b> &lt;i&gt;d &amp; 1<2") == "a < b c d & 1<2"


@given(st.text())
def test_safe_names_hold_for_anything(name: str) -> None:
    safe = text.safe_name(name)
    assert safe
    assert len(safe.encode()) <= 200
    assert not re.search(r"[/\\\x00-\x1f]", safe)


markup = st.lists(
    st.sampled_from(
        [
            *("<p>", "</p>", "<b>", "<a href='javascript:x'>", "<img src=x onerror=y>", "<!--"),
            *("-->", "<", "<script>", "</script>", "<svg>", "<style>", '"', "'", ">", "x", " on="),
            *("&lt;", "\x00"),
        ]
    )
).map("".join)


@given(markup | st.text())
def test_cleaning_is_final_and_nothing_runs(html: str) -> None:
    once = stored(html)
    assert stored(once) == once
    assert not re.search(
        r"<(script|svg|style|form)|<[^>]*\son\w+=|javascript:", once, re.IGNORECASE
    )


WILD = {
    "deep": "<div>" * 60_000,
    "formats": "".join(f"<b title={i}>" for i in range(3_000)) + "<p>x</p>" * 30_000,
    "reopened": "<p>" + "".join(f"<b title={i}>" for i in range(900)) + "</p><p>x" * 30_000,
    "attributes": "<p " + " ".join(f"a{i}" for i in range(90_000)) + ">",
    "hidden attributes": '<p " ' + " ".join(f"a{i}" for i in range(90_000)) + ">",
    "closed in comments": "<div><!--</div>-->" * 20_000,
    "comments": "<!--" * 60_000,
    "quotes": '<a b="' * 40_000,
    "ampersands": "a&b" * 500_000,
    "fixed blanks": "a&nbsp;b" * 300_000,
    "ampersands and ends of nothing": "a&b</x>" * 200_000,
    "ampersands that are shown": f"<textarea>{'a&b' * 500_000}",
    "ampersands in an address": f'<a href="?{"a&b" * 600_000}">x</a>',
    "ampersands where nothing is sure": f'<p>x</p><a b="{"a&b" * 600_000}',
}


@pytest.mark.exhaustive
@pytest.mark.parametrize("html", WILD.values(), ids=WILD)
def test_wild_html_takes_no_longer_than_tame(html: str) -> None:
    with pace.within(2):
        body, _ = text.sanitize(Body(html, "html"))
    assert len(body.text) <= 2 * len(html)


def test_large_html_stays_as_it_is_where_no_text_of_it_is_wild() -> None:
    row = '<tr><td>Tom &amp; Co</td><td><a href="?a=1&amp;b=2">x</a></td></tr>'
    picture = f'<img src="data:image/png;base64,{"AAAA" * 300_000}">'
    body, files = text.sanitize(Body(f"<table>{row * 30_000}</table>{picture}", "html"))
    assert body.format == "html"
    assert body.text.count("Tom &amp; Co") == 30_000
    assert [len(file.data) for file in files] == [900_000]


@pytest.mark.exhaustive
@pytest.mark.parametrize("piece", ["[", "![", "*a ", "`", ">", "- ", "<", "[a](b", "_*", "a\n"])
def test_wild_markdown_takes_bounded_time(piece: str) -> None:
    with pace.within(10):
        text.sanitize(Body(piece * (text.LONGEST_MARKDOWN // len(piece)), "markdown"))
