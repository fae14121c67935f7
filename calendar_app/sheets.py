"""Posts as lines of a CSV file: reading what spreadsheets write, and writing what they may open."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

MAX_BYTES = 1_000_000
MAX_ROWS = 300
BYTE_ORDER_MARK = "\ufeff"
# What a file may say of a post; everything else of it is ignored.
COLUMNS = ("account", "due", "media", "title", "caption", "labels")
NEEDED = frozenset({"account"})
DELIMITERS = ",;\t"
# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV Injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class SheetRefused(Exception):
    """The file cannot be read; the text says why and what to do."""


@dataclass(frozen=True)
class Sheet:
    """`rows` are the cells by column with the number of their line, without empty ones."""

    rows: list[tuple[int, dict[str, str]]]
    ignored: list[str]


def read_sheet(content: bytes) -> Sheet:
    """UTF-8, with or without a mark, or Windows-1252; commas, semicolons or tabs.

    Raises SheetRefused.
    """
    text = _decode(content)
    first_line = text.split("\n", 1)[0]
    counts = {one: first_line.count(one) for one in DELIMITERS}
    delimiter = max(counts, key=lambda one: counts[one])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        head = [name.strip().lower() for name in next(reader, [])]
        _check_head(head)
        rows = list(_rows(reader, head))
    except csv.Error as error:
        text = gettext("Line {line} is no CSV: {why}. Save the file from the spreadsheet again.")
        raise SheetRefused(text.format(line=reader.line_num, why=error)) from error
    if not rows:
        raise SheetRefused(gettext("The file has no line below its head."))
    if len(rows) > MAX_ROWS:
        text = gettext("The file has {lines} lines; {most} are taken at once. Divide it.")
        raise SheetRefused(text.format(lines=len(rows), most=MAX_ROWS))
    return Sheet(rows, [name for name in head if name and name not in COLUMNS])


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise SheetRefused(gettext("The file is no text that can be read. Save it as “CSV UTF-8”."))


def _check_head(head: Sequence[str]) -> None:
    if missing := sorted(NEEDED - set(head)):
        text = gettext(
            "The first line must name the columns, and “{missing}” is not among them. "
            "Known are {known}. The template has them."
        )
        raise SheetRefused(text.format(missing=missing[0], known=", ".join(COLUMNS)))
    twice = [name for name, count in Counter(head).items() if count > 1 and name in COLUMNS]
    if twice:
        text = gettext("The column “{name}” is there twice. Remove one.")
        raise SheetRefused(text.format(name=twice[0]))


def _rows(reader: Iterable[list[str]], head: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    line = 2
    for cells in reader:
        named = dict(zip(head, map(plain_cell, cells), strict=False))
        row = {name: named.get(name, "") for name in COLUMNS}
        if any(value.strip() for value in row.values()):
            yield line, row
        line = reader.line_num + 1  # type: ignore[attr-defined]


def safe_cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula: such a text gets an apostrophe in front."""
    text = str(value)
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_STARTS) else text


def plain_cell(text: str) -> str:
    """The same back, without that apostrophe."""
    is_marked = text[:1] == "'" and text.lstrip("'").startswith(FORMULA_STARTS)
    return text[1:] if is_marked else text


def lines_of(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """CSV, line by line, as spreadsheets open it: with a byte order mark, and no formulas."""
    yield BYTE_ORDER_MARK
    for row in rows:
        line = io.StringIO(newline="")
        csv.writer(line).writerow([safe_cell(value) for value in row])
        yield line.getvalue()
