"""Replies to the desk's own mail, rebuilt as mail programs write them, by program and language.

Each is written out as the program writes it, not generated from the phrases that the desk
recognizes, so that it tests them. `python -m tests.helpdesk.mail.parsing.replies` counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from helpdesk.mail.parsing.message import SEPARATOR, read_message

ANSWER = "Friday at nine is fine."
SECOND = "Room 4711-B, please."
WHEN = "22:16"
QUOTED = ("Hello Ann,", "When does it suit you?", "And which room?")
DESK = "Support <support@desk.example>"


@dataclass(frozen=True)
class Reply:
    """A reply in one format; `answers` must be seen, `introduction` and the quote must not."""

    name: str
    body: str
    html: bool = False
    answers: tuple[str, ...] = (ANSWER,)

    def raw(self) -> bytes:
        """The whole mail."""
        kind = "html" if self.html else "plain"
        return (
            "From: Ann Customer <ann@customer.example>\r\nTo: Support <support+abc@desk.example>\r\n"
            "Subject: Re: Printer\r\nMessage-ID: <r1@customer.example>\r\n"
            f"In-Reply-To: <1@desk.example>\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n"
            f"{self.body}"
        ).encode()


def _sent(*, kept: bool) -> list[str]:
    """The lines of the desk's mail."""
    return [*([SEPARATOR, ""] if kept else []), QUOTED[0], "", QUOTED[1], "", QUOTED[2]]


# --- plain text -----------------------------------------------------------------------------

# Above a quote with marks.
INTRODUCTIONS = {
    "Gmail en": f"On Sat, Nov 28, 2026 at 22:16 {DESK} wrote:",
    "Gmail en, wrapped": "On Sat, Nov 28, 2026 at 22:16 Support\n<support@desk.example> wrote:",
    "Gmail de": "Support <support@desk.example> schrieb am Sa., 28. Nov. 2026 um\n22:16 Uhr:",
    "Gmail fr": f"Le sam. 28 nov. 2026 à 22:16, {DESK} a écrit :",
    "Gmail es": "El sáb, 28 nov 2026 a las 22:16, Support (<support@desk.example>) escribió:",
    "Gmail pt-BR": f"Em sáb., 28 de nov. de 2026 às 22:16, {DESK}\nescreveu:",
    "Gmail pt-PT": f"{DESK} escreveu (sábado, 28/11/2026 à(s)\n22:16):",
    "Gmail it": f"Il giorno sab 28 nov 2026 alle ore 22:16 {DESK} ha\nscritto:",
    "Gmail nl": f"Op za 28 nov 2026 om 22:16 schreef {DESK}:",
    "Gmail pl": f"sob., 28 lis 2026 o 22:16 {DESK} napisał(a):",
    "Gmail cs": f"so 28. 11. 2026 v 22:16 odesílatel {DESK} napsal:",
    "Gmail sk": f"so 28. 11. 2026 o 22:16 {DESK} napísal(a):",
    "Gmail ru": f"сб, 28 нояб. 2026 г. в 22:16, {DESK}:",
    "Gmail uk": f"сб, 28 лист. 2026 р. о 22:16 {DESK} пише:",
    "Gmail no": f"lør. 28. nov. 2026 kl. 22:16 skrev {DESK}:",
    "Gmail da": f"Den lør. 28. nov. 2026 kl. 22:16 skrev {DESK}:",
    "Gmail sv": f"Den lör 28 nov. 2026 kl 22:16 skrev {DESK}:",
    "Gmail fi": "la 28. marrask. 2026 klo 22:16 Support (support@desk.example) kirjoitti:",
    "Gmail hu": f"{DESK} ezt írta (időpont: 2026. nov. 28.,\nSzo, 22:16):",
    "Gmail ro": f"În sâm., 28 nov. 2026 la 22:16, {DESK} a scris:",
    "Gmail el": f"Στις Σάβ 28 Νοε 2026 στις 22:16, ο χρήστης {DESK}\nέγραψε:",
    "Gmail he": "\u202bבתאריך שבת, 28 בנוב׳ 2026 ב-22:16 מאת \u202aSupport\u202c\u200f"
    " <\u202asupport@desk.example\u202c\u200f>:\u202c",
    "Gmail ar": f"في السبت، 28 نوفمبر 2026 في 22:16 تمت كتابة ما يلي بواسطة {DESK}:",
    "Gmail tr": f"{DESK}, 28 Kas 2026 Cmt, 22:16 tarihinde şunu yazdı:",
    "Gmail ja": f"2026年11月28日(土) 22:16 {DESK}:",
    "Gmail ko": f"2026년 11월 28일 (토) 22:16, {DESK}님이 작성:",
    "Gmail zh-CN": f"{DESK} 于2026年11月28日周六 22:16写道\uff1a",
    "Gmail zh-TW": f"{DESK} 於 2026年11月28日 週六 22:16寫道\uff1a",
    "Gmail hr": f"sub, 28. stu 2026. u 22:16 {DESK} napisao je:",
    "Gmail sl": f"V V sob., 28. nov. 2026 ob 22:16 je oseba {DESK} napisala:",
    "Gmail bg": f"На сб, 28.11.2026 г. в 22:16 {DESK} написа:",
    "Gmail ca": f"Missatge de {DESK} del dia ds., 28 de nov. 2026 a les\n22:16:",
    "Gmail et": f"Kuupäev L, 28. november 2026 kell 22:16 kirjutas {DESK}:",
    "Gmail vi": f"Vào Th 7, 28 thg 11, 2026 vào lúc 22:16 {DESK} đã viết:",
    "Gmail id": f"Pada tanggal Sab, 28 Nov 2026 pukul 22:16 {DESK} menulis:",
    "Thunderbird en": "On 28/11/2026 22:16, Support wrote:",
    "Thunderbird de": "Am 28.11.26 um 22:16 schrieb Support:",
    "Thunderbird fr": "Le 28/11/2026 à 22:16, Support a écrit :",
    "Thunderbird es": "El 28/11/26 a las 22:16, Support escribió:",
    "Thunderbird pt-BR": "Em 28/11/2026 22:16, Support escreveu:",
    "Thunderbird pt-PT": "Às 22:16 de 28/11/2026, Support escreveu:",
    "Thunderbird it": "Il 28/11/26 22:16, Support ha scritto:",
    "Thunderbird nl": "Op 28-11-2026 om 22:16 schreef Support:",
    "Thunderbird pl": "W dniu 28.11.2026 o\xa022:16, Support pisze:",
    "Thunderbird cs": "Dne 28. 11. 26 v 22:16 Support napsal(a):",
    "Thunderbird sk": "Dňa 28. 11. 2026 o 22:16 Support napísal(a):",
    "Thunderbird sl": "Dne 28. 11. 26 ob 22:16 je Support napisal(a):",
    "Thunderbird hr": "Dana 28. 11. 2026. u 22:16, Support je napisao/la:",
    "Thunderbird hu": "2026. 11. 28. 22:16 keltezéssel, Support írta:",
    "Thunderbird ro": "Pe 28.11.2026 22:16, Support a scris:",
    "Thunderbird tr": "28.11.2026 22:16 tarihinde Support yazdı:",
    "Thunderbird ru": "28.11.2026 22:16, Support пишет:",
    "Thunderbird uk": "28.11.26 22:16, Support пише:",
    "Thunderbird sv": "Den 2026-11-28 kl. 22:16, skrev Support:",
    "Thunderbird da": "Den 28.11.2026 22:16 skrev Support:",
    "Thunderbird no": "Den 28.11.2026 22:16, skrev Support:",
    "Thunderbird fi": "Support kirjoitti 28.11.2026 klo 22:16:",
    "Thunderbird el": "Στις 28/11/26 22:16, ο/η Support έγραψε:",
    "Thunderbird ca": "El 28/11/26 a les 22:16, Support ha escrit:",
    "Thunderbird zh": "在 2026/11/28 22:16, Support 写道:",
    "Thunderbird ko": "26. 11. 28. 22:16에 Support 이(가) 쓴 글:",
    "Thunderbird he": "בתאריך 28/11/2026 בשעה 22:16, Support כתב:",
    "Apple Mail en": f"On 28 Nov 2026, at 22:16, {DESK} wrote:",
    "Apple Mail de": f"Am 28.11.2026 um 22:16 schrieb {DESK}:",
    "Apple Mail fr": f"Le 28 nov. 2026 à 22:16, {DESK} a écrit :",
    "Apple Mail nl": f"Op 28 nov 2026, om 22:16 heeft {DESK} het\nvolgende geschreven:",
    "Apple Mail pl": f"Wiadomość napisana przez {DESK} w dniu 28 lis 2026, o godz. 22:16:",
    "Apple Mail ru": f"28 нояб. 2026 г., в 22:16, {DESK} написал(а):",
    "Apple Mail cs": f"28. 11. 2026 v 22:16, {DESK}:",
    "Apple Mail hu": f"{DESK} írta (2026. nov. 28.; 22:16):",
    "Apple Mail tr": f"{DESK} şunları yazdı (28 Kas 2026 22:16):",
    "Apple Mail uk": f"28 лист. 2026 р. о 22:16 {DESK} написав(-ла):",
    "Apple Mail ja": "2026/11/28 22:16、Supportのメール:",
    "Apple Mail zh": f"2026年11月28日 22:16\uff0c{DESK} 写道\uff1a",
    "Roundcube en": "On 2026-11-28 22:16, Support wrote:",
    "Roundcube de": "Am 2026-11-28 22:16, schrieb Support:",
    "Roundcube fr": "Le 2026-11-28 22:16, Support a écrit :",
    "Roundcube sv": "2026-11-28 22:16 skrev Support:",
    "Roundcube ro": "La 2026-11-28 22:16, Support a scris:",
    "Evolution": "On Sat, 2026-11-28 at 22:16 +0000, Support wrote:",
    "KMail": "On Saturday, 28 November 2026 22:16:00 CET Support wrote:",
    "mutt": "On Sat, Nov 28, 2026 at 22:16:00 +0000, Support wrote:",
    "Fastmail": "On Sat, 28 Nov 2026, at 22:16, Support wrote:",
    "Proton": f"On Saturday, November 28th, 2026 at 22:16, {DESK} wrote:",
    "Proton, as it was": "------- Original Message -------\n"
    f"On Saturday, November 28th, 2026 at 22:16, {DESK} wrote:\n",
    "Yahoo": f"On Saturday, 28 November 2026 at 22:16:00 GMT, {DESK} wrote:",
    "163 en": 'At 2026-11-28 22:16:00, "Support" <support@desk.example> wrote:',
    "163 zh": '在 2026-11-28 22:16:00\uff0c"Support" <support@desk.example> 写道\uff1a',
    "Yandex": '28.11.2026, 22:16, "Support" <support@desk.example>:',
    "mail.ru": f"Суббота, 28 ноября 2026, 22:16 +03:00 от {DESK}:",
    "Zoho": f"---- On Sat, 28 Nov 2026 22:16:00 +0000 {DESK} wrote ----",
    "Spark": f"On 28 Nov 2026, 22:16 +0000, {DESK}, wrote:",
    "Tutanota de": "28. Nov. 2026, 22:16 von support@desk.example:",
    "Tutanota en": "Nov 28, 2026, 22:16 by support@desk.example:",
    "HEY": f"On November 28, 2026 at 22:16, {DESK} wrote:",
    "Notes de": '"Support" <support@desk.example> schrieb am 28.11.2026 22:16:00:',
    "Notes en": '"Support" <support@desk.example> wrote on 28/11/2026 22:16:00:',
    "K-9": f"On November 28, 2026 22:16:00 GMT, {DESK} wrote:",
}

# Above a quote without marks: from, date, to, subject in the program's order.
HEADERS = {
    "Outlook en": ("From", "Sent", "To", "Subject"),
    "Outlook de": ("Von", "Gesendet", "An", "Betreff"),
    "Outlook fr": ("De", "Envoyé", "À", "Objet"),
    "Outlook es": ("De", "Enviado el", "Para", "Asunto"),
    "Outlook pt": ("De", "Enviada em", "Para", "Assunto"),
    "Outlook it": ("Da", "Inviato", "A", "Oggetto"),
    "Outlook nl": ("Van", "Verzonden", "Aan", "Onderwerp"),
    "Outlook sv": ("Från", "Skickat", "Till", "Ämne"),
    "Outlook da": ("Fra", "Sendt", "Til", "Emne"),
    "Outlook fi": ("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"),
    "Outlook pl": ("Od", "Wysłano", "Do", "Temat"),
    "Outlook cs": ("Od", "Odesláno", "Komu", "Předmět"),
    "Outlook hu": ("Feladó", "Elküldve", "Címzett", "Tárgy"),
    "Outlook ro": ("De la", "Trimis", "Către", "Subiect"),
    "Outlook el": ("Από", "Στάλθηκε", "Προς", "Θέμα"),
    "Outlook tr": ("Kimden", "Gönderildi", "Kime", "Konu"),
    "Outlook ru": ("От", "Отправлено", "Кому", "Тема"),
    "Outlook uk": ("Від", "Надіслано", "Кому", "Тема"),
    "Outlook he": ("מאת", "נשלח", "אל", "נושא"),
    "Outlook ar": ("من", "تم الإرسال", "إلى", "الموضوع"),
    "Outlook zh": ("发件人", "发送时间", "收件人", "主题"),
    "Outlook ja": ("差出人", "送信日時", "宛先", "件名"),
    "Outlook ko": ("보낸 사람", "보낸 날짜", "받는 사람", "제목"),
}
BANNERS = {
    "Samsung en": ("-------- Original message --------", ("From", "Date", "To", "Subject")),
    "Samsung de": ("-------- Ursprüngliche Nachricht --------", ("Von", "Datum", "An", "Betreff")),
    "Samsung pt": ("-------- Mensagem original --------", ("De", "Data", "Para", "Assunto")),
    "K-9, header": ("-------- Original Message --------", ("From", "Sent", "To", "Subject")),
    "eM Client en": ("------ Original Message ------", ("From", "To", "Date", "Subject")),
    "eM Client de": ("------ Originalnachricht ------", ("Von", "An", "Datum", "Betreff")),
    "Zimbra": ("----- Original Message -----", ("From", "To", "Sent", "Subject")),
    "QQ": (
        "------------------ 原始邮件 ------------------",
        ("发件人", "发送时间", "收件人", "主题"),
    ),
    "Outlook 2003": ("-----Original Message-----", ("From", "Sent", "To", "Subject")),
}
_VALUES = {
    "from": DESK,
    "date": "Saturday, 28 November 2026 22:16",
    "to": "Ann Customer",
    "subject": "Re: Printer",
}


def _header(labels: tuple[str, ...]) -> list[str]:
    order = ["from", "to", "date", "subject"] if labels[1] in {"To", "An"} else list(_VALUES)
    return [f"{label}: {_VALUES[kind]}" for label, kind in zip(labels, order, strict=True)]


def _text_replies(*, kept: bool) -> Iterator[Reply]:
    sent = _sent(kept=kept)
    marked = "\n".join(f"> {line}".rstrip() for line in sent)
    plain = "\n".join(sent)
    for name, line in INTRODUCTIONS.items():
        yield Reply(f"{name}, text", f"{ANSWER}\n\n{line}\n\n{marked}\n")
    for name in ("Gmail en", "Thunderbird de", "Apple Mail fr", "Yandex"):
        line = INTRODUCTIONS[name]
        one, two = "\n".join(marked.split("\n")[:-1]), marked.split("\n")[-1]
        both = (ANSWER, SECOND)
        yield Reply(
            f"{name}, below", f"Hello,\n\n{line}\n{marked}\n\n{ANSWER}\n", answers=(ANSWER,)
        )
        between = f"Hello,\n\n{line}\n{one}\n{ANSWER}\n{two}\n{SECOND}\n"
        yield Reply(f"{name}, between", between, answers=both)
        yield Reply(f"{name}, signature below", f"{ANSWER}\n\n{line}\n{marked}\n\n-- \nAnn\nACME\n")
    for name, labels in HEADERS.items():
        header = "\n".join(_header(labels))
        yield Reply(f"{name}, text", f"{ANSWER}\n\n{header}\n\n{plain}\n")
        if name in {"Outlook en", "Outlook de"}:
            rule = "_" * 32
            yield Reply(f"{name}, mobile", f"{ANSWER}\n\n{rule}\n{header}\n\n{plain}\n")
    for name, (banner, labels) in BANNERS.items():
        header = "\n".join(_header(labels))
        yield Reply(f"{name}, text", f"{ANSWER}\n\n{banner}\n{header}\n\n{plain}\n")
    gmx = (
        "Gesendet: Samstag, 28. November 2026 um 22:16 Uhr\n"
        'Von: "Support" <support@desk.example>\nAn: ann@customer.example\nBetreff: Re: Printer\n'
    )
    yield Reply("GMX de, text", f"{ANSWER}\n\n{gmx}\n{plain}\n")
    yield Reply("GMX en, text", f"{ANSWER}\n\n{gmx_in_english(gmx)}\n{plain}\n")
    telephone = INTRODUCTIONS["Apple Mail en"]
    yield Reply(
        "iPhone, without marks", f"{ANSWER}\n\nSent from my iPhone\n\n{telephone}\n\n{plain}\n"
    )


def gmx_in_english(header: str) -> str:
    """The header of GMX in English."""
    for word, other in (
        ("Gesendet", "Sent"),
        ("Von", "From"),
        ("An:", "To:"),
        ("Betreff", "Subject"),
    ):
        header = header.replace(word, other)
    return header


# --- HTML -----------------------------------------------------------------------------------


def _html_replies(*, kept: bool) -> Iterator[Reply]:
    hidden = f'<div style="display:none">{SEPARATOR}</div>' if kept else ""
    sent = f"{hidden}<p>{QUOTED[0]}</p><p>{QUOTED[1]}</p><p>{QUOTED[2]}</p>"
    new, second = f"<p>{ANSWER}</p>", f"<p>{SECOND}</p>"
    signature = '<div dir="ltr" class="gmail_signature"><div>Ann<br>ACME</div></div>'
    for name, text in INTRODUCTIONS.items():
        line = escape(" ".join(text.split("\n")), quote=False)
        program = name.split(" ")[0]
        if program == "Gmail":
            quote = (
                f'<div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">'
                f'{line}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;'
                f'border-left:1px solid rgb(204,204,204);padding-left:1ex">{sent}</blockquote>'
            )
            yield Reply(
                f"{name}, HTML", f'<div dir="ltr">{ANSWER}</div><br>{quote}</div>', html=True
            )
            if name in {"Gmail en", "Gmail de"}:
                sign = f'<br clear="all"><span class="gmail_signature_prefix">-- </span><br>{signature}'
                whole = f'<div dir="ltr">{ANSWER}</div><br>{quote}</div>{sign}'
                yield Reply(f"{name}, HTML, signature below", whole, html=True)
                below = f"<p>Hello,</p>{quote}<div>{ANSWER}</div></div>"
                yield Reply(f"{name}, HTML, below", below, html=True)
        elif program == "Thunderbird":
            prefix = f'<div class="moz-cite-prefix">{line}<br></div>'
            quote = f'{prefix}<blockquote type="cite" cite="mid:1@desk.example">{sent}</blockquote>'
            yield Reply(f"{name}, HTML", f"{new}{quote}", html=True)
            if name in {"Thunderbird en", "Thunderbird hu"}:
                yield Reply(f"{name}, HTML, below", f"<p>Hello,</p>{quote}{new}", html=True)
                cut = sent.replace(f"<p>{QUOTED[2]}</p>", "")
                rest = f'<blockquote type="cite"><p>{QUOTED[2]}</p></blockquote>'
                between = (
                    f'<p>Hello,</p>{prefix}<blockquote type="cite">{cut}</blockquote>{new}{rest}'
                )
                yield Reply(
                    f"{name}, HTML, between", between + second, html=True, answers=(ANSWER, SECOND)
                )
        elif program == "Apple":
            quote = f'<blockquote type="cite"><div>{line}</div><br><div>{sent}</div></blockquote>'
            yield Reply(f"{name}, HTML", f"{new}<br><div>{quote}</div>", html=True)
    yield from _other_html(sent, new)


def _other_html(sent: str, new: str) -> Iterator[Reply]:
    def line(name: str) -> str:
        return escape(" ".join(INTRODUCTIONS[name].split("\n")), quote=False)

    for name, labels in HEADERS.items():
        rows = "<br>".join(
            f"<b>{label}:</b> {escape(value)}"
            for label, _, value in (one.partition(": ") for one in _header(labels))
        )
        style = "border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"
        box = f'<div><div style="{style}"><p class="MsoNormal">{rows}</p></div></div>'
        yield Reply(f"{name}, HTML", f"{new}{box}{sent}", html=True)
    rows = "<br>".join(f"<b>{one}</b>" for one in map(escape, _header(HEADERS["Outlook de"])))
    thin = (
        "border-width:1pt medium medium; border-style:solid none none; border-top:1pt solid #E1E1E1"
    )
    blue = 'style="BORDER-LEFT: #000000 2px solid; MARGIN-RIGHT: 0px"'
    samsung = "".join(f"<div>{one}</div>" for one in map(escape, _header(HEADERS["Outlook en"])))
    zimbra = '<hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__">'
    zimbra_quote = (
        f'<blockquote style="border-left:2px solid #1010FF;">{rows}<br></blockquote></div>'
    )
    banner = "------------------&nbsp;Original&nbsp;------------------"
    notes = "".join(
        f'<font size=1 color=#5f5f5f face="sans-serif">{label}: &nbsp; </font><font size=1>{value}</font><br>'
        for label, _, value in (
            map(escape, one.partition(": ")) for one in _header(HEADERS["Outlook de"])
        )
    )
    others = {
        "Outlook.com": f'<div id="appendonsend"></div><hr style="width:98%"><div id="divRplyFwdMsg" '
        f'dir="ltr">{rows}<div>&nbsp;</div></div><div>{sent}</div>',
        "Outlook mobile": '<div id="ms-outlook-mobile-signature">Get Outlook for iOS</div>'
        f'<hr><div id="divRplyFwdMsg" dir="ltr">{rows}</div>{sent}',
        "Outlook, 1pt solid": f'<div style="{thin}">{rows}</div>{sent}',
        "Outlook 2003": f"<blockquote {blue}><div class=OutlookMessageHeader dir=ltr align=left>"
        f"<hr tabindex=-1>{rows}</div>{sent}</blockquote>",
        "Outlook new": '<div id="mail-editor-reference-message-container"><div class="ms-outlook-mobile-'
        f'reference-message"><div style="border-top:1pt solid #b5c4df">{rows}</div>{sent}</div></div>',
        "Yahoo, new": '<div id="ydp2yahoo_quoted_1" class="ydp2yahoo_quoted"><div>'
        f"<div>{line('Yahoo')}</div><div>{sent}</div></div></div>",
        "Yahoo": '<div id="yahoo_quoted_77" class="yahoo_quoted"><div>'
        f"<div>{line('Yahoo')}</div><div>{sent}</div></div></div>",
        "GMX": '<div name="quote" style="border-left: 2px solid rgb(195,217,229);"><div style="margin:0 0 '
        f'10px 0;">{rows}</div><div name="quoted-content">{sent}</div></div>',
        "Zimbra": f'{zimbra}{zimbra_quote}<div data-marker="__QUOTED_TEXT__"><blockquote '
        f'style="border-left:2px solid #1010FF;margin-left:5px;">{sent}<br></blockquote></div>',
        "Notes": f"<br>{notes}<hr noshade><br>{sent}",
        "Samsung": '<div id="composer_signature"><div>Sent from my Galaxy</div></div><div>-------- '
        f"Original message --------</div>{samsung}<div><br></div>{sent}",
        "mail.ru": '<blockquote style="border-left:1px solid #0857A6; margin:10px; padding:0 0 0 10px;">'
        f"{line('mail.ru')}<br>{sent}</blockquote>",
        "Yandex": f"<div>{line('Yandex')}</div><blockquote>{sent}</blockquote>",
        "QQ": f'<div style="font-size:12px;padding:2px 0 2px 0;">{banner}</div><div '
        f'style="background:#efefef;padding:8px;">{samsung}</div><div>{sent}</div>',
        "QQ, includetail": f"<includetail><div>{banner}</div><div>{samsung}</div>{sent}</includetail>",
        "163": f'<pre><br>{line("163 zh")}</pre><blockquote id="isReplyContent" style="PADDING-LEFT: 1ex; '
        f'BORDER-LEFT: #ccc 1px solid">{sent}</blockquote>',
        "Zoho": f'<div class="zmail_extra_hr" style="border-top: 1px solid #ccc;"></div><div '
        f'class="zmail_extra"><div>{line("Zoho")}</div><blockquote>{sent}</blockquote></div>',
        "HEY": f"<br><div>{line('HEY')}</div><blockquote>{sent}</blockquote>",
        "K-9": f'<br><div class="gmail_quote">{line("K-9")}<blockquote class="gmail_quote" '
        f'style="margin:0 0 0 .8ex;border-left:1px solid #729fcf">{sent}</blockquote></div>',
        "K-9, header": "<div style=\"font-size:10.0pt;font-family:'Tahoma';padding:3.0pt 0in 0in 0in\">"
        f'<hr style="border:none;border-top:solid #E1E1E1 1.0pt"/>{rows}</div>{sent}',
        "Roundcube": f'<p id="reply-intro">{line("Roundcube en")}</p><blockquote type="cite" '
        f'style="padding: 0 0.4em; border-left: #1010ff 2px solid">{sent}</blockquote>',
        "Roundcube de": f'<p id="reply-intro">{line("Roundcube de")}</p><blockquote type="cite">'
        f"{sent}</blockquote>",
        "eM Client": f"<div>------ Original Message ------</div>{samsung}<div><br></div>"
        f'<div id="x1"><blockquote type="cite" class="cite2">{sent}</blockquote></div>',
        "Proton": f'<div class="protonmail_quote">{line("Proton")}<br><blockquote '
        f'class="protonmail_quote" type="cite">{sent}</blockquote></div>',
        "Tutanota": f'<div>{line("Tutanota en")}</div><blockquote class="tutanota_quote">'
        f"{sent}</blockquote>",
        "Spark": f'<div name="messageReplySection">{line("Spark")}<br><blockquote '
        f'type="cite">{sent}</blockquote></div>',
    }
    for name, quote in others.items():
        yield Reply(f"{name}, HTML", f"{new}{quote}", html=True)


def replies(*, kept: bool) -> list[Reply]:
    """All replies; the desk's separator is kept in their quotes, or dropped."""
    return [*_text_replies(kept=kept), *_html_replies(kept=kept)]


def faults(reply: Reply) -> set[str]:
    """What is wrong with how a reply is read: `answer hidden`, `introduction`, `quote`."""
    message = read_message(reply.raw())
    shown = message.body.text
    found = {"answer hidden"} if any(one not in shown for one in reply.answers) else set()
    if "below" in reply.name.split(", ")[-1].split(" ")[:1] or "between" in reply.name:
        return found  # the quote stays with what was written below or between it
    if WHEN in shown or "support@desk.example" in shown:
        found.add("introduction")
    if any(one in shown for one in QUOTED):
        found.add("quote")
    return found


def _count() -> None:
    for kept in (True, False):
        all_of_them = replies(kept=kept)
        wrong = {one.name: faults(one) for one in all_of_them}
        totals = {
            kind: sum(kind in one for one in wrong.values())
            for kind in ("answer hidden", "introduction", "quote")
        }
        right = sum(not one for one in wrong.values())
        print(
            "separator", "kept:" if kept else "dropped:", len(all_of_them), "right", right, totals
        )
        for name, one in wrong.items():
            if one:
                print("   ", name, sorted(one))


if __name__ == "__main__":
    _count()
