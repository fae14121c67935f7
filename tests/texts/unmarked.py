"""Words of a template that no translation can reach."""

import re
from html.parser import HTMLParser

from django.template.base import Lexer, Token, TokenType

# What a browser shows or a screen reader says of an attribute; data-* are looked at for sentences.
SPOKEN = {
    "alt",
    "aria-description",
    "aria-label",
    "aria-roledescription",
    "label",
    "placeholder",
    "title",
}
# Blocks of the frame that are filled with names of CSS classes.
CLASSES = re.compile(r"block body_(class|attributes)")
NO_TEXT = {"code", "kbd", "script", "style", "samp"}
HOLE = "\0"
WORD = re.compile(r"[A-Za-zÀ-ž]{2,}")
SENTENCE = re.compile(r"[A-Za-z]{2,},? [A-Za-z]")
LITERAL = re.compile(r"(?<![(\w])(?:\"([^\"]*)\"|'([^']*)')")
# A literal in a tag that reads like text: begins as a sentence does, or has a space within.
LIKE_TEXT = re.compile(r"^[A-Z][a-z]+\b(?![./:_=-])|[a-z]{2,},? [a-z]{2,}")
CALLED_BY_NAME = {
    "url",
    "static",
    "load",
    "include",
    "extends",
    "block",
    "translate",
    "now",
    "trans",
}


def unmarked_in_html(source: str) -> list[str]:
    tokens = _outside_of_translations(source)
    parser = _Reader()
    parser.feed("".join(t.contents if t.token_type == TokenType.TEXT else HOLE for t in tokens))
    parser.close()
    return parser.found + _unmarked_in_tags(tokens)


def unmarked_in_text(source: str) -> list[str]:
    """Of a mail: every word outside the tags."""
    tokens = _outside_of_translations(source)
    text = "".join(t.contents if t.token_type == TokenType.TEXT else HOLE for t in tokens)
    return [*filter(WORD.search, text.split("\n")), *_unmarked_in_tags(tokens)]


def _outside_of_translations(source: str) -> list[Token]:
    kept, ends_with = [], ""
    for token in Lexer(source).tokenize():
        name = token.contents.split(maxsplit=1)[0] if token.contents.strip() else ""
        is_block = token.token_type == TokenType.BLOCK
        if ends_with:
            ends_with = "" if is_block and name == ends_with else ends_with
        elif is_block and name in {"blocktranslate", "comment", "verbatim"}:
            ends_with = f"end{name}"
        elif is_block and CLASSES.match(token.contents):
            ends_with = "endblock"
        elif token.token_type != TokenType.COMMENT:
            kept.append(token)
    return kept


def _unmarked_in_tags(tokens: list[Token]) -> list[str]:
    found = []
    for token in tokens:
        if token.token_type not in {TokenType.BLOCK, TokenType.VAR}:
            continue
        first, _, rest = token.contents.partition(" ")
        if token.token_type == TokenType.BLOCK and first in CALLED_BY_NAME:
            # Of an include its variables are texts; of the others nothing is.
            rest = rest.partition(" with ")[2] if first == "include" else ""
        text = token.contents if token.token_type == TokenType.VAR else rest
        # A date's format has letters and is none.
        text = re.sub(r"\|date:(\"[^\"]*\"|'[^']*')", "", text)
        literals = [a or b for a, b in LITERAL.findall(text)]
        found += [literal for literal in literals if LIKE_TEXT.search(literal)]
    return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in NO_TEXT:
            self.silent.append(tag)
        for name, value in attrs:
            text = (value or "").replace(HOLE, " ")
            is_button = tag == "input" and name == "value" and ("type", "submit") in attrs
            pattern = WORD if name in SPOKEN or is_button else SENTENCE
            if (pattern is WORD or name.startswith("data-")) and pattern.search(text):
                self.found.append(f"{name}={text!r}")

    def handle_endtag(self, tag: str) -> None:
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent and WORD.search(data):
            self.found.append(" ".join(data.replace(HOLE, "…").split()))
