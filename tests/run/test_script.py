import re
import subprocess
from pathlib import Path

import pytest

from calendar_app.secrets_file import MAKERS

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "duecast"


def run(*arguments: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, arguments)), cwd=cwd, capture_output=True, text=True, check=False
    )


def test_without_a_verb_it_prints_its_verbs():
    result = run(SCRIPT)

    assert result.returncode == 0
    for verb in ("run", "run --demo", "test", "matrix", "check", "bench", "simulator"):
        assert f"\n  {verb} " in result.stdout
    assert "\n  screenshots " in result.stdout


def test_an_unknown_verb_prints_them_too_and_fails():
    result = run(SCRIPT, "walk")

    assert result.returncode == 1
    assert "there is no verb 'walk'" in result.stderr


def test_it_looks_for_every_secret_that_is_made():
    looked_for = re.search(r"for name in (.+); do\n +if \[ ! -s", SCRIPT.read_text()).group(1)

    assert looked_for.split() == [name.lower() for name in MAKERS]


@pytest.mark.parametrize("shell", ["sh", "dash"])
def test_it_is_plain_posix_shell(shell):
    assert run(shell, "-n", SCRIPT).returncode == 0


def test_it_finds_its_folder_through_a_link_in_a_folder_with_a_space(tmp_path):
    folder = tmp_path / "my tools"
    folder.mkdir()
    (folder / "duecast").symlink_to(SCRIPT)

    result = run(folder / "duecast", cwd=tmp_path)

    assert result.returncode == 0


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The script alone in a folder with a space, so that nothing is installed yet."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    (folder / "duecast").write_text(SCRIPT.read_text())
    (folder / "duecast").chmod(0o755)
    return folder


def run_with_path(copy: Path, *programs: Path) -> subprocess.CompletedProcess[str]:
    """Run the copy with a PATH of a few system programs and `programs`."""
    tools = copy.parent / "bin"
    tools.mkdir()
    for name in ("dirname", "readlink", "cat", "rm", "sh", "env"):
        (tools / name).symlink_to(f"/usr/bin/{name}")
    for program in programs:
        (tools / program.name).symlink_to(program)
    return subprocess.run(
        [copy / "duecast", "run"],
        env={"PATH": str(tools)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_missing_python_is_said_plainly(copy):
    result = run_with_path(copy)

    assert result.returncode == 1
    assert "Python 3.11 or newer is needed and was not found" in result.stderr


def test_a_python_without_venv_is_said_plainly(copy, tmp_path):
    python = tmp_path / "python3"
    python.write_text('#!/usr/bin/env sh\n[ "$1" = -c ]\n')
    python.chmod(0o755)

    result = run_with_path(copy, python)

    assert result.returncode == 1
    assert "apt install python3-venv" in result.stderr
    assert not (copy / ".tools").exists()
