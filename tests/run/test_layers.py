import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Each package may import itself and those after it.
LAYERS = ["calendar_app", "publishing", "accounts", "tiktok"]
APART = ["simulator"]
PRODUCT = {*LAYERS, *APART, "tests"}
LEAVES_MAY_USE = {"tiktok": {"requests", "urllib3"}, "simulator": {"requests", "PIL"}}


def allowed(package: str) -> set[str]:
    return set(LAYERS[LAYERS.index(package) :]) if package in LAYERS else {package}


def imported_packages(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # A relative import stays inside its package.
            yield (
                node.module.split(".")[0] if node.module and not node.level else path_package(path)
            )


def path_package(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", LAYERS + APART)
def test_a_layer_imports_only_downward(package):
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(package)
        for name in imported_packages(path)
        if name in PRODUCT - allowed(package)
    ]

    assert wrong == []


@pytest.mark.parametrize("package", LEAVES_MAY_USE)
def test_a_leaf_needs_little_beyond_the_standard_library(package):
    outside = {
        name for path in modules(package) for name in imported_packages(path)
    } - sys.stdlib_module_names

    assert outside <= LEAVES_MAY_USE[package] | {package}
