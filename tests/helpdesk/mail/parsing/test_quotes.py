"""Which part of a reply is shown, and which is stored but hidden."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.mail.parsing import phrases
from helpdesk.mail.parsing.message import SEPARATOR, Message, read_message
from tests.helpdesk.mail.parsing.mails.building import mail
from tests.helpdesk.mail.parsing.replies import Reply, faults, replies

REPLY = "In-Reply-To: <ours@example.org>"
NEW = "It works again.\n\nThanks\n\n"
DESK = "Desk <support@example.org>"

CUT_TEXTS = {
    "Gmail": f"On Mon, Jan 1, 2024 at 10:00 AM {DESK} wrote:\n\n> Does it work?\n> Yes?\n",
    "Gmail, wrapped": "On Mon, Jan 1, 2024 at 10:00 Desk\n<support@example.org> wrote:\n\n> Yes\n",
    "Thunderbird, German": "Am 01.01.24 um 10:00 schrieb Desk:\n> Geht es?\n> Ja?\n",
    "Apple Mail, French": f"Le 1 janv. 2024 à 10:00, {DESK} a écrit :\n\n> Alors ?\n",
    "Chinese": f"{DESK} 于2024年1月1日 10:00写道\uff1a\n> 好吗\n",
    "Outlook": "________________________________\nFrom: Desk\nSent: Monday, January 1, 2024 10:00\n"
    "To: Anna\nSubject: RE: Printer\n\nDoes it work?\n",
    "Outlook, German": f"Von: {DESK}\nGesendet: Montag\nAn: Anna\nBetreff: AW: Test\n\nGeht es?\n",
    "Outlook, as it was": "-----Original Message-----\nFrom: Desk\nSent: Monday\n\nDoes it work?\n",
    "a telephone, without marks": f"On Jan 1, 2024, at 10:00, {DESK} wrote:\n\nDoes it work?\n",
    "marks only": "> Does it work?\n> Yes?\n",
}


def reply(body: str, *more: str, html: bool = False) -> Message:
    kind = "text/html" if html else "text/plain"
    return read_message(mail(body, f"Content-Type: {kind}; charset=utf-8", *(more or (REPLY,))))


@pytest.mark.parametrize("quote", CUT_TEXTS.values(), ids=CUT_TEXTS.keys())
def test_a_quoted_mail_below_the_answer_is_hidden(quote: str) -> None:
    message = reply(NEW + quote)

    assert message.body.text.strip() == NEW.strip()
    assert message.body.text + message.quoted == message.text == NEW + quote


@pytest.mark.parametrize("quote", CUT_TEXTS.values(), ids=CUT_TEXTS.keys())
def test_nothing_is_hidden_of_a_mail_that_answers_nothing(quote: str) -> None:
    assert reply(NEW + quote, "X-Odd: yes").quoted == ""


@pytest.mark.parametrize("quote", CUT_TEXTS.values(), ids=CUT_TEXTS.keys())
def test_nothing_is_hidden_of_a_forwarded_mail(quote: str) -> None:
    raw = mail(NEW + quote, REPLY, subject="Fwd: Printer")
    assert read_message(raw).quoted == ""


def test_a_quote_alone_is_not_hidden() -> None:
    assert reply(CUT_TEXTS["Gmail"]).quoted == ""


UNCUT_TEXTS = {
    "answered between the lines": "On Jan 1, 2024 10:00 Desk wrote:\n> One?\nYes.\n> Two?\nNo.\n",
    "answered below": "On Jan 1, 2024 10:00 Desk wrote:\n> Does it work?\n> Yes?\n\nIt does.\n",
    "one line with a mark": "I typed\n> dir\n",
    "words that look like it": "On the printer it says what he wrote:\nPC LOAD LETTER\n",
    "a lone From": "We need it.\n\nFrom: the office\nto the hall.\n",
}


@pytest.mark.parametrize("body", UNCUT_TEXTS.values(), ids=UNCUT_TEXTS.keys())
def test_what_may_be_the_senders_own_stays(body: str) -> None:
    assert reply(body).body.text == body


def test_the_end_below_answers_between_the_lines_is_hidden() -> None:
    message = reply("> Does it work?\nYes.\n> Regards\n> Desk\n")

    assert message.body.text == "> Does it work?\nYes.\n"


@pytest.mark.parametrize("headers", [REPLY, "X-Odd: yes"])
def test_above_the_separator_is_new_in_any_mail(headers: str) -> None:
    quote = f"On Jan 1, 2024 10:00 Desk wrote:\n\n> {SEPARATOR}\n> Hello Anna,\n"
    message = reply(NEW + quote, headers)

    assert message.body.text == NEW
    assert message.quoted == quote


@pytest.mark.parametrize("headers", [REPLY, "X-Odd: yes"])
def test_below_a_separator_without_marks_nothing_is_new(headers: str) -> None:
    message = reply(f"{NEW}{SEPARATOR}\nHello Anna,\n", headers)

    assert message.body.text.strip() == NEW.strip()


@pytest.mark.parametrize("headers", [REPLY, "X-Odd: yes"])
@pytest.mark.parametrize("end", ["It does.\n", "It does.\n> Yes?\nYes.\n", "It does.\n-- \nAnna\n"])
def test_what_has_no_marks_below_the_separator_stays(headers: str, end: str) -> None:
    quote = f"On Jan 1, 2024 10:00 Desk wrote:\n\n> {SEPARATOR}\n> Does it work?\n"
    body = f"Hello,\n\n{quote}\n{end}"

    assert reply(body, headers).body.text == body


def test_a_signature_below_a_quote_is_hidden_with_it() -> None:
    for signature in ("-- \nAnna\nACME\n", "Sent from my iPhone\n"):
        assert reply(f"{NEW}{CUT_TEXTS['Gmail']}\n{signature}").body.text == NEW


def test_an_introduction_hides_only_what_is_marked_below_it() -> None:
    own = "Hi,\n\nOn 3 May 2026 at 10:00 your colleague wrote:\nplease restart it. I did.\n"
    other = own.replace("your colleague", "Bert <bert@example.net>")
    marked = f"{NEW}{CUT_TEXTS['a telephone, without marks']}> Does it work?\nIt does.\n"
    for body in (own, other, marked):
        assert reply(body).body.text == body


def test_the_separator_is_found_where_a_mail_program_wrapped_it() -> None:
    message = reply(NEW + "> -- reply above\n> this line --\n> Hello\n")

    assert message.body.text.strip() == NEW.strip()


def test_a_mail_with_nothing_above_the_separator_stays_whole() -> None:
    body = f"> {SEPARATOR}\nMy answer is below.\n"
    assert reply(body).body.text == body


def test_an_answer_below_stays_where_no_word_says_that_somebody_wrote() -> None:
    quote = f"2024. 01. 01. 10:00 keltezéssel, Desk\nírta:\n> {SEPARATOR}\n> Hello\n"
    message = reply(f"{quote}\nIt works.\n")

    assert message.body.text == f"{quote}\nIt works.\n"


def test_a_desk_has_its_own_separator_or_none() -> None:
    raw = mail(f"New\n## cut ##\nold\n{SEPARATOR}\nolder\n")

    assert read_message(raw, "## cut ##").body.text == "New\n"
    assert read_message(raw, "").quoted == ""


WROTE = "<div>On Mon, Jan 1, 2024 Desk &lt;support@example.org&gt; wrote:</div>"
OURS = "<div>Does it work?</div>"
CUT_HTML = {
    "Gmail": f'<div class="gmail_quote">{WROTE}<blockquote class="gmail_quote">{OURS}</blockquote>',
    "Apple Mail": f'<blockquote type="cite">{WROTE}{OURS}</blockquote>',
    "Thunderbird": f'<div class="moz-cite-prefix">{WROTE}</div>'
    f'<blockquote type="cite">{OURS}</blockquote>',
    "Outlook.com": f'<div id="appendonsend"></div><hr><div id="divRplyFwdMsg">Desk</div>{OURS}',
    "Outlook for Windows": '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3pt">'
    f"<p><b>From:</b> Desk</p></div>{OURS}",
    "Yahoo": f'<div id="yahoo_quoted_1" class="yahoo_quoted">{WROTE}{OURS}</div>',
}


@pytest.mark.parametrize("quote", CUT_HTML.values(), ids=CUT_HTML.keys())
def test_a_quoted_mail_in_html_is_hidden(quote: str) -> None:
    whole = f"<html><body><p>It works again.</p>{quote}</body></html>"
    message = reply(whole, html=True)

    assert "It works again." in message.body.text
    assert "Does it work?" not in message.body.text
    assert "Does it work?" in message.quoted
    assert message.body.text + message.quoted == whole


ONE = "<blockquote type=cite>One?</blockquote>"


@pytest.mark.parametrize(
    "banner",
    [
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "-------- Weitergeleitete Nachricht --------",
        "-------- Пересылаемое сообщение --------",
    ],
)
@pytest.mark.parametrize("above", ["", "Please see below.\n\n"])
def test_what_was_sent_on_in_a_reply_stays(banner: str, above: str) -> None:
    header = "From: Bert <bert@example.net>\nDate: Mon, 1 Jan 2024\nSubject: Door\nTo: Anna\n"
    body = f"{above}{banner}\n{header}\nThe door is open.\n"
    assert reply(body).body.text == body
    html = "".join(f"<p>{line}</p>" for line in body.replace("<", "&lt;").split("\n"))
    assert reply(html, html=True).body.text == html
    gmail = f'<p>See below.</p><div class="gmail_quote"><div class="gmail_attr">{html}</div></div>'
    if not above:
        assert reply(gmail, html=True).body.text == gmail


UNCUT_HTML = {
    "answered between the lines": f"<p>See below.</p>{ONE}<p>Yes.</p>{ONE}<p>No.</p>",
    "answered below": f"<p>Hello</p><div class=moz-cite-prefix>On Monday:</div>{ONE}Yes.",
    "only a quote": '<div class="gmail_quote"><blockquote>One?</blockquote></div>',
    "a quotation of one's own": "<p>It says</p><blockquote>PC LOAD LETTER</blockquote>",
}


@pytest.mark.parametrize("body", UNCUT_HTML.values(), ids=UNCUT_HTML.keys())
def test_html_that_may_be_the_senders_own_stays(body: str) -> None:
    message = reply(body, html=True)

    assert (message.body.text, message.quoted) == (body, "")


@pytest.mark.parametrize("quote", CUT_HTML.values(), ids=CUT_HTML.keys())
def test_above_the_separator_is_new_in_html(quote: str) -> None:
    quote = quote.replace(
        "Does it work?", "<p>-- reply&nbsp;above this\r\n line --</p><p>Hello</p>"
    )
    message = reply(f"<p>It works again.</p>{quote}", "X-Odd: yes", html=True)

    assert message.body.text == "<p>It works again.</p>"


@pytest.mark.parametrize("program", ["Gmail", "Apple Mail", "Thunderbird", "Yahoo"])
def test_what_has_no_marks_below_the_separator_stays_in_html(program: str) -> None:
    quote = CUT_HTML[program].replace("Does it work?", f"<p>{SEPARATOR}</p><p>Hello</p>")
    whole = f"<p>Hello.</p>{quote}<p>It does.</p>"

    assert reply(whole, "X-Odd: yes", html=True).body.text == whole


def test_above_the_separator_is_new_where_no_mail_program_says_that_it_quotes() -> None:
    message = reply(f"<p>It works again.</p><p>{SEPARATOR}</p>", "X-Odd: yes", html=True)

    assert message.body.text == "<p>It works again.</p>"


def test_a_separator_may_have_a_quotation_mark_in_html() -> None:
    body = '<p>New</p><p>-- "reply" &lt;above&gt; &amp; stop --</p><p>old</p>'
    raw = mail(body, "Content-Type: text/html; charset=utf-8", REPLY)
    message = read_message(raw, '-- "reply" <above> & stop --')
    assert "New" in message.body.text
    assert "old" not in message.body.text


@pytest.mark.parametrize("one", replies(kept=True), ids=lambda one: str(one.name))
def test_replies_as_mail_programs_write_them(one: Reply) -> None:
    assert faults(one) == set()


@pytest.mark.parametrize("one", replies(kept=False), ids=lambda one: str(one.name))
def test_replies_in_which_the_separator_was_dropped(one: Reply) -> None:
    assert faults(one) == set()


def test_every_phrase_has_a_program_and_a_language() -> None:
    assert all(one.program and one.language for one in phrases.INTRODUCTIONS)
    assert all("{}" in one.template for one in phrases.INTRODUCTIONS)


LINES = st.sampled_from(
    ["> quoted", f"> {SEPARATOR}", ">", "", "On Jan 1, 2024 10:00 Desk wrote:", "-- ", "#"]
)


@given(st.lists(LINES, max_size=12), st.booleans())
def test_whatever_is_not_marked_stays(lines: list[str], html: bool) -> None:
    answers = iter(range(100))
    written = [f"answer {next(answers)}." if line == "#" else line for line in lines]
    if html:
        marked = [
            f"<blockquote type=cite>{line[1:]}</blockquote>"
            if line.startswith(">")
            else f"<p>{line}</p>"
            for line in written
        ]
        message = reply("".join(marked), html=True)
    else:
        message = reply("\n".join(written))
    # An empty quote shows in text alone.
    mark = "> " if html else ">"
    quotes = [at for at, line in enumerate(written) if line.startswith(mark)]
    last = max(quotes, default=-1)
    # What stands below a mark of a signature is one.
    signed = written.index("-- ", last + 1) if "-- " in written[last + 1 :] else len(written)

    for line in written[:signed]:
        assert not line.startswith("answer") or line in message.body.text
