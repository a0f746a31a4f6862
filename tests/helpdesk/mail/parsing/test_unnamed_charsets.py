"""8-bit text, fields and file names without a charset."""

import sys

import pytest

from helpdesk.mail.parsing.message import read_message
from tests.helpdesk.mail.parsing.mails.building import MIXED, mail, parts

TEXTS = {
    "gb18030": ("打印机坏了", "您好，打印机坏了，请尽快处理，谢谢。"),
    "big5": ("印表機壞了", "您好，我們辦公室的印表機今天早上開始無法列印，請協助。"),
    "cp932": ("プリンター", "お世話になっております。昨日から印刷ができません。"),
    "euc_jp": ("プリンター", "お世話になっております。昨日から印刷ができません。"),
    "cp949": ("프린터 고장", "안녕하세요, 어제부터 인쇄가 되지 않습니다. 확인 부탁드립니다."),
    "koi8-r": ("Принтер", "Здравствуйте, принтер не работает уже второй день."),
    "cp1251": ("Принтер", "Здравствуйте, принтер не работает уже второй день."),
    "cp1253": ("Εκτυπωτής", "Ο εκτυπωτής δεν λειτουργεί από χθες, παρακαλώ βοηθήστε."),
    "cp1255": ("מדפסת", "המדפסת לא עובדת מאתמול, אנא עזרו."),
    "cp1256": ("طابعة", "الطابعة لا تعمل منذ أمس، الرجاء المساعدة."),
    "cp874": ("เครื่องพิมพ์", "เครื่องพิมพ์ไม่ทำงานตั้งแต่เมื่อวาน กรุณาช่วยด้วย"),
    "cp1252": ("Gerät läuft", "Guten Tag, unser Drucker läuft nicht. Grüße, Jörg Müller"),
}


@pytest.mark.parametrize("charset", TEXTS)
@pytest.mark.parametrize("label", ["", "; charset=us-ascii", "; charset=unknown-8bit"])
def test_text_and_fields_are_read_in_the_charset_that_they_show(charset: str, label: str) -> None:
    subject, text = TEXTS[charset]
    raw = mail(
        text.encode(charset),
        f"Content-Type: text/plain{label}",
        subject=subject.encode(charset),
        sender=subject.encode(charset) + b" <anna@example.com>",
    )
    message = read_message(raw)

    assert (message.subject, message.body.text) == (subject, text)
    assert message.sender.name == subject


@pytest.mark.parametrize("charset", TEXTS)
def test_file_names_are_read_in_it_too(charset: str) -> None:
    name, text = TEXTS[charset]
    head = b'Content-Type: application/pdf; name="%s.pdf"\r\n\r\n%%PDF' % name.encode(charset)
    message = read_message(mail(parts(b"\r\n" + text.encode(charset), head), MIXED))

    assert [file.name for file in message.files] == [f"{name}.pdf"]


@pytest.mark.parametrize("word", ["naïve", "café", "Müller", "50 € – jetzt", "Señor"])
def test_where_the_evidence_is_thin_it_is_windows_1252(word: str) -> None:
    assert read_message(mail("x", subject=word.encode("cp1252"))).subject == word


def test_a_charset_that_another_part_names_counts_first() -> None:
    text, word = part_of("Привет", "koi8-r"), "Принтер".encode("koi8-r")
    assert read_message(mail(parts(text), MIXED, subject=word)).subject == "Принтер"


def part_of(text: str, charset: str) -> bytes:
    return f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode() + text.encode(charset)


def test_the_library_is_loaded_only_where_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "chardet", None)  # an import fails now

    for body in ("plain", "Grüße", "打印机"):
        read_message(mail(body))
    read_message(mail("Gr\xfc\xdfe".encode("latin-1"), "Content-Type: text/plain; charset=latin1"))
    with pytest.raises(ImportError):
        read_message(mail("Gr\xfc\xdfe".encode("latin-1")))
