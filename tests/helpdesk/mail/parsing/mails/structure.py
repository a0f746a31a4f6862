"""Misplaced boundaries, blank lines and bodies."""

from tests.helpdesk.mail.parsing.mails.building import (
    ALTERNATIVE,
    HELLO,
    MIXED,
    PDF,
    Case,
    in_base64,
    mail,
    part,
    parts,
    pdf,
)

CASES = [
    Case(
        "no boundary named",
        "absent boundaries",
        mail(parts(HELLO, pdf(), boundary="=_xyz"), "Content-Type: multipart/mixed"),
        ("It is broken.",),
        files=(("scan.pdf", PDF),),
    ),
    Case(
        "another boundary named",
        "absent boundaries",
        mail(
            parts(HELLO, pdf(), boundary="real"), 'Content-Type: multipart/mixed; boundary="named"'
        ),
        ("It is broken.",),
        files=(("scan.pdf", PDF),),
    ),
    Case(
        "boundary named, none there",
        "absent boundaries",
        mail("It is broken.\r\nAll of it.\r\n", MIXED),
        ("It is broken.", "All of it."),
    ),
    Case(
        "content type lost",
        "absent boundaries",
        mail(parts(HELLO, pdf(), boundary="=_xyz")),
        ("It is broken.",),
        files=(("scan.pdf", PDF),),
    ),
    Case(
        "never closed",
        "unclosed boundaries",
        mail(parts(HELLO, pdf(), end=False), MIXED),
        ("It is broken.",),
        files=(("scan.pdf", PDF),),
    ),
    Case(
        "inner multipart never closed",
        "unclosed boundaries",
        mail(
            parts(
                part(
                    parts(HELLO, boundary="b2", end=False),
                    "Content-Type: multipart/alternative; boundary=b2",
                ),
                pdf(),
            ),
            MIXED,
        ),
        ("It is broken.",),
        files=(("scan.pdf", PDF),),
    ),
    Case(
        "goes on behind the end",
        "unclosed boundaries",
        mail(parts(HELLO) + parts(pdf()), MIXED),
        ("It is broken.",),
        files=(("scan.pdf", PDF),),
    ),
    Case(
        "one boundary for two levels",
        "unclosed boundaries",
        mail(
            parts(part(parts(HELLO), "Content-Type: multipart/alternative; boundary=b1"), pdf()),
            MIXED,
        ),
        ("It is broken.",),
        files=(("scan.pdf", PDF),),
    ),
    Case(
        "one boundary begins like the other",
        "unclosed boundaries",
        mail(
            parts(
                part(
                    parts(HELLO, boundary="b11"),
                    "Content-Type: multipart/alternative; boundary=b11",
                ),
                pdf(),
            ),
            MIXED,
        ),
        ("It is broken.",),
        files=(("scan.pdf", PDF),),
    ),
    Case(
        "boundary without quotes, with blanks",
        "absent boundaries",
        mail(
            parts(HELLO, pdf(), boundary="a b=c"), "Content-Type: multipart/mixed; boundary=a b=c"
        ),
        ("It is broken.",),
        files=(("scan.pdf", PDF),),
    ),
    Case(
        "multipart as a whole in base64",
        "absent boundaries",
        mail(in_base64(parts(HELLO, pdf())), MIXED, "Content-Transfer-Encoding: base64"),
        ("It is broken.",),
        files=(("scan.pdf", PDF),),
    ),
    Case(
        "text behind the last part",
        "nothing the sender wrote is lost",
        mail(parts(HELLO) + b"\r\nWritten below.\r\n", MIXED),
        ("It is broken.", "Written below."),
    ),
    Case(
        "no blank line after the header",
        "no blank line after the header",
        b"From: Anna <anna@example.com>\r\nSubject: Printer\r\nIt is broken.\r\nAll of it.\r\n",
        ("It is broken.", "All of it."),
    ),
    Case(
        "no blank line, first line like a field",
        "no blank line after the header",
        b"From: Anna <anna@example.com>\r\nSubject: Printer\r\n"
        b"Hello: it is broken.\r\nAll of it.\r\n",
        ("Hello: it is broken.", "All of it."),
    ),
    Case(
        "no blank line in a part",
        "no blank line after the header",
        mail(
            b"--b1\r\nContent-Type: text/plain\r\nIt is broken.\r\n--b1\r\n"
            + pdf()
            + b"\r\n--b1--\r\n",
            MIXED,
        ),
        ("It is broken.",),
        files=(("scan.pdf", PDF),),
    ),
    Case(
        "no blank line before the first boundary",
        "no blank line after the header",
        b"From: Anna <anna@example.com>\r\nSubject: Printer\r\n"
        + MIXED.encode()
        + b"\r\n"
        + parts(HELLO, pdf()),
        ("It is broken.",),
        files=(("scan.pdf", PDF),),
    ),
    Case(
        "no body at all",
        "no body at all",
        b"From: Anna <anna@example.com>\r\nSubject: Printer\r\nX-Odd: yes",
        body="",
    ),
    Case(
        "header cut in the middle",
        "no body at all",
        b"From: Anna <anna@example.com>\r\nSubject: Prin",
        subject="Prin",
        body="",
    ),
    Case("multipart without parts", "no body at all", mail(b"--b1--\r\n", MIXED), body=""),
    Case(
        "plain beside HTML in mixed",
        "plain text beside HTML in multipart/mixed (keep both)",
        mail(
            parts(
                part("First & plain.", "Content-Type: text/plain"),
                part("<p>Then <b>rich</b>.</p>", "Content-Type: text/html"),
                part("Plain again <b>.", "Content-Type: text/plain"),
            ),
            MIXED,
        ),
        ("First &amp; plain.", "<p>Then <b>rich</b>.</p>", "Plain again &lt;b&gt;."),
        format="html",
    ),
    Case(
        "alternative shows HTML once",
        "plain text beside HTML",
        mail(
            parts(
                part("plain form", "Content-Type: text/plain"),
                part("<p>rich form</p>", "Content-Type: text/html"),
            ),
            ALTERNATIVE,
        ),
        ("rich form",),
        hides=("plain form",),
        format="html",
    ),
    Case(
        "alternative with empty HTML",
        "nothing the sender wrote is lost",
        mail(
            parts(
                HELLO,
                part(
                    "<html><head><style>p{}</style></head><body>&nbsp;</body></html>",
                    "Content-Type: text/html",
                ),
            ),
            ALTERNATIVE,
        ),
        ("It is broken.",),
        format="text",
    ),
    Case(
        "alternative with a file in it",
        "nothing the sender wrote is lost",
        mail(
            parts(HELLO, part("<p>It is broken.</p>", "Content-Type: text/html"), pdf()),
            ALTERNATIVE,
        ),
        ("It is broken.",),
        files=(("scan.pdf", PDF),),
    ),
    Case(
        "pictures between HTML, as Apple Mail does",
        "plain text beside HTML",
        mail(
            parts(
                part("one two", "Content-Type: text/plain"),
                part(
                    parts(
                        part("<p>one</p>", "Content-Type: text/html"),
                        pdf(),
                        part("<p>two</p>", "Content-Type: text/html"),
                        boundary="b2",
                    ),
                    "Content-Type: multipart/mixed; boundary=b2",
                ),
            ),
            ALTERNATIVE,
        ),
        ("<p>one</p>", "<p>two</p>"),
        files=(("scan.pdf", PDF),),
        hides=("one two",),
    ),
    Case(
        "lines end in carriage returns only",
        "broken MIME",
        mail(parts(HELLO, part("Second.", "Content-Type: text/plain")), MIXED).replace(
            b"\r\n", b"\r"
        ),
        ("It is broken.", "Second."),
    ),
    Case(
        "lines end in line feeds only",
        "broken MIME",
        mail(parts(HELLO, pdf()), MIXED).replace(b"\r\n", b"\n"),
        ("It is broken.",),
        files=(("scan.pdf", PDF),),
    ),
    Case(
        "blank lines and a mark before the header",
        "broken MIME",
        b"\xef\xbb\xbf\r\n\r\n" + mail("It is broken."),
        ("It is broken.",),
    ),
    Case(
        "mbox line before the header",
        "broken MIME",
        b"From anna@example.com Mon Jan  1 00:00:00 2024\r\n" + mail("It is broken."),
        ("It is broken.",),
    ),
]
