"""The phrases with which mail programs introduce a quoted mail, by program and language. Sources:
the programs' texts (translations), as collected by github.com/discourse/email_reply_trimmer,
github.com/crisp-oss/email-reply-parser and github.com/closeio/quotequail, and by
tests/helpdesk/mail/parsing/replies.py, which rebuilds them.
"""

import re
from typing import NamedTuple


class Introduction(NamedTuple):
    """A program's phrase for who wrote when; `{}` stands for a date, a name or an address."""

    program: str
    language: str
    template: str


INTRODUCTIONS = tuple(
    Introduction(*row)
    for row in (
        ("Apple Mail, Gmail, Thunderbird, Roundcube, HEY, Proton, Yahoo", "en", "On {} wrote:"),
        ("163, KMail", "en", "At {} wrote:"),
        ("Zoho", "en", "---- On {} wrote ----"),
        ("Spark", "en", "On {}, wrote:"),
        ("Notes", "en", "{} wrote on {}:"),
        ("Gnus", "en", "{} writes:"),
        ("Gmail, Notes", "de", "{} schrieb am {}:"),
        ("Apple Mail, Thunderbird, Roundcube", "de", "Am {} schrieb {}:"),
        ("Apple Mail, as it was", "de", "Am {} schrieb:"),
        ("Zoho", "de", "---- Am {} schrieb {} ----"),
        ("Apple Mail, Gmail, Thunderbird, Roundcube", "fr", "Le {} a écrit :"),
        ("Roundcube, as it was", "fr", "Le {} a écrit:"),
        ("Apple Mail, Gmail, Thunderbird", "es", "El {} escribió:"),
        ("Thunderbird", "ca", "El {} ha escrit:"),
        ("Gmail", "ca", "Missatge de {} del dia {}:"),
        ("Apple Mail, Gmail, Thunderbird", "pt", "Em {} escreveu:"),
        ("Gmail", "pt-PT", "{} escreveu (dia {}):"),
        ("Gmail", "pt-PT", "{} escreveu no dia {}:"),
        ("Gmail", "pt-PT", "{} escreveu {}:"),
        ("Thunderbird", "pt-PT", "Às {} escreveu:"),
        ("Apple Mail, Gmail, Thunderbird", "it", "Il {} ha scritto:"),
        ("Gmail, Thunderbird", "nl", "Op {} schreef {}:"),
        ("Apple Mail", "nl", "Op {} heeft {} het volgende geschreven:"),
        ("Apple Mail, Gmail, Thunderbird", "sv, da, no", "{} skrev {}:"),
        ("Roundcube", "sv, da, no", "{} skrev:"),
        ("Gmail", "fi", "{} kirjoitti:"),
        ("Apple Mail, Thunderbird", "fi", "{} kirjoitti {}:"),
        ("Gmail", "pl", "{} napisał(a):"),
        ("Thunderbird", "pl", "W dniu {} pisze:"),
        ("Apple Mail, as it was", "pl", "Dnia {} napisał:"),
        ("Apple Mail", "pl", "Wiadomość napisana przez {} w dniu {}:"),
        ("Gmail", "cs", "{} odesílatel {} napsal:"),
        ("Thunderbird", "cs", "Dne {} napsal(a):"),
        ("Gmail, Thunderbird", "sk", "{} napísal(a):"),
        ("Thunderbird", "sl", "Dne {} je {} napisal(a):"),
        ("Gmail", "sl", "V {} je oseba {} napisala:"),
        ("Gmail", "hr", "{} napisao je:"),
        ("Thunderbird", "hr", "Dana {} je napisao/la:"),
        ("Gmail", "hu", "{} ezt írta (időpont: {}):"),
        ("Gmail", "hu", "{} ezt írta:"),
        ("Apple Mail", "hu", "{} írta ({}):"),
        ("Thunderbird", "hu", "{} keltezéssel, {} írta:"),
        ("Gmail, Thunderbird, Apple Mail", "ro", "{} a scris:"),
        ("Gmail, Thunderbird, Apple Mail", "el", "Στις {} έγραψε:"),
        ("Gmail", "tr", "{} tarihinde şunu yazdı:"),
        ("Thunderbird", "tr", "{} tarihinde {} yazdı:"),
        ("Apple Mail", "tr", "{} şunları yazdı ({}):"),
        ("Yandex, Thunderbird", "ru", "{} пишет:"),
        ("Apple Mail, Gmail", "ru", "{} написал(а):"),
        ("Gmail, as it was", "ru", "{} пользователь {} написал:"),
        ("Gmail, Thunderbird", "uk", "{} пише:"),
        ("Apple Mail", "uk", "{} написав(-ла):"),
        ("Gmail", "bg", "На {} написа:"),
        ("Gmail", "he", "בתאריך {} מאת {}:"),
        ("Thunderbird, Apple Mail", "he", "{} כתב:"),
        ("Apple Mail", "he", "{} כתב/ה:"),
        ("Gmail", "ar", "في {} تمت كتابة ما يلي بواسطة {}:"),
        ("Apple Mail", "ar", "في {} كتب {}:"),
        ("Gmail", "vi", "Vào {} đã viết:"),
        ("Gmail", "id", "Pada {} menulis:"),
        ("Gmail", "th", "ในวันที่ {} เขียนว่า:"),
        ("Gmail", "et", "Kuupäev {} kirjutas {}:"),
        ("Gmail", "lt", "{} rašė:"),
        ("Gmail", "lv", "{} rakstīja:"),
        ("Apple Mail, Gmail, 163", "zh", "{}写道:"),
        ("Gmail", "zh-TW", "{}寫道:"),
        ("Apple Mail", "ja", "{}のメール:"),
        ("Apple Mail, as it was", "ja", "{}のメッセージ:"),
        ("Gmail", "ko", "{}님이 작성:"),
        ("Apple Mail", "ko", "{} 작성:"),
        ("Thunderbird", "ko", "{} 쓴 글:"),
    )
)

BANNERS = frozenset(
    """
    original message|original|reply message|ursprüngliche nachricht|original-nachricht
    originalnachricht|message d'origine|message original|mensaje original|mensagem original
    messaggio originale|oorspronkelijk bericht|origineel bericht|ursprungligt meddelande
    originalmeddelande|oprindelig meddelelse|oprindelig besked|opprinnelig melding
    alkuperäinen viesti|wiadomość oryginalna|oryginalna wiadomość|původní zpráva|originální zpráva
    pôvodná správa|eredeti üzenet|mesaj original|mesajul original|αρχικό μήνυμα|orijinal mesaj
    özgün ileti|оригінальне повідомлення|початкове повідомлення|исходное сообщение
    оригинално съобщение|izvorna poruka|izvirno sporočilo|missatge original|הודעה מקורית
    ההודעה המקורית|الرسالة الأصلية|رسالة أصلية|原始邮件|原始郵件|原始信息|元のメッセージ
    オリジナルメッセージ|원본 메시지|원본 메일
    """.strip()
    .replace("\n", "|")
    .replace("    ", "")
    .split("|")
)
"""Between dashes above a quoted mail: Outlook, eM Client, Samsung, K-9, Zimbra, QQ and others."""

FORWARDED = (
    *("forwarded message", "begin forwarded message", "weitergeleitete nachricht"),
    *("anfang der weitergeleiteten", "message transféré", "début du message"),
    *("mensaje reenviado", "inicio del mensaje reenviado", "mensagem encaminhada"),
    *("mensagem reencaminhada", "início da mensagem", "messaggio inoltrato"),
    *("inizio messaggio inoltrato", "doorgestuurd bericht", "begin doorgestuurd bericht"),
    *("vidarebefordrat meddelande", "videresendt", "videresend", "välitetty viesti"),
    *("przekazana wiadomość", "wiadomość przekazana", "přeposlaná zpráva", "preposlaná správa"),
    *("továbbított üzenet", "mesaj redirecționat", "προωθημένο μήνυμα", "iletilen mesaj"),
    *("пересылаемое сообщение", "пересланное сообщение", "переслане повідомлення"),
    *("הודעה שהועברה", "رسالة معاد توجيهها", "转发的邮件", "轉寄的郵件", "転送メッセージ"),
    *("転送されたメッセージ", "전달된 메시지"),
)
"""The beginnings, apart from dashes, of lines above a forwarded mail, which must stay visible."""

_FIELDS = """
en  From                        Sent, Date                              To              Subject
de  Von                         Gesendet, Datum                         An              Betreff
fr  De, Expéditeur              Envoyé, Date                            À, Pour         Objet
es  De                          Enviado, Enviado el, Fecha              Para            Asunto
pt  De                          Enviada em, Enviado, Enviada, Data      Para            Assunto
ca  De                          Enviat, Enviat el, Data                 Per a, Per      Assumpte
it  Da                          Inviato, Data                           A               Oggetto
nl  Van                         Verzonden, Datum                        Aan             Onderwerp
sv  Från                        Skickat, Datum                          Till            Ämne
da  Fra                         Sendt, Dato                             Til             Emne
fi  Lähettäjä                   Lähetetty, Päivämäärä, Pvm              Vastaanottaja   Aihe
pl  Od                          Wysłano, Wysłane, Data                  Do              Temat
cs  Od                          Odesláno, Datum                         Komu            Předmět
sk  Od                          Odoslané, Dátum                         Komu            Predmet
sl  Od, Pošiljatelj             Poslano, Datum                          Za              Zadeva
hr  Od, Šalje                   Poslano, Datum                          Za, Prima       Predmet
hu  Feladó                      Elküldve, Küldve, Dátum                 Címzett         Tárgy
ro  De la, De, Expeditor        Trimis, Dată, Data                      Către, Catre    Subiect
el  Από                         Στάλθηκε, Εστάλη, Αποστολή, Ημερομηνία  Προς            Θέμα
tr  Kimden, Gönderen            Gönderildi, Gönderme Tarihi, Tarih      Kime, Alıcı     Konu
ru  От, От кого                 Отправлено, Дата                        Кому            Тема
uk  Від, Від кого               Надіслано, Відправлено, Дата            Кому            Тема
bg  От                          Изпратено, Дата                         До              Относно
he  מאת                         נשלח, תאריך                             אל              נושא
ar  من                          تم الإرسال, أرسلت, التاريخ              إلى             الموضوع
vi  Từ                          Đã gửi, Ngày                            Đến             Chủ đề
th  จาก                         ส่ง, วันที่                               ถึง              เรื่อง
id  Dari                        Dikirim, Tanggal                        Kepada          Subjek
zh  发件人, 寄件者, 寄件人      发送时间, 寄件日期, 發送時間            收件人, 收件者  主题, 主旨
zh  发件人                      日期                                    收件人          主題
ja  差出人, 送信者              送信日時, 日付                          宛先            件名
ko  보낸 사람, 보낸사람         보낸 날짜, 보낸날짜, 날짜               받는 사람       제목
"""
"""The header of a quoted mail, as Outlook and many others write it: from, date, to, subject."""


def _labels() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in _FIELDS.strip().splitlines():
        _, *columns = re.split(r"\s{2,}", row.strip())
        for kind, words in zip(("from", "date", "to", "subject"), columns, strict=True):
            for word in words.split(","):
                found.setdefault(word.strip().casefold(), set()).add(kind)
    return {word: frozenset(kinds) for word, kinds in found.items()}


LABELS = _labels()
"""The fields that a label of such a header may stand for."""

SIGNED_BY_PROGRAM = re.compile(
    r"(?:sent|get outlook|gesendet|envoyé|télécharger outlook|enviado|inviato|verzonden"
    r"|verstuurd|sendt fra|skickat från|wysłano|wysłane|отправлено|надіслано|odesláno|diese"
    r" nachricht wurde von|von meinem .{1,40} gesendet|von .{1,40} gesendet|outlook für"
    r"|从我的|從我的|发自我的|iphoneから送信)\b",
    re.IGNORECASE,
)
"""The beginnings of lines that mail programs append, such as `Sent from my iPhone`."""

_DATED = re.compile(r"\d{4}|\d{1,2}[:.]\d{2}")
_ADDRESS = re.compile(r"[^\s<>()\[\]@\"]+@([^\s<>()\[\]@\":;,]+)")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SEVERAL_BLANKS = re.compile(r"\s+")
_PIECES = [[piece.strip() for piece in one.template.split("{}")] for one in INTRODUCTIONS]


def clean(line: str) -> str:
    """A line without invisible characters, with single blanks and plain colons."""
    return _SEVERAL_BLANKS.sub(" ", _INVISIBLE.sub("", line)).replace("\uff1a", ":").strip()


def introduces(line: str) -> bool:
    """Whether a cleaned line says who wrote when: by one of the phrases, or in any language by a
    date, an address and a colon at its end.
    """
    if not line.endswith((":", "----")) or _DATED.search(line) is None:
        return False
    return _ADDRESS.search(line) is not None or any(_fits(line, one) for one in _PIECES)


def addressed_domains(line: str) -> set[str]:
    """The domains of the addresses in a line."""
    return {domain.lower().rstrip(".") for domain in _ADDRESS.findall(line)}


def _fits(line: str, pieces: list[str]) -> bool:
    """Whether the pieces of a phrase occur in a line in this order, the outer ones at its ends."""
    first, *middle, last = pieces
    if not line.startswith(first) or not line.endswith(last):
        return False
    at, end = len(first), len(line) - len(last)
    for piece in middle:
        at = line.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return at < end
