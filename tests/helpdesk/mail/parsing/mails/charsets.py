"""Text labelled with the wrong charset."""

from base64 import b64encode

from tests.helpdesk.mail.parsing.mails.building import Case, mail

CASES = [
    Case(
        "UTF-8 called us-ascii",
        "UTF-8 called us-ascii",
        mail("Der Drücker ist kaputt 🖨", "Content-Type: text/plain; charset=us-ascii"),
        ("Der Drücker ist kaputt 🖨",),
    ),
    Case(
        "UTF-8 called ISO-8859-1",
        "lying charsets",
        mail("Der Drücker", "Content-Type: text/plain; charset=iso-8859-1"),
        ("Der Drücker",),
    ),
    Case(
        "Latin-1 called UTF-8",
        "lying charsets",
        mail("Der Drücker für Büro".encode("latin-1"), "Content-Type: text/plain; charset=utf-8"),
        ("Der Drücker für Büro",),
    ),
    Case(
        "one broken byte in UTF-8",
        "lying charsets",
        mail(
            "Drücker ".encode() * 5 + b"\xe9" + " für".encode(),
            "Content-Type: text/plain; charset=utf-8",
        ),
        ("Drücker é für",),
    ),
    Case(
        "windows-1252 called ISO-8859-1",
        "lying charsets",
        mail("“quoted” … 5 €".encode("cp1252"), "Content-Type: text/plain; charset=iso-8859-1"),
        ("“quoted” … 5 €",),
    ),
    Case(
        "Shift_JIS called ISO-2022-JP",
        "Shift_JIS called ISO-2022-JP",
        mail(
            "プリンタが壊れました。表示".encode("cp932"),
            "Content-Type: text/plain; charset=ISO-2022-JP",
        ),
        ("プリンタが壊れました。表示",),
    ),
    Case(
        "EUC-JP called Shift_JIS",
        "lying charsets",
        mail(
            "プリンタが壊れました。".encode("euc_jp"), "Content-Type: text/plain; charset=Shift_JIS"
        ),
        ("プリンタが壊れました。",),
    ),
    Case(
        "ISO-2022-JP with the signs of row 13",
        "lying charsets",
        mail(b"\x1b$B-!!!-j%W%j%s%?\x1b(B", "Content-Type: text/plain; charset=ISO-2022-JP"),
        ("① ㈱プリンタ".replace(" ", "\u3000"),),
    ),
    Case(
        "GBK called GB2312",
        "lying charsets",
        mail("打印机坏了。朱镕基".encode("gbk"), "Content-Type: text/plain; charset=gb2312"),
        ("打印机坏了。朱镕基",),
    ),
    Case(
        "UTF-8 called GB2312",
        "lying charsets",
        mail("打印机坏了", "Content-Type: text/plain; charset=gb2312"),
        ("打印机坏了",),
    ),
    Case(
        "unknown charset",
        "lying charsets",
        mail("Der Drücker", "Content-Type: text/plain; charset=x-unknown-99"),
        ("Der Drücker",),
    ),
    Case(
        "charset that is a codec",
        "lying charsets",
        mail("Der Drücker", "Content-Type: text/plain; charset=zlib"),
        ("Der Drücker",),
    ),
    Case(
        "charset that takes quadratic time",
        "lying charsets",
        mail(b"xn--" + b"a" * 100_000, "Content-Type: text/plain; charset=punycode"),
        ("xn--aaa",),
    ),
    Case(
        "UTF-16 without a mark",
        "lying charsets",
        mail(
            b64encode("Der Drücker".encode("utf-16-le")),
            "Content-Type: text/plain; charset=utf-16",
            "Content-Transfer-Encoding: base64",
        ),
        ("Der Drücker",),
    ),
    Case(
        "ASCII called UTF-16",
        "lying charsets",
        mail("It is broken", "Content-Type: text/plain; charset=utf-16"),
        ("It is broken",),
    ),
    Case(
        "charset only in the HTML",
        "lying charsets",
        mail(
            '<html><head><meta charset="koi8-r"></head><p>Принтер</p>'.encode("koi8-r"),
            "Content-Type: text/html",
        ),
        ("Принтер",),
        format="html",
    ),
]
