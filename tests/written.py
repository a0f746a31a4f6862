"""Dates, addresses, data URLs and booleans as clients write them, and many invalid ones."""

from base64 import b64encode
from datetime import timedelta, timezone
from urllib.parse import quote

from hypothesis import strategies as st

_OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
_DAYS = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%m/%d/%Y", "%m/%d/%y", "%d %B %Y", "%b %d, %Y", "%c")
_CLOCKS = ("", " %H:%M", "T%H:%M:%SZ", "T%H%M%S", " %I:%M %p", "T%H:%M:%S.%f%z")

DATES: st.SearchStrategy[object] = st.one_of(
    st.datetimes(timezones=st.none() | _OFFSETS).map(lambda moment: moment.isoformat()),
    st.builds(
        lambda moment, day, clock: moment.strftime(day + clock),
        st.datetimes(timezones=st.none() | _OFFSETS),
        st.sampled_from(_DAYS),
        st.sampled_from(_CLOCKS),
    ),
    st.integers(-(10**18), 10**18),
    st.integers(0, 10**15).map(str),
    st.floats(allow_nan=False, allow_infinity=False),
    st.from_regex(r"\A\d{1,4}[-/. ]?\d{1,2}[-/. ]?\d{1,4}( \d{1,2}:\d{2}( [AP]M)?)?\Z"),
    st.text("0123456789-/:+ TZWPMapmNov.,", max_size=24),
    st.text(max_size=40),
    st.sampled_from(["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "0000-00-00", "now"]),
)

_WORDS = st.lists(
    st.sampled_from(
        (
            *("<", ">", "@", ",", ";", ":", "(", ")", '"', ".", " ", "\\", "\r", "\n", "\t"),
            *("jane", "Doe", "example.com", "localhost", "[192.0.2.1]", "ä", "xn--", "x" * 70),
            *("=?utf-8?q?=C3=A4?=", "=?utf-8?b?//8=?=", "\u202e", "\0"),
        )
    ),
    max_size=24,
).map("".join)

ADDRESSES: st.SearchStrategy[str] = st.one_of(
    st.emails(),
    st.builds("{} <{}>".format, st.text(max_size=30), st.emails()),
    st.builds('"{}" <{}>'.format, st.text(max_size=30), st.emails()),
    st.builds("{} ({})".format, st.emails(), st.text(max_size=30)),
    st.builds("{}@{}".format, st.text(max_size=20), st.text(max_size=20)),
    st.builds("{}, {}".format, st.emails(), st.emails()),
    _WORDS,
    st.text(max_size=80),
)

_CHARSETS = ("binary", "utf-8", "us-ascii", "iso-8859-1", "utf-16", "utf-7", "zlib", "bogus", '"')
_PARAMETER = st.one_of(
    st.sampled_from([";base64", ";BASE64", "; base64", ";name=a.b", ";", ";x", ";charset", ";="]),
    st.sampled_from(_CHARSETS).map(";charset={}".format),
    st.sampled_from(_CHARSETS).map("; charset={}".format),
)
_TYPES = ("", "text/plain", "text/html", "image/png", "application/pdf", "bogus", "text/*", "é/x")

DATA_URLS: st.SearchStrategy[str] = st.one_of(
    st.builds(
        "{}{}{}{}{}".format,
        st.sampled_from(["data:", "data:", "DATA:", " data:", "data: ", ""]),
        st.sampled_from(_TYPES),
        st.lists(_PARAMETER, max_size=4).map("".join),
        st.sampled_from([",", ",", ",", "", ";"]),
        st.one_of(
            st.binary(max_size=100).map(lambda data: b64encode(data).decode()),
            st.text(max_size=60).map(quote),
            st.text("%0aAfFgG<>&\"' \n=+/", max_size=40),
            st.text(max_size=60),
        ),
    ),
    st.text(max_size=60),
)

_SPOKEN = st.sampled_from(
    ["true", "false", "yes", "no", "on", "off", "0", "1", "", "null", "y", "n", "FALSE", "Off"]
)

BOOLEANS: st.SearchStrategy[object] = st.one_of(
    st.booleans(),
    st.none(),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False, allow_infinity=False),
    st.builds("{}{}{}".format, st.sampled_from(["", " ", "\n\t"]), _SPOKEN, st.text(max_size=2)),
    st.text(max_size=20),
    st.lists(st.booleans() | _SPOKEN, max_size=2),
    st.dictionaries(_SPOKEN, st.booleans(), max_size=2),
)
