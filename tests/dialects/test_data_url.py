import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialects.charsets import to_text
from dialects.data_url import BadData, DataUrl, decode, parse


@pytest.mark.parametrize(
    ("value", "kind", "charset", "data"),
    [
        ("data:,x", "", "", b"x"),
        ("data:text/html,MESSAGE <b>HERE</b>", "text/html", "", b"MESSAGE <b>HERE</b>"),
        ("data:text/html;base64,w6k=", "text/html", "", b"\xc3\xa9"),
        ("data:text/plain;charset=utf-8;base64,aGVsbG8=", "text/plain", "utf-8", b"hello"),
        ("data:text/plain;base64;charset=utf-8,aGVsbG8=", "text/plain", "utf-8", b"hello"),
        ("data:;charset=ISO-8859-1;BASE64,6Q==", "", "iso-8859-1", b"\xe9"),
        ('data:Text/Plain; charset="Windows-1252",x', "text/plain", "windows-1252", b"x"),
        ("data:text/plain,a%20b", "text/plain", "", b"a b"),
        ("data:text/plain,100% sure %20", "text/plain", "", b"100% sure %20"),
        ("data:text/plain;base64,aGVsbG8%3D", "text/plain", "", b"hello"),
        ("data:text/plain,a,b,c", "text/plain", "", b"a,b,c"),
        ("data:image/svg+xml;name=a.svg;base64,aGk", "image/svg+xml", "", b"hi"),
        ("data:text/plain,é", "text/plain", "", "é".encode()),
        ("data:application/x;base64,", "application/x", "", b""),
        # What is no URI stands as it was written: HTML keeps the escapes in its links.
        *(
            (f"data:text/html,{html}", "text/html", "", html.encode())
            for html in (
                '<a href="https://x/reset?next=%2Fhome%3Fa%3D1&q=a%26b">reset</a>',
                "50%AB off",
                "line%20one\nline%20two",
                "é%41",
                "<b>%41</b>",
            )
        ),
        ("data:text/html,%3Cb%3Ea%26b%3C/b%3E", "text/html", "", b"<b>a&b</b>"),
        ("data:text/plain;charset=iso-8859-1,%E9", "text/plain", "iso-8859-1", b"\xe9"),
        ("data:text/plain;charset=iso-8859-1,é", "text/plain", "", "é".encode()),
    ],
)
def test_parameters_come_in_any_order(value: str, kind: str, charset: str, data: bytes) -> None:
    assert parse(value) == DataUrl(kind, charset, data)


@pytest.mark.parametrize(
    "value", ["hello", "DATA:,x", "data: my figures, attached", "data:x", "data:", ""]
)
def test_other_texts_are_no_data_urls(value: str) -> None:
    assert parse(value) is None


@pytest.mark.parametrize(
    "encoded", [b"a", b"a===", b"aGk=x", b"a-_b", b"a!b=", b"\xff\xff\xff\xff", b"aG=k"]
)
def test_base64_is_strict(encoded: bytes) -> None:
    with pytest.raises(BadData):
        decode(encoded)


def test_base64_forgives_white_space_and_missing_padding() -> None:
    assert decode(b" aGVs\r\n\tbG8") == b"hello"


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("é".encode(), "", "é"),
        (b"\xe9", "iso-8859-1", "é"),
        (b"\xe9", "iso8859-1", "é"),
        (b"\xe9", "us-ascii", "é"),
        (b"\x80", "windows-1252", "€"),
        (b"\x80", "windows1252", "€"),
        ("한".encode("cp949"), "ks_c_5601-1987", "한"),
        ("汉".encode("gbk"), "gb2312-80", "汉"),
        ("é".encode("utf-16"), "utf-16", "é"),
        (b"a\xffb", "utf-8", "ab"),
        ("é".encode(), "no-such-charset", "é"),
        (b"abc", "zlib", "abc"),
        (b"abc", "idna", "abc"),
        (b"\\ud800", "unicode_escape", "\\ud800"),
        (b"a+2AA-b", "utf-7", "ab"),
        (b"x", "a\x00b", "x"),
    ],
)
def test_charsets_are_converted(data: bytes, charset: str, text: str) -> None:
    assert to_text(data, charset) == text


@given(st.text() | st.text().map("data:".__add__) | st.from_regex(r"data:[a-z/;=,%]{0,30}"))
def test_anything_is_a_data_url_or_a_text(value: str) -> None:
    try:
        found = parse(value.encode("utf-8", "ignore").decode())
    except BadData:
        return
    if found:
        to_text(found.data, found.charset).encode()


@given(st.binary())
def test_what_was_encoded_comes_back(data: bytes) -> None:
    import base64

    found = parse(f"data:application/octet-stream;base64,{base64.b64encode(data).decode()}")
    assert found
    assert found.data == data
