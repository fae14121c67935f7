"""docs/promises.md stays true: every test that it names is there."""

import ast
import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs/promises.md"


def rows():
    """What goes wrong, and the tests that hold it off."""
    cells = [line.strip("| ").split(" | ") for line in PAGE.read_text("utf-8").splitlines()]
    return {row[0]: re.findall(r"`([^`]+)`", row[1]) for row in cells if len(row) == 2}


@cache
def functions_in(path):
    tree = ast.parse((TESTS / path).read_text("utf-8"))
    return [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def defects():
    return [what for what in rows() if what not in {"What goes wrong elsewhere", "---"}]


@pytest.mark.parametrize("defect", defects())
def test_every_test_that_holds_a_defect_off_is_there(defect):
    names = rows()[defect]

    assert names
    for name in names:
        path, _, pattern = name.partition("::")
        assert pattern.startswith("test_")
        assert any(fnmatchcase(test, pattern) for test in functions_in(path)), name


def test_the_page_is_read_whole():
    lines = PAGE.read_text("utf-8").splitlines()

    assert len(defects()) == sum("::" in line for line in lines)
