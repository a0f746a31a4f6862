"""Attachments byte for byte, with their names; messages in messages."""

from base64 import b64encode
from binascii import b2a_uu
from quopri import encodestring

from tests.helpdesk.mail.parsing.mails.building import (
    ALTERNATIVE,
    EVERY_BYTE,
    HELLO,
    INNER,
    MIXED,
    PDF,
    PNG,
    RELATED,
    RETURNED,
    RTF,
    WINMAIL,
    WINMAIL_FILES,
    Case,
    compressed_rtf,
    in_base64,
    mail,
    part,
    parts,
    pdf,
    tnef_part,
    uuencoded,
    winmail,
)

CASES = [
    Case(
        "forwarded message",
        "forwarded messages (an .eml, not merged)",
        mail(parts(HELLO, part(INNER, "Content-Type: message/rfc822")), MIXED),
        ("It is broken.",),
        hides=("Bert",),
        files=(("Drucker ü.eml", INNER),),
    ),
    Case(
        "forwarded message in base64",
        "forwarded messages (an .eml, not merged)",
        mail(
            parts(
                HELLO,
                part(
                    in_base64(INNER),
                    "Content-Type: message/rfc822",
                    "Content-Transfer-Encoding: base64",
                ),
            ),
            MIXED,
        ),
        ("It is broken.",),
        files=(("Drucker ü.eml", INNER),),
    ),
    Case(
        "wrapper",
        "a wrapper is replaced by the message inside",
        mail(
            mail("It is broken."),
            "Content-Type: message/rfc822",
            "Delivered-To: support@example.org",
            subject="Wrapper",
            sender="Relay <relay@example.net>",
        ),
        ("It is broken.",),
    ),
    Case(
        "digest",
        "forwarded messages (an .eml, not merged)",
        mail(
            parts(b"\r\n" + INNER, b"\r\n" + RETURNED),
            'Content-Type: multipart/digest; boundary="b1"',
        ),
        files=(("Drucker ü.eml", INNER), ("Ticket.eml", RETURNED)),
        body="",
    ),
    Case(
        "unnamed image that the HTML shows",
        "unnamed images",
        mail(
            parts(
                part('<p>See <img src="cid:pic%401"></p>', "Content-Type: text/html"),
                part(
                    in_base64(PNG),
                    "Content-Type: image/png",
                    "Content-Transfer-Encoding: base64",
                    "Content-ID: <pic@1>",
                ),
            ),
            RELATED,
        ),
        ("See",),
        files=(("image-1.png", PNG),),
        inline=("pic@1",),
        format="html",
    ),
    Case(
        "unnamed image without an id",
        "unnamed images",
        mail(
            parts(
                HELLO,
                part(
                    in_base64(PNG), "Content-Type: image/jpeg", "Content-Transfer-Encoding: base64"
                ),
            ),
            MIXED,
        ),
        ("It is broken.",),
        files=(("image-1.jpg", PNG),),
    ),
    Case(
        "nothing but an image",
        "unnamed images",
        mail(in_base64(PNG), "Content-Type: image/png", "Content-Transfer-Encoding: base64"),
        files=(("image-1.png", PNG),),
        body="",
    ),
    Case(
        "uuencode in the text",
        "uuencode",
        mail(
            "Look:\n"
            + uuencoded("plan b.bin", EVERY_BYTE)
            + "and:\n"
            + uuencoded("two.bin", b"\0")
            + "Bye.\n"
        ),
        ("Look:", "and:", "Bye."),
        files=(("plan b.bin", EVERY_BYTE), ("two.bin", b"\0")),
        hides=("begin 644",),
    ),
    Case(
        "uuencode as transfer encoding",
        "uuencode",
        mail(
            parts(
                HELLO,
                part(
                    uuencoded("x", PDF),
                    "Content-Type: application/pdf; name=scan.pdf",
                    "Content-Transfer-Encoding: x-uuencode",
                ),
            ),
            MIXED,
        ),
        ("It is broken.",),
        files=(("scan.pdf", PDF),),
    ),
    Case(
        "uuencode that never ends",
        "uuencode",
        mail("Look:\nbegin 644 x.bin\n" + b2a_uu(b"abc").decode()),
        ("Look:", "begin 644 x.bin", "#86)C"),
    ),
    Case(
        "begin that is no uuencode",
        "uuencode",
        mail("We\nbegin 644 things\na day.\nend\n"),
        ("begin 644 things", "a day.", "end"),
    ),
    Case(
        "uuencode in base64",
        "uuencode",
        mail("begin-base64 644 x.bin\n" + b64encode(EVERY_BYTE[:57]).decode() + "\n====\nBye."),
        ("Bye.",),
        files=(("x.bin", EVERY_BYTE[:57]),),
    ),
    Case(
        "winmail.dat",
        "winmail.dat (unpack)",
        mail(parts(HELLO, tnef_part(WINMAIL)), MIXED),
        ("It is broken.",),
        hides=("never shown",),
        files=WINMAIL_FILES,
    ),
    Case(
        "winmail.dat is all there is",
        "winmail.dat (unpack)",
        mail(
            in_base64(winmail(text="Nur hier: ü".encode("cp1252"))),
            "Content-Type: application/ms-tnef",
            "Content-Transfer-Encoding: base64",
        ),
        ("Nur hier: ü",),
        files=WINMAIL_FILES,
    ),
    Case(
        "winmail.dat with HTML",
        "winmail.dat (unpack)",
        mail(
            in_base64(winmail(html=b"<p>Rich</p>")),
            "Content-Type: application/ms-tnef",
            "Content-Transfer-Encoding: base64",
        ),
        ("<p>Rich</p>",),
        files=WINMAIL_FILES,
        format="html",
    ),
    Case(
        "winmail.dat with nothing but RTF",
        "winmail.dat (unpack)",
        mail(
            in_base64(winmail(rtf=compressed_rtf(RTF))),
            "Content-Type: application/ms-tnef",
            "Content-Transfer-Encoding: base64",
        ),
        files=(*WINMAIL_FILES, ("message.rtf", RTF)),
        body="",
    ),
    Case(
        "winmail.dat of a meeting",
        "winmail.dat (unpack)",
        mail(parts(HELLO, tnef_part(winmail(kind="IPM.Schedule.Meeting.Request"))), MIXED),
        ("It is broken.",),
        files=(*WINMAIL_FILES, ("winmail.dat", winmail(kind="IPM.Schedule.Meeting.Request"))),
    ),
    Case(
        "winmail.dat cut short",
        "winmail.dat (keep whole if damaged)",
        mail(parts(HELLO, tnef_part(WINMAIL[:-40])), MIXED),
        ("It is broken.",),
        files=(("winmail.dat", WINMAIL[:-40]),),
    ),
    Case(
        "winmail.dat with a flipped bit",
        "winmail.dat (keep whole if damaged)",
        mail(
            parts(HELLO, tnef_part(WINMAIL[:300] + bytes([WINMAIL[300] ^ 4]) + WINMAIL[301:])),
            MIXED,
        ),
        ("It is broken.",),
        files=(("winmail.dat", WINMAIL[:300] + bytes([WINMAIL[300] ^ 4]) + WINMAIL[301:]),),
    ),
    Case(
        "winmail.dat that is something else",
        "winmail.dat (keep whole if damaged)",
        mail(parts(HELLO, tnef_part(EVERY_BYTE)), MIXED),
        ("It is broken.",),
        files=(("winmail.dat", EVERY_BYTE),),
    ),
    Case(
        "base64 without padding or line breaks",
        "files byte for byte",
        mail(
            parts(
                HELLO,
                part(
                    in_base64(PDF, 10**6).rstrip("="),
                    "Content-Type: application/pdf; name=scan.pdf",
                    "Content-Transfer-Encoding: base64",
                ),
            ),
            MIXED,
        ),
        ("It is broken.",),
        files=(("scan.pdf", PDF),),
    ),
    Case(
        "base64 with a stray sign in a line",
        "files byte for byte",
        mail(
            parts(
                HELLO,
                part(
                    in_base64(PDF).replace("\r\n", "\r\n!", 2),
                    "Content-Type: application/pdf; name=scan.pdf",
                    "Content-Transfer-Encoding: base64",
                ),
            ),
            MIXED,
        ),
        ("It is broken.",),
        files=(("scan.pdf", PDF),),
    ),
    Case(
        "base64 in several padded pieces",
        "files byte for byte",
        mail(
            parts(
                HELLO,
                part(
                    in_base64(PDF[:100]) + "\r\n" + in_base64(PDF[100:]),
                    "Content-Type: application/pdf; name=scan.pdf",
                    "Content-Transfer-Encoding: base64",
                ),
            ),
            MIXED,
        ),
        ("It is broken.",),
        files=(("scan.pdf", PDF),),
    ),
    Case(
        "a list's footer under base64",
        "nothing the sender wrote is lost",
        mail(
            in_base64("Der Drücker".encode()) + "\r\n\r\n_______\r\nList rules\r\n",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
        ),
        ("Der Drücker", "List rules"),
    ),
    Case(
        "text only called base64",
        "nothing the sender wrote is lost",
        mail("It is broken, really.\r\nYes", "Content-Transfer-Encoding: base64"),
        ("It is broken, really.", "Yes"),
    ),
    Case(
        "8-bit file",
        "files byte for byte",
        mail(
            parts(
                HELLO,
                part(
                    EVERY_BYTE,
                    "Content-Type: application/octet-stream",
                    "Content-Disposition: attachment; filename=raw.bin",
                    "Content-Transfer-Encoding: binary",
                ),
            ),
            MIXED,
        ),
        ("It is broken.",),
        files=(("raw.bin", EVERY_BYTE),),
    ),
    Case(
        "quoted-printable file",
        "files byte for byte",
        mail(
            parts(
                HELLO,
                part(
                    encodestring(EVERY_BYTE.replace(b"\n", b""), quotetabs=True),
                    "Content-Type: application/octet-stream",
                    "Content-Disposition: attachment; filename=qp.bin",
                    "Content-Transfer-Encoding: quoted-printable",
                ),
            ),
            MIXED,
        ),
        ("It is broken.",),
        files=(("qp.bin", EVERY_BYTE.replace(b"\n", b"")),),
    ),
    Case(
        "quoted-printable with lone carriage returns",
        "nothing the sender wrote is lost",
        mail(b"one=\rtwo=20three\nfour =zz", "Content-Transfer-Encoding: quoted-printable"),
        ("onetwo three", "four =zz"),
    ),
    Case(
        "name in RFC 2231 sections",
        "names",
        mail(
            parts(
                HELLO,
                pdf(
                    "Content-Disposition: attachment; filename*0*=utf-8'de'Sch%C3%B6n; "
                    "filename*1*=e%20; filename*2=Datei.pdf"
                ),
            ),
            MIXED,
        ),
        ("It is broken.",),
        files=(("Schöne Datei.pdf", PDF),),
    ),
    Case(
        "name twice, the encoded one counts",
        "names",
        mail(
            parts(
                HELLO,
                pdf(
                    "Content-Disposition: attachment; "
                    "filename=\"Schone.pdf\"; filename*=UTF-8''Sch%C3%B6ne.pdf"
                ),
            ),
            MIXED,
        ),
        ("It is broken.",),
        files=(("Schöne.pdf", PDF),),
    ),
    Case(
        "name in an encoded word",
        "names",
        mail(
            parts(
                HELLO,
                pdf(
                    "Content-Disposition: attachment; "
                    'filename="=?utf-8?Q?Sch=C3=B6ne?= =?utf-8?Q?_Datei.pdf?="'
                ),
            ),
            MIXED,
        ),
        ("It is broken.",),
        files=(("Schöne Datei.pdf", PDF),),
    ),
    Case(
        "name in raw UTF-8, no quotes, with blanks",
        "names",
        mail(
            parts(HELLO, pdf("Content-Disposition: attachment; filename=Schöne Datei (1).pdf")),
            MIXED,
        ),
        ("It is broken.",),
        files=(("Schöne Datei (1).pdf", PDF),),
    ),
    Case(
        "name with quotes inside",
        "names",
        mail(
            parts(HELLO, pdf('Content-Disposition: attachment; filename="a "b" c.pdf"; size=3')),
            MIXED,
        ),
        ("It is broken.",),
        files=(('a "b" c.pdf', PDF),),
    ),
    Case(
        "name that climbs out",
        "names",
        mail(
            parts(
                HELLO, pdf('Content-Disposition: attachment; filename="../../etc/pass\u202ewd.pdf"')
            ),
            MIXED,
        ),
        ("It is broken.",),
        files=(("passwd.pdf", PDF),),
    ),
    Case(
        "section numbers that clash",
        "names",
        mail(
            parts(
                HELLO,
                pdf(
                    "Content-Disposition: attachment; filename*=a.pdf; filename*0=scan; "
                    "filename*1=.pdf; filename*" + "9" * 5000 + "=x"
                ),
            ),
            MIXED,
        ),
        ("It is broken.",),
        files=(("a.pdf.pdf", PDF),),
    ),
    Case(
        "text file",
        "names",
        mail(
            parts(
                HELLO,
                part(
                    "col;umn\r\n1;2\r\n",
                    "Content-Type: text/plain; name=a.csv",
                    "Content-Disposition: inline; filename=a.csv",
                ),
            ),
            MIXED,
        ),
        ("It is broken.",),
        hides=("col;umn",),
        files=(("a.csv", b"col;umn\r\n1;2\r\n"),),
    ),
    Case(
        "invitation",
        "nothing the sender wrote is lost",
        mail(
            parts(
                HELLO,
                part(
                    "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
                    "Content-Type: text/calendar; method=REQUEST",
                ),
            ),
            ALTERNATIVE,
        ),
        ("It is broken.",),
        files=(("attachment-1.ics", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"),),
    ),
    Case(
        "same name twice",
        "names",
        mail(parts(HELLO, pdf(), pdf()), MIXED),
        ("It is broken.",),
        files=(("scan.pdf", PDF), ("scan.pdf", PDF)),
    ),
]
