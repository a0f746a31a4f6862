"""The readers that every door shares, on whatever clients write: they read or refuse, and what they
read can be kept and shown.

    pytest --hypothesis-profile=readers --timeout=0 -n 4 --dist load tests/dialects/test_readers.py

gives 100,000 values to each.
"""

import re
from contextlib import suppress
from datetime import UTC, timedelta, timezone

from hypothesis import given

from dialects.data_url import BadData, NoDataUrl, file_contents, parse
from helpdesk import times
from helpdesk.addresses import is_address
from helpdesk.catalogue.fields import truth
from helpdesk.clock import from_iso, to_iso
from helpdesk.mail_syntax import mailbox
from tests.written import ADDRESSES, BOOLEANS, DATA_URLS, DATES

BERLIN = times.zone("Europe/Berlin")
EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))


@given(DATES)
def test_a_date_is_refused_or_can_be_kept_and_shown_anywhere(written: object) -> None:
    try:
        moment = times.read(written, BERLIN)
    except ValueError:
        return
    assert moment.tzinfo is UTC
    assert abs(from_iso(to_iso(moment)) - moment) <= timedelta(milliseconds=1)
    for zone in (EAST, WEST):
        assert times.read(moment.astimezone(zone).isoformat()) == moment


@given(ADDRESSES)
def test_an_address_is_one_or_is_refused_whole(written: str) -> None:
    name, address = mailbox.read(written)
    if not is_address(address):
        assert (name, address) == ("", written.strip())
        return
    assert len(address) <= 254
    assert address.isprintable()
    assert mailbox.read(address) == ("", address)
    name.encode()


@given(DATA_URLS)
def test_a_data_url_is_refused_or_has_contents(written: str) -> None:
    with suppress(BadData):
        if url := parse(written):
            url.text().encode()
    try:
        data, _ = file_contents(written)
    except (BadData, NoDataUrl):
        return
    assert isinstance(data, bytes)
    # What calls itself a data URL is never the contents of a file.
    if re.match(r"data:[^\s,]*,", written, re.IGNORECASE):
        assert data != written.encode()


@given(BOOLEANS)
def test_a_boolean_is_yes_or_no_in_any_case(written: object) -> None:
    read = truth(written)
    assert isinstance(read, bool)
    if isinstance(written, str) and written.isascii():
        assert truth(f" {written.upper()}\n") is read
        assert truth(written.lower()) is read
