"""How secrets and keys end: by a rotation, an admin's word, and not where nobody would be left."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from tests.console.visitor import Visitor
from tests.http.desk import Desk, Item

SEARCH = "/api/tickets-search.php"
LAST = "This is the last key that can manage keys for good"


def works(desk: Desk, secret: str) -> bool:
    """Whether a secret is let in, now that what was remembered of it is forgotten."""
    desk.cloud.drain()
    return desk.call("GET", SEARCH, key=secret).status == 200


def stored(desk: Desk, number: int) -> Item:
    shown: Item = desk.call("GET", f"/api/admin/keys/{number}").json
    return shown


def rotate(page: Page) -> None:
    page.get_by_role("button", name="Rotate…").click()
    page.get_by_role("button", name="Make new secret").click()


def keep(page: Page) -> str:
    """The secret that is shown, copied and left."""
    secret: str = page.locator("[data-secret]").inner_text()
    page.get_by_role("button", name="Copy secret").click()
    page.locator("button:visible", has_text="Done, I have stored it").click()
    return secret


def test_two_secrets_work_until_the_old_one_is_ended(visitor: Visitor, desk: Desk) -> None:
    made = desk.make_key("can_read_tickets", name="Zabbix")
    page = visitor.sign_in(place=f"#/keys/{made['id']}")
    rotate(page)
    visitor.heading("Zabbix has a new secret")
    fresh = keep(page)
    visitor.heading("Zabbix")
    both = page.locator(".note").filter(has_text="Two secrets work.")
    expect(both).to_contain_text(f"New {fresh[:6]}…: not used yet.")
    expect(both).to_contain_text(f"Old {made['key'][:6]}…: not used yet; works until")
    expect(both).to_contain_text("Nothing has used the old secret since the rotation.")
    visitor.check()
    assert works(desk, made["key"])
    assert works(desk, fresh)
    page.reload()
    expect(both).to_contain_text(re.compile(rf"New {fresh[:6]}…: last used: \S"))
    expect(both).to_contain_text(re.compile(rf"Old {made['key'][:6]}…: last used: \S"))
    page.get_by_role("button", name="Rotate…").click()
    expect(page.get_by_role("dialog")).to_contain_text("It ends at once if you go on.")
    page.keyboard.press("Escape")

    both.get_by_role("button", name="End it now").click()
    expect(page.get_by_text("The old secret is refused within 60 seconds.").last).to_be_visible()
    expect(both).to_have_count(0)
    assert not works(desk, made["key"])
    assert works(desk, fresh)


def test_a_rotation_whose_answer_is_lost_ends_with_one_secret(visitor: Visitor, desk: Desk) -> None:
    made = desk.make_key("can_read_tickets", name="Cut off")
    before = len(desk.call("GET", "/api/admin/keys?limit=100").json["items"])
    page = visitor.sign_in(place=f"#/keys/{made['id']}")

    def lose(route: Route) -> None:
        route.fetch()  # it arrives; its answer does not
        route.abort()

    page.route("**/rotate", lose)
    rotate(page)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("The desk did not answer.")).to_be_visible()
    visitor.check()
    page.unroute("**/rotate")
    dialog.get_by_role("button", name="Make new secret").click()
    visitor.heading("The secret of Cut off was lost")
    visitor.check()
    page.get_by_role("button", name="Make new secret").click()
    dialog.get_by_label("Not at all").check()
    dialog.get_by_role("button", name="Make new secret").click()
    visitor.heading("Cut off has a new secret")
    fresh = keep(page)
    visitor.heading("Cut off")
    assert works(desk, fresh)
    assert not works(desk, made["key"])
    shown = stored(desk, made["id"])
    assert (shown["hint"], shown["old_secret"]) == (fresh[:6], None)
    assert len(desk.call("GET", "/api/admin/keys?limit=100").json["items"]) == before


def test_off_is_undone_and_a_used_key_is_deleted_by_its_name(visitor: Visitor, desk: Desk) -> None:
    made = desk.make_key("can_read_tickets", name="Old intranet")
    assert works(desk, made["key"])
    page = visitor.sign_in(place=f"#/keys/{made['id']}")
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("button", name="Switch on")).to_be_visible()
    assert not works(desk, made["key"])
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Switch off")).to_be_visible()
    assert works(desk, made["key"])

    page.get_by_role("button", name="More for Old intranet").click()
    page.get_by_role("menuitem", name="Delete…").click()
    dialog = page.get_by_role("dialog")
    delete = dialog.get_by_role("button", name="Delete key")
    dialog.get_by_label("Type its name to go on").fill("Old intra")
    expect(delete).to_be_disabled()
    dialog.get_by_label("Type its name to go on").press("Enter")
    assert stored(desk, made["id"])["active"]
    dialog.get_by_label("Type its name to go on").fill("Old intranet")
    dialog.get_by_label("Type its name to go on").press("Enter")
    visitor.heading("Keys")
    assert not works(desk, made["key"])


def test_the_last_managing_key_stays_and_ones_own_says_so(visitor: Visitor, desk: Desk) -> None:
    page = visitor.sign_in(place="#/keys/1")
    reason = page.get_by_text(LAST)
    expect(page.get_by_role("button", name="Switch off")).to_be_disabled()
    expect(reason.first).to_be_visible()
    page.get_by_role("button", name="More for First admin key").click()
    gone = page.get_by_role("menuitem", name="Delete…")
    expect(gone).to_be_disabled()
    expect(gone).to_contain_text(LAST)
    visitor.check()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Change", exact=True).click()
    box = page.get_by_role("checkbox", name="can_manage_keys")
    expect(box).to_be_disabled()
    expect(box).to_have_accessible_description(re.compile(LAST))
    expect(page.get_by_label("1 year")).to_be_disabled()
    expect(page.get_by_label("No end")).to_be_enabled()
    page.get_by_text("Narrower still").click()
    expect(page.get_by_label("Support", exact=True)).to_be_disabled()
    expect(page.get_by_label("Only customer")).to_be_disabled()
    visitor.check()
    visitor.go("#/keys?q=First", "Keys")
    page.get_by_role("button", name="More for First admin key").click()
    for name in ("Switch off", "Delete…"):
        entry = page.get_by_role("menuitem", name=name)
        expect(entry).to_be_disabled()
        expect(entry).to_contain_text(LAST)
    visitor.check()
    page.keyboard.press("Escape")

    # Another one has come and gone since the page was read: the desk refuses.
    other = desk.make_key("can_manage_keys", name="For a moment")
    visitor.go("#/keys/1", "First admin key")
    expect(page.get_by_role("button", name="Switch off")).to_be_enabled()
    desk.call("DELETE", f"/api/admin/keys/{other['id']}")
    page.get_by_role("button", name="Switch off").click()
    expect(page.locator(".note.bad").filter(has_text=LAST)).to_be_visible()
    assert stored(desk, 1)["active"]

    # With another one beside it, an admin may give up their own.
    other = desk.make_key("can_manage_keys", name="Jane")
    page.get_by_role("button", name="Sign out").click()
    visitor.heading("Sign in")
    visitor.sign_in(other["key"], f"#/keys/{other['id']}")
    delete(page, "Jane")
    visitor.heading("Sign in")
    assert desk.call("GET", f"/api/admin/keys/{other['id']}").status == 404
    assert page.evaluate("sessionStorage.length") == 0


def delete(page: Page, name: str) -> None:
    """Deletes the key that one is signed in with."""
    page.get_by_role("button", name=f"More for {name}").click()
    page.get_by_role("menuitem", name="Delete…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("This is the key you are signed in with.")
    dialog.get_by_label("Type its name to go on").fill(name)
    dialog.get_by_role("button", name="Delete key").click()
