"""Signed-in people: their token acts as the key that their group names (docs/keys.md)."""

from __future__ import annotations

import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch
from urllib.request import urlopen

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from helpdesk.keys import tokens
from local.cloud import LocalCloud
from tests.http.desk import Answer, Desk
from tests.http.traces import Log

ADA = "ada@desk.example"
OFFICE, ELSEWHERE = "198.51.100.7", "203.0.113.9"


@pytest.fixture(autouse=True)
def sign_in(cloud: LocalCloud) -> Iterator[None]:
    with patch.dict("os.environ", cloud.sign_in.environment()):
        yield


def ask(desk: Desk, token: str, path: str = "me", **how: Any) -> Answer:
    return desk.call("GET", f"/api/admin/{path}", key=token, **how)


def told(answer: Answer) -> str:
    assert answer.status == 401, answer.text
    error = answer.json["error"]
    assert (error["code"], error["field"]) == ("unauthorized", None)
    message: str = error["message"]
    return message


def test_the_group_says_as_which_key_somebody_acts(cloud: LocalCloud, desk: Desk) -> None:
    key = desk.make_key("can_manage_directory", name="Catalogue")
    token = cloud.sign_in.id_token(ADA, "staff", f"key-{key['id']}")

    me = ask(desk, token).json

    assert (me["key"]["id"], me["user"]) == (key["id"], ADA)
    assert me["key"]["permissions"] == ["can_manage_directory"]
    assert ask(desk, token, "topics").status == 200
    assert ask(desk, token, "keys").status == 403
    assert ask(desk, key["key"]).json["user"] is None


def test_history_says_who_it_was(cloud: LocalCloud, desk: Desk) -> None:
    key = desk.make_key("can_manage_directory", name="Two people")
    for email in (ADA, "bob@desk.example"):
        token = cloud.sign_in.id_token(email, f"key-{key['id']}")
        made = desk.call("POST", "/api/admin/teams", {"name": email}, key=token)
        assert made.status == 201, made.text

    changes = desk.call("GET", "/api/admin/audit?limit=2").json["items"]

    assert [one["by"]["user"] for one in changes] == ["bob@desk.example", ADA]
    assert {one["by"]["key"] for one in changes} == {key["id"]}


def test_an_address_that_is_not_proven_is_not_who_somebody_is(
    cloud: LocalCloud, desk: Desk
) -> None:
    key = desk.make_key("can_manage_directory")
    claims = {"email_verified": False, "cognito:username": "okta_ada\n"}
    token = cloud.sign_in.id_token("chief@desk.example", f"key-{key['id']}", **claims)
    assert ask(desk, token).json["user"] == "okta_ada"


def test_a_key_is_used_by_those_who_act_as_it(cloud: LocalCloud, desk: Desk) -> None:
    key = desk.make_key("can_manage_directory")
    assert ask(desk, cloud.sign_in.id_token(ADA, f"key-{key['id']}")).status == 200
    assert desk.call("GET", f"/api/admin/keys/{key['id']}").json["last_used"]


def test_bounds_of_the_key_hold_for_people(cloud: LocalCloud, desk: Desk) -> None:
    key = desk.make_key("can_manage_directory", networks=[f"{OFFICE}/32"])
    path = f"/api/admin/keys/{key['id']}"
    group = f"key-{key['id']}"
    assert ask(desk, cloud.sign_in.id_token(ADA, group), source=OFFICE).status == 200
    refused = ask(desk, cloud.sign_in.id_token(ADA, group), source=ELSEWHERE)
    assert told(refused) == "The key that your group names does not open from this network"

    assert desk.call("PATCH", path, {"active": False}).status == 200
    refused = ask(desk, cloud.sign_in.id_token(ADA, group), source=OFFICE)
    assert told(refused) == "The key that your group names is switched off"

    assert desk.call("DELETE", path).status == 200
    refused = ask(desk, cloud.sign_in.id_token(ADA, group), source=OFFICE)
    assert told(refused) == "The key that your group names does not exist"


def test_an_old_secret_that_ends_says_nothing_of_the_key(cloud: LocalCloud, desk: Desk) -> None:
    key = desk.make_key("can_manage_directory")
    desk.call("POST", f"/api/admin/keys/{key['id']}/rotate", {"overlap_hours": 0})
    assert ask(desk, cloud.sign_in.id_token(ADA, f"key-{key['id']}")).status == 200


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ((), "Nobody has given you a key yet: you are in no group named key-N"),
        (("key-0", "key-\u0661", "key-1x", "KEY-1"), "Nobody has given you a key yet"),
        (("key-1", "key-2"), "Your groups name several keys, and it must be one"),
        (("key-9999999999",), "The key that your group names does not exist"),
    ],
)
def test_who_has_no_key_is_told_why(
    cloud: LocalCloud, desk: Desk, groups: tuple[str, ...], message: str
) -> None:
    assert told(ask(desk, cloud.sign_in.id_token(ADA, *groups))).startswith(message)


def stranger() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "local", "alg": "RS256", "use": "sig"})


def part(text: str) -> str:
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def hmac_of(key: bytes, text: str) -> str:
    return urlsafe_b64encode(hmac.digest(key, text.encode(), "sha256")).rstrip(b"=").decode()


def bad_tokens(cloud: LocalCloud) -> Iterator[tuple[str, str]]:
    good = cloud.sign_in.id_token(ADA, "key-1")
    head, body, signature = good.split(".")
    claims: dict[str, Any] = jwt.decode(good, cloud.sign_in.key).claims
    pem = cloud.sign_in.key.as_pem(private=False)
    wrong: dict[str, dict[str, Any]] = {
        "another pool": {"iss": f"{cloud.sign_in.issuer}x"},
        "another client": {"aud": "other"},
        "several clients": {"aud": ["console", "other"]},
        "an access token": {"token_use": "access"},
        "no use": {"token_use": None},
        "of tomorrow": {"iat": int(time.time()) + 86_400},
        "no end": {"exp": None},
        "an end in words": {"exp": "never"},
    }
    for what, changed in wrong.items():
        kept = {name: value for name, value in (claims | changed).items() if value is not None}
        yield what, jwt.encode({"alg": "RS256", "kid": "local"}, kept, cloud.sign_in.key)
    yield "another signer", jwt.encode({"alg": "RS256", "kid": "local"}, claims, stranger())
    yield "an unknown signer", jwt.encode({"alg": "RS256", "kid": "x"}, claims, stranger())
    none = part('{"alg":"none","kid":"local"}')
    yield "nobody's", f"{none}.{body}."
    yield "no signature", f"{head}.{body}."
    other = part('{"cognito:groups":["key-1"]}')
    yield "another body", f"{head}.{other}.{signature}"
    mixed = part('{"alg":"HS256","kid":"local"}') + f".{body}"
    yield "the public key as a secret", f"{mixed}.{hmac_of(pem, mixed)}"
    yield "no JSON", f"eyJ.{body}.{signature}"
    several = part('{"kid":["local"],"alg":"RS256"}')
    yield "a list", f"{several}.{body}.{signature}"
    deep = part('{"a":' + "[" * 3000)
    yield "brackets", f"{deep}.{body}.{signature}"


def test_a_forged_or_foreign_token_is_refused_and_leaves_no_trace(
    cloud: LocalCloud, desk: Desk
) -> None:
    log = Log()
    with log.listening():
        for what, token in bad_tokens(cloud):
            refused = told(ask(desk, token))
            assert refused == "This sign-in is none of this desk: sign in again", what
            for secret in token.split("."):
                assert not secret or secret not in log.text, what
    assert "refused" in log.text


def test_a_token_that_has_ended_is_refused_and_says_so(cloud: LocalCloud, desk: Desk) -> None:
    token = cloud.sign_in.id_token(ADA, "key-1", exp=int(time.time()) - 60)
    assert told(ask(desk, token)) == "This sign-in has ended: sign in again"


def test_a_token_that_ends_while_its_verdict_is_kept_ends(cloud: LocalCloud, desk: Desk) -> None:
    end = int(time.time()) + 5
    token = cloud.sign_in.id_token(ADA, "key-1", exp=end)
    assert ask(desk, token).status == 200
    time.sleep(end + 0.2 - time.time())
    assert ask(desk, token).status == 401


def test_keys_open_as_before(desk: Desk) -> None:
    assert told(ask(desk, "eyJ")) == "Valid API key required"
    assert ask(desk, desk.make_key("can_manage_directory")["key"]).status == 200


@pytest.mark.parametrize(
    "call",
    [
        ("/api/tickets-statuses.php", {"X-API-Key": "TOKEN"}),
        ("/api/v1/tickets", {"Authorization": "Bearer TOKEN"}),
        ("/api/Tickets?key=TOKEN", {}),
    ],
)
def test_other_families_take_no_token(
    cloud: LocalCloud, desk: Desk, call: tuple[str, dict[str, str]]
) -> None:
    path, headers = call
    token = cloud.sign_in.id_token(ADA, "key-1")
    filled = {name: value.replace("TOKEN", token) for name, value in headers.items()}
    answer = desk.call("GET", path.replace("TOKEN", token), headers=filled, key=None)
    assert answer.status in {401, 403}


def test_without_a_pool_a_token_is_a_wrong_key(cloud: LocalCloud, desk: Desk) -> None:
    with patch.dict("os.environ", {"SIGN_IN_ISSUER": ""}):
        refused = ask(desk, cloud.sign_in.id_token(ADA, "key-1"))
    assert told(refused) == "Valid API key required"


def test_a_pool_that_does_not_answer_refuses_nobody_for_good(cloud: LocalCloud, desk: Desk) -> None:
    with patch.object(tokens, "_known", tokens._PublicKeys()):
        for failure in (OSError(), TimeoutError(), ValueError()):
            with patch("helpdesk.keys.tokens.urlopen", side_effect=failure):
                refused = told(ask(desk, cloud.sign_in.id_token(ADA, "key-1")))
            assert refused == "The sign-in cannot be checked at the moment: try again in a minute"
        assert ask(desk, cloud.sign_in.id_token(ADA, "key-1")).status == 200


def test_public_keys_are_asked_for_once(cloud: LocalCloud, desk: Desk) -> None:
    with (
        patch.object(tokens, "_known", tokens._PublicKeys()),
        patch("helpdesk.keys.tokens.urlopen", side_effect=urlopen) as asked,
    ):
        for _ in range(3):
            assert ask(desk, cloud.sign_in.id_token(ADA, "key-1")).status == 200
        for name in ("a", "b", "c"):
            forged = jwt.encode({"alg": "RS256", "kid": name}, {"a": 1}, stranger())
            assert ask(desk, forged).status == 401
        assert asked.call_count == 1
        # A pool's new key is found a minute later, and old ones stay where it does not answer.
        tokens._known.asked -= 61
        assert ask(desk, cloud.sign_in.id_token(ADA, "key-1")).status == 200
        assert asked.call_count == 1
        ask(desk, jwt.encode({"alg": "RS256", "kid": "d"}, {"a": 1}, stranger()))
        assert asked.call_count == 2
        tokens._known.asked -= 3601
        asked.side_effect = OSError()
        assert ask(desk, cloud.sign_in.id_token(ADA, "key-1")).status == 200
        assert asked.call_count == 3
