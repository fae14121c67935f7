"""docs/ux-rules.md stays true: every rule is in it, and every place and test it names is there."""

import ast
import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs/ux-rules.md"
RULE_TESTS = "tests/browser/rules"
UX = {
    "1": "0 a b c",
    "2": "a b.1 b.2 c.1 c.2 c.3 d",
    "3": "a.1 a.2 a.3 a.4 a.5 a.6 a.7 a.8 b.1 b.2 b.3 b.4",
    "4": "1 2 3 4 5",
    "5": "a b.1 b.2 c d e f",
}
OTHERS = """
    AI label/C1 answer/C1 code/C1 account/C1 privacy/C1 duration/C1 media/C1 text/C1 disclosure/
    C1 branded/C1 consent/C1 open/C2 off/C2 on no no/C2 on yes no/C2 on no yes/C2 on yes yes/
    C3 false video/C3 true video/C3 any photo/Several accounts/POL-4/Inbox/
    SCH-1/SCH-2/SCH-3/SCH-4/SCH-5/SCH-8/POL-1"""


def rule_ids():
    for point, rest in UX.items():
        for part in rest.split():
            yield f"UX-{point}{'.' if part[0].isdigit() else ''}{part}"
    yield from (name.strip() for name in OTHERS.split("/"))


def rows():
    """Each rule's cells; a rule stands in one row."""
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return {row[0]: row for row in cells if row[0] not in {"Rule", "---"}}


def named(cell):
    return re.findall(r"`([^`]+)`", cell)


@cache
def functions_in(path):
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]


def split_test(name):
    path, _, pattern = name.partition("::")
    return path if "/" in path else f"{RULE_TESTS}/{path}", pattern


def test_every_rule_has_its_row():
    assert set(rows()) == set(rule_ids())


@pytest.mark.parametrize("rule", rows())
def test_every_place_of_a_rule_is_there(rule):
    places = named(rows()[rule][-2])

    assert places
    for place in places:
        path, _, words = place.partition("::")
        assert words in (ROOT / path).read_text("utf-8"), place


@pytest.mark.parametrize("rule", rows())
def test_every_test_of_a_rule_is_there(rule):
    tests = named(rows()[rule][-1])

    assert tests
    for test in tests:
        path, pattern = split_test(test)
        assert any(fnmatchcase(name, pattern) for name in functions_in(path)), test


def test_no_test_of_the_rules_is_left_out():
    patterns = {split_test(test) for row in rows().values() for test in named(row[-1])}
    files = [f"{RULE_TESTS}/{file.name}" for file in (ROOT / RULE_TESTS).glob("test_*.py")]

    left_out = [
        f"{path}::{name}"
        for path in [*files, "tests/publishing/test_sch_rules.py"]
        for name in functions_in(path)
        if name.startswith("test_")
        and not any(path == where and fnmatchcase(name, pattern) for where, pattern in patterns)
    ]

    assert left_out == []
