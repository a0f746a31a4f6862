"""`python -m local`: what a person sees who starts the desk."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest

from local.gateway.mocks import Mock
from local.gateway.routes import Api, Apis, Method, Route
from local.mail.mailbox import Mail
from local.options import FaultOptions
from local.page import curl, page
from local.serving import CannotListen, listen
from local.settings import SettingError, Settings

ROOT = Path(__file__).parents[2]
KEY = "a-key-that-the-environment-names-0123456789"


@dataclass
class Started:
    process: subprocess.Popen[str]
    port: int
    printed: list[str]


@pytest.fixture(scope="module")
def started() -> Iterator[Started]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "LOCAL_", "DESK_", "INDEX_", "FILES_"))
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "local"],
        cwd=ROOT,
        env=environment | {"PORT": "0", "SMTP_PORT": "0", "LOCAL_API_KEY": KEY},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    printed = [process.stdout.readline().strip() for _ in range(4)]
    yield Started(process, int(printed[0].rsplit(":", 1)[1]), printed)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    process.stdout.close()


def get(started: Started, path: str, **headers: str) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", started.port, timeout=60)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers["Content-Type"], body


def test_it_says_where_it_is_and_what_the_key_is(started: Started) -> None:
    url = f"http://127.0.0.1:{started.port}"
    assert f"Deskless is up at {url}" in started.printed
    assert f"Admin key: {KEY}" in started.printed
    assert f"Routes, key and mail: {url}/local" in started.printed


def test_the_key_of_the_environment_may_do_everything(started: Started) -> None:
    status, _, body = get(started, "/api/admin/keys", **{"X-API-Key": KEY})
    assert status == 200
    assert json.loads(body)["items"][0]["permissions"]
    assert get(started, "/api/admin/keys", **{"X-API-Key": "another"})[0] == 401


def test_the_page_shows_routes_key_and_mail(started: Started) -> None:
    status, media_type, body = get(started, "/local")
    assert (status, media_type) == (200, "text/html; charset=UTF-8")
    text = body.decode()
    assert KEY in text
    assert f"http://127.0.0.1:{started.port}/api/tickets.json" in text
    assert get(started, "/local/mail") == (200, "application/json", b"[]")


def test_a_taken_port_is_said_plainly(started: Started) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "local"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(started.port), "SMTP_PORT": "0"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert second.returncode == 1
    assert second.stderr == (
        f"Cannot listen on 127.0.0.1, port {started.port}: Address already in use. "
        "Set HOST, PORT or SMTP_PORT.\n"
    )


@pytest.mark.parametrize("command", ["local", "local.feed"])
def test_a_wrong_setting_is_one_sentence_and_an_exit_status(command: str) -> None:
    ran = subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, "-m", command, *["README.md"] * (command == "local.feed")],
        cwd=ROOT,
        env={**os.environ, "SMTP_PORT": "abc"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr == "SMTP_PORT must be a port, a number from 0 to 65535, and not 'abc'.\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("PORT", value) for value in ("abc", "-1", "65536", "1_0", " 80", "8.0", "\u0661")],
        ("SMTP_PORT", "smtp"),
        ("LOCAL_API_KEY", "two words"),
        ("LOCAL_API_KEY", "schl\u00fcssel"),
        ("LOCAL_INDEX_LAG", "soon"),
        ("LOCAL_SES_RATE", "fast"),
        ("LOCAL_CONFLICT_RATE", "1.5"),
        ("LOCAL_DUPLICATE_RATE", "nan"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"^{name} must be [^\\n]*\\.$"):
        Settings.from_environment({name: value})


def test_two_listeners_need_two_ports() -> None:
    with pytest.raises(SettingError, match="PORT and SMTP_PORT are both 2525"):
        Settings.from_environment({"PORT": "2525"})
    assert Settings.from_environment({"PORT": "0", "SMTP_PORT": "0"}).port == 0


def test_what_is_unset_or_empty_has_its_default() -> None:
    names = ("HOST", "PORT", "SMTP_PORT", "LOCAL_API_KEY", "DATA", "LOCAL_INDEX_LAG")
    plain = Settings("127.0.0.1", 8080, 2525, None, None, sign_in=False, options=FaultOptions())
    assert Settings.from_environment({}) == plain
    assert Settings.from_environment(dict.fromkeys(names, "")) == plain


def test_people_sign_in_where_that_is_asked_for() -> None:
    assert Settings.from_environment({"LOCAL_SIGN_IN": "1"}).sign_in


def test_an_address_that_is_not_this_machines_is_said_plainly() -> None:
    with pytest.raises(CannotListen, match=r"^Cannot listen on 192\.0\.2\.1, port 0: [^(\n]*\.$"):
        listen("192.0.2.1", 0)


class Texts(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_starttag(self, tag: str, _: object) -> None:
        self.tags.append(tag)


def test_what_a_sender_wrote_is_text_on_the_page() -> None:
    evil = "<script>alert(1)</script>"
    mail = Mail(evil, evil, None, evil, "<1@x>", {"X-Evil": evil})
    method = Method("F", None, needs_key=False)
    refusal = Method(Mock(frozenset(), 405, {}, {"text/plain": ""}), None, needs_key=False)
    api = Api("A", "a", "s", (), (Route("/x/{ref}", {"GET": method, "ANY": refusal}),), {}, ())
    shown = Texts(page(Apis([api]), "http://here", "k&y", [mail], 25))
    assert "script" not in shown.tags
    assert "".join(shown.texts).count(evil) == 4
    assert any("http://here/x/ref" in text for text in shown.texts)
    assert "ANY" not in shown.texts
    assert "k&y" in shown.texts


def test_the_newest_mail_comes_first_on_the_page() -> None:
    mails = [Mail("a@b", f"subject {number}", "", None, "<1@x>", {}) for number in (1, 2)]
    text = page(Apis([Api("A", "a", "s", (), (), {}, ())]), "http://here", None, mails, 25)
    assert text.index("subject 2") < text.index("subject 1")


@pytest.mark.parametrize(
    ("method", "resource", "line"),
    [
        ("GET", "/a/{ref}", "curl -i 'u/a/ref' -H 'X-API-Key: k'"),
        ("DELETE", "/a", "curl -i 'u/a' -H 'X-API-Key: k' -X DELETE"),
        (
            "PATCH",
            "/a",
            "curl -i 'u/a' -H 'X-API-Key: k' -X PATCH -H 'Content-Type: application/json' -d '{}'",
        ),
    ],
)
def test_a_curl_line(method: str, resource: str, line: str) -> None:
    assert curl(method, resource, "u", "k") == line


def test_the_page_of_the_local_cloud_names_every_variable() -> None:
    """Whatever the local cloud reads of its environment stands in docs/local.md."""
    sources = "".join(
        (ROOT / "local" / name).read_text() for name in ("settings.py", "feed.py", "__main__.py")
    )
    read = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', sources)) | {"AWS_ENDPOINT_URL_<SERVICE>"}
    described = (ROOT / "docs" / "local.md").read_text()
    assert len(read) >= 11
    assert [name for name in sorted(read) if f"`{name}`" not in described] == []
