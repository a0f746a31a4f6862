"""Paths and formats of the plugin's API, without a desk behind it."""

import pytest

from dialects.osticket.plugin import read
from dialects.osticket.words import Unreadable
from tests.dialects.osticket.conftest import request


@pytest.mark.parametrize(
    ("ref", "found"),
    [("781258.json", ("781258", "json")), ("5.xml", ("5", "xml")), ("A-1.xml", ("A-1", "xml"))],
)
def test_references(ref: str, found: tuple[str, str]) -> None:
    assert read.reference(request(params={"ref": ref}), "x.php", "ticket_number") == found


@pytest.mark.parametrize(
    "ref", ["", "781258", ".json", "781258.", "781258.JSON", "781258.pdf", "A.1.xml"]
)
def test_other_paths_are_told_the_pattern(ref: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read.reference(request(params={"ref": ref}), "tickets-get.php", "ticket_number")
    assert refused.value.words == (
        "Invalid URL format. Expected: /api/tickets-get.php/{ticket_number}.json"
    )


@pytest.mark.parametrize(
    ("ending", "query", "accept", "shape"),
    [
        ("", {}, "", "json"),
        (".json", {"format": "xml"}, "application/xml", "json"),
        (".xml", {}, "application/json", "xml"),
        ("", {"format": "XML"}, "application/json", "xml"),
        ("", {"format": "json"}, "text/xml", "json"),
        ("", {"format": "pdf"}, "text/xml", "xml"),
        ("", {}, "*/*", "json"),
        ("", {}, "application/json, application/xml", "json"),
        ("", {}, "application/json;q=0.5, application/xml;q=0.6", "xml"),
        ("", {}, "application/xml;q=0.1, */*;q=0.2", "json"),
        ("", {}, "application/xml;q=x, */*;q=0.2", "json"),
        ("", {}, ";;;q=,,/", "json"),
    ],
)
def test_lists_are_json_or_xml(ending: str, query: dict[str, str], accept: str, shape: str) -> None:
    asked = request(
        method="GET",
        resource=f"/api/tickets-statuses.php{ending}",
        query=query,
        headers={"accept": accept},
    )
    assert read.shape(asked) == shape
