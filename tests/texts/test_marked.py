"""Every word of every template goes through gettext, but for those TikTok wants word for word."""

from pathlib import Path

import pytest

from calendar_app.catalogue import ROOT
from tests.texts.unmarked import unmarked_in_html, unmarked_in_text

TEMPLATES = ROOT / "templates"
# Proper names, and the exact strings of TikTok's Content Sharing Guidelines.
AS_IT_IS = {"Duecast", "TikTok", "PostgreSQL", "Prometheus", "Redis", "SQLite", "UTC"}
AS_IT_IS |= {
    "Branded content",
    "Content Disclosure Setting",
    "SHA-256",
    "Your brand",
    "Your … will be labeled as 'Paid partnership'",
    "Your … will be labeled as 'Promotional content'",
}


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda p: str(p.relative_to(TEMPLATES))
)
def test_no_word_of_a_page_is_out_of_reach(path: Path) -> None:
    assert set(unmarked_in_html(path.read_text())) <= AS_IT_IS


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.txt")), ids=lambda p: str(p.relative_to(TEMPLATES))
)
def test_no_word_of_a_mail_is_out_of_reach(path: Path) -> None:
    assert set(unmarked_in_text(path.read_text())) <= AS_IT_IS
