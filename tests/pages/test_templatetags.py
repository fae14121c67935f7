import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.template import Context, Template

from calendar_app.templatetags.duecast import STATE_ICONS, relative_words
from publishing.states import State
from tests.factories import make_account

NOW = datetime(2026, 11, 26, 14, 30, tzinfo=UTC)


def render(source, **context):
    context = {"now": NOW, "shown_zone": ZoneInfo("Europe/Berlin")} | context
    return Template("{% load duecast %}" + source).render(Context(context))


def words(html):
    return re.sub(r"<[^>]+>", "", html)


def test_a_moment_has_weekday_date_time_zone_and_distance():
    at = NOW + timedelta(hours=3)

    assert words(render("{% moment at %}", at=at)) == "Thu 26 Nov, 18:30 CET (in 3 h)"


def test_a_moment_of_another_year_names_it():
    at = datetime(2027, 1, 2, 9, 0, tzinfo=UTC)

    assert words(render("{% moment at %}", at=at)).startswith("Sat 2 Jan 2027, 10:00 CET")


def test_a_moment_can_be_shown_in_another_zone():
    html = render("{% moment at 'America/Sao_Paulo' %}", at=NOW)

    assert words(html) == "Thu 26 Nov, 11:30 UTC−03:00 (just now)"


def test_a_moment_is_readable_for_machines():
    assert 'datetime="2026-11-26T14:30:00Z"' in render("{% moment at %}", at=NOW)


def test_no_moment_is_a_dash():
    assert words(render("{% moment at %}", at=None)) == "—"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (20, "in under a minute"),
        (-20, "just now"),
        (-300, "5 min ago"),
        (35 * 3600, "in 35 h"),
        (36 * 3600, "in 2 days"),
        (-30 * 86400, "30 days ago"),
    ],
)
def test_distances_use_the_unit_that_fits(seconds, expected):
    assert relative_words(timedelta(seconds=seconds)) == expected


@pytest.mark.parametrize("state", State)
def test_each_state_has_colour_icon_and_word(state):
    html = render("{% state_badge state %}", state=state.value)

    assert f"state-{state.value}" in html
    assert f"#{STATE_ICONS[state]}" in html
    assert str(state.label) in html


@pytest.mark.parametrize("state", State)
def test_each_state_has_its_colour_in_the_tokens(state):
    tokens = (settings.BASE_DIR / "static/css/tokens.css").read_text()

    assert re.search(rf"^\.state-{state.value}\b", tokens, re.M)


@pytest.mark.django_db
def test_an_account_without_picture_shows_its_letter():
    html = render("{% account_mark account %}", account=make_account(nickname="maple", hue=15))

    assert words(html).strip() == "M"
    assert "hue-3" in html


def used_icons():
    sources = [*Path(settings.BASE_DIR / "templates").rglob("*.html")]
    texts = [path.read_text() for path in sources]
    named = {name for text in texts for name in re.findall(r"""{% icon ["']([\w-]+)["']""", text)}
    in_code = [*Path(settings.BASE_DIR / "calendar_app").rglob("*.py")]
    in_code += [*Path(settings.BASE_DIR / "static/js").glob("*.js")]
    return named, "\n".join([*texts, *(path.read_text() for path in in_code)])


def drawn_icons():
    sprite = (settings.BASE_DIR / "static/icons.svg").read_text()
    return set(re.findall(r'<symbol id="([\w-]+)"', sprite))


def test_every_icon_in_use_is_drawn():
    named, _ = used_icons()

    assert named | set(STATE_ICONS.values()) <= drawn_icons()


def test_no_icon_is_left_over():
    _, texts = used_icons()

    assert {
        name for name in drawn_icons() if not re.search(rf"""["'#]{name}["'\\]""", texts)
    } == set()


def test_templates_have_no_inline_script_style_or_handler():
    templates = Path(settings.BASE_DIR / "templates").rglob("*.html")
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", re.I)

    assert [path.name for path in templates if inline.search(path.read_text())] == []
