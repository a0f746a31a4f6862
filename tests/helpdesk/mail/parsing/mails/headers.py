"""Contents of headers, and their authors."""

from base64 import b64encode

from tests.helpdesk.mail.parsing.mails.building import (
    HELLO,
    MIXED,
    PDF,
    Case,
    mail,
    part,
    parts,
    pdf,
)

CASES = [
    Case(
        "doubled subject and from",
        "doubled headers",
        b"From: Anna <anna@example.com>\r\nFrom: Eve <eve@example.com>\r\n"
        b"Subject:\r\nSubject: Printer\r\nSubject: Other\r\n"
        b"To: a@example.org\r\nTo: b@example.org\r\n\r\nIt is broken.",
        ("It is broken.",),
    ),
    Case(
        "word encoded twice",
        "doubled headers",
        mail("x", subject="=?utf-8?Q?=3D=3Futf-8=3FB=3FUHJpbnRlcg=3D=3D=3F=3D?="),
        ("x",),
    ),
    Case(
        "word encoded three times",
        "doubled headers",
        mail(
            "x",
            subject=b"=?utf-8?B?"
            + b64encode(b"=?us-ascii?Q?=3D=3Futf-8=3FQ=3FDr=3DC3=3DBCcker=3F=3D?=")
            + b"?=",
        ),
        ("x",),
        subject="Drücker",
    ),
    Case(
        "doubled content type",
        "doubled headers",
        mail(parts(HELLO, pdf()), "Content-Type: text/plain", MIXED),
        ("It is broken.",),
        files=(("scan.pdf", PDF),),
    ),
    Case(
        "raw UTF-8 in headers",
        "raw 8-bit headers",
        mail("x", subject="Drücker 🖨", sender="Änna <anna@example.com>"),
        ("x",),
        subject="Drücker 🖨",
        sender_name="Änna",
    ),
    Case(
        "raw Latin-1 in headers",
        "raw 8-bit headers",
        mail(
            "x",
            subject="Drücker für Büro".encode("latin-1"),
            sender="Jörg <anna@example.com>".encode("latin-1"),
        ),
        ("x",),
        subject="Drücker für Büro",
        sender_name="Jörg",
    ),
    Case(
        "raw Shift_JIS in headers",
        "raw 8-bit headers",
        mail(
            "プリンタが壊れた".encode("cp932"),
            "Content-Type: text/plain; charset=Shift_JIS",
            subject="プリンタ".encode("cp932"),
            sender="山田 <anna@example.com>".encode("cp932"),
        ),
        ("プリンタが壊れた",),
        subject="プリンタ",
        sender_name="山田",
    ),
    Case(
        "raw KOI8-R in headers of a multipart",
        "raw 8-bit headers",
        mail(
            parts(
                part("Принтер сломан".encode("koi8-r"), "Content-Type: text/plain; charset=koi8-r")
            ),
            MIXED,
            subject="Принтер".encode("koi8-r"),
        ),
        ("Принтер сломан",),
        subject="Принтер",
    ),
    Case(
        "raw ISO-2022-JP in headers",
        "raw 8-bit headers",
        mail("x", subject="プリンタ".encode("iso2022_jp")),
        ("x",),
        subject="プリンタ",
    ),
    Case(
        "base64 without padding",
        "wrongly padded headers",
        mail("x", subject="=?utf-8?B?RHLDvGNrZXI?="),
        ("x",),
        subject="Drücker",
    ),
    Case(
        "base64 padded too much",
        "wrongly padded headers",
        mail("x", subject="=?utf-8?B?RHLDvGNrZXI====?="),
        ("x",),
        subject="Drücker",
    ),
    Case(
        "base64 with a letter too many",
        "wrongly padded headers",
        mail("x", subject="=?utf-8?B?UHJpbnRlcgA?= =?utf-8?B?UHJpbnRlcgx?="),
        ("x",),
        subject="PrinterPrinter",
    ),
    Case(
        "letter cut between two words",
        "encoded headers",
        mail("x", subject="=?utf-8?B?RHLD?=\r\n =?utf-8?B?vGNrZXI=?="),
        ("x",),
        subject="Drücker",
    ),
    Case(
        "word with blanks and a question mark",
        "encoded headers",
        mail("x", subject="=?utf-8?Q?Warum? Dr=C3=BCcker kaputt??="),
        ("x",),
        subject="Warum? Drücker kaputt?",
    ),
    Case(
        "word that never ends",
        "encoded headers",
        mail("x", subject="=?utf-8?Q?Dr=C3=BCcker"),
        ("x",),
        subject="Drücker",
    ),
    Case(
        "word inside a word's neighbour",
        "encoded headers",
        mail("x", subject="Re:=?utf-8?Q?Dr=C3=BCcker?=!"),
        ("x",),
        subject="Re:Drücker!",
    ),
    Case(
        "word in quotes with a comma",
        "encoded headers",
        mail("x", sender='"=?utf-8?Q?M=C3=BCller=2C_Anna?=" <anna@example.com>'),
        ("x",),
        sender_name="Müller, Anna",
    ),
    Case(
        "address and all encoded",
        "encoded headers",
        mail("x", sender="=?utf-8?Q?Anna_=3Canna=40example.com=3E?="),
        ("x",),
    ),
    Case(
        "word in an unknown charset",
        "encoded headers",
        mail("x", subject="=?x-klingon?Q?Dr=FCcker?="),
        ("x",),
        subject="Drücker",
    ),
    Case(
        "word with a language",
        "encoded headers",
        mail("x", subject="=?utf-8*de?Q?Dr=C3=BCcker?="),
        ("x",),
        subject="Drücker",
    ),
    Case(
        "line breaks in an encoded subject",
        "line breaks in encoded subjects",
        mail("x", subject="=?utf-8?Q?Prin=0D=0ABcc:_eve=40example.com?="),
        ("x",),
        subject="Prin Bcc: eve@example.com",
    ),
    Case(
        "line separator in an encoded subject",
        "line breaks in encoded subjects",
        mail(
            "x", subject="=?utf-8?B?" + b64encode("Prin\u2028ter\x85!\x00".encode()).decode() + "?="
        ),
        ("x",),
        subject="Prin ter!",
    ),
    Case(
        "folded without a blank",
        "encoded headers",
        b"From: Anna <anna@example.com>\r\nSubject: A subject that was\r\ncut by a relay\r\n"
        b"MIME-Version: 1.0\r\n\r\nIt is broken.",
        ("It is broken.",),
        subject="A subject that was cut by a relay",
    ),
    Case(
        "blank before the colon",
        "encoded headers",
        b"From : Anna <anna@example.com>\r\nSubject  : Printer\r\n\r\nIt is broken.",
        ("It is broken.",),
    ),
    Case(
        "comma without quotes",
        "addresses",
        mail("x", sender="Berg, Anna <anna@example.com>"),
        ("x",),
        sender_name="Berg, Anna",
    ),
    Case(
        "quote that never closes", "addresses", mail("x", sender='"Anna <anna@example.com>'), ("x",)
    ),
    Case(
        "bracket that never closes", "addresses", mail("x", sender="Anna <anna@example.com"), ("x",)
    ),
    Case(
        "name in a comment",
        "addresses",
        mail("x", sender="anna@example.com (Anna (from home))"),
        ("x",),
        sender_name="Anna (from home)",
    ),
    Case(
        "name and comment",
        "addresses",
        mail("x", sender='"Anna" <anna@example.com> (work)'),
        ("x",),
        sender_name="Anna (work)",
    ),
    Case(
        "address as its own name",
        "addresses",
        mail("x", sender="anna@example.com <anna@example.com>"),
        ("x",),
        sender_name="anna@example.com",
    ),
    Case(
        "mailto in square brackets",
        "addresses",
        mail("x", sender="Anna [mailto:anna@example.com]"),
        ("x",),
    ),
    Case(
        "internationalised address",
        "internationalised addresses (their own person)",
        mail("x", sender="Jörg <jörg@exämple.de>"),
        ("x",),
        sender="jörg@exämple.de",
        sender_name="Jörg",
    ),
    Case(
        "internationalised address in Chinese",
        "internationalised addresses (their own person)",
        mail("x", sender="用户 <用户@例え.jp>"),
        ("x",),
        sender="用户@例え.jp",
        sender_name="用户",
    ),
    Case(
        "no From",
        "no From (a ticket from nobody)",
        b"To: support@example.org\r\nSubject: Printer\r\n\r\nIt is broken.",
        ("It is broken.",),
        sender="",
        sender_name="",
    ),
    Case(
        "empty From",
        "no From (a ticket from nobody)",
        mail("x", sender="<>"),
        ("x",),
        sender="",
        sender_name="",
        bounce=True,
    ),
    Case(
        "From without an address",
        "no From (a ticket from nobody)",
        mail("x", sender="Anna"),
        ("x",),
        sender="",
    ),
    Case(
        "emoji everywhere",
        "symbols and emoji stay",
        mail(
            "🖨 is 💥 ™ © ®".encode(),
            "Content-Type: text/plain; charset=utf-8",
            subject="=?utf-8?B?8J+WqA==?= ©",
        ),
        ("🖨 is 💥 ™ © ®",),
        subject="🖨 ©",
    ),
]
