"""`./duecast translate LANGUAGE …`: the catalogues of texts in `locale/`, by Babel.

Collects what the code, the templates and the scripts mark for translation, brings the .po files
of the named languages and of all that are there up to date, and writes the .mo files Django reads.
"""

import argparse
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from babel import Locale, UnknownLocaleError
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
CODE_FOLDERS = ("accounts", "calendar_app", "publishing", "tiktok")
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
# The domain is the name of Django's catalogue: one for server and mails, one for scripts.
SOURCES = {
    "django": [*((folder, "**.py", "python") for folder in CODE_FOLDERS),
               ("templates", "**.html", "calendar_app.catalogue:extract_template"),
               ("templates", "**.txt", "calendar_app.catalogue:extract_template")],
    "djangojs": [("static/js", "**.js", "javascript")],
}  # fmt: skip


def extract_template(
    file: BinaryIO, keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[Any, ...]]:
    """Babel's way into a Django template: the tags as the calls that they stand for."""
    calls = templatize(file.read().decode(), origin="")
    # The indentation of a template means nothing.
    lines = (line.lstrip(" ") for line in calls.splitlines(keepends=True))
    return extract_python(io.BytesIO("".join(lines).encode()), keywords, comment_tags, options)


def collect(domain: str) -> Catalog:
    """Every marked text of `domain` with where it stands, in the order of the files."""
    catalog = Catalog(project="Duecast", domain=domain, fuzzy=False)
    for folder, pattern, method in SOURCES[domain]:
        found = extract_from_dir(
            ROOT / folder, [(pattern, method)], keywords=KEYWORDS, comment_tags=("Translators:",)
        )
        for name, line, message, comments, context in found:
            where = [(f"{folder}/{name}", line)]
            catalog.add(message, None, where, auto_comments=comments, context=context)
    return catalog


def update(language: str, domain: str) -> tuple[int, int]:
    """Rewrites the language's .po and .mo; how many texts are translated, of how many."""
    template, path = collect(domain), catalogue_path(language, domain)
    catalog = read_catalogue(language, domain)
    # A translation of a text that merely looks alike would be wrong and look right.
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, include_lineno=False, width=100, sort_by_file=True)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog)
    messages = [message for message in catalog if message.id]
    return sum(is_translated(message.string) for message in messages), len(messages)


def read_catalogue(language: str, domain: str) -> Catalog:
    path = catalogue_path(language, domain)
    if not path.exists():
        return Catalog(locale=language, project="Duecast", domain=domain, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=domain)


def catalogue_path(language: str, domain: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


def is_translated(text: str | Iterable[str] | None) -> bool:
    """A text with a plural has a string for each of its forms."""
    return bool(text) if isinstance(text, str) else bool(text) and all(text or ())


def languages() -> list[str]:
    """Those that have a catalogue."""
    return sorted(path.name for path in LOCALE.glob("*") if path.is_dir())


def main() -> None:
    parser = argparse.ArgumentParser(prog="./duecast translate", description=__doc__)
    parser.add_argument("language", nargs="*", type=_language, help="for example: fr, pt_BR")
    for language in sorted({*languages(), *parser.parse_args().language}):
        for domain in SOURCES:
            done, total = update(language, domain)
            print(f"{catalogue_path(language, domain).relative_to(ROOT)}: {done} of {total}")


def _language(text: str) -> str:
    try:
        return str(Locale.parse(text))
    except (ValueError, UnknownLocaleError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error


if __name__ == "__main__":
    main()
