import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from dialects.osticket.plugin.xml import document

HEAD = '<?xml version="1.0"?>\n'


@pytest.mark.parametrize(
    ("value", "inside"),
    [
        ({"a": 1, "b": "x"}, "<response><a>1</a><b>x</b></response>"),
        ([1, 2], "<response><item>1</item><item>2</item></response>"),
        ({"children": [], "map": {}}, "<response><children/><map/></response>"),
        ({"n": None, "t": True, "f": False}, "<response><n/><t>1</t><f/></response>"),
        ({"a": 'é <&> "q"'}, '<response><a>&#xE9; &lt;&amp;&gt; "q"</a></response>'),
        ({"a": "😀\r\n"}, "<response><a>&#x1F600;&#xD;\n</a></response>"),
        ({"a": "x\x00\x1b\ud800\ufffey"}, "<response><a>xy</a></response>"),
        (
            {"Level 1 Support": {"open": 1}},
            '<response><item name="Level 1 Support"><open>1</open></item></response>',
        ),
        (
            {"123": 1, 'a"<\n': 2},
            '<response><item name="123">1</item><item name="a&quot;&lt;&#10;">2</item></response>',
        ),
        (
            {"a:b": 1, "Größe": 2},
            '<response><item name="a:b">1</item><item name="Gr&#xF6;&#xDF;e">2</item></response>',
        ),
    ],
)
def test_values_are_written(value: object, inside: str) -> None:
    assert document(value) == f"{HEAD}{inside}\n"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
)


@given(values)
def test_whatever_comes_out_is_xml_in_plain_ascii(value: object) -> None:
    written = document(value)
    assert written.isascii()
    assert fromstring(written).tag == "response"


@given(st.text())
def test_text_comes_back_but_for_what_xml_cannot_hold(text: str) -> None:
    kept = "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))
    assert (fromstring(document({"a": text})).findtext("a") or "") == kept
