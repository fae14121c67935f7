"""The translations in `locale/`: current, compiled, and with every value where it belongs."""

import re
from collections.abc import Iterable
from typing import Any

import pytest
from babel.messages import Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.test import Client
from django.utils import translation

from calendar_app import catalogue

EACH = [(language, domain) for language in catalogue.languages() for domain in catalogue.SOURCES]
HOLES = re.compile(r"%\(\w+\)s|%%|\{\w*\}|</?[a-z]+[^>]*>")
AGAIN = "Run ./duecast translate and commit what it writes."


def texts(message: Message) -> tuple[str, ...]:
    """The English text, or its singular and plural."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def translations(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def by_text(catalog: Iterable[Message]) -> dict[tuple[str | None, tuple[str, ...]], Any]:
    return {(m.context, texts(m)): translations(m) for m in catalog if m.id}


@pytest.mark.parametrize(("language", "domain"), EACH)
def test_catalogue_has_the_texts_of_today(language: str, domain: str) -> None:
    known = by_text(catalogue.read_catalogue(language, domain)).keys()
    today = by_text(catalogue.collect(domain)).keys()

    assert known == today, AGAIN


@pytest.mark.parametrize(("language", "domain"), EACH)
def test_what_django_reads_is_what_was_written(language: str, domain: str) -> None:
    path = catalogue.catalogue_path(language, domain)
    with path.open("rb") as file:
        written = {key: said for key, said in by_text(read_po(file)).items() if all(said)}
    with path.with_suffix(".mo").open("rb") as file:
        read = by_text(read_mo(file))

    assert read == written, AGAIN


@pytest.mark.parametrize(("language", "domain"), EACH)
def test_values_and_tags_are_all_there(language: str, domain: str) -> None:
    for (_, english), said in by_text(catalogue.read_catalogue(language, domain)).items():
        wanted = set(HOLES.findall(" ".join(english)))
        for other in filter(None, said):
            # Of two forms one may say what the other leaves out.
            assert set(HOLES.findall(other)) <= wanted, english
            assert len(english) == 2 or set(HOLES.findall(other)) == wanted, english


@pytest.mark.django_db
@pytest.mark.parametrize("language", catalogue.languages())
def test_first_page_speaks_it(language: str, client: Client) -> None:
    with translation.override(language):
        page = client.get("/account/login/").content.decode()
        scripts = client.get("/script-texts.js").content.decode()

    assert f'<html lang="{language}"' in page
    assert "Skip to the content" not in page
    assert "catalog" in scripts
