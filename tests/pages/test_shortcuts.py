import re
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from calendar_app.context import GO_KEYS, NAV_MAIN, NAV_MORE

KEYS = re.compile(r'data-shortcut="([^"{]+)"')
SHEET = Path(settings.BASE_DIR) / "templates/help/_shortcuts.html"


def show(client, name="shortcuts"):
    response = client.get(reverse(name))
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_lists_the_keys_and_says_how_to_turn_them_off(viewer):
    page = show(viewer)

    assert "<kbd>?</kbd>" in page
    assert "<kbd>g</kbd> <kbd>c</kbd></dt><dd>Calendar" in page
    assert "data-shortcuts-switch" in page


def test_every_page_has_the_sheet_and_a_link_to_it(viewer):
    page = show(viewer, "team")

    assert f'href="{reverse("shortcuts")}"' in page
    assert 'id="shortcuts-dialog"' in page


def test_every_key_that_a_template_declares_is_on_the_sheet():
    declared = {
        key
        for path in Path(settings.BASE_DIR, "templates").rglob("*.html")
        for key in KEYS.findall(path.read_text())
    }

    sheet = SHEET.read_text()

    assert {"c", "/", "?", "t", "j", "k"} <= declared
    assert [key for key in declared if f"<kbd>{key}</kbd>" not in sheet] == []


def test_no_two_entries_of_the_menu_share_a_key():
    names = [name for name, _, _ in (*NAV_MAIN, *NAV_MORE)]
    keys = [GO_KEYS[name] for name in names]

    assert len(set(keys)) == len(keys)


def test_a_page_declares_each_key_once(editor):
    keys = re.findall(r'data-shortcut="([^"]+)"', show(editor, "agenda"))

    assert "g c" in keys
    assert "l" in keys
    assert sorted(keys) == sorted(set(keys))


def test_who_may_not_plan_has_no_key_to_compose(viewer):
    assert 'data-shortcut="c"' not in show(viewer, "agenda")


def test_strangers_sign_in_first(client, db):
    assert client.get(reverse("shortcuts")).status_code == 302


def test_the_sheet_is_only_looked_at(viewer):
    assert viewer.post(reverse("shortcuts")).status_code == 405
