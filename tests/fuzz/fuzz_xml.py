"""Coverage-guided fuzzing of XML bodies. By hand: atheris is no part of the test run.

    pip install atheris
    PYTHONPATH=.:layers/helpdesk:layers/dialects python tests/fuzz/fuzz_xml.py -runs=100000

Starts from documents of every shape that the contract knows, in several encodings, and from what
must be refused. Stops at the first exception that is no refusal of the dialect, at text that cannot
be stored, at an input that takes 10 seconds, or at 2 GB. Arguments are libFuzzer's.
"""

import atheris

with atheris.instrument_imports(include=["dialects", "helpdesk"]):
    from dialects.endpoint import Request
    from dialects.osticket.core import read_xml
    from dialects.osticket.words import Unreadable
    from helpdesk.errors import Invalid, NotFound
    from helpdesk.model.actor import Actor

from tests.fuzz.fuzzing import fuzz

TICKET = """<?xml version="1.0" encoding="utf-8"?>
<ticket alert="true" autorespond="false" source="API" xmlns:x="urn:x">
  <name>Angry User</name><email>api@osticket.com</email><x:subject>Grüße &amp; &#8364;</x:subject>
  <phone ext="123">318-555-8634</phone><message type="text/plain"><![CDATA[Message]]></message>
  <attachments><file name="a.txt" type="text/plain"><![CDATA[ content ]]></file>
  <file name="b.gif" encoding="base64">R0lGODdhAQABAPAAAP///</file>
  <file><name>c.md</name><data>text</data></file></attachments>
  <ip>123.211.233.122</ip><priority><id>2</id></priority><room>a</room><room>b</room>
  <message type="text/html" encoding="base64">PGI+aGk8L2I+</message>
</ticket>"""

DOCUMENTS = (
    TICKET.encode(),
    TICKET.replace("utf-8", "utf-16").encode("utf-16"),
    TICKET.replace("utf-8", "utf-32").encode("utf-32"),
    TICKET.replace("utf-8", "iso-8859-1").replace("&#8364;", "").encode("iso-8859-1"),
    TICKET.replace("utf-8", "shift_jis").replace("Grüße", "漢字").encode("shift_jis"),
    TICKET.replace("utf-8", "utf-7").encode("utf-7"),
    '<ticket message="a" encoding="ü"/>'.encode("utf-8-sig"),
    b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><ticket name="&b;"/>',
    b'<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><ticket><name>&x;</name></ticket>',
    b'<!DOCTYPE t SYSTEM "http://192.0.2.1/x.dtd"><ticket/>',
    b"<ticket>" + b"<a>" * 600,
    b"<ticket>" + b"<a/>" * 3_000 + b"</ticket>",
)

TOKENS = (
    *(
        "<ticket>",
        "</ticket>",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<?",
        "?>",
        "<!DOCTYPE",
        "<!ENTITY",
    ),
    *("&amp;", "&#x", "&lt;", "xmlns:", " encoding=", " type=", " name=", " ext=", "base64"),
    *("<attachments>", "<file>", "<data>", "<message>", "<phone>", "<priority>", "standalone="),
    *("utf-8", "utf-16", "utf-7", "iso-2022-jp", "shift_jis", "cp037", "zlib", "idna", "hex"),
)


def read_one(raw: bytes) -> None:
    """Reads one body and checks what must hold of any."""
    request = Request(
        method="POST",
        resource="/api/tickets.xml",
        path="/api/tickets.xml",
        params={},
        query={},
        headers={},
        body=raw,
        source_ip="192.0.2.1",
        base_url="https://desk.example",
        actor=Actor(key=1),
    )
    try:
        new = read_xml.new_ticket(request)
    except (Unreadable, Invalid, NotFound):
        return
    texts = [new.subject, new.body.text, new.requester.email, new.requester.name, new.ip]
    texts += [f"{file.name}{file.type}" for file in new.files]
    texts += [f"{name}{value}" for name, value in new.fields.items()]
    for said in texts:
        said.encode()
    # No entity stands for more than a character: what is read was all sent.
    if sum(map(len, texts)) > 2 * len(raw) + 200:
        raise AssertionError("more than was sent")


if __name__ == "__main__":
    fuzz(read_one, DOCUMENTS, words=TOKENS)
