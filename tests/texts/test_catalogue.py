"""`./duecast translate`, and what a page says in another language."""

import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.test import Client
from django.utils import translation
from django.utils.translation import trans_real

from calendar_app import catalogue


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings) -> Path:
    monkeypatch.setattr(catalogue, "LOCALE", tmp_path)
    settings.LOCALE_PATHS = [tmp_path]
    trans_real._translations.clear()
    yield tmp_path
    trans_real._translations.clear()


def translate(language: str, domain: str, words: dict[str, str]) -> None:
    """Fills in `words` as a person would, in the .po file, and compiles it."""
    catalogue.update(language, domain)
    path = catalogue.catalogue_path(language, domain)
    text = path.read_text()
    for word, other in words.items():
        assert f'msgid "{word}"\nmsgstr ""' in text
        text = text.replace(f'msgid "{word}"\nmsgstr ""', f'msgid "{word}"\nmsgstr "{other}"')
    path.write_text(text)
    catalogue.update(language, domain)


@pytest.mark.django_db
def test_page_speaks_the_language(folder: Path, client: Client) -> None:
    translate("fr", "django", {"Skip to the content": "Aller au contenu"})

    with translation.override("fr"):
        page = client.get("/account/login/").content.decode()

    assert '<html lang="fr"' in page
    assert "Aller au contenu" in page
    assert 'src="/script-texts.js"' in page


def test_update_keeps_translations_and_drops_what_is_gone(folder: Path) -> None:
    translate("fr", "django", {"Skip to the content": "Aller au contenu"})
    path = catalogue.catalogue_path("fr", "django")
    path.write_text(path.read_text() + '\nmsgid "No longer said"\nmsgstr "Plus dit"\n')

    done, total = catalogue.update("fr", "django")

    with path.open("rb") as file:
        catalog = read_po(file)
    assert (done, "Skip to the content" in catalog) == (1, True)
    assert "No longer said" not in catalog
    assert not catalog.obsolete
    assert total == len([message for message in catalog if message.id])


def test_template_with_quotes_plural_and_context_is_collected(tmp_path: Path) -> None:
    template = tmp_path / "a.html"
    template.write_text(
        """<p title="it's">\n    {% translate "Keep" context "a post" %}
  {% blocktranslate count n=posts trimmed %}{{ n }} post of 100%
  {% plural %}{{ n }} posts{% endblocktranslate %} {{ name|default:_("nobody") }}</p>"""
    )

    with template.open("rb") as file:
        found = catalogue.extract_template(file, catalogue.KEYWORDS, (), {})
        messages = [(name, said) for _, name, said, _ in found]

    assert ("pgettext", ("a post", "Keep")) in messages
    assert ("_", "nobody") in messages
    assert any(name == "ngettext" and said[0] == "%(n)s post of 100%%" for name, said in messages)


def test_unknown_language_is_refused_in_a_sentence() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "calendar_app.catalogue", "klingon!"],
        capture_output=True, text=True, cwd=catalogue.ROOT,
    )  # fmt: skip

    assert ran.returncode == 2
    assert "klingon" in ran.stderr
    assert "Traceback" not in ran.stderr
